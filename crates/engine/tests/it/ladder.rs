//! The ladder: restricted after a time, remediated after a longer one, once, by the compliance manager.

use catalog::{CommandKind, Liability, Params, RuleId, Value};
use domain::model::{Actor, CommandState, OrderedCommand, Origin, Remediation, RuleConfig};
use engine::compliance::{self, AccessEdit};
use engine::{commands, eas};

use crate::house::{HOUR, House, Tenant, houses};

async fn quiet_for_long(house: &House, tenant: &Tenant, command: CommandKind) {
    let config = RuleConfig {
        on: true,
        params: Params([("hours".to_owned(), Value::Int(24))].into()),
        grace_minutes: 60,
        remediation: Some(Remediation { command, after_minutes: 48 * 60 }),
        ..RuleConfig::default()
    };
    let edit = AccessEdit::Rule { rule: RuleId::NoContact, config: Some(config) };
    compliance::edit_access(house, &tenant.all, vec![edit]).await.unwrap();
}

async fn orders(house: &House, tenant: &Tenant, device: domain::model::DeviceId) -> Vec<OrderedCommand> {
    house
        .database()
        .read(tenant.id, async move |tx| store::repo::commands::of_device(tx, device, 50).await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_violation_that_lasts_ends_in_one_command() {
    for house in houses().await {
        house.settings(&house.acme, |s| s.default_liability = Liability::Corporate).await;
        house.settings(&house.globex, |s| s.default_liability = Liability::Individual).await;
        for tenant in [&house.acme, &house.globex] {
            quiet_for_long(&house, tenant, CommandKind::FullWipe).await;
        }
        let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
        let (own, _) = house.provisioned(&house.globex, "PHONE1").await;
        let start = house.clock.now();
        for hours in [24, 25, 71] {
            house.clock.set(start + hours * HOUR);
            compliance::tick(&house).await.unwrap();
        }
        assert!(orders(&house, &house.acme, phone.id).await.is_empty(), "an hour too early");
        house.clock.set(start + 72 * HOUR);
        for _ in 0..3 {
            compliance::tick(&house).await.unwrap();
        }
        let [wipe] = orders(&house, &house.acme, phone.id).await.try_into().unwrap();
        assert_eq!(
            (wipe.kind, wipe.origin, wipe.state),
            (CommandKind::FullWipe, Origin::Compliance, CommandState::Queued)
        );
        assert_eq!(wipe.ordered_by, Actor::Rule(RuleId::NoContact));
        assert!(wipe.note.contains("No contact"), "{}", wipe.note);
        let [milder] = orders(&house, &house.globex, own.id).await.try_into().unwrap();
        assert_eq!(milder.kind, CommandKind::AccountWipe, "a user's own device is never erased");
        assert_eq!(house.journaled(&house.acme, "restriction.remediation_ordered", phone.id).await, 1);

        // Taken back, it is not ordered again for the same violation.
        commands::cancel(&house, &house.acme.all, wipe.id).await.unwrap();
        house.clock.advance(100 * HOUR);
        compliance::tick(&house).await.unwrap();
        assert_eq!(orders(&house, &house.acme, phone.id).await.len(), 1);

        // In order again and broken again: that is another violation.
        eas::present(&house, &house.device(phone.id));
        compliance::reevaluate(&house, house.acme.id).await.unwrap();
        assert!(house.device(phone.id).verdict.findings.is_empty());
        let start = house.clock.now();
        for hours in [24, 72] {
            house.clock.set(start + hours * HOUR);
            compliance::tick(&house).await.unwrap();
        }
        assert_eq!(orders(&house, &house.acme, phone.id).await.len(), 2);
        house.finish().await;
    }
}

/// A restart, and a second node that ticks as well, order nothing twice.
#[tokio::test]
async fn two_nodes_and_a_restart_order_once() {
    for mut house in houses().await {
        quiet_for_long(&house, &house.acme, CommandKind::AccountWipe).await;
        let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
        house.clock.advance(24 * HOUR);
        compliance::tick(&house).await.unwrap();
        house.clock.advance(48 * HOUR);
        house.engine = crate::house::open(house.database(), &house.clock).await;
        let other = crate::house::open(house.database(), &house.clock).await;
        let (one, two) = tokio::join!(compliance::tick(&house), compliance::tick(&other));
        one.unwrap();
        two.unwrap();
        compliance::tick(&other).await.unwrap();
        assert_eq!(orders(&house, &house.acme, phone.id).await.len(), 1);
        assert_eq!(house.journaled(&house.acme, "restriction.remediation_ordered", phone.id).await, 1);
        house.finish().await;
    }
}

/// More than the limit in an hour waits for an administrator, as if a person had ordered it.
#[tokio::test]
async fn remediations_are_held_above_the_limit_like_everybodys_orders() {
    for house in houses().await {
        quiet_for_long(&house, &house.acme, CommandKind::AccountWipe).await;
        for n in 0..7 {
            house.provisioned(&house.acme, &format!("PHONE{n}")).await;
        }
        for hours in [24, 48] {
            house.clock.advance(hours * HOUR);
            compliance::tick(&house).await.unwrap();
        }
        let live = commands::live(&house, &house.acme.all).unwrap();
        let held = live.iter().filter(|c| c.state == CommandState::AwaitingApproval).count();
        assert_eq!((live.len(), held), (7, 2));
        house.finish().await;
    }
}
