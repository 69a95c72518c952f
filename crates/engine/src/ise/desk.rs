//! What is kept in memory for ISE, one desk for each organization, so that tenants never wait for each other.

use std::collections::HashMap;
use std::sync::Arc;

use domain::model::OrganizationId;
use parking_lot::{Mutex, RwLock};

use super::action::RecentActions;
use super::advice::Polls;
use super::calls::CallLog;
use super::lookup::Clashes;
use super::page::SharedPages;
use super::unknown_macs::Misses;

/// The desks of all organizations that ISE asked about since the start.
#[derive(Default)]
pub struct Ise {
    desks: RwLock<HashMap<OrganizationId, Arc<Desk>>>,
}

/// One organization's.
#[derive(Default)]
pub(super) struct Desk {
    pub calls: Mutex<CallLog>,
    pub misses: Mutex<Misses>,
    pub clashes: Mutex<Clashes>,
    pub polls: Mutex<Polls>,
    pub pages: Mutex<SharedPages>,
    /// Held while an action is ordered, so that a repeated request sees what the first one did.
    pub actions: tokio::sync::Mutex<RecentActions>,
}

impl Ise {
    /// The desk of an organization, made at the first use.
    pub(super) fn desk(&self, organization: OrganizationId) -> Arc<Desk> {
        if let Some(desk) = self.desks.read().get(&organization) {
            return Arc::clone(desk);
        }
        Arc::clone(self.desks.write().entry(organization).or_default())
    }

    /// All desks.
    pub(super) fn desks(&self) -> Vec<(OrganizationId, Arc<Desk>)> {
        self.desks.read().iter().map(|(id, desk)| (*id, Arc::clone(desk))).collect()
    }
}
