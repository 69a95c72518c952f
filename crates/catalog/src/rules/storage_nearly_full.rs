//! C26: the storage is nearly full.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::StorageNearlyFull,
    number: "C26",
    label: "Storage nearly full",
    help: "The storage of the device is nearly full. It warns; it restricts nothing unless chosen.",
    remedy: "Remove what is not needed from the device.",
    severity: Severity::Informational,
    fields: &[Field {
        key: "percent",
        label: "Free storage, at least",
        help: "Percent of the storage that must be free.",
        kind: Kind::Int { min: 1, max: 99, unit: "percent", optional: false },
        default: || Value::Int(5),
    }],
    needs: &["storage_free_percent"],
    default_targets: &[],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let Some(free) = facts.int("storage_free_percent") else {
        return Check::Unknown { missing: "storage_free_percent" };
    };
    if free >= RULE.param(params, "percent").as_int().unwrap_or(5) {
        return GOOD;
    }
    broken(format!("Only {free} percent of the storage are free."), &["storage_free_percent"], None)
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn little_room_is_said() {
        let check = |free| check(&known(&[("storage_free_percent", V::Int(free))]), &params(&[]), 0);
        assert_eq!(check(5), GOOD);
        assert_eq!(detail(check(4)), "Only 4 percent of the storage are free.");
    }
}
