//! Joining two records of one device: what was entered by hand, and the mail client that showed up later.

use std::sync::Arc;

use catalog::{Permission, Source};
use domain::model::{Device, DeviceId, JournalEntry};
use serde_json::json;
use store::repo;

use super::get;
use crate::settle::settle_and_put;
use crate::{Engine, Error, Result, Scope};

/// MAC addresses that a device can have.
const MACS: usize = 10;

/// Gives the channels, GUIDs and facts of `other` to `kept`, and removes the record of `other`. Only an
/// administrator may say that two records are one device; both must have the same user.
///
/// # Errors
/// [`Error::Conflict`] when the users differ, both have a mail client, or a command for `other` is not over.
pub async fn join(engine: &Engine, scope: &Scope, kept: DeviceId, other: DeviceId) -> Result<Arc<Device>> {
    scope.require(Permission::DevicesEdit)?;
    scope.require(Permission::DevicesForget)?;
    get(engine, scope, kept)?;
    get(engine, scope, other)?;
    if kept == other {
        return Err(Error::invalid("other", "Choose another device than this one."));
    }
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut into = repo::devices::get(tx, kept).await?.ok_or(Error::NotFound("device"))?;
            let from = repo::devices::get(tx, other).await?.ok_or(Error::NotFound("device"))?;
            check(&into, &from)?;
            if !repo::commands::live_of_device(tx, other).await?.is_empty() {
                return Err(Error::conflict(
                    "A command for the other device is not over. Wait for it, or cancel it.",
                ));
            }
            // Its GUID and channel are unique: they must be free before they are given away.
            repo::devices::remove(tx, other).await?;
            let body = json!({ "name": into.name, "joined": from.name, "guid": from.guid.to_string() });
            merge(&mut into, from);
            settle_and_put(tx, &org, &mut into).await?;
            tx.journal(JournalEntry { event: "device.merged", subject: kept.to_string(), body });
            Ok::<_, Error>(Arc::new(into))
        })
        .await
}

fn check(into: &Device, from: &Device) -> Result<()> {
    if into.user != from.user {
        return Err(Error::conflict("The two devices belong to different users."));
    }
    if into.eas().is_some() && from.eas().is_some() {
        return Err(Error::conflict(
            "Both devices have a mail client of their own: they are two devices, or two mail programs.",
        ));
    }
    Ok(())
}

/// What somebody entered stays; what a device reported or what was recognized is taken over.
fn merge(into: &mut Device, from: Device) {
    if from.eas().is_some() {
        (into.platform, into.client) = (from.platform, from.client);
    }
    into.channels.extend(from.channels);
    into.aliases.push(from.guid);
    into.aliases.extend(from.aliases);
    for mac in from.macs {
        if !into.macs.contains(&mac) && into.macs.len() < MACS {
            into.macs.push(mac);
        }
    }
    for (id, known) in from.facts.iter() {
        let entered = into
            .facts
            .get(id)
            .is_some_and(|k| matches!(k.source, Source::Administrator | Source::Integration(_)));
        if !entered {
            into.facts.set(id, known.clone());
        }
    }
    into.block = into.block.take().or(from.block);
    into.suite = into.suite.or(from.suite);
    into.liability = into.liability.or(from.liability);
    into.created_at = into.created_at.min(from.created_at);
    into.last_contact_at = into.last_contact_at.max(from.last_contact_at);
}
