//! The client's side of the handshake, for the gateway's own partnership with a mail server and for simulated
//! devices.

use super::elements::{ElementInfo, ValueType};
use super::{DocValue, MAX_KEY, PolicyType, WipeKind};
use crate::body::{self, Error};
use crate::codepages::token::{provision, settings};
use crate::device_information::DeviceInformation;
use crate::version::Version;
use crate::wbxml::{Content, Element, Tag, Writer};

/// First phase: asks for the policy. The description is sent from 14.1, where servers insist on it.
pub fn initial(version: Version, information: Option<&DeviceInformation>) -> Vec<u8> {
    provision(|w| {
        if let Some(information) = information.filter(|_| version >= Version::V14_1) {
            information.write(w, version);
        }
        w.nest(provision::POLICIES, |w| {
            w.nest(provision::POLICY, |w| w.leaf(provision::POLICY_TYPE, PolicyType::of(version).as_str()));
        });
    })
}

/// Second phase: acknowledges the policy with the temporary key; for the status see
/// [`crate::status::acknowledgement`].
pub fn acknowledge(version: Version, key: &str, status: u16) -> Vec<u8> {
    provision(|w| {
        w.nest(provision::POLICIES, |w| {
            w.nest(provision::POLICY, |w| {
                w.leaf(provision::POLICY_TYPE, PolicyType::of(version).as_str());
                w.leaf(provision::POLICY_KEY, key);
                w.number(provision::STATUS, status);
            });
        });
    })
}

/// Reports a wipe; for the status see [`crate::status::wipe`].
pub fn wipe_acknowledge(kind: WipeKind, status: u16) -> Vec<u8> {
    provision(|w| w.nest(kind.tag(), |w| w.number(provision::STATUS, status)))
}

/// The empty Provision with which a client fetches a wipe directive.
pub fn empty() -> Vec<u8> {
    let mut writer = Writer::with_capacity(8);
    writer.empty(provision::PROVISION);
    writer.finish()
}

fn provision(content: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::with_capacity(512);
    writer.nest(provision::PROVISION, content);
    writer.finish()
}

/// A server's answer to Provision, in any phase. Servers send a policy and a wipe directive together, so
/// all parts are read independently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAnswer {
    /// Directly beneath the root; see [`crate::status::provision`] and the common statuses.
    pub status: u16,
    /// How the description of the device was received.
    pub device_information: Option<u16>,
    /// The policy.
    pub policy: Option<ServerPolicy>,
    /// The directive to wipe.
    pub wipe: Option<WipeKind>,
}

/// The policy in a server's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerPolicy {
    /// Its format; quirk: Z-Push leaves it out when a wipe is over.
    pub policy_type: Option<PolicyType>,
    /// See [`crate::status::policy`].
    pub status: u16,
    /// The temporary or final key; a text, because other servers may use more than numbers.
    pub key: Option<String>,
    /// The document; absent in the second phase.
    pub document: Option<ServerDocument>,
}

/// A policy document of another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerDocument {
    /// `EASProvisionDoc`.
    Elements(Element<'static>),
    /// The text of a WAP document.
    Wap(String),
}

impl ServerDocument {
    /// The settings of an `EASProvisionDoc` that this crate knows, in the order of the document. Values that
    /// do not fit the element are left out, an empty element is [`DocValue::Empty`]. None for WAP.
    pub fn values(&self) -> Vec<(&'static ElementInfo, DocValue)> {
        match self {
            ServerDocument::Wap(_) => Vec::new(),
            ServerDocument::Elements(document) => document.children().iter().filter_map(value).collect(),
        }
    }
}

fn value(element: &Element<'_>) -> Option<(&'static ElementInfo, DocValue)> {
    let info = ElementInfo::from_token(element.tag)?;
    let value = match (&element.content, info.value) {
        (Content::Empty, _) => DocValue::Empty,
        (Content::Text(text), ValueType::Bool) => DocValue::Bool(text.trim() == "1"),
        (Content::Text(text), ValueType::Integer { .. }) => DocValue::Integer(text.trim().parse().ok()?),
        (Content::Children(_), ValueType::List { entry }) => {
            DocValue::List(element.all(entry).filter_map(Element::text).map(str::to_owned).collect())
        }
        _ => return None,
    };
    Some((info, value))
}

impl ServerAnswer {
    /// Reads an answer body.
    pub fn parse(bytes: &[u8]) -> Result<ServerAnswer, Error> {
        let root = body::parse(bytes, provision::PROVISION)?;
        let information = root.child(settings::DEVICE_INFORMATION);
        let policies = root.child(provision::POLICIES);
        Ok(ServerAnswer {
            status: status(&root, provision::STATUS)?,
            device_information: information
                .map(|i| body::required_number(i, settings::STATUS))
                .transpose()?,
            policy: policies.and_then(|p| p.child(provision::POLICY)).map(policy).transpose()?,
            wipe: [WipeKind::Device, WipeKind::AccountOnly]
                .into_iter()
                .find(|kind| root.child(kind.tag()).is_some()),
        })
    }
}

/// quirk: Horde writes a refusal's Status as AirSync:Status beneath every root.
fn status(root: &Element<'_>, tag: Tag) -> Result<u16, Error> {
    match body::number(root, tag)? {
        Some(status) => Ok(status),
        None => body::required_number(root, crate::codepages::token::air_sync::STATUS),
    }
}

fn policy(policy: &Element<'_>) -> Result<ServerPolicy, Error> {
    let document = match policy.child(provision::DATA) {
        None => None,
        Some(data) => match (data.child(provision::EAS_PROVISION_DOC), data.text()) {
            (Some(document), _) => Some(ServerDocument::Elements(document.clone().into_owned())),
            (None, Some(text)) => Some(ServerDocument::Wap(text.to_owned())),
            (None, None) => return Err(Error::Invalid(provision::DATA)),
        },
    };
    Ok(ServerPolicy {
        policy_type: body::string(policy, provision::POLICY_TYPE, MAX_KEY)?
            .map(|text| PolicyType::from_text(&text)),
        status: body::required_number(policy, provision::STATUS)?,
        key: body::string(policy, provision::POLICY_KEY, MAX_KEY)?.filter(|key| !key.is_empty()),
        document,
    })
}
