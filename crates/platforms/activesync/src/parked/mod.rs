//! Who waits. One request per device; a newer one replaces it. When something changes that concerns a device, its
//! waiting request goes through the gate again and is answered at once if the gate says something else than before.
//!
//! The engine's listener only puts a word into a channel; the work is done by a thread of its own, so that a change
//! that concerns thousands holds nobody up.

mod waiting;
mod watch;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::gate::{Authentication, Gate, GateCommand, ProvisionReason};
use domain::model::{Device, DeviceId, GroupId, OrganizationId, UserId};
use engine::Engine;
use engine::assignment::server_of;
use engine::eas::{self, GateRequest, Login};
use engine::schedules;
use parking_lot::Mutex;

use crate::answer::Said;
use crate::metrics::Metrics;
use crate::refuse;

pub(crate) use waiting::{Bell, Waiting};

/// The registry of waiting requests.
pub(crate) struct Parked {
    engine: Arc<Engine>,
    metrics: Arc<Metrics>,
    waiting: Mutex<HashMap<DeviceId, Waiting>>,
}

impl Parked {
    pub(crate) fn new(engine: Arc<Engine>, metrics: Arc<Metrics>) -> Self {
        Self { engine, metrics, waiting: Mutex::default() }
    }

    /// Takes a request in; an older one of the same device is answered so that the device is not confused by it.
    /// What changed since the gate was asked is looked at once more.
    pub(crate) fn enter(&self, waiting: Waiting) {
        let device = waiting.device;
        self.metrics.parked.up();
        let older = self.waiting.lock().insert(device, waiting);
        if let Some(older) = older {
            self.metrics.superseded.up();
            let said = older.nothing_new().because("A newer request of the device took its place.");
            self.end(older, said);
        }
        self.look(device, false);
    }

    /// Takes a request out because it was answered otherwise, or its device left. `None` if it was answered already.
    pub(crate) fn leave(&self, device: DeviceId, bell: &Bell) -> Option<Waiting> {
        let mut all = self.waiting.lock();
        if !all.get(&device)?.bell.is(bell) {
            return None;
        }
        let waiting = all.remove(&device)?;
        drop(all);
        self.metrics.parked.down();
        Some(waiting)
    }

    /// The request that waits for a device, if it has one.
    fn has(&self, device: DeviceId) -> bool {
        self.waiting.lock().contains_key(&device)
    }

    /// The devices among those that wait which a change of these users and organizations may concern.
    fn concerned(&self, users: &HashSet<UserId>, organizations: &HashSet<OrganizationId>) -> Vec<DeviceId> {
        let all = self.waiting.lock();
        let hit = |w: &&Waiting| users.contains(&w.user) || organizations.contains(&w.organization);
        all.values().filter(hit).map(|w| w.device).collect()
    }

    /// The members of a group.
    fn members(&self, organization: OrganizationId, group: GroupId) -> Vec<UserId> {
        let org = self.engine.directory().organization(organization);
        org.map(|org| org.read().members(group).map(|user| user.id).collect()).unwrap_or_default()
    }

    /// Sends the request that waits for a device through the gate again. `due`: its schedule says that it checks in
    /// now, so it is told what else had waited.
    fn look(&self, device: DeviceId, due: bool) {
        let asked = self.waiting.lock().get(&device).map(Waiting::question);
        let Some(asked) = asked else { return };
        let Some(said) = self.news_for(&asked, due) else { return };
        let Some(waiting) = self.leave(device, &asked.bell) else { return };
        self.metrics.woken.up();
        // Counted as left; `end` must not count again.
        self.finish(&waiting, said);
    }

    /// The answer that a waiting request gets now, or nothing while it may go on.
    fn news_for(&self, asked: &waiting::Question, due: bool) -> Option<Said> {
        let org = self.engine.directory().organization(asked.organization)?;
        let (login, device) = {
            let org = org.read();
            let user = org.user(asked.user).cloned();
            let server = user.as_ref().and_then(|u| server_of(&org, u)).map(|server| server.value);
            let login = Login {
                organization: Arc::clone(&org.organization),
                username: String::new(),
                login_domain: String::new(),
                email: None,
                presented: String::new(),
                user,
                server,
            };
            (login, org.devices.get(asked.device).cloned())
        };
        let request = GateRequest {
            command: GateCommand::Other,
            policy_key: asked.policy_key,
            version: asked.version.as_str(),
            authentication: Authentication::Verified,
        };
        let style = refuse::style(device.as_deref(), login.server.as_deref());
        if login.user.is_none() || device.is_none() {
            // The partnership was forgotten: the device starts anew.
            return Some(refuse::must_provision(
                ProvisionReason::NotProvisioned,
                asked.command,
                asked.version,
                style,
            ));
        }
        let device = device.as_deref();
        match eas::gate(&self.engine, &login, device, &request) {
            Gate::Serve | Gate::Authenticate => {
                let moved = login.server.as_ref().map(|s| s.id) != asked.server;
                let off = login.server.as_ref().is_some_and(|s| !s.enabled);
                (moved || off).then(|| asked.start_over())
            }
            Gate::WipeNow { .. } => Some(refuse::must_wipe(asked.command, asked.version, style)),
            Gate::Refuse(reason) => Some(refuse::refused(&reason, asked.command, asked.version, style)),
            // Outside of direct push a new policy waits for the next check-in. A wipe or a refusal never does.
            Gate::NeedProvision(_) if !due && !self.pushes(asked) => None,
            Gate::NeedProvision(reason) => {
                self.metrics.told_to_provision.up();
                Some(refuse::must_provision(reason, asked.command, asked.version, style))
            }
            Gate::Admit => Some(refuse::must_provision(
                ProvisionReason::NotProvisioned,
                asked.command,
                asked.version,
                style,
            )),
        }
    }

    /// Whether the device's schedule asks for direct push now.
    fn pushes(&self, asked: &waiting::Question) -> bool {
        let Some(org) = self.engine.directory().organization(asked.organization) else { return true };
        let org = org.read();
        let device = org.devices.get(asked.device);
        device.is_none_or(|device| schedules::pushes(&org, device, self.engine.now()))
    }

    fn end(&self, waiting: Waiting, said: Said) {
        self.metrics.parked.down();
        self.finish(&waiting, said);
    }

    fn finish(&self, waiting: &Waiting, said: Said) {
        if let Some(device) = self.device(waiting) {
            waiting.line.write(&self.engine, &device, said.http.as_u16(), &said.note, said.body.len() as u64);
        }
        waiting.bell.ring(said);
    }

    /// The device as it is now.
    pub(crate) fn device(&self, waiting: &Waiting) -> Option<Arc<Device>> {
        let org = self.engine.directory().organization(waiting.organization)?;
        org.read().devices.get(waiting.device).cloned()
    }
}
