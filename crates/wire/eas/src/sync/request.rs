//! A device's Sync request.

use super::{FIRST_KEY, MAX_TEXT};
use crate::body::{self, Error};
use crate::codepages::token::air_sync as t;
use crate::wbxml::{Element, Tag, Writer};

/// Most collections of one request; servers answer 15 long before.
const MAX_COLLECTIONS: usize = 1024;
/// Most changes of one collection.
const MAX_CHANGES: usize = 4096;

/// A request that is not empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The collections it names.
    pub collections: Vec<Collection>,
    /// How long to wait for changes, in minutes; from 12.1.
    pub wait_minutes: Option<u32>,
    /// How long to wait for changes, in seconds; from 14.0.
    pub heartbeat_seconds: Option<u32>,
    /// The rest of the request is as last time; from 12.1.
    pub partial: bool,
}

/// A collection in a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Collection {
    /// Its class, up to 12.0.
    pub class: Option<String>,
    /// The key of the last answer, `"0"` at first.
    pub sync_key: String,
    /// Its id; up to 12.0 a device may give only the class.
    pub id: Option<String>,
    /// Whether the server's changes are wanted, if the device says so.
    pub get_changes: Option<bool>,
    /// What the device changed.
    pub changes: Vec<Change>,
}

/// A change that a device made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it did.
    pub kind: ChangeKind,
    /// The device's id of a new item.
    pub client_id: Option<String>,
    /// The server's id of a known item.
    pub server_id: Option<String>,
}

/// Kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// A new item.
    Add,
    /// An item was changed.
    Change,
    /// An item was deleted.
    Delete,
    /// The device wants an item in full.
    Fetch,
}

impl ChangeKind {
    const ALL: [ChangeKind; 4] = [ChangeKind::Add, ChangeKind::Change, ChangeKind::Delete, ChangeKind::Fetch];

    /// The element that stands for it, in requests and answers.
    pub fn tag(self) -> Tag {
        match self {
            ChangeKind::Add => t::ADD,
            ChangeKind::Change => t::CHANGE,
            ChangeKind::Delete => t::DELETE,
            ChangeKind::Fetch => t::FETCH,
        }
    }
}

impl Collection {
    /// Whether the server's changes are wanted: what is said, else every time but the first.
    pub fn wants_changes(&self) -> bool {
        self.get_changes.unwrap_or(self.sync_key != FIRST_KEY)
    }
}

impl Request {
    /// Reads a body; an empty one is `None` and repeats the device's last request.
    pub fn parse(bytes: &[u8]) -> Result<Option<Request>, Error> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let root = body::parse(bytes, t::SYNC)?;
        let collections = match root.child(t::COLLECTIONS) {
            None => Vec::new(),
            Some(collections) => collections.all(t::COLLECTION).map(collection).collect::<Result<_, _>>()?,
        };
        Ok(Some(Request {
            collections: body::bounded(collections, MAX_COLLECTIONS, t::COLLECTION)?,
            wait_minutes: body::number(&root, t::WAIT)?,
            heartbeat_seconds: body::number(&root, t::HEARTBEAT_INTERVAL)?,
            partial: body::boolean(&root, t::PARTIAL)?.unwrap_or(false),
        }))
    }

    /// Writes the body. Changes are written without items, as for deletions and fetches.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(256);
        writer.nest(t::SYNC, |w| {
            if !self.collections.is_empty() {
                w.nest(t::COLLECTIONS, |w| {
                    self.collections.iter().for_each(|collection| collection.write(w));
                });
            }
            if let Some(minutes) = self.wait_minutes {
                w.number(t::WAIT, minutes);
            }
            if let Some(seconds) = self.heartbeat_seconds {
                w.number(t::HEARTBEAT_INTERVAL, seconds);
            }
            if self.partial {
                w.empty(t::PARTIAL);
            }
        });
        writer.finish()
    }
}

fn collection(element: &Element<'_>) -> Result<Collection, Error> {
    let changes = element.child(t::COMMANDS).map_or(&[][..], Element::children).iter().filter_map(change);
    let changes = body::bounded(changes.collect::<Result<_, _>>()?, MAX_CHANGES, t::COMMANDS)?;
    Ok(Collection {
        class: body::string(element, t::CLASS, MAX_TEXT)?,
        sync_key: body::required(element, t::SYNC_KEY, MAX_TEXT)?,
        id: body::string(element, t::COLLECTION_ID, MAX_TEXT)?,
        get_changes: body::boolean(element, t::GET_CHANGES)?,
        changes,
    })
}

/// Unknown commands are left out: there is nothing to answer to them.
fn change(element: &Element<'_>) -> Option<Result<Change, Error>> {
    let kind = ChangeKind::ALL.into_iter().find(|kind| kind.tag() == element.tag)?;
    let ids = || {
        let client_id = body::string(element, t::CLIENT_ID, MAX_TEXT)?;
        Ok(Change { kind, client_id, server_id: body::string(element, t::SERVER_ID, MAX_TEXT)? })
    };
    Some(ids())
}

impl Collection {
    fn write(&self, w: &mut Writer) {
        w.nest(t::COLLECTION, |w| {
            w.optional(t::CLASS, self.class.as_deref());
            w.leaf(t::SYNC_KEY, &self.sync_key);
            w.optional(t::COLLECTION_ID, self.id.as_deref());
            w.optional(t::GET_CHANGES, self.get_changes.map(|on| if on { "1" } else { "0" }));
            if !self.changes.is_empty() {
                w.nest(t::COMMANDS, |w| {
                    for change in &self.changes {
                        w.nest(change.kind.tag(), |w| {
                            w.optional(t::CLIENT_ID, change.client_id.as_deref());
                            w.optional(t::SERVER_ID, change.server_id.as_deref());
                        });
                    }
                });
            }
        });
    }
}
