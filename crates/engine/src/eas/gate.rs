//! The gate of a request, from memory alone.

use domain::gate::{Authentication, DeviceView, Gate, GateCommand, GateInput, decide};
use domain::model::{Device, UserState};

use super::Login;
use crate::policy::document_for;
use crate::{Engine, OrgIndex};

/// What the platform knows of a request besides the device.
#[derive(Debug, Clone, Copy)]
pub struct GateRequest<'a> {
    /// Options, Provision, or another command.
    pub command: GateCommand,
    /// Policy key of the request, 0 or none if it carries none.
    pub policy_key: Option<u32>,
    /// Protocol version of the request.
    pub version: &'a str,
    /// What is known of the credentials.
    pub authentication: Authentication,
}

/// Decides. `device` is `None` for one that is new to us.
pub fn gate(engine: &Engine, login: &Login, device: Option<&Device>, request: &GateRequest<'_>) -> Gate {
    let Some(org) = engine.directory.organization(login.organization.id) else {
        return Gate::Refuse(domain::gate::RefusalReason::OrganizationDisabled);
    };
    let org = org.read();
    let user = login.user.as_ref().and_then(|u| org.user(u.id)).map_or(UserState::Active, |u| u.state);
    decide_for(engine, &org, user, device, request)
}

fn decide_for(
    engine: &Engine,
    org: &OrgIndex,
    user: UserState,
    device: Option<&Device>,
    request: &GateRequest<'_>,
) -> Gate {
    let document = device.map(|d| document_for(org, d, request.version));
    let view = device.and_then(|d| {
        Some(DeviceView { state: d.state, block: d.block.as_ref(), eas: &d.eas()?.eas, verdict: &d.verdict })
    });
    let now = engine.now();
    let loops = device.map(|d| engine.loops.of(d.id, now)).unwrap_or_default();
    let settings = &org.organization.settings;
    decide(&GateInput {
        command: request.command,
        policy_key: request.policy_key,
        account_wipe: catalog::compare_versions(request.version, "16.1")
            .is_some_and(std::cmp::Ordering::is_ge),
        authentication: request.authentication,
        organization_enabled: org.organization.enabled,
        user,
        device: view,
        wanted_digest: document.as_ref().map_or("", |d| d.digest.as_str()),
        policy_refresh_hours: settings.policy_refresh_hours,
        allow_non_provisionable: settings.allow_non_provisionable,
        ignored_provisions: loops.ignored,
        ignoring_since: loops.ignored_since,
        handshakes: &loops.handshakes,
        braked: loops.braked,
        now,
    })
}
