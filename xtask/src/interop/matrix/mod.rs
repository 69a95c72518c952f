//! The scenario matrix: every version a phone may speak, through everything that can happen to it, with the scripted
//! mail server behind the running product.

mod forms;
mod keys;
mod trouble;
mod wipes;

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use simulator::eas::{Device, Need, PingAnswer, Version};
use simulator::mailserver::Control;

use super::gateway::{connect, eas, organization, scripted};
use super::{Context, Scenario, block_on};
use crate::product::Organization;

pub static SCENARIO: Scenario = Scenario {
    name: "matrix",
    shows: "12.1, 14.0, 14.1 and 16.1, each through keys, wipes, trouble and odd forms",
    peers: &[],
    run,
};

const VERSIONS: [Version; 4] = [Version::V12_1, Version::V14_0, Version::V14_1, Version::V16_1];

/// One version's column: an organization and a mail server of its own.
struct Column {
    version: Version,
    organization: Organization,
    suite: String,
    control: Control,
}

impl Column {
    /// A phone of user `uN` that has never spoken to us; cases do not share seeds.
    fn phone(&self, user: u64, seed: u64) -> Result<Device> {
        self.organization.phone(&format!("u{user}"), &format!("pw{user}"), seed, self.version)
    }

    /// The same, provisioned and with its folders.
    async fn connected(&self, user: u64, seed: u64) -> Result<Device> {
        let mut phone = self.phone(user, seed)?;
        connect(&mut phone).await?;
        Ok(phone)
    }
}

fn run(context: &Context<'_>) -> Result<()> {
    for version in VERSIONS {
        block_on(column(context, version)).with_context(|| format!("at {version}"))?;
    }
    Ok(())
}

async fn column(context: &Context<'_>, version: Version) -> Result<()> {
    let (organization, suite) =
        organization(context.installation()?, &format!("matrix-{}", version.0)).await?;
    let (server, control) = scripted(&organization.domain).await?;
    organization.server(&eas(&server.url()), serde_json::json!({})).await?;
    let column = Column { version, organization, suite, control };
    keys::run(&column).await.context("keys")?;
    context.step(format!(
        "{version}: never provisioned, key good, key stale, policy edited under a parked Ping"
    ));
    wipes::run(&column).await.context("wipes")?;
    context.step(format!(
        "{version}: wiped in a Ping, in a Sync, by the mail server, with the account disabled"
    ));
    trouble::run(&column).await.context("trouble")?;
    context
        .step(format!("{version}: wrong password, server down or moved, key lost in an upload, phone gone"));
    forms::run(&column).await.context("forms")?;
    context.step(format!(
        "{version}: two phones of one user, two users of one phone, base64, chunks, gzip, parts"
    ));
    Ok(())
}

/// Parks a Ping, does something one second later, and returns what the phone was told then.
async fn while_parked<T>(
    phone: &mut Device,
    act: impl Future<Output = Result<T>>,
) -> Result<(PingAnswer, T)> {
    let later = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        act.await
    };
    let (answer, done) = tokio::join!(phone.ping(900), later);
    let (answer, done) = (answer?, done?);
    let took = answer.reply.took;
    ensure!(took >= Duration::from_millis(900), "the Ping was not parked: {answer:?}");
    ensure!(took < Duration::from_secs(15), "the Ping was answered only after {took:?}");
    Ok((answer, done))
}

/// The answer asks the phone to provision, in the form of its version.
fn asks_to_provision(reply: &simulator::eas::Reply) -> Result<()> {
    ensure!(reply.need() == Need::Provision, "it is not told to provision: {reply:?}");
    Ok(())
}
