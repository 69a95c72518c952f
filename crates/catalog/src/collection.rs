//! What is held of a device, in words for the person who carries it: on the enrolment page before anything is held, and in
//! the portal. Every fact belongs to exactly one entry, by test; so a fact that is added is told.

/// How something comes to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// The device says it by itself.
    Reported,
    /// The server notes it.
    Noted,
    /// Only if the company or another system of the company enters it.
    Entered,
    /// It is never asked for, and there is no place to keep it.
    Never,
}

/// A kind of data about a device or its user.
#[derive(Debug)]
pub struct Collection {
    /// Stored name; its words are texts of the enrolment page.
    pub key: &'static str,
    /// How it comes to be known.
    pub held: Held,
    /// Keys of the facts that it is made of; none for what is never held.
    pub facts: &'static [&'static str],
}

const fn kind(key: &'static str, held: Held, facts: &'static [&'static str]) -> Collection {
    Collection { key, held, facts }
}

/// Every kind, in the order of the page.
pub static COLLECTIONS: &[Collection] = &[
    kind(
        "make",
        Held::Reported,
        &[
            "platform",
            "client",
            "manufacturer",
            "model",
            "os_version",
            "os_build",
            "device_type",
            "os",
            "os_language",
            "friendly_name",
            "user_agent",
            "activesync_version",
        ],
    ),
    kind("numbers", Held::Reported, &["imei", "phone_number", "mobile_operator", "outbound_sms"]),
    kind(
        "contacts",
        Held::Noted,
        &["last_contact", "first_contact", "enrolled_at", "wiped_at", "check_in_limit"],
    ),
    kind("sites", Held::Noted, &["site"]),
    kind(
        "standing",
        Held::Noted,
        &[
            "liability",
            "management",
            "policy_state",
            "policy_since",
            "policy_ack_status",
            "policy_acknowledged_at",
            "blocked",
            "blocked_reason",
            "blocked_since",
            "user_disabled",
            "terms_accepted",
        ],
    ),
    kind(
        "sign_ins",
        Held::Noted,
        &["auth_failures", "auth_failing_since", "recent_failures", "recent_failures_until"],
    ),
    kind(
        "inventory",
        Held::Entered,
        &["serial_number", "meid", "udid", "asset_tag", "carrier", "location", "notes"],
    ),
    kind(
        "safety",
        Held::Entered,
        &[
            "pin_lock_on",
            "disk_encryption_on",
            "jail_broken",
            "integrity_proved",
            "developer_options_on",
            "unknown_sources_on",
            "play_protect_on",
            "security_patch",
            "supervised",
            "management_present",
            "profiles_missing",
            "nonconforming_settings",
            "identity_expires_at",
            "failed_commands",
            "agent_version",
            "clock_skew_seconds",
        ],
    ),
    kind("apps", Held::Entered, &["unwanted_apps", "apps_not_allowed", "required_apps_missing"]),
    kind(
        "usage",
        Held::Entered,
        &[
            "data_used_percent",
            "roaming",
            "roaming_since",
            "battery_percent",
            "battery_health_percent",
            "storage_free_percent",
            "sim_changed",
            "time_zone",
        ],
    ),
    kind("position", Held::Entered, &["latitude", "longitude", "located_at", "location_services_on"]),
    kind("content", Held::Never, &[]),
    kind("photos", Held::Never, &[]),
    kind("browsing", Held::Never, &[]),
    kind("passwords", Held::Never, &[]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FACTS;

    #[test]
    fn every_fact_is_told_once() {
        for fact in FACTS {
            let told = COLLECTIONS.iter().filter(|c| c.facts.contains(&fact.key)).count();
            assert_eq!(told, 1, "{} is in {told} entries", fact.key);
        }
        for entry in COLLECTIONS {
            assert_eq!(entry.facts.is_empty(), entry.held == Held::Never, "{}", entry.key);
            assert!(entry.facts.iter().all(|key| crate::fact(key).is_some()), "{}", entry.key);
        }
    }

    /// What a device says by itself is not told as if somebody had to enter it.
    #[test]
    fn what_devices_report_is_said_to_be_reported() {
        let held = |key: &str| COLLECTIONS.iter().find(|c| c.facts.contains(&key)).map(|c| c.held);
        for fact in FACTS.iter().filter(|f| f.reported_by.contains("ActiveSync")) {
            assert_eq!(held(fact.key), Some(Held::Reported), "{}", fact.key);
        }
    }
}
