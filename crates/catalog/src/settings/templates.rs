//! Templates: the values a new suite starts with.
//!
//! The values stand in the settings' own entries; here they are only put together. Individual devices get milder
//! values than corporate ones: a person's own phone is asked for a pass-code, not for its camera.

use super::{Values, all};
use crate::Liability;

/// A security level to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Template {
    /// Nothing is asked for.
    None,
    /// A pass-code.
    Low,
    /// A good pass-code and encryption.
    Moderate,
    /// As strict as can be lived with.
    Strict,
}

impl Template {
    /// All, mildest first.
    pub const ALL: [Template; 4] = [Template::None, Template::Low, Template::Moderate, Template::Strict];

    /// Stored name and REST value.
    pub fn key(self) -> &'static str {
        match self {
            Template::None => "none",
            Template::Low => "low",
            Template::Moderate => "moderate",
            Template::Strict => "strict",
        }
    }
    /// Name shown.
    pub fn label(self) -> &'static str {
        match self {
            Template::None => "None",
            Template::Low => "Low",
            Template::Moderate => "Moderate",
            Template::Strict => "Strict",
        }
    }
    /// One sentence for the administrator.
    pub fn help(self) -> &'static str {
        match self {
            Template::None => "Nothing is required; devices are only counted and can be wiped.",
            Template::Low => "A pass-code of four characters, locked after 15 minutes.",
            Template::Moderate => "A longer pass-code and an encrypted device.",
            Template::Strict => "A long mixed pass-code, encryption, and limits on what the device may do.",
        }
    }
    /// From the stored name.
    pub fn from_key(key: &str) -> Option<Template> {
        Template::ALL.into_iter().find(|t| t.key() == key)
    }
}

/// The values of a template for one column; settings that stay neutral are left out.
pub fn template(template: Template, liability: Liability) -> Values {
    let level = match template {
        Template::None => return Values::default(),
        Template::Low => 0,
        Template::Moderate => 1,
        Template::Strict => 2,
    };
    let chosen = all().filter_map(|setting| {
        let levels = match liability {
            Liability::Corporate => &setting.templates,
            Liability::Individual => &setting.individual_templates,
        };
        levels[level].map(|value| (setting.key.to_owned(), value()))
    });
    Values(chosen.collect())
}
