//! What a device says of itself, request by request; written only when it is news.

use std::sync::Arc;

use catalog::{FactType, FactValue, KnownFact, Source};
use domain::Millis;
use domain::compliance::report_recognized;
use domain::model::{Device, JournalEntry};
use serde_json::json;

use super::Hello;
use super::admit::cut;
use crate::settle::change_device;
use crate::{Engine, Result};

/// Takes note of version, type, agent and credential. Writes only when something changed; always marks presence.
/// `credential` is the keyed hash of the credential that was just proved (see `credential_hash`).
///
/// # Errors
/// Storage errors.
pub async fn heard(
    engine: &Engine,
    device: &Arc<Device>,
    hello: &Hello,
    credential: Option<[u8; 32]>,
) -> Result<Arc<Device>> {
    super::present(engine, device);
    let device = &crate::groups::seen_at(engine, device, hello.from).await?;
    let Some(channel) = device.eas() else { return Ok(Arc::clone(device)) };
    let eas = &channel.eas;
    let news = super::is_found_silent(device)
        || (!hello.version.is_empty() && eas.version != cut(&hello.version))
        || (!hello.user_agent.is_empty() && eas.user_agent != cut(&hello.user_agent))
        || credential.is_some_and(|c| eas.last_credential.as_deref() != Some(&c));
    if !news {
        return Ok(Arc::clone(device));
    }
    let (hello, now) = (hello.bounded(), engine.now());
    change_device(engine, device.organization, device_actor(device), device.id, move |device| {
        let Some(channel) = device.eas_mut() else { return Ok(None) };
        let before = channel.eas.version.clone();
        if !hello.version.is_empty() {
            channel.eas.version.clone_from(&hello.version);
        }
        if !hello.user_agent.is_empty() {
            channel.eas.user_agent.clone_from(&hello.user_agent);
        }
        if let Some(credential) = credential {
            channel.eas.last_credential = Some(credential.to_vec());
        }
        let changed = !before.is_empty() && before != channel.eas.version;
        let after = channel.eas.version.clone();
        recognize_into(device, now);
        Ok(changed.then(|| JournalEntry {
            event: "channel.version_changed",
            subject: device.id.to_string(),
            body: json!({ "from": before, "to": after }),
        }))
    })
    .await
}

/// Stores what DeviceInformation said: pairs of fact key and text (MS-ASCMD 2.2.3.45). Only what is in the
/// catalogue is kept; only what changed is written.
///
/// # Errors
/// Storage errors.
pub async fn report_device_information(
    engine: &Engine,
    device: &Arc<Device>,
    said: &[(&'static str, String)],
) -> Result<Arc<Device>> {
    let cut = |text: &String| text.chars().take(catalog::FACT_TEXT_MAX).collect::<String>();
    let said: Vec<_> = said.iter().map(|(key, text)| (*key, cut(text))).collect();
    let now = engine.now();
    if take_in(&mut Device::clone(device), &said, now).is_empty() {
        return Ok(Arc::clone(device));
    }
    change_device(engine, device.organization, device_actor(device), device.id, move |device| {
        let changed = take_in(device, &said, now);
        Ok((!changed.is_empty()).then(|| JournalEntry {
            event: "device.facts_reported",
            subject: device.id.to_string(),
            body: json!({ "facts": changed }),
        }))
    })
    .await
}

/// Writes what was said and what can be recognized from it. Returns the facts that are different in the end: what is
/// said again and recognized again is no news.
fn take_in(device: &mut Device, said: &[(&'static str, String)], now: Millis) -> Vec<&'static str> {
    let value = |device: &Device, id| device.facts.get(id).map(|known| known.value.clone());
    let known: Vec<_> = said
        .iter()
        .filter_map(|(key, text)| Some((*key, catalog::fact(key)?, text)))
        .filter(|(_, id, _)| matches!(id.entry().kind, FactType::Text | FactType::Version))
        .collect();
    let before: Vec<_> = known.iter().map(|(_, id, _)| value(device, *id)).collect();
    for (_, id, text) in &known {
        let value = FactValue::Text((*text).clone());
        device.facts.set(*id, KnownFact { value, source: Source::Activesync, at: now });
    }
    recognize_into(device, now);
    let changed = known.iter().zip(before).filter(|((_, id, _), before)| value(device, *id) != *before);
    changed.map(|((key, ..), _)| *key).collect()
}

pub(super) fn device_actor(device: &Device) -> domain::model::Actor {
    domain::model::Actor::Device(device.id)
}

/// Recognizes platform, client, manufacturer, model and version from everything the device has said so far.
/// What the device or an administrator said itself is never overwritten by a guess.
pub(super) fn recognize_into(device: &mut Device, now: Millis) {
    let Some(channel) = device.eas() else { return };
    let (device_type, user_agent) = (channel.eas.device_type.clone(), channel.eas.user_agent.clone());
    let told = |key: &str| device.facts.by_key(key).filter(|k| k.source != Source::Recognized);
    let text = |key: &str| {
        told(key).and_then(|k| if let FactValue::Text(t) = &k.value { Some(t.clone()) } else { None })
    };
    let (os, model) = (text("os"), text("model"));
    let seen = catalog::recognize(&catalog::Claims {
        device_type: &device_type,
        user_agent: &user_agent,
        os: os.as_deref(),
        model: model.as_deref(),
    });
    report_recognized(device, &seen, now);
}
