//! Pure codec of Apple device management: what devices send (check-in, reports, status of declarations), and what they
//! are sent (commands, profiles, declarations). Sources: Apple's schema `device-management` and its documentation.
//!
//! Messages are property lists, which are read with limits before anything is known of their sender; declarations are
//! JSON. Unknown keys are ignored and unknown messages are errors, as Apple adds keys every year. Signatures are not this
//! crate's business, nor are clocks, randomness and stores.
//!
//! ```
//! use wire_apple::{Incoming, Status};
//!
//! let body = b"<plist><dict><key>Status</key><string>Idle</string><key>UDID</key><string>0000-1</string></dict></plist>";
//! let Ok(Incoming::Report(report)) = Incoming::read(body) else { panic!("a report") };
//! assert_eq!((report.status, report.enrolment.id().as_str()), (Status::Idle, "0000-1"));
//! ```

mod checkin;
mod command;
pub mod ddm;
mod enrolment;
mod incoming;
mod machine_info;
pub mod plist;
pub mod profile;
mod push_request;
pub mod refusal;
mod report;
mod uuid;

pub use checkin::{Authenticate, CheckIn, Message, Secret, TokenService, TokenUpdate};
pub use command::Command;
pub use enrolment::{Channel, Enrolment, SHARED_IPAD_USER};
pub use incoming::{CHECK_IN_TYPE, Incoming};
pub use machine_info::MachineInfo;
pub use push_request::push_certificate_request;
pub use report::{ErrorItem, Report, Status};
pub use uuid::stable_uuid;

/// Why a message of a device is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is no property list, or goes beyond the limits.
    #[error(transparent)]
    Plist(#[from] plist::Error),
    /// It is neither a check-in nor a report.
    #[error("it is neither a check-in message nor a report")]
    Neither,
    /// A check-in message that is not known; which.
    #[error("{0:?} is no check-in message that is known here")]
    UnknownMessage(String),
    /// A status that is not known; which.
    #[error("{0:?} is no status that is known here")]
    UnknownStatus(String),
    /// A key is missing; which.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A key has a value of another type than it should, or one out of range; which.
    #[error("{0} has a value that does not belong there")]
    Wrong(&'static str),
    /// A status report of declarations is no JSON, or goes beyond the limits.
    #[error("{0}")]
    Json(&'static str),
}

/// Times are milliseconds since 1970.
pub type Millis = i64;
