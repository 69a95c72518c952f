//! How a request is refused: which HTTP status and body each protocol version understands.
//!
//! Versions up to 12.1 are told by HTTP status, later ones by a common status within the command's own root
//! element (MS-ASPROV 3.1.5.1, MS-ASCMD 2.2.2). The decision to refuse is made elsewhere.

use crate::command::Command;
use crate::status::{common, ping};
use crate::version::Version;
use crate::wbxml::Writer;

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The device has no policy key: it must provision first (142).
    NotProvisioned,
    /// The policy changed or must be fetched anew (143).
    PolicyRefresh,
    /// The policy key is not this device's (144).
    InvalidPolicyKey,
    /// A wipe waits to be fetched (140).
    WipeRequested,
    /// The device cannot apply all of the policy (139); in Provision.
    NotFullyProvisionable,
    /// The device cannot be provisioned at all (141).
    LegacyDevice,
    /// The device says that somebody else manages it, which is not allowed (145); in Provision.
    ExternallyManaged,
    /// The device did not say what it is (165); in Provision from 14.1.
    DeviceInformationRequired,
    /// The user may not use ActiveSync (126).
    UserDisabled,
    /// The device is blocked, not enrolled or not compliant (129).
    Blocked,
    /// The user has too many devices (177).
    TooManyDevices,
    /// The account is disabled (131).
    AccountDisabled,
    /// The command is not offered (137).
    CommandNotSupported,
    /// The protocol version is not offered (138).
    VersionNotSupported,
    /// The request does not make sense, for instance `Cmd` and root element differ (101).
    InvalidContent,
    /// The body is not WBXML (102).
    InvalidWbxml,
    /// The gateway or what it needs is unavailable; always HTTP 503, with Retry-After added by the caller.
    Unavailable,
}

/// Switches for devices that want it otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// quirk: some devices claim 14.1 but only understand HTTP 449; they get it with the same body.
    pub http_449: bool,
    /// Blocked devices get HTTP 403 at every version, which every client takes politely; else 129 from 14.0.
    pub blocked_403: bool,
    /// quirk: a Ping is refused by Ping status 7, so that the device sends a FolderSync which is then refused.
    pub ping_folder_sync: bool,
}

impl Default for Style {
    fn default() -> Style {
        Style { http_449: false, blocked_403: true, ping_folder_sync: false }
    }
}

/// An answer: HTTP status and body. A body that is not empty is `application/vnd.ms-sync.wbxml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The HTTP status.
    pub http_status: u16,
    /// The body, maybe empty.
    pub body: Vec<u8>,
}

impl Form {
    /// A status without a body.
    pub fn bare(http_status: u16) -> Form {
        Form { http_status, body: Vec::new() }
    }

    /// HTTP 200 with a body.
    pub fn ok(body: Vec<u8>) -> Form {
        Form { http_status: 200, body }
    }
}

impl Refusal {
    /// The common status from 14.0 (MS-ASCMD 2.2.2).
    pub fn status(self) -> u16 {
        match self {
            Refusal::NotProvisioned => common::DEVICE_NOT_PROVISIONED,
            Refusal::PolicyRefresh => common::POLICY_REFRESH,
            Refusal::InvalidPolicyKey => common::INVALID_POLICY_KEY,
            Refusal::WipeRequested => common::REMOTE_WIPE_REQUESTED,
            Refusal::NotFullyProvisionable => common::DEVICE_NOT_FULLY_PROVISIONABLE,
            Refusal::LegacyDevice => common::LEGACY_DEVICE_ON_STRICT_POLICY,
            Refusal::ExternallyManaged => common::EXTERNALLY_MANAGED_DEVICES_NOT_ALLOWED,
            Refusal::DeviceInformationRequired => common::DEVICE_INFORMATION_REQUIRED,
            Refusal::UserDisabled => common::USER_DISABLED_FOR_SYNC,
            Refusal::Blocked => common::DEVICE_IS_BLOCKED_FOR_THIS_USER,
            Refusal::TooManyDevices => common::MAXIMUM_DEVICES_REACHED,
            Refusal::AccountDisabled => common::ACCOUNT_DISABLED,
            Refusal::CommandNotSupported => common::COMMAND_NOT_SUPPORTED,
            Refusal::VersionNotSupported => common::VERSION_NOT_SUPPORTED,
            Refusal::InvalidContent => common::INVALID_CONTENT,
            Refusal::InvalidWbxml => common::INVALID_WBXML,
            Refusal::Unavailable => common::SERVER_ERROR_RETRY_LATER,
        }
    }

    /// The HTTP status up to 12.1, and wherever a command has no root element to put a status into.
    pub fn http_status(self) -> u16 {
        match self {
            // The status table gives 403 for a wipe, but real clients only react to 449.
            Refusal::NotProvisioned
            | Refusal::PolicyRefresh
            | Refusal::InvalidPolicyKey
            | Refusal::WipeRequested => 449,
            Refusal::CommandNotSupported => 501,
            Refusal::VersionNotSupported | Refusal::InvalidContent | Refusal::InvalidWbxml => 400,
            Refusal::Unavailable => 503,
            Refusal::NotFullyProvisionable
            | Refusal::LegacyDevice
            | Refusal::ExternallyManaged
            | Refusal::DeviceInformationRequired
            | Refusal::UserDisabled
            | Refusal::Blocked
            | Refusal::TooManyDevices
            | Refusal::AccountDisabled => 403,
        }
    }

    /// Whether a Provision by the device would lift the refusal.
    pub fn is_recoverable(self) -> bool {
        self.http_status() == 449
    }

    /// The answer that a request of this command and version gets. Without a command, as for an unknown one,
    /// the answer is the bare HTTP status.
    pub fn form(self, command: Option<Command>, version: Version, style: Style) -> Form {
        let bare = version <= Version::V12_1
            || self == Refusal::Unavailable
            || (self == Refusal::Blocked && style.blocked_403);
        if bare {
            return Form::bare(self.http_status());
        }
        if command == Some(Command::Ping) && style.ping_folder_sync && self.is_recoverable() {
            return Form::ok(status_body(Command::Ping, ping::FOLDER_SYNC_REQUIRED).unwrap_or_default());
        }
        match command.and_then(|command| status_body(command, self.status())) {
            None => Form::bare(self.http_status()),
            Some(body) if style.http_449 && self.is_recoverable() => Form { http_status: 449, body },
            Some(body) => Form::ok(body),
        }
    }
}

/// The body that is nothing but a command's root with its Status; `None` for commands without WBXML.
pub fn status_body(command: Command, status: u16) -> Option<Vec<u8>> {
    let (root, tag) = (command.root()?, command.status()?);
    let mut writer = Writer::with_capacity(24);
    writer.nest(root, |w| w.number(tag, status));
    Some(writer.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSALS: [Refusal; 17] = [
        Refusal::NotProvisioned,
        Refusal::PolicyRefresh,
        Refusal::InvalidPolicyKey,
        Refusal::WipeRequested,
        Refusal::NotFullyProvisionable,
        Refusal::LegacyDevice,
        Refusal::ExternallyManaged,
        Refusal::DeviceInformationRequired,
        Refusal::UserDisabled,
        Refusal::Blocked,
        Refusal::TooManyDevices,
        Refusal::AccountDisabled,
        Refusal::CommandNotSupported,
        Refusal::VersionNotSupported,
        Refusal::InvalidContent,
        Refusal::InvalidWbxml,
        Refusal::Unavailable,
    ];

    #[test]
    fn the_bytes_are_those_of_the_sample_answers() {
        let samples: [(Command, u16, &[u8]); 3] = [
            (Command::FolderSync, 142, include_bytes!("../testdata/synthetic/foldersync-status-142.bin")),
            (Command::FolderSync, 140, include_bytes!("../testdata/synthetic/foldersync-status-140.bin")),
            (Command::Sync, 144, include_bytes!("../testdata/synthetic/sync-status-144.bin")),
        ];
        for (command, status, bytes) in samples {
            assert_eq!(status_body(command, status).as_deref(), Some(bytes));
        }
        assert_eq!(status_body(Command::GetAttachment, 142), None);
    }

    #[test]
    fn old_versions_get_http_statuses_and_new_ones_statuses_in_the_body() {
        for refusal in REFUSALS {
            let old = refusal.form(Some(Command::Sync), Version::V12_1, Style::default());
            assert_eq!(old, Form::bare(refusal.http_status()));
            let style = Style { blocked_403: false, ..Style::default() };
            let new = refusal.form(Some(Command::Sync), Version::V14_0, style);
            if refusal == Refusal::Unavailable {
                assert_eq!(new, Form::bare(503));
            } else {
                assert_eq!(new, Form::ok(status_body(Command::Sync, refusal.status()).unwrap()));
            }
        }
    }

    #[test]
    fn quirks_change_the_form_of_what_they_name_only() {
        let body = status_body(Command::Ping, 142).unwrap();
        let style = Style { http_449: true, ..Style::default() };
        let form = Refusal::NotProvisioned.form(Some(Command::Ping), Version::V14_1, style);
        assert_eq!(form, Form { http_status: 449, body });
        let form = Refusal::AccountDisabled.form(Some(Command::Ping), Version::V14_1, style);
        assert_eq!(form.http_status, 200);
        let style = Style { ping_folder_sync: true, ..Style::default() };
        let form = Refusal::WipeRequested.form(Some(Command::Ping), Version::V16_1, style);
        assert_eq!(form, Form::ok(status_body(Command::Ping, 7).unwrap()));
        let form = Refusal::Blocked.form(Some(Command::Sync), Version::V16_1, Style::default());
        assert_eq!(form, Form::bare(403));
        let form = Refusal::NotProvisioned.form(None, Version::V16_1, Style::default());
        assert_eq!(form, Form::bare(449));
    }
}
