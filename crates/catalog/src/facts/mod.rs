//! Device facts: what a platform, an administrator or an integration can tell about a device.
//!
//! One entry is a grid column, a filter, a CSV column, a detail row, a rule operand and, where tagged, an ISE
//! attribute. A fact that nobody reported is *unknown*, which is never the same as false.

mod check;
mod read;
mod table;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::Millis;
pub use check::FACT_TEXT_MAX;
pub use table::FACTS;

/// The place of a fact in [`FACTS`]; stable only inside one process (stored forms use the key).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactId(pub u16);

/// The type of a fact's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactType {
    /// Text of at most 1024 characters.
    Text,
    /// Yes or no.
    Bool,
    /// A whole number, with its unit in the entry.
    Int,
    /// Milliseconds since 1970.
    Time,
    /// A dotted version, compared number by number.
    Version,
}

/// One fact that can be known of a device.
#[derive(Debug)]
pub struct Fact {
    /// Stored name, `snake_case`, e.g. `os_version`.
    pub key: &'static str,
    /// Label of the column and the detail row.
    pub label: &'static str,
    /// What it means, for the help of the column.
    pub help: &'static str,
    /// Type of the value.
    pub kind: FactType,
    /// Unit of a number, empty otherwise.
    pub unit: &'static str,
    /// Where the fact comes from, in words, per platform ("ActiveSync DeviceInformation: OS").
    pub reported_by: &'static str,
    /// May an administrator or an integration enter it by hand or by REST.
    pub editable: bool,
    /// Offered in the forms of the console, where it is editable.
    pub in_forms: bool,
    /// Whether something that can be enrolled here reports it by itself.
    pub reported: bool,
    /// The attribute name in Cisco ISE's answers, where it is one.
    pub ise: Option<&'static str>,
    /// Shown in the grid unless the administrator chose otherwise.
    pub default_column: bool,
}

/// A typed value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum FactValue {
    /// Yes or no.
    Bool(bool),
    /// Number or time.
    Int(i64),
    /// Text or version.
    Text(String),
}

/// Who told us.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The device, over ActiveSync.
    Activesync,
    /// Recognized from DeviceType or User-Agent.
    Recognized,
    /// An administrator, by hand.
    Administrator,
    /// An integration, by REST, with its name.
    Integration(String),
    /// The server itself.
    Server,
}

/// A fact that is known: value, source, and when it was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFact {
    /// The value.
    #[serde(rename = "v")]
    pub value: FactValue,
    /// Who said so.
    #[serde(rename = "s")]
    pub source: Source,
    /// When it was last said.
    #[serde(rename = "t")]
    pub at: Millis,
}

/// All that is known of one device: sparse, ordered by fact number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts(Vec<(FactId, KnownFact)>);

/// The number of a fact by its key.
pub fn fact(key: &str) -> Option<FactId> {
    let at = BY_KEY.binary_search_by_key(&key, |(known, _)| *known).ok()?;
    Some(BY_KEY[at].1)
}

/// Facts in the order of their keys: asked for millions of times when a fleet is loaded.
static BY_KEY: LazyLock<Vec<(&str, FactId)>> = LazyLock::new(|| {
    let mut all: Vec<_> = FACTS.iter().enumerate().map(|(i, f)| (f.key, FactId(i as u16))).collect();
    all.sort_unstable_by_key(|(key, _)| *key);
    all
});

impl FactId {
    /// The catalogue entry.
    pub fn entry(self) -> &'static Fact {
        &FACTS[usize::from(self.0)]
    }
}

impl Facts {
    /// What is known, or `None` for unknown.
    pub fn get(&self, id: FactId) -> Option<&KnownFact> {
        self.0.binary_search_by_key(&id, |(i, _)| *i).ok().map(|at| &self.0[at].1)
    }
    /// By key; `None` also for a key that is not in the catalogue.
    pub fn by_key(&self, key: &str) -> Option<&KnownFact> {
        self.get(fact(key)?)
    }
    /// Text of a text or version fact.
    pub fn text(&self, key: &str) -> Option<&str> {
        match &self.by_key(key)?.value {
            FactValue::Text(t) => Some(t),
            _ => None,
        }
    }
    /// Yes/no of a boolean fact.
    pub fn bool(&self, key: &str) -> Option<bool> {
        match &self.by_key(key)?.value {
            FactValue::Bool(b) => Some(*b),
            _ => None,
        }
    }
    /// Number or time.
    pub fn int(&self, key: &str) -> Option<i64> {
        match &self.by_key(key)?.value {
            FactValue::Int(n) => Some(*n),
            _ => None,
        }
    }
    /// Writes a fact; returns whether the *value* changed.
    pub fn set(&mut self, id: FactId, known: KnownFact) -> bool {
        match self.0.binary_search_by_key(&id, |(i, _)| *i) {
            Ok(at) => {
                let changed = self.0[at].1.value != known.value;
                self.0[at].1 = known;
                changed
            }
            Err(at) => {
                self.0.insert(at, (id, known));
                true
            }
        }
    }
    /// Forgets a fact; returns whether it was known.
    pub fn forget(&mut self, id: FactId) -> bool {
        self.0.binary_search_by_key(&id, |(i, _)| *i).map(|at| self.0.remove(at)).is_ok()
    }
    /// All known facts in catalogue order.
    pub fn iter(&self) -> impl Iterator<Item = (FactId, &KnownFact)> {
        self.0.iter().map(|(id, known)| (*id, known))
    }
}

impl Serialize for Facts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(id, known)| (id.entry().key, known)))
    }
}
