//! An answer to Sync.

use super::MAX_TEXT;
use super::request::ChangeKind;
use crate::body::{self, Error};
use crate::codepages::token::air_sync as t;
use crate::version::Version;
use crate::wbxml::{Element, Writer};

/// Most collections read from an answer.
const MAX_COLLECTIONS: usize = 1024;

/// An answer. "Nothing changed" from 12.1 is no answer at all but an empty body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status of the whole command, when it is not success; see [`crate::status::sync`].
    pub status: Option<u16>,
    /// With status 14 the nearest allowed wait, with 15 the allowed number of collections.
    pub limit: Option<u32>,
    /// The answers to the collections.
    pub collections: Vec<CollectionAnswer>,
}

/// The answer to one collection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CollectionAnswer {
    /// Its class; written up to 12.0.
    pub class: Option<String>,
    /// The key for the next request.
    pub sync_key: String,
    /// Its id.
    pub id: Option<String>,
    /// See [`crate::status::sync`].
    pub status: u16,
    /// What became of the device's changes. Successful changes and deletions need no entry.
    pub items: Vec<ItemStatus>,
}

/// What became of one change of the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemStatus {
    /// What the device did.
    pub kind: ChangeKind,
    /// The device's id of a new item.
    pub client_id: Option<String>,
    /// The server's id.
    pub server_id: Option<String>,
    /// See [`crate::status::sync`].
    pub status: u16,
}

impl Answer {
    /// An answer that is nothing but a status.
    pub fn refused(status: u16, limit: Option<u32>) -> Answer {
        Answer { status: Some(status), limit, collections: Vec::new() }
    }

    /// Writes the body in the form of the version.
    pub fn encode(&self, version: Version) -> Vec<u8> {
        let mut writer = Writer::with_capacity(256);
        writer.nest(t::SYNC, |w| {
            if let Some(status) = self.status {
                w.number(t::STATUS, status);
            }
            if let Some(limit) = self.limit {
                w.number(t::LIMIT, limit);
            }
            if !self.collections.is_empty() {
                w.nest(t::COLLECTIONS, |w| self.collections.iter().for_each(|c| c.write(w, version)));
            }
        });
        writer.finish()
    }

    /// Reads a server's answer; the items it brings are left out. An empty body is an empty answer.
    pub fn parse(bytes: &[u8]) -> Result<Answer, Error> {
        if bytes.is_empty() {
            return Ok(Answer::default());
        }
        let root = body::parse(bytes, t::SYNC)?;
        let collections = match root.child(t::COLLECTIONS) {
            None => Vec::new(),
            Some(collections) => collections.all(t::COLLECTION).map(collection).collect::<Result<_, _>>()?,
        };
        Ok(Answer {
            status: body::number(&root, t::STATUS)?,
            limit: body::number(&root, t::LIMIT)?,
            collections: body::bounded(collections, MAX_COLLECTIONS, t::COLLECTION)?,
        })
    }
}

impl CollectionAnswer {
    fn write(&self, w: &mut Writer, version: Version) {
        w.nest(t::COLLECTION, |w| {
            if version <= Version::V12_0 {
                w.optional(t::CLASS, self.class.as_deref());
            }
            w.leaf(t::SYNC_KEY, &self.sync_key);
            w.optional(t::COLLECTION_ID, self.id.as_deref());
            w.number(t::STATUS, self.status);
            if !self.items.is_empty() {
                w.nest(t::RESPONSES, |w| self.items.iter().for_each(|item| item.write(w)));
            }
        });
    }
}

impl ItemStatus {
    fn write(&self, w: &mut Writer) {
        w.nest(self.kind.tag(), |w| {
            w.optional(t::CLIENT_ID, self.client_id.as_deref());
            w.optional(t::SERVER_ID, self.server_id.as_deref());
            w.number(t::STATUS, self.status);
        });
    }
}

fn collection(element: &Element<'_>) -> Result<CollectionAnswer, Error> {
    let responses = element.child(t::RESPONSES).map_or(&[][..], Element::children).iter().filter_map(item);
    Ok(CollectionAnswer {
        class: body::string(element, t::CLASS, MAX_TEXT)?,
        sync_key: body::string(element, t::SYNC_KEY, MAX_TEXT)?.unwrap_or_default(),
        id: body::string(element, t::COLLECTION_ID, MAX_TEXT)?,
        status: body::required_number(element, t::STATUS)?,
        items: responses.collect::<Result<_, _>>()?,
    })
}

fn item(element: &Element<'_>) -> Option<Result<ItemStatus, Error>> {
    let kind = [ChangeKind::Add, ChangeKind::Change, ChangeKind::Delete, ChangeKind::Fetch]
        .into_iter()
        .find(|kind| kind.tag() == element.tag)?;
    let fields = || {
        Ok(ItemStatus {
            kind,
            client_id: body::string(element, t::CLIENT_ID, MAX_TEXT)?,
            server_id: body::string(element, t::SERVER_ID, MAX_TEXT)?,
            status: body::required_number(element, t::STATUS)?,
        })
    };
    Some(fields())
}
