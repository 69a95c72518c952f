//! A scope: who acts, in which organization, with which powers. Only the doorkeeper makes one.

use std::net::IpAddr;
use std::sync::Arc;

use catalog::{Permission, Powers};
use domain::model::{
    Actor, AdminKind, Administrator, Organization, OrganizationId, Origin, Session, User, UserSession,
};

use crate::{Error, Result};

/// What stands behind a scope.
#[derive(Debug, Clone)]
pub enum Principal {
    /// A signed-in administrator with the session.
    Session(Arc<Administrator>, Arc<Session>),
    /// A REST token of this administrator.
    Token(Arc<Administrator>),
    /// An ISE Admin account.
    Ise(Arc<Administrator>),
    /// A signed-in user with the session. Holds no powers: a user acts through [`crate::self_service`] alone.
    User(Arc<User>, Arc<UserSession>),
    /// The command line on the server's own host.
    CommandLine,
    /// The server itself.
    System,
}

/// The right to act inside one organization.
#[derive(Debug, Clone)]
pub struct Scope {
    organization: OrganizationId,
    actor: Actor,
    powers: Powers,
    origin: Origin,
    address: Option<IpAddr>,
    system_administrator: bool,
    due: Option<Due>,
    principal: Principal,
}

/// What must be done before a session holds any power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// A password of one's own must be chosen: somebody else knows the present one.
    Password,
    /// A second factor must be set up: the organization demands it.
    SecondFactor,
}

impl Due {
    /// What somebody is told who has not done it.
    fn words(self) -> &'static str {
        match self {
            Due::Password => {
                "Choose a password of your own first: somebody else knows your present one, and it opens nothing else."
            }
            Due::SecondFactor => {
                "Set up a second factor under My account first: this organization demands one of its administrators."
            }
        }
    }
}

impl Scope {
    pub(crate) fn new(
        organization: OrganizationId,
        actor: Actor,
        powers: Powers,
        origin: Origin,
        address: Option<IpAddr>,
        principal: Principal,
    ) -> Self {
        // Somebody else knows the password, so it opens nothing but the choice of another one. API tokens do not depend
        // on it: those made before ended when it was set.
        let due = match &principal {
            Principal::Session(admin, _) if admin.must_change_password => Some(Due::Password),
            _ => None,
        };
        let powers = if due.is_some() { Powers::default() } else { powers };
        let system_administrator = match &principal {
            _ if due.is_some() => false,
            Principal::Session(admin, _) => admin.kind == AdminKind::System,
            // A token that was limited to a part of its owner's powers is not the owner.
            Principal::Token(admin) => admin.kind == AdminKind::System && powers == Powers::all(),
            Principal::CommandLine | Principal::System => true,
            Principal::Ise(_) | Principal::User(..) => false,
        };
        Self { organization, actor, powers, origin, address, system_administrator, due, principal }
    }

    /// The server by itself, in an organization.
    pub(crate) fn of_server(organization: OrganizationId) -> Self {
        Self::new(organization, Actor::System, Powers::all(), Origin::System, None, Principal::System)
    }

    /// The organization acted in; [`domain::model::Organization::SYSTEM`] for installation-wide pages.
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }
    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
    /// What may be done.
    pub fn powers(&self) -> &Powers {
        &self.powers
    }
    /// Which surface it comes through.
    pub fn origin(&self) -> Origin {
        self.origin
    }
    /// Address of the caller, when it came over the network.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }
    /// What stands behind it.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
    /// The administrator behind it, if a person or a token.
    pub fn administrator(&self) -> Option<&Arc<Administrator>> {
        match &self.principal {
            Principal::Session(admin, _) | Principal::Token(admin) | Principal::Ise(admin) => Some(admin),
            Principal::User(..) | Principal::CommandLine | Principal::System => None,
        }
    }
    /// The user behind it, if one has signed in.
    ///
    /// # Errors
    /// [`Error::Denied`] for everybody else.
    pub fn user(&self) -> Result<&Arc<User>> {
        match &self.principal {
            Principal::User(user, _) => Ok(user),
            _ => Err(Error::Denied("Only a user can do this, for devices of their own.".into())),
        }
    }
    /// The token that every form of a signed-in browser carries.
    pub fn form_token(&self) -> Option<&str> {
        match &self.principal {
            Principal::Session(_, session) => Some(&session.csrf),
            Principal::User(_, session) => Some(&session.csrf),
            _ => None,
        }
    }
    /// Whether a system administrator (or the host's command line) acts.
    pub fn is_system_administrator(&self) -> bool {
        self.system_administrator
    }
    /// The same right at the installation itself: its administrators, its journal.
    ///
    /// # Errors
    /// [`Error::Denied`] for everybody but a system administrator.
    pub fn at_installation(&self) -> Result<Scope> {
        self.require_system()?;
        Ok(Scope { organization: Organization::SYSTEM, ..self.clone() })
    }
    /// What the administrator must do before anything else. Until then the scope holds no power at all.
    pub fn due(&self) -> Option<Due> {
        self.due
    }
    /// The same scope for somebody who must set up a second factor first.
    pub(crate) fn until_second_factor(self) -> Self {
        let due = self.due.or(Some(Due::SecondFactor));
        Self { powers: Powers::default(), system_administrator: false, due, ..self }
    }
    /// Whether a permission is held.
    pub fn has(&self, permission: Permission) -> bool {
        self.powers.has(permission)
    }
    /// Demands a permission.
    ///
    /// # Errors
    /// [`Error::Denied`] naming the permission that is missing.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.has(permission) {
            return Ok(());
        }
        self.require_nothing_due()?;
        let info = catalog::PERMISSIONS.iter().find(|p| p.permission == permission);
        Err(Error::Denied(format!(
            "Your role does not include \u{201c}{}\u{201d}. Ask an administrator who may edit roles.",
            info.map_or("this", |i| i.label)
        )))
    }
    /// Demands a system administrator.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub fn require_system(&self) -> Result<()> {
        if self.system_administrator {
            return Ok(());
        }
        self.require_nothing_due()?;
        Err(Error::Denied("Only a system administrator may do this.".into()))
    }
    /// Demands that nothing is due: a password that nobody else knows, and a second factor where it is demanded.
    ///
    /// # Errors
    /// [`Error::Denied`] with words about what to do first.
    pub fn require_nothing_due(&self) -> Result<()> {
        self.due.map_or(Ok(()), |due| Err(Error::Denied(due.words().into())))
    }
}
