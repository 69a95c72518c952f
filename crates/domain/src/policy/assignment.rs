//! Which suite a device gets: its own, else its user's, else the organization's.

use catalog::{Liability, Values};

use crate::model::{Device, OrganizationSettings, PolicySuite, PolicySuiteId, User};

/// The level that an assignment comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssignedFrom {
    /// The device itself.
    Device,
    /// The device's user.
    User,
    /// The organization's default.
    Organization,
}

impl AssignedFrom {
    /// "the device", "the user", "the organization's default".
    pub fn words(self) -> &'static str {
        match self {
            Self::Device => "the device",
            Self::User => "the user",
            Self::Organization => "the organization's default",
        }
    }
}

/// An assignment with its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assigned<T> {
    /// What is assigned.
    pub value: T,
    /// Where that was chosen.
    pub from: AssignedFrom,
}

impl<T> Assigned<T> {
    /// The most specific choice that was made.
    pub fn first(device: Option<T>, user: Option<T>, organization: Option<T>) -> Option<Self> {
        let at = |value: Option<T>, from| value.map(|value| Assigned { value, from });
        at(device, AssignedFrom::Device)
            .or_else(|| at(user, AssignedFrom::User))
            .or_else(|| at(organization, AssignedFrom::Organization))
    }
}

/// The suite of a device; `None` when nobody assigned one: the device then gets the neutral document.
pub fn effective_suite(
    device: Option<&Device>,
    user: &User,
    settings: &OrganizationSettings,
) -> Option<Assigned<PolicySuiteId>> {
    Assigned::first(device.and_then(|d| d.suite), user.suite, settings.default_suite)
}

/// The values in force: the published revision's column; the neutral values while nothing is published.
pub fn effective_values(suite: Option<&PolicySuite>, liability: Liability) -> Values {
    suite
        .and_then(|suite| suite.published.as_ref())
        .map(|revision| revision.values.column(liability).clone())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{OrganizationId, PolicyRevision, SuiteValues};
    use catalog::Value;
    use uuid::Uuid;

    #[test]
    fn the_most_specific_choice_wins_and_is_named() {
        let first = Assigned::first;
        assert_eq!(first(Some(1), Some(2), Some(3)), Some(Assigned { value: 1, from: AssignedFrom::Device }));
        assert_eq!(first(None, Some(2), Some(3)), Some(Assigned { value: 2, from: AssignedFrom::User }));
        assert_eq!(first(None, None, Some(3)), Some(Assigned { value: 3, from: AssignedFrom::Organization }));
        assert_eq!(first(None::<u8>, None, None), None);
    }

    #[test]
    fn devices_see_published_values_of_their_column_only() {
        let mut values = SuiteValues::default();
        values.individual.0.insert("password.min_length".into(), Value::Int(4));
        let mut suite = PolicySuite {
            organization: OrganizationId::from_uuid(Uuid::nil()),
            id: PolicySuiteId::from_uuid(Uuid::nil()),
            rev: 1,
            name: "Default".into(),
            description: String::new(),
            draft: values.clone(),
            published: None,
            created_at: 0,
        };
        assert_eq!(effective_values(Some(&suite), Liability::Individual), Values::default());
        suite.published = Some(PolicyRevision {
            number: 1,
            values: values.clone(),
            published_at: 0,
            published_by: "system".into(),
            note: String::new(),
        });
        assert_eq!(effective_values(Some(&suite), Liability::Individual), values.individual);
        assert_eq!(effective_values(Some(&suite), Liability::Corporate), Values::default());
        assert_eq!(effective_values(None, Liability::Corporate), Values::default());
    }
}
