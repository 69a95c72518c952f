use catalog::{Permission, Powers};
use domain::model::RoleRef;
use engine::roles::{self, RoleInput};
use engine::{Error, administrators};

use crate::house::houses;

fn input(name: &str, powers: &[Permission]) -> RoleInput {
    RoleInput { name: name.into(), powers: Powers::of(powers) }
}

const EDIT: [Permission; 2] = [Permission::AdministratorsView, Permission::AdministratorsEdit];

#[tokio::test]
async fn a_role_cannot_hold_more_than_its_author_and_changes_at_once() {
    for house in houses().await {
        let role = house.role(&house.acme, "Clerk", &EDIT).await;
        let clerk = house.administrator(&house.acme, "clerk", role.clone()).await;
        let more = roles::create(&house, &clerk, input("More", &[Permission::DevicesFullWipe])).await;
        assert!(matches!(more, Err(Error::Denied(_))), "{more:?}");
        let big = roles::create(&house, &house.acme.all, input("Big", &[Permission::DevicesFullWipe])).await;
        let big = big.unwrap();
        let shrink = roles::edit(&house, &clerk, big, input("Big", &[])).await;
        assert!(matches!(shrink, Err(Error::Denied(_))), "nor touch what holds more: {shrink:?}");
        assert!(matches!(roles::remove(&house, &clerk, big).await, Err(Error::Denied(_))));

        let viewer = house.role(&house.acme, "Viewer", &[Permission::DevicesView]).await;
        house.administrator(&house.acme, "viewer", viewer.clone()).await;
        let RoleRef::Custom(id) = viewer else { panic!("a custom role") };
        let before = house.signed_in("viewer").await;
        assert!(before.has(Permission::DevicesView));
        let other = input("Viewer", &[Permission::JournalView]);
        roles::edit(&house, &house.acme.all, id, other).await.unwrap();
        let after = house.signed_in("viewer").await;
        assert!(!after.has(Permission::DevicesView) && after.has(Permission::JournalView));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_role_in_use_stays_and_names_are_unique_within_the_organization() {
    for house in houses().await {
        let role = house.role(&house.acme, "Viewer", &[Permission::DevicesView]).await;
        house.administrator(&house.acme, "viewer", role.clone()).await;
        let RoleRef::Custom(id) = role else { panic!("a custom role") };
        let used = roles::remove(&house, &house.acme.all, id).await;
        assert!(matches!(&used, Err(Error::Conflict(why)) if why.contains("viewer")), "{used:?}");
        assert_eq!(roles::get(&house, &house.globex.all, id).err(), Some(Error::NotFound("role")));
        assert_eq!(roles::remove(&house, &house.globex.all, id).await, Err(Error::NotFound("role")));
        let twice = roles::create(&house, &house.acme.all, input("VIEWER", &[])).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        assert!(roles::create(&house, &house.globex.all, input("Viewer", &[])).await.is_ok());
        let predefined = roles::create(&house, &house.acme.all, input("full", &[])).await;
        assert!(matches!(predefined, Err(Error::Invalid(_))), "{predefined:?}");
        let foreign = administrators::NewAdministrator {
            username: "odd".into(),
            role: Some(RoleRef::Custom(id)),
            password: crate::house::PASSWORD.into(),
            ..administrators::NewAdministrator::default()
        };
        let outcome = administrators::create(&house, &house.globex.all, foreign).await;
        assert!(matches!(outcome, Err(Error::Invalid(_))), "another organization's role does not exist");
        house.finish().await;
    }
}

#[tokio::test]
async fn a_role_that_alone_lets_somebody_administer_keeps_that() {
    for house in houses().await {
        let role = house.role(&house.acme, "Chief", &EDIT).await;
        house.administrator(&house.acme, "chief", role.clone()).await;
        let RoleRef::Custom(id) = role else { panic!("a custom role") };
        let less = input("Chief", &[Permission::AdministratorsView]);
        let outcome = roles::edit(&house, &house.acme.all, id, less.clone()).await;
        assert!(matches!(outcome, Err(Error::Conflict(_))), "{outcome:?}");
        assert!(house.signed_in("chief").await.has(Permission::AdministratorsEdit), "nothing was changed");
        house.administrator(&house.acme, "boss", RoleRef::Predefined("full".into())).await;
        roles::edit(&house, &house.acme.all, id, less).await.unwrap();
        house.finish().await;
    }
}

#[tokio::test]
async fn an_edit_of_what_somebody_else_changed_is_refused() {
    for house in houses().await {
        let RoleRef::Custom(id) = house.role(&house.acme, "Viewer", &[]).await else { panic!("custom") };
        let seen = roles::get(&house, &house.acme.all, id).unwrap().rev;
        roles::edit_seen(&house, &house.acme.all, id, Some(seen), input("One", &[])).await.unwrap();
        let late = roles::edit_seen(&house, &house.acme.all, id, Some(seen), input("Two", &[])).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        assert_eq!(roles::get(&house, &house.acme.all, id).unwrap().name, "One");
        house.finish().await;
    }
}
