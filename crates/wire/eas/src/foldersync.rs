//! FolderSync: the list of folders (MS-ASCMD, FolderSync).
//!
//! Both sides; a server's answer here lists all folders or reports no change, which is all that a mailbox
//! without mail needs.

use crate::body::{self, Error};
use crate::codepages::token::folder_hierarchy as t;
use crate::status::folder_sync::SUCCESS;
use crate::wbxml::{Element, Writer};

/// Longest sync key, id or name in bytes.
const MAX_TEXT: usize = 1024;
/// Most folders read from an answer.
const MAX_FOLDERS: usize = 4096;

/// The key with which a device asks for everything.
pub const FIRST_KEY: &str = "0";

/// Folder types (MS-ASCMD, Type (FolderSync)).
pub mod kind {
    /// The inbox.
    pub const INBOX: u8 = 2;
    /// Drafts.
    pub const DRAFTS: u8 = 3;
    /// Deleted items.
    pub const DELETED: u8 = 4;
    /// Sent items.
    pub const SENT: u8 = 5;
    /// The outbox.
    pub const OUTBOX: u8 = 6;
    /// Tasks.
    pub const TASKS: u8 = 7;
    /// The calendar.
    pub const CALENDAR: u8 = 8;
    /// Contacts.
    pub const CONTACTS: u8 = 9;
    /// Notes.
    pub const NOTES: u8 = 10;
}

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The server's id, which Sync and Ping call collection id.
    pub server_id: String,
    /// The id of the folder above; `"0"` at the top.
    pub parent_id: String,
    /// The name shown.
    pub display_name: String,
    /// One of [`kind`] or another number up to 19.
    pub kind: u8,
}

/// Reads a request: the sync key, `"0"` for everything.
pub fn parse_request(bytes: &[u8]) -> Result<String, Error> {
    body::required(&body::parse(bytes, t::FOLDER_SYNC)?, t::SYNC_KEY, MAX_TEXT)
}

/// Writes a request.
pub fn encode_request(sync_key: &str) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.nest(t::FOLDER_SYNC, |w| w.leaf(t::SYNC_KEY, sync_key));
    writer.finish()
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// See [`crate::status::folder_sync`] and the common statuses. Other than success, the rest is empty.
    pub status: u16,
    /// The key for the next request.
    pub sync_key: String,
    /// Folders that are new to the device.
    pub added: Vec<Folder>,
}

impl Answer {
    /// An answer that only reports a status.
    pub fn refused(status: u16) -> Answer {
        Answer { status, sync_key: String::new(), added: Vec::new() }
    }

    /// Writes the body.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(512);
        writer.nest(t::FOLDER_SYNC, |w| {
            w.number(t::STATUS, self.status);
            if self.status == SUCCESS {
                w.leaf(t::SYNC_KEY, &self.sync_key);
                w.nest(t::CHANGES, |w| {
                    w.number(t::COUNT, self.added.len() as i64);
                    for folder in &self.added {
                        write_folder(w, folder);
                    }
                });
            }
        });
        writer.finish()
    }

    /// Reads the body of a server's answer; updates and deletions are left out.
    pub fn parse(bytes: &[u8]) -> Result<Answer, Error> {
        let root = body::parse(bytes, t::FOLDER_SYNC)?;
        let status = match body::number(&root, t::STATUS)? {
            Some(status) => status,
            // quirk: Horde's refusals carry AirSync:Status.
            None => body::required_number(&root, crate::codepages::token::air_sync::STATUS)?,
        };
        let sync_key = body::string(&root, t::SYNC_KEY, MAX_TEXT)?.unwrap_or_default();
        let added = match root.child(t::CHANGES) {
            None => Vec::new(),
            Some(changes) => changes.all(t::ADD).map(read_folder).collect::<Result<_, _>>()?,
        };
        Ok(Answer { status, sync_key, added: body::bounded(added, MAX_FOLDERS, t::ADD)? })
    }
}

fn write_folder(w: &mut Writer, folder: &Folder) {
    w.nest(t::ADD, |w| {
        w.leaf(t::SERVER_ID, &folder.server_id);
        w.leaf(t::PARENT_ID, &folder.parent_id);
        w.leaf(t::DISPLAY_NAME, &folder.display_name);
        w.number(t::TYPE, folder.kind);
    });
}

fn read_folder(element: &Element<'_>) -> Result<Folder, Error> {
    Ok(Folder {
        server_id: body::required(element, t::SERVER_ID, MAX_TEXT)?,
        parent_id: body::required(element, t::PARENT_ID, MAX_TEXT)?,
        display_name: body::required(element, t::DISPLAY_NAME, MAX_TEXT)?,
        kind: body::required_number(element, t::TYPE)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_hierarchy_has_the_bytes_of_the_sample() {
        let answer = Answer { status: 1, sync_key: "1".to_owned(), added: Vec::new() };
        assert_eq!(answer.encode(), include_bytes!("../testdata/synthetic/foldersync-empty-hierarchy.bin"));
    }

    #[test]
    fn a_servers_folders_are_read_and_written_back_byte_for_byte() {
        let body = include_bytes!("../testdata/captured/zpush-policy-wipe/07-FolderSync-resp.bin");
        let answer = Answer::parse(body).unwrap();
        assert!(answer.added.iter().any(|folder| folder.kind == kind::INBOX));
        assert_eq!(answer.encode(), body);
        let refused = include_bytes!("../testdata/captured/horde/02-FolderSync-resp.bin");
        assert_eq!(Answer::parse(refused).unwrap(), Answer::refused(142));
    }

    #[test]
    fn a_request_is_its_sync_key() {
        let body = include_bytes!("../testdata/captured/sogo/04-FolderSync-req.bin");
        assert_eq!(parse_request(body).unwrap(), "vm_2a1f_30b22aeb_4");
        assert_eq!(encode_request("vm_2a1f_30b22aeb_4"), body);
        assert_eq!(
            parse_request(&crate::refusal::status_body(crate::command::Command::Sync, 1).unwrap()),
            Err(Error::Root(crate::codepages::token::air_sync::SYNC))
        );
    }
}
