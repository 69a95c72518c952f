//! Rules by which a group finds its members, as they are stored. What they mean says [`crate::membership`].

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::CustomColumnId;

/// How a group finds its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRule {
    /// By what is known of users and their devices.
    Query(MemberQuery),
    /// By the place where devices were last seen: a site, a campus.
    Site(Site),
}

/// Conditions on users and their devices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberQuery {
    /// One of the conditions is enough; otherwise all must hold.
    #[serde(default)]
    pub any: bool,
    /// 1 to [`CONDITIONS_MAX`].
    pub conditions: Vec<MemberCondition>,
}

/// Most conditions of a group.
pub const CONDITIONS_MAX: usize = 20;

/// Longest value of a condition, characters.
pub const CONDITION_VALUE_MAX: usize = 1_000;

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberCondition {
    /// What is looked at.
    pub field: MemberField,
    /// How it is compared.
    pub is: Comparison,
    /// With what; empty where the comparison needs nothing.
    #[serde(default)]
    pub value: String,
}

/// What a condition looks at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberField {
    /// Something that is known of the user: a key of [`crate::membership::USER_FIELDS`].
    User(String),
    /// A fact about one of the devices: a key of [`catalog::FACTS`].
    Device(String),
    /// A column of the organization's own, of users or devices.
    Column(CustomColumnId),
}

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The same, in any letter case.
    Is,
    /// Something else.
    IsNot,
    /// One of several, separated by `;` or line ends.
    IsOneOf,
    /// Has this in it.
    Contains,
    /// Begins so.
    StartsWith,
    /// Ends so.
    EndsWith,
    /// As much or more, as late or later.
    AtLeast,
    /// Less, or earlier.
    Below,
    /// There is a value.
    IsKnown,
    /// There is none.
    IsUnknown,
}

impl Comparison {
    /// All of them, in the order in which they are offered.
    pub const ALL: &'static [Comparison] = &[
        Self::Is,
        Self::IsNot,
        Self::IsOneOf,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::AtLeast,
        Self::Below,
        Self::IsKnown,
        Self::IsUnknown,
    ];

    /// Stored word.
    pub fn key(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is_not",
            Self::IsOneOf => "is_one_of",
            Self::Contains => "contains",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
            Self::AtLeast => "at_least",
            Self::Below => "below",
            Self::IsKnown => "is_known",
            Self::IsUnknown => "is_unknown",
        }
    }

    /// As it is read in a sentence.
    pub fn label(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is not",
            Self::IsOneOf => "is one of",
            Self::Contains => "contains",
            Self::StartsWith => "begins with",
            Self::EndsWith => "ends with",
            Self::AtLeast => "is at least",
            Self::Below => "is below",
            Self::IsKnown => "has a value",
            Self::IsUnknown => "has no value",
        }
    }

    /// The comparison of a word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.key() == key)
    }

    /// Whether it compares with something.
    pub fn needs_value(self) -> bool {
        !matches!(self, Self::IsKnown | Self::IsUnknown)
    }
}

/// A place of the organization, known by its networks. What is kept of a device is the site, never its address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The networks that devices call from there, as this server sees them; 1 to [`NETWORKS_MAX`].
    pub networks: Vec<IpNet>,
}

/// Most networks of a site.
pub const NETWORKS_MAX: usize = 100;
