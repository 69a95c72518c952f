//! Which of the two families a message belongs to.

use crate::plist;
use crate::{CheckIn, Error, Report};

/// The media type of check-in messages. One URL may take both kinds; what the message says decides.
pub const CHECK_IN_TYPE: &str = "application/x-apple-aspen-mdm-checkin";

/// A message of a device.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// The state of an enrolment.
    CheckIn(CheckIn),
    /// The outcome of a command, or the question for one.
    Report(Report),
}

impl Incoming {
    /// Reads a message.
    ///
    /// # Errors
    /// [`Error`]; a device must never be answered 401 for any of them.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let dict = plist::read_dict(bytes)?;
        match (dict.get("MessageType"), dict.get("Status")) {
            (Some(_), _) => Ok(Self::CheckIn(CheckIn::from_dict(&dict, bytes)?)),
            (None, Some(_)) => Ok(Self::Report(Report::from_dict(dict, bytes)?)),
            (None, None) => Err(Error::Neither),
        }
    }
}
