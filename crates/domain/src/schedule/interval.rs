//! The time between two check-ins: one of a few, or none.

use catalog::Millis;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Minutes, stored name and words of every choice; 0 minutes is manual.
const CHOICES: [(u16, &str, &str); 11] = [
    (5, "5m", "5 minutes"),
    (10, "10m", "10 minutes"),
    (15, "15m", "15 minutes"),
    (30, "30m", "30 minutes"),
    (60, "1h", "1 hour"),
    (120, "2h", "2 hours"),
    (240, "4h", "4 hours"),
    (480, "8h", "8 hours"),
    (720, "12h", "12 hours"),
    (1440, "24h", "24 hours"),
    (0, "manual", "Manual only"),
];

/// Shorter ones than this drain batteries, minutes.
const SHORT: u16 = 15;

/// The time between two check-ins. The default is manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Interval(u16);

impl Interval {
    /// No check-in is expected: the user decides.
    pub const MANUAL: Interval = Interval(0);

    /// All choices, the shortest first, manual last.
    pub fn all() -> impl Iterator<Item = Interval> {
        CHOICES.iter().map(|(minutes, ..)| Interval(*minutes))
    }
    /// So many minutes, if that is a choice.
    pub fn minutes(minutes: u16) -> Option<Interval> {
        Self::all().find(|choice| choice.0 == minutes)
    }
    /// From the stored name: `5m` … `24h`, `manual`.
    pub fn from_key(key: &str) -> Option<Interval> {
        CHOICES.iter().find(|(_, known, _)| *known == key).map(|(minutes, ..)| Interval(*minutes))
    }
    /// Stored name.
    pub fn key(self) -> &'static str {
        CHOICES.iter().find(|(minutes, ..)| *minutes == self.0).map_or("", |(_, key, _)| key)
    }
    /// The words shown.
    pub fn label(self) -> &'static str {
        CHOICES.iter().find(|(minutes, ..)| *minutes == self.0).map_or("", |(.., label)| label)
    }
    /// In milliseconds; `None` for manual.
    pub fn millis(self) -> Option<Millis> {
        (self.0 > 0).then(|| Millis::from(self.0) * 60_000)
    }
    /// Whether devices that keep to it spend noticeably more of their battery.
    pub fn drains_batteries(self) -> bool {
        self.0 > 0 && self.0 < SHORT
    }
}

impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = String::deserialize(deserializer)?;
        Self::from_key(&key).ok_or_else(|| {
            let known: Vec<_> = CHOICES.iter().map(|(_, key, _)| *key).collect();
            serde::de::Error::custom(format!("{key} is no interval; use one of {}", known.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_found_by_its_name_and_others_are_refused() {
        for choice in Interval::all() {
            assert_eq!(Interval::from_key(choice.key()), Some(choice));
            let text = serde_json::to_string(&choice).expect("JSON");
            assert_eq!(serde_json::from_str::<Interval>(&text).expect("an interval"), choice);
        }
        for bad in ["\"7m\"", "\"-5m\"", "\"\"", "5", "\"999999999999h\""] {
            assert!(serde_json::from_str::<Interval>(bad).is_err(), "{bad}");
        }
        assert_eq!(Interval::minutes(7), None);
        let hour = Interval::minutes(60).expect("a choice");
        assert_eq!((hour.millis(), hour.label()), (Some(3_600_000), "1 hour"));
        assert_eq!(Interval::MANUAL.millis(), None);
        let short: Vec<_> = Interval::all().filter(|i| i.drains_batteries()).map(Interval::key).collect();
        assert_eq!(short, ["5m", "10m"]);
    }
}
