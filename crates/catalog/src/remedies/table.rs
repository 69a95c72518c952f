//! The table of remedies, what the user can do first: of two ways that are equally short, the earlier one is told.

use super::{Remedy as M, RemedyBy, RemedyInfo};
use crate::RuleId as R;

const fn user(remedy: M, text: &'static str, cures: &'static [R]) -> RemedyInfo {
    RemedyInfo { remedy, text, by: RemedyBy::User, cures }
}

const fn administrator(remedy: M, text: &'static str, cures: &'static [R]) -> RemedyInfo {
    RemedyInfo { remedy, text, by: RemedyBy::Administrator, cures }
}

/// Every remedy.
pub static REMEDIES: &[RemedyInfo] = &[
    user(
        M::Synchronize,
        "Open the mail app with a network connection and let it synchronize; accept new settings when asked.",
        &[R::NoContact, R::PolicyOutOfDate],
    ),
    user(
        M::AcceptPolicy,
        "Accept the security settings that the mail app offers; remove and add the account if it no longer asks.",
        &[R::PolicyRefused, R::PolicyOutOfDate, R::NoContact],
    ),
    user(
        M::EnterPassword,
        "Enter the current password in the account settings of the mail app.",
        &[R::AuthFailures, R::NoContact],
    ),
    user(
        M::UpdateSystem,
        "Install the update of the operating system in the settings of the device, then open the mail app.",
        &[R::OsBelowMinimum, R::PatchTooOld],
    ),
    user(
        M::RestoreSystem,
        "Restore the original operating system, then enrol the device again.",
        &[R::Compromised, R::ManagementRemoved, R::ProfileMissing],
    ),
    user(
        M::EnrolManaged,
        "Enrol the device with the management profile or the device app.",
        &[R::ManagedByMailOnly, R::ManagementRemoved, R::ProfileMissing, R::CommandsFailing],
    ),
    user(M::SetPassCode, "Set a pass-code in the settings of the device.", &[R::PassCodeMissing]),
    user(M::Encrypt, "Switch on encryption in the security settings of the device.", &[R::NotEncrypted]),
    user(
        M::ProveIntegrity,
        "Install all updates, restart the device, and open the device app.",
        &[R::AttestationFailed],
    ),
    user(
        M::EndDeveloperOptions,
        "Switch off developer options and unknown sources, and switch on Play Protect.",
        &[R::DeveloperOptions],
    ),
    user(
        M::Connect,
        "Restart the device and let it connect; accept the profile that it offers.",
        &[R::CertificateExpiring, R::ProfileMissing, R::CommandsFailing],
    ),
    user(
        M::FollowPolicyApp,
        "Open the device policy app and follow its steps.",
        &[R::NonconformanceReported],
    ),
    user(M::RemoveApps, "Remove the apps that are named.", &[R::UnwantedApp, R::AppNotAllowed]),
    user(M::InstallApps, "Install or update the apps that are named.", &[R::RequiredAppMissing]),
    user(
        M::SaveData,
        "Use a wireless network for large downloads until the plan begins anew.",
        &[R::DataUsage],
    ),
    user(M::EndRoaming, "Switch data roaming off, or use a wireless network.", &[R::Roaming]),
    user(M::PutSimBack, "Put the company SIM back.", &[R::SimChanged]),
    user(M::ShareLocation, "Switch location services on for the device app.", &[R::LocationOff]),
    user(M::ReturnDevice, "Take the device back to where it may be used.", &[R::OutsideGeofence]),
    user(M::AcceptTerms, "Open the self-service portal and accept the terms of use.", &[R::TermsNotAccepted]),
    user(M::FreeStorage, "Remove what is not needed from the device.", &[R::StorageNearlyFull]),
    user(M::SetClock, "Let the device set date and time by itself.", &[R::ClockSkew]),
    user(M::UpdateApp, "Update the device app in the app store.", &[R::AgentTooOld]),
    user(M::ReplaceBattery, "Have the battery of the device replaced.", &[R::BatteryWorn]),
    administrator(M::Allow, "Allow the device again.", &[R::BlockedByHand]),
    administrator(M::EnableUser, "Enable the user again.", &[R::UserDisabled]),
    administrator(M::Release, "Release the device from quarantine.", &[]),
    administrator(M::Readmit, "Allow the device to enrol again.", &[R::BlockedByHand]),
    administrator(M::CancelWipe, "Take the wipe back, if the device was not told yet.", &[]),
    administrator(M::EnableOrganization, "Enable the organization again.", &[]),
    administrator(M::Supervise, "Set the device up again under supervision.", &[R::NotSupervised]),
    administrator(
        M::ReplaceDevice,
        "Allow this type of device, or give the user one that is allowed.",
        &[R::DeviceNotAllowed],
    ),
    administrator(
        M::ChangeLiability,
        "Change the liability of the device, or give the user a device of the company.",
        &[R::LiabilityNotAllowed],
    ),
    administrator(M::ApproveVersion, "Approve this version of the operating system.", &[R::OsAboveMaximum]),
];
