//! Devices and partners that speak the product's protocols over real sockets: for the demo, for load and for
//! tests.
//!
//! * [`eas`]: a phone with an ActiveSync account, command by command or reacting as phones do;
//! * [`fleet`]: many of them, of many makes, that keep themselves provisioned and now and then misbehave;
//! * [`mailserver`]: a small scripted ActiveSync mail server, for the gateway to stand in front of;
//! * [`ldap`]: a small scripted directory, honest or not;
//! * [`ise`]: a client that asks as Cisco ISE asks;
//! * [`apple`]: an iPhone, iPad or Mac and what it needs, from the bytes up;
//! * [`authenticator`]: a key that makes passkeys, with a browser around it;
//! * [`provider`]: an identity provider whose tokens can be bent;
//! * [`wbxml`], [`http`]: what these need below.
//!
//! This crate knows no other crate of the workspace. In particular it shares no codec with the server: what
//! both sides understand alike is what the specifications say, not what one of us believes.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test that cannot go on should say where"))]

pub mod apple;
pub mod authenticator;
pub mod dice;
pub mod eas;
pub mod fleet;
pub mod http;
pub mod ise;
pub mod ldap;
pub mod mailserver;
pub mod provider;
pub mod wbxml;
