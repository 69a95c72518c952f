//! What can cost a device its mail though no rule takes it: how it gets to its organization, and to its mail server.
//!
//! Whether a phone signs in with its address or with a bare name, and whether a mailbox is at the other server too,
//! nobody knows beforehand. So this is no part of what is foretold as lost; the limit on changes counts it all the same.

use std::sync::Arc;

use domain::model::{
    ActiveSyncServer, AppliedPolicy, Device, Organization, OrganizationSettings, ServerTrust, User, UserState,
};

use super::imagined::Imagined;
use crate::OrgIndex;
use crate::assignment::server_of;

/// Why a device may lose its mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Risk {
    /// Its mail domain, login domain or host name leads here no more.
    NotReached,
    /// Its user gets another mail server, or the stand-in.
    AnotherServer,
    /// Its mail server is reached in another way, or is offered another user name.
    ServerChanged,
    /// Its mail server is switched off.
    ServerOff,
    /// It never took a policy, and such devices are not served any more.
    NeverProvisioned,
    /// It took its policy in part, or for somebody else's management, which is not accepted any more the next time.
    PolicyNotAccepted,
}

impl Risk {
    /// In a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotReached => {
                "It may sign in under a mail domain, login domain or host name that is taken away."
            }
            Self::AnotherServer => "Its mail would come from another mail server.",
            Self::ServerChanged => {
                "Its mail server would be reached in another way, or with another user name."
            }
            Self::ServerOff => "Its mail server would be switched off.",
            Self::NeverProvisioned => "It has taken no policy, and devices without one would not be served.",
            Self::PolicyNotAccepted => "The way it took its policy would not be accepted the next time.",
        }
    }
}

impl Imagined {
    /// What a device with mail may lose it by, if anything.
    pub(super) fn risk(&self, org: &OrgIndex, device: &Device) -> Option<Risk> {
        let eas = &device.eas()?.eas;
        let (before, after) = (org.user(device.user)?, self.user_of(org, device.user)?);
        let active = |user: &User| user.state == UserState::Active;
        // A disabled user is a rule's matter, which cannot be switched off.
        if !active(before) || !active(after) {
            return None;
        }
        let reached = self.organization.as_ref().is_none_or(|new| reaches(&org.organization, new, before));
        if !reached {
            return Some(Risk::NotReached);
        }
        let served = server_of(org, before).map(|assigned| assigned.value);
        let would_be = self.server_of(org, after);
        by_server(served.as_deref(), would_be.as_deref())
            .or_else(|| by_policy(eas.applied.as_ref(), &org.organization.settings, &self.settings))
    }

    /// The mail server that a user would have.
    fn server_of(&self, org: &OrgIndex, user: &User) -> Option<Arc<ActiveSyncServer>> {
        let assigned = domain::assignment::effective_server(user, self.groups_of(org, user))?;
        self.servers.get(&assigned.value).or_else(|| org.server(assigned.value)).map(Arc::clone)
    }
}

/// Whether a user's phones still find the organization, however they sign in.
fn reaches(old: &Organization, new: &Organization, user: &User) -> bool {
    let gone = |old: &[String], new: &[String], name: Option<&str>| {
        old.iter().filter(|known| !new.contains(known)).any(|gone| name.is_none_or(|name| gone == name))
    };
    let mail = user.email.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
    let login = Some(user.domain.to_lowercase()).filter(|domain| !domain.is_empty());
    // A bare name gets here by the host alone; who has an address or a domain may use it or not.
    let by_mail = gone(&old.mail_domains, &new.mail_domains, mail.as_deref());
    let by_login = gone(&old.login_domains, &new.login_domains, login.as_deref());
    !by_mail && !by_login && !gone(&old.host_names, &new.host_names, None)
}

fn by_server(before: Option<&ActiveSyncServer>, after: Option<&ActiveSyncServer>) -> Option<Risk> {
    match (before, after) {
        (None, None) => None,
        (Some(before), _) if !before.enabled => None,
        (_, Some(after)) if !after.enabled => Some(Risk::ServerOff),
        (Some(before), Some(after)) if before.id == after.id => {
            is_other(before, after).then_some(Risk::ServerChanged)
        }
        _ => Some(Risk::AnotherServer),
    }
}

/// Whether a server in another form may be another one for those who use it, or refuse them.
fn is_other(before: &ActiveSyncServer, after: &ActiveSyncServer) -> bool {
    let way = |s: &ActiveSyncServer| {
        let roots = if let ServerTrust::Roots(pem) = &s.trust { Some(pem.clone()) } else { None };
        (s.url.clone(), roots, s.use_autodiscover, s.autodiscover_url.clone())
    };
    let name = |s: &ActiveSyncServer| (s.login_form, s.login_domain.clone());
    let narrower = before.versions != after.versions
        || (before.bearer && !after.bearer)
        || before.redirect_hosts.iter().any(|host| !after.redirect_hosts.contains(host));
    way(before) != way(after) || name(before) != name(after) || narrower
}

fn by_policy(
    applied: Option<&AppliedPolicy>,
    old: &OrganizationSettings,
    new: &OrganizationSettings,
) -> Option<Risk> {
    let withdrawn = |allows: fn(&OrganizationSettings) -> bool| allows(old) && !allows(new);
    let status = applied.map(|applied| applied.status);
    match status {
        None => withdrawn(|s| s.allow_non_provisionable).then_some(Risk::NeverProvisioned),
        Some(2) => withdrawn(|s| s.allow_partial_policy).then_some(Risk::PolicyNotAccepted),
        Some(4) => withdrawn(|s| s.allow_external_management).then_some(Risk::PolicyNotAccepted),
        Some(_) => None,
    }
}
