//! Reports: what a device says when it comes for commands.

use crate::plist::{Dict, Value};
use crate::{Enrolment, Error};

/// Longest CommandUUID, bytes.
const UUID: usize = 255;
/// Most links of a chain of errors that are kept.
const CHAIN: usize = 16;

/// How a device stands to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It has none, and asks for one.
    Idle,
    /// Done.
    Acknowledged,
    /// It failed for good.
    Error,
    /// It was not understood; it failed for good.
    CommandFormatError,
    /// It cannot right now, and will come back by itself.
    NotNow,
}

/// A link of a chain of errors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorItem {
    /// `ErrorCode`.
    pub code: i64,
    /// `ErrorDomain`.
    pub domain: String,
    /// `USEnglishDescription`, or `LocalizedDescription`.
    pub description: String,
}

/// A report.
#[derive(Clone, PartialEq)]
pub struct Report {
    /// The sender.
    pub enrolment: Enrolment,
    /// How it stands.
    pub status: Status,
    /// Which command it is about; always there unless idle, or an error that belongs to none.
    pub command_uuid: Option<String>,
    /// Why it failed.
    pub errors: Vec<ErrorItem>,
    /// Everything that was said.
    pub body: Dict,
    /// The bytes as they came: they may hold secrets.
    pub raw: Vec<u8>,
}

impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Report")
            .field("enrolment", &self.enrolment)
            .field("status", &self.status)
            .field("command_uuid", &self.command_uuid)
            .field("errors", &self.errors)
            .finish_non_exhaustive()
    }
}

impl Report {
    pub(crate) fn from_dict(dict: Dict, raw: &[u8]) -> Result<Self, Error> {
        let status = match dict.text("Status").ok_or(Error::Wrong("Status"))? {
            "Idle" => Status::Idle,
            "Acknowledged" => Status::Acknowledged,
            "Error" => Status::Error,
            "CommandFormatError" => Status::CommandFormatError,
            "NotNow" => Status::NotNow,
            other => return Err(Error::UnknownStatus(other.chars().take(64).collect())),
        };
        let command_uuid = match dict.get("CommandUUID") {
            None => None,
            Some(value) => match value.text() {
                Some("") => None,
                Some(text) if text.len() <= UUID => Some(text.to_owned()),
                _ => return Err(Error::Wrong("CommandUUID")),
            },
        };
        if command_uuid.is_none() && matches!(status, Status::Acknowledged | Status::NotNow) {
            return Err(Error::Missing("CommandUUID"));
        }
        let errors = errors(&dict);
        Ok(Self {
            enrolment: Enrolment::read(&dict)?,
            status,
            command_uuid,
            errors,
            body: dict,
            raw: raw.to_vec(),
        })
    }
}

/// The chain of errors of a report, or of one item of a Settings command. What cannot be read of it is left out.
pub(crate) fn errors(dict: &Dict) -> Vec<ErrorItem> {
    let chain = dict.get("ErrorChain").and_then(Value::array).unwrap_or_default();
    let item = |value: &Value| {
        let dict = value.dict()?;
        let text = |key| dict.text(key).filter(|text| !text.is_empty()).map(str::to_owned);
        Some(ErrorItem {
            code: dict.get("ErrorCode").and_then(Value::int).unwrap_or_default(),
            domain: text("ErrorDomain").unwrap_or_default(),
            description: text("USEnglishDescription")
                .or_else(|| text("LocalizedDescription"))
                .unwrap_or_default(),
        })
    };
    chain.iter().take(CHAIN).filter_map(item).collect()
}
