//! Reading stored facts, straight from the text: a fleet of 100,000 devices has millions of them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::{FactId, FactValue, Facts, KnownFact, fact};

impl<'de> Deserialize<'de> for FactValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Value)
    }
}

struct Value;

impl Visitor<'_> for Value {
    type Value = FactValue;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false, a whole number or a text")
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<FactValue, E> {
        Ok(FactValue::Bool(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<FactValue, E> {
        Ok(FactValue::Int(value))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<FactValue, E> {
        i64::try_from(value).map(FactValue::Int).map_err(|_| E::custom("the number is too large"))
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<FactValue, E> {
        Ok(FactValue::Text(value.to_owned()))
    }
    fn visit_string<E: Error>(self, value: String) -> Result<FactValue, E> {
        Ok(FactValue::Text(value))
    }
}

impl<'de> Deserialize<'de> for Facts {
    /// Keys that this version does not know are skipped: an older node must be able to read a newer row.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Map)
    }
}

struct Map;

impl<'de> Visitor<'de> for Map {
    type Value = Facts;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("facts by key")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Facts, A::Error> {
        // Stored in the order of the catalogue, so each goes to the end.
        let mut facts = Facts(Vec::with_capacity(map.size_hint().unwrap_or(24).min(64)));
        while let Some(Key(id)) = map.next_key()? {
            match id {
                Some(id) => drop(facts.set(id, map.next_value::<KnownFact>()?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(facts)
    }
}

/// A key, as far as this version knows it.
struct Key(Option<FactId>);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Name)
    }
}

struct Name;

impl Visitor<'_> for Name {
    type Value = Key;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key of a fact")
    }
    fn visit_str<E: Error>(self, key: &str) -> Result<Key, E> {
        Ok(Key(fact(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;

    #[test]
    fn stored_facts_are_read_in_any_order_and_unknown_ones_are_skipped() {
        let text = r#"{"serial_number":{"v":"X","s":"administrator","t":2},"of_the_future":{"v":[1],"new":true},
            "blocked":{"v":false,"s":"server","t":1},"auth_failures":{"v":7,"s":{"integration":"siem"},"t":3}}"#;
        let facts: Facts = serde_json::from_str(text).expect("facts");
        assert_eq!(facts.iter().count(), 3);
        assert_eq!(facts.text("serial_number"), Some("X"));
        assert_eq!(facts.bool("blocked"), Some(false));
        assert_eq!(facts.int("auth_failures"), Some(7));
        let source = facts.by_key("auth_failures").map(|known| known.source.clone());
        assert_eq!(source, Some(Source::Integration("siem".into())));
        let again = serde_json::to_string(&facts).expect("JSON");
        assert_eq!(serde_json::from_str::<Facts>(&again).expect("facts"), facts);
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for bad in ["1.5", "null", "[]", "{}", "18446744073709551615"] {
            assert!(serde_json::from_str::<FactValue>(bad).is_err(), "{bad}");
        }
        let escaped: FactValue = serde_json::from_str(r#""a\"b""#).expect("a text");
        assert_eq!(escaped, FactValue::Text("a\"b".into()));
    }
}
