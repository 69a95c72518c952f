//! Ping: what is left out comes from the device's last one; then it waits (MS-ASCMD, Ping).

use std::time::Duration;

use domain::model::DeviceId;
use wire_eas::body::Error;
use wire_eas::ping::{Answer, Request};

use super::folders::Folders;
use super::memory::LastPing;
use super::{Memory, Outcome};
use crate::answer::Said;

/// More folders than any of our mailboxes has.
const MAX_FOLDERS: usize = 300;

/// Answers or lets wait. `heartbeat` is the range of intervals in seconds.
pub(super) fn answer(
    memory: &Memory,
    device: DeviceId,
    heartbeat: (u32, u32),
    body: &[u8],
) -> Result<Outcome, Error> {
    let last = memory.ping(device);
    let now = |answer: Answer| Ok(Outcome::Now(Said::wbxml(answer.encode())));
    let request = match Request::parse(body) {
        Err(Error::TooMany(_)) => return now(Answer::TooManyFolders(MAX_FOLDERS as u32)),
        request => request?.unwrap_or_default(),
    };
    let Some(seconds) = request.heartbeat.or(last.map(|l| l.heartbeat)) else {
        return now(Answer::MissingParameters);
    };
    let (shortest, longest) = heartbeat;
    if !(shortest..=longest).contains(&seconds) {
        return now(Answer::Heartbeat(seconds.clamp(shortest, longest)));
    }
    let folders = match (request.folders, last) {
        (Some(folders), _) if folders.len() > MAX_FOLDERS => {
            return now(Answer::TooManyFolders(MAX_FOLDERS as u32));
        }
        (Some(folders), _) => {
            let mut known = Folders::default();
            for folder in &folders {
                if !known.add(&folder.id) {
                    return now(Answer::FolderSyncRequired);
                }
            }
            known
        }
        (None, Some(last)) => last.folders,
        (None, None) => Folders::default(),
    };
    if folders.is_empty() {
        return now(Answer::MissingParameters);
    }
    memory.put_ping(device, LastPing { heartbeat: seconds, folders });
    Ok(Outcome::Wait(Duration::from_secs(u64::from(seconds))))
}
