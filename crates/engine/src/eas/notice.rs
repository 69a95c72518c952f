//! What the platform noticed and an administrator should find in the journal; once per device, kind and minute.

use std::collections::HashMap;

use domain::Millis;
use domain::model::{Device, DeviceId, JournalEntry};
use parking_lot::Mutex;
use serde_json::json;

use super::heard::device_actor;
use crate::{Engine, Error, Result};

/// Something to journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A body belonged to another command than the request line named.
    CommandMismatch(&'static str),
    /// The mail server sent the device somewhere it may not go.
    RedirectRefused(String),
    /// The device fetched its policy again and again.
    LoopBraked,
    /// Credentials that no longer hold were accepted for the wipe that waits.
    WipeSession,
}

impl Notice {
    fn event(&self) -> &'static str {
        match self {
            Notice::CommandMismatch(_) => "gateway.command_mismatch",
            Notice::RedirectRefused(_) => "gateway.redirect_refused",
            Notice::LoopBraked => "gateway.loop_braked",
            Notice::WipeSession => "channel.wipe_session",
        }
    }
    fn body(&self) -> serde_json::Value {
        match self {
            Notice::CommandMismatch(command) => json!({ "command": command }),
            Notice::RedirectRefused(url) => json!({ "url": url }),
            Notice::LoopBraked | Notice::WipeSession => json!({}),
        }
    }
}

/// When each was journaled last.
#[derive(Default)]
pub struct Notices(Mutex<HashMap<(DeviceId, &'static str), Millis>>);

const REST: Millis = 60_000;
const LIMIT: usize = 10_000;

impl Notices {
    fn is_due(&self, key: (DeviceId, &'static str), now: Millis) -> bool {
        let mut last = self.0.lock();
        if last.get(&key).is_some_and(|at| now - *at < REST) {
            return false;
        }
        if last.len() >= LIMIT {
            last.retain(|_, at| now - *at < REST);
        }
        last.insert(key, now);
        true
    }
}

/// Journals what was noticed of a device.
///
/// # Errors
/// Storage errors.
pub async fn notice(engine: &Engine, device: &Device, notice: Notice) -> Result<()> {
    if !engine.notices.is_due((device.id, notice.event()), engine.now()) {
        return Ok(());
    }
    let subject = device.id.to_string();
    engine
        .store
        .write(device.organization, device_actor(device), async move |tx| {
            tx.journal(JournalEntry { event: notice.event(), subject: subject.clone(), body: notice.body() });
            Ok::<_, Error>(())
        })
        .await
}
