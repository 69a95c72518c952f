//! The wizard: what is configured shows, what was gone through is remembered, and nobody else's.

use catalog::{SET_UP, SetUpStep};
use engine::Error;
use engine::set_up::{self, SetUpState};

use crate::house::houses;

#[tokio::test]
async fn the_wizard_goes_on_where_it_was_left() {
    for house in houses().await {
        let (all, other) = (&house.acme.all, &house.globex.all);
        let state = |step: SetUpStep| set_up::steps(&house, all).unwrap()[step as usize].state;
        assert_eq!(set_up::steps(&house, all).unwrap().len(), SET_UP.len());
        assert!(SET_UP.iter().all(|info| state(info.step) == SetUpState::Open));
        house.settings(&house.acme, |settings| settings.contact = "Ask the desk".into()).await;
        assert_eq!(state(SetUpStep::Parameters), SetUpState::Done, "it shows in what is configured");
        let next = set_up::pass(&house, all, SetUpStep::Parameters).await.unwrap();
        assert_eq!(next, Some(SetUpStep::ActiveSyncServer));
        let next = set_up::pass(&house, all, SetUpStep::LdapServer).await.unwrap();
        assert_eq!((next, state(SetUpStep::LdapServer)), (Some(SetUpStep::SmtpServer), SetUpState::Passed));
        // Settings that are saved later leave it alone.
        house.settings(&house.acme, |settings| settings.contact = "Ask somebody else".into()).await;
        assert_eq!(state(SetUpStep::LdapServer), SetUpState::Passed);
        for step in [SetUpStep::SmtpServer, SetUpStep::AdministratorSignIn, SetUpStep::DefaultSuite] {
            set_up::pass(&house, all, step).await.unwrap();
        }
        let next = set_up::pass(&house, all, SetUpStep::DefaultSchedule).await.unwrap();
        assert_eq!(next, Some(SetUpStep::ActiveSyncServer), "back to what was left out");
        assert_eq!(
            set_up::pass(&house, all, SetUpStep::ActiveSyncServer).await,
            Ok(None),
            "all is gone through"
        );
        let theirs = set_up::steps(&house, other).unwrap();
        assert!(theirs.iter().all(|report| report.state == SetUpState::Open));
        let nobody = house.role(&house.acme, "watcher", &[catalog::Permission::OrganizationView]).await;
        let watcher = house.administrator(&house.acme, "watcher", nobody).await;
        let denied = set_up::pass(&house, &watcher, SetUpStep::Parameters).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        house.finish().await;
    }
}

#[tokio::test]
async fn an_archive_holds_what_is_the_organizations_own_and_no_secret() {
    for house in houses().await {
        let all = &house.acme.all;
        let (phone, _) = house.provisioned(&house.acme, "ARCHIVED1").await;
        house.provisioned(&house.globex, "FOREIGN1").await;
        let input = engine::users::UserInput {
            password: "hunter2 hunter2".into(),
            ..crate::house::user("mara", "acme.test")
        };
        engine::users::create(&house, all, input).await.unwrap();
        let bytes = engine::organizations::archive(&house, all).await.unwrap();
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        for index in 0..zip.len() {
            std::io::Read::read_to_string(&mut zip.by_index(index).unwrap(), &mut text).unwrap();
        }
        for line in text.lines().filter(|line| line.starts_with('{')) {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
        for there in ["ARCHIVED1", "mara", "device.enrolled", &phone.id.to_string(), "Default"] {
            assert!(text.contains(there), "{there}");
        }
        for not_there in ["FOREIGN1", "globex", "$argon2", "hunter2"] {
            assert!(!text.contains(not_there), "{not_there}");
        }
        let role = house.role(&house.acme, "half", &[catalog::Permission::OrganizationEdit]).await;
        let half = house.administrator(&house.acme, "half", role).await;
        assert!(matches!(engine::organizations::archive(&house, &half).await, Err(Error::Denied(_))));
        house.finish().await;
    }
}
