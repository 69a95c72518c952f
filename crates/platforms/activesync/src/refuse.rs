//! From the gate's reasons to the forms that devices understand.

use domain::gate::{ProvisionReason, RefusalReason};
use domain::model::{ActiveSyncServer, BlockForm, Device};
use http::{HeaderName, HeaderValue, header};
use wire_eas::command::Command;
use wire_eas::refusal::{Refusal, Style};
use wire_eas::version::Version;

use crate::answer::Said;

/// Carries the stable name of the reason, for whoever reads a capture.
const REASON: HeaderName = HeaderName::from_static("x-mdm-reason");

/// The challenge of our own sign-in.
const BASIC: HeaderValue = HeaderValue::from_static("Basic realm=\"NotifyMDM\", charset=\"UTF-8\"");

/// How this device wants to be refused.
pub(crate) fn style(device: Option<&Device>, server: Option<&ActiveSyncServer>) -> Style {
    let channel = device.and_then(Device::eas);
    Style {
        http_449: channel.is_some_and(|c| c.eas.quirk_449),
        blocked_403: server.is_none_or(|s| s.block_form == BlockForm::Http403),
        ping_folder_sync: channel.is_some_and(|c| c.eas.quirk_ping),
    }
}

/// A refusal in the form of the version.
pub(crate) fn refusal(refusal: Refusal, command: Command, version: Version, style: Style) -> Said {
    Said::form(refusal.form(Some(command), version, style))
}

/// 401 with our own challenge.
pub(crate) fn unauthenticated() -> Said {
    Said::bare(401).header(header::WWW_AUTHENTICATE, BASIC).because(RefusalReason::Unauthenticated.words())
}

/// The gate's refusal. [`RefusalReason::Unauthenticated`] gets our own challenge; a mail server's is passed on
/// elsewhere.
pub(crate) fn refused(reason: &RefusalReason, command: Command, version: Version, style: Style) -> Said {
    let form = match reason {
        RefusalReason::Unauthenticated => return unauthenticated(),
        RefusalReason::Looping { retry_after } => {
            return Said::later(*retry_after).header(REASON, name(reason)).because(reason.words());
        }
        RefusalReason::OrganizationDisabled | RefusalReason::UserDisabled => Refusal::UserDisabled,
        RefusalReason::PolicyRefused | RefusalReason::LegacyDevice => Refusal::LegacyDevice,
        RefusalReason::TooManyDevices | RefusalReason::NoMoreDevices => Refusal::TooManyDevices,
        RefusalReason::Blocked { .. }
        | RefusalReason::Quarantined
        | RefusalReason::Retired
        | RefusalReason::Wiped
        | RefusalReason::WipeUnsupported
        | RefusalReason::Restricted { .. }
        | RefusalReason::NotEnrolled => Refusal::Blocked,
    };
    refusal(form, command, version, style).header(REASON, name(reason)).because(reason.words())
}

fn name(reason: &RefusalReason) -> HeaderValue {
    HeaderValue::from_static(reason.key())
}

/// The device must provision.
pub(crate) fn must_provision(
    reason: ProvisionReason,
    command: Command,
    version: Version,
    style: Style,
) -> Said {
    let (form, why) = match reason {
        ProvisionReason::NotProvisioned => {
            (Refusal::NotProvisioned, "The device has to fetch its policy first.")
        }
        ProvisionReason::PolicyRefresh => {
            (Refusal::PolicyRefresh, "The device has to fetch its policy again.")
        }
        ProvisionReason::InvalidKey => {
            (Refusal::InvalidPolicyKey, "The policy key is not the one of this device.")
        }
    };
    refusal(form, command, version, style).because(why)
}

/// A wipe waits to be fetched.
pub(crate) fn must_wipe(command: Command, version: Version, style: Style) -> Said {
    refusal(Refusal::WipeRequested, command, version, style).because("A wipe waits for the device.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_get_the_form_of_their_version() {
        let style = Style::default();
        let say = |reason: &RefusalReason, version| refused(reason, Command::Sync, version, style);
        let quarantined = say(&RefusalReason::Quarantined, Version::V16_1);
        assert_eq!((quarantined.http.as_u16(), quarantined.note.status), (403, None));
        let strict = Style { blocked_403: false, ..style };
        let with_status = refused(&RefusalReason::Quarantined, Command::Sync, Version::V16_1, strict);
        assert_eq!((with_status.http.as_u16(), with_status.note.status), (200, Some(129)));
        let legacy = say(&RefusalReason::LegacyDevice, Version::V14_1);
        assert_eq!((legacy.http.as_u16(), legacy.note.status), (200, Some(141)));
        assert_eq!(say(&RefusalReason::LegacyDevice, Version::V12_1).http.as_u16(), 403);
        let braked = say(&RefusalReason::Looping { retry_after: 60 }, Version::V16_1);
        assert_eq!(braked.http.as_u16(), 503);
        assert!(braked.headers.iter().any(|(n, v)| n == header::RETRY_AFTER && v == "60"));
        let wipe = must_wipe(Command::Ping, Version::V12_1, style);
        assert_eq!(wipe.http.as_u16(), 449);
    }
}
