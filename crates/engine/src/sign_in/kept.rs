//! A change of one's own credentials ends everything that was opened with the former ones.

use domain::model::{Actor, Administrator, ApiTokenId};
use store::{Tx, repo};

use crate::{Principal, Result, Scope};

/// What survives the change: the session or the token that made it.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    session: Option<Vec<u8>>,
    token: Option<ApiTokenId>,
}

impl Kept {
    /// What stands behind a scope.
    pub(crate) fn of(scope: &Scope) -> Self {
        let session = match scope.principal() {
            Principal::Session(_, session) => Some(session.token_hash.clone()),
            _ => None,
        };
        let token = match scope.actor() {
            Actor::Token(id, _) => Some(*id),
            _ => None,
        };
        Self { session, token }
    }
}

/// Stores the account with a new epoch, which ends its sessions, API tokens and cached proofs but for what is kept.
pub(crate) async fn end_others(tx: &mut Tx, admin: &mut Administrator, kept: &Kept) -> Result<()> {
    admin.credential_epoch += 1;
    repo::administrators::put(tx, admin).await?;
    for mut session in repo::sessions::of_administrator(tx, admin.id).await? {
        if kept.session.as_ref() == Some(&session.token_hash) {
            session.credential_epoch = admin.credential_epoch;
            repo::sessions::update(tx, &session).await?;
        } else {
            repo::sessions::end(tx, &session.token_hash).await?;
        }
    }
    if let Some(id) = kept.token
        && let Some(mut token) = repo::tokens::get(tx, id).await?
    {
        token.credential_epoch = admin.credential_epoch;
        repo::tokens::put(tx, &mut token).await?;
    }
    Ok(())
}
