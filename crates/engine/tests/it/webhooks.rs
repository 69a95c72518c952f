//! Webhooks: signed as the manual says, in order, again after a failure, paused at last; never the neighbour's events.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::model::{Actor, AlertRule, AlertSettings, JournalEntry, OrganizationId, WebhookId, WebhookState};
use engine::Error;
use engine::webhooks::{self, WebhookInput};
use parking_lot::Mutex;
use serde_json::{Value, json};
use store::Tx;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::house::{HOUR, House, MINUTE, Tenant, houses};

/// A receiver that answers as it is told and keeps what it took.
struct Receiver {
    url: String,
    took: Arc<Mutex<Vec<Value>>>,
    answer: Arc<Mutex<&'static str>>,
    asked: Arc<Mutex<usize>>,
}

const FINE: &str = "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n";

async fn receiver() -> Receiver {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://127.0.0.1:{}/hook?x=1", listener.local_addr().unwrap().port());
    let receiver =
        Receiver { url, took: Arc::default(), answer: Arc::new(Mutex::new(FINE)), asked: Arc::default() };
    let (took, answer, asked) =
        (Arc::clone(&receiver.took), Arc::clone(&receiver.answer), Arc::clone(&receiver.asked));
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let (took, answer, asked) = (Arc::clone(&took), Arc::clone(&answer), Arc::clone(&asked));
            tokio::spawn(async move {
                let mut all = Vec::new();
                let mut piece = [0; 4096];
                loop {
                    let read = tcp.read(&mut piece).await.unwrap_or(0);
                    all.extend_from_slice(&piece[..read]);
                    let text = String::from_utf8_lossy(&all).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let length = head
                        .to_lowercase()
                        .split("content-length: ")
                        .nth(1)
                        .and_then(|rest| rest.split("\r\n").next()?.parse::<usize>().ok());
                    if read > 0 && body.len() < length.unwrap_or(0) {
                        continue;
                    }
                    assert!(head.starts_with("POST /hook?x=1 HTTP/1.1"), "{head}");
                    *asked.lock() += 1;
                    let reply = *answer.lock();
                    if reply == FINE {
                        let events = serde_json::from_str::<Value>(body).unwrap()["events"].clone();
                        took.lock().extend(events.as_array().unwrap().clone());
                    }
                    let _ = tcp.write_all(reply.as_bytes()).await;
                    return;
                }
            });
        }
    });
    receiver
}

async fn happens(house: &House, organization: OrganizationId, event: &'static str, subject: String) {
    let unit = async move |tx: &mut Tx| {
        tx.journal(JournalEntry { event, subject: subject.clone(), body: json!({ "a": "ü" }) });
        Ok::<_, Error>(())
    };
    house.database().write(organization, Actor::System, unit).await.unwrap();
}

async fn until(what: &str, done: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !done().await {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn input(url: &str) -> WebhookInput {
    WebhookInput { name: "SIEM".into(), url: url.into(), events: vec!["user.".into()], on: true }
}

async fn state(house: &House, tenant: &Tenant, id: WebhookId) -> WebhookState {
    let all = webhooks::list(house, &tenant.all).await.unwrap();
    all.into_iter().find(|(webhook, _)| webhook.id == id).unwrap().1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_come_in_order_once_and_only_the_own_ones() {
    for house in houses().await {
        house.engine.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap()]);
        let (acme, globex) = (receiver().await, receiver().await);
        let (id, secret) = webhooks::create(&house, &house.acme.all, input(&acme.url)).await.unwrap();
        webhooks::create(&house, &house.globex.all, input(&globex.url)).await.unwrap();
        let running = tokio::spawn(webhooks::run(Arc::clone(&house.engine)));
        for n in 0..250 {
            happens(&house, house.acme.id, "user.updated", n.to_string()).await;
            happens(&house, house.acme.id, "device.seen", "x".into()).await;
        }
        happens(&house, house.globex.id, "user.updated", "theirs".into()).await;
        until("everything arrives", async || acme.took.lock().len() == 250).await;
        until("theirs too", async || globex.took.lock().len() == 1).await;
        let subjects: Vec<_> =
            acme.took.lock().iter().map(|e| e["subject"].as_str().unwrap().to_owned()).collect();
        assert_eq!(subjects, (0..250).map(|n| n.to_string()).collect::<Vec<_>>());
        // The stream by REST has the same numbers.
        let first = acme.took.lock()[0]["sequence"].as_i64().unwrap();
        let stream = webhooks::events(&house, &house.acme.all, first - 1, 10).await.unwrap();
        assert_eq!((stream[0].sequence, stream[0].subject.as_str()), (first, "0"));
        // The secret is nowhere but with its owner, and nobody else can touch the webhook.
        assert!(!house.journal_text(house.acme.id).await.contains(&secret));
        let foreign = webhooks::remove(&house, &house.globex.all, id).await;
        assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
        assert!(webhooks::test(&house, &house.acme.all, id).await.unwrap().is_ok());
        assert_eq!(acme.took.lock().last().unwrap()["event"], "test");
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_fails_is_asked_again_then_paused_and_resumed() {
    for house in houses().await {
        house.engine.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap()]);
        let acme = &house.acme;
        let receiver = receiver().await;
        // A redirect is not followed: it could lead anywhere.
        *receiver.answer.lock() =
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        let (id, _) = webhooks::create(&house, &acme.all, input(&receiver.url)).await.unwrap();
        let running = tokio::spawn(webhooks::run(Arc::clone(&house.engine)));
        happens(&house, acme.id, "user.updated", "1".into()).await;
        until("it is tried", async || state(&house, acme, id).await.attempts == 1).await;
        for round in 2..=3 {
            house.clock.advance(HOUR);
            until("it is tried again", async || state(&house, acme, id).await.attempts == round).await;
        }
        assert_eq!(house.journaled(acme, "webhook.failed", id).await, 1);
        house.clock.advance(73 * HOUR);
        until("it is paused", async || state(&house, acme, id).await.paused_at.is_some()).await;
        assert_eq!(house.journaled(acme, "webhook.paused", id).await, 1);
        let asked = *receiver.asked.lock();
        *receiver.answer.lock() = FINE;
        happens(&house, acme.id, "user.updated", "2".into()).await;
        house.clock.advance(2 * HOUR);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(*receiver.asked.lock(), asked, "nothing is sent while it is paused");
        let wrong = webhooks::resume(&house, &acme.all, id, Some(1_000_000)).await.unwrap_err();
        assert!(matches!(&wrong, Error::Invalid(i) if i[0].field == "after"), "{wrong:?}");
        webhooks::resume(&house, &acme.all, id, None).await.unwrap();
        until("nothing was lost", async || receiver.took.lock().len() == 2).await;
        // The receiver has it a moment before the log does.
        let log = async || webhooks::deliveries(&house, &acme.all, id, 10).await.unwrap();
        until("it is noted", async || log().await[0].taken).await;
        let log = log().await;
        assert!(log[0].taken && !log.last().unwrap().taken);
        assert!(log.last().unwrap().outcome.contains("302"), "{}", log.last().unwrap().outcome);
        running.abort();
        house.finish().await;
    }
}

#[tokio::test]
async fn internal_and_foolish_addresses_are_refused() {
    let house = House::on(testkit::sqlite().await).await;
    let acme = &house.acme;
    for (field, wrong) in [
        ("url", input("http://hooks.example.com/")),
        ("url", input("ftp://hooks.example.com/")),
        ("url", input("https://user:password@hooks.example.com/")),
        ("name", WebhookInput { name: " ".into(), ..input("https://hooks.example.com/") }),
        ("events", WebhookInput { events: vec!["nonsense.".into()], ..input("https://hooks.example.com/") }),
    ] {
        let error = webhooks::create(&house, &acme.all, wrong).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid(i) if i[0].field == field), "{field}: {error:?}");
    }
    // The address is looked at when it is connected to, whatever its name: the operator has allowed nothing.
    let receiver = receiver().await;
    for url in [receiver.url.clone(), receiver.url.replace("127.0.0.1", "localhost")] {
        let (id, _) = webhooks::create(&house, &acme.all, input(&url)).await.unwrap();
        let error = webhooks::test(&house, &acme.all, id).await.unwrap().unwrap_err();
        assert!(error.to_string().contains("internal"), "{error}");
    }
    let (id, _) = webhooks::create(&house, &acme.all, input("https://169.254.169.254/latest")).await.unwrap();
    assert!(
        webhooks::test(&house, &acme.all, id).await.unwrap().unwrap_err().to_string().contains("internal")
    );
    assert_eq!(*receiver.asked.lock(), 0);
    house.finish().await;
}

/// The receiver of the manual, run as it is printed there.
struct Example(Child, std::sync::mpsc::Receiver<String>, u16);

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn example(secret: &str) -> Option<Example> {
    let manual = include_str!("../../../../docs/integrator/webhooks.md");
    let code = manual.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let spawned = Command::new("python3")
        .args(["-c", code, "0"])
        .env("WEBHOOK_SECRET", secret)
        .stdout(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            assert!(std::env::var_os("NOTIFYMDM_REQUIRE_ALL").is_none(), "python3: {error}");
            eprintln!("python3 is not here, so the receiver of the manual was NOT tried: {error}");
            return None;
        }
    };
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = lines.next().unwrap().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(sender.send(line))));
    Some(Example(child, receiver, port))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_receiver_of_the_manual_believes_us_and_nobody_else() {
    let house = House::on(testkit::sqlite().await).await;
    house.engine.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap()]);
    // It looks at the time, so the house's clock shows it.
    #[expect(clippy::disallowed_methods, reason = "the receiver compares with the real time")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    house.clock.set(i64::try_from(now.as_millis()).unwrap());
    let acme = &house.acme;
    let (id, secret) = webhooks::create(&house, &acme.all, input("http://127.0.0.1:9/")).await.unwrap();
    let Some(example) = example(&secret) else { return };
    webhooks::edit(&house, &acme.all, id, input(&format!("http://127.0.0.1:{}/", example.2))).await.unwrap();
    let running = tokio::spawn(webhooks::run(Arc::clone(&house.engine)));
    happens(&house, acme.id, "user.updated", "genuine".into()).await;
    let heard = tokio::task::block_in_place(|| example.1.recv_timeout(Duration::from_secs(20))).unwrap();
    assert!(heard.ends_with("user.updated genuine"), "{heard}");
    // While the secret changes over both are good; when the old one is retired its receiver refuses us.
    webhooks::new_secret(&house, &acme.all, id).await.unwrap();
    assert_eq!(webhooks::test(&house, &acme.all, id).await.unwrap(), Ok(204));
    webhooks::retire_secret(&house, &acme.all, id).await.unwrap();
    let refused = webhooks::test(&house, &acme.all, id).await.unwrap().unwrap_err();
    assert!(refused.to_string().contains("401"), "{refused}");
    // An old delivery is refused even with the right signature.
    let (late, secret) = webhooks::create(&house, &acme.all, input("http://127.0.0.1:9/")).await.unwrap();
    let Some(other) = self::example(&secret) else { return };
    webhooks::edit(&house, &acme.all, late, input(&format!("http://127.0.0.1:{}/", other.2))).await.unwrap();
    assert!(webhooks::test(&house, &acme.all, late).await.unwrap().is_ok());
    house.clock.advance(-10 * MINUTE);
    assert!(webhooks::test(&house, &acme.all, late).await.unwrap().unwrap_err().to_string().contains("401"));
    running.abort();
    house.finish().await;
}

/// A webhook that hears of nothing else hears of the alerts whose settings name it: raised once within the throttle,
/// escalated, ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_names_the_webhooks_that_hear_of_it() {
    for house in houses().await {
        house.engine.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap()]);
        let (acme, globex) = (&house.acme, &house.globex);
        let (ours, theirs) = (receiver().await, receiver().await);
        let none = |url: &str| WebhookInput { events: vec!["user.imported".into()], ..input(url) };
        let (id, _) = webhooks::create(&house, &acme.all, none(&ours.url)).await.unwrap();
        let (foreign, _) = webhooks::create(&house, &globex.all, none(&theirs.url)).await.unwrap();
        let follower = house.follow(Arc::new(engine::alerts::AlertFollower)).await;
        let running = tokio::spawn(webhooks::run(Arc::clone(&house.engine)));
        let key = "server.unreachable";
        let rule = |webhook| AlertRule {
            webhooks: vec![webhook],
            escalate_minutes: 30,
            throttle_minutes: 60,
            ..AlertRule::default()
        };
        let settings =
            |rule| AlertSettings { kinds: [(key.to_owned(), rule)].into(), ..AlertSettings::default() };
        match engine::alerts::edit_settings(&house, &acme.all, None, settings(rule(foreign))).await {
            Err(Error::Invalid(issues)) => assert_eq!(issues[0].field, format!("kinds.{key}.webhooks")),
            other => panic!("another organization's webhook: {other:?}"),
        }
        engine::alerts::edit_settings(&house, &acme.all, None, settings(rule(id))).await.unwrap();
        let took = |event: &str| ours.took.lock().iter().filter(|e| e["event"] == event).count();
        happens(&house, acme.id, "server.unreachable", "mail-1".into()).await;
        until("it is raised", async || took("alert.raised") == 1).await;
        // Again within the hour: counted, not told.
        happens(&house, acme.id, "server.unreachable", "mail-1".into()).await;
        until("it counts", async || {
            house.journal(acme.id).await.iter().filter(|(event, _)| event == "alert.raised").count() == 2
        })
        .await;
        house.clock.advance(31 * MINUTE);
        engine::alerts::tick(&house).await.unwrap();
        until("it is escalated", async || took("alert.escalated") == 1).await;
        happens(&house, acme.id, "server.reachable", "mail-1".into()).await;
        until("it is over", async || took("alert.closed") == 1).await;
        assert_eq!((ours.took.lock().len(), theirs.took.lock().len()), (3, 0));
        let raised = ours.took.lock()[0]["body"].clone();
        assert_eq!((&raised["kind"], &raised["about"]), (&json!(key), &json!("mail-1")));
        // A webhook that is removed leaves nothing that names it.
        webhooks::remove(&house, &acme.all, id).await.unwrap();
        let (_, known) = engine::alerts::settings(&house, &acme.all).unwrap();
        assert!(known.alerts.kinds[key].webhooks.is_empty());
        follower.abort();
        running.abort();
        house.finish().await;
    }
}
