//! A small scripted mail server: an ActiveSync backend (2.5 to 16.1) for the gateway to stand in front of.
//!
//! It has users with passwords and tokens, mailboxes with a few folders, policies of its own with two-phase
//! provisioning, wipes, and a [`Script`] that makes it behave as the awkward servers do: bare 449s, a 449 with
//! a body, 451, gzip, chunks, slowness, failures, 16.1 only, tokens only. A [`Control`] steers it from the
//! test or the demo while it runs and shows what it was asked. It speaks plain HTTP or TLS over real sockets.
//!
//! It is a stage for tests, not a mail server: everything is in memory and nothing leaves it.

mod autodiscover;
mod control;
mod folders;
mod gate;
mod items;
mod ping;
mod provision;
mod script;
mod send;
mod serve;
mod settings;
mod state;
mod sync;

pub use control::{Control, DeviceView, Mail};
pub use script::{Failure, ProvisionAnswer, Refusal, Script};
pub use serve::{MailServer, Options};
pub use state::Seen;
