//! ISE Admin accounts: HTTP Basic with the mark, proved without a slow hash on every request.

use std::net::IpAddr;
use std::sync::Arc;

use catalog::Powers;
use domain::model::{Actor, Administrator, OrganizationId, Origin};

use super::{lockout, network_allowed, organization_enabled};
use crate::strangers::{self, Surface};
use crate::{Engine, Error, Principal, Scope, passwords};

/// Why a call of ISE is refused; each has its own status code and its own words in ISE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IseRefusal {
    /// 401: wrong user or password, or none sent.
    Unauthorized,
    /// 401 as well, whatever the password: too many wrong ones from this address. Seconds until it is looked at again.
    Locked(u64),
    /// 404: the instance in the address is not the account's organization.
    WrongInstance,
    /// 403: right password, but no ISE mark, disabled, or the address is not allowed; says which.
    Forbidden(String),
    /// 503 with seconds to wait.
    Busy(u64),
}

/// How long a proof of a good password lasts in memory. It ends at once with any change of the account, so this only
/// bounds how long an unused one is kept: ISE's next poll may be hours away.
const PROOF: i64 = 24 * 3_600_000;

/// Proves an ISE Admin account. `instance` is the first path segment if there was one and it names an organization.
///
/// # Errors
/// In the order of the protocol: 401, 404, 403.
pub async fn ise(
    engine: &Engine,
    username: &str,
    password: &str,
    address: IpAddr,
    instance: Option<OrganizationId>,
) -> Result<Scope, IseRefusal> {
    let admin = prove(engine, username, password, address).await.inspect_err(|refusal| {
        if matches!(refusal, IseRefusal::Unauthorized | IseRefusal::Locked(_)) {
            strangers::refused(engine, instance, address, Surface::Ise);
        }
    })?;
    if instance.is_some_and(|org| org != admin.organization) {
        return Err(IseRefusal::WrongInstance);
    }
    if !admin.ise_admin {
        return Err(IseRefusal::Forbidden("The account is not marked as ISE Admin.".into()));
    }
    if !admin.enabled || !organization_enabled(engine, admin.organization) {
        return Err(IseRefusal::Forbidden("The account or its organization is disabled.".into()));
    }
    if !network_allowed(&admin, address) {
        return Err(IseRefusal::Forbidden(format!("The account may not be used from {address}.")));
    }
    let actor = Actor::Ise(admin.id, admin.username.clone());
    Ok(Scope::new(
        admin.organization,
        actor,
        Powers::default(),
        Origin::Ise,
        Some(address),
        Principal::Ise(admin),
    ))
}

async fn prove(
    engine: &Engine,
    username: &str,
    password: &str,
    address: IpAddr,
) -> Result<Arc<Administrator>, IseRefusal> {
    let busy = |error: Error| match error {
        Error::Locked(seconds) => IseRefusal::Locked(seconds),
        Error::Busy(seconds) => IseRefusal::Busy(seconds),
        _ => IseRefusal::Busy(5),
    };
    let admin = engine.directory.administrator_by_name(username);
    if let Some(admin) = &admin {
        let proof =
            engine.proofs.of("ise", admin.id.uuid().as_bytes(), admin.credential_epoch, password.as_bytes());
        if engine.proofs.is_good(&proof, engine.now()) {
            return Ok(Arc::clone(admin));
        }
    }
    let keys = lockout::keys_of_password(username, address);
    lockout::check(engine, &keys).await.map_err(busy)?;
    let right =
        passwords::verify_staff(admin.as_ref().map(|a| &a.password_hash), password).await.map_err(busy)?;
    // System administrators have no organization to answer for.
    let admin = admin.filter(|a| right && a.organization != domain::model::Organization::SYSTEM);
    lockout::settle(engine, &keys, &address.to_string(), admin.is_some()).await.map_err(busy)?;
    let admin = admin.ok_or(IseRefusal::Unauthorized)?;
    let proof =
        engine.proofs.of("ise", admin.id.uuid().as_bytes(), admin.credential_epoch, password.as_bytes());
    engine.proofs.remember(proof, engine.now() + PROOF, engine.now());
    Ok(admin)
}
