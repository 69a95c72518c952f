//! Views of the lists of devices and users that an administrator keeps.

use catalog::Millis;
use serde::{Deserialize, Serialize};

use super::{AdministratorId, OrganizationId};
use crate::{Id, IdKind};

/// Which list a view is one of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewList {
    /// The devices.
    #[default]
    Devices,
    /// The users.
    Users,
}

impl ViewList {
    /// All of them.
    pub const ALL: [ViewList; 2] = [Self::Devices, Self::Users];

    /// Stored word.
    pub fn key(self) -> &'static str {
        match self {
            Self::Devices => "devices",
            Self::Users => "users",
        }
    }
    /// The list of a word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.key() == key)
    }
}

/// Columns, filters and order of a list under a name. Only its owner sees it, and only in the organization it was
/// made in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Organization whose devices or users it lists.
    pub organization: OrganizationId,
    /// Its id.
    pub id: SavedViewId,
    /// Grows with every write.
    pub rev: i64,
    /// Whose it is; of the organization, or of the installation.
    pub administrator: AdministratorId,
    /// The list that it is one of.
    #[serde(default)]
    pub list: ViewList,
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
