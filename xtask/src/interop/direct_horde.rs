//! The simulated phone and Horde without us between them: policies, keys, 449 with a body, wipe.

use anyhow::{Result, ensure};
use simulator::eas::{Handled, Need, Version, WipeKind};

use super::direct_sogo::phone;
use super::{Context, Scenario, block_on};
use crate::peers::horde;

pub static SCENARIO: Scenario = Scenario {
    name: "peers-direct-horde",
    shows: "Horde hands our simulated phone policies, checks keys and wipes it",
    peers: &["horde"],
    run,
};

fn run(context: &Context<'_>) -> Result<()> {
    block_on(steps(context))
}

async fn steps(context: &Context<'_>) -> Result<()> {
    let mut phone = phone(horde::PORT, "", 3, Version::V14_1)?;
    let offer = phone.options().await?;
    ensure!(offer.http == 200 && offer.commands.iter().any(|c| c == "Provision"), "OPTIONS: {offer:?}");
    context.step("OPTIONS lists Provision");

    let reply = phone.folder_sync().await?;
    ensure!(reply.http == 449 && reply.status() == Some(142), "FolderSync without a key: {reply:?}");
    ensure!(reply.need() == Need::Provision, "the refusal is understood");
    context.step("without a key: 449 with status 142 in the body");

    let first = phone.provision_first().await?;
    let key = first.key.unwrap_or(0);
    ensure!(first.policy_status == Some(1) && key != 0, "phase one: {first:?}");
    ensure!(first.policy.contains_key("DevicePasswordEnabled"), "the document: {:?}", first.policy);
    let wrong = phone.provision_acknowledge(key.wrapping_add(1), 1).await?;
    ensure!(wrong.policy_status == Some(5), "a wrong key: {wrong:?}");
    context.step("a wrong key is not acknowledged (5)");

    let handled = phone.connect().await?;
    ensure!(matches!(&handled, Handled::Done(r) if r.status() == Some(1)), "like a phone: {handled:?}");
    ensure!(phone.folders.len() == 4 && phone.policy_key != 0, "folders: {:?}", phone.folders);
    context.step("the phone provisions itself and gets four folders");

    let mut packed = self::phone(horde::PORT, "", 3, Version::V12_1)?;
    packed.base64_query = true;
    "BASE64DEV1".clone_into(&mut packed.device_id);
    let reply = packed.folder_sync().await?;
    ensure!(reply.http == 449 && reply.body.is_empty(), "12.1, base64: {reply:?}");
    ensure!(packed.connect().await?.done().is_some(), "a base64 query at 12.1 does not get through");
    context.step("a base64 query at 12.1 gets through after a bare 449");

    horde::order_wipe(context.work, &phone.device_id)?;
    let reply = phone.folder_sync().await?;
    ensure!(reply.status() == Some(140), "a pending wipe: {reply:?}");
    let handled = phone.connect().await?;
    ensure!(matches!(handled, Handled::Wiped(WipeKind::Device)), "the wipe: {handled:?}");
    context.step("a wipe is announced (140), obeyed and acknowledged");
    phone.forget();
    let after = phone.folder_sync().await?;
    ensure!(after.status() != Some(1), "a wiped device is served again: {after:?}");
    context.step("a wiped device is not served again");
    Ok(())
}
