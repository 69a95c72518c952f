//! The line of an exchange for the help desk, from the beginning of a request to its answer.

use std::sync::Arc;

use domain::Millis;
use domain::model::Device;
use engine::Engine;
use engine::exchanges::Exchange;
use wire_eas::command::Command;
use wire_eas::version::Version;

use crate::answer::Note;

/// A line that is not written yet.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) at: Millis,
    pub(crate) command: Option<Command>,
    pub(crate) version: Option<Version>,
    /// Bytes of the request's body as far as they are known.
    pub(crate) received: u64,
}

impl Line {
    /// Writes it for a device. Requests of nobody we know have no line.
    pub(crate) fn write(&self, engine: &Engine, device: &Arc<Device>, http: u16, note: &Note, sent: u64) {
        let duration = u32::try_from(engine.now().saturating_sub(self.at).max(0)).unwrap_or(u32::MAX);
        let exchange = Exchange {
            at: self.at,
            command: self.command.map_or("OPTIONS", Command::name).to_owned(),
            version: self.version.map_or("", Version::as_str).to_owned(),
            http,
            status: note.status,
            duration,
            who: note.who.words().to_owned(),
            why: note.why.clone().into_owned(),
            bytes: (self.received, sent),
        };
        engine::eas::record(engine, device, exchange);
    }
}
