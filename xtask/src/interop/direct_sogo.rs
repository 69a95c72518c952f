//! The simulated phone and SOGo without us between them: proves that both work before the gateway is judged.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use simulator::eas::{Credentials, Device, Model, Setup, Version};

use super::{Context, Scenario, block_on};
use crate::peers::sogo;

pub static SCENARIO: Scenario = Scenario {
    name: "peers-direct-sogo",
    shows: "SOGo serves our simulated phone, and has no policies",
    peers: &["sogo"],
    run,
};

fn run(context: &Context<'_>) -> Result<()> {
    block_on(steps(context))
}

/// A phone of a user `uN` at a peer.
pub fn phone(port: u16, path: &str, user: usize, version: Version) -> Result<Device> {
    let model = Model::named("iphone").context("the make is known")?;
    Ok(Device::new(Setup {
        base_url: format!("http://127.0.0.1:{port}{path}"),
        tls: None,
        user: format!("u{user}"),
        credentials: Credentials::basic(&format!("u{user}"), &format!("pw{user}")),
        device_id: model.device_id(1000 + user as u64),
        model,
        version,
    })?)
}

async fn steps(context: &Context<'_>) -> Result<()> {
    let mut phone = phone(sogo::PORT, sogo::PATH, 1, Version::V14_1)?;
    let offer = phone.options().await?;
    ensure!(offer.http == 200 && offer.versions.contains(&Version::V14_1), "OPTIONS: {offer:?}");
    ensure!(!offer.commands.iter().any(|c| c == "Provision"), "SOGo lists Provision");
    context.step("OPTIONS offers 14.1 and no Provision");

    phone.credentials = Credentials::basic("u1", "wrong");
    ensure!(phone.options().await?.http == 401, "a wrong password was let in");
    phone.credentials = Credentials::basic("u1", "pw1");
    context.step("a wrong password gets 401");

    let outcome = phone.provision().await?;
    ensure!(
        outcome.status == Some(1) && outcome.policy_status == Some(2) && outcome.key.is_none(),
        "Provision: {outcome:?}"
    );
    context.step("Provision says that there is no policy");

    let reply = phone.folder_sync().await?;
    ensure!(reply.status() == Some(1), "FolderSync: {reply:?}");
    let inbox = phone.folder(2).context("no Inbox")?.id.clone();
    context.step(format!("FolderSync lists {} folders", phone.folders.len()));

    let user = phone.settings_user_information().await?;
    let address = user.text_at("UserInformation/Get/Accounts/Account/EmailAddresses/PrimarySmtpAddress");
    ensure!(address == Some("u1@example.test"), "UserInformation: {:?}", user.tree);
    context.step("Settings tells the user's address");

    let sent = phone.send_mail("u1@example.test", "u1@example.test", "interop", "to myself").await?;
    ensure!(sent.http == 200 && sent.body.is_empty(), "SendMail: {sent:?}");
    context.step("SendMail is accepted");

    let item = mail_with_subject(&mut phone, &inbox, "interop").await?;
    context.step(format!("the mail arrives by Sync as item {item}"));
    let fetched = phone.fetch(&inbox, &item, false).await?;
    let body = fetched.text_at("Response/Fetch/Properties/Body/Data").unwrap_or_default();
    ensure!(body.contains("to myself"), "ItemOperations: {:?}", fetched.tree);
    context.step("ItemOperations fetches its body");
    let estimate = phone.estimate(&inbox).await?;
    ensure!(estimate.number_at("Response/Status") == Some(1), "GetItemEstimate: {:?}", estimate.tree);
    context.step("GetItemEstimate answers");

    ping_is_woken(context, &mut phone).await
}

/// Waits until a mail arrives in a folder; its identifier. SOGo sometimes answers the first real Sync of a new
/// device with nothing, so it is asked again.
pub async fn mail_with_subject(phone: &mut Device, folder: &str, subject: &str) -> Result<String> {
    for _ in 0..30 {
        let items = phone.sync_all(folder).await?;
        if let Some(item) = items.iter().find(|i| i.subject() == Some(subject)) {
            return Ok(item.id.clone());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    anyhow::bail!("no mail with subject {subject:?} in folder {folder} within 15 seconds")
}

/// SOGo answers a first Ping at once when it has not yet noticed what the phone has synced; then it is synced
/// and parked again.
async fn ping_is_woken(context: &Context<'_>, phone: &mut Device) -> Result<()> {
    const LEAD: Duration = Duration::from_secs(2);
    let inbox = phone.folder(2).context("no Inbox")?.id.clone();
    let mut sender = self::phone(sogo::PORT, sogo::PATH, 2, Version::V14_1)?;
    for _ in 0..5 {
        phone.sync_all(&inbox).await?;
        let send = async {
            tokio::time::sleep(LEAD).await;
            sender.send_mail("u2@example.test", "u1@example.test", "wake up", "please").await
        };
        let (answer, sent) = tokio::join!(phone.ping(120), send);
        let (answer, sent) = (answer?, sent?);
        ensure!(sent.http == 200, "SendMail of u2: {sent:?}");
        ensure!(answer.status == Some(2), "Ping: {answer:?}");
        if answer.reply.took >= LEAD {
            let seconds = answer.reply.took.as_secs_f64();
            context.step(format!("a parked Ping is answered by new mail after {seconds:.0} s"));
            return Ok(());
        }
    }
    anyhow::bail!("five Pings were answered before there was anything new")
}
