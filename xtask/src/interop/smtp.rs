//! Outgoing mail through OpenSMTPD: TLS from the first byte and STARTTLS, with signing in; what is wrong is said; what
//! could not be delivered while the server was down arrives when it is up.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use simulator::eas::Version;

use super::{Context, Scenario, block_on};
use crate::peers::opensmtpd::{self, DOMAIN};
use crate::peers::submission::{self, ACCOUNT, STARTTLS, TLS};
use crate::product::{Installation, Organization};
use crate::work::Work;

pub static SCENARIO: Scenario = Scenario {
    name: "smtp",
    shows: "alerts and notifications arrive through OpenSMTPD over TLS; what is wrong with a server is said",
    peers: &["opensmtpd", "submission"],
    run,
};

fn run(context: &Context<'_>) -> Result<()> {
    opensmtpd::forget(context.work)?;
    // Organizations may name servers on this host only if the operator allows it.
    let closed = context.installation()?.organization("smtp-closed")?;
    let more = ["--internal-target", "127.0.0.0/8", "--internal-target", "::1/128"];
    let installation = Installation::with(context.work, context.binary()?, "smtp", &more)?;
    let organization = installation.organization("smtp")?;
    block_on(async {
        internal_hosts_are_refused(context, &closed).await?;
        refusals(context, &organization).await?;
        both_protections(context, &organization).await?;
        alerts_arrive(context, &organization).await?;
        nothing_is_lost(context, &organization).await
    })
}

/// What is set as the organization's server.
fn server(work: &Work, security: &str, password: &str) -> Result<Value> {
    let port = if security == "tls" { TLS } else { STARTTLS };
    Ok(json!({
        "host": "localhost", "port": port, "security": security, "roots": submission::authority(work, "ca")?,
        "username": ACCOUNT.0, "password": password, "sender": "mdm@smtp.test", "sender_name": "MDM Grüße",
    }))
}

async fn set(organization: &Organization, server: &Value) -> Result<()> {
    organization.rest.put("/smtp-server", server).await.map(drop)
}

/// What the test of the server in force says.
async fn test(organization: &Organization, to: &str) -> Result<Value> {
    organization.rest.post("/smtp-server/test", &json!({ "recipient": to })).await
}

async fn internal_hosts_are_refused(context: &Context<'_>, closed: &Organization) -> Result<()> {
    set(closed, &server(context.work, "tls", ACCOUNT.1)?).await?;
    let said = test(closed, "").await?;
    ensure!(said["ok"] == false && said.to_string().contains("internal"), "{said}");
    context.step("a server on an internal address is refused where the operator allows none");
    Ok(())
}

/// A wrong authority, a wrong name, a wrong password: each is told from the others.
async fn refusals(context: &Context<'_>, organization: &Organization) -> Result<()> {
    for security in ["tls", "starttls"] {
        let good = server(context.work, security, ACCOUNT.1)?;
        let with = |field: &str, value: Value| {
            let mut other = good.clone();
            other[field] = value;
            other
        };
        let other = submission::authority(context.work, "other")?;
        for (wrong, words) in [
            (with("roots", json!(other)), "certificate"),
            (with("host", json!("127.0.0.1")), "certificate"),
            (with("password", json!("another password")), "user name or password"),
        ] {
            set(organization, &wrong).await?;
            let said = test(organization, "").await?;
            ensure!(said["ok"] == false && said.to_string().contains(words), "{security}, {words}: {said}");
            ensure!(!said.to_string().contains("another password"), "the password is given out: {said}");
        }
    }
    // The other protection's port.
    let mut crossed = server(context.work, "tls", ACCOUNT.1)?;
    crossed["port"] = json!(STARTTLS);
    set(organization, &crossed).await?;
    let said = test(organization, "").await?;
    ensure!(said["ok"] == false && said.to_string().contains("STARTTLS"), "{said}");
    context.step("a wrong authority, name, password and port are refused, each with its own words");
    Ok(())
}

async fn both_protections(context: &Context<'_>, organization: &Organization) -> Result<()> {
    for security in ["tls", "starttls"] {
        set(organization, &server(context.work, security, ACCOUNT.1)?).await?;
        let said = test(organization, &format!("{security}@{DOMAIN}")).await?;
        ensure!(said["ok"] == true, "{security}: {said}");
        let mail = arrives(context.work, &format!("To: {security}@{DOMAIN}")).await?;
        ensure!(mail.contains("Subject: Test of the SMTP server"), "{mail}");
        ensure!(mail.contains("mdm@smtp.test"), "{mail}");
    }
    context.step("a test mail arrives over TLS and over STARTTLS, signed in");
    Ok(())
}

/// A phone that is blocked: its user is written to, and so is whoever gets the alert; the log says so.
async fn alerts_arrive(context: &Context<'_>, organization: &Organization) -> Result<()> {
    let rest = &organization.rest;
    rest.put("/restriction-notifications", &json!({ "on": true })).await?;
    let alert = json!({
        "on": true, "severity": "warning", "email": true, "throttle_minutes": 0, "escalate_minutes": 0,
        "recipients": { "addresses": [format!("desk@{DOMAIN}")] },
    });
    rest.put("/alert-settings", &json!({ "kinds": { "device.blocked": alert } })).await?;
    organization.suite("Mail", "low", &json!({})).await?;
    let user = json!({
        "username": "sina", "email": format!("sina@{DOMAIN}"), "display_name": "Sina", "password": "a long password",
    });
    rest.post("/users", &user).await?;
    let mut phone = organization.phone("sina", "a long password", 1, Version::V16_1)?;
    ensure!(phone.connect().await?.done().is_some(), "the phone connects");
    let device = organization.device(&phone).await?["id"].as_str().context("an id")?.to_owned();
    rest.post(&format!("/devices/{device}/commands"), &json!({ "kind": "block" })).await?;
    let mail = arrives(context.work, &format!("To: sina@{DOMAIN}")).await?;
    ensure!(mail.contains("is restricted"), "{mail}");
    arrives(context.work, &format!("To: desk@{DOMAIN}")).await?;
    let log = rest.get("/mail").await?;
    let sent = log["items"].as_array().context("a list")?.iter().filter(|m| m["state"] == "sent").count();
    ensure!(sent == 2, "{log}");
    context.step("a blocked phone: its user and the help desk are written to, and the log says so");
    Ok(())
}

/// The server is away: mail waits, an alert says so, and all of it arrives once.
async fn nothing_is_lost(context: &Context<'_>, organization: &Organization) -> Result<()> {
    let rest = &organization.rest;
    let devices = rest.get("/devices").await?;
    let device = devices["items"][0]["id"].as_str().context("an id")?.to_owned();
    submission::stop(context.work)?;
    rest.post(&format!("/devices/{device}/commands"), &json!({ "kind": "allow" })).await?;
    let failed = "kind=mail.server_failed";
    let told = until(async || {
        let alerts = rest.get(&format!("/alerts?{failed}")).await?;
        Ok(alerts["items"].as_array().is_some_and(|all| !all.is_empty()).then_some(alerts))
    });
    let alert = told.await.context("no alert says that the server is away")?;
    ensure!(alert["items"][0]["state"] == "new", "{alert}");
    let waits = until(async || {
        let log = rest.get("/mail").await?;
        let first = log["items"][0].clone();
        Ok((first["state"] == "waiting" && first["outcome"] != "").then_some(first))
    });
    waits.await.context("the log does not say why the mail waits")?;
    submission::start(context.work)?;
    let mail = arrives(context.work, "has access again").await?;
    ensure!(mail.contains(&format!("To: sina@{DOMAIN}")), "{mail}");
    let over = until(async || {
        let alerts = rest.get(&format!("/alerts?{failed}")).await?;
        Ok((alerts["items"][0]["state"] == "closed").then_some(()))
    });
    over.await.context("the alert about the server stays")?;
    let twice = opensmtpd::delivered(context.work)?;
    let twice = twice.iter().filter(|mail| mail.contains("has access again")).count();
    ensure!(twice == 1, "it came {twice} times");
    context
        .step("what was due while the server was down arrived once when it was up; the alert closed itself");
    Ok(())
}

/// A mail with this text in the box.
async fn arrives(work: &Work, text: &str) -> Result<String> {
    until(async || Ok(opensmtpd::delivered(work)?.into_iter().find(|mail| mail.contains(text))))
        .await
        .with_context(|| format!("no mail with {text:?} arrived"))
}

/// Waits up to two minutes: the second attempt of a mail comes after half a minute.
async fn until<T>(done: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        if let Some(found) = done().await? {
            return Ok(found);
        }
        ensure!(Instant::now() < deadline, "not within two minutes");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
