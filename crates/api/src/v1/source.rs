//! Where a setting in force comes from.

use domain::assignment::AssignedFrom;
use domain::model::Group;
use schemars::JsonSchema;
use serde::Serialize;

use super::words::Ref;

/// Where a setting in force comes from: of device, user, the user's groups by priority and organization the first that
/// says something.
#[derive(Serialize, JsonSchema)]
pub(super) struct Source {
    /// The level that decided.
    level: SourceLevel,
    /// The group, where a group decided.
    group: Option<Ref<Group>>,
}

/// A level that settings come from.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum SourceLevel {
    /// The device's own.
    Device,
    /// The user's own.
    User,
    /// A group of the user.
    Group,
    /// The organization's default.
    Organization,
}

impl From<AssignedFrom> for Source {
    fn from(from: AssignedFrom) -> Self {
        let level = match from {
            AssignedFrom::Device => SourceLevel::Device,
            AssignedFrom::User => SourceLevel::User,
            AssignedFrom::Group(_) => SourceLevel::Group,
            AssignedFrom::Organization => SourceLevel::Organization,
        };
        Self { level, group: from.group().map(Into::into) }
    }
}
