//! The SMTP server of an organization, or of the installation: looking, changing, trying.

use catalog::Permission;
use clients::smtp::{self, SmtpError};
use domain::mail::{Line, MailAddress};
use domain::model::{
    JournalEntry, Messaging, Organization, OrganizationId, Sealed, SmtpSecurity, SmtpServer,
};
use serde_json::json;
use store::{Tx, repo};

use super::{Letter, sender};
use crate::issues::{Issues, unchanged};
use crate::{Engine, Error, Result, Scope};

/// What an administrator enters.
#[derive(Debug, Clone)]
pub struct SmtpInput {
    /// Name or address.
    pub host: String,
    /// Port, 1 to 65535.
    pub port: u16,
    /// Protection.
    pub security: SmtpSecurity,
    /// Roots in PEM form; empty: public authorities.
    pub roots: String,
    /// Name to sign in with; empty: without.
    pub username: String,
    /// Password; `None` keeps the present one.
    pub password: Option<String>,
    /// Address that mail comes from.
    pub sender: String,
    /// Name beside it.
    pub sender_name: String,
    /// Where answers go; empty: to the sender.
    pub reply_to: String,
    /// Mails in an hour, 1 to 100,000.
    pub hourly_limit: u32,
}

impl Default for SmtpInput {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 465,
            security: SmtpSecurity::Tls,
            roots: String::new(),
            username: String::new(),
            password: None,
            sender: String::new(),
            sender_name: String::new(),
            reply_to: String::new(),
            hourly_limit: 1_000,
        }
    }
}

/// What a sealed password is bound to. The host is part of it: a password never goes to another server.
pub(super) fn context(organization: OrganizationId, host: &str, username: &str) -> String {
    format!("smtp/{organization}/{host}/{username}")
}

/// The server of the scope's organization with the revision of its settings; `None`: it has none of its own.
///
/// # Errors
/// [`Error::Denied`]; at the installation for everybody but system administrators.
pub fn server(engine: &Engine, scope: &Scope) -> Result<(i64, Option<SmtpServer>)> {
    may(scope, Permission::OrganizationView)?;
    let found = engine.directory.messaging(scope.organization()).ok_or(Error::NotFound("organization"))?;
    Ok((found.rev, found.smtp.clone()))
}

fn may(scope: &Scope, permission: Permission) -> Result<()> {
    if scope.organization() == Organization::SYSTEM {
        scope.require_system()
    } else {
        scope.require(permission)
    }
}

/// Sets the server. Mail that waits is tried at once.
///
/// # Errors
/// [`Error::Invalid`] by field; [`Error::Conflict`] for another `seen` revision.
pub async fn edit_server(engine: &Engine, scope: &Scope, seen: Option<i64>, input: SmtpInput) -> Result<()> {
    may(scope, Permission::OrganizationEdit)?;
    let (_, old) = server(engine, scope)?;
    let new = assemble(engine, scope.organization(), old.as_ref(), input)?;
    put(engine, scope, seen, Some(new)).await?;
    engine.mail.failing.lock().remove(&scope.organization());
    super::wake(engine);
    Ok(())
}

/// Takes the server away; the installation's serves from then on.
///
/// # Errors
/// As [`edit_server`].
pub async fn remove_server(engine: &Engine, scope: &Scope, seen: Option<i64>) -> Result<()> {
    may(scope, Permission::OrganizationEdit)?;
    put(engine, scope, seen, None).await
}

async fn put(engine: &Engine, scope: &Scope, seen: Option<i64>, smtp: Option<SmtpServer>) -> Result<()> {
    let unit = async move |tx: &mut Tx| {
        let known = repo::messaging::get(tx).await?;
        let mut messaging = known.unwrap_or_else(|| Messaging::new(tx.organization()));
        unchanged(seen, messaging.rev)?;
        let before = shown(messaging.smtp.as_ref());
        messaging.smtp.clone_from(&smtp);
        repo::messaging::put(tx, &mut messaging).await?;
        repo::mail::retry_all(tx).await?;
        tx.journal(JournalEntry {
            event: "mail.server_changed",
            subject: String::new(),
            body: json!({ "before": before, "after": shown(smtp.as_ref()) }),
        });
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

/// For the journal: without the password.
fn shown(server: Option<&SmtpServer>) -> serde_json::Value {
    server.map_or(serde_json::Value::Null, |server| {
        let mut value = json!(server);
        value["password"] = json!(server.password.is_some());
        value
    })
}

fn assemble(
    engine: &Engine,
    organization: OrganizationId,
    old: Option<&SmtpServer>,
    input: SmtpInput,
) -> Result<SmtpServer> {
    let mut issues = Issues::default();
    let host = input.host.trim().to_ascii_lowercase();
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    let local = host == "localhost";
    issues.check(is_address || local || domain::names::domain_name(&host).is_ok(), "host", || {
        "Enter a host such as smtp.example.com.".into()
    });
    issues.check(input.port > 0, "port", || "Enter 465 for TLS or 587 for STARTTLS.".into());
    let loopback = local || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    issues.check(input.security != SmtpSecurity::Plain || loopback, "security", || {
        "Without TLS mail goes to a server on this host only. Choose TLS or STARTTLS.".into()
    });
    let roots = input.roots.trim().to_owned();
    if !roots.is_empty()
        && let Err(why) = clients::trust::pinned(&roots)
    {
        issues.add(
            "roots",
            format!("Paste root certificates in PEM form (-----BEGIN CERTIFICATE-----): {why}."),
        );
    }
    let username = input.username.trim().to_owned();
    issues.check(username.len() <= 254 && !username.chars().any(char::is_control), "username", || {
        "Enter a user name of at most 254 characters.".into()
    });
    let sender = address(&mut issues, "sender", &input.sender);
    let reply_to = Some(input.reply_to.trim()).filter(|text| !text.is_empty());
    let reply_to = reply_to.and_then(|text| address(&mut issues, "reply_to", text));
    issues
        .check((1..=100_000).contains(&input.hourly_limit), "hourly_limit", || "Enter 1 to 100,000.".into());
    let password = match input.password.filter(|_| !username.is_empty()) {
        Some(new) if !new.is_empty() => {
            issues.check(new.len() <= 1_000, "password", || "Use at most 1,000 characters.".into());
            let sealed = engine.secret_key.seal(&context(organization, &host, &username), new.as_bytes())?;
            Some(Sealed(sealed))
        }
        _ => {
            let same = old.filter(|old| old.host == host && old.username == username);
            same.and_then(|old| old.password.clone())
        }
    };
    issues.check(username.is_empty() || password.is_some(), "password", || {
        "Enter the password for this user name; the one of another server is not sent here.".into()
    });
    issues.done()?;
    let Some(sender) = sender else { return Err(Error::internal("an address was neither good nor bad")) };
    Ok(SmtpServer {
        host,
        port: input.port,
        security: input.security,
        roots,
        username,
        password,
        sender,
        sender_name: Line::from(input.sender_name),
        reply_to,
        hourly_limit: input.hourly_limit,
    })
}

fn address(issues: &mut Issues, field: &str, text: &str) -> Option<MailAddress> {
    match text.parse() {
        Ok(address) => Some(address),
        Err(domain::names::NameError(why)) => {
            issues.add(field, why);
            None
        }
    }
}

/// Tries the server now: connects, checks the certificate, signs in, and hands over a mail if a recipient is named.
/// Answers the server's words, or why it failed.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`] for the recipient.
pub async fn test_server(
    engine: &Engine,
    scope: &Scope,
    recipient: &str,
) -> Result<std::result::Result<String, SmtpError>> {
    may(scope, Permission::OrganizationEdit)?;
    let mut issues = Issues::default();
    let recipient = Some(recipient.trim()).filter(|text| !text.is_empty());
    let recipient = recipient.and_then(|text| address(&mut issues, "recipient", text));
    issues.done()?;
    let organization = scope.organization();
    let Some((server, relay)) = sender::way_out(engine, organization) else {
        return Ok(Err(SmtpError::Setup("There is no SMTP server yet. Set one first.".into())));
    };
    let relay = relay?;
    let outcome = match recipient {
        None => smtp::test(&relay).await.map(|()| "The server is ready.".to_owned()),
        Some(recipient) => {
            let letter = Letter {
                purpose: "test",
                recipient,
                subject: Line::from("Test of the SMTP server"),
                text: "This mail was ordered by an administrator to try the SMTP server.\n".into(),
            };
            let id = engine.entropy.id::<domain::model::Mail>(engine.now()).to_string();
            smtp::send(&relay, &sender::letter(&server, &letter, id, engine.now())).await
        }
    };
    let body = json!({ "name": server.host, "failed": outcome.as_ref().err().map(ToString::to_string) });
    let unit = async move |tx: &mut Tx| {
        let body = body.clone();
        tx.journal(JournalEntry { event: "mail.server_tested", subject: String::new(), body });
        Ok::<_, Error>(())
    };
    engine.store.write(organization, scope.actor().clone(), unit).await?;
    Ok(outcome)
}
