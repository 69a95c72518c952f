//! Handing out a policy in two phases (MS-ASPROV 3.1.5.1): temporary key with the document, then the final key.

use std::sync::Arc;

use domain::gate::{Acknowledgement as Judgement, acknowledge as judge};
use domain::model::{AppliedPolicy, Device, JournalEntry, SentPolicy};
use serde_json::json;

use super::heard::device_actor;
use crate::policy::{Document, document_for};
use crate::settle::change_device;
use crate::{Engine, Error, Result};

/// A document with the temporary key that acknowledges it.
#[derive(Debug, Clone)]
pub struct PolicyOffer {
    /// Valid for the acknowledgement only, for ten minutes.
    pub temporary_key: u32,
    /// The document.
    pub document: Arc<Document>,
}

/// What follows from an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acknowledgement {
    /// The final key; every later request must carry it.
    Key(u32),
    /// The key is not the one that was sent, or it is too old (Policy/Status 5).
    WrongKey,
    /// Applied in part, which the organization does not allow (Provision/Status 139).
    PartialNotAllowed,
    /// Not applied (141, HTTP 403 up to 12.1).
    Refused,
    /// Managed by a third party, which the organization does not allow (145).
    ExternalNotAllowed,
    /// Not a status that an acknowledgement can have (Provision/Status 2).
    Invalid,
}

/// How long a temporary key is good.
const TEMPORARY: i64 = 10 * 60_000;

/// Phase one: a new temporary key replaces an older one.
///
/// # Errors
/// Storage errors.
pub async fn send_policy(engine: &Engine, device: &Arc<Device>, version: &str) -> Result<PolicyOffer> {
    let document = {
        let org =
            engine.directory.organization(device.organization).ok_or(Error::NotFound("organization"))?;
        let org = org.read();
        document_for(&org, device, version)
    };
    engine.loops.began(device.id);
    let temporary_key = engine.entropy.policy_key();
    let now = engine.now();
    let (digest, made_of) = (document.digest.clone(), document.made_of);
    change_device(engine, device.organization, device_actor(device), device.id, move |device| {
        let Some(channel) = device.eas_mut() else { return Ok(None) };
        channel.eas.sent =
            Some(SentPolicy { temporary_key, digest: digest.clone(), suite: made_of, at: now });
        Ok(Some(JournalEntry {
            event: "channel.policy_sent",
            subject: device.id.to_string(),
            body: json!({ "suite": made_of.map(|m| m.0), "revision": made_of.map(|m| m.1) }),
        }))
    })
    .await?;
    Ok(PolicyOffer { temporary_key, document })
}

/// Phase two. `status` is what the device said: 1 in full, 2 partly, 3 not, 4 managed by a third party.
///
/// # Errors
/// Storage errors.
pub async fn acknowledge(
    engine: &Engine,
    device: &Arc<Device>,
    key: &str,
    status: u8,
) -> Result<Acknowledgement> {
    let settings = {
        let org =
            engine.directory.organization(device.organization).ok_or(Error::NotFound("organization"))?;
        let org = org.read();
        org.organization.settings.clone()
    };
    let now = engine.now();
    let final_key = engine.entropy.policy_key();
    let key = key.trim().parse::<u32>().unwrap_or(0);
    let decided = Arc::new(parking_lot::Mutex::new(Acknowledgement::WrongKey));
    let outcome = Arc::clone(&decided);
    change_device(engine, device.organization, device_actor(device), device.id, move |device| {
        let id = device.id.to_string();
        let Some(channel) = device.eas_mut() else { return Ok(None) };
        let eas = &mut channel.eas;
        let sent = eas.sent.clone().filter(|s| key != 0 && s.temporary_key == key && now - s.at <= TEMPORARY);
        let Some(sent) = sent else {
            *outcome.lock() = Acknowledgement::WrongKey;
            return Ok(None);
        };
        eas.sent = None;
        let suite = sent.suite;
        let entry = |event| {
            let body =
                json!({ "suite": suite.map(|s| s.0), "revision": suite.map(|s| s.1), "status": status });
            Ok(Some(JournalEntry { event, subject: id.clone(), body }))
        };
        let accepted = match judge(status, &settings) {
            Judgement::Accept => Ok(match status {
                2 => "channel.policy_partly_applied",
                4 => "channel.externally_managed",
                _ => "channel.policy_applied",
            }),
            Judgement::NotFullyProvisionable => Err(Acknowledgement::PartialNotAllowed),
            Judgement::ExternallyManaged => Err(Acknowledgement::ExternalNotAllowed),
            Judgement::Invalid => Err(Acknowledgement::Invalid),
            Judgement::Refused => Err(Acknowledgement::Refused),
        };
        match accepted {
            Ok(event) => {
                let applied = AppliedPolicy {
                    key: final_key,
                    digest: sent.digest.clone(),
                    suite: sent.suite,
                    status,
                    at: now,
                };
                eas.applied = Some(applied);
                eas.refused_at = None;
                eas.refused_digest = None;
                *outcome.lock() = Acknowledgement::Key(final_key);
                entry(event)
            }
            Err(Acknowledgement::Invalid) => {
                // Not a status of an acknowledgement: the offer stays open.
                eas.sent = Some(sent);
                *outcome.lock() = Acknowledgement::Invalid;
                Ok(None)
            }
            Err(refusal) => {
                eas.refused_at = Some(now);
                eas.refused_digest = Some(sent.digest.clone());
                *outcome.lock() = refusal;
                entry("channel.policy_refused")
            }
        }
    })
    .await?;
    let decided = decided.lock().clone();
    if matches!(decided, Acknowledgement::Key(_)) {
        engine.loops.completed(device.id, now);
    }
    Ok(decided)
}
