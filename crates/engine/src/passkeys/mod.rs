//! Passkeys (WebAuthn) of administrators: instead of password and code, or as second factor beside the app.
//!
//! A passkey is registered with the password (and with a second factor, where there is one). Its challenge is made of
//! the key file, a time and randomness and kept by the browser alone; each passkey remembers the newest challenge that
//! it has answered, so that none counts twice on any node. The domain is that of the page, which must be one of this
//! server's names.

mod answer;
mod challenge;
mod manage;
mod proof;

pub use manage::{begin, register, remove, rename};
pub(crate) use proof::{is_answer, owner, prove, prove_alone};

use std::net::IpAddr;

use domain::model::Administrator;
use serde_json::json;

use crate::Engine;
use challenge::{Challenge, Purpose};

/// Passkeys of one account.
pub const MOST: usize = 20;

/// What the script of a page asks the browser so that somebody proves himself with a passkey of his; `None` if he has
/// none.
pub fn question(engine: &Engine, admin: &Administrator) -> Option<String> {
    if admin.passkeys.is_empty() {
        return None;
    }
    let made = Challenge::make(engine, &Purpose::Prove(admin));
    let allow: Vec<&str> = admin.passkeys.iter().map(|passkey| passkey.id.as_str()).collect();
    Some(
        json!({
            "ticket": made.ticket, "challenge": made.encoded(), "allow": allow, "verification": "preferred",
        })
        .to_string(),
    )
}

/// The same for the sign-in page, where nobody is known yet: any passkey that verifies its holder.
pub(crate) fn question_of_nobody(engine: &Engine, address: IpAddr) -> String {
    let made = Challenge::make(engine, &Purpose::SignIn(address));
    json!({ "ticket": made.ticket, "challenge": made.encoded(), "allow": [], "verification": "required" })
        .to_string()
}
