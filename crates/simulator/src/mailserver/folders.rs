//! The folder hierarchy: FolderSync, FolderCreate, FolderDelete, FolderUpdate.

use std::collections::BTreeMap;

use super::gate::{Ask, document, status};
use super::state::{FolderData, State};
use crate::http::Answer;
use crate::wbxml::{Element, el};

pub(super) fn answer(state: &mut State, ask: &Ask) -> Answer {
    let cmd = ask.query.cmd.as_str();
    let Some(root) = ask.root.as_ref().filter(|r| r.local() == cmd) else { return status(cmd, 10) };
    let key = root.text_at("SyncKey").unwrap_or_default().to_owned();
    if cmd == "FolderSync" {
        return folder_sync(state, ask, &key);
    }
    if key != state.partner(&ask.user, &ask.query.device_id).hierarchy_key.to_string() || key == "0" {
        return status(cmd, 9);
    }
    match change(state, ask, root) {
        Ok(created) => {
            let partner_key = {
                let known = state.mailboxes.get(&ask.user).map(|m| (m.hierarchy, ids(&m.folders)));
                let partner = state.partner(&ask.user, &ask.query.device_id);
                partner.hierarchy_key += 1;
                if let Some((mark, ids)) = known {
                    partner.hierarchy_seen = mark;
                    partner.known_folders = ids;
                }
                partner.hierarchy_key
            };
            let (name, status_name) = super::gate::refusal_names(cmd).unwrap_or_default();
            document(
                &el(name)
                    .with(el(status_name).text(1))
                    .with(el("FolderHierarchy:SyncKey").text(partner_key))
                    .with_some(created.map(|id| el("FolderHierarchy:ServerId").text(id))),
            )
        }
        Err(code) => status(cmd, code),
    }
}

fn ids(folders: &BTreeMap<String, FolderData>) -> Vec<String> {
    folders.keys().cloned().collect()
}

fn folder_sync(state: &mut State, ask: &Ask, key: &str) -> Answer {
    let State { mailboxes, partners, .. } = state;
    let Some(mailbox) = mailboxes.get(&ask.user) else { return status("FolderSync", 6) };
    let Some(partner) = partners.get_mut(&(ask.user.clone(), ask.device())) else {
        return status("FolderSync", 6);
    };
    let fresh = key == "0";
    if !fresh && key != partner.hierarchy_key.to_string() {
        return status("FolderSync", 9);
    }
    let known = if fresh { Vec::new() } else { std::mem::take(&mut partner.known_folders) };
    let stale = fresh || partner.hierarchy_seen != mailbox.hierarchy;
    let mut changes = Vec::new();
    if stale {
        partner.hierarchy_key = if fresh { 1 } else { partner.hierarchy_key + 1 };
        for (id, folder) in &mailbox.folders {
            let name = if known.contains(id) { "FolderHierarchy:Update" } else { "FolderHierarchy:Add" };
            changes.push(
                el(name)
                    .with(el("FolderHierarchy:ServerId").text(id))
                    .with(el("FolderHierarchy:ParentId").text(&folder.parent))
                    .with(el("FolderHierarchy:DisplayName").text(&folder.name))
                    .with(el("FolderHierarchy:Type").text(folder.kind)),
            );
        }
        for id in known.iter().filter(|id| !mailbox.folders.contains_key(*id)) {
            changes.push(el("FolderHierarchy:Delete").with(el("FolderHierarchy:ServerId").text(id)));
        }
    }
    partner.known_folders = ids(&mailbox.folders);
    partner.hierarchy_seen = mailbox.hierarchy;
    if fresh {
        partner.sync.clear();
    }
    document(
        &el("FolderHierarchy:FolderSync")
            .with(el("FolderHierarchy:Status").text(1))
            .with(el("FolderHierarchy:SyncKey").text(partner.hierarchy_key))
            .with(
                el("FolderHierarchy:Changes")
                    .with(el("FolderHierarchy:Count").text(changes.len()))
                    .with_all(changes),
            ),
    )
}

/// Makes, removes or renames a folder; the identifier of a new one, or the status that says why not.
fn change(state: &mut State, ask: &Ask, root: &Element) -> Result<Option<String>, u32> {
    let mark = state.next_mark();
    let mailbox = state.mailboxes.get_mut(&ask.user).ok_or(6_u32)?;
    let id = root.text_at("ServerId").unwrap_or_default();
    let special = mailbox.folders.get(id).is_some_and(|f| f.kind < 10 && f.kind != 1);
    let outcome = match ask.query.cmd.as_str() {
        "FolderCreate" => {
            let name = root.text_at("DisplayName").ok_or(10_u32)?;
            if mailbox.folders.values().any(|f| f.name == name) {
                return Err(2);
            }
            let folder = FolderData {
                name: name.to_owned(),
                kind: root.number_at("Type").unwrap_or(12),
                parent: root.text_at("ParentId").unwrap_or("0").to_owned(),
                items: BTreeMap::new(),
                mark,
            };
            let id = format!("f{mark}");
            mailbox.folders.insert(id.clone(), folder);
            Some(id)
        }
        "FolderDelete" if special => return Err(3),
        "FolderDelete" => {
            mailbox.folders.remove(id).ok_or(4_u32)?;
            None
        }
        _ if special => return Err(3),
        _ => {
            let name = root.text_at("DisplayName").ok_or(10_u32)?;
            name.clone_into(&mut mailbox.folders.get_mut(id).ok_or(4_u32)?.name);
            None
        }
    };
    mailbox.hierarchy = mark.max(mailbox.hierarchy + 1);
    Ok(outcome)
}
