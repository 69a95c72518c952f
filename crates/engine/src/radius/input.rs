//! What an administrator enters for a RADIUS server, checked.

use domain::model::{RadiusRequestKind, RadiusServer, RadiusServerId, Sealed, StationForm};
use serde_json::json;

use crate::issues::Issues;
use crate::{Engine, Error, Result, Scope};

/// Servers of an organization.
pub const MOST_SERVERS: usize = 20;
/// Requests a second that can be chosen.
const PACE: std::ops::RangeInclusive<u32> = 1..=200;

/// Settings of a RADIUS server.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RadiusInput {
    /// Name, unique in the organization, 1 to 100 characters.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// UDP port.
    pub port: u16,
    /// The shared secret, 8 to 128 characters; empty keeps the one that is stored.
    pub secret: String,
    /// What is asked.
    pub request: RadiusRequestKind,
    /// Form of the MAC.
    pub station: StationForm,
    /// NAS-Identifier; empty sends none.
    pub nas_identifier: String,
    /// Also when a device may use the network again.
    pub on_restore: bool,
    /// Requests a second, 1 to 200.
    pub per_second: u32,
    /// Asked at all.
    pub enabled: bool,
}

impl Default for RadiusInput {
    fn default() -> Self {
        Self {
            name: String::new(),
            host: String::new(),
            port: clients::radius::PORT,
            secret: String::new(),
            request: RadiusRequestKind::ChangeOfAuthorization,
            station: StationForm::UpperHyphens,
            nas_identifier: String::new(),
            on_restore: true,
            per_second: 20,
            enabled: true,
        }
    }
}

impl RadiusInput {
    /// The settings of a server as they would be entered; the secret is empty, which keeps it.
    pub fn of(server: &RadiusServer) -> Self {
        Self {
            name: server.name.clone(),
            host: server.host.clone(),
            port: server.port,
            secret: String::new(),
            request: server.request,
            station: server.station,
            nas_identifier: server.nas_identifier.clone(),
            on_restore: server.on_restore,
            per_second: server.per_second,
            enabled: server.enabled,
        }
    }
}

/// Checks and completes.
pub(super) fn assemble(
    engine: &Engine,
    scope: &Scope,
    id: RadiusServerId,
    old: Option<&RadiusServer>,
    input: RadiusInput,
) -> Result<RadiusServer> {
    let mut issues = Issues::default();
    let (name, host) = (input.name.trim().to_owned(), input.host.trim().to_lowercase());
    issues.check((1..=100).contains(&name.chars().count()), "name", || {
        "Enter a name of 1 to 100 characters.".into()
    });
    let is_host = host.parse::<std::net::IpAddr>().is_ok() || domain::names::domain_name(&host).is_ok();
    issues.check(is_host, "host", || "Enter a host name or an address, without a port.".into());
    issues.check(input.port != 0, "port", || "Enter a port from 1 to 65535; usual are 3799 and 1700.".into());
    let kept = old.filter(|_| input.secret.is_empty()).map(|old| old.secret.clone());
    issues.check(kept.is_some() || (8..=128).contains(&input.secret.len()), "secret", || {
        "Enter the shared secret, 8 to 128 characters, the same as on the access device.".into()
    });
    issues.check(input.nas_identifier.len() <= 253, "nas_identifier", || {
        "Enter at most 253 characters.".into()
    });
    issues.check(PACE.contains(&input.per_second), "per_second", || {
        format!("Enter a number from {} to {}.", PACE.start(), PACE.end())
    });
    issues.done()?;
    let secret = match kept {
        Some(secret) => secret,
        None => Sealed(engine.secret_key.seal(&context(id), input.secret.as_bytes()).map_err(Error::from)?),
    };
    Ok(RadiusServer {
        organization: scope.organization(),
        id,
        rev: old.map_or(0, |old| old.rev),
        name,
        host,
        port: input.port,
        secret,
        request: input.request,
        station: input.station,
        nas_identifier: input.nas_identifier.trim().to_owned(),
        on_restore: input.on_restore,
        per_second: input.per_second,
        enabled: input.enabled,
    })
}

/// What the secret is sealed for.
pub(super) fn context(id: RadiusServerId) -> String {
    format!("radius/secret/{id}")
}

/// The settings for the journal: all but the secret.
pub(super) fn told(server: &RadiusServer) -> serde_json::Value {
    json!({
        "name": server.name, "host": server.host, "port": server.port, "request": server.request,
        "station": server.station, "nas_identifier": server.nas_identifier, "on_restore": server.on_restore,
        "per_second": server.per_second, "enabled": server.enabled,
    })
}
