use std::sync::Arc;

use catalog::{CommandKind, Permission};
use domain::gate::{Gate, RefusalReason};
use domain::model::{CommandState, DeviceId, OrderedCommand, RoleRef};
use engine::administrators::{self, AdministratorEdit};
use engine::commands::{self, Order};
use engine::roles::{self, RoleInput};
use engine::{Error, Scope, eas, sign_in};

use crate::house::{HOUR, House, caller, home, houses};

pub async fn ordered(
    house: &House,
    scope: &Scope,
    device: DeviceId,
    kind: CommandKind,
) -> Arc<OrderedCommand> {
    order(house, scope, device, kind).await.unwrap()
}

async fn order(
    house: &House,
    scope: &Scope,
    device: DeviceId,
    kind: CommandKind,
) -> Result<Arc<OrderedCommand>, Error> {
    commands::order(house, scope, Order { device, kind, note: "a reason".into() }).await
}

fn full() -> RoleRef {
    RoleRef::Predefined("full".into())
}

/// Five devices whose wipes are on their way, and a sixth.
async fn at_the_limit(house: &House, scope: &Scope) -> (DeviceId, Arc<OrderedCommand>) {
    limit_reached_by(house, scope, "").await
}

/// The same with other devices.
async fn at_the_limit_again(house: &House, scope: &Scope) -> (DeviceId, Arc<OrderedCommand>) {
    limit_reached_by(house, scope, "AGAIN").await
}

async fn limit_reached_by(house: &House, scope: &Scope, prefix: &str) -> (DeviceId, Arc<OrderedCommand>) {
    for n in 0..5 {
        let phone = house.enrol(&house.acme, &format!("{prefix}P{n}")).await;
        assert_eq!(ordered(house, scope, phone.id, CommandKind::FullWipe).await.state, CommandState::Queued);
    }
    let sixth = house.enrol(&house.acme, &format!("{prefix}SIXTH")).await.id;
    (sixth, ordered(house, scope, sixth, CommandKind::AccountWipe).await)
}

#[tokio::test]
async fn the_sixth_wipe_of_an_hour_waits_for_a_second_person() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let vice = house.administrator(&house.acme, "vice", full()).await;
        house.administrator(&house.globex, "other", full()).await;
        let (sixth, waiting) = at_the_limit(&house, &boss).await;
        assert_eq!(waiting.state, CommandState::AwaitingApproval);
        assert!(house.device(sixth).eas().unwrap().eas.wipe.is_none(), "the device is not told");
        // Another organization has a limit of its own.
        let twin = house.enrol(&house.globex, "SIXTH").await;
        let theirs = ordered(&house, &house.globex.all, twin.id, CommandKind::FullWipe).await;
        assert_eq!(theirs.state, CommandState::Queued);

        let own = house.approve(&boss, waiting.id, "").await;
        assert!(matches!(own, Err(Error::Denied(_))), "not the same person: {own:?}");
        let new = house.approve(&vice, waiting.id, "").await;
        assert!(matches!(new, Err(Error::Denied(_))), "not an account of today: {new:?}");
        assert!(house.approve(&house.acme.all, waiting.id, "").await.is_err(), "not a machine");
        house.clock.advance(24 * HOUR);
        let desk = house.role(&house.acme, "Desk", &[Permission::DevicesView]).await;
        let (desk, vice) =
            (house.administrator(&house.acme, "desk", desk).await, house.signed_in("vice").await);
        house.clock.advance(24 * HOUR);
        let powerless = house.approve(&desk, waiting.id, "").await;
        assert!(matches!(powerless, Err(Error::Denied(_))), "{powerless:?}");
        let foreign = house.approve(&house.signed_in("other").await, waiting.id, "").await;
        assert_eq!(foreign, Err(Error::NotFound("command")));
        let without = house.approve(&vice, waiting.id, "123456").await;
        assert!(matches!(&without, Err(Error::Denied(why)) if why.contains("second factor")), "{without:?}");
        let secret = house.second_factor(&vice).await;
        let wrong = house.approve(&vice, waiting.id, "000000").await;
        assert!(matches!(&wrong, Err(Error::Invalid(_))), "{wrong:?}");
        let code = house.code(&secret);
        house.approve(&vice, waiting.id, &code).await.unwrap();
        assert!(house.device(sixth).eas().unwrap().eas.wipe.is_some());
        let approved = commands::get(&house, &house.acme.all, waiting.id).await.unwrap();
        assert_eq!(approved.state, CommandState::Queued);
        assert!(approved.approved_by.unwrap().to_string().contains("vice"));
        assert_eq!(house.journaled(&house.acme, "command.approved", sixth).await, 1);
        assert_eq!(house.journaled(&house.acme, "command.awaiting_approval", sixth).await, 1);
        house.finish().await;
    }
}

/// Whoever has taken over one account must not make himself a second one out of what is there.
#[tokio::test]
async fn a_second_person_is_nobody_who_was_given_a_password_or_power_today() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let may = [Permission::DevicesView, Permission::DevicesWipeOverride];
        let (deputy, clerk) = (
            house.role(&house.acme, "Deputy", &may).await,
            house.role(&house.acme, "Clerk", &[Permission::DevicesView]).await,
        );
        for (name, role) in [
            ("reset", full()),
            ("raised", clerk.clone()),
            ("widened", clerk.clone()),
            ("back", full()),
            ("quiet", deputy.clone()),
        ] {
            house.administrator(&house.acme, name, role).await;
        }
        house.clock.advance(48 * HOUR);
        let all = &house.acme.all;
        let id = |name: &str| house.directory().administrator_by_name(name).unwrap().id;
        let edit = async |name: &str, edit| administrators::edit(&house, all, id(name), edit).await.unwrap();
        let plain = AdministratorEdit::default;
        administrators::reset_password(&house, all, id("reset"), crate::house::PASSWORD).await.unwrap();
        edit("raised", AdministratorEdit { role: Some(Some(deputy)), ..plain() }).await;
        edit("back", AdministratorEdit { enabled: Some(false), ..plain() }).await;
        edit("back", AdministratorEdit { enabled: Some(true), ..plain() }).await;
        edit("quiet", AdministratorEdit { display_name: Some("Q".into()), ..plain() }).await;
        let RoleRef::Custom(role) = clerk else { panic!("a custom role") };
        let wider = RoleInput { name: "Clerk".into(), powers: catalog::Powers::of(&may) };
        roles::edit(&house, all, role, wider).await.unwrap();
        // A password of one's own choice is nobody else's doing.
        let own = "nobody but I know this one";
        let reset = house.signed_in("reset").await;
        sign_in::change_own_password(&house, &reset, crate::house::PASSWORD, own).await.unwrap();

        let (_, waiting) = at_the_limit(&house, &boss).await;
        let scope = async |name: &str| {
            let password = if name == "reset" { own } else { crate::house::PASSWORD };
            let (token, _) = sign_in::sign_in(&house, name, password, &caller("192.0.2.1")).await.unwrap();
            sign_in::scope_of_session(&house, &token, home()).await.unwrap()
        };
        for name in ["reset", "raised", "widened", "back"] {
            let outcome = house.approve(&scope(name).await, waiting.id, "").await;
            assert!(
                matches!(&outcome, Err(Error::Denied(why)) if why.contains("24 hours")),
                "{name}: {outcome:?}"
            );
        }
        let quiet = scope("quiet").await;
        let secret = house.second_factor(&quiet).await;
        house.approve(&quiet, waiting.id, &house.code(&secret)).await.unwrap();
        house.clock.advance(24 * HOUR);
        let (_, waiting) = at_the_limit_again(&house, &boss).await;
        let raised = scope("raised").await;
        let secret = house.second_factor(&raised).await;
        house.approve(&raised, waiting.id, &house.code(&secret)).await.unwrap();
        house.finish().await;
    }
}

#[tokio::test]
async fn the_limit_counts_an_hour_and_orders_in_parallel() {
    for house in houses().await {
        let mut phones = Vec::new();
        for n in 0..12 {
            phones.push(house.enrol(&house.acme, &format!("P{n}")).await.id);
        }
        let orders = phones[..8].iter().map(|id| order(&house, &house.acme.all, *id, CommandKind::FullWipe));
        let outcomes = futures_util::future::join_all(orders).await;
        let queued = outcomes.iter().filter(|o| o.as_ref().unwrap().state == CommandState::Queued).count();
        assert_eq!(queued, 5);
        let many = commands::order_many(&house, &house.acme.all, &phones[8..], CommandKind::FullWipe, "")
            .await
            .unwrap();
        assert!(many.iter().all(|(_, o)| o.as_ref().unwrap().state == CommandState::AwaitingApproval));
        let block = ordered(&house, &house.acme.all, phones[0], CommandKind::Block).await;
        assert_eq!(block.state, CommandState::Acknowledged, "a block destroys nothing");
        house.clock.advance(HOUR + 1_000);
        let later = house.enrol(&house.acme, "LATER").await;
        let wipe = ordered(&house, &house.acme.all, later.id, CommandKind::FullWipe).await;
        assert_eq!(wipe.state, CommandState::Queued);
        house.finish().await;
    }
}

#[tokio::test]
async fn the_same_order_twice_is_one_and_needs_the_permission() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await.id;
        let orders = (0..6).map(|_| order(&house, &house.acme.all, phone, CommandKind::FullWipe));
        let ids: Vec<_> =
            futures_util::future::join_all(orders).await.into_iter().map(|o| o.unwrap().id).collect();
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_eq!(house.journaled(&house.acme, "command.ordered", phone).await, 1);
        let desk = house.administrator(&house.acme, "desk", RoleRef::Predefined("help_desk".into())).await;
        let denied = order(&house, &desk, phone, CommandKind::FullWipe).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        let foreign = order(&house, &house.globex.all, phone, CommandKind::FullWipe).await;
        assert_eq!(foreign.err(), Some(Error::NotFound("device")));
        let foreign = commands::cancel(&house, &house.globex.all, ids[0]).await;
        assert_eq!(foreign, Err(Error::NotFound("command")));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_command_is_taken_back_only_until_the_device_was_told() {
    for house in houses().await {
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        let wipe = ordered(&house, &house.acme.all, phone.id, CommandKind::FullWipe).await;
        assert!(matches!(house.gate(&phone, key), Gate::WipeNow { .. }));
        commands::cancel(&house, &house.acme.all, wipe.id).await.unwrap();
        commands::cancel(&house, &house.acme.all, wipe.id).await.unwrap();
        assert_eq!(house.gate(&phone, key), Gate::Serve);
        assert_eq!(house.journaled(&house.acme, "command.cancelled", phone.id).await, 1);

        let told = house.device(phone.id);
        let wipe = ordered(&house, &house.acme.all, phone.id, CommandKind::FullWipe).await;
        let pending = house.device(phone.id);
        eas::wipe_sent(&house, &pending).await.unwrap();
        let late = commands::cancel(&house, &house.acme.all, wipe.id).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        assert!(told.eas().unwrap().eas.wipe.is_none());
        house.finish().await;
    }
}

/// What a request saw in memory may be taken back before it can say so to the device.
#[tokio::test]
async fn a_wipe_that_was_taken_back_meanwhile_is_not_sent() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await.id;
        let wipe = ordered(&house, &house.acme.all, phone, CommandKind::FullWipe).await;
        let seen = house.device(phone);
        commands::cancel(&house, &house.acme.all, wipe.id).await.unwrap();
        let outcome = eas::wipe_sent(&house, &seen).await;
        assert!(matches!(outcome, Err(Error::Conflict(_))), "{outcome:?}");
        assert_eq!(house.device(phone).state, domain::model::DeviceState::Enrolled);
        house.finish().await;
    }
}

#[tokio::test]
async fn block_allow_forget_and_clear_do_what_they_say_at_once() {
    for house in houses().await {
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        let (twin, twin_key) = house.provisioned(&house.globex, "PHONE1").await;
        let all = &house.acme.all;
        ordered(&house, all, phone.id, CommandKind::Block).await;
        let gate = house.gate(&phone, key);
        assert!(matches!(&gate, Gate::Refuse(RefusalReason::Blocked { reason, .. }) if reason == "a reason"));
        assert_eq!(house.gate(&twin, twin_key), Gate::Serve);
        assert!(matches!(order(&house, all, phone.id, CommandKind::Block).await, Err(Error::Conflict(_))));
        ordered(&house, all, phone.id, CommandKind::Allow).await;
        assert_eq!(house.gate(&phone, key), Gate::Serve);
        assert!(matches!(order(&house, all, phone.id, CommandKind::Allow).await, Err(Error::Conflict(_))));
        ordered(&house, all, phone.id, CommandKind::ForgetPartnership).await;
        assert!(matches!(house.gate(&phone, key), Gate::NeedProvision(_)), "its key is gone");

        for _ in 0..5 {
            eas::auth_failed(&house, &house.device(phone.id)).await.unwrap();
        }
        assert!(eas::auth_paused(&house, &house.device(phone.id)).is_some_and(|s| s <= 1800));
        assert_eq!(eas::auth_paused(&house, &house.device(twin.id)), None);
        ordered(&house, all, phone.id, CommandKind::ClearAuthFailures).await;
        assert_eq!(eas::auth_paused(&house, &house.device(phone.id)), None);
        for event in [
            "device.blocked",
            "device.allowed",
            "device.partnership_forgotten",
            "device.auth_failures_cleared",
        ] {
            assert_eq!(house.journaled(&house.acme, event, phone.id).await, 1, "{event}");
        }
        let history = engine::devices::commands(&house, all, phone.id).await.unwrap();
        assert!(history.iter().all(|c| c.state == CommandState::Acknowledged && !c.reason.is_empty()));
        house.finish().await;
    }
}
