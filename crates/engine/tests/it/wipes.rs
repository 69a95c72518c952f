use catalog::CommandKind;
use domain::gate::{Authentication, Gate, GateCommand, RefusalReason, WipeStep};
use domain::model::{CommandState, DeviceId, DeviceState, UserState, WipeKind};
use engine::users::{self, UserInput};
use engine::{Error, commands, eas};

use crate::commands::ordered;
use crate::house::{House, houses, user};

async fn sent(house: &House, id: DeviceId) {
    eas::wipe_sent(house, &house.device(id)).await.unwrap();
}

async fn said(house: &House, id: DeviceId, kind: WipeKind, status: u8) -> bool {
    eas::wipe_acknowledged(house, &house.device(id), kind, status).await.unwrap()
}

fn pending(house: &House, id: DeviceId) -> Option<WipeKind> {
    house.device(id).eas().unwrap().eas.wipe.as_ref().map(|wipe| wipe.kind)
}

#[tokio::test]
async fn a_wipe_is_told_confirmed_and_ends_the_device() {
    for house in houses().await {
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        let (twin, twin_key) = house.provisioned(&house.globex, "PHONE1").await;
        let wipe = ordered(&house, &house.acme.all, phone.id, CommandKind::FullWipe).await;
        let step = |command| house.gate_with(&phone, key, command, Authentication::Verified);
        let now = |step| Gate::WipeNow { kind: WipeKind::Device, step };
        assert_eq!(step(GateCommand::Other), now(WipeStep::Announce));
        assert_eq!(step(GateCommand::Provision), now(WipeStep::Deliver));
        sent(&house, phone.id).await;
        sent(&house, phone.id).await;
        assert!(said(&house, phone.id, WipeKind::Device, 1).await);
        let over = house.device(phone.id);
        assert_eq!(over.state, DeviceState::Wiped);
        assert_eq!(pending(&house, phone.id), None);
        assert_eq!(house.gate(&phone, key), Gate::Refuse(RefusalReason::Wiped));
        assert!(!said(&house, phone.id, WipeKind::Device, 1).await, "said again after a lost answer");
        let command = commands::get(&house, &house.acme.all, wipe.id).await.unwrap();
        assert_eq!(command.state, CommandState::Acknowledged);
        assert!(command.sent_at.is_some() && command.finished_at.is_some());
        assert!(commands::live(&house, &house.acme.all).unwrap().is_empty());
        assert_eq!(house.gate(&twin, twin_key), Gate::Serve);
        for (event, times) in [("command.sent", 1), ("command.acknowledged", 1), ("device.wiped", 1)] {
            assert_eq!(house.journaled(&house.acme, event, phone.id).await, times, "{event}");
        }

        ordered(&house, &house.acme.all, phone.id, CommandKind::Allow).await;
        assert_eq!(house.journaled(&house.acme, "device.readmitted", phone.id).await, 1);
        assert!(matches!(house.gate(&phone, key), Gate::NeedProvision(_)), "its old key is gone");
        let key = house.provision(phone.id).await;
        assert_eq!(house.gate(&phone, key), Gate::Serve);
        house.finish().await;
    }
}

#[tokio::test]
async fn a_failed_wipe_is_told_again() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await.id;
        let wipe = ordered(&house, &house.acme.all, phone, CommandKind::FullWipe).await;
        sent(&house, phone).await;
        assert!(!said(&house, phone, WipeKind::Device, 2).await);
        let state = async || commands::get(&house, &house.acme.all, wipe.id).await.unwrap();
        assert_eq!(state().await.state, CommandState::Failed);
        assert!(state().await.reason.contains("status 2"));
        assert_eq!(pending(&house, phone), Some(WipeKind::Device), "it is told again");
        assert!(!said(&house, phone, WipeKind::Device, 2).await);
        sent(&house, phone).await;
        assert!(said(&house, phone, WipeKind::Device, 1).await);
        assert_eq!(house.journaled(&house.acme, "command.failed", phone).await, 1);
        assert_eq!(house.device(phone).state, DeviceState::Wiped);
        house.finish().await;
    }
}

/// A confirmation that the directive was never recorded as sent still counts: the note may be lost with a node.
#[tokio::test]
async fn a_confirmation_of_the_wrong_kind_or_of_nothing_ends_nothing() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await.id;
        assert!(!said(&house, phone, WipeKind::Device, 1).await);
        assert_eq!(house.device(phone).state, DeviceState::Enrolled);
        ordered(&house, &house.acme.all, phone, CommandKind::FullWipe).await;
        assert!(!said(&house, phone, WipeKind::Account, 1).await);
        assert_eq!(pending(&house, phone), Some(WipeKind::Device));
        assert!(said(&house, phone, WipeKind::Device, 1).await, "without the note that it was sent");
        house.finish().await;
    }
}

#[tokio::test]
async fn an_account_wipe_never_replaces_a_full_one_and_a_full_one_includes_it() {
    for house in houses().await {
        let all = &house.acme.all;
        let phone = house.enrol(&house.acme, "PHONE1").await.id;
        let small = ordered(&house, all, phone, CommandKind::AccountWipe).await;
        let large = ordered(&house, all, phone, CommandKind::FullWipe).await;
        assert_eq!(pending(&house, phone), Some(WipeKind::Device), "the full wipe goes first");
        let again =
            engine::commands::Order { device: phone, kind: CommandKind::AccountWipe, note: String::new() };
        assert_eq!(commands::order(&house, all, again).await.unwrap().id, small.id, "it is there already");
        commands::cancel(&house, all, large.id).await.unwrap();
        assert_eq!(pending(&house, phone), Some(WipeKind::Account), "what is left comes back");
        let large = ordered(&house, all, phone, CommandKind::FullWipe).await;
        sent(&house, phone).await;
        assert!(said(&house, phone, WipeKind::Device, 1).await);
        for id in [small.id, large.id] {
            let command = commands::get(&house, all, id).await.unwrap();
            assert_eq!(command.state, CommandState::Acknowledged);
        }

        let other = house.enrol(&house.acme, "PHONE2").await.id;
        ordered(&house, all, other, CommandKind::FullWipe).await;
        let small =
            engine::commands::Order { device: other, kind: CommandKind::AccountWipe, note: String::new() };
        let outcome = commands::order(&house, all, small).await;
        assert!(matches!(outcome, Err(Error::Conflict(_))), "{outcome:?}");
        assert_eq!(pending(&house, other), Some(WipeKind::Device));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_wipe_of_the_mail_server_is_delivered_confirmed_and_told_back() {
    for mut house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        eas::backend_ordered_wipe(&house, &phone, WipeKind::Device, "Exchange").await.unwrap();
        eas::backend_ordered_wipe(&house, &phone, WipeKind::Device, "Exchange").await.unwrap();
        let ours = ordered(&house, &house.acme.all, phone.id, CommandKind::FullWipe).await;
        assert_eq!(ours.ordered_by.to_string(), "mail server Exchange", "one wipe is enough");
        assert_eq!(house.journaled(&house.acme, "gateway.backend_wipe", phone.id).await, 1);
        let to_relay = |house: &House| eas::wipes_to_relay(house, &house.device(phone.id));
        assert!(to_relay(&house).is_empty(), "not before the device did");
        sent(&house, phone.id).await;
        assert!(!said(&house, phone.id, WipeKind::Device, 2).await);
        assert_eq!(to_relay(&house)[0].2, 2, "a failure is told as well");
        sent(&house, phone.id).await;
        assert!(said(&house, phone.id, WipeKind::Device, 1).await);

        // A server that is started anew still knows what it owes.
        house.engine = crate::house::open(house.database(), &house.clock).await;
        let owed = to_relay(&house);
        assert_eq!(
            owed.iter().map(|(_, kind, status)| (*kind, *status)).collect::<Vec<_>>(),
            [(WipeKind::Device, 1)]
        );
        assert!(commands::live(&house, &house.acme.all).unwrap().is_empty(), "it is over all the same");
        eas::relayed_back(&house, &owed[0].0).await.unwrap();
        assert!(to_relay(&house).is_empty());
        assert_eq!(house.journaled(&house.acme, "gateway.backend_wipe_acknowledged", phone.id).await, 1);
        house.finish().await;
    }
}

#[tokio::test]
async fn the_mail_server_is_told_of_its_own_order_although_ours_was_first() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        let ours = ordered(&house, &house.acme.all, phone.id, CommandKind::FullWipe).await;
        eas::backend_ordered_wipe(&house, &phone, WipeKind::Device, "Exchange").await.unwrap();
        sent(&house, phone.id).await;
        assert!(said(&house, phone.id, WipeKind::Device, 1).await);
        let owed = eas::wipes_to_relay(&house, &house.device(phone.id));
        assert_eq!(owed.len(), 1);
        assert_ne!(owed[0].0.id, ours.id);
        house.finish().await;
    }
}

#[tokio::test]
async fn the_mail_servers_wipes_are_relayed_at_once_up_to_the_limit() {
    for house in houses().await {
        for n in 0..7 {
            let phone = house.enrol(&house.acme, &format!("P{n}")).await;
            eas::backend_ordered_wipe(&house, &phone, WipeKind::Device, "Exchange").await.unwrap();
            let relayed = (n < 5).then_some(WipeKind::Device);
            assert_eq!(pending(&house, phone.id), relayed, "{n}");
            assert_eq!(house.device(phone.id).block.is_some(), relayed.is_none(), "{n}");
        }
        house.finish().await;
    }
}

#[tokio::test]
async fn the_last_good_credential_of_a_disabled_account_opens_the_wipe_only() {
    for house in houses().await {
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        let twin = house.enrol(&house.globex, "PHONE1").await;
        let login = eas::resolve(&house, None, "Anna@acme.test").unwrap();
        let hash = |secret: &str| eas::credential_hash(&house, &login, "phone1", secret);
        let hello = crate::house::hello("PHONE1", "16.1");
        eas::heard(&house, &house.device(phone.id), &hello, Some(hash("secret"))).await.unwrap();
        let known = |id, secret| eas::credential_matches(&house.device(id), &hash(secret));
        assert!(known(phone.id, "secret") && !known(phone.id, "Secret") && !known(twin.id, "secret"));
        let off = UserInput { state: Some(UserState::Disabled), ..user("anna", "acme.test") };
        users::edit(&house, &house.acme.all, house.acme.anna.id, off).await.unwrap();
        let gate = |command| house.gate_with(&phone, key, command, Authentication::WipeOnly);
        assert_eq!(gate(GateCommand::Other), Gate::Refuse(RefusalReason::Unauthenticated));
        ordered(&house, &house.acme.all, phone.id, CommandKind::FullWipe).await;
        let deliver = Gate::WipeNow { kind: WipeKind::Device, step: WipeStep::Deliver };
        assert_eq!(gate(GateCommand::Provision), deliver);
        sent(&house, phone.id).await;
        assert!(said(&house, phone.id, WipeKind::Device, 1).await);
        assert!(known(phone.id, "secret"), "its confirmation may come twice");
        assert_eq!(gate(GateCommand::Other), Gate::Refuse(RefusalReason::Unauthenticated));
        let text = house.journal_text(house.acme.id).await;
        assert!(!text.contains("secret"));
        house.finish().await;
    }
}

#[tokio::test]
async fn nobody_removes_or_joins_a_device_whose_wipe_is_not_over() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await.id;
        ordered(&house, &house.acme.all, phone, CommandKind::FullWipe).await;
        let outcome = engine::devices::remove(&house, &house.acme.all, phone).await;
        assert!(matches!(outcome, Err(Error::Conflict(_))), "{outcome:?}");
        let foreign = engine::devices::remove(&house, &house.globex.all, phone).await;
        assert_eq!(foreign, Err(Error::NotFound("device")));
        // A pending wipe that nobody comes for ends after three months.
        house.clock.advance(91 * 86_400_000);
        engine::housekeeping::run(&house).await.unwrap();
        assert_eq!(pending(&house, phone), None);
        assert_eq!(house.journaled(&house.acme, "command.expired", phone).await, 1);
        engine::devices::remove(&house, &house.acme.all, phone).await.unwrap();
        assert_eq!(house.journaled(&house.acme, "device.deleted", phone).await, 1);
        house.finish().await;
    }
}
