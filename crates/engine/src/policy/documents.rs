//! Rendered policy documents, kept per revision, column and protocol class: thousands of devices share one.

use std::collections::HashMap;
use std::sync::Arc;

use catalog::Liability;
use domain::model::{Device, PolicySuite, PolicySuiteId};
use domain::policy::{DocValue, DocumentClass, digest, document, effective_values};
use parking_lot::Mutex;

use crate::OrgIndex;
use crate::assignment::{liability_of, suite_of};

/// A policy document, neutral of its codec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Elements of `EASProvisionDoc` in schema order.
    pub elements: Vec<(&'static str, DocValue)>,
    /// Digest of exactly these.
    pub digest: String,
    /// Class it was made for.
    pub class: DocumentClass,
    /// Suite and revision it was made of; `None` for the neutral document.
    pub made_of: Option<(PolicySuiteId, i64)>,
}

type Key = (Option<(PolicySuiteId, i64)>, Liability, DocumentClass);

/// Documents by what they are made of. Bounded; a document is made again when it was dropped.
#[derive(Default)]
pub struct DocumentCache(Mutex<HashMap<Key, Arc<Document>>>);

const LIMIT: usize = 4_096;

impl DocumentCache {
    /// The document of a suite's published revision; the neutral one, which still carries a key, without a suite.
    pub fn get(
        &self,
        suite: Option<&PolicySuite>,
        liability: Liability,
        class: DocumentClass,
    ) -> Arc<Document> {
        let made_of = suite.and_then(|s| Some((s.id, s.published.as_ref()?.number)));
        let key = (made_of, liability, class);
        let mut cache = self.0.lock();
        if let Some(found) = cache.get(&key) {
            return Arc::clone(found);
        }
        if cache.len() >= LIMIT {
            cache.clear();
        }
        let elements = document(&effective_values(suite, liability), class);
        let digest = digest(&elements, class);
        let made = Arc::new(Document { elements, digest, class, made_of });
        cache.insert(key, Arc::clone(&made));
        made
    }
}

/// The document that a device must have at a protocol version.
pub fn document_for(org: &OrgIndex, device: &Device, version: &str) -> Arc<Document> {
    let class = DocumentClass::of_version(version);
    let Some(user) = org.user(device.user) else {
        return org.documents.get(None, Liability::Corporate, class);
    };
    let liability = liability_of(org, user, Some(device)).value;
    let (suite, _) = suite_of(org, user, Some(device));
    org.documents.get(suite.as_deref(), liability, class)
}
