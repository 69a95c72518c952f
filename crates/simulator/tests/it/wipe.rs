//! Wipes: ordered, obeyed, acknowledged, failed, and not expressible.

use simulator::eas::{Handled, Version, WipeKind};

use crate::stage::Stage;

#[tokio::test]
async fn a_phone_obeys_a_wipe_and_falls_silent() {
    let stage = Stage::new().await;
    for version in [Version::V12_1, Version::V14_1, Version::V16_1] {
        let mut phone = stage.phone(version);
        phone.connect().await.unwrap();
        stage.control.order_wipe("u1", &phone.device_id, WipeKind::Device);
        let handled = phone.connect().await.unwrap();
        assert!(matches!(handled, Handled::Wiped(WipeKind::Device)), "{version}: {handled:?}");
        assert_eq!((phone.policy_key, phone.folders.len()), (0, 0), "nothing is left on it");
        let view = stage.control.device("u1", &phone.device_id).unwrap();
        assert_eq!(view.wipe_acknowledged, Some(1));
        let before = stage.control.seen().len();
        phone.connect().await.unwrap();
        assert_eq!(stage.control.seen().len(), before, "a wiped phone asks nothing");
        phone.forget();
        assert_eq!(phone.folder_sync().await.unwrap().http, 403, "and is not let in again");
        stage.control.forget_device("u1", &phone.device_id);
        assert!(phone.connect().await.unwrap().done().is_some(), "until it is forgotten");
        stage.control.forget_device("u1", &phone.device_id);
    }
}

#[tokio::test]
async fn the_steps_of_a_wipe_one_by_one() {
    let stage = Stage::new().await;
    let mut phone = stage.phone(Version::V14_1);
    phone.connect().await.unwrap();
    stage.control.order_wipe("u1", &phone.device_id, WipeKind::Device);
    assert_eq!(phone.folder_sync().await.unwrap().status(), Some(140));
    let directive = phone.provision_empty().await.unwrap();
    assert_eq!((directive.status, directive.wipe), (Some(1), Some(WipeKind::Device)));
    let failed = phone.acknowledge_wipe(WipeKind::Device, 2).await.unwrap();
    assert_eq!(failed.status(), Some(2));
    assert_eq!(phone.folder_sync().await.unwrap().status(), Some(140), "asked again after a failure");
    let directive = phone.provision_first().await.unwrap();
    assert_eq!(directive.wipe, Some(WipeKind::Device), "the full form gets the directive as well");
    let done = phone.acknowledge_wipe(WipeKind::Device, 1).await.unwrap();
    assert_eq!(done.status(), Some(1));
}

#[tokio::test]
async fn an_account_only_wipe_needs_16_1() {
    let stage = Stage::new().await;
    let mut old = stage.phone(Version::V14_1);
    old.connect().await.unwrap();
    stage.control.order_wipe("u1", &old.device_id, WipeKind::Account);
    let handled = old.connect().await.unwrap();
    assert!(matches!(handled, Handled::Refused(_)), "{handled:?}");
    assert_eq!(old.wiped, None);
    old.version = Version::V16_1;
    assert!(matches!(old.connect().await.unwrap(), Handled::Wiped(WipeKind::Account)));
    let view = stage.control.device("u1", &old.device_id).unwrap();
    assert_eq!((view.wipe, view.wipe_acknowledged), (Some(WipeKind::Account), Some(1)));
}
