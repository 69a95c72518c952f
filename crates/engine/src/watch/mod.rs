//! The connectivity watch list: chosen devices whose silence somebody wants to know of at once, each with a threshold
//! and recipients of its own.
//!
//! An indexed queue ([`tick`]) looks at a device when its silence would become too long, and no sooner. One that is silent
//! waits for nothing but its next contact: whoever stores contacts wakes it.

mod edit;
mod look;

use catalog::Permission;
use domain::Millis;
use domain::model::{ChannelKind, Device, DeviceId, JournalEntry, Watched};
use serde_json::json;
use store::{Tx, repo};

use crate::{Engine, Error, Result, Scope};

pub use edit::{WatchInput, put, remove};
pub use look::tick;

/// Devices on the list of an organization.
pub const MOST: u32 = 1_000;

/// The list, those that are silent first.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(engine: &Engine, scope: &Scope) -> Result<Vec<Watched>> {
    may_see(scope)?;
    let read = async |tx: &mut Tx| Ok::<_, Error>(repo::watch::list(tx, MOST).await?);
    engine.store.read(scope.organization(), read).await
}

/// A device on the list.
///
/// # Errors
/// [`Error::Denied`]; [`Error::NotFound`], also if the device exists and is not on the list.
pub async fn get(engine: &Engine, scope: &Scope, device: DeviceId) -> Result<Watched> {
    may_see(scope)?;
    let read = async move |tx: &mut Tx| Ok::<_, Error>(repo::watch::get(tx, device).await?);
    let found = engine.store.read(scope.organization(), read).await?;
    found.ok_or(Error::NotFound("device on the connectivity watch list"))
}

fn may_see(scope: &Scope) -> Result<()> {
    scope.require(Permission::ComplianceView)?;
    scope.require(Permission::DevicesView)
}

/// The last contact of a device by each of its channels. What we note of a contact does not say by which one it came;
/// as long as there is one kind of channel that is the same.
pub fn contacts(engine: &Engine, device: &Device) -> Vec<(ChannelKind, Option<Millis>)> {
    let last = crate::presence::last_contact(engine, device);
    let mut kinds: Vec<ChannelKind> = device.channels.iter().map(|channel| channel.kind).collect();
    kinds.dedup();
    kinds.into_iter().map(|kind| (kind, last)).collect()
}

/// What the journal says of a device on the list.
fn entry(event: &'static str, watched: &Watched, name: &str, detail: &str) -> JournalEntry {
    JournalEntry {
        event,
        subject: watched.device.to_string(),
        body: json!({
            "name": name, "detail": detail, "minutes": watched.minutes, "recipients": watched.recipients,
            "leave_after": watched.leave_after, "note": watched.note, "silent_since": watched.silent_since,
        }),
    }
}
