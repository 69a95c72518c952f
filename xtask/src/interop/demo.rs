//! The product with its demonstration data: the stand-in server at every version, and ISE, by our own clients
//! that trust only the product's own root.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use simulator::eas::{Credentials, Device, Handled, Model, Setup, Version};
use simulator::ise;

use super::{Context, Scenario, block_on};
use crate::product::Product;

pub static SCENARIO: Scenario = Scenario {
    name: "demo",
    shows: "a stand-in user's phone provisions at every version, and ISE looks devices up",
    peers: &[],
    run,
};

fn run(context: &Context<'_>) -> Result<()> {
    block_on(async {
        stand_in(context, context.product()?).await?;
        looked_up(context, context.product()?).await
    })
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().with_context(|| format!("demo.json: no {name:?} in {value}"))
}

async fn stand_in(context: &Context<'_>, product: &Product) -> Result<()> {
    let users = product.organization()["users"].as_array().context("no users")?;
    let devices = product.organization()["devices"].as_array().context("no devices")?;
    let free = |u: &&Value| u["mail"] == "stand-in" && devices.iter().all(|d| d["user"] != u["username"]);
    let user = users.iter().find(free).context("no stand-in user without devices")?;
    let model = Model::named("iphone").context("the make is known")?;
    for (n, version) in [Version::V12_1, Version::V14_0, Version::V14_1, Version::V16_0, Version::V16_1]
        .into_iter()
        .enumerate()
    {
        let mut phone = Device::new(Setup {
            base_url: product.base_url.clone(),
            tls: Some(product.trust()?),
            user: text(user, "email")?.to_owned(),
            credentials: Credentials::basic(text(user, "email")?, text(user, "password")?),
            device_id: model.device_id(7000 + n as u64),
            model,
            version,
        })?;
        phone.base64_query = n % 2 == 0;
        let offer = phone.options().await?;
        ensure!(offer.versions.contains(&version), "{version} is not offered: {offer:?}");
        let handled = phone.connect().await?;
        ensure!(matches!(&handled, Handled::Done(r) if r.status() == Some(1)), "{version}: {handled:?}");
        ensure!(phone.policy_key != 0 && !phone.policy.is_empty(), "{version}: no policy");
        ensure!(phone.folder(2).is_some(), "{version}: no Inbox");
        context.step(format!("{version}: provisioned with {} settings", phone.policy.len()));
    }
    Ok(())
}

async fn looked_up(context: &Context<'_>, product: &Product) -> Result<()> {
    let organization = product.organization();
    let admins = organization["admins"].as_array().context("no administrators")?;
    let admin = admins.iter().find(|a| a["ise_admin"] == true).context("no ISE administrator")?;
    let devices = organization["devices"].as_array().context("no devices")?;
    let device = devices.iter().find(|d| d["macs"][0].is_string()).context("no device with a MAC")?;
    for version in 1..=3 {
        let mut client = ise::Client::new(ise::Settings {
            base_url: product.base_url.clone(),
            instance: String::new(),
            user: text(admin, "username")?.to_owned(),
            password: text(admin, "password")?.to_owned(),
            version,
            tls: Some(product.trust()?),
        })?;
        client.test_connection().await.map_err(anyhow::Error::msg)?;
        let mac = device["macs"][0].as_str().unwrap_or_default();
        let (found, took) = client.look_up("macaddress", mac).await?;
        ensure!(found.devices.len() == 1 && found.devices[0].identifier == mac, "{mac}: {found:?}");
        ensure!(found.devices[0].registered == Some(true), "{mac} is not registered");
        let pages = client.poll().await?;
        ensure!(pages.iter().flat_map(|p| &p.devices).all(|d| d.compliant == Some(false)), "poll: {pages:?}");
        context.step(format!("ISE version {version}: looked up in {took:?}, polled {} pages", pages.len()));
    }
    Ok(())
}
