//! Who may lift the limit on what destroys or withdraws much at once.
//!
//! A stolen session or a script gone wrong must not erase a fleet. Beyond the limit every destructive command waits
//! for a second administrator, whatever surface it came from.

use catalog::{Millis, Permission, Powers};

use crate::model::{Administrator, AdministratorId, Moment, Role};

/// An administrator who was made, or given power or a password by somebody else, less than so many milliseconds ago is
/// no second person (24 hours): whoever takes over one account must not be able to make the other one himself.
pub const NEW_ADMINISTRATOR_WAIT: Millis = 24 * 3_600_000;

/// Since when nobody but its owner has had a hand in an account. `role`: its own role, if it has one of the
/// organization's.
pub fn independent_since(account: &Administrator, role: Option<&Role>) -> Moment {
    let made = Moment { clock: account.created_at, running: 0 };
    let entrusted = Moment { clock: account.entrusted_at, running: account.entrusted_running };
    let raised = role.map(|role| Moment { clock: role.override_since, running: role.override_running });
    made.max(entrusted).max(raised.unwrap_or_default())
}

/// Why somebody cannot approve a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApprovalRefused {
    /// The one who ordered it cannot approve it as well.
    SamePerson,
    /// The permission is missing.
    NotPermitted,
    /// Somebody else made the account, or gave it power or a password, less than a day ago.
    TooNew,
    /// The same holds for the account that ordered it: whoever made that one might be the approver.
    OrderedByNew,
}

impl std::fmt::Display for ApprovalRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::SamePerson => "Somebody else than the one who ordered it must approve it.",
            Self::NotPermitted => "You may not approve destructive commands above the hourly limit.",
            Self::TooNew => "An account that somebody else made, enabled, gave a role or a password in the last 24 hours cannot approve it.",
            Self::OrderedByNew => "It was ordered by an account that somebody else made, enabled, gave a role or a password in the last 24 hours; that might be the one who approves. Wait, or recall it and order it anew.",
        })
    }
}

impl std::error::Error for ApprovalRefused {}

/// An account in the two-person rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Whose.
    pub id: AdministratorId,
    /// See [`independent_since`].
    pub independent_since: Moment,
}

/// Decides whether an administrator may approve. `ordered_by`: the administrator behind the order, if a person.
///
/// # Errors
/// Says what is missing.
pub fn approve(
    ordered_by: Option<Person>,
    approver: Person,
    powers: &Powers,
    now: Moment,
) -> Result<(), ApprovalRefused> {
    let new = |person: Person| !now.is_later_by(NEW_ADMINISTRATOR_WAIT, person.independent_since);
    if ordered_by.is_some_and(|by| by.id == approver.id) {
        return Err(ApprovalRefused::SamePerson);
    }
    if !powers.has(Permission::DevicesWipeOverride) {
        return Err(ApprovalRefused::NotPermitted);
    }
    if new(approver) {
        return Err(ApprovalRefused::TooNew);
    }
    if ordered_by.is_some_and(new) {
        return Err(ApprovalRefused::OrderedByNew);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_second_person_is_another_one_with_the_power_and_not_made_today() {
        let person = |n, clock, running| Person {
            id: AdministratorId::from_uuid(Uuid::from_u128(n)),
            independent_since: Moment { clock, running },
        };
        let may = Powers::of(&[Permission::DevicesWipeOverride]);
        let (first, second) = (person(1, 0, 0), person(2, 0, 0));
        let day = Moment { clock: NEW_ADMINISTRATOR_WAIT, running: NEW_ADMINISTRATOR_WAIT };
        assert_eq!(approve(Some(first), second, &may, day), Ok(()));
        assert_eq!(approve(None, second, &may, day), Ok(()), "ordered by the mail server");
        assert_eq!(approve(Some(second), second, &may, day), Err(ApprovalRefused::SamePerson));
        let none = Powers::default();
        assert_eq!(approve(Some(first), second, &none, day), Err(ApprovalRefused::NotPermitted));
        for young in [person(2, 1, 0), person(2, 0, 1)] {
            assert_eq!(approve(Some(first), young, &may, day), Err(ApprovalRefused::TooNew));
            assert_eq!(approve(Some(young), first, &may, day), Err(ApprovalRefused::OrderedByNew));
        }
        let jumped = Moment { clock: 1_000 * NEW_ADMINISTRATOR_WAIT, running: 60_000 };
        assert_eq!(
            approve(Some(first), second, &may, jumped),
            Err(ApprovalRefused::TooNew),
            "a clock put forward"
        );
    }
}
