//! The values of a suite that reach a device.

use catalog::{Liability, Values};

use crate::model::PolicySuite;

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
    use crate::model::{OrganizationId, PolicyRevision, PolicySuiteId, SuiteValues};
    use catalog::Value;
    use uuid::Uuid;

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
