//! What an administrator may enter: the kinds of a setting or a parameter, their ranges, and the check.

use crate::Value;
use crate::version::is_plain_version;

/// The kind of value, with its range. Drives form, validation, REST schema and wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    Bool,
    /// A whole number from `min` to `max`, both allowed, in `unit` (empty: a count).
    Int {
        /// Smallest allowed.
        min: i64,
        /// Largest allowed.
        max: i64,
        /// Unit in words, plural; empty for a bare count.
        unit: &'static str,
        /// May be left unset, which means no limit.
        optional: bool,
    },
    /// One of a few numbers, each with the words shown.
    Choice(&'static [(i64, &'static str)]),
    /// A list of texts, at most `max_items` of `max_len` characters.
    List {
        /// Most items.
        max_items: usize,
        /// Most characters of an item.
        max_len: usize,
        /// What one item is, in the singular.
        item: &'static str,
    },
    /// Free text of at most `max_len` characters.
    Text {
        /// Most characters.
        max_len: usize,
    },
    /// A dotted version such as `17.4`, stored as text; empty means none.
    Version,
}

/// A parameter of a rule (settings carry the same fields inline).
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Stored name, `snake_case`.
    pub key: &'static str,
    /// Label in forms.
    pub label: &'static str,
    /// One or two sentences for the administrator.
    pub help: &'static str,
    /// Kind and range.
    pub kind: Kind,
    /// Default as a constructor, since lists cannot be constants.
    pub default: fn() -> Value,
}

/// Why a value was refused, in words that say what to enter instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError(pub String);

impl Kind {
    /// Checks a value against kind and range.
    ///
    /// # Errors
    /// Says in plain words what the field accepts.
    pub fn check(&self, value: &Value) -> Result<(), FieldError> {
        let no = |text: String| Err(FieldError(text));
        // A control character cannot travel in a policy document (WBXML ends a text at NUL), and hides in a page.
        let texts = value.as_text().into_iter().chain(value.as_list().iter().map(String::as_str));
        if texts.flat_map(str::chars).any(char::is_control) {
            return no("Control characters are not allowed.".into());
        }
        match (self, value) {
            (Kind::Bool, Value::Bool(_)) | (Kind::Int { optional: true, .. }, Value::Unset) => Ok(()),
            (Kind::Bool, _) => no("Choose yes or no.".into()),
            (Kind::Int { min, max, .. }, Value::Int(n)) if n >= min && n <= max => Ok(()),
            (Kind::Int { min, max, unit, optional }, _) => {
                let or = if *optional { ", or leave it empty for no limit" } else { "" };
                let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
                no(format!("Enter a whole number from {min} to {max}{unit}{or}."))
            }
            (Kind::Choice(options), Value::Int(n)) if options.iter().any(|(v, _)| v == n) => Ok(()),
            (Kind::Choice(options), _) => {
                let words: Vec<_> = options.iter().map(|(v, w)| format!("{v} ({w})")).collect();
                no(format!("Choose one of: {}.", words.join(", ")))
            }
            (Kind::List { max_items, max_len, item }, Value::List(items)) => {
                if items.len() > *max_items {
                    return no(format!("At most {max_items} entries; there are {}.", items.len()));
                }
                match items.iter().find(|i| i.is_empty() || i.chars().count() > *max_len) {
                    Some(_) => no(format!("Each {item} has 1 to {max_len} characters.")),
                    None => Ok(()),
                }
            }
            (Kind::List { item, .. }, _) => no(format!("Enter a list, one {item} a line.")),
            (Kind::Text { max_len }, Value::Text(t)) if t.chars().count() <= *max_len => Ok(()),
            (Kind::Text { max_len }, _) => no(format!("Enter a text of at most {max_len} characters.")),
            (Kind::Version, Value::Text(t)) if t.is_empty() || is_plain_version(t) => Ok(()),
            (Kind::Version, _) => no("Enter a version such as 17.4 or 10.0.19045, or leave it empty.".into()),
        }
    }

    /// The value in words, for diffs and read-only pages.
    pub fn words(&self, value: &Value) -> String {
        match (self, value) {
            (_, Value::Unset) => "no limit".into(),
            (Kind::Bool, Value::Bool(b)) => if *b { "yes" } else { "no" }.into(),
            (Kind::Int { unit, .. }, Value::Int(n)) if !unit.is_empty() => format!("{n} {unit}"),
            (Kind::Choice(options), Value::Int(n)) => options
                .iter()
                .find(|(v, _)| v == n)
                .map_or_else(|| n.to_string(), |(_, words)| (*words).to_owned()),
            (_, Value::Int(n)) => n.to_string(),
            (_, Value::List(items)) if items.is_empty() => "none".into(),
            (_, Value::List(items)) => items.join(", "),
            (_, Value::Text(t)) if t.is_empty() => "none".into(),
            (_, Value::Text(t)) => t.clone(),
            (_, Value::Bool(b)) => if *b { "yes" } else { "no" }.into(),
        }
    }

    /// Reads a form field's text.
    ///
    /// # Errors
    /// The same words as [`Kind::check`].
    pub fn parse(&self, text: &str) -> Result<Value, FieldError> {
        let text = text.trim();
        let value = match self {
            Kind::Bool => match text {
                "true" | "on" | "yes" | "1" => Value::Bool(true),
                "false" | "off" | "no" | "0" | "" => Value::Bool(false),
                _ => Value::Unset,
            },
            Kind::Int { .. } | Kind::Choice(_) => text.parse().map_or_else(
                |_| if text.is_empty() { Value::Unset } else { Value::Text(text.to_owned()) },
                Value::Int,
            ),
            Kind::List { .. } => Value::List(
                text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect(),
            ),
            Kind::Text { .. } | Kind::Version => Value::Text(text.to_owned()),
        };
        self.check(&value).map(|()| value)
    }
}
