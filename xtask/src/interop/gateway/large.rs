//! Bodies of 25 MiB in both directions, in constant memory.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use simulator::eas::{SyncAsk, Version};

use super::{connect, eas, organization, scripted};
use crate::interop::{Context, Scenario, block_on};

pub static SCENARIO: Scenario = Scenario {
    name: "gateway-large",
    shows: "25 MiB up and down, with a length and in chunks, without taking memory for it",
    peers: &[],
    run,
};

const SIZE: usize = 25 << 20;
/// More memory than this, in KiB, and bodies are being held.
const ROOM: u64 = 12 << 10;

fn run(context: &Context<'_>) -> Result<()> {
    let installation = context.installation()?;
    block_on(async {
        let (organization, _) = organization(installation, "large").await?;
        let (server, control) = scripted(&organization.domain).await?;
        organization.server(&eas(&server.url()), json!({})).await?;
        let mut phone = organization.phone("u1", "pw1", 1, Version::V14_1)?;
        connect(&mut phone).await?;
        let inbox = phone.folder(2).context("no Inbox")?.id.clone();
        phone.sync(&inbox, &SyncAsk::default()).await?;
        let before = installation.peak_memory()?;

        let head = b"From: <u1@example.test>\r\nTo: <u1@example.test>\r\nSubject: big\r\n\r\n";
        let mut mime = head.to_vec();
        mime.resize(mime.len() + SIZE, b'x');
        for chunk in [None, Some(65_536)] {
            phone.chunk = chunk;
            let call = phone.send_mail_call(&mime);
            let reply = phone.send(call).await?;
            ensure!(reply.http == 200, "up, chunks {chunk:?}: {} {:?}", reply.http, reply.tree);
        }
        ensure!(control.sizes("u1", 2) == [SIZE, SIZE], "arrived: {:?}", control.sizes("u1", 2));
        context.step("two mails of 25 MiB arrive, one with a length, one in chunks");

        phone.chunk = None;
        let items = phone.sync_all(&inbox).await?;
        let item = items.first().context("no mail in the Inbox")?.id.clone();
        for answered in [None, Some(65_536)] {
            control.script(|s| s.chunk = answered);
            let fetched = phone.fetch(&inbox, &item, true).await?;
            let sizes: Vec<usize> = fetched.parts.iter().map(Vec::len).collect();
            ensure!(sizes == [SIZE], "down, chunks {answered:?}: {} {sizes:?}", fetched.http);
        }
        context.step("and come back as parts, with a length and in chunks");
        let grown = installation.peak_memory()?.saturating_sub(before);
        ensure!(grown < ROOM, "100 MiB of bodies took {grown} KiB of memory");
        context.step(format!("the server's peak memory grew by {grown} KiB"));
        Ok(())
    })
}
