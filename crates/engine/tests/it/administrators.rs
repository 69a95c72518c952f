use catalog::Permission;
use domain::model::{Organization, RoleRef};
use engine::administrators::{self, AdministratorEdit, NewAdministrator};
use engine::{Error, Scope, sign_in};

use crate::house::{House, PASSWORD, houses};

fn predefined(key: &str) -> RoleRef {
    RoleRef::Predefined(key.into())
}

fn new(name: &str, role: Option<RoleRef>) -> NewAdministrator {
    NewAdministrator { username: name.into(), role, password: PASSWORD.into(), ..NewAdministrator::default() }
}

fn ise(full_wipe: bool) -> NewAdministrator {
    NewAdministrator { ise_admin: true, ise_full_wipe: full_wipe, ..new("ise", None) }
}

fn denied<T: std::fmt::Debug>(outcome: Result<T, Error>) {
    assert!(matches!(outcome, Err(Error::Denied(_))), "{outcome:?}");
}

fn id(house: &House, name: &str) -> domain::model::AdministratorId {
    house.directory().administrator_by_name(name).unwrap().id
}

#[tokio::test]
async fn nobody_gives_or_touches_more_power_than_he_has() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", predefined("full")).await;
        let role = house
            .role(&house.acme, "Clerk", &[Permission::AdministratorsView, Permission::AdministratorsEdit])
            .await;
        let clerk = house.administrator(&house.acme, "clerk", role.clone()).await;
        denied(administrators::create(&house, &clerk, new("mate", Some(predefined("full")))).await);
        denied(administrators::create(&house, &clerk, new("mate", Some(predefined("help_desk")))).await);
        assert!(administrators::create(&house, &clerk, new("mate", Some(role))).await.is_ok());
        let up = AdministratorEdit { role: Some(Some(predefined("full"))), ..AdministratorEdit::default() };
        denied(administrators::edit(&house, &clerk, id(&house, "clerk"), up).await);
        denied(administrators::reset_password(&house, &clerk, id(&house, "boss"), PASSWORD).await.map(drop));
        denied(administrators::remove(&house, &clerk, id(&house, "boss")).await);
        let off = AdministratorEdit { enabled: Some(false), ..AdministratorEdit::default() };
        denied(administrators::edit(&house, &clerk, id(&house, "boss"), off).await);

        // Wipes through ISE are power too.
        denied(administrators::create(&house, &clerk, ise(false)).await.map(drop));
        administrators::create(&house, &boss, ise(true)).await.unwrap();
        denied(administrators::reset_password(&house, &clerk, id(&house, "ise"), "").await.map(drop));
        let mark = AdministratorEdit { ise_admin: Some(true), ..AdministratorEdit::default() };
        denied(administrators::edit(&house, &clerk, id(&house, "mate"), mark).await);
        house.finish().await;
    }
}

#[tokio::test]
async fn the_last_account_that_can_administer_stays() {
    for house in houses().await {
        house.administrator(&house.acme, "boss", predefined("full")).await;
        house.administrator(&house.acme, "desk", predefined("help_desk")).await;
        let all = &house.acme.all;
        let boss = id(&house, "boss");
        let edits = [
            AdministratorEdit { enabled: Some(false), ..AdministratorEdit::default() },
            AdministratorEdit { role: Some(Some(predefined("read_only"))), ..AdministratorEdit::default() },
        ];
        for edit in &edits {
            let outcome = administrators::edit(&house, all, boss, edit.clone()).await;
            assert!(matches!(outcome, Err(Error::Conflict(_))), "{edit:?}: {outcome:?}");
        }
        assert!(matches!(administrators::remove(&house, all, boss).await, Err(Error::Conflict(_))));
        // Another organization's administrators do not count.
        house.administrator(&house.globex, "other", predefined("full")).await;
        assert!(matches!(administrators::remove(&house, all, boss).await, Err(Error::Conflict(_))));

        // Two who take each other's right at the same moment: one of them fails.
        house.administrator(&house.acme, "vice", predefined("full")).await;
        let vice = id(&house, "vice");
        let (one, two) = tokio::join!(
            administrators::edit(&house, all, boss, edits[0].clone()),
            administrators::edit(&house, all, vice, edits[0].clone())
        );
        assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1, "{one:?} {two:?}");
        house.finish().await;
    }
}

#[tokio::test]
async fn nobody_removes_himself_and_names_are_unique_everywhere() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", predefined("full")).await;
        house.administrator(&house.acme, "vice", predefined("full")).await;
        let own = administrators::remove(&house, &boss, id(&house, "boss")).await;
        assert!(matches!(own, Err(Error::Conflict(_))), "{own:?}");
        for scope in [&house.acme.all, &house.globex.all, &sign_in::command_line(Organization::SYSTEM)] {
            let taken = administrators::create(&house, scope, new("BOSS", Some(predefined("full")))).await;
            assert_eq!(taken.err(), Some(Error::Conflict("This name is taken.".into())));
        }
        let foreign = administrators::get(&house, &house.globex.all, id(&house, "boss"));
        assert_eq!(foreign.err(), Some(Error::NotFound("administrator")));
        let foreign =
            administrators::edit(&house, &house.globex.all, id(&house, "boss"), AdministratorEdit::default());
        assert_eq!(foreign.await, Err(Error::NotFound("administrator")));
        house.finish().await;
    }
}

#[tokio::test]
async fn the_ise_mark_needs_an_organization_and_system_administrators_the_role_full() {
    for house in houses().await {
        let system = sign_in::command_line(Organization::SYSTEM);
        let fields = |outcome: Result<_, Error>| match outcome {
            Err(Error::Invalid(issues)) => issues.into_iter().map(|i| i.field).collect::<Vec<_>>(),
            other => panic!("{:?}", other.map(|_: (std::sync::Arc<_>, Option<String>)| ())),
        };
        assert_eq!(fields(administrators::create(&house, &system, ise(false)).await), ["ise_admin"]);
        let weak = administrators::create(&house, &system, new("root", Some(predefined("read_only")))).await;
        assert_eq!(fields(weak), ["role"], "else it would be told less than it may do");
        assert_eq!(fields(administrators::create(&house, &system, new("root", None)).await), ["role"]);
        let all: &Scope = &house.acme.all;
        assert_eq!(fields(administrators::create(&house, all, new("none", None)).await), ["role"]);
        let unknown = new("odd", Some(predefined("emperor")));
        assert_eq!(fields(administrators::create(&house, all, unknown).await), ["role"]);
        let network = NewAdministrator {
            allowed_networks: vec!["10.0.0.0/33".into()],
            ..new("odd", Some(predefined("full")))
        };
        assert_eq!(fields(administrators::create(&house, all, network).await), ["allowed_networks"]);
        let short = NewAdministrator { password: "short".into(), ..new("odd", Some(predefined("full"))) };
        assert_eq!(fields(administrators::create(&house, all, short).await), ["password"]);
        house.finish().await;
    }
}

#[tokio::test]
async fn a_generated_password_is_shown_once_and_never_journaled() {
    for house in houses().await {
        let generated = NewAdministrator { password: String::new(), ..ise(false) };
        let (account, password) = administrators::create(&house, &house.acme.all, generated).await.unwrap();
        let password = password.unwrap();
        assert_eq!(password.len(), 24);
        assert!(sign_in::ise(&house, "ise", &password, crate::house::home(), None).await.is_ok());
        let text = house.journal_text(house.acme.id).await;
        assert!(!text.contains(&password) && !text.contains("argon2") && text.contains("\"ise\""));
        assert!(!format!("{account:?}").contains("argon2"));
        house.finish().await;
    }
}
