//! One simulated device that rules are about: what every face says of it.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use simulator::eas::{Device, Model, Need};
use simulator::ise;

use super::{PASSWORD, Site, System};

/// What REST says of the access to one target.
#[derive(Debug, Clone)]
pub struct Explained {
    /// Its key.
    pub target: String,
    /// Whether it is open.
    pub allowed: bool,
    /// The rules that close it.
    pub rules: Vec<String>,
    /// The acts that would open it: what to do, and the rules that it puts right.
    pub remedies: Vec<(String, Vec<String>)>,
    /// All of it.
    pub whole: Value,
}

/// A device with its user.
pub struct Subject {
    /// The phone.
    pub phone: Device,
    /// Its platform.
    pub system: &'static System,
    /// Its record's id.
    pub id: String,
    /// Its public GUID.
    pub guid: String,
    /// Its user's id.
    pub user: String,
    /// Its user's sign-in name.
    pub username: String,
    /// The rules that were broken and not put right yet.
    pub(super) causes: BTreeSet<String>,
}

impl Subject {
    /// A phone of a user that is enrolled, in order, and corporate.
    pub async fn enrol(site: &Site, system: &'static System, user: usize, seed: u64) -> Result<Subject> {
        let username = format!("u{user}");
        let model = Model::named(system.model).with_context(|| format!("no make {}", system.model))?;
        let mut phone = site.organization.phone_of(&username, PASSWORD, model, model.version, seed)?;
        report_system(&mut phone, system, false);
        let outcome = phone.provision().await?;
        ensure!(outcome.is_current(), "{} was not provisioned: {outcome:?}", phone.device_id);
        phone.disconnect();
        let record = site.organization.device(&phone).await?;
        let text = |key: &str| record[key].as_str().map(str::to_owned).with_context(|| format!("no {key}"));
        let subject = Subject {
            phone,
            system,
            id: text("id")?,
            guid: text("guid")?,
            user: text("user")?,
            username,
            causes: BTreeSet::new(),
        };
        ensure!(record["platform"] == system.platform, "{} counts as {}", system.model, record["platform"]);
        subject.patch(site, &json!({ "liability": "corporate" })).await?;
        Ok(subject)
    }

    /// Changes its record.
    pub async fn patch(&self, site: &Site, change: &Value) -> Result<()> {
        site.organization.rest.patch(&format!("/devices/{}", self.id), change).await.map(drop)
    }

    /// What REST says of the targets that something enrolled can have.
    pub async fn explained(&self, site: &Site) -> Result<Vec<Explained>> {
        let record = site.organization.rest.get(&format!("/devices/{}", self.id)).await?;
        let all = record["access"].as_array().context("no explanation")?;
        let carried =
            |line: &&Value| line["target"] == "activesync_connections" || line["target"] == "network_access";
        Ok(all.iter().filter(carried).map(read).collect())
    }

    /// The last ActiveSync exchange as the help desk sees it.
    pub async fn last_exchange(&self, site: &Site) -> Result<Value> {
        let all = site.organization.rest.get(&format!("/devices/{}/exchanges", self.id)).await?;
        Ok(all["items"][0].clone())
    }

    /// What Cisco ISE is told.
    pub async fn at_ise(&self, ise: &mut ise::Client) -> Result<(bool, String)> {
        let (found, _) = ise.look_up("guid", &self.guid).await?;
        let device = found.devices.first().with_context(|| format!("ISE finds no {}", self.guid))?;
        let compliant = device.registered == Some(true) && device.compliant == Some(true);
        ensure!(
            compliant || device.registered != Some(true) || !device.failure_reason.is_empty(),
            "no reason at ISE"
        );
        Ok((compliant, device.failure_reason.clone()))
    }

    /// Asks for folders once, strictly: whether they came, and what the answer demands.
    pub async fn asks(&mut self) -> Result<(bool, Need)> {
        "0".clone_into(&mut self.phone.hierarchy_key);
        let reply = self.phone.folder_sync().await?;
        self.phone.disconnect();
        Ok((reply.is_ok() && reply.status() == Some(1), reply.need()))
    }

    /// Asks for folders like a phone, which provisions when it is told to.
    pub async fn connects(&mut self) -> Result<bool> {
        "0".clone_into(&mut self.phone.hierarchy_key);
        let reply = self.phone.connect().await?.done();
        self.phone.disconnect();
        Ok(reply.is_some_and(|reply| reply.status() == Some(1)))
    }

    /// Whether a rule is broken by what was done to it.
    pub fn breaks(&self, rule: &str) -> bool {
        self.causes.contains(rule)
    }
}

fn read(line: &Value) -> Explained {
    let texts = |list: &Value| {
        let all = list.as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let acts = line["remedies"].as_array().map(Vec::as_slice).unwrap_or_default();
    Explained {
        target: line["target"].as_str().unwrap_or_default().to_owned(),
        allowed: line["allowed"] == true,
        rules: texts(&line["rules"]),
        remedies: acts
            .iter()
            .map(|act| (act["remedy"].as_str().unwrap_or_default().to_owned(), texts(&act["cures"])))
            .collect(),
        whole: line.clone(),
    }
}

/// Lets a phone say that it runs the old or the new system of its platform, in every request that tells it.
pub(super) fn report_system(phone: &mut Device, system: &System, old: bool) {
    let os = if old { system.old } else { system.new };
    for (name, value) in &mut phone.information {
        if *name == "Settings:OS" {
            os.clone_into(value);
        }
    }
    let make = Model::named(system.model).map_or("", |model| model.user_agent);
    system.old_agent.filter(|_| old).unwrap_or(make).clone_into(&mut phone.user_agent);
}
