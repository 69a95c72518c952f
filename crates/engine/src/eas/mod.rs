//! Use cases of the ActiveSync gateway and the stand-in server: who calls, which device it is, what it may do,
//! what it gets, and what is remembered of it. No codec is known here; the platform brings neutral values.
//!
//! The usual way of a request: [`resolve`] the user name, [`find`] the device, [`gate`] it, and only then talk to
//! the mail server. All of that reads memory. What changes state ([`admit`], [`send_policy`], [`acknowledge`], …)
//! is one write unit each, answered after the commit.

mod admit;
mod backend;
mod confirm;
mod credentials;
mod gate;
mod hands_off;
mod heard;
mod login;
mod loops;
mod newcomers;
mod notice;
mod provision;
mod recovery;
mod wipe;

pub use admit::{Admission, Hello, admit};
pub use backend::{backend_ordered_wipe, learn_url, relayed_back, set_backend, wipes_to_relay};
pub use confirm::{Confirmations, gate_confirmed};
pub(crate) use credentials::clear_failures;
pub use credentials::{
    auth_failed, auth_paused, auth_succeeded, credential_hash, credential_matches, is_mailbox_of, token_hash,
    verify_local, verify_login,
};
pub use gate::{GateRequest, gate};
pub use heard::{heard, report_device_information};
pub(crate) use login::default_organization;
pub use login::{Login, login_of, resolve, resolve_address, resolve_for_wipe};
pub use loops::Loops;
pub use newcomers::{Newcomers, resolve_confirmed};
pub use notice::{Notice, Notices, notice};
pub use provision::{Acknowledgement, PolicyOffer, acknowledge, send_policy};
pub(crate) use recovery::context as recovery_context;
pub use recovery::{Deposit, deposit_recovery_password};
pub use wipe::{wipe_acknowledged, wipe_sent};

use std::sync::Arc;

use domain::model::{Device, OrganizationId, UserId};

use crate::Engine;
use crate::exchanges::Exchange;

/// The device that a user's ActiveSync DeviceId belongs to. Memory only.
pub fn find(
    engine: &Engine,
    organization: OrganizationId,
    user: UserId,
    device_id: &str,
) -> Option<Arc<Device>> {
    let org = engine.directory.organization(organization)?;
    let org = org.read();
    org.devices.by_eas(user, device_id).cloned()
}

/// Remembers a contact. A device that was found silent is looked at anew soon; [`heard`] does so at once.
pub fn present(engine: &Engine, device: &Device) {
    engine.presence.seen(device.organization, device.id, engine.now());
    if is_found_silent(device) {
        engine.asked.lock().user(device.organization, device.user);
    }
}

/// Whether a finding leans on when the device was last heard of, so that a contact changes what it may reach.
fn is_found_silent(device: &Device) -> bool {
    device.verdict.findings.iter().any(|finding| finding.rule.entry().needs.contains(&"last_contact"))
}

/// Remembers an exchange for the help desk, and for the user's trace if one runs.
pub fn record(engine: &Engine, device: &Device, exchange: Exchange) {
    crate::traces::add(engine, device.organization, device.user, || {
        let (received, sent) = exchange.bytes;
        format!(
            "{} {} {} → HTTP {}{} in {} ms, {received} bytes in, {sent} out, answered by {}{}",
            device.eas().map_or("", |c| &c.external_id),
            exchange.command,
            exchange.version,
            exchange.http,
            exchange.status.map(|s| format!(", status {s}")).unwrap_or_default(),
            exchange.duration,
            exchange.who,
            if exchange.why.is_empty() { String::new() } else { format!(": {}", exchange.why) },
        )
    });
    engine.exchanges.add(device.organization, device.id, exchange);
}

/// Counters for the loop brake: told to provision, braked, served.
pub fn loops(engine: &Engine) -> &Loops {
    &engine.loops
}
