//! OPTIONS, credentials, refusals by version, and the two phases.

use simulator::eas::{Credentials, Handled, Need, Version, command_code};
use simulator::mailserver::Refusal;
use simulator::wbxml::el;

use crate::stage::Stage;

#[tokio::test]
async fn options_offers_versions_and_commands() {
    let stage = Stage::new().await;
    let mut phone = stage.phone(Version::V16_1);
    let offer = phone.options().await.unwrap();
    assert_eq!((offer.http, offer.versions.as_slice()), (200, &Version::ALL[..]));
    assert!(offer.commands.iter().any(|c| c == "Provision"));
    assert!(offer.commands.iter().all(|c| command_code(c).is_some()), "{:?}", offer.commands);
    phone.credentials = Credentials::basic("u1", "wrong");
    let refused = phone.options().await.unwrap();
    assert_eq!(refused.http, 401);
    assert!(refused.reply.headers.get("WWW-Authenticate").unwrap().starts_with("Basic"));
}

#[tokio::test]
async fn the_highest_common_version_is_negotiated() {
    let stage = Stage::new().await;
    stage.control.script(|s| s.versions = vec![Version::V12_1, Version::V14_1]);
    let mut phone = stage.phone(Version::V16_1);
    phone.negotiate(Version::V16_1).await.unwrap();
    assert_eq!(phone.version, Version::V14_1);
}

#[tokio::test]
async fn a_new_phone_is_refused_in_the_form_of_its_version() {
    let stage = Stage::new().await;
    for version in Version::ALL {
        let reply = stage.phone(version).folder_sync().await.unwrap();
        assert_eq!(reply.need(), Need::Provision, "{version}");
        if version.has_common_status() {
            assert_eq!((reply.http, reply.status()), (200, Some(142)), "{version}");
        } else {
            assert_eq!((reply.http, reply.body.len()), (449, 0), "{version}");
        }
    }
    for (refusal, with_body) in [(Refusal::Bare449, false), (Refusal::Full449, true)] {
        stage.control.script(|s| s.refusal = refusal);
        let reply = stage.phone(Version::V14_1).folder_sync().await.unwrap();
        assert_eq!((reply.http, reply.status()), (449, with_body.then_some(142)));
    }
}

#[tokio::test]
async fn a_phone_provisions_itself_and_gets_its_folders_at_every_version() {
    let stage = Stage::new().await;
    for version in Version::ALL {
        for base64 in [false, true] {
            let mut phone = stage.phone(version);
            phone.base64_query = base64;
            let handled = phone.connect().await.unwrap();
            assert!(
                matches!(handled, Handled::Done(ref r) if r.status() == Some(1)),
                "{version}: {handled:?}"
            );
            assert!(phone.folder(2).is_some_and(|f| f.name == "Inbox"));
            let view = stage.control.device("u1", &phone.device_id).unwrap();
            assert_eq!(view.key, Some(phone.policy_key));
            if version >= Version::V12_0 {
                assert_eq!(phone.policy.get("MinDevicePasswordLength").map(String::as_str), Some("9"));
            } else {
                assert_eq!(phone.policy.get("4131").map(String::as_str), Some("0"));
            }
            assert_eq!(view.information.is_empty(), version < Version::V14_1, "{version}");
            stage.control.forget_device("u1", &phone.device_id);
        }
    }
}

#[tokio::test]
async fn the_wrong_key_is_not_acknowledged() {
    let stage = Stage::new().await;
    let mut phone = stage.phone(Version::V14_1);
    let first = phone.provision_first().await.unwrap();
    assert_eq!((first.status, first.policy_status), (Some(1), Some(1)));
    let key = first.key.unwrap();
    let wrong = phone.provision_acknowledge(key ^ 1, 1).await.unwrap();
    assert_eq!((wrong.policy_status, wrong.key), (Some(5), None));
    let right = phone.provision_acknowledge(key, 1).await.unwrap();
    assert_eq!(right.policy_status, Some(1));
    assert_ne!(right.key, Some(key), "the final key is a new one");
}

#[tokio::test]
async fn device_information_is_wanted_from_14_1_on() {
    let stage = Stage::new().await;
    let mut phone = stage.phone(Version::V16_1);
    phone.tells_information = false;
    assert_eq!(phone.provision_first().await.unwrap().status, Some(165));
    phone.tells_information = true;
    assert_eq!(phone.provision_first().await.unwrap().policy_status, Some(1));
}

#[tokio::test]
async fn a_phone_that_refuses_the_policy_stays_out() {
    let stage = Stage::new().await;
    let mut phone = stage.phone(Version::V14_1);
    phone.acknowledges = 3;
    let handled = phone.connect().await.unwrap();
    assert!(matches!(handled, Handled::Refused(ref r) if r.status() == Some(141)), "{handled:?}");
    assert_eq!(phone.policy_key, 0);
}

#[tokio::test]
async fn a_server_without_policies_says_so_and_serves() {
    let stage = Stage::new().await;
    stage.control.script(|s| s.policy = None);
    let mut phone = stage.phone(Version::V14_1);
    assert_eq!(phone.folder_sync().await.unwrap().status(), Some(1));
    let outcome = phone.provision().await.unwrap();
    assert_eq!((outcome.status, outcome.policy_status, outcome.key), (Some(1), Some(2), None));
}

#[tokio::test]
async fn a_forced_refusal_is_mended_by_the_phone_itself() {
    let stage = Stage::new().await;
    let mut phone = stage.phone(Version::V16_1);
    phone.connect().await.unwrap();
    let key = phone.policy_key;
    stage.control.force_provision("u1", None);
    assert_eq!(phone.folder_sync().await.unwrap().status(), Some(142));
    assert!(phone.connect().await.unwrap().done().is_some());
    assert_ne!(phone.policy_key, key);
    assert_eq!(stage.control.device("u1", &phone.device_id).unwrap().provisions, 2);
}

#[tokio::test]
async fn tokens_work_where_passwords_do_not() {
    let stage = Stage::new().await;
    stage.control.script(|s| {
        s.basic = false;
        s.versions = vec![Version::V16_1];
    });
    stage.control.add_token("token-of-u1", "u1");
    let mut phone = stage.phone(Version::V16_1);
    let refused = phone.options().await.unwrap();
    let challenge = refused.reply.headers.get("WWW-Authenticate").unwrap_or_default();
    assert!(refused.http == 401 && challenge.starts_with("Bearer "), "{challenge}");
    phone.credentials = Credentials::Bearer("token-of-u1".to_owned());
    assert!(phone.connect().await.unwrap().done().is_some());
    phone.version = Version::V14_1;
    assert_eq!(phone.folder_sync().await.unwrap().status(), Some(138), "only 16.1 is served");
    phone.version = Version::V16_1;
    stage.control.revoke_token("token-of-u1");
    assert_eq!(phone.folder_sync().await.unwrap().http, 401);
}

#[tokio::test]
async fn settings_are_answered() {
    let stage = Stage::new().await;
    for version in [Version::V12_1, Version::V14_1] {
        let mut phone = stage.phone(version);
        phone.connect().await.unwrap();
        let reply = phone.settings_device_information().await.unwrap();
        assert_eq!(reply.number_at("DeviceInformation/Status"), Some(1));
        let view = stage.control.device("u1", &phone.device_id).unwrap();
        assert!(view.information.iter().any(|(n, v)| n == "OS" && v.starts_with("iOS")));
        let user = phone.settings_user_information().await.unwrap();
        let path = if version >= Version::V14_1 {
            "UserInformation/Get/Accounts/Account/EmailAddresses/SmtpAddress"
        } else {
            "UserInformation/Get/EmailAddresses/SmtpAddress"
        };
        assert_eq!(user.text_at(path), Some("u1@example.test"));
        assert_eq!(phone.settings_out_of_office().await.unwrap().text_at("Oof/Get/OofState"), Some("0"));
    }
}

#[tokio::test]
async fn a_command_that_does_not_exist_is_refused() {
    let stage = Stage::new().await;
    let mut phone = stage.phone(Version::V14_1);
    phone.connect().await.unwrap();
    let reply = phone.exchange("GetHierarchy", &el("FolderHierarchy:FolderSync")).await.unwrap();
    assert_eq!(reply.http, 400);
    phone.version = Version::V12_1;
    assert_eq!(phone.raw("GetHierarchy", Vec::new()).await.unwrap().http, 501);
}
