//! Reports by mail: at their time on the organization's clocks, once, to whom they may go, and what went wrong is said.

use std::sync::Arc;
use std::time::{Duration, Instant};

use catalog::{Permission, Report};
use domain::model::{Actor, JournalEntry, MailState, Recurrence, ReportMail, ReportMailId, RoleRef};
use engine::administrators::{self, NewAdministrator};
use engine::mail;
use engine::report_mails::{self, ReportMailInput};
use engine::{Error, Scope};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use store::Tx;

use crate::house::{House, PASSWORD, Tenant, houses, open};
use crate::mail::{Relay, input as smtp, relay};

const DAY: i64 = 86_400_000;

fn berlin(text: &str) -> i64 {
    let moment: DateTime = text.parse().unwrap();
    moment.to_zoned(TimeZone::get("Europe/Berlin").unwrap()).unwrap().timestamp().as_millisecond()
}

fn on_the_wall(at: i64) -> String {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    Timestamp::from_millisecond(at).unwrap().to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

fn input(domain: &str) -> ReportMailInput {
    ReportMailInput {
        name: "Devices".into(),
        report: Report::UsersAndDevices,
        platform: None,
        group: None,
        silent_days: None,
        period_days: 30,
        workbook: false,
        recipients: vec![format!("boss@{domain}")],
        when: Recurrence::Day { minute: 150 },
        on: true,
    }
}

async fn seen(house: &House, tenant: &Tenant, id: ReportMailId) -> ReportMail {
    report_mails::get(house, &tenant.all, id).await.unwrap()
}

/// A house whose organizations have a server on this host.
async fn ready(house: &House) -> Relay {
    house.engine.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap()]);
    let relay = relay().await;
    for tenant in [&house.acme, &house.globex] {
        mail::edit_server(house, &tenant.all, None, smtp(relay.port)).await.unwrap();
    }
    relay
}

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !done().await {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The bytes of the file in a message as it went out.
fn file_of(message: &str) -> Vec<u8> {
    use base64::Engine as _;
    let (_, part) = message.split_once("Content-Disposition: attachment").unwrap();
    let (_, body) = part.split_once("\r\n\r\n").unwrap();
    let text: String = body.lines().take_while(|line| !line.starts_with("--")).collect();
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_goes_at_its_time_once_and_clocks_that_are_set_do_not_matter() {
    for house in houses().await {
        ready(&house).await;
        let acme = &house.acme;
        house.settings(acme, |settings| settings.time_zone = "Europe/Berlin".into()).await;
        let another = open(house.database(), &house.clock).await;
        for (begin, times) in [
            // There is no half past two on 29 March 2026, and on 25 October there are two.
            ("2026-03-28T12:00", ["2026-03-29 03:30", "2026-03-30 02:30"]),
            ("2026-10-24T12:00", ["2026-10-25 02:30", "2026-10-26 02:30"]),
        ] {
            house.clock.set(berlin(begin));
            let id = report_mails::create(&house, &acme.all, input(acme.domain)).await.unwrap();
            let before = house.mails(acme).await.len();
            for (sent, time) in times.into_iter().enumerate() {
                let next = seen(&house, acme, id).await.next_at.unwrap();
                assert_eq!(on_the_wall(next), time);
                house.clock.set(next - 1);
                report_mails::tick(&house).await.unwrap();
                assert_eq!(house.mails(acme).await.len(), before + sent, "not before its time");
                house.clock.set(next);
                // Two nodes look at once, and look again.
                let (one, other) = tokio::join!(report_mails::tick(&house), report_mails::tick(&another));
                one.and(other).unwrap();
                report_mails::tick(&house).await.unwrap();
                assert_eq!(house.mails(acme).await.len(), before + sent + 1, "once");
            }
            let mail = seen(&house, acme, id).await;
            assert!(mail.last.is_some_and(|last| last.good));
            report_mails::remove(&house, &acme.all, id).await.unwrap();
        }
        assert!(house.mails(&house.globex).await.is_empty());
        house.finish().await;
    }
}

#[tokio::test]
async fn other_clocks_move_what_is_not_due_and_a_long_absence_is_made_up_once() {
    for house in houses().await {
        ready(&house).await;
        let acme = &house.acme;
        house.settings(acme, |settings| settings.time_zone = "Europe/Berlin".into()).await;
        house.clock.set(berlin("2026-05-01T12:00"));
        let id = report_mails::create(&house, &acme.all, input(acme.domain)).await.unwrap();
        house.settings(acme, |settings| settings.time_zone = "Asia/Tokyo".into()).await;
        let next = seen(&house, acme, id).await.next_at.unwrap();
        assert_eq!(on_the_wall(next), "2026-05-01 19:30", "half past two in Tokyo");
        // Nobody ran for ten days.
        house.clock.set(next + 10 * DAY);
        house.settings(acme, |settings| settings.time_zone = "Europe/Berlin".into()).await;
        assert_eq!(seen(&house, acme, id).await.next_at, Some(next), "what is due stays due");
        report_mails::tick(&house).await.unwrap();
        report_mails::tick(&house).await.unwrap();
        assert_eq!(house.mails(acme).await.len(), 1);
        let next = seen(&house, acme, id).await.next_at.unwrap();
        assert_eq!(on_the_wall(next), "2026-05-12 02:30");
        // Switched off it is never due, but goes when somebody wants it.
        let off = ReportMailInput { on: false, ..input(acme.domain) };
        report_mails::edit(&house, &acme.all, id, None, off).await.unwrap();
        assert_eq!(seen(&house, acme, id).await.next_at, None);
        assert!(report_mails::run_now(&house, &acme.all, id).await.unwrap().good);
        assert_eq!(house.mails(acme).await.len(), 2);
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_arrives_with_what_the_report_is_narrowed_to_and_is_gone_then() {
    for house in houses().await {
        let relay = ready(&house).await;
        let acme = &house.acme;
        let (device, _) = house.provisioned(acme, "MINE01").await;
        house.provisioned(&house.globex, "THEIRS01").await;
        let running = tokio::spawn(mail::run(Arc::clone(&house.engine)));
        let other = [catalog::Platform::Windows, catalog::Platform::Android];
        let other = other.into_iter().find(|p| *p != device.platform);
        let all = ReportMailInput {
            recipients: vec!["Boss@acme.test".into(), "anna@acme.test".into(), "boss@ACME.test".into()],
            ..input(acme.domain)
        };
        let none = ReportMailInput { name: "None".into(), platform: other, ..input(acme.domain) };
        for (wanted, lines, copies) in [(all, 2, 3), (none, 1, 1)] {
            let id = report_mails::create(&house, &acme.all, wanted).await.unwrap();
            let outcome = report_mails::run_now(&house, &acme.all, id).await.unwrap();
            assert!(outcome.good, "{outcome:?}");
            until("sent", async || relay.heard.lock().len() == copies).await;
            until("told", async || house.mails(acme).await.iter().all(|m| m.state == MailState::Sent)).await;
            for message in relay.heard.lock().drain(..) {
                let text = String::from_utf8(file_of(&message)).unwrap();
                assert_eq!(text.lines().count(), lines, "{text}");
                assert_eq!(text.contains(&device.name), lines == 2, "{text}");
                assert!(!text.contains("THEIRS01"), "{text}");
                assert!(message.contains("users-and-devices-2026-01-01.csv"), "{message}");
            }
        }
        let read = async |tx: &mut Tx| tx.fetch_one("SELECT count(*) FROM mail_file", &[]).await?.int(0);
        assert_eq!(house.database().read(acme.id, read).await.unwrap(), 0, "no copy stays behind");
        assert!(house.mails(&house.globex).await.is_empty());
        running.abort();
        house.finish().await;
    }
}

async fn administrator(house: &House, tenant: &Tenant, name: &str, email: &str) {
    let new = NewAdministrator {
        username: name.into(),
        email: email.into(),
        role: Some(RoleRef::Predefined("help_desk".into())),
        password: PASSWORD.into(),
        ..NewAdministrator::default()
    };
    administrators::create(house, &tenant.all, new).await.unwrap();
}

#[tokio::test]
async fn who_has_left_gets_nothing_more() {
    for house in houses().await {
        ready(&house).await;
        let acme = &house.acme;
        administrator(&house, acme, "outside", "helper@partner.test").await;
        let both = ReportMailInput {
            recipients: vec!["helper@partner.test".into(), "boss@acme.test".into()],
            ..input(acme.domain)
        };
        let both = report_mails::create(&house, &acme.all, both).await.unwrap();
        let alone = ReportMailInput {
            name: "Alone".into(),
            recipients: vec!["helper@partner.test".into()],
            ..input(acme.domain)
        };
        let alone = report_mails::create(&house, &acme.all, alone).await.unwrap();
        assert!(report_mails::run_now(&house, &acme.all, alone).await.unwrap().good);
        let admins = house.directory().administrators(acme.id);
        let gone = admins.iter().find(|admin| admin.username == "outside").unwrap();
        administrators::remove(&house, &acme.all, gone.id).await.unwrap();
        let before = house.mails(acme).await.len();
        house.clock.advance(2 * DAY);
        report_mails::tick(&house).await.unwrap();
        let mails = house.mails(acme).await;
        let to: Vec<_> = mails[before..].iter().map(|mail| mail.recipient.as_str()).collect();
        assert_eq!(to, ["boss@acme.test"]);
        let last = seen(&house, acme, both).await.last.unwrap();
        assert!(last.good && last.says.contains("helper@partner.test"), "{last:?}");
        let last = seen(&house, acme, alone).await.last.unwrap();
        assert!(!last.good && last.says.contains("None of the addresses"), "{last:?}");
        assert_eq!(house.journaled(acme, "report_mail.failed", alone).await, 1);
        assert!(seen(&house, acme, alone).await.next_at > Some(house.clock.now()), "it is tried again");
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_refuses_it_is_told_at_the_report() {
    for house in houses().await {
        let relay = ready(&house).await;
        let acme = &house.acme;
        relay.answer_with("552 5.3.4 message too big\r\n");
        let running = tokio::spawn(mail::run(Arc::clone(&house.engine)));
        let id = report_mails::create(&house, &acme.all, input(acme.domain)).await.unwrap();
        assert!(
            report_mails::run_now(&house, &acme.all, id).await.unwrap().good,
            "it was handed to the queue"
        );
        until("refused", async || seen(&house, acme, id).await.last.is_some_and(|last| !last.good)).await;
        let last = seen(&house, acme, id).await.last.unwrap();
        assert!(last.says.contains("too big") && last.says.contains("boss@acme.test"), "{last:?}");
        assert_eq!(house.journaled(acme, "report_mail.failed", id).await, 1);
        running.abort();
        // Without any server it is said at once.
        mail::remove_server(&house, &acme.all, None).await.unwrap();
        let outcome = report_mails::run_now(&house, &acme.all, id).await.unwrap();
        assert!(!outcome.good && outcome.says.contains("no SMTP server"), "{outcome:?}");
        house.finish().await;
    }
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_sent() {
    for house in houses().await {
        ready(&house).await;
        let acme = &house.acme;
        for _ in 0..12 {
            let unit = async |tx: &mut Tx| {
                for n in 0..1_000 {
                    let body = serde_json::json!({ "name": "x".repeat(1_000) });
                    let subject = n.to_string();
                    tx.journal(JournalEntry { event: "group.created", subject, body });
                }
                Ok::<_, Error>(())
            };
            house.database().write(acme.id, Actor::CommandLine, unit).await.unwrap();
        }
        let large = ReportMailInput { report: Report::AdministratorActivity, ..input(acme.domain) };
        let id = report_mails::create(&house, &acme.all, large).await.unwrap();
        let outcome = report_mails::run_now(&house, &acme.all, id).await.unwrap();
        assert!(!outcome.good && outcome.says.contains("10 MB"), "{outcome:?}");
        assert!(house.mails(acme).await.is_empty());
        house.finish().await;
    }
}

fn field(outcome: Result<ReportMailId, Error>) -> String {
    match outcome {
        Err(Error::Invalid(issues)) => issues[0].field.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn wrong_input_foreign_ids_and_missing_permissions_are_refused() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        let good = input(acme.domain);
        let wrong = [
            ("name", ReportMailInput { name: " ".into(), ..good.clone() }),
            ("name", ReportMailInput { name: "a\r\nBcc: b".into(), ..good.clone() }),
            ("when", ReportMailInput { when: Recurrence::Day { minute: 1_440 }, ..good.clone() }),
            ("when", ReportMailInput { when: Recurrence::Week { weekday: 8, minute: 0 }, ..good.clone() }),
            ("when", ReportMailInput { when: Recurrence::Month { day: 0, minute: 0 }, ..good.clone() }),
            ("period_days", ReportMailInput { period_days: 0, ..good.clone() }),
            ("silent_days", ReportMailInput { silent_days: Some(7), ..good.clone() }),
            ("recipients", ReportMailInput { recipients: Vec::new(), ..good.clone() }),
            ("recipients", ReportMailInput { recipients: vec!["boss".into()], ..good.clone() }),
            ("recipients", ReportMailInput { recipients: vec!["boss@globex.test".into()], ..good.clone() }),
            ("recipients", ReportMailInput { recipients: vec!["boss@acme.test".into(); 21], ..good.clone() }),
        ];
        for (name, input) in wrong {
            assert_eq!(field(report_mails::create(&house, &acme.all, input).await), name);
        }
        let id = report_mails::create(&house, &acme.all, good.clone()).await.unwrap();
        let taken = ReportMailInput { name: "DEVICES".into(), ..good.clone() };
        let taken = report_mails::create(&house, &acme.all, taken).await;
        assert!(matches!(taken, Err(Error::Conflict(_))), "{taken:?}");
        report_mails::create(&house, &globex.all, input(globex.domain)).await.unwrap();
        // Another organization's does not exist.
        let gone =
            |outcome: Result<(), Error>| assert!(matches!(outcome, Err(Error::NotFound(_))), "{outcome:?}");
        gone(report_mails::get(&house, &globex.all, id).await.map(drop));
        gone(report_mails::run_now(&house, &globex.all, id).await.map(drop));
        gone(report_mails::edit(&house, &globex.all, id, None, input(globex.domain)).await);
        gone(report_mails::remove(&house, &globex.all, id).await);
        // Who may not see the report does not get it sent to himself.
        let powers = [Permission::OrganizationView, Permission::OrganizationEdit, Permission::DevicesExport];
        let role = house.role(acme, "No devices", &powers).await;
        let limited: Scope = house.administrator(acme, "limited", role).await;
        let new = ReportMailInput { name: "Other".into(), ..good.clone() };
        for outcome in [
            report_mails::create(&house, &limited, new).await.map(drop),
            report_mails::edit(&house, &limited, id, None, good.clone()).await,
            report_mails::run_now(&house, &limited, id).await.map(drop),
        ] {
            assert!(matches!(outcome, Err(Error::Denied(_))), "{outcome:?}");
        }
        let stale = report_mails::edit(&house, &acme.all, id, Some(7), good).await;
        assert!(matches!(stale, Err(Error::Conflict(_))), "{stale:?}");
        house.finish().await;
    }
}
