//! Breaking rules as it happens in the field, and putting them right as users, integrations and administrators do.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use simulator::eas::{Credentials, Version};

use super::cases::{Cause, Facts, Told, of_rule};
use super::site::params;
use super::subject::report_system;
use super::{PASSWORD, Site, Subject};

impl Subject {
    /// Breaks a rule.
    pub async fn break_rule(&mut self, site: &Site, rule: &str) -> Result<()> {
        let case = of_rule(rule).with_context(|| format!("no case of {rule}"))?;
        self.causes.insert(rule.to_owned());
        match case.cause {
            Cause::Facts { bad, .. } => self.tell(site, bad).await,
            Cause::OldSystem => self.reports(true).await,
            Cause::NewSystem => {
                let limit = json!({ self.system.platform: self.system.limit });
                site.edit(&[with_params(rule, &limit)]).await
            }
            Cause::Forbidden => self.forbid(site, true).await,
            Cause::MailOnly => {
                let params = json!({ "platforms": [self.system.platform] });
                site.edit(&[with_params(rule, &params)]).await
            }
            // Published by whoever tries it, for all devices at once.
            Cause::NewPolicy | Cause::Silence => Ok(()),
            Cause::Refusal => {
                self.phone.acknowledges = 3;
                let outcome = self.phone.provision().await?;
                self.phone.disconnect();
                ensure!(!outcome.is_current(), "a refusal was taken for a yes: {outcome:?}");
                Ok(())
            }
            Cause::WrongPasswords => self.signs_in_wrongly().await,
            Cause::Individual => self.patch(site, &json!({ "liability": "individual" })).await,
            Cause::Block => self.order(site, "block").await,
            Cause::Disabled => self.user_is(site, "disabled").await,
        }
    }

    /// Puts a rule right.
    pub async fn put_right(&mut self, site: &Site, rule: &str) -> Result<()> {
        let case = of_rule(rule).with_context(|| format!("no case of {rule}"))?;
        self.causes.remove(rule);
        match case.cause {
            Cause::Facts { good, .. } => self.tell(site, good).await,
            Cause::OldSystem => self.reports(false).await,
            Cause::NewSystem => site.edit(&[with_params(rule, &json!({}))]).await,
            Cause::Forbidden => self.forbid(site, false).await,
            Cause::MailOnly => site.edit(&[with_params(rule, &json!({}))]).await,
            Cause::NewPolicy | Cause::Refusal => {
                self.phone.acknowledges = 1;
                self.provisions().await
            }
            Cause::Silence => self.connects().await.map(drop),
            Cause::WrongPasswords => {
                self.phone.credentials =
                    Credentials::basic(&site.organization.address(&self.username), PASSWORD);
                self.asks().await.map(drop)
            }
            Cause::Individual => self.patch(site, &json!({ "liability": "corporate" })).await,
            Cause::Block => self.order(site, "allow").await,
            Cause::Disabled => self.user_is(site, "active").await,
        }
    }

    /// Does what a remedy says.
    pub async fn follow(&mut self, site: &Site, remedy: &str, cures: &[String]) -> Result<()> {
        match remedy {
            "allow" => {
                self.causes.remove("blocked_by_hand");
                self.order(site, "allow").await
            }
            "release" => self.order(site, "quarantine_release").await,
            "cancel_wipe" => self.cancel_wipe(site).await,
            // A device that is let in again begins anew.
            "readmit" => {
                self.order(site, "allow").await?;
                self.causes.remove("blocked_by_hand");
                self.phone.forget();
                self.answers().await
            }
            _ if cures.is_empty() => {
                self.phone.acknowledges = 1;
                match remedy {
                    "accept_policy" => self.provisions().await,
                    other => bail!("nobody knows how to do {other}"),
                }
            }
            _ => {
                for rule in cures {
                    self.put_right(site, rule).await.with_context(|| format!("{remedy} for {rule}"))?;
                }
                Ok(())
            }
        }
    }

    /// Takes back what a phone was minded to say but could not: whoever is blocked refuses no policy and reports no old
    /// system, and would break a rule anew by being let in.
    pub async fn unsay(&mut self, site: &Site) -> Result<()> {
        let record = site.organization.rest.get(&format!("/devices/{}", self.id)).await?;
        let found = record["findings"].as_array().context("no findings")?;
        let is_found = |rule: &str| found.iter().any(|finding| finding["rule"] == rule);
        // Another policy, which a remedy may bring about, is another question to its user.
        self.phone.acknowledges = 1;
        if self.breaks("os_below_minimum") && !is_found("os_below_minimum") {
            report_system(&mut self.phone, self.system, false);
        }
        Ok(())
    }

    /// Orders a command.
    pub async fn order(&self, site: &Site, kind: &str) -> Result<()> {
        let path = format!("/devices/{}/commands", self.id);
        site.organization.rest.post(&path, &json!({ "kind": kind, "note": "tried" })).await.map(drop)
    }

    async fn cancel_wipe(&self, site: &Site) -> Result<()> {
        let all = site.organization.rest.get(&format!("/devices/{}/commands", self.id)).await?;
        let all = all["items"].as_array().context("no list of commands")?;
        let wipes = all
            .iter()
            .filter(|c| c["state"] == "queued" && c["kind"].as_str().is_some_and(|k| k.ends_with("_wipe")));
        for wipe in wipes {
            let id = wipe["id"].as_str().context("a command without id")?;
            site.organization.rest.post(&format!("/commands/{id}/cancel"), &Value::Null).await?;
        }
        Ok(())
    }

    /// Takes the policy, reporting what it is.
    pub async fn provisions(&mut self) -> Result<()> {
        let outcome = self.phone.provision().await?;
        self.phone.disconnect();
        ensure!(outcome.is_current(), "{} was not provisioned: {outcome:?}", self.phone.device_id);
        Ok(())
    }

    /// Asks for the policy, and answers as it is minded; a phone whose password is wrong gets none.
    pub async fn answers(&mut self) -> Result<()> {
        self.phone.provision().await?;
        self.phone.disconnect();
        Ok(())
    }

    async fn tell(&self, site: &Site, facts: Facts) -> Result<()> {
        for (key, told) in facts {
            let path = format!("/devices/{}/facts/{key}", self.id);
            site.organization.rest.put(&path, &json!({ "value": value(*told) })).await?;
        }
        Ok(())
    }

    /// From 14.1 on a device says what it is when it provisions; before, by Settings as soon as it may.
    async fn reports(&mut self, old: bool) -> Result<()> {
        report_system(&mut self.phone, self.system, old);
        self.answers().await?;
        if self.phone.version < Version::V14_1 {
            self.phone.settings_device_information().await?;
            self.phone.disconnect();
        }
        Ok(())
    }

    async fn forbid(&self, site: &Site, forbidden: bool) -> Result<()> {
        let types: Vec<&str> = forbidden.then_some(self.phone.device_type.as_str()).into_iter().collect();
        site.edit(&[with_params("device_not_allowed", &json!({ "types": types }))]).await
    }

    async fn signs_in_wrongly(&mut self) -> Result<()> {
        let user = self.phone.user.clone();
        for attempt in 0..2 {
            self.phone.credentials = Credentials::basic(&user, &format!("not the password {attempt}"));
            let (served, _) = self.asks().await?;
            ensure!(!served, "a wrong password is served");
        }
        Ok(())
    }

    async fn user_is(&self, site: &Site, state: &str) -> Result<()> {
        let path = format!("/users/{}", self.user);
        let read = site.organization.rest.get(&path).await?;
        let mut input = serde_json::Map::new();
        for key in ["username", "domain", "email", "display_name", "liability", "server", "suite", "schedule"]
        {
            input.insert(key.to_owned(), read[key].clone());
        }
        input.insert("state".to_owned(), json!(state));
        site.organization.rest.put(&path, &input.into()).await.map(drop)
    }
}

fn with_params(rule: &str, params: &Value) -> Value {
    json!({ "edit": "rule", "rule": rule, "config": { "on": true, "params": params } })
}

/// The value of a fact as REST wants it.
fn value(told: Told) -> Value {
    match told {
        Told::Flag(flag) => json!(flag),
        Told::Number(number) => json!(number),
        Told::Text(text) => json!(text),
        Told::Hours(hours) => json!(now() + hours * 3_600_000),
    }
}

#[expect(clippy::disallowed_methods, reason = "an integration's own clock")]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// The rules that can be broken in any mixture and put right one by one without touching other devices; another policy
/// is for all of them, and comes before.
pub fn of_one_device() -> impl Iterator<Item = &'static str> {
    let of_others = [Cause::Silence, Cause::MailOnly, Cause::Forbidden, Cause::NewSystem];
    super::CASES.iter().filter(move |case| !of_others.contains(&case.cause)).map(|case| case.rule)
}

/// Parameters of a rule's case, for whoever sets it otherwise than [`Site::only`].
pub fn params_of(rule: &str) -> Result<Value> {
    params(of_rule(rule).with_context(|| format!("no case of {rule}"))?)
}
