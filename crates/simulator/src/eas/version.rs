//! Protocol versions.

use std::fmt;
use std::str::FromStr;

/// A protocol version, as ten times its number: 25, 120, 121, 140, 141, 160, 161.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u16);

impl Version {
    /// 2.5, the last with WAP policies.
    pub const V2_5: Version = Version(25);
    /// 12.0.
    pub const V12_0: Version = Version(120);
    /// 12.1, the first with base64 queries.
    pub const V12_1: Version = Version(121);
    /// 14.0, the first with common statuses in the body.
    pub const V14_0: Version = Version(140);
    /// 14.1, the first with device information in Provision.
    pub const V14_1: Version = Version(141);
    /// 16.0.
    pub const V16_0: Version = Version(160);
    /// 16.1, the first with account-only wipe.
    pub const V16_1: Version = Version(161);

    /// Every version, oldest first.
    pub const ALL: [Version; 7] = [
        Version::V2_5,
        Version::V12_0,
        Version::V12_1,
        Version::V14_0,
        Version::V14_1,
        Version::V16_0,
        Version::V16_1,
    ];

    /// Whether refusals travel in the body (14.0 and later) and not as an HTTP status.
    pub fn has_common_status(self) -> bool {
        self >= Version::V14_0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Version, String> {
        Version::ALL
            .into_iter()
            .find(|v| v.to_string() == text.trim())
            .ok_or_else(|| format!("{text:?} is not an ActiveSync version"))
    }
}
