//! Webhooks: what the journal says, posted to addresses of an organization, signed and in order.
//!
//! Each webhook has a cursor of its own over the journal. One node delivers, in batches, in the journal's order (so in
//! the order of each device's events); a receiver that takes nothing holds up nobody else, is asked again later and
//! later, and after three days the webhook is paused, which raises an alert. What was missed can be read at any time
//! with [`events`], by the same sequence numbers.

mod sender;
mod settings;

use std::collections::HashMap;

use catalog::Permission;
use domain::model::{JournalRow, OrganizationId, WebhookId};
use hmac::{Hmac, Mac as _};
use parking_lot::Mutex;
use serde_json::json;
use sha2::Sha256;
use store::{Tx, repo};
use tokio::sync::Notify;

use crate::{Engine, Error, Result, Scope};

pub use sender::{run, stop};
pub use settings::{
    WebhookInput, create, deliveries, edit, list, new_secret, remove, resume, retire_secret, test,
};

/// Webhooks of an organization.
pub const MOST: usize = 20;

/// What this node remembers while it delivers.
#[derive(Default)]
pub struct WebhookDesk {
    /// The journal has grown.
    pub(crate) woken: Notify,
    /// Entries that were looked at already, though the store does not know: nothing in them was for the webhook.
    seen: Mutex<HashMap<(OrganizationId, WebhookId), i64>>,
}

/// The organization's journal from a sequence number on, oldest first: the stream that webhooks deliver.
///
/// # Errors
/// [`Error::Denied`].
pub async fn events(engine: &Engine, scope: &Scope, after: i64, limit: u32) -> Result<Vec<JournalRow>> {
    scope.require(Permission::JournalView)?;
    let limit = limit.clamp(1, 500);
    let read = async move |tx: &mut Tx| Ok::<_, Error>(repo::journal::after(tx, after, limit).await?);
    engine.store.read(scope.organization(), read).await
}

/// An event as it is delivered.
fn event(row: &JournalRow) -> serde_json::Value {
    json!({
        "sequence": row.sequence, "at": row.at, "actor": row.actor, "event": row.event, "subject": row.subject,
        "body": row.body,
    })
}

/// Values of the header `NotifyMDM-Signature`: one for each secret, over `timestamp.body`.
pub(crate) fn signature(secrets: &[Vec<u8>], timestamp: &str, body: &[u8]) -> String {
    let one = |secret: &Vec<u8>| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        mac.update(timestamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        Some(format!("v1={}", hex::encode(mac.finalize().into_bytes())))
    };
    secrets.iter().filter_map(one).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_rfc_2104_over_time_and_body() {
        // printf '1767225600.{"a":1}' | openssl dgst -sha256 -hmac whs_key
        let known = "v1=78b111a3da6918b09b64039ff99a9cae42c3b7ced8e50c1458aebd799d263425";
        assert_eq!(signature(&[b"whs_key".to_vec()], "1767225600", b"{\"a\":1}"), known);
        let two = signature(&[b"whs_key".to_vec(), b"whs_old".to_vec()], "1767225600", b"{\"a\":1}");
        assert!(two.starts_with(known) && two.matches("v1=").count() == 2);
    }
}
