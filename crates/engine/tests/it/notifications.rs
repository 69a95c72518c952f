//! Restriction notifications: told once, in the organization's own words, to users who can be reached; never of
//! another organization's devices. The same words are Cisco ISE's.

use std::sync::Arc;
use std::time::{Duration, Instant};

use catalog::{CommandKind, RuleId, Target};
use domain::model::{Level, Mail, RoleRef};
use domain::notification::{NotificationSettings, Occasion, RuleTexts};
use engine::notifications::{self, NotificationFollower};
use engine::{Error, compliance, eas, ise, users};

use crate::commands::ordered;
use crate::compliance::{level, rule};
use crate::house::{HOUR, House, MINUTE, Tenant, houses, user};

async fn tell(house: &House, tenant: &Tenant, settings: NotificationSettings) {
    notifications::edit_settings(house, &tenant.all, None, settings).await.unwrap();
}

/// Settings with texts for one rule.
fn with(rule: RuleId, texts: RuleTexts) -> NotificationSettings {
    NotificationSettings { on: true, repeat_hours: 0, rules: [(rule, texts)].into() }
}

/// Waits until so many mails are queued; with their texts, oldest first.
async fn letters(house: &House, tenant: &Tenant, count: usize) -> Vec<Mail> {
    let begun = Instant::now();
    loop {
        let read = async |tx: &mut store::Tx| store::repo::mail::due(tx, 100).await;
        let found = house.database().read(tenant.id, read).await.unwrap();
        if found.len() >= count {
            assert_eq!(found.len(), count, "{found:#?}");
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{found:#?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Everything that the journal holds by now was followed.
async fn followed(house: &House, tenant: &Tenant) {
    let begun = Instant::now();
    loop {
        let read = async |tx: &mut store::Tx| {
            let head = store::repo::journal::head(tx).await?;
            Ok::<_, store::StoreError>((head, store::repo::cursors::get(tx, "notifications").await?))
        };
        let last = house.journal_rows(tenant.id).await;
        let last = last.iter().rev().find(|row| Occasion::of(&row.event).is_some()).map_or(0, |r| r.sequence);
        let (head, cursor) = house.database().read(tenant.id, read).await.unwrap();
        if cursor >= last {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{cursor} of {last}, {head}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A phone that is silent for a day loses the network half an hour later.
async fn quiet_rule(house: &House, tenant: &Tenant, targets: &[Target]) {
    let quiet = rule(RuleId::NoContact, true, &[("hours", 24)], 30);
    let ticks = level(Level::Organization, RuleId::NoContact, targets);
    compliance::edit_access(house, &tenant.all, vec![quiet, ticks]).await.unwrap();
}

async fn look(house: &House) {
    compliance::tick(house).await.unwrap();
    for id in [house.acme.id, house.globex.id] {
        compliance::reevaluate(house, id).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_are_told_before_when_again_and_after() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        let running = house.follow(Arc::new(NotificationFollower)).await;
        let texts = RuleTexts {
            reason: "We have not heard from it.".into(),
            remediation: "Open the mail app.".into(),
            announced: "{user}|{device}|{reason}|{remediation}|{admin_contact}|{deadline}".into(),
            ..RuleTexts::default()
        };
        let settings = NotificationSettings { repeat_hours: 24, ..with(RuleId::NoContact, texts) };
        tell(&house, acme, settings).await;
        house
            .settings(acme, |s| {
                s.contact = "help@acme.test".into();
                s.time_zone = "Europe/Berlin".into();
            })
            .await;
        for tenant in [acme, globex] {
            quiet_rule(&house, tenant, &[Target::NetworkAccess]).await;
        }
        let (phone, _) = house.provisioned(acme, "PHONE1").await;
        let (twin, _) = house.provisioned(globex, "PHONE1").await;
        let start = house.clock.now();
        let at = async |after: i64| {
            house.clock.set(start + after);
            look(&house).await;
        };
        at(24 * HOUR + 1).await;
        let told = letters(&house, acme, 1).await;
        assert_eq!(
            (told[0].recipient.as_str(), told[0].purpose.as_str()),
            ("anna@acme.test", "notification")
        );
        assert_eq!(told[0].subject.as_str(), format!("{} is about to lose access", phone.name));
        let deadline = jiff::Timestamp::from_millisecond(start + 24 * HOUR + 30 * MINUTE).unwrap();
        let deadline = deadline.in_tz("Europe/Berlin").unwrap().strftime("%Y-%m-%d %H:%M").to_string();
        let text = told[0].text.clone().unwrap();
        let parts: Vec<_> = text.split('|').collect();
        let words =
            ["anna", &phone.name, "We have not heard from it.", "Open the mail app.", "help@acme.test"];
        assert_eq!(&parts[..5], &words, "{text}");
        assert!(parts[5].starts_with(&deadline), "{text} {deadline}");

        at(25 * HOUR).await;
        let told = letters(&house, acme, 2).await;
        assert_eq!(told[1].subject.as_str(), format!("Access of {} is restricted", phone.name));
        let text = told[1].text.clone().unwrap();
        assert!(text.contains("Why: We have not heard from it.\nWhat helps: Open the mail app."), "{text}");
        // The same words at ISE, where the other organization has the rule's own.
        let known = |tenant: &Tenant, id| {
            let messaging = house.directory().messaging(tenant.id).unwrap();
            let device = house.device(id);
            let known = ise::attributes(&house, &messaging.notifications, &device);
            (known.compliant, known.failure_reason, known.remediation)
        };
        let own = ("We have not heard from it.".to_owned(), "Open the mail app.".to_owned());
        assert_eq!(known(acme, phone.id), (false, own.0, own.1));
        let (_, reason, remedy) = known(globex, twin.id);
        assert_eq!(remedy, RuleId::NoContact.entry().remedy);
        assert!(!reason.is_empty() && reason != "We have not heard from it.");

        // Nothing new, nothing said; after a day once more, by whichever node is first.
        notifications::tick(&house).await.unwrap();
        at(48 * HOUR).await;
        notifications::tick(&house).await.unwrap();
        letters(&house, acme, 2).await;
        at(50 * HOUR).await;
        let (one, two) = tokio::join!(notifications::tick(&house), notifications::tick(&house));
        one.and(two).unwrap();
        let told = letters(&house, acme, 3).await;
        assert_eq!(told[2].subject, told[1].subject);
        assert!(told[2].text.as_ref().unwrap().contains("We have not heard from it."));

        house.clock.advance(MINUTE);
        eas::present(&house, &house.device(phone.id));
        look(&house).await;
        let told = letters(&house, acme, 4).await;
        assert_eq!(told[3].subject.as_str(), format!("{} has access again", phone.name));
        house.clock.advance(20 * HOUR);
        notifications::tick(&house).await.unwrap();
        letters(&house, acme, 4).await;
        // The neighbour wanted nobody to be told.
        assert!(!house.device(twin.id).verdict.allows(Target::NetworkAccess));
        letters(&house, globex, 0).await;
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_targets_and_rules_are_one_mail_and_access_is_back_when_all_of_it_is() {
    for house in houses().await {
        let acme = &house.acme;
        let running = house.follow(Arc::new(NotificationFollower)).await;
        tell(&house, acme, with(RuleId::NoContact, RuleTexts::default())).await;
        let both = [Target::NetworkAccess, Target::ActivesyncConnections];
        quiet_rule(&house, acme, &both).await;
        let (phone, _) = house.provisioned(acme, "PHONE1").await;
        let start = house.clock.now();
        house.clock.set(start + 25 * HOUR);
        look(&house).await;
        let told = letters(&house, acme, 1).await;
        assert!(told[0].subject.as_str().starts_with("Access of"), "the grace was over already");
        ordered(&house, &acme.all, phone.id, CommandKind::Block).await;
        eas::present(&house, &house.device(phone.id));
        look(&house).await;
        followed(&house, acme).await;
        // The network is back, mail is not: that is not the end of it.
        letters(&house, acme, 1).await;
        house.clock.advance(MINUTE);
        ordered(&house, &acme.all, phone.id, CommandKind::Allow).await;
        let told = letters(&house, acme, 2).await;
        assert!(told[1].subject.as_str().ends_with("has access again"));
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_told_who_has_no_address_or_when_the_rule_is_silent_or_all_of_it_is_off() {
    for house in houses().await {
        let acme = &house.acme;
        let running = house.follow(Arc::new(NotificationFollower)).await;
        let (phone, _) = house.provisioned(acme, "PHONE1").await;
        let (other, _) = house.provisioned(&house.globex, "PHONE1").await;
        tell(&house, &house.globex, NotificationSettings { on: true, ..NotificationSettings::default() })
            .await;
        let block = async |on: bool| {
            let kind = if on { CommandKind::Block } else { CommandKind::Allow };
            ordered(&house, &acme.all, phone.id, kind).await;
            followed(&house, acme).await;
        };
        for settings in [
            NotificationSettings::default(),
            with(RuleId::BlockedByHand, RuleTexts { silent: true, ..RuleTexts::default() }),
        ] {
            tell(&house, acme, settings).await;
            block(true).await;
            block(false).await;
            letters(&house, acme, 0).await;
        }
        let email = async |email: &str| {
            let input = users::UserInput { email: email.into(), ..user("anna", acme.domain) };
            users::edit(&house, &acme.all, acme.anna.id, input).await.unwrap();
        };
        let on = NotificationSettings { on: true, ..NotificationSettings::default() };
        tell(&house, acme, on).await;
        email("").await;
        assert_eq!(notifications::without_address(&house, &acme.all), Ok(1));
        assert_eq!(notifications::without_address(&house, &house.globex.all), Ok(0));
        block(true).await;
        block(false).await;
        letters(&house, acme, 0).await;
        email("anna@acme.test").await;
        block(true).await;
        letters(&house, acme, 1).await;
        letters(&house, &house.globex, 0).await;

        // What would be read, with other texts too; never of another organization's device.
        let preview = |device, texts| {
            let occasion = Occasion::Restricted;
            notifications::preview(&house, &acme.all, device, occasion, RuleId::BlockedByHand, texts)
        };
        let shown = preview(phone.id, None).unwrap();
        assert_eq!(shown.recipient.unwrap().as_str(), "anna@acme.test");
        assert!(shown.is_told && shown.text.starts_with("Hello anna,"), "{}", shown.text);
        let texts = RuleTexts { restricted: "{device}!".into(), ..RuleTexts::default() };
        assert_eq!(preview(phone.id, Some(texts)).unwrap().text, format!("{}!", phone.name));
        let wrong = RuleTexts { restricted: "{nobody}".into(), ..RuleTexts::default() };
        assert!(matches!(preview(phone.id, Some(wrong)), Err(Error::Invalid(_))));
        assert_eq!(preview(other.id, None), Err(Error::NotFound("device")));
        running.abort();
        house.finish().await;
    }
}

#[tokio::test]
async fn texts_that_cannot_be_filled_are_refused_beside_the_field() {
    let house = House::on(testkit::sqlite().await).await;
    let acme = &house.acme;
    let with = |texts| with(RuleId::NoContact, texts);
    for (field, wrong) in [
        ("repeat_hours", NotificationSettings { repeat_hours: 721, ..NotificationSettings::default() }),
        (
            "rules.no_contact.restricted",
            with(RuleTexts { restricted: "{name}".into(), ..RuleTexts::default() }),
        ),
        ("rules.no_contact.announced", with(RuleTexts { announced: "{".into(), ..RuleTexts::default() })),
        (
            "rules.no_contact.restored",
            with(RuleTexts { restored: "x".repeat(4_001), ..RuleTexts::default() }),
        ),
        ("rules.no_contact.reason", with(RuleTexts { reason: "x".repeat(256), ..RuleTexts::default() })),
        ("rules.no_contact.reason", with(RuleTexts { reason: "{user}".into(), ..RuleTexts::default() })),
        (
            "rules.no_contact.remediation",
            with(RuleTexts { remediation: "a\nb".into(), ..RuleTexts::default() }),
        ),
    ] {
        match notifications::edit_settings(&house, &acme.all, None, wrong).await {
            Err(Error::Invalid(issues)) => assert_eq!(issues[0].field, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    // Nothing said is nothing kept, and a late author is told so.
    tell(&house, acme, with(RuleTexts::default())).await;
    let (rev, known) = notifications::settings(&house, &acme.all).unwrap();
    assert!(known.notifications.on && known.notifications.rules.is_empty());
    let late =
        notifications::edit_settings(&house, &acme.all, Some(rev - 1), NotificationSettings::default()).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    assert_eq!(house.journaled(acme, "notification.settings_changed", "").await, 1);
    let help = house.administrator(acme, "help", RoleRef::Predefined("help_desk".into())).await;
    let denied = notifications::edit_settings(&house, &help, None, NotificationSettings::default()).await;
    assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
    house.finish().await;
}
