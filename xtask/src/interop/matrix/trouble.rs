//! What goes wrong: passwords, the mail server, the network.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use simulator::eas::Need;
use simulator::mailserver::Failure;

use super::Column;
use crate::interop::gateway::{connect, eas, scripted};

pub(super) async fn run(column: &Column) -> Result<()> {
    wrong_password(column).await.context("a wrong password")?;
    server_down(column).await.context("the server is down")?;
    server_moved(column).await.context("451")?;
    key_lost_in_an_upload(column).await.context("the key is lost in an upload")?;
    phone_gone(column).await.context("the phone is gone")
}

async fn wrong_password(column: &Column) -> Result<()> {
    let mut phone = column.organization.phone("u6", "wrong", 60, column.version)?;
    for _ in 0..5 {
        let reply = phone.folder_sync().await?;
        ensure!(reply.http == 401 && reply.headers.get("WWW-Authenticate").is_some(), "{reply:?}");
    }
    let asked = column.control.seen().iter().filter(|s| s.http == Some(401)).count();
    ensure!(asked <= 3, "five attempts with one wrong password were {asked} at the mail server");
    column.connected(6, 60).await.context("with the right one")?;
    Ok(())
}

async fn server_down(column: &Column) -> Result<()> {
    let mut phone = column.connected(6, 61).await?;
    column.control.script(|s| s.failing = Some((u32::MAX, Failure::HangUp)));
    let reply = phone.folder_sync().await?;
    column.control.script(|s| s.failing = None);
    ensure!(reply.need() == Need::Later, "while it is down: {reply:?}");
    ensure!(reply.http != 503 || reply.headers.get("Retry-After").is_some(), "no Retry-After: {reply:?}");
    ensure!(phone.folder_sync().await?.is_ok(), "and it is not served after");
    Ok(())
}

async fn server_moved(column: &Column) -> Result<()> {
    let (other, there) = scripted(&column.organization.domain).await?;
    let mut phone = column.connected(7, 70).await?;
    column.control.move_user("u7", Some(&eas(&other.url())));
    "0".clone_into(&mut phone.hierarchy_key);
    connect(&mut phone).await?;
    ensure!(
        there.seen().iter().any(|s| s.cmd == "FolderSync" && s.http == Some(200)),
        "the new one saw nothing"
    );
    Ok(())
}

async fn key_lost_in_an_upload(column: &Column) -> Result<()> {
    let mut phone = column.connected(8, 80).await?;
    let head = b"From: <u8@example.test>\r\nTo: <u8@example.test>\r\nSubject: long\r\n\r\n";
    let mut mime = head.to_vec();
    mime.resize(mime.len() + (3 << 20), b'x');
    for chunk in [None, Some(40_000)] {
        column.control.force_provision("u8", None);
        phone.chunk = chunk;
        let call = phone.send_mail_call(&mime);
        let reply = phone.send(call).await?;
        ensure!(reply.http == 200 && reply.need() == Need::Nothing, "chunks {chunk:?}: {reply:?}");
    }
    let arrived = column.control.subjects("u8", 2).iter().filter(|s| *s == "long").count();
    ensure!(arrived == 2, "two mails were sent, {arrived} arrived");
    Ok(())
}

async fn phone_gone(column: &Column) -> Result<()> {
    let mut phone = column.connected(9, 90).await?;
    let id = phone.device_id.clone();
    let parked = || column.control.device("u9", &id).map_or(0, |d| d.parked);
    // The Ping is dropped with its connection.
    let cut = tokio::time::timeout(Duration::from_secs(2), phone.ping(900)).await;
    ensure!(cut.is_err(), "the Ping was not parked: {cut:?}");
    for _ in 0..100 {
        if parked() == 0 {
            phone.disconnect();
            ensure!(phone.folder_sync().await?.is_ok(), "it comes back and is not served");
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("the mail server still holds {} requests of a phone that is gone", parked())
}
