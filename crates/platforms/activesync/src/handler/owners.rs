//! What mail servers said about whom tokens belong to. That does not change while a token lives, so it is remembered
//! for longer than that the token is good, which every mail server decides anew with every request.
//!
//! Only keyed hashes are kept, in memory, bounded.

use std::collections::HashMap;

use domain::Millis;
use domain::model::{ActiveSyncServer, OrganizationId, ServerId};
use engine::eas::Login;
use parking_lot::Mutex;

use super::attempts::Key;

/// How long an answer is believed.
const BELIEVED: Millis = 60 * 60_000;
/// Entries before old ones are dropped.
const LIMIT: usize = 100_000;

/// Whose a token is.
struct Owner {
    until: Millis,
    organization: OrganizationId,
    server: ServerId,
    subject: String,
    presented: String,
}

/// Owners by [`token_hash`](engine::eas::token_hash).
#[derive(Default)]
pub(crate) struct Owners(Mutex<HashMap<Key, Owner>>);

impl Owners {
    /// Whether this user's mail server said that the token is this user's.
    pub(crate) fn is(&self, token: &Key, login: &Login, server: &ActiveSyncServer, now: Millis) -> bool {
        self.0.lock().get(token).is_some_and(|owner| {
            owner.until > now
                && owner.organization == login.organization.id
                && owner.server == server.id
                && owner.subject == login.subject()
        })
    }

    /// The name with which the token was last proved, for requests that say none.
    pub(crate) fn name(&self, token: &Key, now: Millis) -> Option<String> {
        self.0.lock().get(token).filter(|owner| owner.until > now).map(|owner| owner.presented.clone())
    }

    pub(crate) fn remember(&self, token: Key, login: &Login, server: &ActiveSyncServer, now: Millis) {
        let mut all = self.0.lock();
        if all.len() >= LIMIT {
            all.retain(|_, owner| owner.until > now);
        }
        if all.len() >= LIMIT {
            all.clear();
        }
        let owner = Owner {
            until: now + BELIEVED,
            organization: login.organization.id,
            server: server.id,
            subject: login.subject(),
            presented: login.presented.clone(),
        };
        all.insert(token, owner);
    }
}
