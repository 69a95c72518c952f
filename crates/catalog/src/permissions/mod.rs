//! Permissions: one per feature and level, one per dangerous command; and the predefined roles.

mod table;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use table::{PERMISSIONS, PREDEFINED_ROLES, Permission};

/// Words for a permission.
#[derive(Debug)]
pub struct PermissionInfo {
    /// The permission.
    pub permission: Permission,
    /// Stored name, `area.action`.
    pub key: &'static str,
    /// Label on the role page.
    pub label: &'static str,
    /// The area it is listed under (the page's name).
    pub area: &'static str,
    /// Marked as dangerous on the role page.
    pub dangerous: bool,
}

/// A role that every organization has.
#[derive(Debug)]
pub struct PredefinedRole {
    /// Stored key.
    pub key: &'static str,
    /// Name shown.
    pub name: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// Its permissions.
    pub permissions: &'static [Permission],
}

/// The set of permissions an actor holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Powers(BTreeSet<Permission>);

impl Powers {
    /// Every permission there is.
    pub fn all() -> Self {
        Powers(PERMISSIONS.iter().map(|p| p.permission).collect())
    }
    /// From a list.
    pub fn of(permissions: &[Permission]) -> Self {
        Powers(permissions.iter().copied().collect())
    }
    /// Whether the permission is held.
    pub fn has(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }
    /// Those held by both: a token never has more than its owner.
    pub fn intersect(&self, other: &Powers) -> Powers {
        Powers(self.0.intersection(&other.0).copied().collect())
    }
    /// Whether every permission of `other` is held as well.
    pub fn includes(&self, other: &Powers) -> bool {
        self.0.is_superset(&other.0)
    }
    /// All held, in catalogue order.
    pub fn iter(&self) -> impl Iterator<Item = Permission> {
        self.0.iter().copied()
    }
    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
