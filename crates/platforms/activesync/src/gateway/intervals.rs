//! How long each device lets Ping and Sync wait, for those that repeat the last one without saying it again.

use std::collections::HashMap;
use std::time::Duration;

use domain::model::DeviceId;
use parking_lot::Mutex;
use wire_eas::command::Command;
use wire_eas::longpoll;

/// For a repeated request whose interval nobody remembers.
const UNKNOWN: Duration = Duration::from_mins(59);
const LIMIT: usize = 500_000;

/// Seconds by device: Ping, Sync.
#[derive(Default)]
pub(crate) struct Intervals(Mutex<HashMap<DeviceId, [u16; 2]>>);

impl Intervals {
    /// How long the mail server may let this request wait; `None` for a request that does not wait.
    pub(super) fn of(&self, device: DeviceId, command: Command, body: &[u8]) -> Option<Duration> {
        let at = match command {
            Command::Ping => 0,
            Command::Sync => 1,
            _ => return None,
        };
        let said = longpoll::interval(body);
        let mut all = self.0.lock();
        if let Some(said) = said {
            if all.len() >= LIMIT && !all.contains_key(&device) {
                all.clear();
            }
            all.entry(device).or_default()[at] = u16::try_from(said.as_secs()).unwrap_or(u16::MAX);
            return Some(said);
        }
        let known = all.get(&device).map_or(0, |known| known[at]);
        match (command, body.is_empty(), known) {
            (Command::Ping, _, 0) | (Command::Sync, true, 0) => Some(UNKNOWN),
            (Command::Ping, ..) | (Command::Sync, true, _) => Some(Duration::from_secs(u64::from(known))),
            // A Sync that says no interval does not wait.
            _ => None,
        }
    }
}
