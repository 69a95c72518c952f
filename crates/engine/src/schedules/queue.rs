//! The scheduler's queue: who is called when, kept in memory in order of time, an organization to a line.
//!
//! A contact does not touch the queue. It only moves a device's due time later, so an entry whose time has come is
//! judged anew, and goes back in if the device came meanwhile: one judgement per device and interval, nothing on the
//! way of a request, and nobody is missed. What can move a due time earlier (another schedule, liability, zone) is
//! noted as it is applied, and judged at the next tick.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::model::{DeviceId, OrganizationId, UserId};
use domain::schedule::spread;
use domain::{Change, Millis};
use parking_lot::Mutex;

/// Calls to a second unless something else is set.
const RATE: u32 = 100;
/// Entries judged in one tick that turn out not to be due: the rest has time until the next one.
const JUDGED: usize = 20_000;
/// What was due while nobody could call is spread over this, milliseconds.
const SPREAD: Millis = 60_000;

/// See the module.
#[derive(Default)]
pub(crate) struct Queue(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    lines: BTreeMap<OrganizationId, Line>,
    changed: Changed,
    /// What is not stored yet; `None` for devices that are not called any more.
    unsaved: HashMap<OrganizationId, BTreeMap<DeviceId, Option<Millis>>>,
    rate: Option<u32>,
    /// When calls were last handed out, and thousandths of a call left over from it.
    last_tick: Option<Millis>,
    left_over: i64,
    /// The organization whose turn is first.
    turn: Option<OrganizationId>,
    leads: bool,
}

/// One organization's devices by the time of their call.
#[derive(Default)]
struct Line {
    by_time: BTreeSet<(Millis, DeviceId)>,
    of: HashMap<DeviceId, Millis>,
}

/// Whose due times are to be worked out anew.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) organizations: HashSet<OrganizationId>,
    pub(super) users: HashSet<(OrganizationId, UserId)>,
    pub(super) devices: HashSet<(OrganizationId, DeviceId)>,
}

/// What there is to say of a device whose time has come, or may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// No check-in is expected of it.
    Never,
    /// It is due at this time, give or take the window: after its last contact, or, if none is known that does not lie
    /// ahead, after now.
    Later { due: Millis, window: Millis, after_contact: bool },
    /// It is due. When it is due next after that, if it is.
    Now { next: Option<(Millis, Millis)> },
}

impl Queue {
    /// Sets how many devices are called to a second, at least one.
    pub(super) fn set_rate(&self, calls: u32) {
        self.0.lock().rate = Some(calls.max(1));
    }
    /// Whether this node calls for the whole installation.
    pub(super) fn leads(&self) -> bool {
        self.0.lock().leads
    }
    pub(super) fn set_leads(&self, leads: bool) {
        self.0.lock().leads = leads;
    }

    /// Notes whom a change concerns. Runs inside the commit.
    pub(crate) fn note(&self, organization: OrganizationId, change: &Change) {
        let mut inner = self.0.lock();
        let changed = &mut inner.changed;
        match change {
            Change::Organization(_)
            | Change::Schedule(_)
            | Change::ScheduleRemoved(_)
            | Change::Group(_)
            | Change::GroupRemoved(_) => {
                changed.organizations.insert(organization);
            }
            Change::User(user) => drop(changed.users.insert((organization, user.id))),
            Change::Device(device) => drop(changed.devices.insert((organization, device.id))),
            Change::DeviceRemoved(id) => {
                if let Some(line) = inner.lines.get_mut(&organization) {
                    line.remove(*id);
                }
            }
            _ => {}
        }
    }
    /// All devices of an organization.
    pub(crate) fn note_all(&self, organization: OrganizationId) {
        self.0.lock().changed.organizations.insert(organization);
    }
    pub(super) fn take_changed(&self) -> Changed {
        std::mem::take(&mut self.0.lock().changed)
    }

    /// A call as stored by the process before. What was due since is spread.
    pub(super) fn restore(&self, organization: OrganizationId, device: DeviceId, at: Millis, now: Millis) {
        let at = if at <= now { now + spread(device, at, SPREAD) } else { at };
        let mut inner = self.0.lock();
        let line = inner.lines.entry(organization).or_default();
        if !line.of.contains_key(&device) {
            line.put(device, at);
        }
    }

    /// Takes in what was judged of a device outside of its turn.
    pub(super) fn settle(&self, organization: OrganizationId, device: DeviceId, judged: Judged, now: Millis) {
        let mut inner = self.0.lock();
        let line = inner.lines.entry(organization).or_default();
        let known = line.of.get(&device).copied();
        let at = match judged {
            Judged::Never => None,
            Judged::Later { due, window, after_contact } => {
                let at = due + spread(device, due, window);
                // What is counted from now moves with every look; the call that is known stays.
                Some(known.filter(|_| !after_contact).map_or(at, |known| known.min(at)))
            }
            // Its call is on the way already, or it was called; at the latest it is called for the next due.
            Judged::Now { next } => {
                let next = next.map(|(due, window)| due + spread(device, due, window));
                match known {
                    Some(known) => Some(next.map_or(known, |next| next.min(known))),
                    None => Some(now + spread(device, now, SPREAD)),
                }
            }
        };
        if at != known {
            inner.enter(organization, device, at);
        }
    }

    /// How many devices may be called now, after the time since the last answer. A clock that jumps neither saves calls
    /// up nor loses any. The second answer says that the clock was set back.
    pub(super) fn allowance(&self, now: Millis) -> (usize, bool) {
        let mut inner = self.0.lock();
        let before = inner.last_tick.replace(now).unwrap_or(now - 1_000);
        let passed = (now - before).clamp(0, 1_000);
        let rate = i64::from(inner.rate.unwrap_or(RATE));
        let calls = passed * rate + inner.left_over;
        inner.left_over = calls % 1_000;
        ((calls / 1_000) as usize, now < before)
    }

    /// Hands out devices whose time has come, at most `most` of those that are really due, organizations in turn.
    /// `judge` says what there is to say of each.
    pub(super) fn due(
        &self,
        now: Millis,
        most: usize,
        mut judge: impl FnMut(OrganizationId, DeviceId) -> Judged,
    ) -> Vec<(OrganizationId, DeviceId)> {
        let mut called = Vec::new();
        for _ in 0..JUDGED {
            if called.len() >= most {
                break;
            }
            let Some((organization, device)) = self.0.lock().take(now) else { break };
            // Without the lock: judging asks the index, which whoever writes holds while noting a change here.
            let judged = judge(organization, device);
            let next = match judged {
                Judged::Never => None,
                Judged::Later { due, window, .. } => Some(due + spread(device, due, window)),
                Judged::Now { next } => next.map(|(due, window)| due + spread(device, due, window)),
            };
            if matches!(judged, Judged::Now { .. }) {
                called.push((organization, device));
            }
            self.0.lock().enter(organization, device, next);
        }
        called
    }

    /// What is not stored yet.
    pub(super) fn take_unsaved(&self) -> HashMap<OrganizationId, BTreeMap<DeviceId, Option<Millis>>> {
        std::mem::take(&mut self.0.lock().unsaved)
    }
    /// Puts back what could not be stored; what became known meanwhile is newer.
    pub(super) fn put_back(&self, organization: OrganizationId, rows: BTreeMap<DeviceId, Option<Millis>>) {
        let mut inner = self.0.lock();
        let kept = inner.unsaved.entry(organization).or_default();
        for (device, at) in rows {
            kept.entry(device).or_insert(at);
        }
    }
}

impl Inner {
    fn enter(&mut self, organization: OrganizationId, device: DeviceId, at: Option<Millis>) {
        let line = self.lines.entry(organization).or_default();
        match at {
            Some(at) => line.put(device, at),
            None => line.remove(device),
        }
        self.unsaved.entry(organization).or_default().insert(device, at);
    }

    /// Takes out the first due device of the organization whose turn it is.
    fn take(&mut self, now: Millis) -> Option<(OrganizationId, DeviceId)> {
        let first_due = |line: &Line| line.by_time.first().copied().filter(|(at, _)| *at <= now);
        let mut found = None;
        if let Some(turn) = self.turn {
            let after = (std::ops::Bound::Excluded(turn), std::ops::Bound::Unbounded);
            found = self.lines.range(after).find_map(|(id, line)| Some((*id, first_due(line)?)));
        }
        let (organization, (_, device)) =
            found.or_else(|| self.lines.iter().find_map(|(id, line)| Some((*id, first_due(line)?))))?;
        self.turn = Some(organization);
        self.lines.get_mut(&organization)?.remove(device);
        Some((organization, device))
    }
}

impl Line {
    fn put(&mut self, device: DeviceId, at: Millis) {
        self.remove(device);
        self.by_time.insert((at, device));
        self.of.insert(device, at);
    }
    fn remove(&mut self, device: DeviceId) {
        if let Some(at) = self.of.remove(&device) {
            self.by_time.remove(&(at, device));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn org(n: u128) -> OrganizationId {
        OrganizationId::from_uuid(Uuid::from_u128(n))
    }
    fn device(n: u128) -> DeviceId {
        DeviceId::from_uuid(Uuid::from_u128(n << 70))
    }

    #[test]
    fn one_organization_does_not_hold_up_another() {
        let queue = Queue::default();
        for n in 1..=1_000 {
            queue.restore(org(1), device(n), 100_000, 0);
        }
        queue.restore(org(2), device(5_000), 100_000, 0);
        queue.restore(org(3), device(6_000), 100_000, 0);
        let called = queue.due(100_000, 4, |_, _| Judged::Now { next: None });
        let owners: Vec<_> = called.iter().map(|(organization, _)| *organization).collect();
        assert_eq!(owners, [org(1), org(2), org(3), org(1)]);
    }

    #[test]
    fn a_clock_that_jumps_saves_nothing_up_and_loses_nothing() {
        let queue = Queue::default();
        queue.set_rate(10);
        assert_eq!(queue.allowance(1_000_000), (10, false));
        assert_eq!(queue.allowance(1_000_050), (0, false));
        assert_eq!(queue.allowance(1_000_100), (1, false), "halves add up");
        assert_eq!(queue.allowance(9_000_000), (10, false), "a jump ahead");
        assert_eq!(queue.allowance(1_000_000), (0, true), "a jump back");
        assert_eq!(queue.allowance(1_001_000), (10, false));
    }

    #[test]
    fn a_denser_schedule_calls_earlier_and_a_device_that_came_later() {
        let queue = Queue::default();
        let at = |queue: &Queue| queue.0.lock().lines[&org(1)].of.get(&device(1)).copied();
        let later = |due| Judged::Later { due, window: 0, after_contact: true };
        let now_and = |due| Judged::Now { next: Some((due, 0)) };
        queue.settle(org(1), device(1), later(500), 0);
        assert_eq!(at(&queue), Some(500));
        queue.settle(org(1), device(1), later(900), 0);
        assert_eq!(at(&queue), Some(900));
        queue.settle(org(1), device(1), now_and(700), 600);
        assert_eq!(at(&queue), Some(700), "overdue under the new schedule, called for its next due");
        queue.settle(org(1), device(1), now_and(2_000), 600);
        assert_eq!(at(&queue), Some(700), "the call on the way stays");
        let counted_from_now = |due| Judged::Later { due, window: 0, after_contact: false };
        queue.settle(org(1), device(1), counted_from_now(5_000), 1_000);
        assert_eq!(at(&queue), Some(700), "looking again does not put a call off");
        queue.settle(org(1), device(1), counted_from_now(650), 600);
        assert_eq!(at(&queue), Some(650));
        queue.settle(org(1), device(1), Judged::Never, 600);
        assert_eq!(at(&queue), None);
        queue.settle(org(1), device(1), now_and(2_000), 600);
        assert!(at(&queue).is_some_and(|at| (600..=60_600).contains(&at)), "due and never called: soon");
        let unsaved = queue.take_unsaved();
        assert_eq!(unsaved[&org(1)].get(&device(1)), Some(&at(&queue)));
    }
}
