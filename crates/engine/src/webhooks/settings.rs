//! Making, changing, trying and resuming webhooks.

use bytes::Bytes;
use catalog::Permission;
use clients::webhook::{self, WebhookError};
use domain::model::{
    JournalEntry, Messaging, OrganizationId, Sealed, Webhook, WebhookDelivery, WebhookId, WebhookState,
};
use serde_json::json;
use store::{Tx, repo};

use super::{MOST, sender};
use crate::issues::Issues;
use crate::{Engine, Error, Result, Scope};

/// What an administrator enters.
#[derive(Debug, Clone, Default)]
pub struct WebhookInput {
    /// Name, 1 to 100 characters.
    pub name: String,
    /// `https://…`.
    pub url: String,
    /// Beginnings of event keys; empty: every event.
    pub events: Vec<String>,
    /// Delivered to.
    pub on: bool,
}

/// What a sealed secret is bound to.
pub(super) fn context(organization: OrganizationId, id: WebhookId) -> String {
    format!("webhook/{organization}/{id}")
}

/// The webhooks of the organization with where they stand.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(engine: &Engine, scope: &Scope) -> Result<Vec<(Webhook, WebhookState)>> {
    scope.require(Permission::OrganizationView)?;
    let known = engine.directory.messaging(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let webhooks = known.webhooks.clone();
    let read = async move |tx: &mut Tx| {
        let mut all = Vec::with_capacity(webhooks.len());
        for webhook in &webhooks {
            let state = repo::webhooks::state(tx, webhook.id).await?.unwrap_or_default();
            all.push((webhook.clone(), state));
        }
        Ok::<_, Error>(all)
    };
    engine.store.read(scope.organization(), read).await
}

/// The last deliveries of a webhook, newest first.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn deliveries(
    engine: &Engine,
    scope: &Scope,
    id: WebhookId,
    limit: u32,
) -> Result<Vec<WebhookDelivery>> {
    scope.require(Permission::OrganizationView)?;
    find(engine, scope, id)?;
    let read = async move |tx: &mut Tx| {
        Ok::<_, Error>(repo::webhooks::deliveries(tx, id, limit.clamp(1, 100)).await?)
    };
    engine.store.read(scope.organization(), read).await
}

fn find(engine: &Engine, scope: &Scope, id: WebhookId) -> Result<Webhook> {
    let known = engine.directory.messaging(scope.organization()).ok_or(Error::NotFound("organization"))?;
    known.webhooks.iter().find(|w| w.id == id).cloned().ok_or(Error::NotFound("webhook"))
}

fn check(input: &WebhookInput) -> Result<()> {
    let mut issues = Issues::default();
    issues.check((1..=100).contains(&input.name.trim().chars().count()), "name", || {
        "Enter a name of 1 to 100 characters.".into()
    });
    if let Err(why) = webhook::check_address(&input.url) {
        issues.add("url", why.to_string());
    }
    issues.check(input.events.len() <= 100, "events", || "Choose at most 100 kinds of events.".into());
    for prefix in &input.events {
        issues.check(catalog::EVENTS.iter().any(|e| e.key.starts_with(prefix.as_str())), "events", || {
            format!("No event begins with {prefix}.")
        });
    }
    issues.done()
}

/// A new secret with its sealed form.
fn secret(engine: &Engine, organization: OrganizationId, id: WebhookId) -> Result<(String, Sealed)> {
    let secret = engine.entropy.token("whs_");
    let sealed = engine.secret_key.seal(&context(organization, id), secret.as_bytes())?;
    Ok((secret, Sealed(sealed)))
}

/// Makes a webhook, which hears what happens from now on. Answers its id and its secret, which is shown this once.
///
/// # Errors
/// [`Error::Invalid`] by field, [`Error::Conflict`] beyond [`MOST`].
pub async fn create(engine: &Engine, scope: &Scope, input: WebhookInput) -> Result<(WebhookId, String)> {
    scope.require(Permission::OrganizationEdit)?;
    check(&input)?;
    let id = engine.entropy.id(engine.now());
    let (shown, sealed) = secret(engine, scope.organization(), id)?;
    let webhook = Webhook {
        id,
        name: input.name.trim().to_owned(),
        url: input.url.trim().to_owned(),
        events: input.events,
        secrets: vec![sealed],
        on: input.on,
        created_at: engine.now(),
    };
    change(engine, scope, "webhook.created", id, async move |tx, messaging| {
        if messaging.webhooks.len() >= MOST {
            return Err(Error::conflict(format!("There are {MOST} webhooks. Remove one that is not used.")));
        }
        let sequence = repo::journal::head(tx).await?;
        repo::webhooks::put_state(tx, id, &WebhookState { sequence, ..WebhookState::default() }).await?;
        messaging.webhooks.push(webhook.clone());
        Ok(())
    })
    .await?;
    Ok((id, shown))
}

/// Changes a webhook.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`].
pub async fn edit(engine: &Engine, scope: &Scope, id: WebhookId, input: WebhookInput) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    check(&input)?;
    find(engine, scope, id)?;
    change(engine, scope, "webhook.updated", id, async move |_, messaging| {
        let webhook = one(messaging, id)?;
        input.name.trim().clone_into(&mut webhook.name);
        input.url.trim().clone_into(&mut webhook.url);
        webhook.events.clone_from(&input.events);
        webhook.on = input.on;
        Ok(())
    })
    .await
}

/// Removes a webhook.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn remove(engine: &Engine, scope: &Scope, id: WebhookId) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    find(engine, scope, id)?;
    change(engine, scope, "webhook.deleted", id, async move |tx, messaging| {
        one(messaging, id)?;
        messaging.webhooks.retain(|webhook| webhook.id != id);
        for rule in messaging.alerts.kinds.values_mut() {
            rule.webhooks.retain(|named| *named != id);
        }
        repo::webhooks::forget(tx, id).await?;
        Ok(())
    })
    .await
}

/// Adds a second secret: deliveries carry both signatures until [`retire_secret`]. Answers it, this once. A third one
/// takes the place of the oldest.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn new_secret(engine: &Engine, scope: &Scope, id: WebhookId) -> Result<String> {
    scope.require(Permission::OrganizationEdit)?;
    find(engine, scope, id)?;
    let (shown, sealed) = secret(engine, scope.organization(), id)?;
    change(engine, scope, "webhook.secret_changed", id, async move |_, messaging| {
        let webhook = one(messaging, id)?;
        webhook.secrets.insert(0, sealed.clone());
        webhook.secrets.truncate(2);
        Ok(())
    })
    .await?;
    Ok(shown)
}

/// The newest secret alone signs from now on.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn retire_secret(engine: &Engine, scope: &Scope, id: WebhookId) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    find(engine, scope, id)?;
    change(engine, scope, "webhook.secret_changed", id, async move |_, messaging| {
        one(messaging, id)?.secrets.truncate(1);
        Ok(())
    })
    .await
}

/// Goes on after a pause: where it stopped, or behind an entry that the receiver names.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`] for an entry that is not there yet.
pub async fn resume(engine: &Engine, scope: &Scope, id: WebhookId, after: Option<i64>) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    find(engine, scope, id)?;
    change(engine, scope, "webhook.resumed", id, async move |tx, messaging| {
        one(messaging, id)?;
        let known = repo::webhooks::state(tx, id).await?.unwrap_or_default();
        let head = repo::journal::head(tx).await?;
        let sequence = after.unwrap_or(known.sequence);
        if !(0..=head).contains(&sequence) {
            return Err(Error::invalid("after", format!("The newest entry is {head}.")));
        }
        repo::webhooks::put_state(tx, id, &WebhookState { sequence, ..WebhookState::default() }).await?;
        Ok(())
    })
    .await?;
    engine.webhooks.seen.lock().remove(&(scope.organization(), id));
    engine.webhooks.woken.notify_one();
    Ok(())
}

fn one(messaging: &mut Messaging, id: WebhookId) -> Result<&mut Webhook> {
    messaging.webhooks.iter_mut().find(|webhook| webhook.id == id).ok_or(Error::NotFound("webhook"))
}

async fn change<F>(
    engine: &Engine,
    scope: &Scope,
    event: &'static str,
    id: WebhookId,
    change: F,
) -> Result<()>
where
    F: AsyncFn(&mut Tx, &mut Messaging) -> Result<()> + Send + 'static,
{
    let unit = async move |tx: &mut Tx| {
        let known = repo::messaging::get(tx).await?;
        let mut messaging = known.unwrap_or_else(|| Messaging::new(tx.organization()));
        let before = shown(&messaging, id);
        change(tx, &mut messaging).await?;
        repo::messaging::put(tx, &mut messaging).await?;
        let after = shown(&messaging, id);
        let name = if after.is_null() { before["name"].clone() } else { after["name"].clone() };
        let body = json!({ "name": name, "before": before, "after": after });
        tx.journal(JournalEntry { event, subject: id.to_string(), body });
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await?;
    engine.webhooks.woken.notify_one();
    Ok(())
}

/// For the journal: without secrets.
fn shown(messaging: &Messaging, id: WebhookId) -> serde_json::Value {
    let webhook = messaging.webhooks.iter().find(|webhook| webhook.id == id);
    webhook.map_or(serde_json::Value::Null, |w| {
        json!({ "name": w.name, "url": w.url, "events": w.events, "secrets": w.secrets.len(), "on": w.on })
    })
}

/// Posts an event that never happened, to see whether the receiver takes it. Answers the status, or why it failed.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn test(
    engine: &Engine,
    scope: &Scope,
    id: WebhookId,
) -> Result<std::result::Result<u16, WebhookError>> {
    scope.require(Permission::OrganizationEdit)?;
    let webhook = find(engine, scope, id)?;
    let event = json!({
        "sequence": 0, "at": engine.now(), "actor": scope.actor().to_string(), "event": "test",
        "subject": id.to_string(), "body": null,
    });
    let body = Bytes::from(sender::body(scope.organization(), &webhook, &[event]));
    let outcome = sender::post(engine, scope.organization(), &webhook, body).await?;
    let delivery = WebhookDelivery {
        at: engine.now(),
        first: 0,
        last: 0,
        events: 1,
        taken: outcome.is_ok(),
        outcome: outcome.as_ref().map_or_else(ToString::to_string, ToString::to_string),
    };
    let unit = async move |tx: &mut Tx| Ok::<_, Error>(repo::webhooks::delivered(tx, id, &delivery).await?);
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await?;
    Ok(outcome)
}
