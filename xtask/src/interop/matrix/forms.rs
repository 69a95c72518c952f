//! Identities and odd forms of requests and answers.

use anyhow::{Context as _, Result, ensure};
use simulator::eas::Version;
use simulator::mailserver::Mail;

use super::Column;
use crate::interop::gateway::connect;

pub(super) async fn run(column: &Column) -> Result<()> {
    identities(column).await.context("identities")?;
    queries(column).await.context("base64 and plain queries")?;
    bodies(column).await.context("chunks, gzip and parts")
}

async fn identities(column: &Column) -> Result<()> {
    let mut first = column.connected(1, 101).await?;
    let mut second = column.connected(1, 102).await?;
    ensure!(
        first.folder_sync().await?.is_ok() && second.folder_sync().await?.is_ok(),
        "two phones of one user"
    );
    ensure!(first.policy_key != second.policy_key, "two phones have one key");

    let mut other = column.connected(2, 101).await?;
    ensure!(other.device_id == first.device_id, "one identifier");
    ensure!(
        other.folder_sync().await?.is_ok() && first.folder_sync().await?.is_ok(),
        "two users of one phone"
    );
    let key = other.policy_key;
    other.policy_key = first.policy_key;
    ensure!(!other.folder_sync().await?.is_ok(), "one user's key is good for the other");
    other.policy_key = key;
    Ok(())
}

async fn queries(column: &Column) -> Result<()> {
    let mut phone = column.phone(3, 103)?;
    phone.base64_query = true;
    connect(&mut phone).await?;
    for base64 in [false, true, false] {
        phone.base64_query = base64;
        let reply = phone.folder_sync().await?;
        ensure!(reply.is_ok(), "base64 {base64}: {reply:?}");
    }
    let devices = column.control.devices_of("u3");
    let mine = devices.iter().filter(|d| d.eq_ignore_ascii_case(&phone.device_id)).count();
    ensure!(mine == 1, "the mail server knows it as {devices:?}");
    ensure!(column.control.seen().iter().all(|s| !s.base64), "a base64 query went to the mail server");
    Ok(())
}

async fn bodies(column: &Column) -> Result<()> {
    let mut mail = Mail::new("a@example.test", "with attachment", "see attached");
    mail.attachments.push(("picture.bin".to_owned(), vec![7; 300_000]));
    column.control.deliver("u4", mail);
    // The first phone of this user was wiped; this is another one.
    let mut phone = column.connected(4, 104).await?;
    phone.chunk = Some(7);
    phone.accept_gzip = true;
    let inbox = phone.folder(2).context("no Inbox")?.id.clone();
    column.control.script(|s| {
        s.gzip = true;
        s.chunk = Some(1000);
    });
    let items = phone.sync_all(&inbox).await?;
    let item = items.iter().find(|i| i.subject() == Some("with attachment")).context("no mail")?;
    let reference = item.data.text_at("Attachments/Attachment/FileReference").context("no attachment")?;
    for base64 in [false, true] {
        phone.base64_query = base64 && column.version >= Version::V12_1;
        let parts = phone.fetch_attachment(reference, true).await?;
        ensure!(
            parts.parts == [vec![7; 300_000]],
            "in parts, base64 {base64}: {} {:?}",
            parts.http,
            parts.tree
        );
        let inline = phone.fetch_attachment(reference, false).await?;
        let length = inline.text_at("Response/Fetch/Properties/Data").map(str::len);
        ensure!(length == Some(400_000), "inline, base64 {base64}: {length:?}");
    }
    column.control.script(|s| {
        s.gzip = false;
        s.chunk = None;
    });
    Ok(())
}
