//! The life of one phone of a fleet.

use std::sync::Arc;
use std::time::Duration;

use super::mischief::Trouble;
use super::plan::{Event, Plan, What};
use super::stats::Stats;
use crate::dice::Dice;
use crate::eas::{Credentials, Device, Handled, Need, PingAnswer, Reply, Setup, SyncAsk, Version};
use crate::http::Error;

/// Lives until the task is dropped, or until the phone is wiped.
pub(super) async fn live(plan: Arc<Plan>, index: usize, stats: Arc<Stats>) {
    let count = plan.phones.len().max(1) as u32;
    tokio::time::sleep(plan.ramp / count * index as u32).await;
    let Some(mut phone) = Phone::new(&plan, index, &stats) else {
        stats.count(What::Failed);
        return;
    };
    loop {
        if let Err(error) = phone.cycle().await {
            // Nothing is printed: what happened is in the counters and at the observer.
            drop(error);
            phone.device.disconnect();
            phone.tell(What::Failed, Duration::ZERO);
            phone.rest().await;
        }
        if let Some(kind) = phone.device.wiped {
            phone.tell(What::Wiped(kind), Duration::ZERO);
            return;
        }
    }
}

struct Phone<'a> {
    plan: &'a Plan,
    index: usize,
    stats: &'a Stats,
    device: Device,
    dice: Dice,
    heartbeat: u32,
    /// Failures in a row.
    failures: u32,
    connected: bool,
    negotiated: bool,
    information: Vec<(&'static str, String)>,
}

impl<'a> Phone<'a> {
    fn new(plan: &'a Plan, index: usize, stats: &'a Stats) -> Option<Phone<'a>> {
        let own = &plan.phones[index];
        let mut device = Device::new(Setup {
            base_url: plan.base_url.clone(),
            tls: plan.tls.clone(),
            user: own.user.clone(),
            credentials: own.credentials.clone(),
            device_id: own.device_id.clone(),
            model: own.model,
            version: own.model.version,
        })
        .ok()?;
        device.base64_query = own.model.base64_query;
        device.accept_gzip = true;
        Some(Phone {
            plan,
            index,
            stats,
            information: device.information.clone(),
            device,
            dice: Dice::new(plan.seed.wrapping_mul(31).wrapping_add(index as u64)),
            heartbeat: plan.heartbeat,
            failures: 0,
            connected: false,
            negotiated: false,
        })
    }

    fn tell(&self, what: What, took: Duration) {
        self.stats.count(what);
        if let Some(observer) = &self.plan.observer {
            observer(Event { phone: self.index, what, took });
        }
    }

    /// Waits after a failure: longer each time, and never all phones in step.
    async fn rest(&mut self) {
        let base = self.plan.pause * (1 << self.failures.min(5));
        self.failures += 1;
        let jitter = base.mul_f64(self.dice.below(1000) as f64 / 2000.0);
        tokio::time::sleep(base + jitter).await;
    }

    async fn refused(&mut self, reply: &Reply) {
        self.tell(What::Refused(reply.http, reply.status()), reply.took);
        let asked = reply.headers.get("Retry-After").and_then(|v| v.trim().parse().ok());
        if let Some(seconds) = asked {
            tokio::time::sleep(Duration::from_secs(u64::min(seconds, 600))).await;
        } else {
            self.rest().await;
        }
    }

    /// Signs in if need be, then one parked Ping and what it leads to.
    async fn cycle(&mut self) -> Result<(), Error> {
        if !self.connected && !self.sign_in().await? {
            return Ok(());
        }
        let answer = {
            let _parked = self.stats.park();
            self.device.ping(self.heartbeat).await?
        };
        self.woken(answer).await?;
        if self.device.wiped.is_none()
            && let Some(trouble) = self.plan.mischief.throw(&mut self.dice)
        {
            self.misbehave(trouble).await?;
        }
        Ok(())
    }

    /// OPTIONS once, then the folder list, provisioning on the way; whether the phone may go on.
    async fn sign_in(&mut self) -> Result<bool, Error> {
        if !self.negotiated {
            let model = self.plan.phones[self.index].model;
            let offer = self.device.negotiate(model.version).await?;
            if offer.http != 200 {
                self.refused(&offer.reply).await;
                return Ok(false);
            }
            self.negotiated = true;
        }
        let key = self.device.policy_key;
        let handled = self.device.connect().await?;
        if self.device.policy_key != key {
            self.tell(What::Provisioned, Duration::ZERO);
        }
        let reply = match handled {
            Handled::Done(reply) => reply,
            Handled::Refused(reply) => {
                self.refused(&reply).await;
                return Ok(false);
            }
            Handled::Wiped(_) => return Ok(false),
        };
        if reply.status() != Some(1) {
            self.refused(&reply).await;
            return Ok(false);
        }
        if self.device.version < Version::V14_1 && self.device.version >= Version::V12_0 {
            self.device.settings_device_information().await?;
        }
        self.sync_inbox().await?;
        self.failures = 0;
        self.connected = true;
        self.tell(What::Connected, reply.took);
        Ok(true)
    }

    async fn sync_inbox(&mut self) -> Result<(), Error> {
        let Some(inbox) = self.device.folder(2).map(|f| f.id.clone()) else { return Ok(()) };
        // The first exchange only fetches a key; a stale key is forgotten and fetched anew next time.
        for _ in 0..3 {
            let first = !self.device.sync_keys.contains_key(&inbox);
            let answer = self.device.sync(&inbox, &SyncAsk::default()).await?;
            if !first && !answer.more {
                break;
            }
        }
        Ok(())
    }

    async fn woken(&mut self, answer: PingAnswer) -> Result<(), Error> {
        let reply = &answer.reply;
        match (reply.need(), answer.status) {
            (Need::Nothing, Some(status)) => {
                self.failures = 0;
                self.tell(What::Woken(status), reply.took);
                match status {
                    2 => self.sync_inbox().await?,
                    5 => self.heartbeat = answer.heartbeat.unwrap_or(self.heartbeat).clamp(1, 3540),
                    7 | 3 => self.connected = false,
                    _ => {}
                }
            }
            (Need::Provision, status) => {
                // The phone is told to provision: the next sign-in does, or is wiped.
                self.tell(What::Refused(reply.http, status), reply.took);
                self.connected = false;
            }
            _ => {
                self.connected = false;
                self.refused(&answer.reply).await;
            }
        }
        Ok(())
    }

    async fn misbehave(&mut self, trouble: Trouble) -> Result<(), Error> {
        match trouble {
            Trouble::Silent => {
                self.device.disconnect();
                tokio::time::sleep(self.plan.mischief.silence).await;
            }
            Trouble::Roaming => self.device.disconnect(),
            Trouble::Partial => self.provision_with(2).await?,
            Trouble::Refusing => self.provision_with(3).await?,
            Trouble::WrongPassword => {
                let right = self.device.credentials.clone();
                self.device.credentials =
                    Credentials::basic(&self.plan.phones[self.index].user, "changed-yesterday");
                for _ in 0..4 {
                    let offer = self.device.options().await?;
                    self.tell(What::Refused(offer.http, None), offer.reply.took);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                self.device.credentials = right;
            }
            Trouble::OldSystem => {
                for (name, value) in &mut self.device.information {
                    if *name == "Settings:OS" {
                        value.replace_range(.., &older(value));
                    }
                }
                self.provision_with(self.device.acknowledges).await?;
            }
            Trouble::Repents => {
                let changed = self.device.information != self.information;
                if changed || self.device.acknowledges != 1 {
                    self.device.information.clone_from(&self.information);
                    self.provision_with(1).await?;
                }
            }
        }
        Ok(())
    }

    async fn provision_with(&mut self, status: u32) -> Result<(), Error> {
        self.device.acknowledges = status;
        let outcome = self.device.provision().await?;
        if outcome.is_current() {
            self.tell(What::Provisioned, Duration::ZERO);
        }
        self.connected = false;
        Ok(())
    }
}

/// The same system in a version of some years ago.
fn older(os: &str) -> String {
    let name: String = os.chars().take_while(|c| !c.is_ascii_digit()).collect();
    match name.trim() {
        "iOS" | "iPadOS" => format!("{} 14.2 18B92", name.trim()),
        "Android" => "Android 8.1.0".to_owned(),
        other => format!("{other} 7.0"),
    }
}
