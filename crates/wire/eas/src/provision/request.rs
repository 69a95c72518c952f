//! What a device asks of Provision.

use super::{MAX_KEY, PolicyType, WipeKind};
use crate::body::{self, Error};
use crate::codepages::token::{provision, settings};
use crate::device_information::DeviceInformation;
use crate::wbxml::Element;

/// A device's Provision request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// First phase: the device asks for its policy.
    Initial {
        /// The format it wants.
        policy_type: PolicyType,
        /// What it says about itself; due from 14.1, though older clients leave it out.
        device_information: Option<DeviceInformation>,
    },
    /// Second phase: the device tells what it did with the policy.
    Acknowledge {
        /// The format it got.
        policy_type: PolicyType,
        /// The temporary key from the first phase; `None` if it is missing or no 32-bit number, which no key of
        /// ours is.
        key: Option<u32>,
        /// What it did, see [`crate::status::acknowledgement`].
        status: u16,
    },
    /// The device tells that it wiped itself, or failed to.
    WipeAcknowledge {
        /// What it wiped.
        kind: WipeKind,
        /// See [`crate::status::wipe`].
        status: u16,
    },
    /// An empty Provision: the device fetches a wipe directive.
    Empty,
}

impl Request {
    /// Reads a request body. The order of elements does not matter; of several policies the first with a
    /// known type counts.
    pub fn parse(bytes: &[u8]) -> Result<Request, Error> {
        let root = body::parse(bytes, provision::PROVISION)?;
        for kind in [WipeKind::Device, WipeKind::AccountOnly] {
            if let Some(wipe) = root.child(kind.tag()) {
                let status = body::required_number(wipe, provision::STATUS)?;
                return Ok(Request::WipeAcknowledge { kind, status });
            }
        }
        let device_information =
            root.child(settings::DEVICE_INFORMATION).map(DeviceInformation::from_element).transpose()?;
        match root.child(provision::POLICIES) {
            Some(policies) => policy(policies, device_information),
            None if device_information.is_some() => Err(Error::Missing(provision::POLICIES)),
            None => Ok(Request::Empty),
        }
    }
}

fn policy(policies: &Element<'_>, device_information: Option<DeviceInformation>) -> Result<Request, Error> {
    let mut chosen = None;
    for policy in policies.all(provision::POLICY) {
        let policy_type = PolicyType::from_text(&body::required(policy, provision::POLICY_TYPE, MAX_KEY)?);
        let known = !matches!(policy_type, PolicyType::Other(_));
        if known || chosen.is_none() {
            chosen = Some((policy, policy_type));
        }
        if known {
            break;
        }
    }
    let (policy, policy_type) = chosen.ok_or(Error::Missing(provision::POLICY))?;
    let key = body::string(policy, provision::POLICY_KEY, MAX_KEY)?;
    match body::number(policy, provision::STATUS)? {
        Some(status) => {
            let key = key.and_then(|key| key.parse().ok());
            Ok(Request::Acknowledge { policy_type, key, status })
        }
        // A key without a status says nothing about what the device did.
        None if key.is_some_and(|key| key != "0") => Err(Error::Missing(provision::STATUS)),
        None => Ok(Request::Initial { policy_type, device_information }),
    }
}
