//! How long records are kept, and what is written about strangers.

use catalog::CommandKind;
use domain::model::{InstallationSettings, JournalRow, Organization, OrganizationId, RoleRef};
use engine::retention::{self, Removed};
use engine::strangers::{self, Surface};
use engine::tokens::{self, NewToken};
use engine::{Error, commands, eas, exchanges, installation, sign_in};

use crate::house::{HOUR, House, PASSWORD, caller, home, houses};

const DAY: i64 = 24 * HOUR;

async fn run(house: &House) -> Option<Vec<(OrganizationId, Removed)>> {
    retention::run_if_due(house).await.unwrap()
}

/// Numbers of an organization's entries, and how many of them have a body.
async fn entries(house: &House, organization: OrganizationId) -> (Vec<i64>, usize) {
    let rows = house.journal_rows(organization).await;
    let with_body = rows.iter().filter(|row| row.body.is_some()).count();
    (rows.iter().map(|row| row.sequence).collect(), with_body)
}

async fn is_sound(house: &House) {
    let report = store::verify_journal(house.database()).await.unwrap();
    assert!(report.is_sound(), "{report}");
}

#[tokio::test]
async fn the_journal_is_kept_as_long_as_each_organization_wants_and_stays_provable() {
    for house in houses().await {
        assert_eq!(run(&house).await, Some(Vec::new()), "nothing is removed unless somebody said so");
        house.settings(&house.acme, |s| (s.journal_body_days, s.journal_days) = (30, 60)).await;
        house.enrol(&house.acme, "PHONE1").await;
        house.enrol(&house.globex, "PHONE1").await;
        let (before, _) = entries(&house, house.acme.id).await;
        let (theirs, _) = entries(&house, house.globex.id).await;
        house.clock.advance(31 * DAY);
        let done = run(&house).await.unwrap();
        let wanted = Removed { journal_bodies: before.len() as u64, ..Removed::default() };
        assert_eq!(done, [(house.acme.id, wanted)]);
        let (now, bodies) = entries(&house, house.acme.id).await;
        assert_eq!((now.len(), bodies), (before.len() + 1, 1), "only what was said about it has a body");
        is_sound(&house).await;

        house.clock.advance(30 * DAY);
        let done = run(&house).await.unwrap();
        assert_eq!(done[0].1.journal_entries, before.len() as u64);
        let (now, _) = entries(&house, house.acme.id).await;
        assert_eq!(now, [before.len() as i64 + 1, before.len() as i64 + 2], "the numbers go on");
        assert_eq!(entries(&house, house.globex.id).await.0, theirs, "the other organization keeps its own");
        is_sound(&house).await;
        let told = house.journal(house.acme.id).await;
        assert!(told.iter().all(|(event, _)| event == "journal.purged"), "{told:?}");

        // The installation has a journal, and settings, of its own.
        let system = sign_in::command_line(Organization::SYSTEM);
        let month = InstallationSettings { journal_days: 30, ..InstallationSettings::default() };
        installation::edit_settings(&house, &system, None, month).await.unwrap();
        house.clock.advance(31 * DAY);
        let done = run(&house).await.unwrap();
        assert!(done.iter().any(|(id, removed)| *id == Organization::SYSTEM && removed.journal_entries > 0));
        house.finish().await;
    }
}

#[tokio::test]
async fn it_runs_once_a_day_and_on_one_node_at_a_time() {
    for house in houses().await {
        house.settings(&house.acme, |s| s.journal_body_days = 30).await;
        assert!(run(&house).await.is_some());
        house.clock.advance(DAY - 1);
        assert_eq!(run(&house).await, None, "not yet");
        house.clock.advance(1);
        let write = async |holder: &'static str, mine: bool| {
            let unit =
                house.database().write(Organization::SYSTEM, domain::model::Actor::System, async move |tx| {
                    if mine {
                        store::lease::acquire(tx, "retention", holder, HOUR).await.map(drop)
                    } else {
                        store::lease::release(tx, "retention", holder).await
                    }
                });
            unit.await.unwrap();
        };
        write("another node", true).await;
        assert_eq!(run(&house).await, None, "another node is at it");
        write("another node", false).await;
        assert!(run(&house).await.is_some());
        house.finish().await;
    }
}

#[tokio::test]
async fn commands_exchanges_and_tokens_that_are_over_are_forgotten() {
    for house in houses().await {
        let read = || NewToken {
            name: "script".into(),
            powers: catalog::Powers::of(&[catalog::Permission::DevicesView]),
            days: 10,
            code: String::new(),
        };
        let mut phones = Vec::new();
        for tenant in [&house.acme, &house.globex] {
            let name = format!("boss-{}", tenant.domain);
            let boss = house.administrator(tenant, &name, RoleRef::Predefined("full".into())).await;
            tokens::create(&house, &boss, read()).await.unwrap();
            let phone = house.enrol(tenant, "PHONE1").await;
            crate::commands::ordered(&house, &tenant.all, phone.id, CommandKind::Block).await;
            let waiting =
                crate::commands::ordered(&house, &tenant.all, phone.id, CommandKind::FullWipe).await;
            let exchange = exchanges::Exchange {
                at: house.now(),
                command: "Sync".into(),
                version: "16.1".into(),
                http: 200,
                status: None,
                duration: 1,
                who: "stand-in".into(),
                why: String::new(),
                bytes: (0, 0),
            };
            eas::record(&house, &phone, exchange);
            eas::present(&house, &phone);
            phones.push((phone.id, waiting.id));
        }
        exchanges::flush(&house).await.unwrap();
        engine::presence::flush(&house).await.unwrap();
        house.settings(&house.acme, |s| (s.command_history_days, s.exchange_days) = (30, 30)).await;
        let counts = async |tenant: &crate::house::Tenant, (phone, waiting)| {
            let commands = engine::devices::commands(&house, &tenant.all, phone).await.unwrap();
            assert!(commands::get(&house, &tenant.all, waiting).await.is_ok(), "what is live stays");
            let known = engine::devices::exchanges(&house, &tenant.all, phone).await.unwrap();
            (commands.len(), known.len())
        };
        house.clock.advance(29 * DAY);
        run(&house).await.unwrap();
        assert_eq!(counts(&house.acme, phones[0]).await, (2, 1), "not old enough");
        house.clock.advance(2 * DAY);
        let done = run(&house).await.unwrap();
        let wanted = Removed { commands: 1, exchanges: 1, ..Removed::default() };
        assert_eq!(done, [(house.acme.id, wanted)]);
        assert_eq!(counts(&house.acme, phones[0]).await, (1, 0));
        assert_eq!(counts(&house.globex, phones[1]).await, (2, 1));
        let boss = house.directory().administrator_by_name("boss-acme.test").unwrap();
        assert!(house.directory().tokens_of(boss.id).is_empty(), "it ended by its time");
        assert_eq!(house.journaled(&house.acme, "history.purged", "").await, 1);
        let told = house.journal(house.acme.id).await;
        assert_eq!(told.iter().filter(|(event, _)| event == "token.ended").count(), 1);
        house.finish().await;
    }
}

/// Of strangers, by address.
async fn told(house: &House, organization: OrganizationId) -> Vec<(String, serde_json::Value)> {
    let rows = house.journal_rows(organization).await;
    let ours = |row: &JournalRow| row.event == "stranger.refused";
    rows.into_iter().filter(ours).map(|row| (row.actor, row.body.unwrap()["requests"].clone())).collect()
}

#[tokio::test]
async fn refusals_of_strangers_are_one_entry_for_each_source_and_minute() {
    use serde_json::json;
    for house in houses().await {
        house.administrator(&house.acme, "boss", RoleRef::Predefined("full".into())).await;
        for name in ["boss", "nobody", "anybody"] {
            let outcome = sign_in::sign_in(&house, name, "wrong", &caller("198.51.100.7")).await;
            assert_eq!(outcome.err(), Some(Error::Unauthenticated));
        }
        for token in ["nmdm_made_up", "something else"] {
            let address = "198.51.100.7".parse().unwrap();
            assert!(sign_in::scope_of_token(&house, token, address).await.is_err());
        }
        assert!(sign_in::ise(&house, "boss", "wrong", home(), Some(house.acme.id)).await.is_err());
        strangers::refused(&house, Some(house.globex.id), home(), Surface::Activesync);
        assert!(told(&house, Organization::SYSTEM).await.is_empty(), "not before the minute is over");
        strangers::flush(&house).await.unwrap();
        let system = told(&house, Organization::SYSTEM).await;
        assert_eq!(system, [("stranger 198.51.100.7".into(), json!({ "console": 3, "rest": 2 }))]);
        let acme = told(&house, house.acme.id).await;
        assert_eq!(acme, [("stranger 192.0.2.1".into(), json!({ "ise": 1 }))]);
        let globex = told(&house, house.globex.id).await;
        assert_eq!(globex, [("stranger 192.0.2.1".into(), json!({ "activesync": 1 }))]);

        house.signed_in("boss").await;
        strangers::flush(&house).await.unwrap();
        assert_eq!(told(&house, Organization::SYSTEM).await.len(), 1, "who gets in is no stranger");
        let text = house.journal_text(Organization::SYSTEM).await;
        assert!(!text.contains("nobody") && !text.contains("wrong") && !text.contains(PASSWORD));
        house.finish().await;
    }
}

#[tokio::test]
async fn the_test_of_a_server_is_journaled() {
    use engine::servers::{self, ServerInput};
    for house in houses().await {
        let input =
            ServerInput { name: "Mail".into(), url: "mail.acme.test".into(), ..ServerInput::default() };
        let id = servers::create(&house, &house.acme.all, input).await.unwrap();
        let server = servers::get(&house, &house.acme.all, id).unwrap();
        servers::tested(&house, &house.acme.all, &server, &["Certificate"]).await.unwrap();
        assert_eq!(house.journaled(&house.acme, "server.tested", id).await, 1);
        assert_eq!(house.journaled(&house.globex, "server.tested", id).await, 0);
        let rows = house.journal_rows(house.acme.id).await;
        let row = rows.iter().find(|row| row.event == "server.tested").unwrap();
        assert_eq!(row.body.as_ref().unwrap()["failed"], serde_json::json!(["Certificate"]));
        house.finish().await;
    }
}
