//! The doorkeeper: the only place that makes a [`Scope`] for somebody from outside.
//!
//! Console sessions, REST tokens, ISE Admin accounts and sessions of users are proved here, with lock-out per account *and*
//! address (never globally: one wrong Test Connection must not blind all the others).

mod ise;
mod kept;
pub(crate) mod lockout;
mod passkey;
mod password;
mod session;
mod setup;
mod ticket;
mod token;
mod user;
mod user_session;

pub use ise::{IseRefusal, ise};
pub(crate) use kept::{Kept, end_others};
pub use passkey::{question as passkey_alone_question, sign_in_with_passkey};
pub use password::{change_own_password, passkey_question, sign_in, sign_in_with_code};
pub(crate) use password::{may_sign_in, open_session, prove_password};
pub use session::{end_all, end_session, scope_of_session, sessions, sign_out, switch_organization};
pub use setup::{create_first_administrator, needs_setup, setup_token};
pub use token::{PREFIX as TOKEN_PREFIX, scope_of_token};
pub(crate) use user::open_user_session_by;
pub use user::{
    Asked, MailServers, ProofAgain, Taken, open_user_session, proof_again, prove_user_again, sign_in_user,
};
pub use user_session::{
    change_user_password, end_other_user_sessions, has_local_password, scope_of_user_session, sign_out_user,
    user_sessions,
};

use std::net::IpAddr;

use catalog::Powers;
use domain::model::{Administrator, OrganizationId, RoleRef};
use ipnet::IpNet;
use sha2::{Digest, Sha256};

use crate::{Engine, Principal, Scope};

/// Where a caller comes from, as established from the peer address and trusted proxies.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Address of the client.
    pub address: IpAddr,
    /// Its `User-Agent`, cut to 200 characters.
    pub user_agent: String,
}

/// The scope of the host's own command line, which can read the database anyway.
pub fn command_line(organization: OrganizationId) -> Scope {
    use domain::model::{Actor, Origin};
    Scope::new(organization, Actor::CommandLine, Powers::all(), Origin::System, None, Principal::CommandLine)
}

/// SHA-256, the stored form of every bearer secret.
pub(crate) fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// What an administrator may do in an organization, by role. The ISE mark alone gives nothing here.
pub(crate) fn powers_of(engine: &Engine, admin: &Administrator, organization: OrganizationId) -> Powers {
    admin.role.as_ref().map(|role| powers_of_role(engine, role, organization)).unwrap_or_default()
}

/// What a role allows in an organization; nothing if there is no such role.
pub(crate) fn powers_of_role(engine: &Engine, role: &RoleRef, organization: OrganizationId) -> Powers {
    match role {
        RoleRef::Predefined(key) => catalog::PREDEFINED_ROLES
            .iter()
            .find(|r| r.key == key)
            .map_or_else(Powers::default, |r| Powers::of(r.permissions)),
        RoleRef::Custom(id) => engine
            .directory
            .organization(organization)
            .and_then(|org| org.read().role(*id).map(|r| r.powers.clone()))
            .unwrap_or_default(),
    }
}

/// A ticket for the page that asks for the second factor.
pub(crate) fn ticket(engine: &Engine, admin: &Administrator, caller: &Caller) -> String {
    ticket::issue(engine, admin, caller)
}

/// Whether the account may be used from this address.
pub(crate) fn network_allowed(admin: &Administrator, address: IpAddr) -> bool {
    let address = address.to_canonical();
    admin.allowed_networks.is_empty()
        || admin.allowed_networks.iter().any(|n| n.parse::<IpNet>().is_ok_and(|net| net.contains(&address)))
}

/// Whether the administrator's organization (if any) is in use.
pub(crate) fn organization_enabled(engine: &Engine, organization: OrganizationId) -> bool {
    organization == domain::model::Organization::SYSTEM
        || engine.directory.organization(organization).is_some_and(|o| o.read().organization.enabled)
}
