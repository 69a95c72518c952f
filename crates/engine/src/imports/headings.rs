//! What the columns of a file are.

use domain::model::{CustomColumnId, CustomScope};

use super::nearest::nearest;
use crate::OrgIndex;
use crate::custom_columns;

/// A column of a file of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Username,
    Domain,
    Email,
    DisplayName,
    FirstName,
    LastName,
    Phone,
    Liability,
    Suite,
    Schedule,
    Server,
    Password,
    Groups,
    State,
    Shared,
    MaxDevices,
    Language,
    Custom(CustomColumnId),
}

/// A column with its name in the template, other names that it is known by, and an example.
pub(super) struct Known {
    pub field: Field,
    pub name: &'static str,
    other: &'static [&'static str],
    pub example: &'static str,
    pub about: &'static str,
}

macro_rules! known {
    ($($field:ident $name:literal [$($other:literal),*] $example:literal $about:literal;)*) => {
        /// Every column but the organization's own, in the order of the template.
        pub(super) static KNOWN: &[Known] = &[$(Known {
            field: Field::$field, name: $name, other: &[$($other),*], example: $example, about: $about,
        },)*];
    };
}

known! {
    Username "username" ["user", "user_name", "login", "sign_in_name", "samaccountname"] "anna"
        "Sign-in name without domain; the only column that must be there.";
    Domain "domain" ["login_domain"] "" "Login domain, granted to the organization.";
    Email "email" ["e_mail", "mail", "email_address", "e_mail_address"] "anna@example.com" "Mail address.";
    FirstName "first_name" ["firstname", "given_name", "givenname"] "Anna" "First name.";
    LastName "last_name" ["lastname", "surname", "family_name", "sn"] "Muster" "Last name.";
    DisplayName "display_name" ["name", "displayname", "full_name"] "" "Name shown; else first and last name.";
    Phone "phone" ["phone_number", "telephone", "mobile"] "+41 44 123 45 67" "Phone number.";
    Liability "liability" [] "corporate" "corporate or individual.";
    Suite "policy_suite" ["suite", "policy"] "" "Name of a published policy suite.";
    Schedule "schedule" ["connection_schedule", "device_connection_schedule"] "" "Name of a connection schedule.";
    Server "activesync_server" ["server", "mail_server"] "" "Name of an ActiveSync server.";
    Password "password" [] "" "Local password for users without a mail server, at least 8 characters.";
    Groups "groups" ["group", "local_groups"] "" "Names of local groups with ; or | between them.";
    State "state" ["status", "active", "enabled"] "active" "active or disabled.";
    Shared "shared" ["shared_user"] "no" "yes for an account of pool or kiosk devices.";
    MaxDevices "max_devices" ["device_limit"] "" "Devices this user may have; 0 is no limit.";
    Language "language" ["preferred_language", "preferredlanguage", "locale"] "" "Language of mail to this user, such as en or de.";
}

impl Field {
    /// The field's name where users are edited, as [`crate::users`] calls it.
    pub fn of_input(name: &str) -> Option<Field> {
        let name = match name {
            "suite" => "policy_suite",
            "server" => "activesync_server",
            name => name,
        };
        KNOWN.iter().find(|known| known.name == name).map(|known| known.field)
    }
}

/// `E-Mail address` is `e_mail_address`.
fn plain(heading: &str) -> String {
    let words = heading.trim().to_lowercase();
    words.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join("_")
}

/// What a heading means; `None` for an empty one.
///
/// # Errors
/// What to write instead.
pub(super) fn field(org: &OrgIndex, heading: &str) -> Result<Option<Field>, String> {
    if heading.trim().is_empty() {
        return Ok(None);
    }
    let own = heading.trim();
    let prefix = own.get(..custom_columns::FIELD.len()).unwrap_or_default();
    if prefix.eq_ignore_ascii_case(custom_columns::FIELD) {
        let name = own[custom_columns::FIELD.len()..].trim();
        if let Some(column) = custom_columns::by_name(org, CustomScope::User, name) {
            return Ok(Some(Field::Custom(column.id)));
        }
        let names = custom_columns::of_scope(org, CustomScope::User).map(|column| column.name.as_str());
        return Err(unknown(heading, nearest(name, names).map(|n| format!("{}{n}", custom_columns::FIELD))));
    }
    let wanted = plain(heading);
    let by_name = |known: &&Known| known.name == wanted || known.other.contains(&wanted.as_str());
    if let Some(known) = KNOWN.iter().find(by_name) {
        return Ok(Some(known.field));
    }
    if let Some(column) = custom_columns::by_name(org, CustomScope::User, own) {
        return Ok(Some(Field::Custom(column.id)));
    }
    Err(unknown(heading, nearest(&wanted, KNOWN.iter().map(|known| known.name)).map(str::to_owned)))
}

fn unknown(heading: &str, meant: Option<String>) -> String {
    let heading = heading.trim();
    match meant {
        Some(meant) => format!("There is no column \u{201c}{heading}\u{201d}. Did you mean {meant}?"),
        None => format!(
            "There is no column \u{201c}{heading}\u{201d}. Remove it, or take the headings of the template."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_read_as_people_write_them() {
        assert_eq!(plain("  E-Mail Address "), "e_mail_address");
        assert_eq!(plain("Policy/Suite"), "policy_suite");
        for known in KNOWN {
            assert_eq!(plain(known.name), known.name, "the template is read back");
            assert!(known.other.iter().all(|other| plain(other) == *other));
        }
        for name in ["username", "suite", "server", "schedule", "max_devices"] {
            assert!(Field::of_input(name).is_some(), "{name}");
        }
    }
}
