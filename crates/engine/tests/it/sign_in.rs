use domain::model::{OrganizationId, RoleRef};
use engine::administrators::{self, AdministratorEdit, NewAdministrator};
use engine::sign_in::{self, IseRefusal};
use engine::{Error, Principal};

use crate::house::{HOUR, House, MINUTE, PASSWORD, caller, home, houses};

fn full() -> RoleRef {
    RoleRef::Predefined("full".into())
}

async fn try_password(house: &House, name: &str, password: &str, address: &str) -> Result<String, Error> {
    sign_in::sign_in(house, name, password, &caller(address)).await.map(|(token, _)| token)
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_are_answered_alike() {
    for house in houses().await {
        house.administrator(&house.acme, "boss", full()).await;
        let wrong = try_password(&house, "boss", "not the password", "192.0.2.7").await;
        let unknown = try_password(&house, "nobody", "not the password", "192.0.2.7").await;
        assert_eq!(wrong, Err(Error::Unauthenticated));
        assert_eq!(wrong, unknown);
        assert!(try_password(&house, "BOSS ", PASSWORD, "192.0.2.7").await.is_ok(), "names have no case");
        let text = house.journal_text(house.acme.id).await;
        assert!(!text.contains("not the password") && !text.contains(PASSWORD));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_lock_holds_for_the_account_at_one_address_only_and_ends() {
    for house in houses().await {
        house.administrator(&house.acme, "boss", full()).await;
        house.administrator(&house.acme, "vice", full()).await;
        for _ in 0..5 {
            assert_eq!(try_password(&house, "boss", "wrong", "192.0.2.7").await, Err(Error::Unauthenticated));
        }
        let locked = try_password(&house, "boss", PASSWORD, "192.0.2.7").await;
        assert!(matches!(locked, Err(Error::Locked(seconds)) if seconds <= 900), "{locked:?}");
        assert!(try_password(&house, "boss", PASSWORD, "192.0.2.8").await.is_ok(), "another address");
        assert!(try_password(&house, "vice", PASSWORD, "192.0.2.7").await.is_ok(), "another account");
        house.clock.advance(15 * MINUTE + 1);
        assert!(try_password(&house, "boss", PASSWORD, "192.0.2.7").await.is_ok(), "the lock ends");
        let locks = house.journal(domain::model::Organization::SYSTEM).await;
        assert_eq!(locks.iter().filter(|(e, _)| e == "administrator.locked_out").count(), 1);
        house.finish().await;
    }
}

#[tokio::test]
async fn an_address_that_guesses_many_names_is_locked_out() {
    for house in houses().await {
        house.administrator(&house.acme, "boss", full()).await;
        let guesses = (0..50).map(|n| {
            let house = &house;
            async move { try_password(house, &format!("name{n}"), "wrong", "198.51.100.9").await }
        });
        futures_util::future::join_all(guesses).await;
        let locked = try_password(&house, "boss", PASSWORD, "198.51.100.9").await;
        assert!(matches!(locked, Err(Error::Locked(_))), "{locked:?}");
        assert!(try_password(&house, "boss", PASSWORD, "192.0.2.1").await.is_ok());
        house.finish().await;
    }
}

/// Guesses that are sent all at once would all be checked before the first of them is counted.
#[tokio::test]
async fn a_flood_of_guesses_finds_the_lock_even_if_one_of_them_is_right() {
    for house in houses().await {
        house.administrator(&house.acme, "boss", full()).await;
        let guesses =
            (0..24).map(|n| {
                let (house, last) = (&house, n == 23);
                async move {
                    try_password(house, "boss", if last { PASSWORD } else { "wrong" }, "192.0.2.7").await
                }
            });
        let outcomes = futures_util::future::join_all(guesses).await;
        let counted = outcomes.iter().filter(|o| **o == Err(Error::Unauthenticated)).count();
        assert_eq!(counted, 5, "only those before the lock are told anything: {outcomes:?}");
        assert!(outcomes.iter().filter(|o| o.is_ok()).count() <= 1);
        house.finish().await;
    }
}

#[tokio::test]
async fn a_disabled_account_and_one_for_ise_only_cannot_sign_in() {
    for house in houses().await {
        house.administrator(&house.acme, "boss", full()).await;
        let new = NewAdministrator {
            username: "ise".into(),
            ise_admin: true,
            password: PASSWORD.into(),
            ..NewAdministrator::default()
        };
        administrators::create(&house, &house.acme.all, new).await.unwrap();
        assert_eq!(try_password(&house, "ise", PASSWORD, "192.0.2.1").await, Err(Error::Unauthenticated));
        assert!(sign_in::ise(&house, "ise", PASSWORD, home(), None).await.is_ok());

        house.administrator(&house.acme, "vice", full()).await;
        let id = house.directory().administrator_by_name("vice").unwrap().id;
        let off = AdministratorEdit { enabled: Some(false), ..AdministratorEdit::default() };
        administrators::edit(&house, &house.acme.all, id, off).await.unwrap();
        assert_eq!(try_password(&house, "vice", PASSWORD, "192.0.2.1").await, Err(Error::Unauthenticated));
        house.finish().await;
    }
}

/// The engine says so itself: no face can forget to ask.
#[tokio::test]
async fn a_password_that_somebody_else_knows_opens_nothing_but_the_choice_of_another() {
    use catalog::{Permission, Powers};
    use domain::model::Organization;
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        house.administrator(&house.acme, "vice", full()).await;
        let id = house.directory().administrator_by_name("vice").unwrap().id;
        administrators::reset_password(&house, &boss, id, "known to the boss").await.unwrap();
        let (cookie, _) =
            sign_in::sign_in(&house, "vice", "known to the boss", &caller("192.0.2.1")).await.unwrap();
        let scope = sign_in::scope_of_session(&house, &cookie, home()).await.unwrap();
        assert!(scope.due() == Some(engine::Due::Password) && scope.powers().is_empty());
        let says = |outcome: Result<(), Error>| {
            assert!(matches!(&outcome, Err(Error::Denied(why)) if why.contains("password")), "{outcome:?}");
        };
        says(scope.require(Permission::DevicesView));
        says(administrators::list(&house, &scope).map(drop));
        says(engine::devices::search(&house, &scope, "anna", 5).map(drop));
        let new = engine::tokens::NewToken {
            name: "way in".into(),
            powers: Powers::of(&[Permission::DevicesView]),
            days: 1,
            code: String::new(),
        };
        says(engine::tokens::create(&house, &scope, new).await.map(drop));
        sign_in::change_own_password(&house, &scope, "known to the boss", "known to nobody").await.unwrap();
        let scope = sign_in::scope_of_session(&house, &cookie, home()).await.unwrap();
        assert!(scope.due().is_none() && scope.has(Permission::DevicesView));

        // The same for a system administrator.
        let system = sign_in::command_line(Organization::SYSTEM);
        let root =
            NewAdministrator { username: "root".into(), role: Some(full()), ..NewAdministrator::default() };
        let (_, password) = administrators::create(&house, &system, root).await.unwrap();
        let opened = sign_in::sign_in(&house, "root", &password.unwrap(), &caller("192.0.2.1")).await;
        let scope = sign_in::scope_of_session(&house, &opened.unwrap().0, home()).await.unwrap();
        says(scope.require_system());
        says(scope.at_installation().map(drop));
        says(sign_in::switch_organization(&house, &scope, Some(house.acme.id)).await);
        assert!(!scope.is_system_administrator());
        house.finish().await;
    }
}

#[tokio::test]
async fn a_change_of_the_account_ends_sessions_and_proofs_at_once() {
    for house in houses().await {
        house.administrator(&house.acme, "boss", full()).await;
        let new = NewAdministrator {
            username: "vice".into(),
            role: Some(full()),
            ise_admin: true,
            password: PASSWORD.into(),
            ..NewAdministrator::default()
        };
        let id = administrators::create(&house, &house.acme.all, new).await.unwrap().0.id;
        let edits = [
            AdministratorEdit {
                role: Some(Some(RoleRef::Predefined("read_only".into()))),
                ..AdministratorEdit::default()
            },
            AdministratorEdit {
                allowed_networks: Some(vec!["192.0.2.0/24".into()]),
                ..AdministratorEdit::default()
            },
            AdministratorEdit { ise_full_wipe: Some(true), ..AdministratorEdit::default() },
            AdministratorEdit { enabled: Some(false), ..AdministratorEdit::default() },
        ];
        for edit in edits {
            let token = try_password(&house, "vice", PASSWORD, "192.0.2.1").await.unwrap();
            assert!(sign_in::ise(&house, "vice", PASSWORD, home(), None).await.is_ok());
            assert!(sign_in::scope_of_session(&house, &token, home()).await.is_ok());
            administrators::edit(&house, &house.acme.all, id, edit).await.unwrap();
            let after = sign_in::scope_of_session(&house, &token, home()).await;
            assert_eq!(after.err(), Some(Error::Unauthenticated));
        }
        let refused = sign_in::ise(&house, "vice", PASSWORD, home(), None).await;
        assert!(matches!(refused, Err(IseRefusal::Forbidden(_))), "{refused:?}");
        administrators::reset_password(&house, &house.acme.all, id, "another long password").await.unwrap();
        let refused = sign_in::ise(&house, "vice", PASSWORD, home(), None).await;
        assert_eq!(refused.err(), Some(IseRefusal::Unauthorized), "the proof of the old password is gone");
        house.finish().await;
    }
}

#[tokio::test]
async fn a_session_ends_when_idle_and_after_its_lifetime() {
    for house in houses().await {
        house.administrator(&house.acme, "boss", full()).await;
        let token = try_password(&house, "boss", PASSWORD, "192.0.2.1").await.unwrap();
        for _ in 0..13 {
            house.clock.advance(55 * MINUTE);
            assert!(sign_in::scope_of_session(&house, &token, home()).await.is_ok(), "it is in use");
        }
        house.clock.advance(6 * MINUTE);
        let over = sign_in::scope_of_session(&house, &token, home()).await;
        assert_eq!(over.err(), Some(Error::Unauthenticated), "12 hours are over");

        let token = try_password(&house, "boss", PASSWORD, "192.0.2.1").await.unwrap();
        house.clock.advance(HOUR);
        let idle = sign_in::scope_of_session(&house, &token, home()).await;
        assert_eq!(idle.err(), Some(Error::Unauthenticated), "an hour without use");
        house.clock.advance(12 * HOUR);
        engine::housekeeping::run(&house).await.unwrap();
        let id = house.directory().administrator_by_name("boss").unwrap().id;
        assert!(house.directory().sessions_of(id).is_empty(), "what is over is removed");
        house.finish().await;
    }
}

#[tokio::test]
async fn a_session_is_bound_to_networks_and_can_be_ended() {
    for house in houses().await {
        house.administrator(&house.acme, "boss", full()).await;
        let id = house.directory().administrator_by_name("boss").unwrap().id;
        let first = try_password(&house, "boss", PASSWORD, "192.0.2.1").await.unwrap();
        let second = try_password(&house, "boss", PASSWORD, "192.0.2.1").await.unwrap();
        let scope = sign_in::scope_of_session(&house, &first, home()).await.unwrap();
        let Principal::Session(_, session) = scope.principal() else { panic!("a session") };
        let shown = hex::encode(&session.token_hash);
        sign_in::end_session(&house, &scope, &shown[..16]).await.unwrap();
        assert!(sign_in::scope_of_session(&house, &first, home()).await.is_err());
        assert!(sign_in::scope_of_session(&house, &second, home()).await.is_ok());
        let foreign = sign_in::command_line(house.globex.id);
        assert_eq!(
            sign_in::end_all(&house, &foreign, id).await,
            Err(Error::NotFound("administrator")),
            "another organization's"
        );
        sign_in::end_all(&house, &house.acme.all, id).await.unwrap();
        assert!(sign_in::scope_of_session(&house, &second, home()).await.is_err());
        assert!(sign_in::scope_of_session(&house, "made up", home()).await.is_err());
        house.finish().await;
    }
}

#[tokio::test]
async fn the_set_up_link_works_once() {
    for house in houses().await {
        assert!(sign_in::needs_setup(&house));
        let old = sign_in::setup_token(&house).await.unwrap();
        let token = sign_in::setup_token(&house).await.unwrap();
        let make = async |token: &str, name: &str| {
            sign_in::create_first_administrator(&house, token, name, PASSWORD, &caller("192.0.2.1")).await
        };
        assert_eq!(make(&old, "root").await.err(), Some(Error::NotFound("set-up link")));
        assert!(make(&token, "root").await.is_ok());
        assert_eq!(make(&token, "other").await.err(), Some(Error::NotFound("set-up link")));
        assert!(!sign_in::needs_setup(&house));
        let root = house.directory().administrator_by_name("root").unwrap();
        assert_eq!(root.organization, domain::model::Organization::SYSTEM);
        let none: Option<OrganizationId> = None;
        assert_eq!(
            sign_in::ise(&house, "root", PASSWORD, home(), none).await.err(),
            Some(IseRefusal::Unauthorized),
            "a system administrator has no organization to answer ISE for"
        );
        house.finish().await;
    }
}
