//! An organization under test: its servers, users, suites, devices and commands, by REST.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use simulator::eas::{Credentials, Device, Model, Setup, Version};
use simulator::http::TlsClient;

use super::rest::Rest;

/// An organization, as its administrator and its phones reach it.
#[derive(Clone)]
pub struct Organization {
    base_url: String,
    tls: Arc<TlsClient>,
    /// Its mail domain.
    pub domain: String,
    /// REST as its administrator.
    pub rest: Rest,
}

impl Organization {
    pub(super) fn new(base_url: &str, tls: Arc<TlsClient>, domain: &str, rest: Rest) -> Organization {
        Organization { base_url: base_url.to_owned(), tls, domain: domain.to_owned(), rest }
    }

    /// The same organization through another node.
    pub fn through(&self, base_url: &str) -> Organization {
        Organization { base_url: base_url.to_owned(), ..self.clone() }
    }

    /// The same organization after its server has moved to another address.
    pub fn moved(&self, base_url: &str) -> Result<Organization> {
        Ok(Organization { rest: self.rest.at(base_url)?, ..self.through(base_url) })
    }

    /// A mail address of its domain.
    pub fn address(&self, name: &str) -> String {
        format!("{name}@{}", self.domain)
    }

    /// Adds an ActiveSync server on loopback, whose users are made as they come; its id.
    pub async fn server(&self, url: &str, more: Value) -> Result<String> {
        let mut input = json!({
            "name": "Mail", "url": url, "trust": "plain", "login_form": "user", "hands_off": true,
            "mail_domains": [self.domain], "quarantine": false,
        });
        if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
            input.extend(more);
        }
        id_of(&self.rest.post("/servers", &input).await?)
    }

    /// Makes a user of the stand-in server; its id.
    pub async fn user(&self, name: &str, password: &str) -> Result<String> {
        let input = json!({ "username": name, "email": self.address(name), "password": password });
        id_of(&self.rest.post("/users", &input).await?)
    }

    /// Makes a suite of a template of the catalogue with some other values in both columns, and puts it in force for
    /// everybody; its id.
    pub async fn suite(&self, name: &str, template: &str, values: &Value) -> Result<String> {
        let made = self.rest.post("/policy-suites", &json!({ "name": name, "template": template })).await?;
        let id = id_of(&made)?;
        self.publish(&id, values).await?;
        self.rest.post(&format!("/policy-suites/{id}/make-default"), &Value::Null).await?;
        Ok(id)
    }

    /// Changes values of a suite in both columns and publishes it.
    pub async fn publish(&self, suite: &str, values: &Value) -> Result<()> {
        let path = format!("/policy-suites/{suite}");
        let read = self.rest.get(&path).await?;
        let mut draft = read["draft"].clone();
        for column in ["corporate", "individual"] {
            let column = draft[column].as_object_mut().context("a suite without this column")?;
            column.extend(values.as_object().cloned().unwrap_or_default());
        }
        let edit = json!({ "name": read["name"], "description": read["description"], "draft": draft });
        self.rest.put(&path, &edit).await?;
        self.rest.post(&format!("{path}/publish"), &json!({})).await?;
        Ok(())
    }

    /// A phone of a user that has never spoken to us.
    pub fn phone(&self, user: &str, password: &str, seed: u64, version: Version) -> Result<Device> {
        let model = Model::named("iphone").context("the make is known")?;
        self.phone_of(user, password, model, version, seed)
    }

    /// The same of any make.
    pub fn phone_of(
        &self,
        user: &str,
        password: &str,
        model: &'static Model,
        version: Version,
        seed: u64,
    ) -> Result<Device> {
        Ok(Device::new(Setup {
            base_url: self.base_url.clone(),
            tls: Some(Arc::clone(&self.tls)),
            user: self.address(user),
            credentials: Credentials::basic(&self.address(user), password),
            device_id: model.device_id(seed),
            model,
            version,
        })?)
    }

    /// The description of REST.
    pub async fn openapi(&self) -> Result<Value> {
        self.rest.document().await
    }

    /// The record of a phone.
    pub async fn device(&self, phone: &Device) -> Result<Value> {
        let found = self.rest.get(&format!("/devices?q={}", phone.device_id)).await?;
        let id = id_of(&found["items"][0]).with_context(|| format!("no device {}", phone.device_id))?;
        self.rest.get(&format!("/devices/{id}")).await
    }

    /// Orders a command for a phone; the command's id.
    pub async fn order(&self, phone: &Device, kind: &str) -> Result<String> {
        let device = id_of(&self.device(phone).await?)?;
        let order = json!({ "kind": kind, "note": "interop" });
        let command = self.rest.post(&format!("/devices/{device}/commands"), &order).await?;
        if command["state"] == "awaiting_approval" {
            bail!("{kind} waits for a second administrator: too many in this organization");
        }
        id_of(&command)
    }

    /// Waits until a command is in a state.
    pub async fn command_is(&self, command: &str, state: &str) -> Result<()> {
        let read = || async { Ok(self.rest.get(&format!("/commands/{command}")).await?["state"].clone()) };
        until(&format!("command {state}"), state, read).await
    }

    /// Waits until a phone's record is in a state.
    pub async fn device_is(&self, phone: &Device, state: &str) -> Result<()> {
        let read = || async { Ok(self.device(phone).await?["state"].clone()) };
        until(&format!("device {state}"), state, read).await
    }
}

/// Reads until the wanted value is there.
async fn until<F: Future<Output = Result<Value>>>(
    what: &str,
    wanted: &str,
    read: impl Fn() -> F,
) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let seen = read().await?;
        if seen == wanted {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("waited for: {what}; but it is {seen}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn id_of(value: &Value) -> Result<String> {
    value["id"].as_str().map(str::to_owned).with_context(|| format!("no id in {value}"))
}
