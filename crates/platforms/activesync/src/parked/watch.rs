//! Following the engine: a word per change, and a thread that turns words into looks.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread;

use domain::Change;
use domain::model::{DeviceId, GroupId, OrganizationId, UserId};
use engine::schedules::{self, Reach};

use super::Parked;

/// What a change may concern.
enum News {
    Device(DeviceId),
    /// A check-in is due.
    Due(DeviceId),
    User(UserId),
    Group(OrganizationId, GroupId),
    Organization(OrganizationId),
}

impl Parked {
    /// Follows the engine until both are gone.
    pub(crate) fn follow(self: &Arc<Self>) {
        let (sender, receiver) = channel();
        let calls = sender.clone();
        let this = Arc::downgrade(self);
        let listener = Arc::downgrade(self);
        self.engine
            .listen(Arc::new(move |organization, change| tell(&listener, &sender, organization, change)));
        let (listener, due) = (Arc::downgrade(self), calls);
        schedules::on_due(&self.engine, Arc::new(move |call| connected(&listener, &due, call.device.id)));
        let started =
            thread::Builder::new().name("activesync-wake".into()).spawn(move || run(&this, &receiver));
        if let Err(error) = started {
            tracing::error!(%error, "the thread that wakes waiting devices could not be started");
        }
    }
}

/// Runs inside the commit: quick, and silent about what concerns nobody.
fn tell(parked: &Weak<Parked>, sender: &Sender<News>, organization: OrganizationId, change: &Change) {
    let Some(parked) = parked.upgrade() else { return };
    let news = match change {
        Change::Device(device) if parked.has(device.id) => News::Device(device.id),
        Change::DeviceRemoved(id) if parked.has(*id) => News::Device(*id),
        Change::User(user) => News::User(user.id),
        Change::UserRemoved(id) => News::User(*id),
        Change::Group(group) => News::Group(organization, group.id),
        Change::Organization(organization) => News::Organization(organization.id),
        Change::Suite(_)
        | Change::SuiteRemoved(_)
        | Change::Server(_)
        | Change::ServerRemoved(_)
        | Change::Access(_) => News::Organization(organization),
        _ => return,
    };
    // Fails only when the thread is gone, and then nobody waits.
    let _ = sender.send(news);
}

/// A device whose request waits here is in contact; it is told what waited for its check-in.
fn connected(parked: &Weak<Parked>, sender: &Sender<News>, device: DeviceId) -> Reach {
    match parked.upgrade() {
        Some(parked) if parked.has(device) => {
            let _ = sender.send(News::Due(device));
            Reach::Connected
        }
        _ => Reach::NotReachable,
    }
}

fn run(parked: &Weak<Parked>, news: &Receiver<News>) {
    while let Ok(first) = news.recv() {
        let Some(parked) = parked.upgrade() else { return };
        let (mut devices, mut due) = (HashSet::new(), HashSet::new());
        let (mut users, mut organizations) = (HashSet::new(), HashSet::new());
        for one in std::iter::once(first).chain(news.try_iter()) {
            match one {
                News::Device(device) => devices.insert(device),
                News::Due(device) => due.insert(device),
                News::User(user) => users.insert(user),
                // Looked up here and not in the commit, which holds everybody up.
                News::Group(organization, group) => {
                    users.extend(parked.members(organization, group));
                    continue;
                }
                News::Organization(organization) => organizations.insert(organization),
            };
        }
        if !(users.is_empty() && organizations.is_empty()) {
            devices.extend(parked.concerned(&users, &organizations));
        }
        for device in devices {
            parked.look(device, false);
        }
        for device in due {
            parked.look(device, true);
        }
    }
}
