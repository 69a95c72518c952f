//! The part of LDAPv3 (RFC 4511) that reading a directory and checking a password needs: requests to bytes, bytes to
//! responses, search filters (RFC 4515) and distinguished names (RFC 4514).
//!
//! Whoever answers may be hostile. Nothing here recurses into what was received, allocates by a length that was
//! announced, or panics; a value that goes into a filter is a value and never text of the filter.

mod ber;
mod dn;
mod filter;
mod request;
mod response;

pub use ber::{Malformed, message_length};
pub use dn::{Dn, DnError};
pub use filter::{Filter, FilterError};
pub use request::{Request, Scope, Search};
pub use response::{Answer, Attribute, Entry, Response, ResultCode, range_of};
