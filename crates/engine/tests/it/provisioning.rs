use catalog::CommandKind;
use domain::gate::{Authentication, Gate, GateCommand, ProvisionReason, RefusalReason};
use domain::model::Device;
use engine::eas::{self, Acknowledgement};

use crate::commands::ordered;
use crate::house::{HOUR, House, MINUTE, houses};

fn must(reason: ProvisionReason) -> Gate {
    Gate::NeedProvision(reason)
}

async fn acknowledge(house: &House, device: &Device, key: u32, status: u8) -> Acknowledgement {
    eas::acknowledge(house, &house.device(device.id), &key.to_string(), status).await.unwrap()
}

async fn offer(house: &House, device: &Device) -> u32 {
    eas::send_policy(house, &house.device(device.id), "16.1").await.unwrap().temporary_key
}

#[tokio::test]
async fn a_temporary_key_opens_the_acknowledgement_and_nothing_else() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        assert_eq!(house.gate(&phone, 0), must(ProvisionReason::NotProvisioned));
        let temporary = offer(&house, &phone).await;
        assert_ne!(temporary, 0);
        assert_eq!(house.gate(&phone, temporary), must(ProvisionReason::InvalidKey));
        let Acknowledgement::Key(key) = acknowledge(&house, &phone, temporary, 1).await else {
            panic!("not accepted")
        };
        assert_eq!(house.gate(&phone, key), Gate::Serve);
        assert_eq!(house.gate(&phone, temporary), must(ProvisionReason::InvalidKey));
        let again = acknowledge(&house, &phone, temporary, 1).await;
        assert_eq!(again, Acknowledgement::WrongKey, "it was used up");
        assert_eq!(house.gate(&phone, key), Gate::Serve, "and that changed nothing");
        assert_eq!(house.journaled(&house.acme, "channel.policy_applied", phone.id).await, 1);
        house.finish().await;
    }
}

#[tokio::test]
async fn a_temporary_key_lives_ten_minutes_and_until_the_next_one() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        let late = offer(&house, &phone).await;
        house.clock.advance(10 * MINUTE + 1);
        assert_eq!(acknowledge(&house, &phone, late, 1).await, Acknowledgement::WrongKey);
        let replaced = offer(&house, &phone).await;
        let newest = offer(&house, &phone).await;
        assert_eq!(acknowledge(&house, &phone, replaced, 1).await, Acknowledgement::WrongKey);
        house.clock.advance(10 * MINUTE);
        assert!(matches!(acknowledge(&house, &phone, newest, 1).await, Acknowledgement::Key(_)));
        house.finish().await;
    }
}

#[tokio::test]
async fn wrong_keys_are_wrong_also_those_of_the_other_organization() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        let twin = house.enrol(&house.globex, "PHONE1").await;
        let (mine, theirs) = (offer(&house, &phone).await, offer(&house, &twin).await);
        for key in [theirs, 0, mine.wrapping_add(1)] {
            assert_eq!(acknowledge(&house, &phone, key, 1).await, Acknowledgement::WrongKey);
        }
        for text in ["", "abc", "-1", "99999999999999999999", "1 2"] {
            let outcome = eas::acknowledge(&house, &house.device(phone.id), text, 1).await;
            assert_eq!(outcome, Ok(Acknowledgement::WrongKey), "{text}");
        }
        let Acknowledgement::Key(key) = acknowledge(&house, &twin, theirs, 1).await else { panic!("twin") };
        assert_eq!(house.gate(&twin, key), Gate::Serve);
        assert_eq!(house.gate(&phone, key), must(ProvisionReason::InvalidKey));
        house.finish().await;
    }
}

#[tokio::test]
async fn each_status_of_an_acknowledgement_has_its_consequence() {
    for house in houses().await {
        for (status, lenient, expected) in [
            (2, true, None),
            (2, false, Some(Acknowledgement::PartialNotAllowed)),
            (3, true, Some(Acknowledgement::Refused)),
            (4, false, Some(Acknowledgement::ExternalNotAllowed)),
            (4, true, None),
            (0, true, Some(Acknowledgement::Invalid)),
            (5, true, Some(Acknowledgement::Invalid)),
        ] {
            house
                .settings(&house.acme, |s| {
                    s.allow_partial_policy = lenient;
                    s.allow_external_management = lenient;
                })
                .await;
            let phone = house.enrol(&house.acme, &format!("P{status}{lenient}")).await;
            let temporary = offer(&house, &phone).await;
            let outcome = acknowledge(&house, &phone, temporary, status).await;
            match (outcome, expected.clone()) {
                (Acknowledgement::Key(key), None) => assert_eq!(house.gate(&phone, key), Gate::Serve),
                (outcome, Some(expected)) => assert_eq!(outcome, expected),
                (outcome, None) => panic!("{status}: {outcome:?}"),
            }
            if expected == Some(Acknowledgement::Invalid) {
                let good = acknowledge(&house, &phone, temporary, 1).await;
                assert!(matches!(good, Acknowledgement::Key(_)), "the offer is still open");
            } else if expected.is_some() {
                // By the channel, or by the rule about it, whichever speaks first.
                let gate = house.gate(&phone, 0);
                let refused = matches!(
                    gate,
                    Gate::Refuse(RefusalReason::PolicyRefused | RefusalReason::Restricted { .. })
                );
                assert!(refused, "{status}: {gate:?}");
                assert_eq!(house.journaled(&house.acme, "channel.policy_refused", phone.id).await, 1);
                // Provision itself stays open: that is how it mends.
                let retry = house.gate_with(&phone, 0, GateCommand::Provision, Authentication::Verified);
                assert_eq!(retry, Gate::Serve);
                let temporary = offer(&house, &phone).await;
                let Acknowledgement::Key(key) = acknowledge(&house, &phone, temporary, 1).await else {
                    panic!("not accepted")
                };
                assert_eq!(house.gate(&phone, key), Gate::Serve);
            }
        }
        house.finish().await;
    }
}

#[tokio::test]
async fn a_refresh_and_the_interval_make_a_key_old() {
    for house in houses().await {
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        house.clock.advance(1);
        ordered(&house, &house.acme.all, phone.id, CommandKind::PolicyRefresh).await;
        assert_eq!(house.gate(&phone, key), must(ProvisionReason::PolicyRefresh));
        house.clock.advance(1);
        let key = house.provision(phone.id).await;
        assert_eq!(house.gate(&phone, key), Gate::Serve);
        house.settings(&house.acme, |s| s.policy_refresh_hours = 24).await;
        house.clock.advance(24 * HOUR - 1);
        assert_eq!(house.gate(&phone, key), Gate::Serve);
        house.clock.advance(1);
        assert_eq!(house.gate(&phone, key), must(ProvisionReason::PolicyRefresh));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_device_that_provisions_in_a_loop_is_slowed_down() {
    for house in houses().await {
        let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
        for _ in 0..5 {
            house.provision(phone.id).await;
        }
        let looping = house.gate(&phone, 0);
        assert!(matches!(looping, Gate::Refuse(RefusalReason::Looping { retry_after: 30 })), "{looping:?}");
        let served = house.device(phone.id).eas().unwrap().eas.applied.as_ref().unwrap().key;
        assert_eq!(house.gate(&phone, served), Gate::Serve, "mail with a good key goes on");
        house.clock.advance(10 * MINUTE);
        assert_eq!(house.gate(&phone, 0), must(ProvisionReason::NotProvisioned));
        house.finish().await;
    }
}

#[tokio::test]
async fn what_a_device_says_of_itself_is_bounded() {
    for house in houses().await {
        let huge = "x".repeat(100_000);
        let hello = eas::Hello {
            user_agent: huge.clone(),
            device_type: huge.clone(),
            ..crate::house::hello("P1", "16.1")
        };
        let login = house.login(&house.acme, "anna");
        let eas::Admission::Device(phone) = eas::admit(&house, &login, &hello).await.unwrap() else {
            panic!("not admitted")
        };
        eas::heard(&house, &phone, &hello, None).await.unwrap();
        let said = [("model", huge.clone()), ("imei", huge)];
        eas::report_device_information(&house, &house.device(phone.id), &said).await.unwrap();
        let device = house.device(phone.id);
        let rev = device.rev;
        assert!(serde_json::to_string(&*device).unwrap().len() < 10_000);
        eas::heard(&house, &device, &hello, None).await.unwrap();
        eas::report_device_information(&house, &device, &said).await.unwrap();
        assert_eq!(house.device(phone.id).rev, rev, "the same again is no news");
        house.finish().await;
    }
}
