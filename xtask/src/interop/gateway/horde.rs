//! Horde behind the gateway: the backend that has policies, checks keys and wipes.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use simulator::eas::{Handled, Need, Version, WipeKind};

use super::{connect, eas, organization, python};
use crate::interop::{Context, Scenario, block_on};
use crate::peers::horde;
use crate::product::Organization;

pub static SCENARIO: Scenario = Scenario {
    name: "gateway-horde",
    shows: "our policy wins over Horde's, keys are translated, Horde's wipe and ours reach the device",
    peers: &["horde", "pyactivesync"],
    run,
};

fn run(context: &Context<'_>) -> Result<()> {
    let (organization, suite) = block_on(organization(context.installation()?, "horde"))?;
    let url = eas(&format!("http://127.0.0.1:{}", horde::PORT));
    block_on(organization.server(&url, json!({})))?;
    let user = organization.address("u8");
    // A Ping to its end takes a minute, which the rest need not wait for.
    block_on(policies(context, &organization))?;
    let said = python(context, &user, "pw8", "pyclient8", &["folders"])?;
    ensure!(said.contains("synced") && said.contains("pinged"), "pyactivesync: {said}");
    context.step("pyactivesync lists folders, syncs and pings to the end");
    block_on(async {
        edit_during_ping(context, &organization, &suite).await?;
        wipe_of_horde(context, &organization).await?;
        wipe_of_a_closed_account(context, &organization).await
    })
}

async fn policies(context: &Context<'_>, organization: &Organization) -> Result<()> {
    for (n, version) in
        [Version::V12_1, Version::V14_0, Version::V14_1, Version::V16_0].into_iter().enumerate()
    {
        let mut phone = organization.phone("u1", "pw1", 10 + n as u64, version)?;
        phone.base64_query = n % 2 == 0;
        connect(&mut phone).await?;
        ensure!(phone.folders.len() == 4, "{version}: the folders are not Horde's: {:?}", phone.folders);
    }
    context.step("12.1 to 16.0: our policy arrives although Horde has another, and Horde lets the phone in");
    Ok(())
}

async fn edit_during_ping(context: &Context<'_>, organization: &Organization, suite: &str) -> Result<()> {
    let mut phone = organization.phone("u2", "pw2", 20, Version::V14_1)?;
    connect(&mut phone).await?;
    // Horde answers a Ping on a folder that was never synced with 132.
    let inbox = phone.folder(2).context("no Inbox")?.id.clone();
    phone.sync_all(&inbox).await?;
    let publish = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        organization.publish(suite, &json!({ "device.allow_camera": false })).await
    };
    let (answer, published) = tokio::join!(phone.ping(600), publish);
    published?;
    let answer = answer?;
    ensure!(answer.reply.need() == Need::Provision, "the parked Ping: {answer:?}");
    ensure!(answer.reply.took < Duration::from_secs(20), "it took {:?}", answer.reply.took);
    connect(&mut phone).await?;
    ensure!(phone.policy.get("AllowCamera").is_some_and(|v| v == "0"), "{:?}", phone.policy);
    context.step("a policy edit reaches a Ping that is parked at Horde");
    Ok(())
}

async fn wipe_of_horde(context: &Context<'_>, organization: &Organization) -> Result<()> {
    let mut phone = organization.phone("u3", "pw3", 30, Version::V14_1)?;
    connect(&mut phone).await?;
    horde::order_wipe(context.work, &phone.device_id)?;
    let told = phone.folder_sync().await?;
    ensure!(told.need() == Need::Provision && told.status() == Some(140), "announcing: {told:?}");
    let directive = phone.provision_first().await?;
    ensure!(directive.wipe == Some(WipeKind::Device), "the directive: {directive:?}");
    let told = || horde::wipe_acknowledged(context.work, &phone.device_id);
    ensure!(!told(), "Horde was told before the device had done it");
    context.step("Horde's wipe reaches the device, and Horde is not told before the device has done it");

    let id = phone.device_id.clone();
    phone.acknowledge_wipe(WipeKind::Device, 1).await?;
    for _ in 0..100 {
        if horde::wipe_acknowledged(context.work, &id) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    ensure!(horde::wipe_acknowledged(context.work, &id), "the device acknowledged, and Horde was not told");
    organization.device_is(&phone, "wiped").await?;
    phone.forget();
    let after = phone.folder_sync().await?;
    ensure!(!after.is_ok(), "a wiped device is served: {after:?}");
    context.step("after the device acknowledged, Horde is told, and the device gets nothing more");
    Ok(())
}

async fn wipe_of_a_closed_account(context: &Context<'_>, organization: &Organization) -> Result<()> {
    let mut phone = organization.phone("u4", "pw4", 40, Version::V14_1)?;
    connect(&mut phone).await?;
    horde::set_closed(context.work, "u4", true)?;
    let command = organization.order(&phone, "full_wipe").await?;
    let mut stranger = organization.phone("u4", "guessed", 40, Version::V14_1)?;
    let refused = stranger.provision_first().await?;
    ensure!(refused.http == 401 && refused.wipe.is_none(), "with another password: {refused:?}");
    let handled = phone.connect().await?;
    ensure!(matches!(handled, Handled::Wiped(WipeKind::Device)), "the wipe: {handled:?}");
    organization.command_is(&command, "acknowledged").await.context("the order")?;
    horde::set_closed(context.work, "u4", false)?;
    context.step(
        "a wipe reaches the phone of an account that Horde has closed, and nobody with another password",
    );
    Ok(())
}
