//! REST tokens.

use std::net::IpAddr;

use catalog::Powers;
use domain::model::{Actor, AdminKind, ApiToken, Origin};
use store::repo;

use super::{hash_of, network_allowed, organization_enabled, powers_of};
use crate::strangers::{self, Surface};
use crate::{Engine, Error, Principal, Result, Scope};

/// What every REST token begins with, so that leaked ones can be searched for.
pub const PREFIX: &str = "nmdm_";

/// The scope of a REST token: never more than what its owner may do now.
///
/// # Errors
/// [`Error::Unauthenticated`] when it is unknown or expired, or its owner may not use it any more.
pub async fn scope_of_token(engine: &Engine, token: &str, address: IpAddr) -> Result<Scope> {
    let proven = prove(engine, token, address).await;
    if proven.as_ref().is_err_and(|error| *error == Error::Unauthenticated) {
        strangers::refused(engine, None, address, Surface::Rest);
    }
    proven
}

async fn prove(engine: &Engine, token: &str, address: IpAddr) -> Result<Scope> {
    if !token.starts_with(PREFIX) {
        return Err(Error::Unauthenticated);
    }
    let hash = hash_of(token);
    let found = match engine.directory.token(&hash) {
        Some(found) => found,
        None => crate::load::token(engine, &hash).await?.ok_or(Error::Unauthenticated)?,
    };
    let now = engine.now();
    let admin = engine.directory.administrator(found.administrator).ok_or(Error::Unauthenticated)?;
    if found.expires_at <= now
        || !admin.enabled
        || admin.role.is_none()
        || admin.credential_epoch != found.credential_epoch
        || !network_allowed(&admin, address)
        || !organization_enabled(engine, found.organization)
    {
        return Err(Error::Unauthenticated);
    }
    if found.seen_at.is_none_or(|seen| now - seen > 60_000) {
        touch(engine, &found).await;
    }
    let owner = match admin.kind {
        AdminKind::System => Powers::all(),
        AdminKind::Organization => powers_of(engine, &admin, admin.organization),
    };
    let powers = owner.intersect(&found.powers);
    let actor = Actor::Token(found.id, admin.username.clone());
    let organization = found.acting_in.unwrap_or(found.organization);
    Ok(Scope::new(organization, actor, powers, Origin::Rest, Some(address), Principal::Token(admin)))
}

async fn touch(engine: &Engine, token: &ApiToken) {
    let (id, now) = (token.id, engine.now());
    let written = engine
        .store
        .write(token.organization, Actor::System, async move |tx| {
            if let Some(mut token) = repo::tokens::get(tx, id).await? {
                token.seen_at = Some(now);
                repo::tokens::put(tx, &mut token).await?;
            }
            Ok::<_, Error>(())
        })
        .await;
    if let Err(error) = written {
        tracing::debug!(%error, "token not touched");
    }
}
