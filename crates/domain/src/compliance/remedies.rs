//! The fewest acts after which rules hold again.

use catalog::{Remedy, RuleId};

/// An act, and the rules of those asked about that it puts right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cure {
    /// The act.
    pub remedy: Remedy,
    /// The rules, in the order in which they were asked about.
    pub cures: Vec<RuleId>,
}

/// The smallest set of remedies that puts all of these rules right; of several, the one whose acts come first in the
/// catalogue. No rules need no remedy.
pub fn smallest_cure(rules: &[RuleId]) -> Vec<Cure> {
    let mut chosen = Vec::new();
    // Every rule has a remedy, so as many remedies as rules are always enough.
    for size in 0..=rules.len() {
        if cover(rules, size, &mut chosen) {
            break;
        }
    }
    chosen.sort_unstable();
    let cures = |remedy: Remedy| {
        rules.iter().copied().filter(|rule| remedy.info().cures.contains(rule)).collect::<Vec<_>>()
    };
    chosen.into_iter().map(|remedy| Cure { remedy, cures: cures(remedy) }).collect()
}

/// Whether so many more remedies put right what is left; they are added to `chosen`. The rule with the fewest remedies
/// is asked first, so that what has no choice is settled before anything is tried.
fn cover(rules: &[RuleId], size: usize, chosen: &mut Vec<Remedy>) -> bool {
    let open = rules.iter().filter(|rule| !Remedy::of(**rule).any(|remedy| chosen.contains(&remedy)));
    let Some(rule) = open.min_by_key(|rule| Remedy::of(**rule).count()) else { return true };
    if size == 0 {
        return false;
    }
    for remedy in Remedy::of(*rule) {
        chosen.push(remedy);
        if cover(rules, size - 1, chosen) {
            return true;
        }
        chosen.pop();
    }
    false
}

#[cfg(test)]
mod tests {
    use catalog::{REMEDIES, RULES};
    use proptest::prelude::*;

    use super::*;

    fn puts_right(remedies: &[Remedy], rules: &[RuleId]) -> bool {
        rules.iter().all(|rule| Remedy::of(*rule).any(|remedy| remedies.contains(&remedy)))
    }

    /// By trying every set of remedies that matter, smallest first.
    fn brute_force(rules: &[RuleId]) -> usize {
        let useful: Vec<Remedy> = REMEDIES
            .iter()
            .filter(|info| info.cures.iter().any(|rule| rules.contains(rule)))
            .map(|info| info.remedy)
            .collect();
        let sets = 0_u32..1 << useful.len();
        let chosen = |set: u32| -> Vec<Remedy> {
            useful.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1).map(|(_, r)| *r).collect()
        };
        sets.filter(|set| puts_right(&chosen(*set), rules)).map(u32::count_ones).min().unwrap_or(99) as usize
    }

    #[test]
    fn one_act_that_puts_several_rules_right_is_enough() {
        let cure = smallest_cure(&[RuleId::PolicyOutOfDate, RuleId::PolicyRefused, RuleId::NoContact]);
        assert_eq!(cure.len(), 1);
        assert_eq!((cure[0].remedy, cure[0].cures.len()), (Remedy::AcceptPolicy, 3));
        let cure = smallest_cure(&[RuleId::OsBelowMinimum, RuleId::BlockedByHand, RuleId::PatchTooOld]);
        let acts: Vec<_> = cure.iter().map(|c| c.remedy).collect();
        assert_eq!(acts, [Remedy::UpdateSystem, Remedy::Allow]);
        assert!(smallest_cure(&[]).is_empty());
    }

    #[test]
    fn every_rule_at_once_is_answered_and_every_rule_has_a_remedy() {
        let all: Vec<RuleId> = RULES.iter().map(|rule| rule.id).collect();
        assert!(all.iter().all(|rule| Remedy::of(*rule).next().is_some()));
        let cure = smallest_cure(&all);
        assert!(puts_right(&cure.iter().map(|c| c.remedy).collect::<Vec<_>>(), &all));
    }

    proptest! {
        #[test]
        fn no_smaller_set_puts_everything_right(rules in proptest::sample::subsequence(
            RULES.iter().map(|r| r.id).collect::<Vec<_>>(), 0..7,
        )) {
            let cure = smallest_cure(&rules);
            let chosen: Vec<_> = cure.iter().map(|c| c.remedy).collect();
            prop_assert!(puts_right(&chosen, &rules));
            prop_assert_eq!(chosen.len(), brute_force(&rules));
            prop_assert!(cure.iter().all(|c| !c.cures.is_empty()), "nothing in vain");
        }
    }
}
