//! Sync of folders that stay empty: keys, waits, and honest answers to what a device wants to store (MS-ASCMD, Sync).

use std::time::Duration;

use domain::model::DeviceId;
use wire_eas::body::Error;
use wire_eas::codepages::token::air_sync::COLLECTION;
use wire_eas::status::sync as status;
use wire_eas::sync::{
    Answer, Change, ChangeKind, Collection, CollectionAnswer, FIRST_KEY, ItemStatus, Request,
};
use wire_eas::version::Version;

use super::folders::{Folders, exists};
use super::memory::LastSync;
use super::{Memory, Outcome};
use crate::answer::Said;

/// Longest wait in minutes that `Wait` can ask for.
const MAX_WAIT: u32 = 59;

/// More folders than any of our mailboxes has.
const MAX_COLLECTIONS: usize = 300;

/// Answers or lets wait. `heartbeat` is the range of intervals in seconds.
pub(super) fn answer(
    memory: &Memory,
    device: DeviceId,
    version: Version,
    heartbeat: (u32, u32),
    body: &[u8],
) -> Result<Outcome, Error> {
    let now = |answer: Answer| Ok(Outcome::Now(Said::wbxml(answer.encode(version))));
    let request = match Request::parse(body) {
        Err(Error::TooMany(COLLECTION)) => return now(too_many()),
        request => request?,
    };
    let known = memory.sync(device);
    let request = match (request, known) {
        (None, Some(last)) => return Ok(quiet(last.wait)),
        // Nothing is remembered that could be repeated, in whole or in part.
        (None, None) => return now(Answer::refused(status::INCOMPLETE_REQUEST, None)),
        (Some(request), None) if request.partial => {
            return now(Answer::refused(status::INCOMPLETE_REQUEST, None));
        }
        (Some(request), _) if request.collections.len() > MAX_COLLECTIONS => return now(too_many()),
        (Some(request), _) => request,
    };
    if request.wait_minutes.is_some() && request.heartbeat_seconds.is_some() {
        return now(Answer::refused(status::PROTOCOL_ERROR, None));
    }
    let wait = match wait_of(&request, heartbeat) {
        Ok(wait) => wait,
        Err(limit) => return now(Answer::refused(status::INVALID_WAIT, Some(limit))),
    };
    let last = known.filter(|_| request.partial);
    if request.collections.is_empty() && last.is_none() {
        return now(Answer::refused(status::PROTOCOL_ERROR, None));
    }
    let answers: Vec<CollectionAnswer> = request.collections.iter().filter_map(collection).collect();
    let mut folders = last.map(|l| l.folders).unwrap_or_default();
    for id in request.collections.iter().filter_map(|c| c.id.as_deref()) {
        let mut one = Folders::default();
        if one.add(id) {
            folders = folders.and(one);
        }
    }
    let wait = wait.or(last.and_then(|l| l.wait));
    if !folders.is_empty() {
        memory.put_sync(device, LastSync { folders, wait });
    }
    if answers.is_empty() {
        return Ok(quiet(wait));
    }
    now(Answer { status: None, limit: None, collections: answers })
}

fn too_many() -> Answer {
    Answer::refused(status::TOO_MANY_COLLECTIONS, Some(MAX_COLLECTIONS as u32))
}

/// Nothing changed: at once, or after the wait.
fn quiet(wait: Option<u32>) -> Outcome {
    match wait {
        Some(seconds) => Outcome::Wait(Duration::from_secs(u64::from(seconds))),
        None => Outcome::Now(Said::bare(200)),
    }
}

/// The wait in seconds, or the nearest one that is allowed in the unit of the request.
fn wait_of(request: &Request, (shortest, longest): (u32, u32)) -> Result<Option<u32>, u32> {
    match (request.heartbeat_seconds, request.wait_minutes) {
        (Some(seconds), _) if !(shortest..=longest).contains(&seconds) => {
            Err(seconds.clamp(shortest, longest))
        }
        (Some(seconds), _) => Ok(Some(seconds)),
        (None, Some(minutes)) if !(1..=MAX_WAIT).contains(&minutes) => Err(minutes.clamp(1, MAX_WAIT)),
        (None, Some(minutes)) => Ok(Some(minutes * 60)),
        (None, None) => Ok(None),
    }
}

/// The answer to a collection, or nothing if nothing happened in it.
fn collection(asked: &Collection) -> Option<CollectionAnswer> {
    let answer = |sync_key: String, status| CollectionAnswer {
        class: asked.class.clone(),
        sync_key,
        id: asked.id.clone(),
        status,
        items: asked.changes.iter().filter_map(fate).collect(),
    };
    if !asked.id.as_deref().is_some_and(exists) {
        let mut gone = answer(asked.sync_key.clone(), status::OBJECT_NOT_FOUND);
        gone.items.clear();
        return Some(gone);
    }
    if asked.sync_key == FIRST_KEY {
        return Some(answer("1".to_owned(), status::SUCCESS));
    }
    match asked.sync_key.parse::<u32>() {
        Ok(key) if key > 0 => {
            let next = key.checked_add(1).unwrap_or(1);
            (!asked.changes.is_empty()).then(|| answer(next.to_string(), status::SUCCESS))
        }
        _ => {
            let mut restart = answer("0".to_owned(), status::INVALID_SYNC_KEY);
            restart.items.clear();
            Some(restart)
        }
    }
}

/// What becomes of a change: flags and deletions are accepted, new items are refused rather than lost.
fn fate(change: &Change) -> Option<ItemStatus> {
    let status = match change.kind {
        ChangeKind::Add => status::CONVERSION_ERROR,
        ChangeKind::Fetch => status::OBJECT_NOT_FOUND,
        ChangeKind::Change | ChangeKind::Delete => return None,
    };
    let Change { kind, client_id, server_id } = change.clone();
    Some(ItemStatus { kind, client_id, server_id, status })
}
