//! Pure codec of RADIUS dynamic authorization (RFC 5176): what a server sends to an access device so that it looks at
//! a session again (CoA-Request) or ends it (Disconnect-Request), and what the access device answers.
//!
//! This crate writes requests and reads answers; both are proved with the secret that the two sides share. It must not
//! know sockets, clocks, or why somebody asks. Packets have the form of RFC 2865 section 3.
//!
//! ```
//! use wire_radius::{Attribute, Outcome, Request, RequestKind};
//!
//! let request = Request {
//!     kind: RequestKind::ChangeOfAuthorization,
//!     identifier: 7,
//!     attributes: vec![Attribute::CallingStationId("00-26-B4-24-FE-B4".into()), Attribute::EventTimestamp(1_764_000_000)],
//! };
//! let sent = request.encode(b"shared secret").expect("it fits");
//! assert_eq!((sent.bytes()[0], sent.bytes()[1]), (43, 7));
//! # let answer: Vec<u8> = Vec::new();
//! match sent.read_answer(&answer, b"shared secret") {
//!     Ok(answer) if answer.outcome == Outcome::Acknowledged => println!("done"),
//!     Ok(answer) => println!("refused: {:?}", answer.error_cause),
//!     Err(error) => println!("{error}"),
//! }
//! ```

mod answer;
mod attribute;
mod error_cause;
mod proof;
mod request;

pub use answer::{Answer, AnswerError, Outcome};
pub use attribute::Attribute;
pub use error_cause::ErrorCause;
pub use request::{Request, RequestError, RequestKind, Sent};

/// Octets before the attributes: code, identifier, length, authenticator (RFC 2865 section 3).
const HEADER: usize = 20;
/// Largest packet (RFC 2865 section 3).
const MOST: usize = 4096;
/// UDP port of dynamic authorization (RFC 5176 section 2.1). Cisco's devices also listen at 1700.
pub const PORT: u16 = 3799;
