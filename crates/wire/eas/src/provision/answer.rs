//! What the server answers to Provision.

use super::document::Document;
use super::{PolicyType, WipeKind};
use crate::codepages::token::provision;
use crate::device_information;
use crate::status;
use crate::wbxml::Writer;

/// An answer to a device's Provision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<'a> {
    /// First phase: the policy, to be acknowledged with the temporary key.
    Policy {
        /// The format the device asked for.
        policy_type: PolicyType,
        /// The temporary key; never 0, which clients take for "none".
        key: u32,
        /// The document of the device's class.
        document: &'a Document,
        /// Whether the device sent its description, which is then confirmed.
        device_information: bool,
    },
    /// Second phase: the final key.
    Acknowledged {
        /// The format the device got.
        policy_type: PolicyType,
        /// The final key; never 0.
        key: u32,
    },
    /// First phase: there is no policy for this device. Several clients take that for an error.
    NoPolicy {
        /// The format the device asked for.
        policy_type: PolicyType,
        /// Whether the device sent its description.
        device_information: bool,
    },
    /// First phase: the device asked for an unknown format.
    UnknownPolicyType {
        /// The format the device asked for.
        policy_type: PolicyType,
        /// Whether the device sent its description.
        device_information: bool,
    },
    /// Second phase: the acknowledged key is not the temporary one.
    WrongKey {
        /// The format the device named.
        policy_type: PolicyType,
    },
    /// A status directly beneath the root and nothing else: [`status::provision`] or a common status such as
    /// 139, 141, 145, 165. Status 1 answers an empty Provision when there is nothing to fetch.
    Status(u16),
    /// The directive to wipe.
    Wipe(WipeKind),
    /// The answer to a device's report that it wiped itself.
    WipeFinal {
        /// What it wiped.
        kind: WipeKind,
        /// Whether it reported success.
        success: bool,
    },
}

impl Answer<'_> {
    /// Writes the body.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(512);
        writer.nest(provision::PROVISION, |w| self.write(w));
        writer.finish()
    }

    fn write(&self, w: &mut Writer) {
        use status::policy;
        match self {
            Answer::Policy { policy_type, key, document, device_information } => {
                head(w, *device_information);
                write_policy(w, policy_type, policy::SUCCESS, Some(*key), Some(document));
            }
            Answer::Acknowledged { policy_type, key } => {
                head(w, false);
                write_policy(w, policy_type, policy::SUCCESS, Some(*key), None);
            }
            Answer::NoPolicy { policy_type, device_information } => {
                head(w, *device_information);
                write_policy(w, policy_type, policy::NO_POLICY, None, None);
            }
            Answer::UnknownPolicyType { policy_type, device_information } => {
                head(w, *device_information);
                write_policy(w, policy_type, policy::UNKNOWN_POLICY_TYPE, None, None);
            }
            Answer::WrongKey { policy_type } => {
                head(w, false);
                write_policy(w, policy_type, policy::WRONG_POLICY_KEY, None, None);
            }
            Answer::Status(status) => w.number(provision::STATUS, *status),
            Answer::Wipe(kind) => {
                w.number(provision::STATUS, status::provision::SUCCESS);
                w.empty(kind.tag());
            }
            Answer::WipeFinal { kind, success } => {
                let status =
                    if *success { status::provision::SUCCESS } else { status::provision::PROTOCOL_ERROR };
                w.number(provision::STATUS, status);
                w.empty(kind.tag());
            }
        }
    }
}

fn head(w: &mut Writer, device_information: bool) {
    if device_information {
        device_information::write_status(w, status::settings::SUCCESS);
    }
    w.number(provision::STATUS, status::provision::SUCCESS);
}

fn write_policy(
    w: &mut Writer,
    policy_type: &PolicyType,
    status: u16,
    key: Option<u32>,
    document: Option<&Document>,
) {
    w.start(provision::POLICIES);
    w.start(provision::POLICY);
    w.leaf(provision::POLICY_TYPE, policy_type.as_str());
    w.number(provision::STATUS, status);
    if let Some(key) = key {
        w.number(provision::POLICY_KEY, key);
    }
    if let Some(document) = document {
        document.write(w);
    }
    w.end();
    w.end();
}
