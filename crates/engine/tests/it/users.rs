use catalog::Permission;
use domain::model::UserState;
use domain::notification::NotificationSettings;
use engine::eas::{self, Admission};
use engine::users::{self, UserInput};
use engine::{Error, policy};

use crate::house::{House, hello, houses, user};

fn fields<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<String> {
    match outcome {
        Err(Error::Invalid(issues)) => issues.into_iter().map(|i| i.field).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn users_of_the_same_name_live_in_two_organizations_and_do_not_meet() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        assert_ne!(acme.anna.id, globex.anna.id);
        assert_eq!(users::get(&house, &globex.all, acme.anna.id).err(), Some(Error::NotFound("user")));
        let edit = users::edit(&house, &globex.all, acme.anna.id, user("anna", "globex.test")).await;
        assert_eq!(edit, Err(Error::NotFound("user")));
        assert_eq!(
            users::remove(&house, &globex.all, acme.anna.id, true).await,
            Err(Error::NotFound("user"))
        );
        let twice = users::create(&house, &acme.all, user("ANNA", "acme.test")).await;
        assert!(matches!(twice, Err(Error::Invalid(_) | Error::Conflict(_))), "{twice:?}");
        assert_eq!(house.login(acme, "anna").user.map(|u| u.id), Some(acme.anna.id));
        assert_eq!(house.login(globex, "anna").user.map(|u| u.id), Some(globex.anna.id));
        let by_domain = eas::resolve(&house, None, "ACME\\anna").unwrap();
        assert_eq!(by_domain.organization.id, acme.id);
        let crossed = eas::resolve(&house, Some("acme.mdm.test:443"), "anna@globex.test");
        assert!(crossed.is_none(), "a host of one and a domain of another is nobody");
        assert!(eas::resolve(&house, None, "anna").is_none(), "two organizations, so no guess");
        house.finish().await;
    }
}

#[tokio::test]
async fn wrong_fields_are_named() {
    for house in houses().await {
        let all = &house.acme.all;
        let foreign = UserInput { domain: "globex".into(), ..user("bob", "globex.test") };
        assert_eq!(fields(users::create(&house, all, foreign).await), ["email", "domain"]);
        let same_address = UserInput { email: "anna@acme.test".into(), ..user("bob", "acme.test") };
        assert_eq!(fields(users::create(&house, all, same_address).await), ["email"]);
        let long = UserInput { display_name: "x".repeat(201), ..user("bob", "acme.test") };
        assert_eq!(fields(users::create(&house, all, long).await), ["display_name"]);
        assert_eq!(
            fields(users::create(&house, all, user("", "acme.test")).await).first().unwrap(),
            "username"
        );
        let draft = policy::SuiteInput { name: "Draft".into(), ..policy::SuiteInput::default() };
        let draft = policy::create(&house, all, draft).await.unwrap();
        let unpublished = UserInput { suite: Some(draft), ..user("bob", "acme.test") };
        assert_eq!(fields(users::create(&house, all, unpublished).await), ["suite"]);
        let weak = UserInput { password: "short".into(), ..user("bob", "acme.test") };
        assert_eq!(fields(users::create(&house, all, weak).await), ["password"]);
        house.finish().await;
    }
}

#[tokio::test]
async fn a_password_needs_its_own_permission_and_ends_cached_proofs() {
    for house in houses().await {
        let role = house.role(&house.acme, "Editor", &[Permission::DevicesView, Permission::UsersEdit]).await;
        let editor = house.administrator(&house.acme, "editor", role).await;
        let with_password =
            |password: &str| UserInput { password: password.into(), ..user("anna", "acme.test") };
        let denied = users::edit(&house, &editor, house.acme.anna.id, with_password("first password")).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        let set = async |password: &str| {
            users::edit(&house, &house.acme.all, house.acme.anna.id, with_password(password)).await.unwrap();
        };
        let good = async |house: &House, password: &str| {
            let anna = house.login(&house.acme, "anna").user;
            eas::verify_local(house, anna.as_ref(), password).await.unwrap()
        };
        assert!(!good(&house, "first password").await, "none was set");
        set("first password").await;
        assert!(good(&house, "first password").await && good(&house, "first password").await);
        set("second password").await;
        assert!(!good(&house, "first password").await, "the proof of the old one is gone");
        assert!(good(&house, "second password").await);
        let other = house.login(&house.globex, "anna").user;
        assert!(!eas::verify_local(&house, other.as_ref(), "second password").await.unwrap());
        users::edit(&house, &editor, house.acme.anna.id, user("anna", "acme.test")).await.unwrap();
        assert!(good(&house, "second password").await, "an edit without a password keeps it");
        let off = UserInput { state: Some(UserState::Disabled), ..user("anna", "acme.test") };
        users::edit(&house, &house.acme.all, house.acme.anna.id, off).await.unwrap();
        assert!(!good(&house, "second password").await, "a disabled user proves nothing");
        let text = house.journal_text(house.acme.id).await;
        assert!(!text.contains("second password") && !text.contains("argon2"));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_user_with_devices_goes_only_with_them_and_never_with_a_pending_wipe() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        let twin = house.enrol(&house.globex, "PHONE1").await;
        let (all, anna) = (&house.acme.all, house.acme.anna.id);
        assert!(matches!(users::remove(&house, all, anna, false).await, Err(Error::Conflict(_))));
        let wipe = crate::commands::ordered(&house, all, phone.id, catalog::CommandKind::FullWipe).await;
        assert!(matches!(users::remove(&house, all, anna, true).await, Err(Error::Conflict(_))));
        engine::commands::cancel(&house, all, wipe.id).await.unwrap();
        users::remove(&house, all, anna, true).await.unwrap();
        assert!(house.login(&house.acme, "anna").user.is_none());
        assert_eq!(house.journaled(&house.acme, "device.deleted", phone.id).await, 1);
        assert_eq!(house.journaled(&house.acme, "user.deleted", anna).await, 1);
        assert_eq!(house.device(twin.id).id, twin.id, "the other organization's is untouched");
        // The name and the device id are free again.
        users::create(&house, all, user("anna", "acme.test")).await.unwrap();
        assert_ne!(house.enrol(&house.acme, "PHONE1").await.id, phone.id);
        house.finish().await;
    }
}

#[tokio::test]
async fn two_users_can_swap_their_addresses_and_are_both_found() {
    for house in houses().await {
        let all = &house.acme.all;
        let bob = users::create(&house, all, user("bob", "acme.test")).await.unwrap();
        let named = |email: &str, name: &str| UserInput { email: email.into(), ..user(name, "acme.test") };
        users::edit(&house, all, bob.id, named("", "bob")).await.unwrap();
        users::edit(&house, all, house.acme.anna.id, named("bob@acme.test", "anna")).await.unwrap();
        users::edit(&house, all, bob.id, named("anna@acme.test", "bob")).await.unwrap();
        let found = |address: &str| eas::resolve(&house, None, address).unwrap().user.unwrap().id;
        assert_eq!(found("bob@acme.test"), house.acme.anna.id);
        assert_eq!(found("anna@acme.test"), bob.id);
        let login = eas::resolve(&house, None, "anna@acme.test").unwrap();
        let Admission::Device(device) = eas::admit(&house, &login, &hello("X1", "14.1")).await.unwrap()
        else {
            panic!("not admitted")
        };
        assert_eq!(device.user, bob.id);
        house.finish().await;
    }
}

#[tokio::test]
async fn proofs_and_mailboxes_belong_to_the_user_and_not_to_the_name() {
    for house in houses().await {
        let all = &house.acme.all;
        let bob = users::create(&house, all, user("bob", "acme.test")).await.unwrap();
        let named = |email: &str, name: &str| UserInput { email: email.into(), ..user(name, "acme.test") };
        users::edit(&house, all, bob.id, named("", "bob")).await.unwrap();
        let nameless = eas::resolve(&house, None, "bob@acme.test").unwrap();
        let has = |login: &eas::Login, address: &str| eas::is_mailbox_of(login, &[address.to_owned()]);
        assert!(!has(&nameless, "bob@acme.test"), "a user without an address has nothing to compare with");
        users::edit(&house, all, house.acme.anna.id, named("bob@acme.test", "anna")).await.unwrap();
        users::edit(&house, all, bob.id, named("anna@acme.test", "bob")).await.unwrap();
        let by_name = house.login(&house.acme, "bob");
        let anna = eas::resolve(&house, None, "ACME\\anna").unwrap();
        let by_address = eas::resolve(&house, None, "anna@acme.test").unwrap();
        assert_eq!((anna.username.as_str(), by_address.username.as_str()), ("anna", "anna"));
        let hash = |login: &eas::Login| eas::credential_hash(&house, login, "", "secret");
        assert_ne!(hash(&anna), hash(&by_address), "one is anna, the other is bob");
        assert_ne!(hash(&house.login(&house.globex, "anna")), hash(&anna));
        assert_eq!(by_name.user.as_ref().map(|u| u.id), Some(house.acme.anna.id));
        assert!(has(&by_address, "Anna@ACME.test") && !has(&anna, "anna@acme.test"));
        assert!(!has(&by_address, "anna@globex.test") && !eas::is_mailbox_of(&by_address, &[]));
        let stranger = house.login(&house.acme, "carl");
        assert!(has(&stranger, "carl@acme.test") && !has(&stranger, "anna@acme.test"));
        let bare = eas::resolve(&house, None, "ACME\\carl").unwrap();
        assert!(!has(&bare, "carl@acme.test"), "he gave no address");
        house.finish().await;
    }
}

/// Refused everywhere: at the gate, and by Cisco ISE, with a reason; all of it is back as soon as the user is.
#[tokio::test]
async fn the_devices_of_a_disabled_user_lose_everything_and_get_it_back_at_once() {
    use catalog::Target;
    use domain::gate::{Gate, RefusalReason};
    use domain::model::{Exception, ExceptionKind, Level, RuleConfig};
    use engine::compliance::{self, AccessEdit};
    use engine::ise;
    for house in houses().await {
        let all = &house.acme.all;
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        let (twin, twin_key) = house.provisioned(&house.globex, "PHONE1").await;
        // No setting lets a disabled user through.
        let never = Exception {
            kind: ExceptionKind::Never,
            expires_at: None,
            note: String::new(),
            by: String::new(),
        };
        let edit = AccessEdit::Exception { level: Level::User(house.acme.anna.id), exception: Some(never) };
        compliance::edit_access(&house, all, vec![edit]).await.unwrap();
        let off = RuleConfig {
            on: false,
            params: catalog::Params::default(),
            unknown_is_violation: false,
            grace_minutes: 0,
            remediation: None,
        };
        let rule = AccessEdit::Rule { rule: catalog::RuleId::UserDisabled, config: Some(off) };
        assert_eq!(fields(compliance::edit_access(&house, all, vec![rule]).await), ["rule"]);

        let set = async |state| {
            let edit = UserInput { state: Some(state), ..user("anna", "acme.test") };
            users::edit(&house, all, house.acme.anna.id, edit).await.unwrap();
        };
        for _ in 0..2 {
            set(UserState::Disabled).await;
            let now = house.device(phone.id);
            let told = ise::attributes(&house, &NotificationSettings::default(), &now);
            assert!(told.registered && !told.compliant);
            assert_eq!(told.failure_reason, "The user of the device is disabled.");
            assert_eq!(told.remediation, "Ask your administrator to enable your account again.");
            assert!(!now.verdict.allows(Target::ActivesyncConnections));
            assert_eq!(house.gate(&phone, key), Gate::Refuse(RefusalReason::UserDisabled));
            set(UserState::Active).await;
            assert!(ise::is_compliant(&house.device(phone.id)));
            assert_eq!(house.gate(&phone, key), Gate::Serve);
        }
        assert_eq!(
            house.journaled(&house.acme, "device.restricted", phone.id).await,
            4,
            "two targets, twice"
        );
        assert_eq!(house.journaled(&house.acme, "device.restored", phone.id).await, 4);

        set(UserState::Disabled).await;
        crate::commands::ordered(&house, all, phone.id, catalog::CommandKind::FullWipe).await;
        assert!(matches!(house.gate(&phone, key), Gate::WipeNow { .. }), "a wipe goes before everything");
        assert!(ise::is_compliant(&house.device(twin.id)));
        assert_eq!(house.gate(&twin, twin_key), Gate::Serve, "the other organization's anna is another one");
        house.finish().await;
    }
}

#[tokio::test]
async fn many_users_get_the_same_and_who_has_it_is_not_written_again() {
    for house in houses().await {
        let all = &house.acme.all;
        let input = engine::groups::GroupInput { name: "Sales".into(), ..Default::default() };
        let sales = engine::groups::create(&house, all, input).await.unwrap();
        let mut ids = vec![house.acme.anna.id];
        for name in ["bob", "carla"] {
            ids.push(users::create(&house, all, user(name, "acme.test")).await.unwrap().id);
        }
        let what = users::UserChange { join: Some(sales), ..Default::default() };
        assert_eq!(users::change(&house, all, &ids[..2], &what).await, Ok(2));
        assert_eq!(users::change(&house, all, &ids, &what).await, Ok(1), "two are in it already");
        let off =
            users::UserChange { state: Some(UserState::Disabled), leave: Some(sales), ..Default::default() };
        assert_eq!(users::change(&house, all, &ids, &off).await, Ok(3));
        assert_eq!(users::change(&house, all, &ids, &off).await, Ok(0));
        for id in &ids {
            let user = users::get(&house, all, *id).unwrap();
            assert_eq!((user.state, user.groups.len()), (UserState::Disabled, 0));
            assert_eq!(user.credential_epoch, 2, "what was proved before counts no more");
            assert_eq!(house.journaled(&house.acme, "user.disabled", *id).await, 1);
        }
        let foreign = users::change(&house, all, &[house.globex.anna.id], &off).await;
        assert_eq!(fields(foreign), ["users"]);
        let both = users::UserChange { join: Some(sales), leave: Some(sales), ..Default::default() };
        assert_eq!(fields(users::change(&house, all, &ids, &both).await), ["leave"]);
        let role = house.role(&house.acme, "Editor", &[Permission::DevicesView, Permission::UsersEdit]).await;
        let editor = house.administrator(&house.acme, "editor", role).await;
        assert!(matches!(users::change(&house, &editor, &ids, &what).await, Err(Error::Denied(_))));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_user_can_have_a_limit_of_devices_of_their_own() {
    for house in houses().await {
        house.settings(&house.acme, |s| s.max_devices_per_user = 1).await;
        let all = &house.acme.all;
        let admitted = async |name: &str, device: &str| {
            let outcome = eas::admit(&house, &house.login(&house.acme, name), &hello(device, "16.1")).await;
            match outcome.unwrap() {
                Admission::Device(_) => true,
                Admission::TooManyDevices => false,
                other => panic!("{other:?}"),
            }
        };
        let set = async |shared, max_devices| {
            let input = UserInput { shared, max_devices, ..user("anna", "acme.test") };
            users::edit(&house, all, house.acme.anna.id, input).await.unwrap();
        };
        assert!(admitted("anna", "P1").await && !admitted("anna", "P2").await, "as the organization says");
        set(false, Some(2)).await;
        assert!(
            admitted("anna", "P2").await && !admitted("anna", "P3").await,
            "as the user's own limit says"
        );
        set(false, Some(0)).await;
        assert!(admitted("anna", "P3").await, "none is no limit");
        set(true, Some(1)).await;
        assert!(admitted("anna", "P4").await, "a shared account has none");
        house.finish().await;
    }
}
