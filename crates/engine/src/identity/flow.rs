//! Leaving for a provider, and coming back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clients::oidc::{self, Redemption};
use domain::Millis;
use domain::model::{AdministratorId, IdentityProvider, IdentityProviderId, OrganizationId, SignInMethod};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wire_jose::{Claims, ExpectedId, Refusal};
use zeroize::Zeroizing;

use super::settings::secret_context;
use super::{accounts, claims, desk};
use crate::sign_in::{Caller, organization_enabled, prove_password};
use crate::strangers::{self, Surface};
use crate::{Engine, Error, Result, Scope, second_factor};

/// How long somebody may take at the provider.
const LIFETIME: Millis = 10 * 60_000;

/// What a browser keeps while its owner is away.
const SEALED_FOR: &str = "sign-in by identity provider";

#[derive(Serialize, Deserialize)]
struct Flow {
    organization: OrganizationId,
    provider: IdentityProviderId,
    whom: Whom,
    state: String,
    nonce: String,
    verifier: String,
    redirect_uri: String,
    next: String,
    at: Millis,
}

/// Who leaves for a provider, and what for.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Whom {
    /// An administrator, to sign in.
    Administrator,
    /// An administrator, to link this account as it stands.
    Link(AdministratorId, i64),
    /// A user, to sign in; `anew`: by showing it at the provider again, and not by a session that is open there.
    User { anew: bool },
}

/// Somebody leaves for a provider.
#[derive(Debug)]
pub struct Departure {
    /// Where the browser goes.
    pub address: String,
    /// What it keeps until it comes back: sealed, letters, digits, dashes and underscores.
    pub cookie: String,
}

/// What a browser brings back.
#[derive(Debug, Clone, Copy, Default)]
pub struct Return<'a> {
    /// What it kept.
    pub cookie: &'a str,
    /// `state` of the query.
    pub state: &'a str,
    /// `code` of the query.
    pub code: &'a str,
    /// `iss` of the query, if there is one (RFC 9207).
    pub issuer: Option<&'a str>,
    /// `error` of the query, if there is one.
    pub error: Option<&'a str>,
}

/// How it ended.
pub enum Arrival {
    /// Signed in: the token of the session's cookie, and the page that was asked for.
    SignedIn(String, String),
    /// The account has a second factor, and the provider does not vouch for one: the ticket, and the page.
    SecondFactor(String, String),
    /// The account is linked with the provider now.
    Linked,
}

/// Begins a sign-in. `redirect_uri` is where the provider sends the browser back to; it must be registered there.
///
/// # Errors
/// [`Error::NotFound`] for a provider that cannot be used, [`Error::Upstream`], [`Error::Busy`].
pub async fn depart(
    engine: &Engine,
    organization: OrganizationId,
    id: IdentityProviderId,
    redirect_uri: &str,
    next: &str,
) -> Result<Departure> {
    leave(engine, organization, id, Whom::Administrator, redirect_uri, next).await
}

/// Begins to link one's own account; the password is asked for, since whoever is linked can sign in from then on.
///
/// # Errors
/// As [`depart`], [`Error::Invalid`] on `password`, [`Error::Conflict`] when it is linked already.
pub async fn depart_to_link(
    engine: &Engine,
    scope: &Scope,
    id: IdentityProviderId,
    redirect_uri: &str,
    password: &str,
) -> Result<Departure> {
    let admin = second_factor::own(engine, scope)?;
    if admin.identity.is_some() {
        return Err(Error::conflict("This account is linked already. Remove that link first."));
    }
    prove_password(engine, scope, &admin, "password", password).await?;
    let link = Whom::Link(admin.id, admin.credential_epoch);
    leave(engine, admin.organization, id, link, redirect_uri, "").await
}

fn usable(
    engine: &Engine,
    organization: OrganizationId,
    id: IdentityProviderId,
    whom: Whom,
) -> Result<IdentityProvider> {
    let settings = engine.directory.sign_in(organization);
    let serves = |provider: &&IdentityProvider| match whom {
        Whom::User { .. } => provider.users.is_some(),
        Whom::Administrator | Whom::Link(..) => provider.administrators,
    };
    let provider = settings.provider(id).filter(|provider| provider.on).filter(serves);
    provider
        .filter(|_| organization_enabled(engine, organization))
        .cloned()
        .ok_or(Error::NotFound("identity provider"))
}

pub(super) async fn leave(
    engine: &Engine,
    organization: OrganizationId,
    id: IdentityProviderId,
    whom: Whom,
    redirect_uri: &str,
    next: &str,
) -> Result<Departure> {
    let provider = usable(engine, organization, id, whom)?;
    let known = desk::known(engine, organization, &provider, false).await?;
    let token = || engine.entropy.token("");
    let flow = Flow {
        organization,
        provider: id,
        whom,
        state: token(),
        nonce: token(),
        verifier: token(),
        redirect_uri: redirect_uri.to_owned(),
        next: next.to_owned(),
        at: engine.now(),
    };
    let scope: Vec<&str> =
        std::iter::once("openid").chain(provider.scopes.iter().map(String::as_str)).collect();
    let endpoint = &known.metadata.authorization_endpoint;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([
        ("response_type", "code"),
        ("client_id", &provider.client_id),
        ("redirect_uri", redirect_uri),
        ("scope", &scope.join(" ")),
        ("state", &flow.state),
        ("nonce", &flow.nonce),
        ("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(&flow.verifier))),
        ("code_challenge_method", "S256"),
    ]);
    if whom == (Whom::User { anew: true }) {
        // With `max_age` a provider must say when it was (OpenID Connect Core 1.0, 3.1.2.1).
        query.extend_pairs([("prompt", "login"), ("max_age", "60")]);
    }
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    let kept = serde_json::to_vec(&flow).map_err(Error::internal)?;
    let sealed = engine.secret_key.seal(SEALED_FOR, &kept)?;
    Ok(Departure {
        address: format!("{endpoint}{joint}{}", query.finish()),
        cookie: URL_SAFE_NO_PAD.encode(sealed),
    })
}

/// Ends what was begun: verifies what the provider says, and signs in or links.
///
/// # Errors
/// [`Error::Denied`] with words for whoever stands before the page; [`Error::Upstream`], [`Error::Busy`].
pub async fn arrive(
    engine: &Engine,
    scope: Option<&Scope>,
    id: IdentityProviderId,
    back: Return<'_>,
    caller: &Caller,
) -> Result<Arrival> {
    let outcome = end(engine, scope, id, back, caller).await;
    if matches!(outcome, Err(Error::Denied(_))) {
        strangers::refused(engine, None, caller.address, Surface::Console);
    }
    outcome
}

pub(super) fn denied<T>(why: impl Into<String>) -> Result<T> {
    Err(Error::Denied(why.into()))
}

/// What was begun with this browser, if this is its end.
fn read(engine: &Engine, id: IdentityProviderId, back: Return<'_>) -> Option<Flow> {
    let sealed = URL_SAFE_NO_PAD.decode(back.cookie).ok()?;
    let kept = Zeroizing::new(engine.secret_key.unseal(SEALED_FOR, &sealed).ok()?);
    let flow: Flow = serde_json::from_slice(&kept).ok()?;
    let now = engine.now();
    let good = flow.provider == id && flow.state == back.state && flow.at <= now && now - flow.at < LIFETIME;
    good.then_some(flow)
}

/// Somebody who is back, and is whom the provider says.
pub(super) struct Returned {
    pub(super) organization: OrganizationId,
    pub(super) provider: IdentityProvider,
    pub(super) claims: Claims,
    pub(super) state: String,
    pub(super) next: String,
    pub(super) whom: Whom,
    pub(super) begun_at: Millis,
}

/// Reads what a browser brings back, and asks the provider about it. `users`: this is the door of users.
pub(super) async fn returned(
    engine: &Engine,
    id: IdentityProviderId,
    back: Return<'_>,
    users: bool,
    caller: &Caller,
) -> Result<Returned> {
    let Some(flow) = read(engine, id, back).filter(|flow| matches!(flow.whom, Whom::User { .. }) == users)
    else {
        return denied("This sign-in was not begun in this browser, or it took too long. Begin anew.");
    };
    let provider = usable(engine, flow.organization, id, flow.whom)?;
    if let Some(error) = back.error {
        let code: String = error.chars().filter(char::is_ascii_graphic).take(64).collect();
        return denied(format!("{} did not sign you in ({code}).", provider.name));
    }
    let claims = claims_of(engine, &flow, &provider, back).await?;
    if !claims::domain_allowed(&provider, &claims) {
        accounts::refused(engine, flow.organization, &provider, &claims, "domain", caller).await?;
        return denied(
            "Only verified addresses of certain domains may sign in here, and yours is none of them.",
        );
    }
    let Flow { organization, state, next, whom, at: begun_at, .. } = flow;
    Ok(Returned { organization, provider, claims, state, next, whom, begun_at })
}

async fn end(
    engine: &Engine,
    scope: Option<&Scope>,
    id: IdentityProviderId,
    back: Return<'_>,
    caller: &Caller,
) -> Result<Arrival> {
    let Returned { organization, provider, claims, next, whom, begun_at, .. } =
        returned(engine, id, back, false, caller).await?;
    if let Whom::Link(admin, epoch) = whom {
        let own = scope.and_then(Scope::administrator).is_some_and(|own| own.id == admin);
        let Some(scope) = scope.filter(|_| own) else {
            return denied("Sign in again, and link your account once more.");
        };
        accounts::link(engine, scope, admin, epoch, &provider, &claims, begun_at).await?;
        return Ok(Arrival::Linked);
    }
    let admin = accounts::enter(engine, organization, &provider, &claims, begun_at, caller).await?;
    if !provider.vouches_for_factor && second_factor::is_set(&admin) {
        return Ok(Arrival::SecondFactor(crate::sign_in::ticket(engine, &admin, caller), next));
    }
    let method =
        if provider.vouches_for_factor { SignInMethod::ProviderWithFactor } else { SignInMethod::Provider };
    let session = domain::model::SessionProvider {
        provider: provider.id,
        session: claims.text("sid").unwrap_or_default().to_owned(),
        subject: claims.subject().to_owned(),
        proved_at: claims::proved_at(&claims, engine.now()),
    };
    let (token, _) = crate::sign_in::open_session(engine, &admin, caller, method, Some(session)).await?;
    Ok(Arrival::SignedIn(token, next))
}

/// Redeems the code, and verifies what it was redeemed for.
async fn claims_of(
    engine: &Engine,
    flow: &Flow,
    provider: &IdentityProvider,
    back: Return<'_>,
) -> Result<Claims> {
    let known = desk::known(engine, flow.organization, provider, false).await?;
    let names_itself = known.metadata.authorization_response_iss_parameter_supported;
    let issuer_is_good = back.issuer.map_or(!names_itself, |issuer| issuer == provider.issuer);
    if !issuer_is_good || back.code.is_empty() {
        return denied("The answer is not of the provider that was asked.");
    }
    let secret = match &provider.client_secret {
        Some(sealed) => {
            let opened = engine.secret_key.unseal(&secret_context(flow.organization, provider), &sealed.0)?;
            Some(Zeroizing::new(String::from_utf8(opened).map_err(Error::internal)?))
        }
        None => None,
    };
    let way = desk::way(engine, flow.organization, provider)?;
    let redemption = Redemption {
        client_id: &provider.client_id,
        secret: secret.as_ref().map(|secret| secret.as_str()),
        code: back.code,
        verifier: &flow.verifier,
        redirect_uri: &flow.redirect_uri,
    };
    let redeemed = desk::ask(engine, provider, oidc::redeem(&known.metadata, &redemption, &way)).await?;
    let expected = ExpectedId {
        issuer: &provider.issuer,
        client_id: &provider.client_id,
        nonce: &flow.nonce,
        access_token: redeemed.access_token.as_deref(),
        now: engine.now() / 1000,
    };
    let mut verified = wire_jose::id_token(&redeemed.id_token, &known.keys, &expected);
    if verified == Err(Refusal::UnknownKey) {
        let newer = desk::known(engine, flow.organization, provider, true).await?;
        verified = wire_jose::id_token(&redeemed.id_token, &newer.keys, &expected);
    }
    let mut claims = match verified {
        Ok(claims) => claims,
        Err(why) => {
            tracing::warn!(%why, provider = %provider.id, "an ID token was refused");
            return denied(format!("What {} says cannot be believed: {why}.", provider.name));
        }
    };
    if claims::missing(provider, &claims)
        && let (Some(url), Some(token)) = (&known.metadata.userinfo_endpoint, &redeemed.access_token)
    {
        let more = desk::ask(engine, provider, oidc::userinfo(url, token, &way)).await?;
        if more.get("sub").and_then(serde_json::Value::as_str) != Some(claims.subject()) {
            return denied(format!("What {} says of two people cannot be believed of one.", provider.name));
        }
        claims.add(more);
    }
    Ok(claims)
}
