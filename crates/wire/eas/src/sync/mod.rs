//! Sync: collections and the items in them, as far as a mailbox without items needs it (MS-ASCMD, Sync).
//!
//! A device's request is read with its keys, waits and the kinds and ids of what it wants to change; the
//! items themselves are not looked into. Answers report keys, statuses and the fate of each change.

mod answer;
mod request;

pub use answer::{Answer, CollectionAnswer, ItemStatus};
pub use request::{Change, ChangeKind, Collection, Request};

/// The key with which a device starts a collection.
pub const FIRST_KEY: &str = "0";

/// Longest key or id in bytes.
const MAX_TEXT: usize = 1024;

#[cfg(test)]
mod tests;
