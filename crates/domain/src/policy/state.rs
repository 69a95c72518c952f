//! Whether a device runs the policy that it should: the one place where "current" is decided.

use catalog::Millis;

use crate::model::EasState;

/// The state of a device's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyState {
    /// It acknowledged exactly what it would be sent now.
    Current,
    /// It acknowledged something else, or must fetch its policy again.
    Outdated,
    /// It never acknowledged one.
    Missing,
    /// It refused what it would be sent now.
    Refused,
}

/// A state with the times that bear on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyStatus {
    /// The state.
    pub state: PolicyState,
    /// Since when, as far as the channel itself tells.
    pub since: Option<Millis>,
}

impl PolicyState {
    /// Word for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Current => "Current",
            Self::Outdated => "Out of date",
            Self::Missing => "Not taken yet",
            Self::Refused => "Refused",
        }
    }
    /// Stored name: the value of the fact `policy_state`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Outdated => "outdated",
            Self::Missing => "missing",
            Self::Refused => "refused",
        }
    }
}

/// Decides from the channel and the digest of the document that the device would be sent now.
///
/// A refusal holds only for the document that was refused, and only until a refresh is ordered: another document
/// is worth a new try.
pub fn policy_status(eas: &EasState, wanted: &str) -> PolicyStatus {
    let ordered_after = |at: Millis| eas.refresh_after.is_some_and(|refresh| refresh >= at);
    if let Some(applied) = &eas.applied
        && applied.digest == wanted
        && !ordered_after(applied.at)
    {
        return PolicyStatus { state: PolicyState::Current, since: Some(applied.at) };
    }
    if let Some(refused) = eas.refused_at
        && eas.refused_digest.as_deref() == Some(wanted)
        && !ordered_after(refused)
    {
        return PolicyStatus { state: PolicyState::Refused, since: Some(refused) };
    }
    match &eas.applied {
        Some(applied) if applied.digest == wanted => {
            PolicyStatus { state: PolicyState::Outdated, since: eas.refresh_after }
        }
        Some(_) => PolicyStatus { state: PolicyState::Outdated, since: None },
        None => PolicyStatus { state: PolicyState::Missing, since: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AppliedPolicy;

    fn applied(digest: &str, at: Millis) -> EasState {
        let applied = AppliedPolicy { key: 7, digest: digest.into(), suite: None, status: 1, at };
        EasState { applied: Some(applied), ..EasState::default() }
    }

    fn state(eas: &EasState) -> PolicyState {
        policy_status(eas, "new").state
    }

    #[test]
    fn current_is_what_was_acknowledged_and_nothing_else() {
        assert_eq!(state(&EasState::default()), PolicyState::Missing);
        assert_eq!(state(&applied("old", 5)), PolicyState::Outdated);
        assert_eq!(policy_status(&applied("new", 5), "new").since, Some(5));
        assert_eq!(state(&applied("new", 5)), PolicyState::Current);
    }

    #[test]
    fn a_refresh_makes_keys_old_that_were_given_before_it() {
        let eas = EasState { refresh_after: Some(9), ..applied("new", 5) };
        assert_eq!(policy_status(&eas, "new"), PolicyStatus { state: PolicyState::Outdated, since: Some(9) });
        let eas = EasState { refresh_after: Some(9), ..applied("new", 10) };
        assert_eq!(state(&eas), PolicyState::Current);
    }

    #[test]
    fn a_refusal_holds_for_its_document_until_a_refresh() {
        let refused = |digest: &str, base: EasState| EasState {
            refused_at: Some(8),
            refused_digest: Some(digest.to_owned()),
            ..base
        };
        assert_eq!(state(&refused("new", EasState::default())), PolicyState::Refused);
        assert_eq!(state(&refused("new", applied("old", 5))), PolicyState::Refused);
        assert_eq!(state(&refused("old", applied("older", 5))), PolicyState::Outdated);
        assert_eq!(state(&refused("old", EasState::default())), PolicyState::Missing);
        let again = EasState { refresh_after: Some(9), ..refused("new", EasState::default()) };
        assert_eq!(state(&again), PolicyState::Missing);
        assert_eq!(state(&refused("new", applied("new", 9))), PolicyState::Current);
    }
}
