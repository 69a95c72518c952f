//! Explanations: what they say opens a device really opens it, and no device is in a state without a reason.

use catalog::{CommandKind, FactValue, RULES, Remedy, RuleId, Target};
use domain::gate::Gate;
use domain::model::{DeviceId, Level};
use engine::compliance;
use engine::devices::{self, TargetLine};

use crate::commands::ordered;
use crate::compliance::{level, rule};
use crate::house::{HOUR, House, houses};

fn lines(house: &House, device: DeviceId) -> Vec<TargetLine> {
    devices::detail(house, &house.acme.all, device).unwrap().explanation.targets
}

fn line(house: &House, device: DeviceId, target: Target) -> TargetLine {
    lines(house, device).into_iter().find(|line| line.target == target).unwrap()
}

#[tokio::test]
async fn a_closed_target_names_rules_evidence_level_and_the_fewest_acts() {
    for house in houses().await {
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        let (twin, _) = house.provisioned(&house.globex, "PHONE1").await;
        let both = [Target::ActivesyncConnections, Target::NetworkAccess];
        let edits = vec![
            rule(RuleId::NoContact, true, &[("hours", 1)], 0),
            rule(RuleId::UnwantedApp, true, &[], 0),
            rule(RuleId::AppNotAllowed, true, &[], 0),
            level(Level::Device(phone.id), RuleId::NoContact, &both),
        ];
        compliance::edit_access(&house, &house.acme.all, edits).await.unwrap();
        for (fact, value) in [("unwanted_apps", "Game"), ("apps_not_allowed", "Game, Quiz")] {
            let value = Some(FactValue::Text(value.into()));
            devices::enter_fact(&house, &house.acme.all, phone.id, fact, value).await.unwrap();
        }
        house.clock.advance(2 * HOUR);
        compliance::tick(&house).await.unwrap();
        let network = line(&house, phone.id, Target::NetworkAccess);
        assert!(!network.allowed);
        assert_eq!(network.rules.len(), 3, "{network:?}");
        let acts: Vec<_> = network.remedies.iter().map(|act| act.remedy).collect();
        assert_eq!(acts, [Remedy::Synchronize, Remedy::RemoveApps], "two apps rules, one act");
        assert!(
            network
                .evidence
                .iter()
                .any(|(r, e)| *r == RuleId::UnwantedApp && e.value == FactValue::Text("Game".into()))
        );
        let mail = line(&house, phone.id, Target::ActivesyncConnections);
        assert_eq!((mail.rules[0], mail.decided_by), (RuleId::NoContact, Some(Level::Device(phone.id))));
        assert!(!matches!(house.gate(&phone, key), Gate::Serve));

        // The acts, as the world does them.
        engine::eas::present(&house, &house.device(phone.id));
        for fact in ["unwanted_apps", "apps_not_allowed"] {
            let none = Some(FactValue::Text(String::new()));
            devices::enter_fact(&house, &house.acme.all, phone.id, fact, none).await.unwrap();
        }
        assert!(lines(&house, phone.id).iter().all(|line| line.allowed && line.remedies.is_empty()));
        assert_eq!(house.gate(&phone, key), Gate::Serve);
        assert!(devices::detail(&house, &house.globex.all, phone.id).is_err(), "another organization's");
        assert!(house.device(twin.id).verdict.closed.is_empty());
        house.finish().await;
    }
}

#[tokio::test]
async fn what_is_no_rule_is_a_reason_too() {
    for house in houses().await {
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        let mail = |house: &House| line(house, phone.id, Target::ActivesyncConnections);
        assert!(mail(&house).allowed);
        ordered(&house, &house.acme.all, phone.id, CommandKind::FullWipe).await;
        let waits = mail(&house);
        assert!(!waits.allowed && waits.why.contains("wipe"), "{waits:?}");
        assert_eq!(waits.remedies[0].remedy, Remedy::CancelWipe);
        assert!(matches!(house.gate(&phone, key), Gate::WipeNow { .. }));
        assert!(
            line(&house, phone.id, Target::NetworkAccess).allowed,
            "ISE is not told of a wipe that waits"
        );
        house.finish().await;
    }
}

/// Every rule in turn, and several at once: closed means a rule, a level, a time and an act.
#[tokio::test]
async fn no_device_is_in_a_state_without_a_reason() {
    for house in houses().await {
        let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
        let every = |targets: &[Target]| {
            let each = RULES.iter().filter(|rule| !rule.fixed);
            let ticks = each.clone().map(|rule| (rule.id, targets.iter().copied().collect())).collect();
            let level = compliance::AccessEdit::Level {
                level: Level::Organization,
                restrictions: Some(domain::model::Restrictions(ticks)),
            };
            let config = |unknown_is_violation| domain::model::RuleConfig {
                on: true,
                unknown_is_violation,
                ..domain::model::RuleConfig::default()
            };
            let rules = each
                .map(move |rule| compliance::AccessEdit::Rule { rule: rule.id, config: Some(config(true)) });
            rules.chain([level]).collect::<Vec<_>>()
        };
        let all: Vec<Target> = catalog::TARGETS.iter().map(|info| info.target).collect();
        compliance::edit_access(&house, &house.acme.all, every(&all)).await.unwrap();
        for line in lines(&house, phone.id) {
            assert!(!line.allowed && !line.rules.is_empty(), "{line:?}");
            assert!(line.decided_by.is_some() && line.since.is_some() && !line.why.is_empty());
            let cured: Vec<_> = line.remedies.iter().flat_map(|act| &act.cures).collect();
            assert!(line.rules.iter().all(|rule| cured.contains(&rule)), "{line:?}");
        }
        house.finish().await;
    }
}

/// A device that was found silent is let in by the contact that ends its silence, as its explanation says.
#[tokio::test]
async fn a_contact_ends_silence_at_once() {
    for house in houses().await {
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        let both = [Target::ActivesyncConnections, Target::NetworkAccess];
        let edits = vec![
            rule(RuleId::NoContact, true, &[("hours", 1)], 0),
            level(Level::Organization, RuleId::NoContact, &both),
        ];
        compliance::edit_access(&house, &house.acme.all, edits).await.unwrap();
        let silent = async |house: &House| {
            house.clock.advance(2 * HOUR);
            compliance::tick(house).await.unwrap();
            assert_eq!(line(house, phone.id, Target::NetworkAccess).remedies[0].remedy, Remedy::Synchronize);
            assert!(matches!(house.gate(&phone, key), Gate::Refuse(_)));
        };
        silent(&house).await;
        let hello = crate::house::hello("PHONE1", "16.1");
        engine::eas::heard(&house, &house.device(phone.id), &hello, None).await.unwrap();
        assert!(lines(&house, phone.id).iter().all(|line| line.allowed));
        assert_eq!(house.gate(&phone, key), Gate::Serve);

        // A contact that tells nothing else is noticed with the next look.
        silent(&house).await;
        engine::eas::present(&house, &house.device(phone.id));
        compliance::tick(&house).await.unwrap();
        assert_eq!(house.gate(&phone, key), Gate::Serve);
        house.finish().await;
    }
}

/// Blocked is blocked for mail, whatever is ticked for the rule; and what has to be done is told once.
#[tokio::test]
async fn a_block_is_told_where_no_rule_tells_it() {
    for house in houses().await {
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        let off = rule(RuleId::BlockedByHand, false, &[], 0);
        compliance::edit_access(&house, &house.acme.all, vec![off.clone()]).await.unwrap();
        ordered(&house, &house.acme.all, phone.id, CommandKind::Block).await;
        let mail = line(&house, phone.id, Target::ActivesyncConnections);
        assert!(!mail.allowed && mail.why.contains("blocked") && mail.since.is_some(), "{mail:?}");
        assert!(matches!(house.gate(&phone, key), Gate::Refuse(_)));
        assert!(line(&house, phone.id, Target::NetworkAccess).allowed, "the rule decides, and is off");

        let on = rule(RuleId::BlockedByHand, true, &[], 0);
        let foretold = engine::approvals::Edit::Access(vec![on.clone()]);
        let answer = compliance::what_if(&house, &house.acme.all, &foretold).await.unwrap();
        assert_eq!(answer.losing(Target::ActivesyncConnections), 0, "it has none to lose");
        assert_eq!(answer.losing(Target::NetworkAccess), 1);
        compliance::edit_access(&house, &house.acme.all, vec![on]).await.unwrap();
        let mail = line(&house, phone.id, Target::ActivesyncConnections);
        assert_eq!(mail.why.matches("blocked").count(), 1, "{}", mail.why);
        let acts: Vec<_> = mail.remedies.iter().map(|act| (act.remedy, act.cures.clone())).collect();
        assert_eq!(acts, [(Remedy::Allow, vec![RuleId::BlockedByHand])]);

        // The rule lets go of both again; the block does not let go of the mail.
        compliance::edit_access(&house, &house.acme.all, vec![off]).await.unwrap();
        let rows = house.journal_rows(house.acme.id).await;
        let restored = rows.iter().filter(|row| row.event == "device.restored");
        let targets: Vec<_> = restored.filter_map(|row| row.body.as_ref()?["target"].as_str()).collect();
        assert_eq!(targets, [Target::NetworkAccess.key()]);
        house.finish().await;
    }
}

#[tokio::test]
async fn a_phone_that_fetches_its_policy_in_a_loop_is_told_so_until_it_may_go_on() {
    use domain::gate::{Authentication, GateCommand, RefusalReason};
    for house in houses().await {
        let (phone, mut key) = house.provisioned(&house.acme, "PHONE1").await;
        let (twin, _) = house.provisioned(&house.globex, "PHONE1").await;
        for _ in 0..5 {
            key = house.provision(phone.id).await;
        }
        let mail = || line(&house, phone.id, Target::ActivesyncConnections);
        assert!(mail().allowed, "its policy is current, so it is served");
        assert_eq!(house.gate(&phone, key), Gate::Serve);
        ordered(&house, &house.acme.all, phone.id, CommandKind::PolicyRefresh).await;
        let refused = house.gate_with(&phone, key, GateCommand::Other, Authentication::Verified);
        assert!(matches!(refused, Gate::Refuse(RefusalReason::Looping { .. })), "{refused:?}");
        let told = mail();
        assert!(!told.allowed && told.why.contains("more than 5 times"), "{told:?}");
        assert_eq!(told.next_at, Some(house.clock.now() + 600_000));
        let headline = devices::detail(&house, &house.acme.all, phone.id).unwrap().explanation.headline;
        assert!(headline.contains("slowed down"), "{headline}");
        assert!(devices::detail(&house, &house.globex.all, twin.id).unwrap().explanation.targets[0].allowed);
        house.clock.advance(600_000);
        assert!(mail().allowed);
        assert!(matches!(house.gate(&phone, key), Gate::NeedProvision(_)));
        house.finish().await;
    }
}
