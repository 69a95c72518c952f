//! Credentials of devices: the stand-in's own passwords, failures that are counted, and the proof that lets a
//! wipe reach a device whose account is disabled.

use std::borrow::Cow;
use std::sync::Arc;

use catalog::FactValue;
use domain::model::{Device, JournalEntry, OrganizationId, User, UserState};
use serde_json::json;

use super::Login;
use super::heard::device_actor;
use crate::assignment::server_of;
use crate::settle::{change_device, put_fact};
use crate::{Engine, Result, passwords};

/// How long a proved local password is believed without hashing it again.
const PROOF: i64 = 10 * 60_000;

/// Verifies a stand-in user's password. The slow hash runs at most once in ten minutes per user and password.
///
/// # Errors
/// Internal errors of the thread pool; [`Error::Upstream`](crate::Error::Upstream) when the user's directory could not be asked.
pub async fn verify_local(engine: &Engine, user: Option<&Arc<User>>, password: &str) -> Result<bool> {
    let of_stand_in = |user: &User| {
        let org = engine.directory.organization(user.organization);
        org.is_some_and(|org| server_of(&org.read(), user).is_none())
    };
    let Some(user) = user.filter(|u| u.state == UserState::Active && of_stand_in(u)) else {
        // The same time as for a known user.
        return passwords::verify(None, password).await;
    };
    let proof =
        engine.proofs.of("user", user.id.uuid().as_bytes(), user.credential_epoch, password.as_bytes());
    let now = engine.now();
    if engine.proofs.is_good(&proof, now) {
        return Ok(true);
    }
    let right = match crate::directories::verify(engine, user, password).await? {
        Some(right) => right,
        None => passwords::verify(user.password_hash.as_ref(), password).await?,
    };
    if right {
        engine.proofs.remember(proof, now + PROOF, now);
    }
    Ok(right)
}

/// Who has proved to be whom a login names, for our stand-in: a user of ours ([`verify_local`]), or somebody whose account
/// is made in this moment because a directory that allows it knows name and password.
///
/// # Errors
/// Internal errors; [`Error::Upstream`](crate::Error::Upstream) when a directory could not be asked: nothing is known of the password then.
pub async fn verify_login(engine: &Engine, login: &Login, password: &str) -> Result<Option<Arc<User>>> {
    if let Some(user) = &login.user {
        return Ok(verify_local(engine, Some(user), password).await?.then(|| Arc::clone(user)));
    }
    let (organization, email) = (login.organization.id, login.email.as_deref());
    let made = crate::directories::newcomer(engine, organization, &login.username, email, password).await?;
    if made.is_none() {
        verify_local(engine, None, password).await?;
    }
    Ok(made)
}

/// Keyed hash of a credential, bound to organization, user ([`Login::subject`]) and device. It is what
/// `last_credential` holds.
pub fn credential_hash(engine: &Engine, login: &Login, device_id: &str, secret: &str) -> [u8; 32] {
    let (subject, device_id) = (login.subject(), lowercase(device_id));
    let mut data = Vec::with_capacity(48 + subject.len() + device_id.len() + secret.len());
    for part in [
        login.organization.id.uuid().as_bytes().as_slice(),
        subject.as_bytes(),
        device_id.as_bytes(),
        secret.as_bytes(),
    ] {
        data.extend_from_slice(&(part.len() as u64).to_le_bytes());
        data.extend_from_slice(part);
    }
    engine.secret_key.keyed_hash("activesync credential", &data)
}

/// Keyed hash of an access token by itself, for what is known of whom it belongs to.
pub fn token_hash(engine: &Engine, token: &str) -> [u8; 32] {
    engine.secret_key.keyed_hash("activesync token", token.as_bytes())
}

/// Whether a mailbox with these addresses is the user's: one of them is the address on record, or, for somebody who
/// is not known yet, the one that was given. A known user without an address has nothing to compare with.
pub fn is_mailbox_of(login: &Login, addresses: &[String]) -> bool {
    let expected = match &login.user {
        Some(user) => Some(user.email.as_str()).filter(|email| !email.is_empty()),
        None => login.email.as_deref(),
    };
    expected.is_some_and(|email| addresses.iter().any(|address| address.eq_ignore_ascii_case(email)))
}

/// Most names are written small already, and this runs for every request.
fn lowercase(text: &str) -> Cow<'_, str> {
    let small = text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase());
    if small { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// Whether this is the last credential that was good for the device. Serves the wipe handshake only.
pub fn credential_matches(device: &Device, hash: &[u8; 32]) -> bool {
    use subtle::ConstantTimeEq;
    device.eas().and_then(|c| c.eas.last_credential.as_ref()).is_some_and(|known| known.ct_eq(hash).into())
}

/// Counts a failed sign-in of a known device.
///
/// # Errors
/// Storage errors.
pub async fn auth_failed(engine: &Engine, device: &Arc<Device>) -> Result<()> {
    let now = engine.now();
    let threshold = threshold(engine, device.organization);
    change_device(engine, device.organization, device_actor(device), device.id, move |device| {
        let count = device.facts.int("auth_failures").unwrap_or(0) + 1;
        if count == 1 {
            put_fact(device, "auth_failing_since", Some(FactValue::Int(now)), now);
        }
        put_fact(device, "auth_failures", Some(FactValue::Int(count)), now);
        if let Some(channel) = device.eas_mut() {
            let times = &mut channel.eas.failed_at;
            times.push(now);
            times.drain(..times.len().saturating_sub(catalog::AUTH_FAILURES_KEPT));
        }
        Ok((count == threshold).then(|| JournalEntry {
            event: "gateway.auth_paused",
            subject: device.id.to_string(),
            body: json!({ "failures": count }),
        }))
    })
    .await
    .map(drop)
}

/// A good sign-in ends the count.
///
/// # Errors
/// Storage errors.
pub async fn auth_succeeded(engine: &Engine, device: &Arc<Device>) -> Result<()> {
    if device.facts.int("auth_failures").unwrap_or(0) == 0 {
        return Ok(());
    }
    let now = engine.now();
    change_device(engine, device.organization, device_actor(device), device.id, move |device| {
        clear_failures(device, now);
        Ok(None)
    })
    .await
    .map(drop)
}

pub(crate) fn clear_failures(device: &mut Device, now: domain::Millis) {
    put_fact(device, "auth_failures", Some(FactValue::Int(0)), now);
    put_fact(device, "auth_failing_since", None, now);
    for channel in &mut device.channels {
        channel.eas.failed_at.clear();
    }
}

/// Whether sign-ins of this device are paused, and for how many seconds more: it failed too often, so that its old
/// password must not lock the account in the directory.
pub fn auth_paused(engine: &Engine, device: &Device) -> Option<u64> {
    let org = engine.directory.organization(device.organization)?;
    let settings = org.read().organization.settings.clone();
    let failures = device.facts.by_key("auth_failures")?;
    let FactValue::Int(count) = failures.value else { return None };
    let until = failures.at + i64::from(settings.auth_failure_minutes) * 60_000;
    let left = until - engine.now();
    (count >= i64::from(settings.auth_failure_threshold) && left > 0).then(|| (left / 1000).max(1) as u64)
}

fn threshold(engine: &Engine, organization: OrganizationId) -> i64 {
    engine
        .directory
        .organization(organization)
        .map_or(5, |o| i64::from(o.read().organization.settings.auth_failure_threshold))
}
