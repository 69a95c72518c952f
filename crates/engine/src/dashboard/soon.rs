//! Devices that will lose something soon, and those that should have come: the first few of each.

use std::collections::BTreeSet;

use catalog::{RuleId, TargetSet};
use domain::Millis;
use domain::model::{Device, DeviceId};

use crate::{Engine, OrgIndex, schedules};

/// So many of each are named.
const SHOWN: usize = 8;

/// A device that loses something if nothing changes; the first one comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coming {
    /// When.
    pub at: Millis,
    /// The device.
    pub device: DeviceId,
    /// Which finding brings it.
    pub rule: RuleId,
    /// What it loses.
    pub targets: TargetSet,
}

impl Coming {
    pub(super) fn of(device: &Device) -> Option<Self> {
        let (finding, targets) = device.verdict.announced()?;
        Some(Self { at: finding.restricts_at, device: device.id, rule: finding.rule, targets })
    }
}

/// A device that missed check-ins; the one that missed most comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Overdue {
    /// How many, negated for the order.
    more_first: std::cmp::Reverse<u32>,
    /// The device.
    pub device: DeviceId,
}

impl Overdue {
    pub(super) fn of(engine: &Engine, org: &OrgIndex, device: &Device) -> Option<Self> {
        let missed = schedules::standing(engine, org, device)?.missed;
        (missed > 0).then_some(Self { more_first: std::cmp::Reverse(missed), device: device.id })
    }
    /// How many check-ins it missed, at least one.
    pub fn missed(&self) -> u32 {
        self.more_first.0
    }
}

/// The first few of many, and how many they are.
pub(super) struct First<T> {
    count: usize,
    kept: BTreeSet<T>,
}

impl<T> Default for First<T> {
    fn default() -> Self {
        Self { count: 0, kept: BTreeSet::new() }
    }
}

impl<T: Ord + Copy> First<T> {
    pub fn offer(&mut self, one: Option<T>) {
        let Some(one) = one else { return };
        self.count += 1;
        self.kept.insert(one);
        if self.kept.len() > SHOWN {
            self.kept.pop_last();
        }
    }
    pub fn done(self) -> (usize, Vec<T>) {
        (self.count, self.kept.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_ones_stay_and_all_are_counted() {
        let mut first = First::default();
        for n in [7, 3, 9, 1, 8, 2, 6, 5, 4, 10].map(Some).into_iter().chain([None]) {
            first.offer(n);
        }
        assert_eq!(first.done(), (10, vec![1, 2, 3, 4, 5, 6, 7, 8]));
    }
}
