//! Users who come through a provider to the enrolment pages and the portal: found by a claim the first time, or
//! made, and by the provider's own id of the person from then on.

use std::sync::Arc;

use catalog::Permission;
use domain::Millis;
use domain::model::{
    Actor, IdentityProvider, IdentityProviderId, JournalEntry, OrganizationId, SessionProvider, User,
    UserField, UserId, UserIdentity, UserRule, UserState,
};
use serde_json::{Value, json};
use store::{Tx, repo};
use wire_jose::Claims;

use super::flow::{Departure, Return, Whom, denied, leave, returned};
use super::{accounts, claims};
use crate::sign_in::{Caller, open_user_session_by, organization_enabled};
use crate::strangers::{self, Surface};
use crate::users::{self, UserInput};
use crate::{Engine, Error, Result, Scope, eas};

/// How far the clock of a provider may be behind ours when it says that somebody has just shown to be it.
const LEEWAY: Millis = 60_000;

/// The providers that users of an organization can sign in with.
pub fn of_users(engine: &Engine, organization: OrganizationId) -> Vec<Arc<IdentityProvider>> {
    let settings = engine.directory.sign_in(organization);
    let all = settings.providers.iter().filter(|provider| provider.on && provider.users.is_some());
    all.filter(|_| organization_enabled(engine, organization)).cloned().map(Arc::new).collect()
}

/// The organization whose providers are offered where neither host nor address say whose user somebody is.
pub fn usual_organization(engine: &Engine) -> Option<OrganizationId> {
    eas::default_organization(engine)
}

/// Begins the sign-in of a user.
///
/// # Errors
/// As [`super::depart`].
pub async fn depart_user(
    engine: &Engine,
    organization: OrganizationId,
    id: IdentityProviderId,
    redirect_uri: &str,
    next: &str,
) -> Result<Departure> {
    leave(engine, organization, id, Whom::User { anew: false }, redirect_uri, next).await
}

/// The same for somebody who must show anew at the provider who it is, whatever session is open there.
///
/// # Errors
/// As [`super::depart`].
pub async fn depart_user_anew(
    engine: &Engine,
    organization: OrganizationId,
    id: IdentityProviderId,
    redirect_uri: &str,
    next: &str,
) -> Result<Departure> {
    leave(engine, organization, id, Whom::User { anew: true }, redirect_uri, next).await
}

/// Ends what [`depart_user`] began: the token of the session's cookie, and the page that was asked for.
///
/// # Errors
/// As [`super::arrive`].
pub async fn arrive_user(
    engine: &Engine,
    id: IdentityProviderId,
    back: Return<'_>,
    caller: &Caller,
) -> Result<(String, String)> {
    let outcome = end(engine, id, back, caller).await;
    if matches!(outcome, Err(Error::Denied(_))) {
        let of = engine.directory.identity_provider(id).map(|(organization, _)| organization);
        strangers::refused(engine, of, caller.address, Surface::Portal);
    }
    outcome
}

async fn end(
    engine: &Engine,
    id: IdentityProviderId,
    back: Return<'_>,
    caller: &Caller,
) -> Result<(String, String)> {
    let returned = returned(engine, id, back, true, caller).await?;
    let (organization, provider, claims) = (returned.organization, &returned.provider, &returned.claims);
    if !engine.identity.is_new_flow(id, &returned.state, engine.now()) {
        return denied("This sign-in was ended already. Begin anew.");
    }
    let Some(rule) = &provider.users else { return Err(Error::NotFound("identity provider")) };
    let proved_at = claims::proved_at(claims, engine.now());
    let anew = returned.whom == Whom::User { anew: true };
    let found = if anew && proved_at.is_none_or(|at| at < returned.begun_at - LEEWAY) {
        Err(Unknown::Stale)
    } else {
        found(engine, organization, provider, rule, claims)
    };
    let known = match found {
        Ok(Found::Linked(user)) => Ok(user),
        Ok(Found::ByClaim(user)) => link(engine, &user, provider, claims).await.map(|()| Ok(user))?,
        Err(Unknown::User) if rule.creates => {
            match make(engine, organization, provider, rule, claims).await {
                Err(Error::Invalid(_) | Error::Conflict(_)) => Err("user"),
                made => Ok(made?),
            }
        }
        Err(unknown) => Err(unknown.word()),
    };
    let user = match known {
        Ok(user) => user,
        Err(why) => {
            accounts::refused(engine, organization, provider, claims, why, caller).await?;
            return denied("Your account at the provider belongs to no user here.");
        }
    };
    let session = SessionProvider {
        provider: provider.id,
        session: claims.text("sid").unwrap_or_default().to_owned(),
        subject: claims.subject().to_owned(),
        proved_at,
    };
    let (token, _) = open_user_session_by(engine, &user, caller, Some(session)).await?;
    Ok((token, returned.next))
}

/// Who somebody at a provider is here.
enum Found {
    /// The user who is linked with this subject.
    Linked(Arc<User>),
    /// A user whom the claim names, and who is linked with nobody yet.
    ByClaim(Arc<User>),
}

/// Why no user was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// The provider does not say who it is, or has not verified the address.
    Claim,
    /// Nobody is called so.
    User,
    /// Who is called so is somebody else at the provider, or known at another one.
    Linked,
    /// The user is disabled.
    Disabled,
    /// The provider does not say that the person has just shown who it is.
    Stale,
}

impl Unknown {
    /// For the journal.
    fn word(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::User => "unknown",
            Self::Linked => "linked",
            Self::Disabled => "disabled",
            Self::Stale => "auth_time",
        }
    }
}

/// The subject comes first, whatever the claim says by now; the claim finds only who is linked with nobody.
fn found(
    engine: &Engine,
    organization: OrganizationId,
    provider: &IdentityProvider,
    rule: &UserRule,
    claims: &Claims,
) -> Result<Found, Unknown> {
    let settings = engine.directory.sign_in(organization);
    let org = engine.directory.organization(organization).ok_or(Unknown::Claim)?;
    let org = org.read();
    let active = |user: &Arc<User>| match user.state {
        UserState::Active => Ok(Arc::clone(user)),
        UserState::Disabled => Err(Unknown::Disabled),
    };
    if let Some(user) = org.user_by_identity(provider, claims.subject()) {
        return active(user).map(Found::Linked);
    }
    let said = said(rule, claims).ok_or(Unknown::Claim)?;
    let user = match rule.is {
        UserField::Email => org.user_by_email(said),
        UserField::Username => org.user_by_name(said),
    };
    let user = user.ok_or(Unknown::User)?;
    if user.identity.as_ref().is_some_and(|link| settings.linked(link).is_some()) {
        return Err(Unknown::Linked);
    }
    active(user).map(Found::ByClaim)
}

fn identity(provider: &IdentityProvider, claims: &Claims, since: Millis) -> UserIdentity {
    let (issuer, subject) = (provider.issuer.clone(), claims.subject().to_owned());
    UserIdentity { provider: provider.id, issuer, subject, since }
}

/// Whether a provider is as it was when it was asked.
async fn unchanged(tx: &mut Tx, provider: &IdentityProvider) -> Result<()> {
    if repo::sign_in::get(tx).await?.provider(provider.id) == Some(provider) {
        return Ok(());
    }
    denied("This sign-in was ended already. Begin anew.")
}

/// Remembers whom a user is at a provider.
async fn link(engine: &Engine, user: &User, provider: &IdentityProvider, claims: &Claims) -> Result<()> {
    let (id, rev) = (user.id, user.rev);
    let (identity, provider) = (identity(provider, claims, engine.now()), provider.clone());
    let actor = Actor::User(user.id, user.username.clone());
    engine
        .store
        .write(user.organization, actor, async move |tx| {
            unchanged(tx, &provider).await?;
            let mut user = repo::users::get(tx, id).await?.ok_or(Error::Unauthenticated)?;
            if user.rev != rev {
                return denied("The user was changed meanwhile. Begin anew.");
            }
            user.identity = Some(identity.clone());
            repo::users::put(tx, &mut user).await?;
            tx.journal(JournalEntry {
                event: "user.linked",
                subject: id.to_string(),
                body: json!({ "name": user.display_name, "provider": provider.name, "who": identity.subject }),
            });
            Ok(())
        })
        .await
}

/// The provider that a user is linked with, and whom the user is there; `None` for one who has never come through one,
/// and where the provider is gone or became another.
pub fn link_of_user(engine: &Engine, user: &User) -> Option<(IdentityProvider, UserIdentity)> {
    let link = user.identity.as_ref()?;
    let settings = engine.directory.sign_in(user.organization);
    settings.linked(link).map(|provider| (provider.clone(), link.clone()))
}

/// Takes a user's link away and ends the sessions that came through it: the next sign-in finds the user by the claim
/// again. Nothing happens without a link.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn unlink_user(engine: &Engine, scope: &Scope, id: UserId) -> Result<()> {
    scope.require(Permission::UsersEdit)?;
    let user = users::get(engine, scope, id)?;
    let name = link_of_user(engine, &user).map(|(provider, _)| provider.name).unwrap_or_default();
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut user = repo::users::get(tx, id).await?.ok_or(Error::NotFound("user"))?;
            let Some(link) = user.identity.take() else { return Ok(()) };
            repo::users::put(tx, &mut user).await?;
            for session in repo::user_sessions::of_user(tx, id).await? {
                if session.provider.as_ref().is_some_and(|of| of.provider == link.provider) {
                    repo::user_sessions::end(tx, id, &session.token_hash).await?;
                }
            }
            tx.journal(JournalEntry {
                event: "user.unlinked",
                subject: id.to_string(),
                body: json!({ "name": user.display_name, "provider": name, "who": link.subject }),
            });
            Ok::<_, Error>(())
        })
        .await
}

/// What the claim of a rule says. An address is believed only if the provider has verified it: elsewhere everybody can
/// write whatever address he likes into his own account.
fn said<'c>(rule: &UserRule, claims: &'c Claims) -> Option<&'c str> {
    let said = claims::find(claims, &rule.claim).and_then(Value::as_str)?.trim();
    let verified = rule.claim != "email" || claims.get("email_verified") == Some(&Value::Bool(true));
    (verified && !said.is_empty()).then_some(said)
}

/// Makes the user that a claim names. What an organization allows of users holds here as well.
async fn make(
    engine: &Engine,
    organization: OrganizationId,
    provider: &IdentityProvider,
    rule: &UserRule,
    claims: &Claims,
) -> Result<Arc<User>> {
    let said = said(rule, claims).ok_or(Error::Unauthenticated)?;
    let text = |name: &str| claims.text(name).unwrap_or_default().to_owned();
    let verified = claims.get("email_verified") == Some(&Value::Bool(true));
    // Sign-in names have no domain; who is known by an address gets what stands before it.
    let username = match rule.is {
        UserField::Email => said.split_once('@').map_or(said, |(local, _)| local),
        UserField::Username => said,
    };
    let mut input = UserInput {
        username: username.to_owned(),
        email: if rule.is == UserField::Email { said.to_owned() } else { String::new() },
        display_name: claims::person(claims, username).0,
        first_name: text("given_name"),
        last_name: text("family_name"),
        ..UserInput::default()
    };
    if input.email.is_empty() && verified {
        input.email = text("email");
    }
    let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
    users::check_in(&org.read(), None, &mut input).done()?;
    let now = engine.now();
    let mut user = User::new(organization, engine.entropy.id(now), String::new(), now);
    users::fill(&mut user, &input);
    user.identity = Some(identity(provider, claims, now));
    let (id, provider) = (user.id, provider.clone());
    engine
        .store
        .write(organization, Actor::System, async move |tx| {
            unchanged(tx, &provider).await?;
            repo::users::put(tx, &mut user.clone()).await?;
            let mut body = users::public(&user);
            body["provider"] = json!(provider.name);
            body["who"] = json!(user.identity.as_ref().map(|identity| &identity.subject));
            tx.journal(JournalEntry { event: "user.created", subject: id.to_string(), body });
            Ok::<_, Error>(())
        })
        .await?;
    let user = org.read().user(id).cloned();
    user.ok_or(Error::Unauthenticated)
}
