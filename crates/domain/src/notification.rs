//! What users are told when access is about to be taken away, is taken away, and comes back.

use std::collections::BTreeMap;

use catalog::RuleId;
use serde::{Deserialize, Serialize};

/// Longest text of a mail, in characters.
pub const TEXT_MAX: usize = 4_000;

/// Longest reason and remediation of a rule, in characters: one line where Cisco ISE shows them.
pub const REASON_MAX: usize = 255;

/// What may stand in braces in a text.
pub const PLACEHOLDERS: [&str; 6] = ["user", "device", "reason", "remediation", "admin_contact", "deadline"];

/// What a text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// Access will be taken away at a time that is known.
    Announced,
    /// Access was taken away.
    Restricted,
    /// Access was given back.
    Restored,
}

impl Occasion {
    /// All of them, in the order in which they happen.
    pub const ALL: [Occasion; 3] = [Occasion::Announced, Occasion::Restricted, Occasion::Restored];

    /// Name in forms and JSON.
    pub fn key(self) -> &'static str {
        match self {
            Occasion::Announced => "announced",
            Occasion::Restricted => "restricted",
            Occasion::Restored => "restored",
        }
    }

    /// The event of the journal that it is told for.
    pub fn event(self) -> &'static str {
        match self {
            Occasion::Announced => "device.restriction_announced",
            Occasion::Restricted => "device.restricted",
            Occasion::Restored => "device.restored",
        }
    }

    /// From the event.
    pub fn of(event: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|occasion| occasion.event() == event)
    }

    /// The subject of the mail, with placeholders.
    pub fn subject(self) -> &'static str {
        match self {
            Occasion::Announced => "{device} is about to lose access",
            Occasion::Restricted => "Access of {device} is restricted",
            Occasion::Restored => "{device} has access again",
        }
    }

    /// The text for rules that have none of their own.
    pub fn text(self) -> &'static str {
        match self {
            Occasion::Announced => {
                "Hello {user},\n\nyour device {device} will lose access at {deadline}.\n\nWhy: {reason}\nWhat helps: \
                 {remediation}\n\nQuestions: {admin_contact}\n"
            }
            Occasion::Restricted => {
                "Hello {user},\n\naccess of your device {device} is restricted.\n\nWhy: {reason}\nWhat helps: \
                 {remediation}\n\nAs soon as that is done access comes back by itself.\nQuestions: {admin_contact}\n"
            }
            Occasion::Restored => {
                "Hello {user},\n\nyour device {device} has access again. There is nothing left to do.\n\nQuestions: \
                 {admin_contact}\n"
            }
        }
    }
}

/// What users are told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NotificationSettings {
    /// Users are written to at all.
    pub on: bool,
    /// While access stays restricted they are told again after so many hours, at most 720; 0: once.
    pub repeat_hours: u32,
    /// Texts by rule; what is missing is the usual text.
    pub rules: BTreeMap<RuleId, RuleTexts>,
}

/// Texts of one rule; an empty one is the usual one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleTexts {
    /// Users are not written to because of this rule.
    pub silent: bool,
    /// Why, instead of what was found; also Cisco ISE's failure reason.
    pub reason: String,
    /// What helps, instead of the rule's own remedy; also Cisco ISE's remediation.
    pub remediation: String,
    /// Mail when access is about to be taken away.
    pub announced: String,
    /// Mail when it was taken away.
    pub restricted: String,
    /// Mail when it came back.
    pub restored: String,
}

impl RuleTexts {
    /// The text for an occasion.
    pub fn text(&self, occasion: Occasion) -> &str {
        let own = match occasion {
            Occasion::Announced => &self.announced,
            Occasion::Restricted => &self.restricted,
            Occasion::Restored => &self.restored,
        };
        if own.trim().is_empty() { occasion.text() } else { own }
    }
}

/// What stands in the place of the placeholders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filling {
    /// Name of the user.
    pub user: String,
    /// Name of the device.
    pub device: String,
    /// Why.
    pub reason: String,
    /// What helps.
    pub remediation: String,
    /// Whom to ask.
    pub admin_contact: String,
    /// When access goes, in the organization's zone; empty if that is not the question.
    pub deadline: String,
}

impl Filling {
    fn value(&self, name: &str) -> Option<&str> {
        Some(match name {
            "user" => &self.user,
            "device" => &self.device,
            "reason" => &self.reason,
            "remediation" => &self.remediation,
            "admin_contact" => &self.admin_contact,
            "deadline" => &self.deadline,
            _ => return None,
        })
    }

    /// The text with its placeholders filled. What is filled in is never read for placeholders again; braces around
    /// anything else stay.
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            filled.push_str(&rest[..at]);
            let inner = rest[at + 1..].split_once('}');
            if let Some((value, after)) = inner.and_then(|(name, after)| Some((self.value(name)?, after))) {
                filled.push_str(value);
                rest = after;
            } else {
                filled.push('{');
                rest = &rest[at + 1..];
            }
        }
        filled.push_str(rest);
        filled
    }
}

/// Whether a text can be filled: every brace opens a known placeholder.
///
/// # Errors
/// What is wrong and what may stand there, in words.
pub fn check(text: &str) -> Result<(), String> {
    let known = || PLACEHOLDERS.map(|name| format!("{{{name}}}")).join(", ");
    for (at, _) in text.match_indices('{') {
        let name = text[at + 1..].split('}').next().unwrap_or_default();
        if !PLACEHOLDERS.contains(&name) || !text[at + 1 + name.len()..].starts_with('}') {
            let shown: String = name.chars().take(30).collect();
            return Err(format!("{{{shown}}} is not known. Use {}.", known()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_filled_once_and_only_known_placeholders_are_accepted() {
        let filling =
            Filling { user: "{device}".into(), device: "Anna’s phone".into(), ..Filling::default() };
        assert_eq!(filling.fill("{user} has {device}{"), "{device} has Anna’s phone{");
        assert_eq!(filling.fill("{nobody} {reason}"), "{nobody} ");
        for good in
            ["", "no braces", "{user} {device} {reason} {remediation} {admin_contact} {deadline}", "}"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["{nobody}", "{user", "{", "{ user }", "{user}{{device}", "{User}"] {
            assert!(check(bad).is_err(), "{bad}");
        }
        for occasion in Occasion::ALL {
            assert_eq!(check(occasion.text()), Ok(()));
            assert_eq!(check(occasion.subject()), Ok(()));
            assert_eq!(Occasion::of(occasion.event()), Some(occasion));
        }
    }
}
