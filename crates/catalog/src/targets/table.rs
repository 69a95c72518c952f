//! The table of targets.

use super::{Target, TargetGroup, TargetInfo};

const fn own(
    target: Target,
    key: &'static str,
    label: &'static str,
    short: &'static str,
    help: &'static str,
) -> TargetInfo {
    TargetInfo { target, key, label, short, group: TargetGroup::Own, help, carried: false }
}

const fn resource(
    target: Target,
    key: &'static str,
    label: &'static str,
    short: &'static str,
    help: &'static str,
) -> TargetInfo {
    TargetInfo { target, key, label, short, group: TargetGroup::CorporateResources, help, carried: false }
}

/// All targets, in the order of the page.
pub static TARGETS: &[TargetInfo] = &[
    TargetInfo {
        carried: true,
        ..own(
            Target::ActivesyncConnections,
            "activesync_connections",
            "ActiveSync connections",
            "ActiveSync",
            "Mail, calendar and contacts stop until the device is in order again.",
        )
    },
    TargetInfo {
        carried: true,
        ..own(
            Target::NetworkAccess,
            "network_access",
            "Corporate Resources ▸ Network Access",
            "Network Access",
            "Cisco ISE is told that the device is not compliant, with the reason and the remedy.",
        )
    },
    resource(
        Target::Exchange,
        "exchange",
        "Corporate Resources ▸ Exchange",
        "Exchange",
        "The Exchange account that was set up on the device is removed.",
    ),
    resource(
        Target::Mail,
        "mail",
        "Corporate Resources ▸ Mail",
        "Mail",
        "IMAP and POP accounts that were set up on the device are removed.",
    ),
    resource(
        Target::Caldav,
        "caldav",
        "Corporate Resources ▸ CalDAV",
        "CalDAV",
        "Calendar accounts that were set up on the device are removed.",
    ),
    resource(
        Target::Carddav,
        "carddav",
        "Corporate Resources ▸ CardDAV",
        "CardDAV",
        "Contact accounts that were set up on the device are removed.",
    ),
    resource(
        Target::SubscribedCalendars,
        "subscribed_calendars",
        "Corporate Resources ▸ Subscribed Calendars",
        "Subscribed calendars",
        "Subscribed calendars are removed from the device.",
    ),
    resource(
        Target::Ldap,
        "ldap",
        "Corporate Resources ▸ LDAP",
        "LDAP",
        "Directories that were set up on the device are removed.",
    ),
    resource(
        Target::Wifi,
        "wifi",
        "Corporate Resources ▸ Wi-Fi",
        "Wi-Fi",
        "Wi-Fi networks with their passwords and certificates are removed from the device.",
    ),
    resource(
        Target::Vpn,
        "vpn",
        "Corporate Resources ▸ VPN",
        "VPN",
        "VPN connections with their passwords and certificates are removed from the device.",
    ),
    resource(
        Target::AccessPointNames,
        "access_point_names",
        "Corporate Resources ▸ Access Point Names",
        "Access point names",
        "Access point names are removed from the device.",
    ),
    resource(
        Target::WebClips,
        "web_clips",
        "Corporate Resources ▸ Web Clips",
        "Web clips",
        "Web clips are removed from the device.",
    ),
    resource(
        Target::ScepIdentities,
        "scep_identities",
        "Corporate Resources ▸ SCEP Identities",
        "SCEP identities",
        "Identity certificates are removed from the device.",
    ),
    resource(
        Target::ProvisioningProfiles,
        "provisioning_profiles",
        "Corporate Resources ▸ Provisioning Profiles",
        "Provisioning profiles",
        "Provisioning profiles are removed, so that in-house apps signed with them stop.",
    ),
    own(
        Target::ManagedApps,
        "managed_apps",
        "Managed apps",
        "Managed apps",
        "The app catalogue is empty for the device, and managed apps are withdrawn.",
    ),
    own(
        Target::FileShare,
        "file_share",
        "File share",
        "File share",
        "The list of files is empty for the device, and files kept on it are removed.",
    ),
    own(
        Target::Portal,
        "portal",
        "Self-administration portal",
        "Portal",
        "The user cannot open the portal from this device.",
    ),
];
