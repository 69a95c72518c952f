//! Views of the grid of devices that an administrator keeps.

use catalog::Millis;
use serde::{Deserialize, Serialize};

use super::{AdministratorId, OrganizationId};
use crate::{Id, IdKind};

/// Columns, filters and order of the grid of devices under a name. Only its owner sees it, and only in the
/// organization it was made in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Organization whose devices it lists.
    pub organization: OrganizationId,
    /// Its id.
    pub id: SavedViewId,
    /// Grows with every write.
    pub rev: i64,
    /// Whose it is; of the organization, or of the installation.
    pub administrator: AdministratorId,
    /// Name, unique among the owner's in any letter case.
    pub name: String,
    /// Free text searched for; empty for none.
    #[serde(default)]
    pub search: String,
    /// Filters as key and value, each value its own entry.
    #[serde(default)]
    pub filters: Vec<(String, String)>,
    /// Key of the column sorted by, with `-` before it for largest first; empty is the usual order.
    #[serde(default)]
    pub sort: String,
    /// Keys of the shown columns; empty for the usual ones.
    #[serde(default)]
    pub columns: Vec<String>,
    /// When it was made.
    pub created_at: Millis,
}

/// Id of a saved view.
pub type SavedViewId = Id<SavedView>;
impl IdKind for SavedView {
    const PREFIX: &'static str = "view";
}
