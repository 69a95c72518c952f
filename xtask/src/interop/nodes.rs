//! Two nodes on one PostgreSQL: what a phone does at one is in force at the other with the next request.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use simulator::eas::{Need, Version};

use super::gateway::{connect, eas, organization, scripted};
use super::{Context, Scenario, block_on};
use crate::peers::postgres;
use crate::product::{Installation, Organization};

pub static SCENARIO: Scenario = Scenario {
    name: "two-nodes",
    shows: "Provision at one node, the next command at the other, none refused; orders cross as well",
    peers: &["postgres"],
    run,
};

/// Rounds, unless `NOTIFYMDM_ROUNDS` says another number.
const ROUNDS: u64 = 60;
const USERS: u64 = 10;
/// A Ping is parked for so long before something is ordered.
const LEAD: std::time::Duration = std::time::Duration::from_secs(1);

fn run(context: &Context<'_>) -> Result<()> {
    let rounds = match std::env::var("NOTIFYMDM_ROUNDS") {
        Ok(text) => text.parse().with_context(|| format!("NOTIFYMDM_ROUNDS is {text:?}, not a number"))?,
        Err(_) => ROUNDS,
    };
    let url = postgres::fresh_database("notifymdm")?;
    let one = Installation::start(context.work, context.binary()?, "node-one", Some(&url))?;
    let two = one.node(context.work, context.binary()?, "node-two", &url)?;
    let here = one.organization("nodes")?;
    let there = here.through(&two.base_url);
    block_on(async {
        here.suite("Nodes", "low", &json!({})).await?;
        for user in 0..USERS {
            here.user(&format!("n{user}"), "a long password").await?;
        }
        for round in 0..rounds {
            let (first, second) = if round % 2 == 0 { (&here, &there) } else { (&there, &here) };
            crossing(first, second, round).await.with_context(|| format!("round {round}"))?;
        }
        context.step(format!("{rounds} phones provisioned at one node and were served by the other at once"));
        orders(context, &here, &there).await?;
        through_the_gateway(context, &one, &two).await
    })?;
    let said = one.order(&["verify-journal", "--database-url", &url])?;
    context
        .step(format!("the journal that both wrote is whole: {}", said.lines().last().unwrap_or_default()));
    Ok(())
}

/// A new phone provisions through one node, or each phase at another, and asks the other with the key that it got.
async fn crossing(first: &Organization, second: &Organization, round: u64) -> Result<()> {
    let user = format!("n{}", round % USERS);
    let mut phone = first.phone(&user, "a long password", round, Version::V16_1)?;
    let mut other = second.phone(&user, "a long password", round, Version::V16_1)?;
    let offer = phone.provision_first().await?;
    let temporary = offer.key.with_context(|| format!("no policy: {offer:?}"))?;
    let acknowledging = if round % 4 < 2 { &mut phone } else { &mut other };
    let outcome = acknowledging.provision_acknowledge(temporary, 1).await?;
    let key = outcome.key.filter(|_| outcome.policy_status == Some(1));
    let key = key.with_context(|| format!("not acknowledged: {outcome:?}"))?;
    let next = if round % 4 < 2 { &mut other } else { &mut phone };
    next.policy_key = key;
    let reply = next.folder_sync().await?;
    ensure!(reply.status() == Some(1), "the next command: {reply:?}");
    Ok(())
}

/// The same with a mail server behind: its key, which one node got, is good at the other.
async fn through_the_gateway(context: &Context<'_>, one: &Installation, two: &Installation) -> Result<()> {
    let (here, _) = organization(one, "nodes-mail").await?;
    let there = here.through(&two.base_url);
    let (server, control) = scripted(&here.domain).await?;
    here.server(&eas(&server.url()), json!({})).await?;
    for user in 1..=9 {
        let (name, password) = (format!("u{user}"), format!("pw{user}"));
        let mut phone = here.phone(&name, &password, user, Version::V14_1)?;
        connect(&mut phone).await?;
        let mut other = there.phone(&name, &password, user, Version::V14_1)?;
        other.policy_key = phone.policy_key;
        let reply = other.folder_sync().await?;
        ensure!(reply.status() == Some(1), "the next command: {reply:?}");
        ensure!(
            control.devices_of(&name).len() == 1,
            "the mail server knows {:?}",
            control.devices_of(&name)
        );
    }
    context.step("with a mail server behind, phones that one node let in are served by the other at once");
    Ok(())
}

/// A Ping that is parked at one node hears of an order that was given at the other.
async fn orders(context: &Context<'_>, here: &Organization, there: &Organization) -> Result<()> {
    let mut phone = there.phone("n0", "a long password", 1_000_000, Version::V16_1)?;
    ensure!(phone.connect().await?.done().is_some(), "connecting at the second node");
    let order = async {
        tokio::time::sleep(LEAD).await;
        here.order(&phone_record(here, 1_000_000)?, "full_wipe").await
    };
    let (answer, order) = tokio::join!(phone.ping(600), order);
    let (answer, order) = (answer?, order?);
    ensure!(answer.reply.need() == Need::Provision, "the Ping: {answer:?}");
    let took = answer.reply.took.saturating_sub(LEAD);
    ensure!(phone.provision().await?.wipe.is_some(), "no wipe at the second node");
    here.command_is(&order, "acknowledged").await?;
    context.step(format!(
        "a wipe ordered at one node reached a Ping at the other after {} ms",
        took.as_millis()
    ));
    Ok(())
}

fn phone_record(organization: &Organization, seed: u64) -> Result<simulator::eas::Device> {
    organization.phone("n0", "a long password", seed, Version::V16_1)
}
