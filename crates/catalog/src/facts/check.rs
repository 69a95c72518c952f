//! What may be entered as the value of a fact.

use super::{Fact, FactType, FactValue};
use crate::FieldError;

/// Longest text of a fact, in characters (MS-ASCMD limits DeviceInformation likewise).
pub const FACT_TEXT_MAX: usize = 1024;

impl Fact {
    /// Checks a value against the fact's type.
    ///
    /// # Errors
    /// Says in plain words what the fact accepts.
    pub fn check(&self, value: &FactValue) -> Result<(), FieldError> {
        let fits = match (self.kind, value) {
            (FactType::Text | FactType::Version, FactValue::Text(t)) => t.chars().count() <= FACT_TEXT_MAX,
            (FactType::Bool, FactValue::Bool(_)) | (FactType::Int | FactType::Time, FactValue::Int(_)) => {
                true
            }
            _ => false,
        };
        if fits {
            return Ok(());
        }
        Err(FieldError(match self.kind {
            FactType::Text | FactType::Version => {
                format!("Enter a text of at most {FACT_TEXT_MAX} characters.")
            }
            FactType::Bool => "Choose yes or no, or leave it empty for unknown.".into(),
            FactType::Int => "Enter a whole number.".into(),
            FactType::Time => "Enter a time in milliseconds since 1970.".into(),
        }))
    }

    /// Reads the text of a form field or a CSV cell.
    ///
    /// # Errors
    /// The same words as [`Fact::check`].
    pub fn parse(&self, text: &str) -> Result<FactValue, FieldError> {
        let text = text.trim();
        let value = match self.kind {
            FactType::Text | FactType::Version => Some(FactValue::Text(text.to_owned())),
            FactType::Bool => match text.to_ascii_lowercase().as_str() {
                "yes" | "true" | "on" | "1" => Some(FactValue::Bool(true)),
                "no" | "false" | "off" | "0" => Some(FactValue::Bool(false)),
                _ => None,
            },
            FactType::Int | FactType::Time => text.parse().ok().map(FactValue::Int),
        };
        // A text never fits a yes/no or a number, so it brings out the right words.
        let value = value.unwrap_or(FactValue::Text(String::new()));
        self.check(&value).map(|()| value)
    }
}
