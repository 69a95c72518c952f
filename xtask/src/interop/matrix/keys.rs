//! Policy keys: none, good, stale, overtaken.

use anyhow::{Result, ensure};
use serde_json::json;
use simulator::eas::Version;

use super::{Column, asks_to_provision, while_parked};
use crate::interop::gateway::connect;

pub(super) async fn run(column: &Column) -> Result<()> {
    let mut phone = column.phone(1, 1)?;
    let reply = phone.folder_sync().await?;
    asks_to_provision(&reply)?;
    if column.version <= Version::V12_1 {
        ensure!(reply.http == 449, "up to 12.1 it is an HTTP status: {reply:?}");
    } else {
        ensure!(reply.status() == Some(142), "from 14.0 it is a status: {reply:?}");
    }
    ensure!(column.control.seen().iter().all(|s| s.cmd != "FolderSync"), "it was let through without a key");
    connect(&mut phone).await?;

    let key = phone.policy_key;
    ensure!(phone.folder_sync().await?.is_ok(), "a good key is refused");
    phone.policy_key = key.wrapping_add(1).max(1);
    asks_to_provision(&phone.folder_sync().await?)?;
    connect(&mut phone).await?;

    let values = json!({ "password.history": 3 });
    let publish = column.organization.publish(&column.suite, &values);
    let (answer, ()) = while_parked(&mut phone, publish).await?;
    asks_to_provision(&answer.reply)?;
    connect(&mut phone).await?;
    let history = phone.policy.get("DevicePasswordHistory").map(String::as_str);
    ensure!(history == Some("3"), "the edit has not arrived: {:?}", phone.policy);
    ensure!(phone.policy_key != key, "the key is still the old one");
    Ok(())
}
