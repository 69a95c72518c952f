//! Many devices, page by page.
//!
//! Pages follow the device number, so a token stays valid for ever, and nobody is lost or doubled when devices
//! come and go between two pages. A page is a list of shared entities; what is written of them is made piece by
//! piece by the face. The PSNs of one ISE poll at the same moment: they share a page for five seconds, unless a
//! device's posture has changed meanwhile, so that sharing never makes an answer stale.

use std::sync::Arc;

use domain::Millis;
use domain::model::{Device, DeviceState};
use tokio::sync::OnceCell;

use super::{is_compliant, may_ask};
use crate::{Engine, Error, OrgIndex, OrgLock, Result, Scope};

/// Which devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All that are not retired.
    All,
    /// Those that may use the network, or those that may not.
    Compliant(bool),
    /// Those of a user: sign-in name, with or without domain, or address.
    OfUser(String),
}

/// A question for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageQuery {
    /// Which devices.
    pub which: Which,
    /// 0, or the token of the page before.
    pub after: u32,
    /// How the answer names devices.
    pub naming: Naming,
}

/// How an answer with many devices names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// Once for each MAC address, as a session may be on any; a device without one is left out.
    Mac,
    /// By GUID.
    Guid,
    /// Once for each MAC address, by GUID if there is none.
    MacOrGuid,
}

impl Naming {
    fn entries(self, device: &Device) -> usize {
        match self {
            Naming::Mac => device.macs.len(),
            Naming::Guid => 1,
            Naming::MacOrGuid => device.macs.len().max(1),
        }
    }
}

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Devices by number.
    pub devices: Vec<Arc<Device>>,
    /// Token of the next page, 0 if this is the last.
    pub next: u32,
}

/// Devices looked at under one lock, so that a look-up waits microseconds, not milliseconds.
const STEP: usize = 512;
/// How long pages are shared.
const SHARED_FOR: Millis = 5_000;
/// Retired devices stay in polls for so long, if the organization says so.
const RETIRED_FOR: Millis = 7 * 86_400_000;

/// A page of devices, from memory. Its size is the organization's setting, counted in entries of the answer; a
/// device with several addresses is never split.
///
/// # Errors
/// [`Error::Denied`] for anybody but ISE without the permission to see devices.
pub async fn page(engine: &Engine, scope: &Scope, query: PageQuery) -> Result<Arc<Page>> {
    may_ask(scope)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let now = engine.now();
    let (rules, generation) = {
        let org = org.read();
        let settings = &org.organization.settings;
        let size = settings.ise_page_size.max(1) as usize;
        (Rules { size, report_retired: settings.ise_report_retired, now }, org.devices.generation())
    };
    if let Which::OfUser(name) = &query.which {
        let owned = owned(&org.read(), name, query.after);
        let mut walk = Walk::new(&query, &rules);
        walk.take(owned.iter());
        return Ok(Arc::new(walk.page));
    }
    let desk = engine.ise.desk(scope.organization());
    if query.which == Which::Compliant(false) && query.after == 0 {
        desk.polls.lock().note(now);
    }
    let cell = desk.pages.lock().cell(query.clone(), &rules, generation, now);
    Ok(Arc::clone(cell.get_or_init(|| gather(&org, &query, &rules)).await))
}

/// What of the organization decides a page.
#[derive(Debug, Clone)]
struct Rules {
    size: usize,
    report_retired: bool,
    now: Millis,
}

impl Rules {
    fn wanted(&self, which: &Which, device: &Device) -> bool {
        let left = device.state == DeviceState::Retired;
        let reported = !left || (self.report_retired && self.now - device.state_since < RETIRED_FOR);
        match which {
            Which::All => reported,
            Which::OfUser(_) => !left,
            Which::Compliant(true) => is_compliant(device),
            Which::Compliant(false) => reported && !is_compliant(device),
        }
    }
}

async fn gather(org: &OrgLock, query: &PageQuery, rules: &Rules) -> Arc<Page> {
    let mut walk = Walk::new(query, rules);
    loop {
        let done = {
            let org = org.read();
            let mut devices = org.devices.after_number(walk.at).take(STEP).peekable();
            devices.peek().is_none() || walk.take(devices)
        };
        if done {
            return Arc::new(walk.page);
        }
        tokio::task::yield_now().await;
    }
}

/// A walk along the numbers.
struct Walk<'q> {
    query: &'q PageQuery,
    rules: &'q Rules,
    at: i64,
    entries: usize,
    page: Page,
}

impl<'q> Walk<'q> {
    fn new(query: &'q PageQuery, rules: &'q Rules) -> Self {
        Self { query, rules, at: i64::from(query.after), entries: 0, page: Page::default() }
    }

    /// Looks at some devices in order; true when the page is full and another device would follow.
    fn take<'d>(&mut self, devices: impl Iterator<Item = &'d Arc<Device>>) -> bool {
        for device in devices {
            let entries = self.query.naming.entries(device);
            if entries > 0 && self.rules.wanted(&self.query.which, device) {
                if let Some(last) = self.page.devices.last()
                    && self.entries + entries > self.rules.size
                {
                    self.page.next = last.number as u32;
                    return true;
                }
                self.entries += entries;
                self.page.devices.push(Arc::clone(device));
            }
            self.at = device.number;
        }
        false
    }
}

/// The devices of a user by number, after a token.
fn owned(org: &OrgIndex, name: &str, after: u32) -> Vec<Arc<Device>> {
    let user =
        org.user_by_name(name).or_else(|| org.user_by_email(name)).or_else(|| match name.rsplit_once('\\') {
            Some((domain, user)) => org.user_by_name(user).filter(|u| u.domain.eq_ignore_ascii_case(domain)),
            None => None,
        });
    let Some(user) = user else { return Vec::new() };
    let mut devices: Vec<_> =
        org.devices.of_user(user.id).into_iter().filter(|d| d.number > i64::from(after)).cloned().collect();
    devices.sort_by_key(|d| d.number);
    devices
}

/// Pages that are shared for a moment.
#[derive(Default)]
pub(super) struct SharedPages(Vec<Shared>);

struct Shared {
    query: PageQuery,
    size: usize,
    report_retired: bool,
    generation: u64,
    made_at: Millis,
    cell: Arc<OnceCell<Arc<Page>>>,
}

/// More pages than a poll of 200,000 devices has; beyond it pages are not shared.
const PAGES: usize = 64;

impl SharedPages {
    fn cell(
        &mut self,
        query: PageQuery,
        rules: &Rules,
        generation: u64,
        now: Millis,
    ) -> Arc<OnceCell<Arc<Page>>> {
        self.forget(now);
        self.0.retain(|p| p.generation == generation);
        let same = |p: &&Shared| {
            p.query == query && p.size == rules.size && p.report_retired == rules.report_retired
        };
        if let Some(shared) = self.0.iter().find(same) {
            return Arc::clone(&shared.cell);
        }
        let cell = Arc::new(OnceCell::new());
        if self.0.len() < PAGES {
            self.0.push(Shared {
                query,
                size: rules.size,
                report_retired: rules.report_retired,
                generation,
                made_at: now,
                cell: Arc::clone(&cell),
            });
        }
        cell
    }

    /// Lets go of pages that are too old to be shared, and with them of old versions of devices.
    pub(super) fn forget(&mut self, now: Millis) {
        self.0.retain(|p| (0..SHARED_FOR).contains(&(now - p.made_at)));
    }
}
