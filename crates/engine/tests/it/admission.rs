use std::sync::Arc;

use catalog::CommandKind;
use domain::gate::{Gate, RefusalReason};
use domain::model::{DeviceState, Organization, UserState};
use engine::eas::{self, Admission};
use engine::organizations::{self, OrganizationEdit};
use engine::servers::{self, ServerInput};
use engine::sign_in;
use engine::users::{self, UserInput};

use crate::commands::ordered;
use crate::house::{House, Tenant, hello, houses, user};

async fn server(house: &House, tenant: &Tenant, hands_off: bool, quarantine: bool) {
    let input = ServerInput {
        name: "Mail".into(),
        url: format!("mail.{}", tenant.domain),
        hands_off,
        quarantine,
        mail_domains: vec![tenant.domain.into()],
        ..ServerInput::default()
    };
    let id = servers::create(house, &tenant.all, input).await.unwrap();
    house.settings(tenant, |s| s.default_server = Some(id)).await;
}

#[tokio::test]
async fn accounts_are_made_by_themselves_only_where_the_server_says_so() {
    for house in houses().await {
        server(&house, &house.acme, true, false).await;
        server(&house, &house.globex, false, false).await;
        let login = house.login(&house.acme, "newcomer");
        assert!(login.user.is_none() && login.server.is_some());
        let Admission::Device(device) = eas::admit(&house, &login, &hello("P1", "16.1")).await.unwrap()
        else {
            panic!("not admitted")
        };
        assert_eq!(device.state, DeviceState::Enrolled);
        let made = house.login(&house.acme, "newcomer").user.unwrap();
        assert!(made.hands_off && made.email == "newcomer@acme.test");
        assert_eq!(house.journaled(&house.acme, "user.hands_off_created", made.id).await, 1);
        assert_eq!(house.journaled(&house.acme, "device.enrolled", device.id).await, 1);
        let login = house.login(&house.globex, "newcomer");
        let outcome = eas::admit(&house, &login, &hello("P1", "16.1")).await.unwrap();
        assert!(matches!(outcome, Admission::UserUnknown), "{outcome:?}");
        assert!(house.login(&house.globex, "newcomer").user.is_none());
        house.finish().await;
    }
}

#[tokio::test]
async fn equal_names_in_two_mail_domains_are_two_people() {
    for house in houses().await {
        server(&house, &house.acme, true, false).await;
        let system = sign_in::command_line(Organization::SYSTEM);
        let domains = Some(vec!["acme.test".to_owned(), "acme.example".to_owned()]);
        let edit = OrganizationEdit { mail_domains: domains, ..OrganizationEdit::default() };
        organizations::edit(&house, &system, house.acme.id, edit).await.unwrap();
        let user_of = |name: &str| eas::resolve(&house, None, name).unwrap().user.map(|user| user.id);
        let anna = Some(house.acme.anna.id);
        assert_eq!(user_of("anna@acme.test"), anna);
        assert_eq!(user_of("anna@acme.example"), None, "that is another anna");
        for round in ["P1", "P2"] {
            let other = eas::resolve(&house, None, "anna@acme.example").unwrap();
            let admitted = eas::admit(&house, &other, &hello(round, "16.1")).await.unwrap();
            assert!(matches!(admitted, Admission::Device(device) if Some(device.user) != anna));
        }
        let other = eas::resolve(&house, None, "anna@acme.example").unwrap().user.unwrap();
        assert_eq!(
            (other.username.as_str(), other.email.as_str()),
            ("anna@acme.example", "anna@acme.example")
        );
        assert_eq!(house.journaled(&house.acme, "user.hands_off_created", other.id).await, 1);
        assert_eq!(user_of("anna@acme.test"), anna);
        house.finish().await;
    }
}

#[tokio::test]
async fn a_device_in_quarantine_gets_nothing_until_it_is_released() {
    for house in houses().await {
        house.settings(&house.acme, |s| s.stand_in_hands_off = false).await;
        let phone = house.enrol(&house.acme, "PHONE1").await;
        assert_eq!(phone.state, DeviceState::Quarantined);
        assert_eq!(house.gate(&phone, 0), Gate::Refuse(RefusalReason::Quarantined));
        let twin = house.enrol(&house.globex, "PHONE1").await;
        assert_eq!(twin.state, DeviceState::Enrolled, "each organization by its own setting");
        ordered(&house, &house.acme.all, phone.id, CommandKind::QuarantineRelease).await;
        assert!(matches!(house.gate(&phone, 0), Gate::NeedProvision(_)));
        let key = house.provision(phone.id).await;
        assert_eq!(house.gate(&phone, key), Gate::Serve);
        assert_eq!(house.journaled(&house.acme, "device.quarantined", phone.id).await, 1);
        assert_eq!(house.journaled(&house.acme, "device.released", phone.id).await, 1);
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_first_contacts_make_one_user_and_one_device() {
    for house in houses().await {
        server(&house, &house.acme, true, false).await;
        let house = Arc::new(house);
        let contacts: Vec<_> = (0..20)
            .map(|n| {
                let house = Arc::clone(&house);
                tokio::spawn(async move {
                    let login = house.login(&house.acme, if n % 2 == 0 { "newcomer" } else { "NewComer" });
                    // The same id in another case is the same device.
                    let id = if n % 3 == 0 { "ABCDEF" } else { "abcdef" };
                    match eas::admit(&house, &login, &hello(id, "16.1")).await.unwrap() {
                        Admission::Device(device) => device.id,
                        other => panic!("{other:?}"),
                    }
                })
            })
            .collect();
        let mut ids = Vec::new();
        for contact in contacts {
            ids.push(contact.await.unwrap());
        }
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        let org = house.directory().organization(house.acme.id).unwrap();
        let counts = {
            let org = org.read();
            (org.devices.len(), org.user_count())
        };
        assert_eq!(counts, (1, 2));
        assert_eq!(house.journaled(&house.acme, "device.enrolled", ids[0]).await, 1);
        drop(org);
        Arc::into_inner(house).unwrap().finish().await;
    }
}

#[tokio::test]
async fn the_limit_of_devices_holds_for_parallel_contacts_and_counts_live_ones() {
    for house in houses().await {
        house.settings(&house.acme, |s| s.max_devices_per_user = 3).await;
        let login = house.login(&house.acme, "anna");
        let ids: Vec<_> = (0..10).map(|n| hello(&format!("P{n}"), "16.1")).collect();
        let contacts = ids.iter().map(|hello| eas::admit(&house, &login, hello));
        let outcomes = futures_util::future::join_all(contacts).await;
        let admitted: Vec<_> = outcomes
            .into_iter()
            .filter_map(|o| match o.unwrap() {
                Admission::Device(device) => Some(device),
                Admission::TooManyDevices => None,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(admitted.len(), 3);
        // A device that is known is always let on; one that was removed makes room.
        let again = eas::admit(&house, &login, &hello(&admitted[0].eas().unwrap().external_id, "16.1")).await;
        assert!(matches!(again, Ok(Admission::Device(d)) if d.id == admitted[0].id));
        engine::devices::remove(&house, &house.acme.all, admitted[0].id).await.unwrap();
        assert!(matches!(eas::admit(&house, &login, &hello("P99", "16.1")).await, Ok(Admission::Device(_))));
        for n in 0..5 {
            house.enrol(&house.globex, &format!("P{n}")).await;
        }
        house.finish().await;
    }
}

#[tokio::test]
async fn a_disabled_user_gets_no_device_and_no_mail() {
    for house in houses().await {
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        let off = UserInput { state: Some(UserState::Disabled), ..user("anna", "acme.test") };
        users::edit(&house, &house.acme.all, house.acme.anna.id, off).await.unwrap();
        assert_eq!(house.gate(&phone, key), Gate::Refuse(RefusalReason::UserDisabled));
        let outcome = eas::admit(&house, &house.login(&house.acme, "anna"), &hello("P2", "16.1")).await;
        assert!(matches!(outcome, Ok(Admission::UserDisabled)), "{outcome:?}");
        let (twin, key) = house.provisioned(&house.globex, "PHONE1").await;
        assert_eq!(house.gate(&twin, key), Gate::Serve);
        house.finish().await;
    }
}
