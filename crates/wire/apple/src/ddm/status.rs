//! Status reports: what devices tell of themselves, and of their declarations.

use serde_json::Value;

use super::Kind;
use crate::Error;

/// Longest report, bytes.
const LARGEST: usize = 5 << 20;
/// Most declarations, and most errors, that are read of a report.
const MOST: usize = 5_000;
/// Longest text that is kept of a reason, characters.
const TEXT: usize = 1_000;

/// Whether a device can do what a declaration says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Not looked at yet.
    Unknown,
    /// It cannot be applied.
    Invalid,
    /// It can.
    Valid,
}

/// How a device stands to one declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclarationState {
    /// Its kind.
    pub kind: Kind,
    /// Its identifier.
    pub identifier: String,
    /// The token of what the device has; current if it equals ours.
    pub token: String,
    /// In force.
    pub active: bool,
    /// Whether it can be applied.
    pub validity: Validity,
    /// Why not: codes such as `Error.ConfigurationNotSupported`, each with its description.
    pub reasons: Vec<(String, String)>,
}

/// A status item that the device could not report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemError {
    /// The item, such as `device.power.battery-health`.
    pub item: String,
    /// Why: code and description.
    pub reasons: Vec<(String, String)>,
}

/// A status report.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusReport {
    /// It replaces everything that was reported before.
    pub full: bool,
    /// The items, nested by the parts of their names.
    pub items: Value,
    /// Items that could not be reported.
    pub errors: Vec<ItemError>,
    /// The state of declarations, if it was reported.
    pub declarations: Option<Vec<DeclarationState>>,
}

impl StatusReport {
    /// Reads a report.
    ///
    /// # Errors
    /// [`Error::Json`].
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > LARGEST {
            return Err(Error::Json("the status report is too long"));
        }
        let report: Value =
            serde_json::from_slice(bytes).map_err(|_| Error::Json("the status report is no JSON"))?;
        if !report.is_object() {
            return Err(Error::Json("the status report is no object"));
        }
        let items =
            report.get("StatusItems").cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        if !items.is_object() {
            return Err(Error::Json("the status items are no object"));
        }
        let errors = list(report.get("Errors")).filter_map(|error| {
            let item = text(error.get("StatusItem")?)?;
            Some(ItemError { item, reasons: reasons(error.get("Reasons")) })
        });
        Ok(Self {
            full: report.get("FullReport").and_then(Value::as_bool).unwrap_or(false),
            errors: errors.collect(),
            declarations: declarations(&items),
            items,
        })
    }

    /// The value of an item, by its name with dots, such as `device.operating-system.version`.
    pub fn item(&self, name: &str) -> Option<&Value> {
        name.split('.').try_fold(&self.items, |value, part| value.get(part))
    }
}

fn declarations(items: &Value) -> Option<Vec<DeclarationState>> {
    let reported = items.get("management")?.get("declarations")?;
    let mut out = Vec::new();
    for (kind, name) in [
        (Kind::Activation, "activations"),
        (Kind::Configuration, "configurations"),
        (Kind::Asset, "assets"),
        (Kind::Management, "management"),
    ] {
        for state in list(reported.get(name)).take(MOST - out.len()) {
            let (Some(identifier), Some(token)) =
                (state.get("identifier").and_then(text), state.get("server-token").and_then(text))
            else {
                continue;
            };
            let validity = match state.get("valid").and_then(Value::as_str) {
                Some("valid") => Validity::Valid,
                Some("invalid") => Validity::Invalid,
                _ => Validity::Unknown,
            };
            let active = state.get("active").and_then(Value::as_bool).unwrap_or(false);
            let reasons = reasons(state.get("reasons"));
            out.push(DeclarationState { kind, identifier, token, active, validity, reasons });
        }
    }
    Some(out)
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter().take(MOST)
}

/// Reasons, whose keys are written in either case.
fn reasons(value: Option<&Value>) -> Vec<(String, String)> {
    let member = |reason: &Value, lower: &str, upper: &str| {
        reason.get(lower).or_else(|| reason.get(upper)).and_then(text).unwrap_or_default()
    };
    list(value)
        .take(32)
        .map(|reason| (member(reason, "code", "Code"), member(reason, "description", "Description")))
        .filter(|(code, description)| !code.is_empty() || !description.is_empty())
        .collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(|text| text.chars().take(TEXT).collect())
}
