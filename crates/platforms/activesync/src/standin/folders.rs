//! The five folders: listed, counted, and found by id.

use wire_eas::body::Error;
use wire_eas::estimate::{self, Estimate};
use wire_eas::foldersync::{self, Answer, Folder, kind};
use wire_eas::status::{folder_sync, get_item_estimate};
use wire_eas::version::Version;

use crate::answer::Said;

/// Id, name and type.
const FOLDERS: [(&str, &str, u8); 5] = [
    ("1", "Inbox", kind::INBOX),
    ("2", "Drafts", kind::DRAFTS),
    ("3", "Deleted Items", kind::DELETED),
    ("4", "Sent Items", kind::SENT),
    ("5", "Outbox", kind::OUTBOX),
];

/// The only state that the folder list has.
const KEY: &str = "1";

/// Some of the folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Folders(u8);

impl Folders {
    /// Adds one by id; false if there is none with that id.
    pub(super) fn add(&mut self, id: &str) -> bool {
        let Some(at) = FOLDERS.iter().position(|(known, _, _)| *known == id) else { return false };
        self.0 |= 1 << at;
        true
    }
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
    pub(super) fn and(self, other: Folders) -> Folders {
        Folders(self.0 | other.0)
    }
}

/// Whether there is a folder with this id.
pub(super) fn exists(id: &str) -> bool {
    FOLDERS.iter().any(|(known, _, _)| *known == id)
}

/// FolderSync.
pub(super) fn answer(body: &[u8]) -> Result<Said, Error> {
    let key = foldersync::parse_request(body)?;
    let answer = match key.as_str() {
        foldersync::FIRST_KEY => Answer {
            status: folder_sync::SUCCESS,
            sync_key: KEY.to_owned(),
            added: FOLDERS.iter().map(folder).collect(),
        },
        KEY => Answer { status: folder_sync::SUCCESS, sync_key: KEY.to_owned(), added: Vec::new() },
        _ => Answer::refused(folder_sync::SYNC_KEY_MISMATCH),
    };
    Ok(Said::wbxml(answer.encode()))
}

fn folder((id, name, kind): &(&str, &str, u8)) -> Folder {
    Folder {
        server_id: (*id).to_owned(),
        parent_id: "0".to_owned(),
        display_name: (*name).to_owned(),
        kind: *kind,
    }
}

/// GetItemEstimate: nothing ever waits.
pub(super) fn estimate(version: Version, body: &[u8]) -> Result<Said, Error> {
    let estimates: Vec<Estimate> = estimate::parse_request(body)?
        .into_iter()
        .map(|collection| {
            let known = collection.id.as_deref().is_some_and(exists);
            let primed = collection.sync_key.as_deref().is_some_and(|key| key != "0");
            let status = match (known, primed) {
                (false, _) => get_item_estimate::INVALID_COLLECTION,
                (true, false) => get_item_estimate::NOT_PRIMED,
                (true, true) => get_item_estimate::SUCCESS,
            };
            Estimate { collection, status, count: 0 }
        })
        .collect();
    Ok(Said::wbxml(estimate::encode_answer(version, &estimates)))
}
