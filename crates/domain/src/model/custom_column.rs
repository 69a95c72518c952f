//! Columns of an organization's own: what it keeps of users and devices beyond what the product knows.

use std::collections::BTreeMap;

use catalog::Millis;
use serde::{Deserialize, Serialize};

use crate::{Id, IdKind};

/// Values of custom columns, in the columns' canonical form ([`CustomColumn::read`]); an empty one is not kept.
pub type CustomValues = BTreeMap<CustomColumnId, String>;

/// Longest text value, characters.
pub const CUSTOM_TEXT_MAX: usize = 500;

/// Most values that a list offers.
pub const CUSTOM_CHOICES_MAX: usize = 200;

/// A column of an organization's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomColumn {
    /// Its id; a column that is made anew under an old name does not inherit its values.
    pub id: CustomColumnId,
    /// Heading, unique in the organization and scope (any letter case), 1 to 60 characters without `:`, `{`, `}`.
    pub name: String,
    /// What it is for, at most 200 characters.
    #[serde(default)]
    pub help: String,
    /// What values look like.
    pub kind: CustomKind,
    /// Whether users or devices have it.
    pub scope: CustomScope,
    /// Must be filled in when a user or device is entered by hand or by import.
    #[serde(default)]
    pub required: bool,
    /// Value where none was entered, canonical; empty for none.
    #[serde(default)]
    pub default: String,
    /// When it was made.
    pub created_at: Millis,
}

/// Id of a custom column.
pub type CustomColumnId = Id<CustomColumn>;
impl IdKind for CustomColumn {
    const PREFIX: &'static str = "col";
}

/// Who has a custom column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomScope {
    /// Users.
    User,
    /// Devices.
    Device,
}

impl CustomScope {
    /// Stored word.
    pub fn key(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Device => "device",
        }
    }
    /// The scope of a word.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::User, Self::Device].into_iter().find(|scope| scope.key() == key)
    }
}

/// What the values of a custom column look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "choices")]
pub enum CustomKind {
    /// One line of text, at most [`CUSTOM_TEXT_MAX`] characters.
    Text,
    /// A decimal number of at most 15 digits.
    Number,
    /// A day: `2026-11-22`.
    Date,
    /// One of these, in this order; compared in any letter case, kept as written here.
    List(Vec<String>),
    /// `yes` or `no`.
    YesNo,
}

impl CustomKind {
    /// The stored word.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::List(_) => "list",
            Self::YesNo => "yes_no",
        }
    }
    /// What it is called.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Number => "Number",
            Self::Date => "Date",
            Self::List(_) => "List",
            Self::YesNo => "Yes or no",
        }
    }

    /// The canonical form of what somebody wrote; empty stays empty.
    ///
    /// # Errors
    /// What to write instead.
    pub fn read(&self, text: &str) -> Result<String, String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(String::new());
        }
        match self {
            Self::Text if text.chars().any(char::is_control) => Err("Write it in one line.".into()),
            Self::Text if text.chars().count() > CUSTOM_TEXT_MAX => {
                Err(format!("Use at most {CUSTOM_TEXT_MAX} characters."))
            }
            Self::Text => Ok(text.to_owned()),
            Self::Number => number(text).ok_or_else(|| "Enter a number such as 12 or -3.5.".into()),
            Self::Date => date(text).ok_or_else(|| "Enter a day such as 2026-11-22.".into()),
            Self::List(choices) => choices
                .iter()
                .find(|choice| choice.to_lowercase() == text.to_lowercase())
                .cloned()
                .ok_or_else(|| format!("Enter one of: {}.", choices.join(", "))),
            Self::YesNo => match text.to_lowercase().as_str() {
                "yes" | "true" | "1" | "on" | "y" => Ok("yes".into()),
                "no" | "false" | "0" | "off" | "n" => Ok("no".into()),
                _ => Err("Enter yes or no.".into()),
            },
        }
    }

    /// A value by which canonical values sort as people expect; texts in lower case.
    pub fn order(&self, value: &str) -> CustomOrder {
        match self {
            Self::Number => CustomOrder::Number(scaled(value)),
            Self::List(choices) => {
                let place = choices.iter().position(|choice| choice == value);
                CustomOrder::Number(place.map_or(i128::MAX, |place| place as i128))
            }
            Self::Text | Self::Date | Self::YesNo => CustomOrder::Text(value.to_lowercase()),
        }
    }
}

/// See [`CustomKind::order`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CustomOrder {
    /// By size, or by the place in a list.
    Number(i128),
    /// By letters.
    Text(String),
}

/// A canonical number as a whole one: with fifteen places behind the point.
fn scaled(value: &str) -> i128 {
    let (sign, rest) = value.strip_prefix('-').map_or((1, value), |rest| (-1, rest));
    let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
    let digits = format!("{whole}{part:0<15}");
    sign * digits.parse::<i128>().unwrap_or(0)
}

/// Without leading zeros and plus, at most 15 digits.
fn number(text: &str) -> Option<String> {
    let (sign, rest) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let ends_bare = rest.ends_with('.');
    if ends_bare || whole.is_empty() || !digits(whole) || !digits(part) || whole.len() + part.len() > 15 {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let part = part.trim_end_matches('0');
    let sign = if whole == "0" && part.is_empty() { "" } else { sign };
    Some(if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") })
}

/// `2026-11-22`, `22.11.2026` or `2026/11/22`; only days that there are.
fn date(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['-', '.', '/']).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let (year, month, day) = if text.contains('.') { (*c, *b, *a) } else { (*a, *b, *c) };
    let plain = |text: &str, longest| text.len() <= longest && text.bytes().all(|b| b.is_ascii_digit());
    if year.len() != 4 || !plain(year, 4) || !plain(month, 2) || !plain(day, 2) {
        return None;
    }
    let (year, month, day): (u32, u32, u32) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    (1..=days).contains(&day).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_one_form() {
        let list = CustomKind::List(vec!["Zurich".into(), "Bern".into()]);
        for (kind, text, form) in [
            (&CustomKind::Text, "  =cmd|' /C calc'!A0 ", Some("=cmd|' /C calc'!A0")),
            (&CustomKind::Text, "two\nlines", None),
            (&CustomKind::Number, "+007.50", Some("7.5")),
            (&CustomKind::Number, "-0.0", Some("0")),
            (&CustomKind::Number, "-.5", None),
            (&CustomKind::Number, "1e5", None),
            (&CustomKind::Number, "1.", None),
            (&CustomKind::Number, "1234567890123456", None),
            (&CustomKind::Date, "2024-2-29", Some("2024-02-29")),
            (&CustomKind::Date, "1.3.2026", Some("2026-03-01")),
            (&CustomKind::Date, "2023-02-29", None),
            (&CustomKind::Date, "2023-13-01", None),
            (&CustomKind::Date, "22-11-26", None),
            (&CustomKind::YesNo, "TRUE", Some("yes")),
            (&CustomKind::YesNo, "maybe", None),
            (&list, "bern", Some("Bern")),
            (&list, "Basel", None),
            (&CustomKind::Date, " ", Some("")),
        ] {
            let read = kind.read(text).ok();
            assert_eq!(read.as_deref(), form, "{text}");
            if let Some(form) = form {
                assert_eq!(kind.read(form).as_deref(), Ok(form), "reading twice changes nothing");
            }
        }
        assert!(CustomKind::Number.order("9") < CustomKind::Number.order("10"));
        for pair in ["-10", "-9.5", "-0.25", "0", "0.5", "0.75", "7.25", "7.3", "100"].windows(2) {
            assert!(CustomKind::Number.order(pair[0]) < CustomKind::Number.order(pair[1]), "{pair:?}");
        }
        assert!(list.order("Zurich") < list.order("Bern"), "in the order of the list");
    }
}
