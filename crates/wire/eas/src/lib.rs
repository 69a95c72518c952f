//! Pure codec of Exchange ActiveSync, for both ends of the wire.
//!
//! Bytes in, values out, and back: WBXML, query strings, and the bodies of the commands that NotifyMDM answers
//! itself. No input or output, no clock, no randomness, no decisions. Input is bounded and never trusted: bad
//! input gives an error that says what and where, never a panic.
//!
//! Start with [`query::Query`] for the request line, [`sniff`] for a quick look at a body,
//! [`provision`] for policies and wipes, [`refusal`] for saying no in the right form.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test that cannot go on should say where"))]

pub mod autodiscover;
pub mod body;
pub mod codepages;
pub mod command;
pub mod device_information;
pub mod estimate;
pub mod foldersync;
pub mod longpoll;
pub mod options;
pub mod others;
pub mod ping;
pub mod provision;
pub mod query;
pub mod refusal;
pub mod settings;
pub mod sniff;
pub mod status;
pub mod sync;
pub mod version;
pub mod wbxml;
