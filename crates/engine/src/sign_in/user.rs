//! Users on the enrolment pages and in the portal: the same sign-in as for their mail. The password is asked of the
//! user's ActiveSync server if there is one, else of the directory that the user came from, else it is proved here.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use domain::model::{
    Actor, IdentityProviderId, JournalEntry, Organization, OrganizationId, SessionProvider, User,
    UserSession, UserState,
};
use serde_json::json;
use store::repo;

use super::password::{FRESH, LIFETIME};
use super::{Caller, hash_of, lockout};
use crate::eas::{self, Login};
use crate::strangers::{self, Surface};
use crate::{Engine, Error, Principal, Result, Scope, passwords};

/// What a mail server says to a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is right.
    Yes,
    /// It is wrong.
    No,
    /// The server could not be asked, or does not say.
    Unknown,
}

/// A future of a trait object.
pub type Asked<'a> = Pin<Box<dyn Future<Output = Taken> + Send + 'a>>;

/// The users' mail servers, as the platform that talks to them reaches them.
pub trait MailServers: Send + Sync {
    /// Asks the mail server of a login whether it takes the password. The password is not kept.
    fn takes<'a>(&'a self, login: &'a Login, password: &'a str, address: IpAddr) -> Asked<'a>;
}

/// What failures of a user are counted under: the user, or the name as given for somebody unknown.
fn account(login: Option<&Login>, name: &str) -> String {
    format!("user {}", login.map_or_else(|| name.trim().to_lowercase(), Login::subject))
}

/// Signs a user in. `host` is the host of the request, `name` what the mail program would be given: `user@domain`,
/// `DOMAIN\user`, or a bare name where it leads to one organization. Returns the cookie's token (shown once; only its
/// hash is kept) and the session.
///
/// # Errors
/// [`Error::Unauthenticated`] alike for an unknown name, a wrong password and a disabled user, [`Error::Locked`] after
/// too many of them, [`Error::Upstream`] when mail server or directory cannot say whether the password is right.
pub async fn sign_in_user(
    engine: &Engine,
    mail_servers: &dyn MailServers,
    host: Option<&str>,
    name: &str,
    password: &str,
    caller: &Caller,
) -> Result<(String, Arc<UserSession>)> {
    let login = eas::resolve(engine, host, name);
    let organization = login.as_ref().map(|login| login.organization.id);
    let guess = Guess { account: account(login.as_ref(), name), organization, address: caller.address };
    let user = match guess.check(engine, mail_servers, login.as_ref(), password).await {
        Err(Error::Unauthenticated) => {
            strangers::refused(engine, organization, caller.address, Surface::Portal);
            return Err(Error::Unauthenticated);
        }
        other => other?,
    };
    open_user_session(engine, &user, caller).await
}

/// What a signed-in user shows before something that cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofAgain {
    /// The password.
    Password,
    /// There is none, so it takes a sign-in anew at this provider.
    Provider(IdentityProviderId),
    /// That sign-in was just now.
    Given,
}

/// What is asked of this user.
///
/// # Errors
/// [`Error::Denied`] for who is no user.
pub fn proof_again(engine: &Engine, scope: &Scope) -> Result<ProofAgain> {
    let user = scope.user()?;
    let through = match scope.principal() {
        Principal::User(_, session) => session.provider.as_ref(),
        _ => None,
    };
    let Some(through) = through.filter(|_| !has_password(engine, user)) else {
        return Ok(ProofAgain::Password);
    };
    let given = through.proved_at.is_some_and(|at| engine.now() - at < FRESH);
    Ok(if given { ProofAgain::Given } else { ProofAgain::Provider(through.provider) })
}

/// Whether there is anything that a password of this user could be compared with.
fn has_password(engine: &Engine, user: &Arc<User>) -> bool {
    user.password_hash.is_some()
        || user.directory.is_some()
        || eas::login_of(engine, user).is_some_and(|login| login.server.is_some())
}

/// Asks a signed-in user for the password again, or, who came through an identity provider and has none, for a sign-in
/// there that is not older than ten minutes. The session's own age does not count: a browser that was found open has
/// one at the provider as well, and gets a new one here without being asked anything.
///
/// # Errors
/// [`Error::Invalid`] on `password`, or on `provider` where it takes a sign-in anew; [`Error::Locked`],
/// [`Error::Upstream`].
pub async fn prove_user_again(
    engine: &Engine,
    mail_servers: &dyn MailServers,
    scope: &Scope,
    password: &str,
) -> Result<()> {
    match proof_again(engine, scope)? {
        ProofAgain::Password => {}
        ProofAgain::Given => return Ok(()),
        ProofAgain::Provider(_) => {
            return Err(Error::invalid("provider", "Sign in again at your provider, and repeat this then."));
        }
    }
    let user = scope.user()?;
    let login = eas::login_of(engine, user).ok_or(Error::Unauthenticated)?;
    let address = scope.address().unwrap_or(std::net::Ipv4Addr::UNSPECIFIED.into());
    let guess = Guess {
        account: account(Some(&login), &user.username),
        organization: Some(user.organization),
        address,
    };
    match guess.check(engine, mail_servers, Some(&login), password).await {
        Err(Error::Unauthenticated) => Err(Error::invalid("password", "This is not your password.")),
        other => other.map(drop),
    }
}

/// A password that somebody offers.
struct Guess {
    account: String,
    organization: Option<OrganizationId>,
    address: IpAddr,
}

impl Guess {
    /// Proves it, with lock-out per account and address as for administrators.
    async fn check(
        &self,
        engine: &Engine,
        mail_servers: &dyn MailServers,
        login: Option<&Login>,
        password: &str,
    ) -> Result<Arc<User>> {
        let keys = lockout::keys_of_password(&self.account, self.address);
        lockout::check(engine, &keys).await?;
        let user = self.prove(engine, mail_servers, login, password).await?;
        let place = self.organization.unwrap_or(Organization::SYSTEM);
        let subject = login.and_then(|login| login.user.as_ref()).map(|user| user.id.to_string());
        let account = lockout::Account {
            organization: place,
            subject: subject.unwrap_or_default(),
            event: "user.locked_out",
        };
        lockout::settle_of(engine, &keys, &self.address.to_string(), user.is_some(), account).await?;
        user.ok_or(Error::Unauthenticated)
    }

    async fn prove(
        &self,
        engine: &Engine,
        mail_servers: &dyn MailServers,
        login: Option<&Login>,
        password: &str,
    ) -> Result<Option<Arc<User>>> {
        // The same time as for a known user without a mail server.
        let nobody = || async { passwords::verify(None, password).await.map(|_| None) };
        let Some(login) = login.filter(|_| !password.is_empty()) else { return nobody().await };
        let Some(server) = &login.server else { return eas::verify_login(engine, login, password).await };
        // Whom only the mail server knows comes in with the first contact of a phone.
        let active = login.user.as_ref().filter(|user| user.state == UserState::Active);
        let Some(user) = active else { return nobody().await };
        let right = match mail_servers.takes(login, password, self.address).await {
            Taken::Yes => true,
            Taken::No => false,
            Taken::Unknown => {
                return Err(Error::Upstream(format!(
                    "{} could not say whether the password is right. Try again in a minute.",
                    server.name
                )));
            }
        };
        Ok(right.then(|| Arc::clone(user)))
    }
}

/// Opens a session for a user who has proved to be one, by whatever means.
///
/// # Errors
/// [`Error::Unauthenticated`] when the user is gone or disabled meanwhile.
pub async fn open_user_session(
    engine: &Engine,
    user: &User,
    caller: &Caller,
) -> Result<(String, Arc<UserSession>)> {
    open_user_session_by(engine, user, caller, None).await
}

/// The same for whom an identity provider has proved.
pub(crate) async fn open_user_session_by(
    engine: &Engine,
    user: &User,
    caller: &Caller,
    provider: Option<SessionProvider>,
) -> Result<(String, Arc<UserSession>)> {
    let now = engine.now();
    let token = engine.entropy.token("");
    let session = UserSession {
        token_hash: hash_of(&token),
        organization: user.organization,
        user: user.id,
        credential_epoch: user.credential_epoch,
        csrf: engine.entropy.token(""),
        created_at: now,
        seen_at: now,
        expires_at: now + LIFETIME,
        address: caller.address.to_string(),
        user_agent: caller.user_agent.clone(),
        provider,
    };
    let stored = session.clone();
    let actor = Actor::User(user.id, user.username.clone());
    engine
        .store
        .write(user.organization, actor, async move |tx| {
            let user = repo::users::get(tx, stored.user).await?.ok_or(Error::Unauthenticated)?;
            if user.state != UserState::Active || user.credential_epoch != stored.credential_epoch {
                return Err(Error::Unauthenticated);
            }
            repo::user_sessions::open(tx, &stored).await?;
            tx.journal(JournalEntry {
                event: "user.signed_in",
                subject: stored.user.to_string(),
                body: json!({ "name": user.display_name, "address": stored.address,
                    "user_agent": stored.user_agent }),
            });
            Ok(())
        })
        .await?;
    Ok((token, Arc::new(session)))
}

/// The scope of a session, for [`super::scope_of_user_session`].
pub(super) fn scope_of(user: Arc<User>, session: UserSession, address: IpAddr) -> Scope {
    let actor = Actor::User(user.id, user.username.clone());
    let organization = user.organization;
    let principal = Principal::User(user, Arc::new(session));
    let origin = domain::model::Origin::Portal;
    Scope::new(organization, actor, catalog::Powers::default(), origin, Some(address), principal)
}
