//! What belongs to the installation and not to an organization.
//!
//! This is the only place whose statements have no organization in `WHERE`:
//!
//! * [`entities`]: reading everything page by page, at the start of a node;
//! * [`lookup`]: what must be found before anybody has signed in: an administrator by name, a session or token
//!   by hash, an organization by its names;
//! * [`cursors`]: how far followers of the journal have come;
//! * [`login_failures`], [`settings`], [`counter`]: tables without tenants;
//! * [`preferences`]: what system administrators set for the whole installation.
//!
//! Tables whose key does not begin with the organization are exactly: `organization_name` and `device_guid`
//! (unique in the installation), `installation_counter`, `installation_setting` and `login_failure`.
//!
//! Reads of tenants' tables demand a unit opened for [`Organization::SYSTEM`], so that no face can reach them
//! by a scope of its own.

pub mod counter;
pub mod cursors;
pub mod entities;
pub mod login_failures;
pub mod lookup;
pub mod preferences;
pub mod settings;

use crate::{Result, StoreError, Tx};
use domain::model::Organization;

/// Refuses a unit of an organization.
fn installation_wide(tx: &Tx) -> Result<()> {
    if tx.organization() == Organization::SYSTEM {
        return Ok(());
    }
    Err(StoreError::Other(format!("a unit of {} tried to read the whole installation", tx.organization())))
}
