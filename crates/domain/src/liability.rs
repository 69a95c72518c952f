//! Which liability a device has: its own, else its user's, else the organization's default.

use catalog::Liability;

use crate::model::{Device, OrganizationSettings, User};
use crate::policy::Assigned;

/// The liability in force, with its source; a device that has no record yet takes its user's.
pub fn effective_liability(
    device: Option<&Device>,
    user: &User,
    settings: &OrganizationSettings,
) -> Assigned<Liability> {
    Assigned::first(device.and_then(|d| d.liability), user.liability, None).unwrap_or(Assigned {
        value: settings.default_liability,
        from: crate::policy::AssignedFrom::Organization,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{OrganizationId, UserId, UserState};
    use crate::policy::AssignedFrom;
    use uuid::Uuid;

    fn user(liability: Option<Liability>) -> User {
        User {
            organization: OrganizationId::from_uuid(Uuid::nil()),
            id: UserId::from_uuid(Uuid::nil()),
            rev: 1,
            username: "anna".into(),
            domain: String::new(),
            email: String::new(),
            display_name: String::new(),
            liability,
            server: None,
            learnt_url: None,
            suite: None,
            password_hash: None,
            credential_epoch: 0,
            state: UserState::Active,
            hands_off: false,
            created_at: 0,
        }
    }

    #[test]
    fn the_user_decides_and_else_the_organization() {
        let settings = OrganizationSettings {
            default_liability: Liability::Individual,
            ..OrganizationSettings::default()
        };
        let of = |liability| effective_liability(None, &user(liability), &settings);
        let expected = Assigned { value: Liability::Corporate, from: AssignedFrom::User };
        assert_eq!(of(Some(Liability::Corporate)), expected);
        let expected = Assigned { value: Liability::Individual, from: AssignedFrom::Organization };
        assert_eq!(of(None), expected);
    }
}
