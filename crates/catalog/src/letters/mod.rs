//! Letters: the kinds of mail that organizations can word themselves, and what may stand in braces in them.

mod de;
mod en;

use serde::{Deserialize, Serialize};

/// A kind of letter. The stored name is its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// To a user who was added: how to enrol a device.
    Welcome,
    /// To a user who has not enrolled yet.
    EnrollmentReminder,
    /// What is around a message that an administrator writes to users.
    GroupMail,
    /// What is around a message that a system administrator writes to administrators.
    AdministratorMail,
    /// To a user whose local password was changed.
    PasswordChanged,
}

/// What is known of a kind of letter.
#[derive(Debug)]
pub struct LetterInfo {
    /// The kind.
    pub kind: LetterKind,
    /// Its stored name.
    pub key: &'static str,
    /// Its name on pages.
    pub label: &'static str,
    /// When it is sent.
    pub about: &'static str,
    /// It carries a one-time enrolment code: its placeholders have a value.
    pub invites: bool,
    /// It is put around what an administrator writes: it must hold `{message}`.
    pub around: bool,
}

/// Every kind, in the order of the page.
pub static LETTERS: &[LetterInfo] = &[
    LetterInfo {
        kind: LetterKind::Welcome,
        key: "welcome",
        label: "Welcome letter",
        about: "Sent to a user who is added, with a one-time enrolment code; also sent again by hand.",
        invites: true,
        around: false,
    },
    LetterInfo {
        kind: LetterKind::EnrollmentReminder,
        key: "enrollment_reminder",
        label: "Enrolment reminder",
        about: "Sent by hand to users who have no device yet, with a new enrolment code.",
        invites: true,
        around: false,
    },
    LetterInfo {
        kind: LetterKind::GroupMail,
        key: "group_mail",
        label: "Group e-mail",
        about: "What stands around a message to many users.",
        invites: false,
        around: true,
    },
    LetterInfo {
        kind: LetterKind::AdministratorMail,
        key: "administrator_mail",
        label: "Mail to administrators",
        about: "What stands around a message of a system administrator to administrators.",
        invites: false,
        around: true,
    },
    LetterInfo {
        kind: LetterKind::PasswordChanged,
        key: "password_changed",
        label: "Password changed",
        about: "Sent to a user whose local password was set or changed.",
        invites: false,
        around: false,
    },
];

impl LetterKind {
    /// What is known of it.
    pub fn info(self) -> &'static LetterInfo {
        // The table is in the order of the kinds; a test holds it to that.
        &LETTERS[self as usize]
    }

    /// From its stored name.
    pub fn from_key(key: &str) -> Option<Self> {
        LETTERS.iter().find(|info| info.key == key).map(|info| info.kind)
    }

    /// The usual subject and text in a language, for the languages that have one: English always, and German.
    pub fn usual(self, language: &str) -> Option<(&'static str, &'static str)> {
        match language {
            "en" => Some(en::usual(self)),
            "de" => Some(de::usual(self)),
            _ => None,
        }
    }
}

/// Something that may stand in braces.
#[derive(Debug)]
pub struct LetterPlaceholder {
    /// Its name, without the braces.
    pub name: &'static str,
    /// What takes its place.
    pub about: &'static str,
    /// Whether it is an address that a link can lead to.
    pub is_link: bool,
    /// It has a value in letters that invite only.
    pub invites: bool,
    /// It stands on a line of its own and is more than text: the QR code, the message.
    pub is_block: bool,
}

const fn words(name: &'static str, about: &'static str) -> LetterPlaceholder {
    LetterPlaceholder { name, about, is_link: false, invites: false, is_block: false }
}

const fn link(name: &'static str, about: &'static str) -> LetterPlaceholder {
    LetterPlaceholder { is_link: true, ..words(name, about) }
}

/// The block that stands for the QR code.
pub const QR_PLACEHOLDER: &str = "enrolment.qr";
/// The block that stands for what an administrator wrote.
pub const MESSAGE_PLACEHOLDER: &str = "message";
/// What begins the names of the organization's own columns: `{custom:Cost centre}`.
pub const CUSTOM_PLACEHOLDER: &str = "custom:";

/// Everything that may stand in braces, besides the organization's own columns.
pub static LETTER_PLACEHOLDERS: &[LetterPlaceholder] = &[
    words("user.name", "Name shown of the user"),
    words("user.first_name", "First name, else the name shown"),
    words("user.last_name", "Last name"),
    words("user.login", "Sign-in name, with its domain if there is one"),
    words("user.email", "Address of the user"),
    words("organization.name", "Name of the organization"),
    words("organization.contact", "Contact of the organization"),
    words("server.name", "Name of this server, as it is entered in mail accounts"),
    link("server.link", "Address of this server"),
    LetterPlaceholder {
        invites: true,
        ..link("enrolment.link", "Address of the enrolment page, with the code in it")
    },
    LetterPlaceholder { invites: true, ..words("enrolment.code", "The one-time code") },
    LetterPlaceholder {
        invites: true,
        ..words("enrolment.expires", "When the code ends, in the organization’s time zone")
    },
    LetterPlaceholder {
        invites: true,
        is_block: true,
        ..words(QR_PLACEHOLDER, "QR code of the link, as a picture on a line of its own")
    },
    LetterPlaceholder {
        is_block: true,
        ..words(MESSAGE_PLACEHOLDER, "What the administrator wrote, on a line of its own")
    },
];

/// The placeholder of this name.
pub fn letter_placeholder(name: &str) -> Option<&'static LetterPlaceholder> {
    LETTER_PLACEHOLDERS.iter().find(|placeholder| placeholder.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_kinds() {
        for (at, info) in LETTERS.iter().enumerate() {
            assert_eq!(info.kind as usize, at);
            assert_eq!(LetterKind::from_key(info.key), Some(info.kind));
            assert_eq!(serde_json::to_value(info.kind).expect("a word"), info.key);
            assert!(info.kind.usual("en").is_some() && info.kind.usual("de").is_some());
            assert!(info.kind.usual("xx").is_none());
        }
    }
}
