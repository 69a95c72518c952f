//! Accounts of ours that belong to somebody at a provider: found, made, kept in step with the rules, linked.

use std::sync::Arc;

use domain::Millis;
use domain::model::{
    Actor, AdminKind, Administrator, AdministratorId, IdentityProvider, JournalEntry, LinkedIdentity,
    Organization, OrganizationId, PasswordHash, RoleRef,
};
use serde_json::json;
use store::repo;
use wire_jose::Claims;

use super::claims;
use crate::sign_in::{Caller, Kept, end_others, may_sign_in};
use crate::{Engine, Error, Result, Scope, administrators, second_factor};

/// Names that are tried for a new account.
const TRIES: usize = 20;

fn belongs(admin: &Administrator, provider: &IdentityProvider, subject: &str) -> bool {
    admin.identity.as_ref().is_some_and(|identity| {
        identity.provider == provider.id && identity.issuer == provider.issuer && identity.subject == subject
    })
}

/// The account of a subject.
pub(super) fn find(
    engine: &Engine,
    organization: OrganizationId,
    provider: &IdentityProvider,
    subject: &str,
) -> Option<Arc<Administrator>> {
    let all = engine.directory.administrators(organization);
    all.into_iter().find(|admin| belongs(admin, provider, subject))
}

/// Journals that somebody whom the provider vouches for was not let in.
pub(super) async fn refused(
    engine: &Engine,
    organization: OrganizationId,
    provider: &IdentityProvider,
    claims: &Claims,
    why: &'static str,
    caller: &Caller,
) -> Result<()> {
    let subject: String = claims.subject().chars().take(100).collect();
    let entry = JournalEntry {
        event: "identity.refused",
        subject: provider.id.to_string(),
        body: json!({ "name": provider.name, "who": subject, "why": why, "address": caller.address.to_string() }),
    };
    let actor = Actor::Stranger(caller.address.to_string());
    engine
        .store
        .write(organization, actor, async move |tx| {
            tx.journal(entry.clone());
            Ok::<_, Error>(())
        })
        .await
}

/// The account that signs in: the one that belongs to the subject, or a new one where a rule gives a role.
pub(super) async fn enter(
    engine: &Engine,
    organization: OrganizationId,
    provider: &IdentityProvider,
    claims: &Claims,
    begun_at: Millis,
    caller: &Caller,
) -> Result<Arc<Administrator>> {
    let found = find(engine, organization, provider, claims.subject());
    let role =
        claims::role(provider, claims).filter(|role| administrators::is_role(engine, organization, role));
    let by_rules = found.as_ref().is_none_or(|admin| made_by_provider(admin));
    let why = match (&found, &role) {
        (_, None) if by_rules => Some(("role", "No rule of this provider gives you a role here.")),
        (None, Some(_)) if !provider.creates => {
            Some(("unknown", "You have no account here. Somebody who has one links it under My account."))
        }
        _ => None,
    };
    if let Some((why, words)) = why {
        if let Some(admin) = &found {
            // Who had a role and has none any more keeps nothing that is open.
            change(engine, admin, begun_at, None).await?;
        }
        refused(engine, organization, provider, claims, why, caller).await?;
        return Err(Error::Denied(words.into()));
    }
    let id = match found {
        None => make(engine, organization, provider, claims, role, begun_at, caller).await?,
        Some(admin) => {
            let role = if by_rules { role } else { admin.role.clone() };
            change(engine, &admin, begun_at, role).await?;
            admin.id
        }
    };
    let admin = engine.directory.administrator(id).ok_or(Error::Unauthenticated)?;
    if !may_sign_in(engine, &admin, caller) {
        refused(engine, organization, provider, claims, "account", caller).await?;
        return Err(Error::Denied("This account is disabled, or may not be used from here.".into()));
    }
    Ok(admin)
}

fn made_by_provider(admin: &Administrator) -> bool {
    admin.identity.as_ref().is_some_and(|identity| identity.made_by_provider)
}

/// Notes the sign-in, and gives the account the role that the rules say (`None`: they say none any more).
async fn change(
    engine: &Engine,
    admin: &Administrator,
    begun_at: Millis,
    role: Option<RoleRef>,
) -> Result<()> {
    let (id, moment) = (admin.id, engine.moment());
    let actor = Actor::Administrator(id, admin.username.clone());
    engine
        .store
        .write(admin.organization, actor, async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            let identity = admin.identity.as_mut().ok_or(Error::Unauthenticated)?;
            if begun_at <= identity.last_begun_at {
                return Err(Error::Denied("This sign-in was ended already. Begin anew.".into()));
            }
            identity.last_begun_at = begun_at;
            match role.clone() {
                None => admin.credential_epoch += 1,
                Some(role) if admin.role.as_ref() != Some(&role) => {
                    let before = admin.role.replace(role);
                    admin.credential_epoch += 1;
                    admin.entrust(moment);
                    tx.journal(JournalEntry {
                        event: "identity.role_changed",
                        subject: id.to_string(),
                        body: json!({ "username": admin.username, "before": before, "after": admin.role }),
                    });
                }
                Some(_) => {}
            }
            repo::administrators::put(tx, &mut admin).await?;
            Ok(())
        })
        .await
}

async fn make(
    engine: &Engine,
    organization: OrganizationId,
    provider: &IdentityProvider,
    claims: &Claims,
    role: Option<RoleRef>,
    begun_at: Millis,
    caller: &Caller,
) -> Result<AdministratorId> {
    let slug = engine.directory.organization(organization).map(|org| org.read().organization.slug.clone());
    let mark = slug.map_or_else(|| provider.zone.clone(), |slug| format!("{}.{slug}", provider.zone));
    // A name has at most 64 characters: 24 of the person, an at sign, and what is left.
    let mark: String = mark.chars().take(36).collect();
    let name = claims::username(claims, &mark);
    let free =
        (1..=TRIES).map(|n| if n == 1 { name.clone() } else { name.replacen('@', &format!("{n}@"), 1) });
    let username = free
        .into_iter()
        .find(|name| engine.directory.administrator_by_name(name).is_none())
        .ok_or(Error::conflict("There are too many accounts with your name."))?;
    let now = engine.now();
    let (display_name, email) = claims::person(claims, &username);
    let admin = Administrator {
        organization,
        id: engine.entropy.id(now),
        rev: 0,
        username,
        display_name,
        email,
        kind: if organization == Organization::SYSTEM { AdminKind::System } else { AdminKind::Organization },
        role,
        ise_admin: false,
        ise_full_wipe: false,
        allowed_networks: Vec::new(),
        // No text hashes to this.
        password_hash: PasswordHash(String::new()),
        credential_epoch: 1,
        enabled: true,
        must_change_password: false,
        directory: None,
        second_factor: None,
        passkeys: Vec::new(),
        recovery_codes: Vec::new(),
        identity: Some(LinkedIdentity {
            provider: provider.id,
            issuer: provider.issuer.clone(),
            subject: claims.subject().to_owned(),
            made_by_provider: true,
            last_begun_at: begun_at,
        }),
        created_at: now,
        entrusted_at: now,
        entrusted_running: engine.running(),
        last_sign_in_at: None,
    };
    let (id, provider) = (admin.id, provider.clone());
    engine
        .store
        .write(organization, Actor::Stranger(caller.address.to_string()), async move |tx| {
            // The provider may have been changed since it was asked.
            let settings = repo::sign_in::get(tx).await?;
            if settings.provider(provider.id) != Some(&provider) {
                return Err(Error::Denied("This sign-in was ended already. Begin anew.".into()));
            }
            let mut admin = admin.clone();
            repo::administrators::put(tx, &mut admin).await?;
            tx.journal(JournalEntry {
                event: "identity.account_made",
                subject: admin.id.to_string(),
                body: json!({
                    "username": admin.username, "role": admin.role, "provider": provider.name,
                    "who": admin.identity.as_ref().map(|identity| &identity.subject),
                }),
            });
            Ok(())
        })
        .await?;
    Ok(id)
}

/// Links an account with the subject that its owner has just shown to be; all other sessions and tokens end.
pub(super) async fn link(
    engine: &Engine,
    scope: &Scope,
    id: AdministratorId,
    epoch: i64,
    provider: &IdentityProvider,
    claims: &Claims,
    begun_at: Millis,
) -> Result<()> {
    let admin = second_factor::own(engine, scope)?;
    if find(engine, admin.organization, provider, claims.subject()).is_some() {
        return Err(Error::Denied("This person at the provider belongs to another account already.".into()));
    }
    let identity = LinkedIdentity {
        provider: provider.id,
        issuer: provider.issuer.clone(),
        subject: claims.subject().to_owned(),
        made_by_provider: false,
        last_begun_at: begun_at,
    };
    let (kept, name) = (Kept::of(scope), provider.name.clone());
    engine
        .store
        .write(admin.organization, scope.actor().clone(), async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            if admin.credential_epoch != epoch || admin.identity.is_some() {
                return Err(Error::Denied("The account was changed meanwhile. Begin anew.".into()));
            }
            admin.identity = Some(identity.clone());
            end_others(tx, &mut admin, &kept).await?;
            tx.journal(JournalEntry {
                event: "identity.linked",
                subject: id.to_string(),
                body: json!({ "username": admin.username, "provider": name, "who": identity.subject }),
            });
            Ok(())
        })
        .await
}
