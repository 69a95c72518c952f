//! A set of targets: one bit each in memory, names where it is stored.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{TARGETS, Target};

/// A set of targets. Small enough to be copied; stored and shown as a list of names in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct TargetSet(u32);

impl TargetSet {
    /// No target.
    pub const EMPTY: TargetSet = TargetSet(0);

    const fn bit(target: Target) -> u32 {
        1 << target as u32
    }
    /// Whether a target is in it.
    pub const fn contains(self, target: Target) -> bool {
        self.0 & Self::bit(target) != 0
    }
    /// Whether there is none in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// How many there are.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }
    /// Puts one in.
    pub fn insert(&mut self, target: Target) {
        self.0 |= Self::bit(target);
    }
    /// Those of either.
    #[must_use]
    pub const fn union(self, other: TargetSet) -> TargetSet {
        TargetSet(self.0 | other.0)
    }
    /// Those of this one that are not in the other.
    #[must_use]
    pub const fn minus(self, other: TargetSet) -> TargetSet {
        TargetSet(self.0 & !other.0)
    }
    /// Those of both.
    #[must_use]
    pub const fn both(self, other: TargetSet) -> TargetSet {
        TargetSet(self.0 & other.0)
    }
    /// The targets, in the order of the page.
    pub fn iter(self) -> impl Iterator<Item = Target> {
        TARGETS.iter().map(|info| info.target).filter(move |target| self.contains(*target))
    }
    /// Those that something enrolled here can have.
    #[must_use]
    pub fn carried(self) -> TargetSet {
        self.iter().filter(|target| target.info().carried).collect()
    }
}

impl From<Target> for TargetSet {
    fn from(target: Target) -> Self {
        TargetSet(Self::bit(target))
    }
}

impl FromIterator<Target> for TargetSet {
    fn from_iter<I: IntoIterator<Item = Target>>(targets: I) -> Self {
        targets.into_iter().fold(Self::EMPTY, |set, target| set.union(target.into()))
    }
}

impl<const N: usize> From<[Target; N]> for TargetSet {
    fn from(targets: [Target; N]) -> Self {
        targets.into_iter().collect()
    }
}

impl Serialize for TargetSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for TargetSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Target>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_own_bit_and_is_stored_by_name() {
        let all: TargetSet = TARGETS.iter().map(|info| info.target).collect();
        assert_eq!(all.len(), TARGETS.len());
        assert_eq!(all.iter().count(), TARGETS.len());
        let pair = TargetSet::from([Target::Wifi, Target::ActivesyncConnections]);
        assert_eq!(serde_json::to_string(&pair).expect("serializes"), r#"["activesync_connections","wifi"]"#);
        assert_eq!(
            serde_json::from_str::<TargetSet>(r#"["wifi","activesync_connections"]"#).expect("reads"),
            pair
        );
        assert!(serde_json::from_str::<TargetSet>(r#"["mine"]"#).is_err());
        assert_eq!(all.minus(pair).len() + pair.len(), all.len());
        assert_eq!(pair.carried(), Target::ActivesyncConnections.into());
    }
}
