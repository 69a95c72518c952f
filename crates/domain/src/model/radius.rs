//! RADIUS servers of an organization that are told at once when a device may use the network no longer, or again
//! (dynamic authorization, RFC 5176), and what was asked of them.

use catalog::Millis;
use serde::{Deserialize, Serialize};

use super::{DeviceId, OrganizationId, Sealed};
use crate::{Id, IdKind};

/// What is asked of the access device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RadiusRequestKind {
    /// CoA-Request: the session stays and is authorized anew.
    ChangeOfAuthorization,
    /// CoA-Request with Cisco's own attributes, which most of its switches and controllers want.
    CiscoReauthenticate,
    /// Disconnect-Request: the session ends, and the device signs in to the network anew.
    Disconnect,
}

/// How the access device writes a MAC in Calling-Station-Id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StationForm {
    /// `00-26-B4-24-FE-B4` (RFC 3580 section 3.21).
    UpperHyphens,
    /// `00:26:B4:24:FE:B4`.
    UpperColons,
    /// `00:26:b4:24:fe:b4`.
    LowerColons,
    /// `0026.b424.feb4`.
    LowerDots,
    /// `0026b424feb4`.
    Bare,
}

impl StationForm {
    /// Writes a MAC of twelve hexadecimal digits, as devices keep it.
    ///
    /// ```
    /// use domain::model::StationForm;
    /// assert_eq!(StationForm::UpperHyphens.write("0026B424FEB4"), "00-26-B4-24-FE-B4");
    /// assert_eq!(StationForm::LowerDots.write("0026B424FEB4"), "0026.b424.feb4");
    /// ```
    pub fn write(self, mac: &str) -> String {
        let groups = |size: usize, between: &str| {
            let digits: Vec<char> = mac.chars().collect();
            let parts: Vec<String> = digits.chunks(size).map(|part| part.iter().collect()).collect();
            parts.join(between)
        };
        match self {
            Self::UpperHyphens => groups(2, "-").to_uppercase(),
            Self::UpperColons => groups(2, ":").to_uppercase(),
            Self::LowerColons => groups(2, ":").to_lowercase(),
            Self::LowerDots => groups(4, ".").to_lowercase(),
            Self::Bare => mac.to_lowercase(),
        }
    }
}

/// A RADIUS server or access device that takes dynamic authorization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RadiusServer {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: RadiusServerId,
    /// Grows with every write.
    pub rev: i64,
    /// Name shown, unique in the organization.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// UDP port; 3799, or 1700 on Cisco's devices.
    pub port: u16,
    /// The shared secret.
    pub secret: Sealed,
    /// What is asked of it.
    pub request: RadiusRequestKind,
    /// Form of the MAC.
    pub station: StationForm,
    /// NAS-Identifier to send along; empty sends none.
    pub nas_identifier: String,
    /// Also when a device may use the network again; else only when it may no longer.
    pub on_restore: bool,
    /// Requests in a second at most.
    pub per_second: u32,
    /// Asked at all.
    pub enabled: bool,
}

/// Id of a RADIUS server.
pub type RadiusServerId = Id<RadiusServer>;
impl IdKind for RadiusServer {
    const PREFIX: &'static str = "rad";
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RadiusState {
    /// It waits for its turn, or for an answer.
    Waiting,
    /// The access device did it.
    Acknowledged,
    /// The access device refused, and said why.
    Refused,
    /// No answer, or none that was proved.
    Unanswered,
}

/// One request about one MAC of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RadiusRequest {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: RadiusRequestId,
    /// Of the journal entry that says why: requests go out in this order.
    pub sequence: i64,
    /// Whom it goes to.
    pub server: RadiusServerId,
    /// About which device.
    pub device: DeviceId,
    /// Twelve hexadecimal digits.
    pub mac: String,
    /// The device may use the network again; else no longer.
    pub restored: bool,
    /// When the verdict changed.
    pub at: Millis,
    /// What became of it.
    pub state: RadiusState,
    /// The reason in words, empty while it waits and when all is well.
    pub detail: String,
    /// Packets sent.
    pub sends: u32,
    /// When it was over.
    pub done_at: Option<Millis>,
}

/// Id of a request.
pub type RadiusRequestId = Id<RadiusRequest>;
impl IdKind for RadiusRequest {
    const PREFIX: &'static str = "coa";
}
