//! Wipes: ordered here, ordered at the mail server, delivered although the account is disabled.

use catalog::CommandKind;
use domain::model::DeviceState;
use simulator::eas::{Handled, Version, WipeKind};
use simulator::mailserver::Failure;

use crate::house::{House, VERSIONS, connect};

#[tokio::test(flavor = "multi_thread")]
async fn a_wipe_reaches_a_device_whose_account_is_disabled_and_whose_mail_server_is_down() {
    let house = House::new().await;
    for (n, version) in VERSIONS.into_iter().enumerate() {
        let mut phone = house.phone(1, version);
        phone.device_id = format!("GONE{version}").replace('.', "");
        connect(&mut phone).await;
        house.order(&phone, CommandKind::FullWipe).await;
        house.mail.set_disabled("u1", true);
        if n % 2 == 1 {
            house.mail.script(|s| s.failing = Some((u32::MAX, Failure::HangUp)));
        }
        // Somebody else's password opens nothing.
        let mut stranger = house.make(1, "iphone", version, "acme.test", "guess");
        stranger.device_id.clone_from(&phone.device_id);
        stranger.policy_key = phone.policy_key;
        assert!(stranger.provision_first().await.unwrap().wipe.is_none());
        let handled = phone.connect().await.unwrap();
        assert!(matches!(handled, Handled::Wiped(WipeKind::Device)), "{version}: {handled:?}");
        assert_eq!(house.known(&phone).unwrap().state, DeviceState::Wiped);
        house.mail.set_disabled("u1", false);
        house.mail.script(|s| s.failing = None);
        house.clock.advance(3_700_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_password_opens_nothing_once_the_wipe_is_done() {
    let house = House::new().await;
    let mut phone = house.phone(1, Version::V16_1);
    connect(&mut phone).await;
    house.order(&phone, CommandKind::FullWipe).await;
    house.mail.set_password("u1", "another");
    assert!(matches!(phone.connect().await.unwrap(), Handled::Wiped(_)));
    phone.wiped = None;
    house.clock.advance(16 * 60_000);
    assert_eq!(phone.folder_sync().await.unwrap().http, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_wipe_is_for_16_1_only_and_never_becomes_a_full_wipe() {
    let house = House::new().await;
    let mut new = house.phone(1, Version::V16_1);
    connect(&mut new).await;
    house.order(&new, CommandKind::AccountWipe).await;
    assert!(matches!(new.connect().await.unwrap(), Handled::Wiped(WipeKind::Account)));
    let mut old = house.make(2, "pixel", Version::V14_1, "acme.test", "pw2");
    connect(&mut old).await;
    house.order(&old, CommandKind::AccountWipe).await;
    let reply = old.folder_sync().await.unwrap();
    assert_eq!((reply.http, reply.headers.get("X-MDM-Reason")), (403, Some("wipe_unsupported")));
    let provisioned = old.provision_first().await.unwrap();
    assert_eq!((provisioned.http, provisioned.wipe), (403, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_wipe_is_ordered_again_on_the_next_contact() {
    let house = House::new().await;
    let mut phone = house.stand_in(1, Version::V16_1);
    connect(&mut phone).await;
    house.order(&phone, CommandKind::FullWipe).await;
    phone.wipe_status = 2;
    let outcome = phone.provision().await.unwrap();
    assert_eq!(outcome.wipe, Some(WipeKind::Device));
    let answer = outcome.replies.last().unwrap();
    assert_eq!(answer.status(), Some(2));
    assert_eq!(phone.folder_sync().await.unwrap().status(), Some(140));
    let empty = phone.provision_empty().await.unwrap();
    assert_eq!(empty.wipe, Some(WipeKind::Device), "the empty form fetches it too");
    phone.wipe_status = 1;
    phone.provision().await.unwrap();
    assert_eq!(phone.wiped, Some(WipeKind::Device));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wipe_of_the_mail_server_is_delivered_and_confirmed_only_afterwards() {
    for version in VERSIONS {
        let house = House::new().await;
        let mut phone = house.phone(1, version);
        connect(&mut phone).await;
        house.mail.order_wipe("u1", &phone.device_id, WipeKind::Device);
        let reply = phone.folder_sync().await.unwrap();
        let form = if version.has_common_status() { (200, Some(140)) } else { (449, None) };
        assert_eq!((reply.http, reply.status()), form, "{version}");
        let id = phone.device_id.clone();
        let there = || house.mail.device("u1", &id).unwrap().wipe_acknowledged;
        assert_eq!(there(), None, "not before the device");
        let first = phone.provision_first().await.unwrap();
        assert_eq!((first.wipe, there()), (Some(WipeKind::Device), None));
        phone.acknowledge_wipe(WipeKind::Device, 1).await.unwrap();
        house.until("confirmed", || there() == Some(1)).await;
        assert_eq!(house.known(&phone).unwrap().state, DeviceState::Wiped);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_that_the_mail_server_missed_is_repeated_on_a_later_contact() {
    let house = House::new().await;
    let mut phone = house.phone(1, Version::V14_1);
    connect(&mut phone).await;
    house.mail.order_wipe("u1", &phone.device_id, WipeKind::Device);
    phone.folder_sync().await.unwrap();
    phone.provision_first().await.unwrap();
    house.mail.script(|s| s.failing = Some((1, Failure::Http(503))));
    phone.acknowledge_wipe(WipeKind::Device, 1).await.unwrap();
    let taken = || house.mail.device("u1", &phone.device_id).unwrap().wipe_acknowledged == Some(1);
    house.until("told again", taken).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wipe_of_the_mail_server_ends_a_ping() {
    let house = House::new().await;
    let mut phone = house.phone(1, Version::V16_1);
    connect(&mut phone).await;
    let id = phone.device_id.clone();
    let waiting = tokio::spawn(async move { phone.ping(600).await.unwrap().reply.status() });
    house.until("parked there", || house.mail.device("u1", &id).unwrap().parked == 1).await;
    house.mail.order_wipe("u1", &id, WipeKind::Account);
    assert_eq!(waiting.await.unwrap(), Some(140));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_of_the_stand_in_gets_the_wipe_and_nothing_else() {
    use domain::model::UserState;
    use engine::users::{self, UserInput};
    let house = House::new().await;
    for (n, version) in VERSIONS.into_iter().enumerate() {
        let user = 1 + n % 3;
        let mut phone = house.stand_in(user, version);
        phone.device_id = format!("OFF{version}").replace('.', "");
        connect(&mut phone).await;
        house.order(&phone, CommandKind::FullWipe).await;
        let known = house.known(&phone).unwrap();
        let edit = |state| UserInput {
            username: format!("u{user}"),
            email: format!("u{user}@beta.test"),
            state: Some(state),
            ..UserInput::default()
        };
        users::edit(&house.engine, &house.beta, known.user, edit(UserState::Disabled)).await.unwrap();
        assert!(matches!(phone.connect().await.unwrap(), Handled::Wiped(WipeKind::Device)), "{version}");
        phone.wiped = None;
        assert_eq!(phone.folder_sync().await.unwrap().http, 401);
        users::edit(&house.engine, &house.beta, known.user, edit(UserState::Active)).await.unwrap();
        house.clock.advance(3_700_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_organization_serves_nobody_but_still_delivers_its_wipes() {
    use domain::model::Organization;
    use engine::organizations::{self, OrganizationEdit};
    let house = House::new().await;
    let system = engine::sign_in::command_line(Organization::SYSTEM);
    for (scope, standin) in [(&house.acme, false), (&house.beta, true)] {
        let phone =
            |n| if standin { house.stand_in(n, Version::V16_1) } else { house.phone(n, Version::V16_1) };
        let (mut wiped, mut bystander) = (phone(1), phone(2));
        connect(&mut wiped).await;
        connect(&mut bystander).await;
        house.order(&wiped, CommandKind::FullWipe).await;
        let set = async |enabled| {
            let edit = OrganizationEdit { enabled: Some(enabled), ..OrganizationEdit::default() };
            organizations::edit(&house.engine, &system, scope.organization(), edit).await.unwrap();
        };
        set(false).await;
        house.mail.clear_seen();
        assert_eq!(bystander.folder_sync().await.unwrap().http, 401);
        assert_eq!(bystander.provision_first().await.unwrap().http, 401);
        // The right name and device with another password gets nothing, and learns nothing.
        let domain = if standin { "beta.test" } else { "acme.test" };
        let mut stranger = house.make(1, "iphone", Version::V16_1, domain, "guess");
        stranger.device_id.clone_from(&wiped.device_id);
        stranger.policy_key = wiped.policy_key;
        let refused = stranger.provision_first().await.unwrap();
        assert_eq!((refused.http, refused.wipe), (401, None));
        assert!(matches!(wiped.connect().await.unwrap(), Handled::Wiped(WipeKind::Device)));
        wiped.wiped = None;
        assert_eq!(wiped.folder_sync().await.unwrap().http, 401);
        assert!(house.mail.seen().is_empty(), "nobody's password went to the mail server");
        set(true).await;
        assert_eq!(house.known(&wiped).unwrap().state, DeviceState::Wiped);
        assert_eq!(bystander.folder_sync().await.unwrap().status(), Some(1), "served again at once");
    }
}
