//! Policy suites and their immutable revisions.

use catalog::{Millis, Values};
use serde::{Deserialize, Serialize};

use super::{Liability, OrganizationId};
use crate::{Id, IdKind};

/// The two columns of a suite.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SuiteValues {
    /// For corporate devices.
    pub corporate: Values,
    /// For individual devices.
    pub individual: Values,
}

impl SuiteValues {
    /// The column of a liability.
    pub fn column(&self, liability: Liability) -> &Values {
        match liability {
            Liability::Corporate => &self.corporate,
            Liability::Individual => &self.individual,
        }
    }
}

/// A policy suite with its draft. Devices see only published revisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySuite {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: PolicySuiteId,
    /// Grows with every write.
    pub rev: i64,
    /// Name, unique in the organization.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What the form shows and *Publish* would publish.
    pub draft: SuiteValues,
    /// The revision in force; `None` until the first publication.
    pub published: Option<PolicyRevision>,
    /// When it was made.
    pub created_at: Millis,
}

/// A published, immutable revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRevision {
    /// 1, 2, 3 … within the suite.
    pub number: i64,
    /// The values.
    pub values: SuiteValues,
    /// When.
    pub published_at: Millis,
    /// By whom (actor in text form).
    pub published_by: String,
    /// Note of the publisher.
    pub note: String,
}

/// Id of a policy suite.
pub type PolicySuiteId = Id<PolicySuite>;
impl IdKind for PolicySuite {
    const PREFIX: &'static str = "pol";
}
