//! Ping: parked until a folder changes, the interval ends, or the device is to be told something else.

use std::sync::Arc;
use std::time::Duration;

use super::gate::{Ask, document, obstacle, refuse, status};
use super::state::{Shared, State};
use crate::http::Answer;
use crate::wbxml::{Element, el};

/// Counts a parked request for as long as it lives, whichever way it ends.
pub(super) struct Parked {
    shared: Arc<Shared>,
    partner: (String, String),
}

impl Parked {
    pub(super) fn new(shared: &Arc<Shared>, ask: &Ask) -> Parked {
        let partner = (ask.user.clone(), ask.device());
        let parked = Parked { shared: Arc::clone(shared), partner };
        parked.count(|n| n + 1);
        parked
    }

    fn count(&self, change: impl Fn(u32) -> u32) {
        if let Some(partner) = self.shared.state.lock().partners.get_mut(&self.partner) {
            partner.parked = change(partner.parked);
        }
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        self.count(|n| n.saturating_sub(1));
    }
}

pub(super) async fn answer(shared: &Arc<Shared>, ask: Ask) -> Answer {
    let mut bell = shared.bell.subscribe();
    let (seconds, folders) = match parameters(&mut shared.state.lock(), &ask) {
        Ok(parameters) => parameters,
        Err(refused) => return *refused,
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
            let changed = changed(state, &ask, &folders);
            if !changed.is_empty() {
                let list = changed.iter().map(|id| el("Ping:Folder").text(id));
                let root =
                    el("Ping:Ping").with(el("Ping:Status").text(2)).with(el("Ping:Folders").with_all(list));
                return document(&root);
            }
        }
        if tokio::time::timeout_at(deadline, bell.changed()).await.is_err() {
            return status("Ping", 1);
        }
    }
}

/// Interval and folders: from the body, or as last time where the body leaves them out.
fn parameters(state: &mut State, ask: &Ask) -> Result<(u32, Vec<String>), Box<Answer>> {
    let limits = state.script.heartbeat;
    let partner = state.partner(&ask.user, &ask.query.device_id);
    let cached = partner.ping.clone();
    let root = ask.root.as_ref().filter(|r| r.local() == "Ping");
    if root.is_none() && !ask.body.is_empty() {
        return Err(Box::new(status("Ping", 4)));
    }
    let seconds = root.and_then(|r| r.number_at("HeartbeatInterval")).or(cached.as_ref().map(|c| c.0));
    let asked: Vec<String> = root
        .map(|r| r.all("Folders/Folder/Id"))
        .unwrap_or_default()
        .into_iter()
        .filter_map(Element::value)
        .map(str::to_owned)
        .collect();
    let folders = if asked.is_empty() { cached.map(|c| c.1).unwrap_or_default() } else { asked };
    let Some(seconds) = seconds.filter(|_| !folders.is_empty()) else {
        return Err(Box::new(status("Ping", 3)));
    };
    if seconds < limits.0 || seconds > limits.1 {
        let nearest = seconds.clamp(limits.0, limits.1);
        let root =
            el("Ping:Ping").with(el("Ping:Status").text(5)).with(el("Ping:HeartbeatInterval").text(nearest));
        return Err(Box::new(document(&root)));
    }
    partner.ping = Some((seconds, folders.clone()));
    let mailbox = state.mailboxes.get(&ask.user);
    if mailbox.is_none_or(|m| folders.iter().any(|f| !m.folders.contains_key(f))) {
        return Err(Box::new(status("Ping", 7)));
    }
    // A folder never synced is watched from now on.
    let marks: Vec<(String, u64)> = mailbox
        .map(|m| folders.iter().filter_map(|f| Some((f.clone(), m.folders.get(f)?.mark))).collect())
        .unwrap_or_default();
    let partner = state.partner(&ask.user, &ask.query.device_id);
    for (folder, mark) in marks {
        let sync = partner.sync.entry(folder).or_default();
        if sync.key == 0 && sync.mark == 0 {
            sync.mark = mark;
        }
    }
    Ok((seconds, folders))
}

fn changed(state: &State, ask: &Ask, folders: &[String]) -> Vec<String> {
    let partner = state.partners.get(&(ask.user.clone(), ask.device()));
    let (Some(mailbox), Some(partner)) = (state.mailboxes.get(&ask.user), partner) else { return Vec::new() };
    let newer = |id: &&String| {
        let seen = partner.sync.get(*id).map_or(0, |s| s.mark);
        mailbox.folders.get(*id).is_some_and(|f| f.mark > seen)
    };
    folders.iter().filter(newer).cloned().collect()
}
