//! LDAP servers that an organization takes its users from, and what ties users and groups to them.

use std::fmt;
use std::str::FromStr;

use catalog::{DirectoryKind, Millis};
use serde::{Deserialize, Serialize};

use super::{GroupId, OrganizationId, RoleRef, Sealed};
use crate::{Id, IdKind};

/// How the connection to a directory is protected. There is no form without TLS: passwords go over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectorySecurity {
    /// TLS from the first byte (`ldaps`), usually port 636.
    Tls,
    /// StartTLS, which must succeed; usually port 389.
    Starttls,
}

/// What the directory calls things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeMap {
    /// Sign-in name.
    pub login: String,
    /// Mail address.
    pub email: String,
    /// Name shown.
    pub display_name: String,
    /// First name; with the last name it is shown where there is no name to show.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Phone number.
    #[serde(default)]
    pub phone: String,
    /// The id that stays when an entry is renamed or moved.
    pub unique_id: String,
    /// Of a group, who is in it.
    pub member: String,
    /// When a person is disabled; `None`: never.
    pub disabled: Option<DisabledWhen>,
}

impl AttributeMap {
    /// What a kind of directory usually calls things.
    pub fn of(kind: DirectoryKind) -> Self {
        let preset = kind.preset();
        Self {
            login: preset.login.into(),
            email: preset.email.into(),
            display_name: preset.display_name.into(),
            first_name: preset.first_name.into(),
            last_name: preset.last_name.into(),
            phone: preset.phone.into(),
            unique_id: preset.unique_id.into(),
            member: preset.member.into(),
            disabled: preset.disabled.parse().ok(),
        }
    }
}

/// The sign of a disabled person: `userAccountControl&2` (a number with one of these bits), `loginDisabled=TRUE` (a
/// value, in any case), `lockedTime=*` (any value).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisabledWhen {
    /// Attribute.
    pub attribute: String,
    /// What its value must be.
    pub test: DisabledTest,
}

/// See [`DisabledWhen`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisabledTest {
    /// A number that has one of these bits.
    Bits(u64),
    /// This value.
    Value(String),
    /// Any.
    Present,
}

impl DisabledWhen {
    /// Whether one of an attribute's values says so.
    pub fn holds<'v>(&self, mut values: impl Iterator<Item = &'v [u8]>) -> bool {
        values.any(|value| match &self.test {
            DisabledTest::Present => true,
            DisabledTest::Value(wanted) => value.eq_ignore_ascii_case(wanted.as_bytes()),
            DisabledTest::Bits(bits) => {
                let number = std::str::from_utf8(value).ok().and_then(|text| text.trim().parse::<i64>().ok());
                number.is_some_and(|number| number as u64 & bits != 0)
            }
        })
    }
}

impl fmt::Display for DisabledWhen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.test {
            DisabledTest::Bits(bits) => write!(f, "{}&{bits}", self.attribute),
            DisabledTest::Value(value) => write!(f, "{}={value}", self.attribute),
            DisabledTest::Present => write!(f, "{}=*", self.attribute),
        }
    }
}

impl FromStr for DisabledWhen {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "Write it like userAccountControl&2, loginDisabled=TRUE or lockedTime=*.".to_owned();
        let at = text.find(['&', '=']).ok_or_else(wrong)?;
        let (attribute, value) = (text[..at].trim(), text[at + 1..].trim());
        if !is_attribute(attribute) || value.is_empty() || value.len() > 200 {
            return Err(wrong());
        }
        let test = match (&text[at..=at], value) {
            ("&", bits) => DisabledTest::Bits(bits.parse().map_err(|_| wrong())?),
            (_, "*") => DisabledTest::Present,
            (_, value) => DisabledTest::Value(value.to_owned()),
        };
        Ok(Self { attribute: attribute.to_owned(), test })
    }
}

impl TryFrom<String> for DisabledWhen {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<DisabledWhen> for String {
    fn from(when: DisabledWhen) -> String {
        when.to_string()
    }
}

/// Whether a text can be the name of an attribute (RFC 4512 section 2.5), without options.
pub fn is_attribute(name: &str) -> bool {
    (1..=100).contains(&name.len())
        && name.chars().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '.' | '_'))
}

/// What becomes of users who are no longer in the directory, or are disabled there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VanishedAction {
    /// They stay as they are.
    Keep,
    /// They are disabled, and enabled again when they are back.
    Disable,
    /// They are removed with the records of their devices; who is disabled only is disabled.
    Remove,
}

/// An LDAP server that users come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryServer {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: DirectoryServerId,
    /// Grows with every write.
    pub rev: i64,
    /// Name shown, unique in the organization.
    pub name: String,
    /// What it is.
    pub kind: DirectoryKind,
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub security: DirectorySecurity,
    /// Roots that its certificate must come from (PEM); empty: the public authorities.
    pub roots: String,
    /// Whom the server is asked as.
    pub bind_dn: String,
    /// The password for it.
    pub password: Sealed,
    /// Where users and groups are looked for, 1 to 10.
    pub bases: Vec<String>,
    /// Finds people (RFC 4515).
    pub user_filter: String,
    /// Finds groups.
    pub group_filter: String,
    /// What it calls things.
    pub attributes: AttributeMap,
    /// Entries of a page, 10 to 5000.
    pub page_size: u32,
    /// Its users sign in with their password of the directory.
    pub users_sign_in: bool,
    /// Accounts are made for people of the linked folders and groups who sign in.
    pub hands_off: bool,
    /// Linked folders and groups to whose people that is limited; empty: all of them.
    #[serde(default)]
    pub hands_off_in: Vec<GroupId>,
    /// Minutes from one refresh to the next; 0: only on demand.
    pub refresh_minutes: u32,
    /// What becomes of users who are gone.
    pub vanished: VanishedAction,
    /// Groups whose members sign in to the console; the first one that holds somebody gives the role. Empty: nobody does.
    #[serde(default)]
    pub admin_roles: Vec<DirectoryRole>,
    /// Asked at all.
    pub enabled: bool,
}

/// A group of a directory whose members are administrators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryRole {
    /// Its name there, as last seen.
    pub dn: String,
    /// The id that stays; empty where the server has none.
    #[serde(default)]
    pub unique: String,
    /// The role of its members.
    pub role: RoleRef,
}

/// Id of an LDAP server.
pub type DirectoryServerId = Id<DirectoryServer>;
impl IdKind for DirectoryServer {
    const PREFIX: &'static str = "dir";
}

/// Where a user or an administrator is in a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryIdentity {
    /// In which.
    pub server: DirectoryServerId,
    /// The id that stays.
    pub unique: String,
    /// Its name there, as last seen; it is bound with it.
    pub dn: String,
    /// Disabled because the directory says so: it is undone when it does no longer.
    #[serde(default)]
    pub disabled: bool,
}

/// What a group's members are taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryLink {
    /// In which directory.
    pub server: DirectoryServerId,
    /// A folder (organizational unit, container) with everything beneath it: how many parts its name has, so that of
    /// two folders within each other the nearer one is told. `None`: a group, with the groups within it.
    #[serde(default)]
    pub folder: Option<u32>,
    /// Its name there, as last seen.
    pub dn: String,
    /// The id that stays; empty where the server has none.
    #[serde(default)]
    pub unique: String,
}

/// How the last refresh of a directory went, and when the next one is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryRun {
    /// When it began.
    pub began_at: Millis,
    /// When it was over.
    pub ended_at: Millis,
    /// Whether it came to its end.
    pub done: bool,
    /// It was no refresh but an import without a link.
    #[serde(default)]
    pub import: bool,
    /// It was stopped because so many users are gone.
    #[serde(default)]
    pub stopped: bool,
    /// What happened, in words.
    pub words: String,
    /// Users who were made.
    pub created: u32,
    /// Users who were changed.
    pub changed: u32,
    /// Users who were disabled or removed.
    pub gone: u32,
    /// Entries that could not become users, and why; the first hundred.
    pub conflicts: Vec<String>,
    /// How many they were.
    pub conflict_count: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_of_a_disabled_person_is_read_and_written() {
        for (text, yes, no) in [
            ("userAccountControl&2", "514", "512"),
            ("userAccountControl&2", "-2147483646", "junk"),
            ("loginDisabled=TRUE", "true", "FALSE"),
        ] {
            let when: DisabledWhen = text.parse().expect(text);
            assert_eq!(when.to_string(), text);
            assert!(when.holds([yes.as_bytes()].into_iter()), "{text} {yes}");
            assert!(!when.holds([no.as_bytes()].into_iter()), "{text} {no}");
            assert!(!when.holds(std::iter::empty()));
        }
        assert!("locked=*".parse::<DisabledWhen>().expect("good").holds([&b""[..]].into_iter()));
        for text in ["", "a", "&2", "a&x", "a b=c", "a=", "ä=1"] {
            assert!(text.parse::<DisabledWhen>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_preset_has_a_sign() {
        for preset in &catalog::DIRECTORIES {
            let map = AttributeMap::of(preset.kind);
            assert_eq!(map.disabled.map(|when| when.to_string()).as_deref(), Some(preset.disabled));
        }
    }
}
