//! The table of facts. To add a fact, add one entry; keys are stored and never change their meaning.

use super::{Fact, FactType};

/// A fact that a device reports or that is recognized from what it sends.
const fn told(
    key: &'static str,
    label: &'static str,
    help: &'static str,
    kind: FactType,
    by: &'static str,
) -> Fact {
    Fact {
        key,
        label,
        help,
        kind,
        unit: "",
        reported_by: by,
        editable: false,
        in_forms: true,
        reported: true,
        ise: None,
        default_column: false,
    }
}

/// A fact that an administrator or an integration enters, whether or not a device may report it too.
const fn entered(key: &'static str, label: &'static str, help: &'static str, by: &'static str) -> Fact {
    Fact { editable: true, ..told(key, label, help, FactType::Text, by) }
}

/// A fact that nothing which can be enrolled here reports yet, but an integration can.
const fn integration(key: &'static str, label: &'static str, help: &'static str, kind: FactType) -> Fact {
    Fact { editable: true, in_forms: false, reported: false, ..told(key, label, help, kind, REST) }
}

/// A fact that the server knows by itself.
const fn server(key: &'static str, label: &'static str, help: &'static str, kind: FactType) -> Fact {
    told(key, label, help, kind, "the server")
}

const HAND: &str = "by hand or by REST";
const REST: &str = "an integration, by REST";

/// Every fact, in the order of the device page.
pub static FACTS: &[Fact] = &[
    // Recognized from DeviceType, User-Agent and DeviceInformation.
    Fact {
        default_column: true,
        ..told(
            "platform",
            "Platform",
            "Family of the operating system.",
            FactType::Text,
            "recognized from DeviceType and User-Agent",
        )
    },
    Fact {
        default_column: true,
        ..told(
            "client",
            "Mail client",
            "The program that speaks ActiveSync.",
            FactType::Text,
            "recognized from DeviceType and User-Agent",
        )
    },
    Fact {
        ise: Some("manufacturer"),
        editable: true,
        ..told(
            "manufacturer",
            "Manufacturer",
            "Maker of the device.",
            FactType::Text,
            "recognized from DeviceType, Model and User-Agent",
        )
    },
    Fact {
        ise: Some("model"),
        default_column: true,
        editable: true,
        ..told(
            "model",
            "Model",
            "Model as the device names it.",
            FactType::Text,
            "ActiveSync DeviceInformation: Model",
        )
    },
    Fact {
        ise: Some("os_version"),
        default_column: true,
        ..told(
            "os_version",
            "OS version",
            "Version of the operating system, compared number by number.",
            FactType::Version,
            "parsed from DeviceInformation OS, else from User-Agent",
        )
    },
    told(
        "os_build",
        "OS build",
        "Build of the operating system.",
        FactType::Text,
        "recognized from User-Agent (Apple) or DeviceInformation OS",
    ),
    told(
        "device_type",
        "Device type",
        "DeviceType as the device first sent it.",
        FactType::Text,
        "ActiveSync query: DeviceType",
    ),
    // ActiveSync DeviceInformation (MS-ASCMD 2.2.3.45).
    told(
        "os",
        "Operating system",
        "Operating system in the device's own words.",
        FactType::Text,
        "ActiveSync DeviceInformation: OS",
    ),
    told(
        "os_language",
        "Language",
        "Language of the operating system.",
        FactType::Text,
        "ActiveSync DeviceInformation: OSLanguage",
    ),
    told(
        "friendly_name",
        "Device name",
        "Name that the device or its user gave it.",
        FactType::Text,
        "ActiveSync DeviceInformation: FriendlyName",
    ),
    Fact {
        ise: Some("imei"),
        ..entered(
            "imei",
            "IMEI",
            "International number of the mobile part, 15 digits.",
            "ActiveSync DeviceInformation: IMEI; by hand or by REST",
        )
    },
    Fact {
        ise: Some("phone_number"),
        ..entered(
            "phone_number",
            "Phone number",
            "Telephone number of the device.",
            "ActiveSync DeviceInformation: PhoneNumber; by hand or by REST",
        )
    },
    told(
        "mobile_operator",
        "Mobile operator",
        "Operator of the mobile network.",
        FactType::Text,
        "ActiveSync DeviceInformation: MobileOperator",
    ),
    told(
        "user_agent",
        "User-Agent",
        "User-Agent that the mail client sends.",
        FactType::Text,
        "ActiveSync header User-Agent, or DeviceInformation: UserAgent",
    ),
    told(
        "outbound_sms",
        "Sends text messages",
        "The device offers to send text messages for the mail server.",
        FactType::Bool,
        "ActiveSync DeviceInformation: EnableOutboundSMS",
    ),
    // By hand or by an integration.
    Fact {
        ise: Some("serial_number"),
        ..entered("serial_number", "Serial number", "The maker's serial number.", HAND)
    },
    Fact {
        ise: Some("meid"),
        ..entered("meid", "MEID", "Number of a CDMA device, 14 hexadecimal or 18 decimal digits.", HAND)
    },
    Fact { ise: Some("udid"), ..entered("udid", "UDID", "Apple's unique device identifier.", HAND) },
    entered("asset_tag", "Asset tag", "The company's own number of the device.", HAND),
    entered("carrier", "Carrier", "Company that bills the mobile contract.", HAND),
    entered("location", "Location", "Where the device belongs.", HAND),
    entered("notes", "Notes", "Anything worth remembering.", HAND),
    // Posture: ActiveSync does not report it; integrations and later platforms do.
    Fact {
        ise: Some("pin_lock_on"),
        editable: true,
        reported: false,
        ..told("pin_lock_on", "Pass-code set", "The device is locked with a pass-code.", FactType::Bool, HAND)
    },
    Fact {
        ise: Some("disk_encryption_on"),
        editable: true,
        reported: false,
        ..told(
            "disk_encryption_on",
            "Encrypted",
            "The storage of the device is encrypted.",
            FactType::Bool,
            HAND,
        )
    },
    Fact {
        ise: Some("jail_broken"),
        editable: true,
        reported: false,
        ..told(
            "jail_broken",
            "Compromised",
            "The operating system is jailbroken or rooted.",
            FactType::Bool,
            HAND,
        )
    },
    integration(
        "integrity_proved",
        "Integrity proved",
        "The platform's attestation of the device succeeded.",
        FactType::Bool,
    ),
    integration(
        "developer_options_on",
        "Developer options",
        "Developer options or debugging over USB are on.",
        FactType::Bool,
    ),
    integration(
        "unknown_sources_on",
        "Unknown sources",
        "Apps from unknown sources are allowed.",
        FactType::Bool,
    ),
    integration("play_protect_on", "Play Protect", "Google Play Protect is on.", FactType::Bool),
    integration(
        "security_patch",
        "Security patch",
        "Date of the security patch, such as 2026-11-05.",
        FactType::Text,
    ),
    integration(
        "supervised",
        "Supervised",
        "The device is supervised (Apple) or fully managed (Android).",
        FactType::Bool,
    ),
    integration(
        "management_present",
        "Management present",
        "Management profile, administration app or work profile are there.",
        FactType::Bool,
    ),
    integration(
        "profiles_missing",
        "Profiles missing",
        "Required profiles and restrictions that are not on the device, by name.",
        FactType::Text,
    ),
    integration(
        "nonconforming_settings",
        "Settings not followed",
        "Settings that the platform says the device does not follow, by name.",
        FactType::Text,
    ),
    integration(
        "identity_expires_at",
        "Identity until",
        "End of the identity certificate of the device.",
        FactType::Time,
    ),
    Fact {
        unit: "failures",
        ..integration(
            "failed_commands",
            "Failed commands",
            "Commands that failed one after the other.",
            FactType::Int,
        )
    },
    integration(
        "unwanted_apps",
        "Unwanted apps",
        "Apps on the list of unwanted ones that are installed, by name.",
        FactType::Text,
    ),
    integration(
        "apps_not_allowed",
        "Apps not allowed",
        "Installed apps that are not on the list of allowed ones, by name.",
        FactType::Text,
    ),
    integration(
        "required_apps_missing",
        "Apps missing",
        "Required apps that are missing or too old, by name.",
        FactType::Text,
    ),
    Fact {
        unit: "percent",
        ..integration(
            "data_used_percent",
            "Data plan used",
            "Share of the data plan that is used.",
            FactType::Int,
        )
    },
    Fact {
        in_forms: true,
        ..integration("time_zone", "Time zone", "IANA name of the device's time zone.", FactType::Text)
    },
    integration("roaming", "Roaming", "The device is in a foreign network.", FactType::Bool),
    integration(
        "roaming_since",
        "Roaming since",
        "Since when the device has been in a foreign network.",
        FactType::Time,
    ),
    Fact {
        unit: "percent",
        ..integration("battery_percent", "Battery", "Charge of the battery.", FactType::Int)
    },
    integration(
        "sim_changed",
        "SIM changed",
        "The SIM is another one than at enrolment, or there is none.",
        FactType::Bool,
    ),
    integration(
        "location_services_on",
        "Location services",
        "The device app may ask where the device is.",
        FactType::Bool,
    ),
    integration("located_at", "Located", "When the device last said where it is.", FactType::Time),
    integration(
        "terms_accepted",
        "Terms accepted",
        "The user has accepted the current terms of use.",
        FactType::Bool,
    ),
    Fact {
        unit: "percent",
        ..integration(
            "storage_free_percent",
            "Free storage",
            "Share of the storage that is free.",
            FactType::Int,
        )
    },
    Fact {
        unit: "seconds",
        ..integration(
            "clock_skew_seconds",
            "Clock difference",
            "How much the clock of the device is ahead of the server's.",
            FactType::Int,
        )
    },
    Fact {
        unit: "percent",
        ..integration(
            "battery_health_percent",
            "Battery health",
            "Share of its first capacity that the battery still holds.",
            FactType::Int,
        )
    },
    integration("agent_version", "Device app version", "Version of the device app.", FactType::Version),
    integration("latitude", "Latitude", "Degrees north of the equator, where it last was.", FactType::Text),
    integration("longitude", "Longitude", "Degrees east of Greenwich, where it last was.", FactType::Text),
    // What the server knows.
    server("liability", "Liability", "corporate or individual, as the device counts now.", FactType::Text),
    server(
        "management",
        "Managed by",
        "The strongest channel of the device: activesync, app, apple, android or windows.",
        FactType::Text,
    ),
    Fact {
        default_column: true,
        ..server("policy_state", "Policy state", "current, outdated, missing or refused.", FactType::Text)
    },
    server(
        "policy_since",
        "Policy state since",
        "Since when the policy has been in this state.",
        FactType::Time,
    ),
    server(
        "policy_ack_status",
        "Policy acknowledgement",
        "1 applied in full, 2 in part, 3 not applied, 4 managed by a third party.",
        FactType::Int,
    ),
    server(
        "policy_acknowledged_at",
        "Policy acknowledged",
        "When the device last acknowledged a policy.",
        FactType::Time,
    ),
    Fact {
        default_column: true,
        ..server("last_contact", "Last contact", "When the device was last heard of.", FactType::Time)
    },
    server(
        "check_in_limit",
        "Check-in limit",
        "When as many check-ins of its connection schedule are missed as the rule \"No contact\" allows.",
        FactType::Time,
    ),
    server(
        "activesync_version",
        "ActiveSync version",
        "Protocol version of the last request.",
        FactType::Version,
    ),
    Fact {
        unit: "failures",
        ..server(
            "auth_failures",
            "Failed sign-ins",
            "Failed ActiveSync sign-ins since the last good one.",
            FactType::Int,
        )
    },
    server(
        "auth_failing_since",
        "Sign-in fails since",
        "Time of the first of these failures.",
        FactType::Time,
    ),
    server("blocked", "Blocked by hand", "An administrator has blocked the device.", FactType::Bool),
    server("blocked_reason", "Reason of the block", "Why it was blocked, as entered.", FactType::Text),
    server("blocked_since", "Blocked since", "When it was blocked.", FactType::Time),
    server(
        "site",
        "Site",
        "The site of the organization where the device was last seen, by the network it called from. Its address is not kept.",
        FactType::Text,
    ),
    server("first_contact", "First contact", "When the device was first heard of.", FactType::Time),
    Fact {
        default_column: true,
        ..server("enrolled_at", "Enrolled", "When the device was enrolled.", FactType::Time)
    },
    server("wiped_at", "Wiped", "When the device confirmed that it was wiped.", FactType::Time),
    Fact {
        unit: "failures",
        ..server(
            "recent_failures",
            "Recent failed sign-ins",
            "Failed ActiveSync sign-ins since the last good one, within the hours that the compliance rule looks at.",
            FactType::Int,
        )
    },
    server(
        "recent_failures_until",
        "Recent failures until",
        "When the oldest of these failures is forgotten.",
        FactType::Time,
    ),
    server("user_disabled", "User disabled", "The user of the device is disabled.", FactType::Bool),
];
