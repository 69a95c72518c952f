//! Two policies that both apply: the stricter value of each setting.

use catalog::{Values, settings};

/// Values that satisfy both sides. Settings at their default are left out; settings that this release does not know
/// are kept from the left side, else from the right.
pub fn merge_stricter(left: &Values, right: &Values) -> Values {
    let mut merged: Values = Values(
        right
            .0
            .iter()
            .chain(&left.0)
            .filter(|(key, _)| catalog::setting(key).is_none())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    );
    for setting in settings() {
        let value = setting.stricter_of(&left.get(setting), &right.get(setting));
        if value != (setting.default)() {
            merged.0.insert(setting.key.to_owned(), value);
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::{Kind, Value};
    use proptest::prelude::*;

    fn value(kind: Kind) -> BoxedStrategy<Value> {
        match kind {
            Kind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
            Kind::Int { min, max, optional: true, .. } => {
                prop_oneof![(min..=max).prop_map(Value::Int), Just(Value::Unset)].boxed()
            }
            Kind::Int { min, max, .. } => (min..=max).prop_map(Value::Int).boxed(),
            Kind::Choice(options) => (0..options.len()).prop_map(|i| Value::Int(options[i].0)).boxed(),
            Kind::List { .. } => prop::collection::vec("[a-d]", 0..4).prop_map(Value::List).boxed(),
            Kind::Text { .. } | Kind::Version => "[a-d]".prop_map(Value::Text).boxed(),
        }
    }

    fn any_values() -> impl Strategy<Value = Values> {
        let each: Vec<_> = settings().map(|s| prop::option::of(value(s.kind))).collect();
        each.prop_map(|chosen| {
            Values(settings().zip(chosen).filter_map(|(s, v)| Some((s.key.to_owned(), v?))).collect())
        })
    }

    /// Values with their defaults filled in, so that "missing" and "default" are the same.
    fn full(values: &Values) -> Vec<Value> {
        settings().map(|s| values.get(s)).collect()
    }

    proptest! {
        #[test]
        fn merging_with_itself_changes_nothing(a in any_values()) {
            prop_assert_eq!(full(&merge_stricter(&a, &a)), full(&a));
        }

        #[test]
        fn the_order_of_the_sides_does_not_matter(a in any_values(), b in any_values()) {
            prop_assert_eq!(merge_stricter(&a, &b), merge_stricter(&b, &a));
        }

        #[test]
        fn the_result_is_at_least_as_strict_as_each_side(a in any_values(), b in any_values()) {
            let merged = merge_stricter(&a, &b);
            for s in settings() {
                // Lists of forbidden things may repeat an item, which makes them longer but not stricter.
                if matches!(s.kind, Kind::List { .. }) {
                    continue;
                }
                for side in [&a, &b] {
                    prop_assert!(s.stricter.compare(&merged.get(s), &side.get(s)).is_ge(), "{}", s.key);
                }
            }
        }
    }

    #[test]
    fn unknown_settings_survive() {
        let side = |n| Values([("future.thing".to_owned(), Value::Int(n))].into());
        assert_eq!(merge_stricter(&side(1), &side(2)), side(1));
    }
}
