//! What may be given to an account, and by whom.

use catalog::{Permission, Powers};
use domain::model::{Administrator, AdministratorId, Organization, OrganizationId, RoleRef};
use ipnet::IpNet;
use store::{Tx, repo};

use crate::sign_in::{powers_of, powers_of_role};
use crate::{Engine, Error, Result, Scope};

/// Nobody can give or touch more power than he has: else "edit administrators" would mean "everything".
pub(super) fn check_power(engine: &Engine, scope: &Scope, admin: &Administrator) -> Result<()> {
    check_role(engine, admin)?;
    let may = scope.powers();
    if !may.includes(&powers_of(engine, admin, admin.organization)) {
        return Err(Error::Denied(
            "This role includes more than your own. Ask an administrator with the role Full.".into(),
        ));
    }
    // Whoever has the account can order these through ISE.
    if !may.includes(&powers_through_ise(admin)) {
        return Err(Error::Denied(
            "An ISE Admin can order wipes through Cisco ISE that your own role does not include.".into(),
        ));
    }
    Ok(())
}

/// Nobody lets a role of the organization be given that includes more than his own.
pub(crate) fn check_role_power(engine: &Engine, scope: &Scope, role: &RoleRef) -> Result<()> {
    if !is_role(engine, scope.organization(), role) {
        return Err(Error::invalid("role", "There is no such role."));
    }
    if scope.powers().includes(&powers_of_role(engine, role, scope.organization())) {
        Ok(())
    } else {
        Err(Error::Denied(
            "This role includes more than your own. Ask an administrator with the role Full.".into(),
        ))
    }
}

/// Whether there is such a role in the organization; system administrators have the role Full.
pub(crate) fn is_role(engine: &Engine, organization: OrganizationId, role: &RoleRef) -> bool {
    match role {
        RoleRef::Predefined(key) if organization == Organization::SYSTEM => key == "full",
        RoleRef::Predefined(key) => catalog::PREDEFINED_ROLES.iter().any(|role| role.key == key),
        RoleRef::Custom(id) => {
            engine.directory.organization(organization).is_some_and(|org| org.read().role(*id).is_some())
        }
    }
}

fn powers_through_ise(admin: &Administrator) -> Powers {
    match (admin.ise_admin, admin.ise_full_wipe) {
        (false, _) => Powers::default(),
        (true, false) => Powers::of(&[Permission::DevicesAccountWipe]),
        (true, true) => Powers::of(&[Permission::DevicesAccountWipe, Permission::DevicesFullWipe]),
    }
}

fn check_role(engine: &Engine, admin: &Administrator) -> Result<()> {
    match &admin.role {
        None if admin.ise_admin => Ok(()),
        None => Err(Error::invalid("role", "Choose a role, or mark the account as ISE Admin.")),
        Some(role @ RoleRef::Predefined(key)) if !is_role(engine, admin.organization, role) => {
            Err(Error::invalid("role", format!("There is no predefined role {key}.")))
        }
        // They act in every organization, where roles of the installation mean nothing.
        Some(role) if admin.organization == Organization::SYSTEM => match role {
            RoleRef::Predefined(key) if key == "full" => Ok(()),
            _ => Err(Error::invalid("role", "System administrators have the role Full.")),
        },
        Some(RoleRef::Predefined(_)) => Ok(()),
        Some(role) if is_role(engine, admin.organization, role) => Ok(()),
        Some(_) => Err(Error::invalid("role", "There is no such role.")),
    }
}

/// Whether an account can edit administrators now, and could not afterwards (`new` is `None`: it is removed).
pub(super) fn loses_the_right(engine: &Engine, old: &Administrator, new: Option<&Administrator>) -> bool {
    let can = |a: &Administrator| {
        a.enabled && powers_of(engine, a, a.organization).has(Permission::AdministratorsEdit)
    };
    can(old) && !new.is_some_and(can)
}

/// The other accounts of the same organization.
pub(super) fn others(engine: &Engine, one: &Administrator) -> Vec<AdministratorId> {
    let all = engine.directory.administrators(one.organization);
    all.iter().map(|a| a.id).filter(|id| *id != one.id).collect()
}

/// Somebody who can edit administrators must remain. Looked up inside the unit: two who take each other's right at
/// the same moment must not both succeed.
pub(crate) async fn still_administered(tx: &mut Tx, candidates: &[AdministratorId]) -> Result<()> {
    for id in candidates {
        let Some(admin) = repo::administrators::get(tx, *id).await?.filter(|a| a.enabled) else { continue };
        let can = match &admin.role {
            None => false,
            Some(RoleRef::Predefined(key)) => catalog::PREDEFINED_ROLES
                .iter()
                .any(|r| r.key == key && r.permissions.contains(&Permission::AdministratorsEdit)),
            Some(RoleRef::Custom(role)) => repo::roles::get(tx, *role)
                .await?
                .is_some_and(|role| role.powers.has(Permission::AdministratorsEdit)),
        };
        if can {
            return Ok(());
        }
    }
    Err(Error::conflict(
        "This is the last account that can edit administrators. Give another one that right first.",
    ))
}

/// Lower-cases and checks a sign-in name.
pub(crate) fn check_username(username: &str) -> Result<String> {
    let name = username.trim().to_lowercase();
    let good = (2..=64).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-@".contains(c));
    if good {
        Ok(name)
    } else {
        Err(Error::invalid("username", "Use 2 to 64 of these: letters, digits, dot, dash, underscore, @."))
    }
}

pub(super) fn check_networks(networks: &[String]) -> Result<()> {
    match networks.iter().find(|n| n.parse::<IpNet>().is_err()) {
        Some(bad) => Err(Error::invalid(
            "allowed_networks",
            format!("{bad} is not a network. Write it as 10.1.0.0/16."),
        )),
        None => Ok(()),
    }
}
