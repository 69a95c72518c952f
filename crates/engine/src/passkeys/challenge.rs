//! Challenges: unpredictable, for one purpose, good for ten minutes, and kept by nobody but the browser.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Millis;
use domain::model::Administrator;

use crate::Engine;

/// How long a page with a question may be left open.
const LIFETIME: Millis = 10 * 60_000;

/// What an answer may be used for.
pub(super) enum Purpose<'a> {
    /// To register a passkey for this account, as it stands.
    Register(&'a Administrator),
    /// To prove oneself as this account, as it stands.
    Prove(&'a Administrator),
    /// To sign in from this address.
    SignIn(IpAddr),
}

impl Purpose<'_> {
    fn text(&self) -> String {
        match self {
            Self::Register(admin) => format!("register|{}|{}", admin.id, admin.credential_epoch),
            Self::Prove(admin) => format!("prove|{}|{}", admin.id, admin.credential_epoch),
            Self::SignIn(address) => format!("sign in|{}", address.to_canonical()),
        }
    }
}

/// A challenge, and the ticket that it is made of again.
pub(super) struct Challenge {
    pub(super) ticket: String,
    pub(super) bytes: [u8; 32],
    /// When it was made.
    pub(super) at: Millis,
}

impl Challenge {
    pub(super) fn make(engine: &Engine, purpose: &Purpose<'_>) -> Self {
        let at = engine.now();
        let ticket = format!("{at}.{}", hex::encode(engine.entropy.bytes::<16>()));
        Self { bytes: bytes(engine, purpose, &ticket), ticket, at }
    }

    /// The challenge of a ticket that came back; `None` when it is too old, or of a time to come.
    pub(super) fn again(engine: &Engine, purpose: &Purpose<'_>, ticket: &str) -> Option<Self> {
        let (at, random) = ticket.split_once('.')?;
        let at: Millis = at.parse().ok()?;
        let now = engine.now();
        let good = random.len() == 32 && at <= now && now - at < LIFETIME;
        good.then(|| Self { bytes: bytes(engine, purpose, ticket), ticket: ticket.to_owned(), at })
    }

    /// As the script takes it: base64url.
    pub(super) fn encoded(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes)
    }
}

/// Whoever does not have the key file can make none of these, so the browser's signature over them vouches for the
/// ticket as well.
fn bytes(engine: &Engine, purpose: &Purpose<'_>, ticket: &str) -> [u8; 32] {
    let said = format!("{}|{ticket}", purpose.text());
    engine.secret_key.keyed_hash("passkey challenge", said.as_bytes())
}
