//! Checks a whole suite before it is saved or published.

use catalog::{Liability, setting};

use crate::model::SuiteValues;

/// A value that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    /// Key of the setting.
    pub key: String,
    /// Column.
    pub column: Liability,
    /// What to enter instead.
    pub message: String,
}

/// Every value that does not fit, by key and column; empty when the suite is in order.
pub fn validate(values: &SuiteValues) -> Vec<ValueError> {
    let mut errors = Vec::new();
    for column in Liability::ALL {
        for (key, value) in &values.column(column).0 {
            let message = match setting(key) {
                None => Some("There is no setting of this name.".to_owned()),
                Some(setting) => setting.kind.check(value).err().map(|e| e.0),
            };
            errors.extend(message.map(|message| ValueError { key: key.clone(), column, message }));
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::{Template, Value, Values, template};

    #[test]
    fn every_template_is_valid() {
        for level in Template::ALL {
            let values = SuiteValues {
                corporate: template(level, Liability::Corporate),
                individual: template(level, Liability::Individual),
            };
            assert_eq!(validate(&values), []);
        }
    }

    #[test]
    fn errors_name_key_and_column() {
        let mut values = SuiteValues::default();
        values.corporate.0.insert("password.min_length".into(), Value::Int(17));
        values.individual = Values([("no.such".to_owned(), Value::Bool(true))].into());
        values.individual.0.insert("apps.approved".into(), Value::List(vec!["a\0b".into()]));
        let errors = validate(&values);
        assert_eq!(errors.len(), 3);
        assert_eq!((errors[0].key.as_str(), errors[0].column), ("password.min_length", Liability::Corporate));
        assert!(errors[0].message.starts_with("Enter a whole number from 1 to 16"), "{}", errors[0].message);
        assert_eq!((errors[1].key.as_str(), errors[1].column), ("apps.approved", Liability::Individual));
        assert_eq!(errors[2].message, "There is no setting of this name.");
    }
}
