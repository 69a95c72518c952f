//! Adding, changing, trying and removing providers; and for which roles a second factor is demanded.

use std::sync::Arc;

use catalog::Permission;
use clients::https;
use domain::model::{
    AdministratorId, IdentityProvider, IdentityProviderId, JournalEntry, Organization, OrganizationId,
    RoleRef, RoleRule, Sealed, SignInSettings, UserRule,
};
use serde_json::json;
use store::{Tx, repo};

use super::{MOST, desk};
use crate::administrators;
use crate::issues::{Issues, unchanged};
use crate::sign_in::{Kept, end_others};
use crate::{Engine, Error, Result, Scope, second_factor};

/// What an administrator enters.
#[derive(Debug, Clone, Default)]
pub struct ProviderInput {
    /// Name on the sign-in page, 1 to 60 characters.
    pub name: String,
    /// Short name, `[a-z0-9-]{2,32}`.
    pub zone: String,
    /// Can be signed in with.
    pub on: bool,
    /// Issuer.
    pub issuer: String,
    /// Client id.
    pub client_id: String,
    /// Secret; `None` keeps the present one, empty takes it away (a public client).
    pub client_secret: Option<String>,
    /// Scopes besides `openid`.
    pub scopes: Vec<String>,
    /// Roots in PEM form; empty: public authorities.
    pub roots: String,
    /// Domains of verified addresses; empty: any.
    pub email_domains: Vec<String>,
    /// Rules, the first that fits counts.
    pub rules: Vec<RoleRule>,
    /// Makes accounts.
    pub creates: bool,
    /// Asks for a second factor itself.
    pub vouches_for_factor: bool,
    /// Administrators cannot sign in with it.
    pub not_administrators: bool,
    /// Users can, and which one somebody is.
    pub users: Option<UserRule>,
}

/// What a secret is sealed for. Issuer and client are part of it: a secret never goes to another provider.
pub(super) fn secret_context(organization: OrganizationId, provider: &IdentityProvider) -> String {
    format!("identity-provider/{organization}/{}/{}/{}", provider.id, provider.issuer, provider.client_id)
}

/// What is set about signing in.
///
/// # Errors
/// [`Error::Denied`].
pub fn settings(engine: &Engine, scope: &Scope) -> Result<Arc<SignInSettings>> {
    scope.require(Permission::AdministratorsView)?;
    Ok(engine.directory.sign_in(scope.organization()))
}

fn find(engine: &Engine, scope: &Scope, id: IdentityProviderId) -> Result<IdentityProvider> {
    settings(engine, scope)?.provider(id).cloned().ok_or(Error::NotFound("identity provider"))
}

/// Demands a second factor of the holders of these roles, and of no others.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`] on `roles`, [`Error::Conflict`] for another `seen` revision.
pub async fn require_second_factor(
    engine: &Engine,
    scope: &Scope,
    seen: Option<i64>,
    roles: Vec<RoleRef>,
) -> Result<()> {
    scope.require(Permission::AdministratorsEdit)?;
    let organization = scope.organization();
    if !roles.iter().all(|role| administrators::is_role(engine, organization, role)) {
        return Err(Error::invalid("roles", "There is no such role."));
    }
    engine
        .store
        .write(organization, scope.actor().clone(), async move |tx| {
            let mut settings = repo::sign_in::get(tx).await?;
            unchanged(seen, settings.rev)?;
            let before = std::mem::replace(&mut settings.second_factor_roles, roles.clone());
            repo::sign_in::put(tx, &mut settings).await?;
            tx.journal(JournalEntry {
                event: "identity.second_factor_demanded",
                subject: String::new(),
                body: json!({ "before": before, "after": settings.second_factor_roles }),
            });
            Ok::<_, Error>(())
        })
        .await
}

fn check(engine: &Engine, scope: &Scope, input: &ProviderInput) -> Result<()> {
    let mut issues = Issues::default();
    let length = |text: &str| text.trim().chars().count();
    issues.check((1..=60).contains(&length(&input.name)), "name", || {
        "Enter a name of 1 to 60 characters, as people know the provider.".into()
    });
    let zone = input.zone.trim();
    let good = (2..=32).contains(&zone.len())
        && zone.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    issues.check(good, "zone", || "Use 2 to 32 small letters, digits and dashes.".into());
    let issuer = input.issuer.trim();
    if let Err(why) = https::address(issuer) {
        issues.add("issuer", format!("{why} It is what the provider calls its issuer."));
    }
    issues.check(!issuer.contains(['?', '#']), "issuer", || "An issuer has no query.".into());
    issues.check((1..=200).contains(&length(&input.client_id)), "client_id", || {
        "Enter the client id that the provider gave you.".into()
    });
    let secret = input.client_secret.as_deref().unwrap_or_default();
    issues.check(secret.len() <= 1_000, "client_secret", || "Use at most 1,000 characters.".into());
    let word = |text: &String| {
        (1..=100).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
    };
    issues.check(input.scopes.len() <= 20 && input.scopes.iter().all(word), "scopes", || {
        "Enter one scope to a line, such as email.".into()
    });
    if !input.roots.trim().is_empty()
        && let Err(why) = clients::trust::pinned(&input.roots)
    {
        issues.add(
            "roots",
            format!("Paste root certificates in PEM form (-----BEGIN CERTIFICATE-----): {why}."),
        );
    }
    let domains = input.email_domains.len() <= 50
        && input.email_domains.iter().all(|domain| domain::names::domain_name(domain).is_ok());
    issues.check(domains, "email_domains", || "Enter one domain to a line, such as example.com.".into());
    issues.check(input.rules.len() <= 50, "rules", || "Use at most 50 rules.".into());
    for rule in &input.rules {
        let good = (1..=200).contains(&length(&rule.claim)) && (1..=200).contains(&length(&rule.value));
        issues.check(good, "rules", || "A rule has a claim, a value and a role.".into());
    }
    if let Some(rule) = &input.users {
        issues.check((1..=200).contains(&length(&rule.claim)), "user_claim", || {
            "Enter the claim that says who somebody is, such as email.".into()
        });
        issues.check(scope.organization() != Organization::SYSTEM, "users", || {
            "The installation has no users; organizations have.".into()
        });
    }
    issues.done()?;
    if input.users.is_some() {
        // Whoever says who a user is can be each of them.
        scope.require(Permission::UsersEdit)?;
    }
    // A rule gives power, as giving a role does.
    input.rules.iter().try_for_each(|rule| may_give(engine, scope, &rule.role))
}

/// Whether a rule may give a role: as little more than one's own powers as by hand.
fn may_give(engine: &Engine, scope: &Scope, role: &RoleRef) -> Result<()> {
    if !administrators::is_role(engine, scope.organization(), role) {
        return Err(Error::invalid("rules", "There is no such role."));
    }
    administrators::check_role_power(engine, scope, role)
}

/// Adds a provider.
///
/// # Errors
/// [`Error::Invalid`] by field, [`Error::Denied`] for a rule with more power than one's own, [`Error::Conflict`] beyond
/// [`MOST`] and for a zone that exists.
pub async fn create(engine: &Engine, scope: &Scope, input: ProviderInput) -> Result<IdentityProviderId> {
    scope.require(Permission::AdministratorsEdit)?;
    check(engine, scope, &input)?;
    let now = engine.now();
    let provider = assemble(engine, scope, None, engine.entropy.id(now), input)?;
    let id = provider.id;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut settings = repo::sign_in::get(tx).await?;
            if settings.providers.len() >= MOST {
                return Err(Error::conflict(format!(
                    "There are {MOST} providers. Remove one that is not used."
                )));
            }
            free(&settings, &provider)?;
            settings.providers.push(provider.clone());
            repo::sign_in::put(tx, &mut settings).await?;
            let body = json!({ "name": provider.name, "after": shown(&provider) });
            tx.journal(JournalEntry { event: "identity.provider_added", subject: id.to_string(), body });
            Ok(())
        })
        .await?;
    Ok(id)
}

fn free(settings: &SignInSettings, provider: &IdentityProvider) -> Result<()> {
    let taken = settings.providers.iter().any(|known| known.id != provider.id && known.zone == provider.zone);
    if taken { Err(Error::invalid("zone", "Another provider has this zone.")) } else { Ok(()) }
}

fn assemble(
    engine: &Engine,
    scope: &Scope,
    old: Option<&IdentityProvider>,
    id: IdentityProviderId,
    input: ProviderInput,
) -> Result<IdentityProvider> {
    let lines = |list: Vec<String>| list.into_iter().map(|text| text.trim().to_owned()).collect();
    let mut provider = IdentityProvider {
        id,
        name: input.name.trim().to_owned(),
        zone: input.zone.trim().to_owned(),
        on: input.on,
        issuer: input.issuer.trim().to_owned(),
        client_id: input.client_id.trim().to_owned(),
        client_secret: None,
        scopes: lines(input.scopes),
        roots: input.roots.trim().to_owned(),
        email_domains: lines(input.email_domains),
        rules: input.rules,
        creates: input.creates,
        vouches_for_factor: input.vouches_for_factor,
        administrators: !input.not_administrators,
        users: input.users.map(|rule| UserRule { claim: rule.claim.trim().to_owned(), ..rule }),
        created_at: old.map_or_else(|| engine.now(), |old| old.created_at),
    };
    provider.client_secret = match input.client_secret {
        Some(secret) if secret.is_empty() => None,
        Some(secret) => {
            let context = secret_context(scope.organization(), &provider);
            Some(Sealed(engine.secret_key.seal(&context, secret.as_bytes())?))
        }
        None => {
            let same = old.filter(|old| old.issuer == provider.issuer && old.client_id == provider.client_id);
            if old.is_some_and(|old| old.client_secret.is_some()) && same.is_none() {
                return Err(Error::invalid(
                    "client_secret",
                    "Enter the secret of this client; the one of another provider is not sent here.",
                ));
            }
            same.and_then(|old| old.client_secret.clone())
        }
    };
    Ok(provider)
}

/// For the journal: without the secret.
fn shown(provider: &IdentityProvider) -> serde_json::Value {
    let mut value = json!(provider);
    value["client_secret"] = json!(provider.client_secret.is_some());
    value
}

/// Changes a provider. Whoever came through it is signed out, and is no second person for 24 hours: whoever changes it
/// could be the one who comes through it.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`].
pub async fn edit(
    engine: &Engine,
    scope: &Scope,
    id: IdentityProviderId,
    input: ProviderInput,
) -> Result<()> {
    scope.require(Permission::AdministratorsEdit)?;
    let old = find(engine, scope, id)?;
    may_change(engine, scope, &old)?;
    check(engine, scope, &input)?;
    let provider = assemble(engine, scope, Some(&old), id, input)?;
    let (accounts, moment) = (accounts(engine, scope, id), engine.moment());
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut settings = repo::sign_in::get(tx).await?;
            free(&settings, &provider)?;
            let known = settings.providers.iter_mut().find(|known| known.id == id);
            let known = known.filter(|known| **known == old).ok_or_else(|| {
                Error::conflict("Somebody else changed it meanwhile. Load it again and repeat your change.")
            })?;
            *known = provider.clone();
            repo::sign_in::put(tx, &mut settings).await?;
            end_sessions_of_users(tx, id).await?;
            for id in &accounts {
                let Some(mut admin) = repo::administrators::get(tx, *id).await? else { continue };
                admin.credential_epoch += 1;
                admin.entrust(moment);
                repo::administrators::put(tx, &mut admin).await?;
            }
            let body = json!({ "name": provider.name, "before": shown(&old), "after": shown(&provider) });
            tx.journal(JournalEntry { event: "identity.provider_changed", subject: id.to_string(), body });
            Ok::<_, Error>(())
        })
        .await?;
    engine.identity.forget(id);
    Ok(())
}

/// Who has less power than a provider gives, or than somebody has who comes through it, must not touch it.
fn may_change(engine: &Engine, scope: &Scope, provider: &IdentityProvider) -> Result<()> {
    let mut rules = provider.rules.iter().filter(|rule| {
        // A role that is gone gives nothing, and must not stop anybody from taking its rule away.
        administrators::is_role(engine, scope.organization(), &rule.role)
    });
    rules.try_for_each(|rule| administrators::check_role_power(engine, scope, &rule.role))?;
    accounts(engine, scope, provider.id)
        .into_iter()
        .try_for_each(|id| administrators::get_to_edit(engine, scope, id).map(drop))
}

/// The accounts that belong to somebody at a provider.
fn accounts(engine: &Engine, scope: &Scope, id: IdentityProviderId) -> Vec<AdministratorId> {
    let all = engine.directory.administrators(scope.organization());
    let belongs = |provider| provider == id;
    all.iter()
        .filter(|admin| admin.identity.as_ref().is_some_and(|identity| belongs(identity.provider)))
        .map(|admin| admin.id)
        .collect()
}

/// Removes a provider. Accounts that it made are disabled, links with others go; all are signed out.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`] when nobody could edit administrators any more.
pub async fn remove(engine: &Engine, scope: &Scope, id: IdentityProviderId) -> Result<()> {
    scope.require(Permission::AdministratorsEdit)?;
    let old = find(engine, scope, id)?;
    may_change(engine, scope, &old)?;
    let accounts = accounts(engine, scope, id);
    let all: Vec<_> = engine.directory.administrators(scope.organization()).iter().map(|a| a.id).collect();
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut settings = repo::sign_in::get(tx).await?;
            settings.providers.retain(|known| known.id != id);
            repo::sign_in::put(tx, &mut settings).await?;
            end_sessions_of_users(tx, id).await?;
            let mut disabled = false;
            for id in &accounts {
                disabled |= let_go(tx, *id).await?;
            }
            if disabled {
                administrators::still_administered(tx, &all).await?;
            }
            let body = json!({ "name": old.name, "before": shown(&old), "accounts": accounts.len() });
            tx.journal(JournalEntry { event: "identity.provider_removed", subject: id.to_string(), body });
            Ok::<_, Error>(())
        })
        .await?;
    engine.identity.forget(id);
    engine.connections.forget(id.uuid());
    Ok(())
}

/// Signs out the users who came through a provider.
async fn end_sessions_of_users(tx: &mut Tx, id: IdentityProviderId) -> Result<()> {
    for session in repo::user_sessions::of_provider(tx, id).await? {
        repo::user_sessions::end(tx, session.user, &session.token_hash).await?;
    }
    Ok(())
}

/// Ends what an account had of its provider; says whether it is disabled therefore.
async fn let_go(tx: &mut Tx, id: AdministratorId) -> Result<bool> {
    let Some(mut admin) = repo::administrators::get(tx, id).await? else { return Ok(false) };
    let made = admin.identity.as_ref().is_some_and(|identity| identity.made_by_provider);
    if made {
        admin.enabled = false;
    } else {
        admin.identity = None;
    }
    admin.credential_epoch += 1;
    repo::administrators::put(tx, &mut admin).await?;
    Ok(made)
}

/// Tries a provider: its document and its keys. Answers how many keys can be used.
///
/// # Errors
/// [`Error::Upstream`] with what went wrong.
pub async fn test(engine: &Engine, scope: &Scope, id: IdentityProviderId) -> Result<usize> {
    scope.require(Permission::AdministratorsEdit)?;
    let provider = find(engine, scope, id)?;
    engine.identity.forget(id);
    let (_, keys) = desk::fetch(engine, scope.organization(), &provider).await?;
    Ok(keys.len())
}

/// Takes the link of one's own account away; the password is asked for. All other sessions and API tokens end.
///
/// # Errors
/// [`Error::Conflict`] without a link, and for an account that its provider made; [`Error::Invalid`] on `password`.
pub async fn unlink(engine: &Engine, scope: &Scope, password: &str) -> Result<()> {
    let admin = second_factor::own(engine, scope)?;
    match &admin.identity {
        None => return Err(Error::conflict("This account is not linked.")),
        Some(identity) if identity.made_by_provider => {
            return Err(Error::conflict("This account was made by its provider, and lives with it."));
        }
        Some(_) => {}
    }
    crate::sign_in::prove_password(engine, scope, &admin, "password", password).await?;
    let (id, kept) = (admin.id, Kept::of(scope));
    engine
        .store
        .write(admin.organization, scope.actor().clone(), async move |tx| {
            let mut admin = repo::administrators::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            admin.identity = None;
            end_others(tx, &mut admin, &kept).await?;
            let body = json!({ "username": admin.username });
            tx.journal(JournalEntry { event: "identity.unlinked", subject: id.to_string(), body });
            Ok::<_, Error>(())
        })
        .await
}
