//! The five calls as types.

use std::fmt;

use crate::body::{BatchValue, MAX_VALUES};
use crate::{ApiVersion, Criterion, Filter, IdentifierKind, Lookup};

/// A request, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `GET mdminfo`: what this server is. Answer with [`crate::negotiate`]`(asked_version)`.
    MdmInfo {
        /// The highest version that the asking ISE knows; 1 if it did not say.
        asked_version: u32,
    },
    /// `GET devices`: one device, or a page of many.
    Devices(DeviceQuery),
    /// `POST batchdevices`: several devices, named in the body ([`crate::body::batch`]).
    BatchDevices(BatchQuery),
    /// `POST action`: a command for the devices named in the body ([`crate::body::identifiers`]).
    Action(Action),
    /// `PUT sendmessage`: a message for the devices named in the body ([`crate::body::message`]).
    SendMessage,
}

impl Request {
    /// The version that the parameters imply at a mount point without one.
    pub(super) fn implied_version(&self, positional: bool) -> Option<ApiVersion> {
        let version_3 = match self {
            Self::Devices(query) => query.device_identifier.is_some() || query.lookup.is_version_3(),
            Self::BatchDevices(query) => {
                query.device_identifier.is_some() || query.criterion.is_some_and(Criterion::is_version_3)
            }
            Self::MdmInfo { .. } | Self::Action(_) | Self::SendMessage => false,
        };
        if version_3 {
            return Some(ApiVersion::V3);
        }
        (positional && matches!(self, Self::Devices(_))).then_some(ApiVersion::V1)
    }
}

/// A question for devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceQuery {
    /// Where to go on: 0 from the start, else a `paging_info` we gave (1 to 2147483647).
    pub paging: u32,
    /// Which devices.
    pub lookup: Lookup,
    /// Which attributes.
    pub filter: Filter,
    /// How the devices of a poll are to be named, if the client said so (version 3).
    pub device_identifier: Option<IdentifierKind>,
}

impl DeviceQuery {
    /// The identifier that names each device in the answer: the kind that was asked for, in a poll what
    /// `deviceidentifier` says, else the MAC address.
    pub fn identifier_kind(&self) -> IdentifierKind {
        match &self.lookup {
            Lookup::Guid(_) => IdentifierKind::Guid,
            Lookup::HostName(_) => IdentifierKind::GuidHn,
            Lookup::All | Lookup::Compliance(_) | Lookup::Username(_) => {
                self.device_identifier.unwrap_or(IdentifierKind::MacAddress)
            }
            _ => IdentifierKind::MacAddress,
        }
    }
}

/// A question for several devices whose values are mostly in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchQuery {
    /// Where to go on, as in [`DeviceQuery::paging`].
    pub paging: u32,
    /// What a value means that does not say it itself.
    pub criterion: Option<Criterion>,
    /// Values given as parameters.
    pub values: Vec<String>,
    /// Which attributes.
    pub filter: Filter,
    /// As in [`DeviceQuery::device_identifier`].
    pub device_identifier: Option<IdentifierKind>,
}

impl BatchQuery {
    /// All questions of the batch, those of the parameters first, at most [`MAX_VALUES`]. A value whose kind
    /// neither it nor the query names is a MAC address.
    pub fn lookups<'a>(&'a self, body: &'a [BatchValue]) -> impl Iterator<Item = Lookup> + 'a {
        let common = self.criterion.unwrap_or(Criterion::MacAddress);
        let of_query = self.values.iter().map(move |value| common.read(value));
        let of_body = body.iter().map(move |value| value.criterion.unwrap_or(common).read(&value.text));
        of_query.chain(of_body).take(MAX_VALUES)
    }
}

/// A command that ISE can send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Erase the whole device.
    FullWipe,
    /// Erase what belongs to the organization.
    CorporateWipe,
    /// Lock the screen.
    PinLock,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 3] = [Self::FullWipe, Self::CorporateWipe, Self::PinLock];

    /// The `actionType`.
    pub fn name(self) -> &'static str {
        match self {
            Self::FullWipe => "full_wipe",
            Self::CorporateWipe => "corporate_wipe",
            Self::PinLock => "pin_lock",
        }
    }

    /// Reads an `actionType`, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// Why a request at a path of this API cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// The method is not one of these (405).
    Method {
        /// For the `Allow` header.
        allowed: &'static [&'static str],
    },
    /// The query is longer than [`super::MAX_QUERY`] bytes.
    QueryTooLong,
    /// The path goes on in a way that the API does not have.
    Shape,
    /// `querycriteria` is not one of the eight, or a batch asks for one that is not a device's.
    Criterion,
    /// A `value` without a `querycriteria`.
    NoCriterion,
    /// `actionType` is absent or not one of the three.
    Action,
    /// Two different `actionType`s.
    Contradiction,
}

impl RequestError {
    /// The HTTP status to answer with.
    pub fn status(self) -> u16 {
        match self {
            Self::Method { .. } => 405,
            Self::QueryTooLong => 414,
            _ => 400,
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method { allowed } => write!(f, "use {}", allowed.join(" or ")),
            Self::QueryTooLong => f.write_str("the query is too long"),
            Self::Shape => f.write_str("the path does not have the form of any known call"),
            Self::Criterion => f.write_str(
                "querycriteria must be macaddress, guid, guidhn, udid, imei or meid, or for devices also compliance or username",
            ),
            Self::NoCriterion => f.write_str("value is given, but querycriteria is missing"),
            Self::Action => f.write_str("actionType must be full_wipe, corporate_wipe or pin_lock"),
            Self::Contradiction => f.write_str("two different actionTypes are given"),
        }
    }
}

impl std::error::Error for RequestError {}
