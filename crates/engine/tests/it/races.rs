//! What was read before a removal and arrives after it must not come back.

use std::sync::Arc;

use catalog::{CommandKind, Permission, Powers};
use domain::Change;
use domain::model::RoleRef;
use engine::sign_in::{self, scope_of_session, scope_of_token};
use engine::tokens::{self, NewToken};
use engine::{Principal, commands, devices, users};

use crate::commands::ordered;
use crate::house::{PASSWORD, caller, home, houses, user};

#[tokio::test]
async fn what_is_gone_stays_gone_whatever_arrives_late() {
    for house in houses().await {
        let (id, all) = (house.acme.id, &house.acme.all);
        let late = |change: Change| house.directory().apply(id, &change);
        let phone = house.enrol(&house.acme, "PHONE1").await;
        let wipe = ordered(&house, all, phone.id, CommandKind::FullWipe).await;
        commands::cancel(&house, all, wipe.id).await.unwrap();
        late(Change::Command(Arc::clone(&wipe)));
        assert!(commands::live(&house, all).unwrap().is_empty(), "a command that is over");

        devices::remove(&house, all, phone.id).await.unwrap();
        late(Change::Device(Arc::clone(&phone)));
        assert!(devices::get(&house, all, phone.id).is_err(), "a device");
        let bob = users::create(&house, all, user("bob", "acme.test")).await.unwrap();
        users::remove(&house, all, bob.id, false).await.unwrap();
        late(Change::User(bob));
        assert!(house.login(&house.acme, "bob").user.is_none(), "a user");

        let boss = house.administrator(&house.acme, "boss", RoleRef::Predefined("full".into())).await;
        let new = NewToken {
            name: "script".into(),
            powers: Powers::of(&[Permission::DevicesView]),
            days: 9,
            code: String::new(),
        };
        let (token, secret) = tokens::create(&house, &boss, new).await.unwrap();
        let stale = house.directory().token_by_id(token).unwrap();
        tokens::revoke(&house, &boss, token).await.unwrap();
        late(Change::Token(stale));
        assert!(scope_of_token(&house, &secret, home()).await.is_err(), "a token");
        let (cookie, _) = sign_in::sign_in(&house, "boss", PASSWORD, &caller("192.0.2.1")).await.unwrap();
        let scope = scope_of_session(&house, &cookie, home()).await.unwrap();
        let Principal::Session(_, session) = scope.principal() else { panic!("a session") };
        sign_in::sign_out(&house, &scope).await.unwrap();
        late(Change::Session(Arc::clone(session)));
        assert!(scope_of_session(&house, &cookie, home()).await.is_err(), "a session");
        house.finish().await;
    }
}

#[tokio::test]
async fn an_older_version_never_replaces_a_newer_one() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        ordered(&house, &house.acme.all, phone.id, CommandKind::Block).await;
        house.directory().apply(house.acme.id, &Change::Device(phone.clone()));
        assert!(house.device(phone.id).block.is_some());
        let org = house.directory().organization(house.acme.id).unwrap();
        let old = Arc::clone(&org.read().organization);
        let edit = engine::organizations::OrganizationEdit {
            mail_domains: Some(vec!["acme.example".into()]),
            ..Default::default()
        };
        let system = sign_in::command_line(domain::model::Organization::SYSTEM);
        engine::organizations::edit(&house, &system, house.acme.id, edit).await.unwrap();
        house.directory().apply(house.acme.id, &Change::Organization(old));
        assert_eq!(house.directory().by_mail_domain("acme.example"), Some(house.acme.id));
        assert_eq!(house.directory().by_mail_domain("acme.test"), None);
        house.finish().await;
    }
}
