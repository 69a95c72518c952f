//! REST tokens of one's own: hashed, limited in power and time.

use std::sync::Arc;

use catalog::Powers;
use domain::Millis;
use domain::model::{Actor, Administrator, ApiToken, ApiTokenId, JournalEntry};
use serde_json::json;
use store::repo;

use crate::sign_in::hash_of;
use crate::{Engine, Error, Result, Scope, second_factor};

/// What a new token needs.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// What it may do at most, by permission key; never more than its owner.
    pub powers: Powers,
    /// Days until it ends: 1 to 730.
    pub days: u32,
    /// A code of the second factor, when the owner has one.
    #[serde(default)]
    pub code: String,
}

/// One's own tokens, without those that a change of the account has ended.
///
/// # Errors
/// [`Error::Unauthenticated`] when no administrator stands behind the scope.
pub fn list(engine: &Engine, scope: &Scope) -> Result<Vec<Arc<ApiToken>>> {
    let admin = scope.administrator().ok_or(Error::Unauthenticated)?;
    let now = engine.directory.administrator(admin.id).ok_or(Error::Unauthenticated)?;
    let mut tokens = engine.directory.tokens_of(admin.id);
    tokens.retain(|token| token.credential_epoch == now.credential_epoch);
    Ok(tokens)
}

/// Makes a token for the organization of the scope; its secret is returned once and never stored. One that is made
/// with a token ends with it at the latest: who finds a token must not be able to outlive it. A system
/// administrator's token acts in the organization that was chosen when it was made, else at the installation.
///
/// # Errors
/// [`Error::Invalid`] by field, [`Error::Denied`] for more power than one's own.
pub async fn create(engine: &Engine, scope: &Scope, new: NewToken) -> Result<(ApiTokenId, String)> {
    let owner = Arc::clone(scope.administrator().ok_or(Error::Unauthenticated)?);
    scope.require_nothing_due()?;
    if !scope.powers().includes(&new.powers) {
        return Err(Error::Denied("A token cannot do more than you may do.".into()));
    }
    let owner_now = engine.directory.administrator(owner.id).ok_or(Error::Unauthenticated)?;
    second_factor::prove_if_set(engine, &owner_now, &new.code).await?;
    issue(engine, scope, &owner, new).await
}

/// Makes a token of an administrator for its organization (the installation's for one of the installation), with
/// all that its role allows: an order of the host's command line.
///
/// # Errors
/// [`Error::Denied`] elsewhere, [`Error::NotFound`] for an unknown administrator, [`Error::Invalid`] by field.
pub async fn create_for(
    engine: &Engine,
    scope: &Scope,
    username: &str,
    days: u32,
) -> Result<(ApiTokenId, String)> {
    scope.require_system()?;
    let owner = engine.directory.administrator_by_name(username).ok_or(Error::NotFound("administrator"))?;
    if owner.organization != scope.organization() {
        return Err(Error::NotFound("administrator"));
    }
    let powers = crate::sign_in::powers_of(engine, &owner, owner.organization);
    issue(
        engine,
        scope,
        &owner,
        NewToken { name: "From the command line".into(), powers, days, code: String::new() },
    )
    .await
}

async fn issue(
    engine: &Engine,
    scope: &Scope,
    owner: &Administrator,
    new: NewToken,
) -> Result<(ApiTokenId, String)> {
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid("name", "Say in 1 to 100 characters what the token is for."));
    }
    if !(1..=730).contains(&new.days) {
        return Err(Error::invalid("days", "Enter 1 to 730 days."));
    }
    if new.powers.is_empty() {
        return Err(Error::invalid("powers", "Choose at least one permission."));
    }
    let now = engine.now();
    let secret = engine.entropy.token(crate::sign_in::TOKEN_PREFIX);
    let token = ApiToken {
        organization: owner.organization,
        acting_in: Some(scope.organization()).filter(|id| *id != owner.organization),
        id: engine.entropy.id(now),
        rev: 0,
        name,
        token_hash: hash_of(&secret),
        administrator: owner.id,
        credential_epoch: owner.credential_epoch,
        powers: new.powers,
        expires_at: (now + i64::from(new.days) * 86_400_000).min(latest_end(engine, scope)),
        created_at: now,
        seen_at: None,
    };
    let id = token.id;
    let foreign = token.acting_in;
    let entry = made(&token);
    let told = entry.clone();
    engine
        .store
        .write(token.organization, scope.actor().clone(), async move |tx| {
            let mut token = token.clone();
            repo::tokens::put(tx, &mut token).await?;
            tx.journal(entry.clone());
            Ok::<_, Error>(())
        })
        .await?;
    if let Some(organization) = foreign {
        // Like a switch into the organization: its own journal must tell of it.
        let actor = scope.actor().clone();
        let written = engine.store.write(organization, actor, async move |tx| {
            tx.journal(told.clone());
            Ok::<_, Error>(())
        });
        written.await?;
    }
    Ok((id, secret))
}

fn made(token: &ApiToken) -> JournalEntry {
    JournalEntry {
        event: "token.created",
        subject: token.id.to_string(),
        body: json!({ "name": token.name, "powers": token.powers, "expires_at": token.expires_at }),
    }
}

fn latest_end(engine: &Engine, scope: &Scope) -> Millis {
    match scope.actor() {
        Actor::Token(id, _) => engine.directory.token_by_id(*id).map_or(0, |token| token.expires_at),
        _ => Millis::MAX,
    }
}

/// Revokes one of one's own tokens, or, for who may edit administrators, anybody's of the organization.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn revoke(engine: &Engine, scope: &Scope, id: ApiTokenId) -> Result<()> {
    let own = scope.administrator().map(|a| a.id);
    let any = scope.has(catalog::Permission::AdministratorsEdit);
    let token = engine.directory.token_by_id(id).ok_or(Error::NotFound("token"))?;
    let mine = own == Some(token.administrator);
    let theirs = any && token.organization == scope.organization();
    if !mine && !theirs {
        return Err(Error::NotFound("token"));
    }
    engine
        .store
        .write(token.organization, scope.actor().clone(), async move |tx| {
            if !repo::tokens::remove(tx, id).await? {
                return Err(Error::NotFound("token"));
            }
            tx.journal(JournalEntry {
                event: "token.revoked",
                subject: id.to_string(),
                body: json!({ "name": token.name }),
            });
            Ok(())
        })
        .await
}
