//! What this node is at.

use std::collections::HashSet;

use domain::model::OrganizationId;
use parking_lot::Mutex;

/// Tasks that run on this node.
#[derive(Default)]
pub(crate) struct UnderWay(Mutex<HashSet<(OrganizationId, String)>>);

/// Ends with the task, also when it panics.
pub(crate) struct Begun<'e> {
    all: &'e UnderWay,
    key: (OrganizationId, String),
}

impl UnderWay {
    /// Takes note that a task begins; `None` while it is running.
    pub fn begin(&self, organization: OrganizationId, task: &str) -> Option<Begun<'_>> {
        let key = (organization, task.to_owned());
        self.0.lock().insert(key.clone()).then_some(Begun { all: self, key })
    }

    /// Whether it is running.
    pub fn has(&self, organization: OrganizationId, task: &str) -> bool {
        self.0.lock().contains(&(organization, task.to_owned()))
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.all.0.lock().remove(&self.key);
    }
}
