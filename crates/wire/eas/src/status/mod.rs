//! Status codes by name, and what stands for the common ones in versions that do not have them.
//!
//! Constants live in one module per command (`status::sync::INVALID_SYNC_KEY`); [`name`] turns a number that a
//! server sent into words. The room decides nothing.

/// Makes a module of constants and a `name` function from each list.
macro_rules! statuses {
    ($($(#[$doc:meta])* $module:ident { $($code:literal $constant:ident $name:literal;)* })*) => {
        $(
            $(#[$doc])*
            pub mod $module {
                $(
                    #[doc = concat!($code, ", ", $name)]
                    pub const $constant: u16 = $code;
                )*

                /// The name of a status, or `None` if the command does not have it.
                pub fn name(status: u16) -> Option<&'static str> {
                    match status {
                        $($code => Some($name),)*
                        _ => None,
                    }
                }
            }
        )*
    };
}

mod common_table;
mod per_command;

pub use common_table::common;
pub use per_command::*;

use crate::command::Command;

/// Common statuses start here; lower numbers mean something different in each command.
pub const FIRST_COMMON: u16 = 101;

/// The name of a status directly beneath the root of a command's answer.
///
/// ```
/// use wire_eas::{command::Command, status};
/// assert_eq!(status::name(Command::Sync, 142), Some("DeviceNotProvisioned"));
/// assert_eq!(status::name(Command::Sync, 3), Some("InvalidSyncKey"));
/// ```
pub fn name(command: Command, status: u16) -> Option<&'static str> {
    if status >= FIRST_COMMON {
        return common::name(status);
    }
    match command {
        Command::Sync => sync::name(status),
        Command::FolderSync | Command::FolderCreate | Command::FolderDelete | Command::FolderUpdate => {
            folder_sync::name(status)
        }
        Command::Ping => ping::name(status),
        Command::Settings => settings::name(status),
        Command::GetItemEstimate => get_item_estimate::name(status),
        Command::MoveItems => move_items::name(status),
        Command::MeetingResponse => meeting_response::name(status),
        Command::ItemOperations => item_operations::name(status),
        Command::Search => search::name(status),
        Command::Provision => provision::name(status),
        Command::ResolveRecipients => resolve_recipients::name(status),
        Command::ValidateCert => validate_cert::name(status),
        _ => (status == 1).then_some("Success"),
    }
}

/// The HTTP status that a server sends up to version 12.1 where it would send this common status later
/// (MS-ASCMD 2.2.2), as far as the table gives one. What this server sends is in [`crate::refusal`].
pub fn http_up_to_12_1(command: Command, status: u16) -> Option<u16> {
    Some(match status {
        common::INVALID_CONTENT | common::INVALID_XML => 400,
        common::VERSION_NOT_SUPPORTED | common::UNEXPECTED_ITEM_CLASS => 400,
        common::ACTIVE_DIRECTORY_ACCESS_DENIED => 403,
        common::USER_PRINCIPAL_COULD_NOT_BE_FOUND | common::USER_DISABLED_FOR_SYNC => 403,
        common::REMOTE_WIPE_REQUESTED => 403,
        common::SYNC_STATE_NOT_FOUND if command == Command::Provision => 403,
        common::SYNC_STATE_NOT_FOUND | common::SERVER_ERROR => 500,
        common::COMMAND_NOT_SUPPORTED => 501,
        common::SERVER_ERROR_RETRY_LATER => 503,
        common::MAILBOX_QUOTA_EXCEEDED => 507,
        common::LEGACY_DEVICE_ON_STRICT_POLICY | common::DEVICE_NOT_PROVISIONED => 449,
        common::POLICY_REFRESH | common::INVALID_POLICY_KEY => 449,
        _ => return None,
    })
}

/// Whether a mail server that answers with this status wants the policy handshake before it goes on.
pub fn asks_for_provision(status: u16) -> bool {
    matches!(
        status,
        common::REMOTE_WIPE_REQUESTED
            | common::LEGACY_DEVICE_ON_STRICT_POLICY
            | common::DEVICE_NOT_PROVISIONED
            | common::POLICY_REFRESH
            | common::INVALID_POLICY_KEY
            | common::DEVICE_INFORMATION_REQUIRED
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_statuses_are_not_shifted_by_one_as_in_other_tables() {
        let names = [
            (139, "DeviceNotFullyProvisionable"),
            (140, "RemoteWipeRequested"),
            (141, "LegacyDeviceOnStrictPolicy"),
            (142, "DeviceNotProvisioned"),
            (143, "PolicyRefresh"),
            (144, "InvalidPolicyKey"),
            (145, "ExternallyManagedDevicesNotAllowed"),
            (165, "DeviceInformationRequired"),
            (177, "MaximumDevicesReached"),
        ];
        for (status, expected) in names {
            assert_eq!(name(Command::FolderSync, status), Some(expected));
        }
        assert_eq!(common::name(157), None);
    }

    #[test]
    fn the_same_number_has_the_meaning_of_its_command() {
        assert_eq!(name(Command::Ping, 3), Some("MissingParameters"));
        assert_eq!(name(Command::MoveItems, 3), Some("Success"));
        assert_eq!(name(Command::GetItemEstimate, 3), Some("NotPrimed"));
        assert_eq!(name(Command::SendMail, 3), None);
        assert_eq!(http_up_to_12_1(Command::Provision, 132), Some(403));
        assert_eq!(http_up_to_12_1(Command::Sync, 132), Some(500));
        assert_eq!(http_up_to_12_1(Command::Sync, 129), None);
        assert!(asks_for_provision(142) && !asks_for_provision(129));
    }
}
