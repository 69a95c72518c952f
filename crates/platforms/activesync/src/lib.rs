//! Exchange ActiveSync towards devices: the **gateway** in front of mail servers and the **stand-in server** for
//! users who have none.
//!
//! [`ActiveSync`] answers `/Microsoft-Server-ActiveSync` and `/autodiscover/…`. To a device it is a provisioning
//! server, to a mail server a provisioning client; the two policy keys never meet. What may happen is decided by
//! `engine::eas`; this crate knows the protocol's forms, the mail server behind, and how requests wait.
//!
//! * `handler`: from the request line to an answer: parsing, credentials, the order of the checks.
//! * `provision`: our own policies and wipes, for both roles of the server.
//! * `standin`: a mailbox without mail.
//! * `gateway`: forwarding, the partnership with the mail server, redirects, waiting requests.
//! * `parked`: who waits, and answering them when something changes.
//! * `autodiscover`: finding us, and learning where a user's mailbox is.

mod answer;
mod autodiscover;
mod exchange;
mod gateway;
mod handler;
mod metrics;
mod parked;
mod provision;
mod refuse;
mod standin;

pub use handler::{ActiveSync, Options};
pub use metrics::{Counter, Metrics};
