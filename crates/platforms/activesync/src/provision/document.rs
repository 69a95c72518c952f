//! From the engine's policy document to the codec's; equal documents share their bytes.

use std::collections::HashMap;
use std::sync::Arc;

use domain::policy::{DocValue as Value, DocumentClass};
use engine::policy::Document as Policy;
use parking_lot::Mutex;
use wire_eas::provision::{DocValue, Document, document, element};
use wire_eas::version::PolicyClass;

/// Documents by digest. Bounded; a dropped one is made again.
#[derive(Default)]
pub(crate) struct Documents(Mutex<HashMap<String, Arc<Document>>>);

const LIMIT: usize = 4_096;

impl Documents {
    /// The document as it is sent. `None` if the catalogue and the protocol disagree, which is logged.
    pub(crate) fn of(&self, policy: &Policy) -> Option<Arc<Document>> {
        let mut known = self.0.lock();
        if let Some(found) = known.get(&policy.digest) {
            return Some(Arc::clone(found));
        }
        let made = Arc::new(make(policy)?);
        if known.len() >= LIMIT {
            known.clear();
        }
        known.insert(policy.digest.clone(), Arc::clone(&made));
        Some(made)
    }
}

fn make(policy: &Policy) -> Option<Document> {
    let class = match policy.class {
        DocumentClass::V2_5 => PolicyClass::V2_5,
        DocumentClass::V12_0 => PolicyClass::V12_0,
        DocumentClass::V12_1 => PolicyClass::V12_1,
    };
    let mut values = Vec::with_capacity(policy.elements.len());
    for (name, value) in &policy.elements {
        let Some(info) = element(name) else {
            tracing::error!(name, "the protocol has no such policy element");
            return None;
        };
        values.push((info, convert(value)));
    }
    document(class, &values).inspect_err(|error| tracing::error!(%error, "a policy cannot be written")).ok()
}

fn convert(value: &Value) -> DocValue {
    match value {
        Value::Bool(on) => DocValue::Bool(*on),
        Value::Integer(number) => DocValue::Integer(*number),
        Value::Empty => DocValue::Empty,
        Value::List(items) => DocValue::List(items.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::Values;

    #[test]
    fn every_class_of_the_catalogue_can_be_written() {
        let documents = Documents::default();
        for class in [DocumentClass::V2_5, DocumentClass::V12_0, DocumentClass::V12_1] {
            let elements = domain::policy::document(&Values::default(), class);
            let digest = domain::policy::digest(&elements, class);
            let policy = Policy { elements, digest, class, made_of: None };
            let made = documents.of(&policy).expect("the catalogue fits the protocol");
            assert!(!made.bytes().is_empty());
            assert!(Arc::ptr_eq(&made, &documents.of(&policy).expect("known")));
        }
    }
}
