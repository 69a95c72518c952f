//! What a fleet consists of and how it behaves.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use super::mischief::Mischief;
use crate::dice::Dice;
use crate::eas::{Credentials, MODELS, Model, WipeKind};

/// One phone.
#[derive(Clone)]
pub struct PhonePlan {
    /// `User` of its queries.
    pub user: String,
    /// How it signs in.
    pub credentials: Credentials,
    /// Its identifier.
    pub device_id: String,
    /// Its make.
    pub model: &'static Model,
}

/// Something that happened to a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It has its folders and is about to park.
    Connected,
    /// It went through both phases of provisioning.
    Provisioned,
    /// A parked Ping came back with this status.
    Woken(u32),
    /// A command was refused with this HTTP status, and status in the body if there was one.
    Refused(u16, Option<u32>),
    /// It was wiped.
    Wiped(WipeKind),
    /// There was no HTTP answer.
    Failed,
}

/// Something that happened, to which phone, and how long the exchange took.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// Index of the phone in the plan.
    pub phone: usize,
    /// What happened.
    pub what: What,
    /// Duration of the exchange behind it.
    pub took: Duration,
}

/// A fleet to be started.
#[derive(Clone)]
pub struct Plan {
    /// `http[s]://host:port` of the server.
    pub base_url: String,
    /// TLS settings, for `https`.
    pub tls: Option<Arc<ClientConfig>>,
    /// The phones.
    pub phones: Vec<PhonePlan>,
    /// Ping interval, in seconds (60 to 3540).
    pub heartbeat: u32,
    /// The phones sign in one after another over this time.
    pub ramp: Duration,
    /// Wait after a refusal or failure; grows with each in a row, up to 32 times.
    pub pause: Duration,
    /// Misbehaviour.
    pub mischief: Mischief,
    /// Seed of all chance.
    pub seed: u64,
    /// Told of everything that happens; called from the phones' tasks, so it must be quick.
    pub observer: Option<Arc<dyn Fn(Event) + Send + Sync>>,
}

impl Plan {
    /// A well-behaved fleet with eight-minute Pings.
    pub fn new(base_url: &str, tls: Option<Arc<ClientConfig>>, phones: Vec<PhonePlan>) -> Plan {
        Plan {
            base_url: base_url.to_owned(),
            tls,
            phones,
            heartbeat: 480,
            ramp: Duration::ZERO,
            pause: Duration::from_secs(5),
            mischief: Mischief::none(),
            seed: 1,
            observer: None,
        }
    }

    /// `count` phones for these users (name and password, taken in turn), of makes as they occur in the
    /// field: two thirds iPhones and Samsungs, a few of everything else.
    pub fn mixed_phones(users: &[(String, String)], count: usize, seed: u64) -> Vec<PhonePlan> {
        let mut dice = Dice::new(seed);
        users
            .iter()
            .cycle()
            .take(if users.is_empty() { 0 } else { count })
            .enumerate()
            .map(|(n, (user, password))| {
                // The lower of two throws: the first models of the table are the common ones.
                let models = MODELS.len() as u64;
                let model = &MODELS[dice.below(models).min(dice.below(models)) as usize];
                PhonePlan {
                    user: user.clone(),
                    credentials: Credentials::basic(user, password),
                    device_id: model.device_id(seed ^ (n as u64 + 1).wrapping_mul(0x9E37_79B9)),
                    model,
                }
            })
            .collect()
    }
}
