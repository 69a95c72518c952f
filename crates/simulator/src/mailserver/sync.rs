//! Sync and GetItemEstimate: keys, the server's changes and the phone's, parking.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::gate::{Ask, document, obstacle, refuse, status};
use super::items::{added_id, application_data};
use super::ping::Parked;
use super::state::{Content, FolderData, Shared, State, Stored, SyncState};
use crate::eas::Version;
use crate::http::Answer;
use crate::wbxml::{Child, Element, el};

pub(super) async fn answer(shared: &Arc<Shared>, ask: Ask) -> Answer {
    let mut bell = shared.bell.subscribe();
    let request = {
        let state = &mut *shared.state.lock();
        let partner = state.partner(&ask.user, &ask.query.device_id);
        match &ask.root {
            Some(root) if root.local() == "Sync" => {
                partner.last_sync = Some(root.clone());
                root.clone()
            }
            None if ask.body.is_empty() => match partner.last_sync.clone() {
                Some(last) => last,
                None => return status("Sync", 13),
            },
            _ => return status("Sync", 4),
        }
    };
    let limits = shared.state.lock().script.heartbeat;
    let seconds = match (request.number_at("Wait"), request.number_at("HeartbeatInterval")) {
        (Some(minutes), _) if !(1..=59).contains(&minutes) => {
            return out_of_range(if minutes < 1 { 1 } else { 59 });
        }
        (Some(minutes), _) => minutes * 60,
        (_, Some(s)) if s < limits.0 => return out_of_range(limits.0),
        (_, Some(s)) if s > limits.1 => return out_of_range(limits.1),
        (_, Some(s)) => s,
        (None, None) => 0,
    };
    let deadline = tokio::time::Instant::now() + Duration::from_secs(u64::from(seconds));
    let _parked = Parked::new(shared, &ask);
    loop {
        bell.borrow_and_update();
        {
            let state = &mut *shared.state.lock();
            if let Some(code) = obstacle(state, &ask) {
                return refuse(&state.script, &ask, code);
            }
            let (root, worth_saying) = sync(state, &ask, &request);
            if worth_saying {
                return document(&root);
            }
            if seconds == 0 || tokio::time::Instant::now() >= deadline {
                // From 12.1 on "nothing changed" is an empty body.
                return if ask.version >= Version::V12_1 {
                    Answer::new(200, Vec::new()).with("Content-Type", "application/vnd.ms-sync.wbxml")
                } else {
                    document(&root)
                };
            }
        }
        // Elapsed or woken: either way the folders are looked at again.
        let _ = tokio::time::timeout_at(deadline, bell.changed()).await;
    }
}

fn out_of_range(limit: u32) -> Answer {
    document(&el("AirSync:Sync").with(el("AirSync:Status").text(14)).with(el("AirSync:Limit").text(limit)))
}

/// One pass over all folders of the request: the answer, and whether it says anything.
fn sync(state: &mut State, ask: &Ask, request: &Element) -> (Element, bool) {
    let mut says = false;
    let mut collections = Vec::new();
    for asked in request.all("Collections/Collection") {
        let (collection, worth) = collection(state, ask, asked);
        says |= worth;
        if worth || ask.version < Version::V12_1 {
            collections.push(collection);
        }
    }
    if collections.is_empty() && says {
        return (el("AirSync:Sync").with(el("AirSync:Status").text(4)), true);
    }
    (el("AirSync:Sync").with(el("AirSync:Collections").with_all(collections)), says)
}

fn collection(state: &mut State, ask: &Ask, asked: &Element) -> (Element, bool) {
    let id = asked.text_at("CollectionId").unwrap_or_default().to_owned();
    let key = asked.text_at("SyncKey").unwrap_or_default().to_owned();
    let class = asked.text_at("Class").map(|c| el("AirSync:Class").text(c));
    let head = |key: &str, code: u32| {
        el("AirSync:Collection")
            .with_some(class.clone())
            .with(el("AirSync:SyncKey").text(key))
            .with(el("AirSync:CollectionId").text(&id))
            .with(el("AirSync:Status").text(code))
    };
    let mark = state.next_mark();
    let State { mailboxes, partners, .. } = state;
    let mailbox = mailboxes.get_mut(&ask.user);
    let partner = partners.get_mut(&(ask.user.clone(), ask.device()));
    let (Some(mailbox), Some(partner)) = (mailbox, partner) else { return (head(&key, 5), true) };
    let Some(folder) = mailbox.folders.get_mut(&id) else { return (head(&key, 12), true) };
    let sync = partner.sync.entry(id.clone()).or_default();
    if key == "0" {
        *sync = SyncState { key: 1, ..SyncState::default() };
        return (head("1", 1), true);
    }
    if key == sync.key.to_string() {
        sync.before = sync.known.clone();
    } else if sync.key > 1 && key == (sync.key - 1).to_string() {
        // The last answer was lost: start again from what the phone knew before it.
        sync.known = sync.before.clone();
        sync.key -= 1;
    } else {
        return (head(&key, 3), true);
    }
    let responses = client_changes(folder, sync, asked, mark);
    let window = asked.number_at("WindowSize").unwrap_or(100).clamp(1, 512) as usize;
    let wants = asked.at("GetChanges").is_none_or(|e| e.value() != Some("0"));
    let (commands, more) =
        if wants { server_changes(folder, sync, ask, &id, window) } else { (Vec::new(), false) };
    let worth = !responses.is_empty() || !commands.is_empty() || asked.at("Commands").is_some();
    if worth {
        sync.key += 1;
    }
    if !more {
        sync.mark = folder.mark;
    }
    let mut answer = head(&sync.key.to_string(), 1);
    if !responses.is_empty() {
        answer = answer.with(el("AirSync:Responses").with_all(responses));
    }
    if more {
        answer = answer.with(el("AirSync:MoreAvailable"));
    }
    if !commands.is_empty() {
        answer = answer.with(el("AirSync:Commands").with_all(commands));
    }
    (answer, worth)
}

/// Applies what the phone added, changed and deleted.
fn client_changes(folder: &mut FolderData, sync: &mut SyncState, asked: &Element, mark: u64) -> Vec<Element> {
    let mut responses = Vec::new();
    let Some(commands) = asked.at("Commands") else { return responses };
    for (n, command) in commands.elements().enumerate() {
        let item = command.text_at("ServerId").and_then(|id| id.rsplit(':').next()?.parse::<u64>().ok());
        let data = command.at("ApplicationData");
        match (command.local(), item, data) {
            ("Add", _, Some(data)) => {
                let id = added_id(mark, n);
                let content = Content::Data(data.elements().cloned().collect());
                folder.items.insert(id, Stored { mark, content });
                folder.mark = mark;
                sync.known.insert(id, mark);
                let client = command.text_at("ClientId").unwrap_or_default();
                responses.push(
                    el("AirSync:Add")
                        .with(el("AirSync:ClientId").text(client))
                        .with(el("AirSync:ServerId").text(id))
                        .with(el("AirSync:Status").text(1)),
                );
            }
            ("Change", Some(id), Some(data)) => {
                if let Some(stored) = folder.items.get_mut(&id) {
                    stored.mark = mark;
                    folder.mark = mark;
                    match &mut stored.content {
                        Content::Mail(mail) => {
                            mail.read = data.text_at("Read").map_or(mail.read, |r| r == "1");
                        }
                        Content::Data(old) => *old = data.elements().cloned().collect(),
                    }
                    sync.known.insert(id, mark);
                }
            }
            ("Delete", Some(id), _) => {
                folder.items.remove(&id);
                folder.mark = mark;
                sync.known.remove(&id);
            }
            _ => {}
        }
    }
    responses
}

/// What the phone does not know yet, up to a window; whether there is more.
fn server_changes(
    folder: &FolderData,
    sync: &mut SyncState,
    ask: &Ask,
    id: &str,
    window: usize,
) -> (Vec<Element>, bool) {
    let gone: Vec<u64> = sync.known.keys().filter(|k| !folder.items.contains_key(k)).copied().collect();
    let new = folder.items.iter().filter(|(k, s)| sync.known.get(k) != Some(&s.mark));
    let pending: Vec<(u64, bool)> =
        gone.into_iter().map(|k| (k, false)).chain(new.map(|(k, _)| (*k, true))).collect();
    let mut commands = Vec::new();
    for (item, present) in pending.iter().take(window) {
        let Some(stored) = folder.items.get(item).filter(|_| *present) else {
            sync.known.remove(item);
            commands.push(el("AirSync:Delete").with(el("AirSync:ServerId").text(item)));
            continue;
        };
        let known = sync.known.insert(*item, stored.mark).is_some();
        let name = if known { "AirSync:Change" } else { "AirSync:Add" };
        let mut data = el("AirSync:ApplicationData");
        data.children = application_data(&stored.content, ask.version, id, *item)
            .into_iter()
            .map(Child::Element)
            .collect();
        commands.push(el(name).with(el("AirSync:ServerId").text(item)).with(data));
    }
    (commands, pending.len() > window)
}

pub(super) fn estimate(state: &mut State, ask: &Ask) -> Answer {
    let Some(root) = ask.root.as_ref() else { return status("GetItemEstimate", 2) };
    let State { mailboxes, partners, .. } = state;
    let mailbox = mailboxes.get(&ask.user);
    let partner = partners.get(&(ask.user.clone(), ask.device()));
    let (Some(mailbox), Some(partner)) = (mailbox, partner) else { return status("GetItemEstimate", 2) };
    let responses = root.all("Collections/Collection").into_iter().map(|asked| {
        let id = asked.text_at("CollectionId").unwrap_or_default();
        let key = asked.text_at("SyncKey").unwrap_or("0");
        let folder = mailbox.folders.get(id);
        let sync = partner.sync.get(id);
        let none = BTreeMap::new();
        let (code, count) = match (folder, sync) {
            (None, _) => (2, 0),
            (_, None) => (3, 0),
            (_, Some(s)) if s.key.to_string() != key => (4, 0),
            (Some(f), s) => {
                let known = s.map_or(&none, |s| &s.known);
                (1, f.items.iter().filter(|(k, v)| known.get(k) != Some(&v.mark)).count())
            }
        };
        el("GetItemEstimate:Response").with(el("GetItemEstimate:Status").text(code)).with(
            el("GetItemEstimate:Collection")
                .with(el("GetItemEstimate:CollectionId").text(id))
                .with(el("GetItemEstimate:Estimate").text(count)),
        )
    });
    document(&el("GetItemEstimate:GetItemEstimate").with_all(responses))
}
