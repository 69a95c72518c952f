//! Protocol versions: their order, their spelling, and which policy document each understands.

use std::fmt;
use std::str::FromStr;

/// A version of the ActiveSync protocol, oldest first (MS-ASHTTP 2.2.1.1.2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// 2.5, Exchange 2003.
    V2_5,
    /// 12.0, Exchange 2007.
    V12_0,
    /// 12.1, Exchange 2007 SP1.
    V12_1,
    /// 14.0, Exchange 2010.
    V14_0,
    /// 14.1, Exchange 2010 SP1 and 2013.
    V14_1,
    /// 16.0, Exchange 2016.
    V16_0,
    /// 16.1, Exchange 2016 CU1, 2019 and Exchange Online.
    V16_1,
}

/// Which form of policy document a version understands (MS-ASPROV 2.2.2.28).
///
/// Devices whose versions share a class get the same bytes, so "is the policy current" is decided per class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PolicyClass {
    /// Version 2.5: text in the WAP provisioning format.
    V2_5,
    /// Version 12.0: the first twelve elements of EASProvisionDoc.
    V12_0,
    /// Versions 12.1 and later: all 42 elements.
    V12_1,
}

impl PolicyClass {
    /// All classes, oldest first.
    pub const ALL: [PolicyClass; 3] = [PolicyClass::V2_5, PolicyClass::V12_0, PolicyClass::V12_1];

    /// A short stable name for storage: `"2.5"`, `"12.0"`, `"12.1"`.
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyClass::V2_5 => "2.5",
            PolicyClass::V12_0 => "12.0",
            PolicyClass::V12_1 => "12.1",
        }
    }
}

/// The text is not a protocol version that this crate knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a known ActiveSync protocol version")]
pub struct UnknownVersion;

impl Version {
    /// All versions, oldest first.
    pub const ALL: [Version; 7] = [
        Version::V2_5,
        Version::V12_0,
        Version::V12_1,
        Version::V14_0,
        Version::V14_1,
        Version::V16_0,
        Version::V16_1,
    ];

    /// The spelling of the `MS-ASProtocolVersion` header.
    pub fn as_str(self) -> &'static str {
        match self {
            Version::V2_5 => "2.5",
            Version::V12_0 => "12.0",
            Version::V12_1 => "12.1",
            Version::V14_0 => "14.0",
            Version::V14_1 => "14.1",
            Version::V16_0 => "16.0",
            Version::V16_1 => "16.1",
        }
    }

    /// The version times ten, as the first byte of a base64 query carries it (MS-ASHTTP 2.2.1.1.1.1).
    pub fn times_ten(self) -> u8 {
        match self {
            Version::V2_5 => 25,
            Version::V12_0 => 120,
            Version::V12_1 => 121,
            Version::V14_0 => 140,
            Version::V14_1 => 141,
            Version::V16_0 => 160,
            Version::V16_1 => 161,
        }
    }

    /// The inverse of [`times_ten`](Self::times_ten).
    pub fn from_times_ten(number: u8) -> Option<Version> {
        Version::ALL.into_iter().find(|version| version.times_ten() == number)
    }

    /// Which policy document the version understands.
    pub fn class(self) -> PolicyClass {
        match self {
            Version::V2_5 => PolicyClass::V2_5,
            Version::V12_0 => PolicyClass::V12_0,
            _ => PolicyClass::V12_1,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Version {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Version, UnknownVersion> {
        let text = text.trim();
        Version::ALL.into_iter().find(|version| version.as_str() == text).ok_or(UnknownVersion)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_and_survive_printing() {
        assert!(Version::ALL.is_sorted());
        for version in Version::ALL {
            assert_eq!(version.to_string().parse(), Ok(version));
            assert_eq!(Version::from_times_ten(version.times_ten()), Some(version));
        }
        assert_eq!(" 14.1 ".parse(), Ok(Version::V14_1));
        assert_eq!("1.0".parse::<Version>(), Err(UnknownVersion));
        assert_eq!(Version::from_times_ten(150), None);
    }

    #[test]
    fn the_policy_class_grows_with_the_version_and_stops_at_12_1() {
        let classes: Vec<_> = Version::ALL.iter().map(|version| version.class()).collect();
        assert!(classes.is_sorted());
        assert_eq!(classes[0], PolicyClass::V2_5);
        assert_eq!(classes[1], PolicyClass::V12_0);
        assert!(classes[2..].iter().all(|class| *class == PolicyClass::V12_1));
    }
}
