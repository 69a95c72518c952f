//! What ISE can ask for, and how the answer names it.
//!
//! A value that cannot be read is not an error here: it becomes [`Lookup::Nobody`], which matches no device.
//! Sending a user to the enrolment page is milder than making ISE believe that the MDM is broken.

use crate::{Guid, Mac};

/// Longest free text (user name, host name, udid …) that is looked up, in bytes.
const MAX_TEXT: usize = 256;

/// A `querycriteria`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Criterion {
    /// A MAC address (version 1).
    MacAddress,
    /// All compliant or all non-compliant devices (version 1).
    Compliance,
    /// All devices of a user (version 1).
    Username,
    /// Vendor's unique device id (version 2).
    Udid,
    /// International Mobile Equipment Identity (version 2).
    Imei,
    /// Mobile Equipment Identifier (version 2).
    Meid,
    /// The device's GUID (version 3).
    Guid,
    /// The device's host name (version 3).
    GuidHn,
}

impl Criterion {
    /// Reads a criterion's name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        const NAMES: [(&str, Criterion); 8] = [
            ("macaddress", Criterion::MacAddress),
            ("compliance", Criterion::Compliance),
            ("username", Criterion::Username),
            ("udid", Criterion::Udid),
            ("imei", Criterion::Imei),
            ("meid", Criterion::Meid),
            ("guid", Criterion::Guid),
            ("guidhn", Criterion::GuidHn),
        ];
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, criterion)| *criterion)
    }

    /// The element that names a device by this criterion, if the criterion means one device.
    pub fn identifier_kind(self) -> Option<IdentifierKind> {
        Some(match self {
            Self::MacAddress => IdentifierKind::MacAddress,
            Self::Guid => IdentifierKind::Guid,
            Self::GuidHn => IdentifierKind::GuidHn,
            Self::Udid => IdentifierKind::Udid,
            Self::Imei => IdentifierKind::Imei,
            Self::Meid => IdentifierKind::Meid,
            Self::Compliance | Self::Username => return None,
        })
    }

    /// Whether only version 3 knows the criterion.
    pub fn is_version_3(self) -> bool {
        matches!(self, Self::Guid | Self::GuidHn)
    }

    /// Reads a value of this criterion. Never fails: see [`Lookup::Nobody`].
    pub fn read(self, value: &str) -> Lookup {
        let value = value.trim();
        let found = match self {
            Self::MacAddress => Mac::parse(value).map(Lookup::Mac),
            Self::Guid => Guid::parse(value).map(Lookup::Guid),
            Self::Compliance => truth(value).map(Lookup::Compliance),
            Self::Username => free_text(value).map(Lookup::Username),
            Self::Udid => free_text(value).map(Lookup::Udid),
            Self::Imei => free_text(value).map(Lookup::Imei),
            Self::Meid => free_text(value).map(Lookup::Meid),
            Self::GuidHn => free_text(value).map(Lookup::HostName),
        };
        found.unwrap_or_else(|| Lookup::Nobody { criterion: self, asked: head(value).to_owned() })
    }
}

/// A question for devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// Every device.
    All,
    /// Every device that is compliant, or every one that is not.
    Compliance(bool),
    /// The devices of a user, as typed (1 to 256 bytes).
    Username(String),
    /// The device with this network adapter.
    Mac(Mac),
    /// The device with this GUID.
    Guid(Guid),
    /// The device with this host name.
    HostName(String),
    /// The device with this udid.
    Udid(String),
    /// The device with this IMEI.
    Imei(String),
    /// The device with this MEID.
    Meid(String),
    /// A value that cannot be read. Answer an empty list, or a failure for this one device.
    Nobody {
        /// What it should have been.
        criterion: Criterion,
        /// The value as it came, cut at 256 bytes.
        asked: String,
    },
}

impl Lookup {
    /// The identifier that repeats this question in an answer (the very MAC or GUID that was asked for, since
    /// clients compare). `None` where the question does not name one device.
    pub fn echo(&self) -> Option<Identifier<'_>> {
        let (kind, text) = match self {
            Self::Mac(mac) => return Some(Identifier::Mac(*mac)),
            Self::Guid(guid) => (IdentifierKind::Guid, guid.asked()),
            Self::HostName(text) => (IdentifierKind::GuidHn, text.as_str()),
            Self::Udid(text) => (IdentifierKind::Udid, text.as_str()),
            Self::Imei(text) => (IdentifierKind::Imei, text.as_str()),
            Self::Meid(text) => (IdentifierKind::Meid, text.as_str()),
            Self::Nobody { criterion, asked } => (criterion.identifier_kind()?, asked.as_str()),
            Self::All | Self::Compliance(_) | Self::Username(_) => return None,
        };
        Some(Identifier::Text(kind, text))
    }

    /// Whether the question can only come from a client of version 3.
    pub fn is_version_3(&self) -> bool {
        match self {
            Self::Guid(_) | Self::HostName(_) => true,
            Self::Nobody { criterion, .. } => criterion.is_version_3(),
            _ => false,
        }
    }
}

/// The kinds of element that name a device in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentifierKind {
    /// `macaddress`
    MacAddress,
    /// `guid`
    Guid,
    /// `guidhn`
    GuidHn,
    /// `udid`
    Udid,
    /// `imei`
    Imei,
    /// `meid`
    Meid,
}

impl IdentifierKind {
    /// The element's name.
    pub fn element(self) -> &'static str {
        match self {
            Self::MacAddress => "macaddress",
            Self::Guid => "guid",
            Self::GuidHn => "guidhn",
            Self::Udid => "udid",
            Self::Imei => "imei",
            Self::Meid => "meid",
        }
    }
}

/// The element that names one device in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identifier<'a> {
    /// A MAC address.
    Mac(Mac),
    /// Any kind, with its text.
    Text(IdentifierKind, &'a str),
}

impl Identifier<'_> {
    /// Which element it is.
    pub fn kind(&self) -> IdentifierKind {
        match self {
            Self::Mac(_) => IdentifierKind::MacAddress,
            Self::Text(kind, _) => *kind,
        }
    }
}

/// Reads a truth value. The API itself writes only `true` and `false`.
fn truth(value: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    if is(["true", "1", "yes"]) {
        Some(true)
    } else if is(["false", "0", "no"]) {
        Some(false)
    } else {
        None
    }
}

fn free_text(value: &str) -> Option<String> {
    let usable = !value.is_empty() && value.len() <= MAX_TEXT && !value.chars().any(char::is_control);
    usable.then(|| value.to_owned())
}

/// The first bytes of a text that is too long to be kept.
fn head(value: &str) -> &str {
    &value[..value.floor_char_boundary(MAX_TEXT)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_cannot_be_read_asks_for_nobody() {
        let long = "é".repeat(200);
        for (criterion, value) in [
            (Criterion::MacAddress, "all"),
            (Criterion::Guid, ""),
            (Criterion::Compliance, "maybe"),
            (Criterion::Username, "a\0b"),
            (Criterion::Imei, &long),
        ] {
            let lookup = criterion.read(value);
            let Lookup::Nobody { criterion: asked_by, asked } = &lookup else { panic!("{lookup:?}") };
            assert_eq!(*asked_by, criterion);
            assert!(value.starts_with(asked.as_str()) && asked.len() <= MAX_TEXT);
        }
    }

    #[test]
    fn an_echo_repeats_what_was_asked() {
        let guid = "{1F0E5C2A-5A8C-4A53-9A64-2F6F0A6D0B11}";
        let lookup = Criterion::Guid.read(guid);
        assert_eq!(lookup.echo(), Some(Identifier::Text(IdentifierKind::Guid, guid)));
        let lookup = Criterion::MacAddress.read("34:08:bc:50:7c:78");
        assert_eq!(lookup.echo(), Mac::parse("3408BC507C78").map(Identifier::Mac));
        let lookup = Criterion::MacAddress.read("nonsense");
        assert_eq!(lookup.echo(), Some(Identifier::Text(IdentifierKind::MacAddress, "nonsense")));
        assert_eq!(Criterion::Username.read("ann").echo(), None);
        assert_eq!(Criterion::Username.read("").echo(), None);
    }

    #[test]
    fn truth_is_read_in_any_case() {
        for yes in ["true", "TRUE", "1", "Yes"] {
            assert_eq!(Criterion::Compliance.read(yes), Lookup::Compliance(true));
        }
        for no in ["false", "False", "0", "no", " false"] {
            assert_eq!(Criterion::Compliance.read(no), Lookup::Compliance(false));
        }
    }
}
