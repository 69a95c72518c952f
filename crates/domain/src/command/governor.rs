//! The limit on destructive commands, and who may lift it.
//!
//! A stolen session or a script gone wrong must not erase a fleet. Beyond the limit every destructive command waits
//! for a second administrator, whatever surface it came from.

use catalog::{CommandKind, Millis, Permission, Powers};

use crate::model::{Administrator, AdministratorId, Role};

/// Destructive commands an organization may order in one hour without a second administrator.
pub const DESTRUCTIVE_PER_HOUR: u32 = 5;

/// An administrator who was made, or given power or a password by somebody else, less than so many milliseconds ago is
/// no second person (24 hours): whoever takes over one account must not be able to make the other one himself.
pub const NEW_ADMINISTRATOR_WAIT: Millis = 24 * 3_600_000;

/// Since when nobody but its owner has had a hand in an account. `role`: its own role, if it has one of the
/// organization's.
pub fn independent_since(account: &Administrator, role: Option<&Role>) -> Millis {
    account.created_at.max(account.entrusted_at).max(role.map_or(0, |role| role.override_since))
}

/// What becomes of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Governor {
    /// It is queued.
    Go,
    /// It waits for a second administrator.
    AwaitApproval,
}

/// Decides on an order. `destructive_last_hour`: destructive commands of the organization ordered in the last hour,
/// those waiting for approval not counted. `approved`: a second administrator has approved this one.
pub fn governor(kind: CommandKind, destructive_last_hour: u32, approved: bool) -> Governor {
    if kind.is_destructive() && destructive_last_hour >= DESTRUCTIVE_PER_HOUR && !approved {
        Governor::AwaitApproval
    } else {
        Governor::Go
    }
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
}

impl std::fmt::Display for ApprovalRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::SamePerson => "Somebody else than the one who ordered it must approve it.",
            Self::NotPermitted => "You may not approve destructive commands above the hourly limit.",
            Self::TooNew => "An account that somebody else made, enabled, gave a role or a password in the last 24 hours cannot approve it.",
        })
    }
}

impl std::error::Error for ApprovalRefused {}

/// Decides whether an administrator may approve. `ordered_by`: the administrator behind the order, if a person.
/// `independent_since`: of the approver's account, see [`independent_since`].
///
/// # Errors
/// Says what is missing.
pub fn approve(
    ordered_by: Option<AdministratorId>,
    approver: AdministratorId,
    powers: &Powers,
    independent_since: Millis,
    now: Millis,
) -> Result<(), ApprovalRefused> {
    if ordered_by == Some(approver) {
        return Err(ApprovalRefused::SamePerson);
    }
    if !powers.has(Permission::DevicesWipeOverride) {
        return Err(ApprovalRefused::NotPermitted);
    }
    if now.saturating_sub(independent_since) < NEW_ADMINISTRATOR_WAIT {
        return Err(ApprovalRefused::TooNew);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_sixth_wipe_of_an_hour_waits() {
        assert_eq!(governor(CommandKind::FullWipe, 4, false), Governor::Go);
        assert_eq!(governor(CommandKind::FullWipe, 5, false), Governor::AwaitApproval);
        assert_eq!(governor(CommandKind::AccountWipe, 5, false), Governor::AwaitApproval);
        assert_eq!(governor(CommandKind::FullWipe, 500, true), Governor::Go);
        assert_eq!(governor(CommandKind::Block, 500, false), Governor::Go, "nothing is lost by a block");
    }

    #[test]
    fn a_second_person_is_another_one_with_the_power_and_not_made_today() {
        let id = |n| AdministratorId::from_uuid(Uuid::from_u128(n));
        let may = Powers::of(&[Permission::DevicesWipeOverride]);
        let day = NEW_ADMINISTRATOR_WAIT;
        assert_eq!(approve(Some(id(1)), id(2), &may, 0, day), Ok(()));
        assert_eq!(approve(None, id(2), &may, 0, day), Ok(()), "ordered by the mail server");
        assert_eq!(approve(Some(id(2)), id(2), &may, 0, day), Err(ApprovalRefused::SamePerson));
        assert_eq!(
            approve(Some(id(1)), id(2), &Powers::default(), 0, day),
            Err(ApprovalRefused::NotPermitted)
        );
        assert_eq!(approve(Some(id(1)), id(2), &may, 1, day), Err(ApprovalRefused::TooNew));
    }
}
