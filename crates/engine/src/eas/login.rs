//! From the user name of a request to organization, user and server. Never by searching through organizations.

use std::sync::Arc;

use domain::model::{ActiveSyncServer, Organization, User, UserState};
use domain::names::LoginName;

use crate::assignment::server_of;
use crate::{Engine, OrgIndex};

/// Who is behind a user name, before any password is looked at.
#[derive(Debug, Clone)]
pub struct Login {
    /// The organization that was reached.
    pub organization: Arc<Organization>,
    /// User name without domain.
    pub username: String,
    /// Login domain (`DOMAIN\user`), lower case, may be empty.
    pub login_domain: String,
    /// `user@domain` if it was given so, or known.
    pub email: Option<String>,
    /// As the device sent it.
    pub presented: String,
    /// The user, if known.
    pub user: Option<Arc<User>>,
    /// Server of the user; for an unknown user, the one that would take him (mail domain, then default).
    pub server: Option<Arc<ActiveSyncServer>>,
}

impl Login {
    /// What proofs of credentials are bound to: the user, or the name as it was given for somebody unknown. The user
    /// name alone would not do: two mail domains of an organization may each have their own *jo*.
    pub fn subject(&self) -> String {
        self.user.as_ref().map_or_else(|| self.presented.to_lowercase(), |user| user.id.to_string())
    }

    /// Whether the user is known and disabled. Every password of his is refused then, so a refusal says nothing about
    /// it and must not be counted: enabling him restores everything at once.
    pub fn user_is_disabled(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.state == UserState::Disabled)
    }
}

/// Resolves a user name: by the host name of the request, else by the name's own domain, else to the installation's
/// default organization (or only one). A host of one organization and a domain of another do not meet: that is nobody.
pub fn resolve(engine: &Engine, host: Option<&str>, presented: &str) -> Option<Login> {
    resolve_for_wipe(engine, host, presented).filter(|login| login.organization.enabled)
}

/// The same, and also in an organization that is disabled: nobody is served there, but a wipe that waits still reaches
/// its device.
pub fn resolve_for_wipe(engine: &Engine, host: Option<&str>, presented: &str) -> Option<Login> {
    let name: LoginName = presented.parse().ok()?;
    let by_host = host.and_then(|h| engine.directory.by_host(bare_host(h)));
    let by_mail = name.mail_domain.as_deref().and_then(|d| engine.directory.by_mail_domain(d));
    let by_login = name.login_domain.as_deref().and_then(|d| engine.directory.by_login_domain(d));
    let reached = [by_host, by_mail, by_login];
    let mut known = reached.into_iter().flatten();
    let organization = match known.next() {
        Some(first) if known.all(|other| other == first) => first,
        Some(_) => return None,
        None if name.mail_domain.is_none() && name.login_domain.is_none() => default_organization(engine)?,
        None => return None,
    };
    let org = engine.directory.organization(organization)?;
    let org = org.read();
    Some(login_in(&org, &name, presented))
}

/// What a known user would give a mail program, for who has signed in already. `None` in an organization that is disabled.
pub fn login_of(engine: &Engine, user: &Arc<User>) -> Option<Login> {
    let org = engine.directory.organization(user.organization)?;
    let org = org.read();
    let presented = match (user.email.as_str(), user.domain.as_str()) {
        ("", "") => user.username.clone(),
        ("", domain) => format!("{domain}\\{}", user.username),
        (email, _) => email.to_owned(),
    };
    org.organization.enabled.then(|| Login {
        organization: Arc::clone(&org.organization),
        username: user.username.clone(),
        login_domain: user.domain.to_lowercase(),
        email: Some(user.email.clone()).filter(|email| !email.is_empty()),
        presented,
        user: Some(Arc::clone(user)),
        server: server_of(&org, user).map(|server| server.value),
    })
}

/// Resolves a mail address (Autodiscover).
pub fn resolve_address(engine: &Engine, host: Option<&str>, email: &str) -> Option<Login> {
    email.contains('@').then(|| resolve(engine, host, email)).flatten()
}

/// What a bare name leads to: what a system administrator chose, else the only organization if there is one.
pub(crate) fn default_organization(engine: &Engine) -> Option<domain::model::OrganizationId> {
    let chosen = engine.directory.installation().default_organization;
    if chosen.is_some() {
        return chosen;
    }
    let mut all = engine.directory.organizations().into_iter();
    all.next().filter(|_| all.next().is_none()).map(|o| o.id)
}

fn login_in(org: &OrgIndex, name: &LoginName, presented: &str) -> Login {
    let email = name.mail_domain.as_ref().map(|domain| format!("{}@{domain}", name.user));
    let by_email = email.as_deref().and_then(|e| org.user_by_email(e));
    let by_name = || org.user_by_name(&name.user).filter(|user| may_be(user, name.mail_domain.as_deref()));
    let user = by_email.or_else(by_name).cloned();
    let server = match &user {
        Some(user) => server_of(org, user).map(|server| server.value),
        None => future_server(org, name.mail_domain.as_deref()),
    };
    Login {
        organization: Arc::clone(&org.organization),
        username: name.user.clone(),
        login_domain: name.login_domain.clone().unwrap_or_default(),
        email,
        presented: presented.to_owned(),
        user,
        server,
    }
}

/// Whether a user found by name can be meant with this mail domain: *jo* of one domain of an organization is not *jo*
/// of another. A user without an address can be anybody of that name.
pub(super) fn may_be(user: &User, domain: Option<&str>) -> bool {
    let own = user.email.rsplit_once('@').map(|(_, domain)| domain);
    own.is_none_or(|own| domain.is_none_or(|domain| own.eq_ignore_ascii_case(domain)))
}

fn future_server(org: &OrgIndex, domain: Option<&str>) -> Option<Arc<ActiveSyncServer>> {
    let domain = domain.map(str::to_lowercase);
    let by_domain =
        org.servers().into_iter().find(|s| domain.as_ref().is_some_and(|d| s.mail_domains.contains(d)));
    by_domain.or_else(|| org.organization.settings.default_server.and_then(|id| org.server(id).cloned()))
}

fn bare_host(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}
