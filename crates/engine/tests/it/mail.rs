//! Outgoing mail: it goes once, it waits for a server that is away, it is given up with a reason.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::model::{Actor, Mail, MailState, Organization, OrganizationId, SmtpSecurity};
use engine::mail::{self, Letter, SmtpInput};
use engine::{Error, sign_in};
use parking_lot::Mutex;
use store::Tx;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::house::{HOUR, House, houses};

/// A server on this host that takes everything, or says what it is told to.
pub struct Relay {
    pub port: u16,
    pub heard: Arc<Mutex<Vec<String>>>,
    answer: Arc<Mutex<&'static str>>,
}

impl Relay {
    /// What it says to every mail from now on.
    pub fn answer_with(&self, words: &'static str) {
        *self.answer.lock() = words;
    }
}

pub async fn relay() -> Relay {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let relay = Relay { port, heard: Arc::default(), answer: Arc::new(Mutex::new("250 taken\r\n")) };
    let (heard, answer) = (Arc::clone(&relay.heard), Arc::clone(&relay.answer));
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let (heard, answer) = (Arc::clone(&heard), Arc::clone(&answer));
            tokio::spawn(async move {
                let mut stream = BufReader::new(tcp);
                let (mut line, mut text, mut data) = (String::new(), String::new(), false);
                let _ = stream.write_all(b"220 relay\r\n").await;
                loop {
                    line.clear();
                    if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                        return;
                    }
                    let reply = match (data, line.as_str()) {
                        (true, ".\r\n") => {
                            data = false;
                            let reply = *answer.lock();
                            if reply.starts_with('2') {
                                heard.lock().push(std::mem::take(&mut text));
                            }
                            reply
                        }
                        (true, more) => {
                            text.push_str(more);
                            continue;
                        }
                        (false, "DATA\r\n") => {
                            data = true;
                            "354 go\r\n"
                        }
                        _ => "250 ok\r\n",
                    };
                    let _ = stream.write_all(reply.as_bytes()).await;
                }
            });
        }
    });
    relay
}

pub fn input(port: u16) -> SmtpInput {
    SmtpInput {
        host: "127.0.0.1".into(),
        port,
        security: SmtpSecurity::Plain,
        sender: "mdm@example.com".into(),
        ..SmtpInput::default()
    }
}

async fn queue(house: &House, organization: OrganizationId, to: &str) {
    let letter = Letter {
        purpose: "test",
        recipient: to.parse().unwrap(),
        subject: "Hello".into(),
        text: format!("to {to}\n"),
    };
    let unit = async move |tx: &mut Tx| {
        mail::queue(tx, &letter).await?;
        Ok::<_, Error>(())
    };
    house.database().write(organization, Actor::System, unit).await.unwrap();
    mail::wake(house);
}

async fn log_until(house: &House, all: &engine::Scope, done: impl Fn(&[Mail]) -> bool) -> Vec<Mail> {
    let begun = Instant::now();
    loop {
        let log = mail::log(house, all, None, 100).await.unwrap();
        if done(&log) {
            return log;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{log:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_goes_by_the_own_server_or_the_installations_and_its_text_is_gone_then() {
    for house in houses().await {
        house.engine.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap()]);
        let (own, systems) = (relay().await, relay().await);
        let system = sign_in::command_line(Organization::SYSTEM);
        mail::edit_server(&house, &system, None, input(systems.port)).await.unwrap();
        mail::edit_server(&house, &house.acme.all, None, input(own.port)).await.unwrap();
        let running = tokio::spawn(mail::run(Arc::clone(&house.engine)));
        queue(&house, house.acme.id, "anna@acme.test").await;
        queue(&house, house.globex.id, "anna@globex.test").await;
        let sent = |log: &[Mail]| log.iter().all(|m| m.state == MailState::Sent);
        let acme = log_until(&house, &house.acme.all, sent).await;
        let globex = log_until(&house, &house.globex.all, sent).await;
        assert_eq!((acme.len(), globex.len()), (1, 1));
        assert_eq!(acme[0].recipient.as_str(), "anna@acme.test");
        let texts = |relay: &Relay| relay.heard.lock().join("");
        assert!(texts(&own).contains("to anna@acme.test") && !texts(&own).contains("globex"));
        assert!(texts(&systems).contains("to anna@globex.test") && !texts(&systems).contains("acme"));
        let left = house
            .database()
            .read(house.acme.id, async |tx: &mut Tx| store::repo::mail::log(tx, None, 10).await);
        assert_eq!(left.await.unwrap()[0].text, None);
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_away_loses_nothing_and_holds_up_nobody() {
    for house in houses().await {
        house.engine.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap()]);
        let relay = relay().await;
        // Acme's server does not exist.
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        mail::edit_server(&house, &house.acme.all, None, input(closed)).await.unwrap();
        mail::edit_server(&house, &house.globex.all, None, input(relay.port)).await.unwrap();
        let running = tokio::spawn(mail::run(Arc::clone(&house.engine)));
        queue(&house, house.acme.id, "anna@acme.test").await;
        queue(&house, house.globex.id, "anna@globex.test").await;
        log_until(&house, &house.globex.all, |log| log[0].state == MailState::Sent).await;
        let waiting = log_until(&house, &house.acme.all, |log| log[0].attempts > 0).await;
        assert!(waiting[0].outcome.contains("nobody answers"), "{}", waiting[0].outcome);
        assert_eq!(house.journaled(&house.acme, "mail.server_failed", "").await, 1);
        // The server is set right: what waits goes at once.
        mail::edit_server(&house, &house.acme.all, None, input(relay.port)).await.unwrap();
        log_until(&house, &house.acme.all, |log| log[0].state == MailState::Sent).await;
        assert_eq!(house.journaled(&house.globex, "mail.server_failed", "").await, 0);
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_never_takes_is_given_up_with_its_words() {
    for house in houses().await {
        house.engine.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap()]);
        let relay = relay().await;
        mail::edit_server(&house, &house.acme.all, None, input(relay.port)).await.unwrap();
        let running = tokio::spawn(mail::run(Arc::clone(&house.engine)));
        *relay.answer.lock() = "554 5.6.0 too silly\r\n";
        queue(&house, house.acme.id, "anna@acme.test").await;
        let log = log_until(&house, &house.acme.all, |log| log[0].state == MailState::GivenUp).await;
        assert!(log[0].outcome.contains("too silly"));
        *relay.answer.lock() = "452 4.2.2 full\r\n";
        house.clock.advance(1_000);
        queue(&house, house.acme.id, "eva@acme.test").await;
        log_until(&house, &house.acme.all, |log| log[0].attempts == 1).await;
        // Days later it is still full.
        house.clock.advance(80 * HOUR);
        mail::wake(&house);
        log_until(&house, &house.acme.all, |log| log[0].state == MailState::GivenUp).await;
        let journal = house.journal(house.acme.id).await;
        assert_eq!(journal.iter().filter(|(event, _)| event == "mail.given_up").count(), 2);
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hourly_limit_holds_and_secrets_stay_secret() {
    for house in houses().await {
        house.engine.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap()]);
        let relay = relay().await;
        let limited = SmtpInput { hourly_limit: 2, ..input(relay.port) };
        mail::edit_server(&house, &house.acme.all, None, limited).await.unwrap();
        let running = tokio::spawn(mail::run(Arc::clone(&house.engine)));
        for n in 0..4 {
            queue(&house, house.acme.id, &format!("u{n}@acme.test")).await;
        }
        let waits = |m: &&Mail| m.outcome.contains("within an hour");
        log_until(&house, &house.acme.all, |log| log.iter().filter(waits).count() == 2).await;
        assert_eq!(relay.heard.lock().len(), 2);
        house.clock.advance(HOUR + 60_000);
        mail::wake(&house);
        log_until(&house, &house.acme.all, |log| log.iter().all(|m| m.state == MailState::Sent)).await;
        running.abort();

        let secret = "correct-horse-staple";
        let with = SmtpInput { username: "mdm".into(), password: Some(secret.into()), ..input(relay.port) };
        mail::edit_server(&house, &house.acme.all, None, with.clone()).await.unwrap();
        assert!(!house.journal_text(house.acme.id).await.contains(secret));
        // A password is never sent to another host, whoever edits the host.
        let elsewhere =
            SmtpInput { host: "mail.evil.test".into(), security: SmtpSecurity::Tls, password: None, ..with };
        let refused = mail::edit_server(&house, &house.acme.all, None, elsewhere).await.unwrap_err();
        assert!(matches!(&refused, Error::Invalid(i) if i[0].field == "password"), "{refused:?}");
        house.finish().await;
    }
}

#[tokio::test]
async fn a_wrong_server_is_refused_beside_the_field() {
    let house = House::on(testkit::sqlite().await).await;
    let good = input(25);
    for (field, wrong) in [
        ("host", SmtpInput { host: "mail server".into(), ..good.clone() }),
        ("port", SmtpInput { port: 0, ..good.clone() }),
        ("security", SmtpInput { host: "mail.example.com".into(), ..good.clone() }),
        ("roots", SmtpInput { roots: "hello".into(), ..good.clone() }),
        ("sender", SmtpInput { sender: "a@b.test\r\nBcc: c@d.test".into(), ..good.clone() }),
        ("reply_to", SmtpInput { reply_to: "nobody".into(), ..good.clone() }),
        ("hourly_limit", SmtpInput { hourly_limit: 0, ..good.clone() }),
        ("password", SmtpInput { username: "me".into(), ..good.clone() }),
    ] {
        let error = mail::edit_server(&house, &house.acme.all, None, wrong).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid(i) if i[0].field == field), "{field}: {error:?}");
    }
    // Without the operator's leave an organization's server is not looked for inside.
    mail::edit_server(&house, &house.acme.all, None, good).await.unwrap();
    let outcome = mail::test_server(&house, &house.acme.all, "").await.unwrap();
    assert!(outcome.unwrap_err().to_string().contains("internal"));
    house.finish().await;
}
