//! What is remembered of the mail server for a device: its policy key, its address, a wipe that it ordered.

use std::sync::Arc;

use catalog::CommandKind;
use domain::model::{
    Actor, BackendState, Device, JournalEntry, OrderedCommand, Origin, ServerId, User, WipeKind,
};
use serde_json::json;
use store::repo;

use super::heard::device_actor;
use crate::settle::change_device;
use crate::{Engine, Error, Result};

/// Stores the backend's state if it is news.
///
/// # Errors
/// Storage errors.
pub async fn set_backend(engine: &Engine, device: &Arc<Device>, state: BackendState) -> Result<Arc<Device>> {
    if device.eas().is_some_and(|c| c.eas.backend == state) {
        return Ok(Arc::clone(device));
    }
    change_device(engine, device.organization, device_actor(device), device.id, move |device| {
        if let Some(channel) = device.eas_mut() {
            channel.eas.backend = state.clone();
        }
        Ok(None)
    })
    .await
}

/// The user's own address on this mail server, learnt from Autodiscover or a redirect.
///
/// # Errors
/// Storage errors.
pub async fn learn_url(engine: &Engine, user: &Arc<User>, server: ServerId, url: &str) -> Result<()> {
    if user.learnt_at(server) == Some(url) {
        return Ok(());
    }
    let (id, url) = (user.id, url.to_owned());
    engine
        .store
        .write(user.organization, Actor::System, async move |tx| {
            let Some(mut user) = repo::users::get(tx, id).await? else { return Ok(()) };
            (user.learnt_url, user.learnt_from) = (Some(url.clone()), Some(server));
            repo::users::put(tx, &mut user).await?;
            tx.journal(JournalEntry {
                event: "user.server_learnt",
                subject: id.to_string(),
                body: json!({ "url": url }),
            });
            Ok::<_, Error>(())
        })
        .await
}

/// The backend announced a wipe: recorded as a command of the backend, delivered like one of ours, acknowledged to
/// the backend only after the device did. Above the limit it is held and the device blocked, see
/// [`crate::approvals`].
///
/// # Errors
/// Storage errors.
pub async fn backend_ordered_wipe(
    engine: &Engine,
    device: &Arc<Device>,
    kind: WipeKind,
    server: &str,
) -> Result<()> {
    let command = match kind {
        WipeKind::Device => CommandKind::FullWipe,
        WipeKind::Account => CommandKind::AccountWipe,
    };
    crate::commands::order_by_backend(engine, device, command, server).await
}

/// Wipes of this device that the backend ordered and still has to be told about.
pub fn wipes_to_relay(engine: &Engine, device: &Device) -> Vec<(Arc<OrderedCommand>, WipeKind, u8)> {
    let Some(org) = engine.directory.organization(device.organization) else { return Vec::new() };
    let commands = org.read().commands_of(device.id);
    commands
        .into_iter()
        .filter(|c| c.origin == Origin::Backend)
        .filter_map(|c| c.relay_back.map(|(kind, status)| (c, kind, status)))
        .collect()
}

/// The backend has been told how its wipe ended.
///
/// # Errors
/// Storage errors.
pub async fn relayed_back(engine: &Engine, command: &OrderedCommand) -> Result<()> {
    let id = command.id;
    engine
        .store
        .write(command.organization, Actor::System, async move |tx| {
            let Some(mut command) = repo::commands::get(tx, id).await? else { return Ok(()) };
            command.relay_back = None;
            repo::commands::put(tx, &mut command).await?;
            tx.journal(JournalEntry {
                event: "gateway.backend_wipe_acknowledged",
                subject: command.device.to_string(),
                body: json!({ "command": id }),
            });
            Ok::<_, Error>(())
        })
        .await
}
