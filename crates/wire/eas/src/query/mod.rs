//! The query string of a request, plain or base64, as one [`Query`] (MS-ASHTTP 2.2.1.1.1).
//!
//! Both forms give the same value, with one canonical device id, so that a device that switches between them
//! stays one device. Towards a mail server always [`to_plain_query`](Query::to_plain_query): several servers
//! misread the device id of a base64 query. The room knows no headers and makes no decisions about users.

mod base64;
mod device_id;
mod plain;

pub use device_id::DeviceId;
pub(crate) use plain::decode as percent_decode;

use crate::command::Command;
use crate::version::Version;

/// Longest query string accepted, in bytes.
pub const MAX_QUERY: usize = 8192;

/// What a query string says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// The command; absent in OPTIONS.
    pub command: Option<Command>,
    /// The user as the device wrote it; not authoritative, the credentials are.
    pub user: Option<String>,
    /// The device's own id in canonical form.
    pub device_id: Option<DeviceId>,
    /// Free text such as `iPhone` or `SAMSUNGSMG991B`.
    pub device_type: Option<String>,
    /// The protocol version; only in base64 queries, else a header carries it.
    pub version: Option<Version>,
    /// The policy key; only in base64 queries, else a header carries it. 0 means none.
    pub policy_key: Option<u32>,
    /// Windows locale id; only in base64 queries.
    pub locale: Option<u16>,
    /// The parameters of commands.
    pub params: Params,
    /// Unknown parameters of a plain query in their order, decoded.
    pub extra: Vec<(String, String)>,
}

/// Parameters that some commands have (MS-ASHTTP 2.2.1.1.1.1.3 and 2.2.1.1.1.2.4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    /// GetAttachment: which one.
    pub attachment_name: Option<String>,
    /// SmartReply, SmartForward: folder of the source message.
    pub collection_id: Option<String>,
    /// SmartReply, SmartForward: the source message.
    pub item_id: Option<String>,
    /// SmartReply, SmartForward: the source message as a search result.
    pub long_id: Option<String>,
    /// SmartReply, SmartForward: which occurrence of a recurring meeting.
    pub occurrence: Option<String>,
    /// SendMail, SmartReply, SmartForward: keep a copy.
    pub save_in_sent: bool,
    /// ItemOperations: the answer may be multipart; only in base64 queries, else a header says it.
    pub accept_multipart: bool,
}

/// Why a query string was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Longer than [`MAX_QUERY`].
    #[error("query string too long")]
    TooLong,
    /// More than one `Cmd`.
    #[error("more than one command")]
    TwoCommands,
    /// A parameter occurs twice with different values.
    #[error("{0} occurs twice with different values")]
    Contradiction(&'static str),
    /// A base64 query next to plain parameters.
    #[error("base64 query mixed with plain parameters")]
    Mixed,
    /// A name in `Cmd=`, or a number in a base64 query, that is no command.
    #[error("unknown command")]
    UnknownCommand,
    /// A version byte that is no known version.
    #[error("unknown protocol version {0}")]
    UnknownVersion(u8),
    /// NUL or another control character.
    #[error("control character in {0}")]
    Control(&'static str),
    /// Not percent-encoded UTF-8.
    #[error("query string is not percent-encoded UTF-8")]
    Encoding,
    /// A device id that is empty, longer than 32 characters, or not made of visible ASCII.
    #[error("device id must be 1 to 32 visible ASCII characters")]
    DeviceId,
    /// Neither `name=value` parameters nor base64.
    #[error("query string is neither plain nor base64")]
    Base64,
    /// The decoded base64 bytes end too early, at this offset.
    #[error("base64 query ends too early at byte {0}")]
    Truncated(usize),
    /// The policy key is neither absent nor four bytes long.
    #[error("policy key of {0} bytes")]
    PolicyKey(u8),
    /// An unknown parameter tag in a base64 query.
    #[error("unknown parameter {0} in base64 query")]
    UnknownParameter(u8),
}

impl Query {
    /// Reads what stands behind the `?` of a request target. An empty text is an empty query.
    ///
    /// ```
    /// use wire_eas::{command::Command, query::Query};
    /// let query = Query::parse("Cmd=Sync&User=CORP%5Cjo&DeviceId=ABC1&DeviceType=iPhone")?;
    /// assert_eq!(query.command, Some(Command::Sync));
    /// assert_eq!(query.user.as_deref(), Some("CORP\\jo"));
    /// # Ok::<(), wire_eas::query::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Query, Error> {
        if text.len() > MAX_QUERY {
            return Err(Error::TooLong);
        }
        if text.is_empty() {
            Ok(Query::default())
        } else if is_plain(text) {
            plain::parse(text)
        } else {
            base64::parse(text)
        }
    }

    /// Writes the canonical plain query: known parameters in a fixed order, then the unknown ones. Version,
    /// policy key, locale and `accept_multipart` are headers in this form and left to the caller.
    pub fn to_plain_query(&self) -> String {
        plain::write(self)
    }
}

/// A base64 text has `=` only at its end and no `&`.
fn is_plain(text: &str) -> bool {
    text.contains('&') || text.trim_end_matches('=').contains('=')
}

/// Puts a value into an empty place; a second, different one is a contradiction.
fn put<T: PartialEq>(place: &mut Option<T>, value: T, name: &'static str) -> Result<(), Error> {
    match place {
        Some(old) if *old != value => Err(Error::Contradiction(name)),
        _ => {
            *place = Some(value);
            Ok(())
        }
    }
}

/// Refuses control characters in a value.
fn clean(value: String, name: &'static str) -> Result<String, Error> {
    if value.chars().any(char::is_control) { Err(Error::Control(name)) } else { Ok(value) }
}

#[cfg(test)]
mod tests;
