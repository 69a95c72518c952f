use domain::model::{Organization, RoleRef};
use engine::organizations::{self, OrganizationEdit};
use engine::sign_in::{self, scope_of_session, switch_organization};
use engine::{Error, Scope, devices};

use crate::house::{House, MINUTE, PASSWORD, caller, home, houses};

async fn root(house: &House) -> String {
    let token = sign_in::setup_token(house).await.unwrap();
    sign_in::create_first_administrator(house, &token, "root", PASSWORD, &caller("192.0.2.1"))
        .await
        .unwrap()
        .0
}

async fn scope(house: &House, session: &str) -> Scope {
    scope_of_session(house, session, home()).await.unwrap()
}

#[tokio::test]
async fn a_switch_is_journaled_in_both_places_and_leads_nowhere_else() {
    for house in houses().await {
        let phone = house.enrol(&house.acme, "PHONE1").await;
        let session = root(&house).await;
        let at_system = scope(&house, &session).await;
        assert_eq!(devices::get(&house, &at_system, phone.id).err(), Some(Error::NotFound("organization")));
        switch_organization(&house, &at_system, Some(house.acme.id)).await.unwrap();
        assert!(devices::get(&house, &scope(&house, &session).await, phone.id).is_ok());
        let within = scope(&house, &session).await;
        switch_organization(&house, &within, Some(house.globex.id)).await.unwrap();
        let within = scope(&house, &session).await;
        assert_eq!(devices::get(&house, &within, phone.id).err(), Some(Error::NotFound("device")));
        switch_organization(&house, &within, None).await.unwrap();
        assert_eq!(scope(&house, &session).await.organization(), Organization::SYSTEM);

        let seen = async |organization| {
            let rows = house.journal_rows(organization).await;
            rows.into_iter()
                .filter(|r| r.event.starts_with("organization.switched"))
                .map(|r| (r.event, r.subject, r.actor.starts_with("administrator root")))
                .collect::<Vec<_>>()
        };
        let (acme, globex) = (house.acme.id.to_string(), house.globex.id.to_string());
        let entry = |event: &str, id: &str| (format!("organization.switched_{event}"), id.to_owned(), true);
        assert_eq!(seen(house.acme.id).await, [entry("into", &acme), entry("out", &acme)]);
        assert_eq!(seen(house.globex.id).await, [entry("into", &globex), entry("out", &globex)]);
        assert_eq!(
            seen(Organization::SYSTEM).await,
            [entry("into", &acme), entry("out", &acme), entry("into", &globex), entry("out", &globex)]
        );
        house.finish().await;
    }
}

#[tokio::test]
async fn nobody_else_can_switch() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", RoleRef::Predefined("full".into())).await;
        let outcome = switch_organization(&house, &boss, Some(house.globex.id)).await;
        assert!(matches!(outcome, Err(Error::Denied(_))), "{outcome:?}");
        assert!(boss.at_installation().is_err());
        let outcome = switch_organization(&house, &house.acme.all, Some(house.globex.id)).await;
        assert!(matches!(outcome, Err(Error::Denied(_))), "the command line has no session to switch");
        house.finish().await;
    }
}

/// The note that a session was used must not undo a switch that happens at the same moment: who believes to be in
/// one organization would act in another.
#[tokio::test]
async fn use_of_a_session_does_not_undo_a_switch() {
    for house in houses().await {
        let session = root(&house).await;
        let at_system = scope(&house, &session).await;
        for round in 0..10 {
            house.clock.advance(2 * MINUTE);
            let to = [house.acme.id, house.globex.id][round % 2];
            let uses = (0..8).map(|_| scope_of_session(&house, &session, home()));
            let (switched, _) = tokio::join!(
                switch_organization(&house, &at_system, Some(to)),
                futures_util::future::join_all(uses)
            );
            switched.unwrap();
            assert_eq!(scope(&house, &session).await.organization(), to);
        }
        house.finish().await;
    }
}

#[tokio::test]
async fn a_disabled_organization_ends_its_administrators_and_its_devices() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", RoleRef::Predefined("full".into())).await;
        let (phone, key) = house.provisioned(&house.acme, "PHONE1").await;
        assert_eq!(house.gate(&phone, key), domain::gate::Gate::Serve);
        let (token, _) = sign_in::sign_in(&house, "boss", PASSWORD, &caller("192.0.2.1")).await.unwrap();
        let off = OrganizationEdit { enabled: Some(false), ..OrganizationEdit::default() };
        let denied = organizations::edit(&house, &boss, house.acme.id, off.clone()).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "not by its own administrators");
        let system = sign_in::command_line(Organization::SYSTEM);
        organizations::edit(&house, &system, house.acme.id, off).await.unwrap();
        assert!(scope_of_session(&house, &token, home()).await.is_err());
        assert!(engine::eas::resolve(&house, None, "anna@acme.test").is_none());
        assert!(engine::eas::resolve(&house, None, "anna@globex.test").is_some());
        let events = house.journal(Organization::SYSTEM).await;
        assert!(events.iter().any(|(e, s)| e == "organization.disabled" && *s == house.acme.id.to_string()));
        house.finish().await;
    }
}
