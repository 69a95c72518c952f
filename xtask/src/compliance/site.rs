//! An organization under rules: its access settings by REST, Cisco ISE beside it, and its devices.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use simulator::ise;

use super::cases::{Case, Cause, SYSTEMS};
use crate::product::{Console, Installation, Organization};

/// Password of all users.
pub const PASSWORD: &str = "Prove-pass-2030";
/// More than there will be devices.
const LIMIT: u32 = 1_000_000;
const SYSTEM_PASSWORD: &str = "System-pass-2030";

/// An organization with everything that answers for it.
pub struct Site {
    /// The organization.
    pub organization: Organization,
    /// How an ISE of it is set up.
    ise: ise::Settings,
    /// The suite in force for everybody.
    pub suite: String,
}

impl Site {
    /// Makes an organization whose limit on what one person may withdraw is out of the way, with a suite, and users
    /// `u0`, `u1` … .
    pub async fn make(installation: &Installation, slug: &str, users: usize) -> Result<Site> {
        let organization = installation.organization(slug)?;
        raise_the_limit(installation, &organization, slug).await?;
        let name = format!("ise.{slug}");
        let made = ["admin", "create", &name, "--org", slug, "--role", "none", "--ise-admin"];
        let said = installation.order(&made)?;
        let password = said.split_whitespace().last().with_context(|| format!("no password in {said:?}"))?;
        let ise = ise::Settings {
            base_url: installation.base_url.clone(),
            instance: slug.to_owned(),
            user: name,
            password: password.to_owned(),
            version: 3,
            tls: Some(installation.trust()?),
        };
        let suite = organization.suite("Prove", "low", &json!({})).await?;
        for n in 0..users {
            organization.user(&format!("u{n}"), PASSWORD).await?;
        }
        Ok(Site { organization, ise, suite })
    }

    /// An ISE node that has pressed *Test Connection*.
    pub async fn ise(&self) -> Result<ise::Client> {
        let mut client = ise::Client::new(self.ise.clone())?;
        client.test_connection().await.map_err(anyhow::Error::msg)?;
        Ok(client)
    }

    /// Publishes another policy for everybody.
    pub async fn another_policy(&self) -> Result<()> {
        let now = self.organization.rest.get(&format!("/policy-suites/{}", self.suite)).await?;
        let length = if now["draft"]["corporate"]["password.min_length"] == 6 { 5 } else { 6 };
        let values = json!({ "password.required": true, "password.min_length": length });
        self.organization.publish(&self.suite, &values).await
    }

    /// Changes access settings: all edits or none.
    pub async fn edit(&self, edits: &[Value]) -> Result<()> {
        self.organization.rest.post("/access-restrictions/edits", &json!({ "edits": edits })).await?;
        Ok(())
    }

    /// Switches one rule on, closing everything at once for the whole organization.
    pub async fn only(&self, case: &Case) -> Result<()> {
        // This one always holds.
        if case.cause == Cause::Disabled {
            return Ok(());
        }
        let ticks = json!({ case.rule: ["activesync_connections", "network_access"] });
        let level = json!({ "edit": "level", "level": { "level": "organization" }, "restrictions": ticks });
        self.edit(&[rule(case, 0)?, level]).await
    }

    /// Switches a rule off.
    pub async fn off(&self, case: &Case) -> Result<()> {
        if case.cause == Cause::Disabled {
            return Ok(());
        }
        self.edit(&[super::rule_off(case.rule)]).await
    }
}

/// The edit that switches a rule on with the parameters of its case.
pub fn rule(case: &Case, grace_minutes: u64) -> Result<Value> {
    let config = json!({ "on": true, "params": params(case)?, "grace_minutes": grace_minutes });
    Ok(json!({ "edit": "rule", "rule": case.rule, "config": config }))
}

/// The parameters of a case; limits of versions stand for each platform.
pub fn params(case: &Case) -> Result<Value> {
    match case.params {
        "minimum" => Ok(limits(|system| system.limit)),
        text => serde_json::from_str(text).with_context(|| format!("parameters of {}", case.rule)),
    }
}

fn limits(limit: fn(&super::System) -> &'static str) -> Value {
    SYSTEMS
        .iter()
        .map(|system| (system.platform.to_owned(), json!(limit(system))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Sets the limit so high that edits go through; the number is a system administrator's, and while there is no device
/// one person is enough.
async fn raise_the_limit(installation: &Installation, organization: &Organization, slug: &str) -> Result<()> {
    let name = format!("root.{slug}");
    installation.order_with(
        &["admin", "create", &name, "--password-env", "PROVE_PASSWORD"],
        &[("PROVE_PASSWORD", SYSTEM_PASSWORD)],
    )?;
    let (url, tls) = (&installation.base_url, installation.trust()?);
    let rest = installation.rest_of(&name)?;
    let all = rest.get("/organizations").await?;
    let all = all["items"].as_array().context("no list of organizations")?;
    let id = all.iter().find(|o| o["slug"] == slug).and_then(|o| o["id"].as_str());
    let id = id.with_context(|| format!("no organization {slug}"))?;
    let mut console = Console::sign_in(url, tls, &name, SYSTEM_PASSWORD).await?;
    console.step_into(id).await?;
    let limit = LIMIT.to_string();
    console.submit("/dashboard/approvals/limit", &[("limit", &limit), ("held_days", "7")]).await?;
    let now = organization.rest.get("/approvals/limit").await?;
    ensure!(now["in_force"] == LIMIT, "the limit is {now}");
    Ok(())
}
