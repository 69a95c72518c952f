//! The side tables of a device: GUIDs, MAC addresses, channels.

use super::MAX_MAC;
use crate::{
    Result, Tx,
    repo::{entity, text},
};
use aws_lc_rs::digest::{SHA256, digest as hash};
use domain::model::{Device, DeviceId};
use std::collections::BTreeSet;
use uuid::Uuid;

/// SHA-256 over everything that is in the side tables or else changes as seldom (owner, number).
pub(super) fn digest(device: &Device) -> Result<Vec<u8>> {
    let channels: Vec<_> =
        device.channels.iter().map(|channel| (channel.id, channel.kind, &channel.external_id)).collect();
    let text = entity::document(&(
        device.user,
        device.number,
        device.guid,
        &device.aliases,
        &device.macs,
        channels,
    ))?;
    Ok(hash(&SHA256, text.as_bytes()).as_ref().to_vec())
}

/// Writes the rows of a device that has none.
pub(super) async fn insert(tx: &mut Tx, device: &Device) -> Result<()> {
    let guids: BTreeSet<Uuid> = device.aliases.iter().copied().chain([device.guid]).collect();
    for guid in guids {
        let sql = "INSERT INTO device_guid (organization_id, device_id, guid) VALUES ($1, $2, $3)";
        tx.execute(sql, &[tx.organization().into(), device.id.into(), guid.into()]).await?;
    }
    let macs: BTreeSet<&str> = device.macs.iter().map(String::as_str).collect();
    for mac in macs {
        let sql = "INSERT INTO device_mac (organization_id, device_id, mac) VALUES ($1, $2, $3)";
        tx.execute(sql, &[tx.organization().into(), device.id.into(), text::bounded(mac, MAX_MAC)]).await?;
    }
    for channel in &device.channels {
        let sql = "INSERT INTO channel (organization_id, device_id, id, kind, external_id_lower, user_id) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        let params = [
            tx.organization().into(),
            device.id.into(),
            channel.id.into(),
            entity::word(&channel.kind)?.into(),
            text::lower(&channel.external_id),
            device.user.into(),
        ];
        tx.execute(sql, &params).await?;
    }
    Ok(())
}

/// Removes the rows of a device.
pub(super) async fn delete(tx: &mut Tx, device: DeviceId) -> Result<()> {
    for sql in [
        "DELETE FROM device_guid WHERE organization_id = $1 AND device_id = $2",
        "DELETE FROM device_mac WHERE organization_id = $1 AND device_id = $2",
        "DELETE FROM channel WHERE organization_id = $1 AND device_id = $2",
    ] {
        tx.execute(sql, &[tx.organization().into(), device.into()]).await?;
    }
    Ok(())
}
