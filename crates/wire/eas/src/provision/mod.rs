//! Provision: the policy handshake and remote wipe, in both roles (MS-ASPROV).
//!
//! Towards devices this crate is the server: [`Request::parse`] and [`Answer::encode`], with a [`Document`]
//! built once per policy and class. Towards a mail server it is the client: [`client`]. Which policy, which key
//! and whether to wipe is decided elsewhere.

mod answer;
pub mod client;
mod document;
mod elements;
mod request;
mod wap;

pub use answer::Answer;
pub use document::{DocValue, Document, DocumentError, document};
pub use elements::{ELEMENTS, ElementInfo, ValueType, element};
pub use request::Request;

use crate::codepages::token::provision;
use crate::version::Version;
use crate::wbxml::Tag;

/// Longest policy key in characters (MS-ASPROV 2.2.2.42).
pub const MAX_KEY: usize = 64;

/// The format of a policy document, as a device asks for it (MS-ASPROV 2.2.2.43).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyType {
    /// `MS-EAS-Provisioning-WBXML`, from 12.0.
    Wbxml,
    /// `MS-WAP-Provisioning-XML`, version 2.5.
    Wap,
    /// Anything else; answered by [`Answer::UnknownPolicyType`].
    Other(String),
}

impl PolicyType {
    /// The spelling on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            PolicyType::Wbxml => "MS-EAS-Provisioning-WBXML",
            PolicyType::Wap => "MS-WAP-Provisioning-XML",
            PolicyType::Other(text) => text,
        }
    }

    /// The type that a version uses.
    pub fn of(version: Version) -> PolicyType {
        if version == Version::V2_5 { PolicyType::Wap } else { PolicyType::Wbxml }
    }

    fn from_text(text: &str) -> PolicyType {
        [PolicyType::Wbxml, PolicyType::Wap]
            .into_iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(text))
            .unwrap_or_else(|| PolicyType::Other(text.to_owned()))
    }
}

/// What a wipe takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WipeKind {
    /// Everything on the device.
    Device,
    /// Only what was synchronized; exists from 16.1.
    AccountOnly,
}

impl WipeKind {
    /// The element that stands for it.
    pub fn tag(self) -> Tag {
        match self {
            WipeKind::Device => provision::REMOTE_WIPE,
            WipeKind::AccountOnly => provision::ACCOUNT_ONLY_REMOTE_WIPE,
        }
    }

    /// Whether a device that speaks this version understands it.
    pub fn known_to(self, version: Version) -> bool {
        self == WipeKind::Device || version >= Version::V16_1
    }
}

#[cfg(test)]
mod tests;
