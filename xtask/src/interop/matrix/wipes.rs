//! Wipes, at every moment.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use simulator::eas::{Device, Handled, SyncAsk, Version, WipeKind};

use super::{Column, asks_to_provision, while_parked};

pub(super) async fn run(column: &Column) -> Result<()> {
    in_a_ping(column).await.context("in a Ping")?;
    in_a_sync(column).await.context("in a Sync")?;
    by_the_mail_server(column).await.context("by the mail server")?;
    of_a_disabled_account(column).await.context("of a disabled account")
}

/// The phone goes on as a phone does, and obeys.
async fn obeys(phone: &mut Device) -> Result<()> {
    let handled = phone.connect().await?;
    ensure!(matches!(handled, Handled::Wiped(WipeKind::Device)), "it was not wiped: {handled:?}");
    Ok(())
}

async fn in_a_ping(column: &Column) -> Result<()> {
    let mut phone = column.connected(2, 20).await?;
    let record = column.phone(2, 20)?;
    let (answer, order) = while_parked(&mut phone, column.organization.order(&record, "full_wipe")).await?;
    asks_to_provision(&answer.reply)?;
    obeys(&mut phone).await?;
    column.organization.command_is(&order, "acknowledged").await
}

async fn in_a_sync(column: &Column) -> Result<()> {
    let mut phone = column.connected(3, 30).await?;
    let inbox = phone.folder(2).context("no Inbox")?.id.clone();
    phone.sync_all(&inbox).await?;
    let record = column.phone(3, 30)?;
    let ask = if column.version >= Version::V14_0 {
        SyncAsk { heartbeat: Some(600), ..SyncAsk::default() }
    } else {
        SyncAsk { wait: Some(10), ..SyncAsk::default() }
    };
    let order = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        column.organization.order(&record, "full_wipe").await
    };
    let (answer, order) = tokio::join!(phone.sync(&inbox, &ask), order);
    let (answer, order) = (answer?, order?);
    asks_to_provision(&answer.reply)?;
    ensure!(answer.reply.took < Duration::from_secs(15), "it took {:?}", answer.reply.took);
    obeys(&mut phone).await?;
    column.organization.command_is(&order, "acknowledged").await
}

async fn by_the_mail_server(column: &Column) -> Result<()> {
    let mut phone = column.connected(4, 40).await?;
    column.control.order_wipe("u4", &phone.device_id, WipeKind::Device);
    asks_to_provision(&phone.folder_sync().await?)?;
    let id = phone.device_id.clone();
    let heard = || column.control.device("u4", &id).and_then(|d| d.wipe_acknowledged);
    ensure!(heard().is_none(), "the mail server was told before the phone had done it");
    obeys(&mut phone).await?;
    for _ in 0..100 {
        if heard() == Some(1) {
            return column.organization.device_is(&phone, "wiped").await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("the mail server was not told: {:?}", heard())
}

async fn of_a_disabled_account(column: &Column) -> Result<()> {
    let mut phone = column.connected(5, 50).await?;
    column.control.set_disabled("u5", true);
    let order = column.organization.order(&phone, "full_wipe").await?;
    obeys(&mut phone).await?;
    column.control.set_disabled("u5", false);
    column.organization.command_is(&order, "acknowledged").await
}
