//! What a new revision changes, in words.

use std::cmp::Ordering;

use catalog::{Liability, Value, settings};

use crate::model::SuiteValues;

/// Whether a change asks for more or for less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Stricter than before.
    Stricter,
    /// Milder than before.
    Milder,
    /// Neither, such as another list of the same length.
    Other,
}

/// One changed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Key of the setting.
    pub key: String,
    /// Its label; the key for a setting that this version does not know.
    pub label: String,
    /// Column.
    pub column: Liability,
    /// Value before, in words.
    pub from: String,
    /// Value after, in words.
    pub to: String,
    /// Direction.
    pub direction: Direction,
}

impl Difference {
    /// "Minimum length (corporate): 4 characters → 6 characters, stricter".
    pub fn sentence(&self) -> String {
        let direction = match self.direction {
            Direction::Stricter => ", stricter",
            Direction::Milder => ", milder",
            Direction::Other => "",
        };
        let column = self.column.label().to_lowercase();
        format!("{} ({column}): {} → {}{direction}", self.label, self.from, self.to)
    }
}

/// Every value that differs, corporate column first, in the order of the pages. A value that is missing counts as
/// the setting's default, so writing a default explicitly is no difference.
pub fn diff(old: &SuiteValues, new: &SuiteValues) -> Vec<Difference> {
    Liability::ALL.into_iter().flat_map(|column| diff_column(old, new, column)).collect()
}

fn diff_column(old: &SuiteValues, new: &SuiteValues, column: Liability) -> Vec<Difference> {
    let (old, new) = (old.column(column), new.column(column));
    let mut found = Vec::new();
    for setting in settings() {
        let (from, to) = (old.get(setting), new.get(setting));
        if from == to {
            continue;
        }
        let direction = match setting.stricter.compare(&to, &from) {
            Ordering::Greater => Direction::Stricter,
            Ordering::Less => Direction::Milder,
            Ordering::Equal => Direction::Other,
        };
        found.push(Difference {
            key: setting.key.to_owned(),
            label: setting.label.to_owned(),
            column,
            from: setting.kind.words(&from),
            to: setting.kind.words(&to),
            direction,
        });
    }
    // Settings of a newer release: nothing is known of them, but a change must not be hidden.
    let foreign: std::collections::BTreeSet<&String> =
        old.0.keys().chain(new.0.keys()).filter(|key| catalog::setting(key).is_none()).collect();
    for key in foreign {
        let words = |value: Option<&Value>| {
            value.map_or_else(|| "not set".to_owned(), |v| serde_json::to_string(v).unwrap_or_default())
        };
        if old.0.get(key) != new.0.get(key) {
            found.push(Difference {
                key: key.clone(),
                label: key.clone(),
                column,
                from: words(old.0.get(key)),
                to: words(new.0.get(key)),
                direction: Direction::Other,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::Values;

    fn suite(pairs: &[(&str, Value)]) -> SuiteValues {
        let corporate = Values(pairs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect());
        SuiteValues { corporate, individual: Values::default() }
    }

    #[test]
    fn changes_are_said_in_words_with_their_direction() {
        let old =
            suite(&[("password.min_length", Value::Int(4)), ("device.allow_camera", Value::Bool(false))]);
        let new = suite(&[("password.min_length", Value::Int(6)), ("mail.max_age", Value::Int(5))]);
        let sentences: Vec<_> = diff(&old, &new).iter().map(Difference::sentence).collect();
        assert_eq!(
            sentences,
            [
                "Minimum length (corporate): 4 characters → 6 characters, stricter",
                "Allow the camera (corporate): no → yes, milder",
                "Oldest mail kept on the device (corporate): all → one month, stricter",
            ]
        );
    }

    #[test]
    fn an_explicit_default_is_no_difference() {
        assert!(diff(&suite(&[]), &suite(&[("device.allow_camera", Value::Bool(true))])).is_empty());
    }

    #[test]
    fn each_column_is_compared_for_itself() {
        let mut new = suite(&[]);
        new.individual.0.insert("password.required".into(), Value::Bool(true));
        let found = diff(&suite(&[]), &new);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].column, Liability::Individual);
    }

    #[test]
    fn settings_of_a_newer_release_are_not_hidden() {
        let found = diff(&suite(&[]), &suite(&[("future.thing", Value::Int(3))]));
        assert_eq!(found[0].sentence(), "future.thing (corporate): not set → 3");
    }
}
