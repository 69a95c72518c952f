//! Every rule with the way its facts arrive: from the device itself over ActiveSync, from the server's own knowledge, by
//! an administrator, or by REST from an integration. The scenario `rules` fails when the catalogue has a rule that is
//! not here.

/// What an integration says of a fact. Times are told from now on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Told {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A text.
    Text(&'static str),
    /// A moment so many hours from now; before now if negative.
    Hours(i64),
}

/// Facts by their keys.
pub type Facts = &'static [(&'static str, Told)];

/// What breaks a rule, and its opposite, which puts it right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cause {
    /// An integration writes facts by REST.
    Facts { bad: Facts, good: Facts },
    /// The device reports an old system, then an updated one.
    OldSystem,
    /// The device reports a system that is newer than what an administrator allows, until it is approved.
    NewSystem,
    /// Its type is forbidden, then allowed.
    Forbidden,
    /// More than a mail account is asked of its platform, then not any more.
    MailOnly,
    /// Another policy is published, then the device fetches it.
    NewPolicy,
    /// The device refuses a policy, then takes it.
    Refusal,
    /// It is silent for hours, then it connects.
    Silence,
    /// Wrong passwords, then the right one.
    WrongPasswords,
    /// Its liability becomes individual, then corporate.
    Individual,
    /// An administrator blocks it, then allows it.
    Block,
    /// Its user is disabled, then enabled.
    Disabled,
}

impl Cause {
    /// How the facts arrive, in a few words for the document.
    pub fn way(self) -> &'static str {
        match self {
            Cause::Facts { .. } => "facts by REST",
            Cause::OldSystem | Cause::NewSystem => "DeviceInformation, User-Agent",
            Cause::Forbidden => "DeviceType of each request",
            Cause::MailOnly => "the channel it is known by",
            Cause::NewPolicy | Cause::Refusal => "Provision",
            Cause::Silence => "contacts and the clock",
            Cause::WrongPasswords => "sign-ins",
            Cause::Individual | Cause::Block | Cause::Disabled => "an administrator",
        }
    }
}

/// A rule and how it is tried.
#[derive(Debug)]
pub struct Case {
    /// Its key.
    pub rule: &'static str,
    /// The condition's number.
    pub number: &'static str,
    /// Parameters other than the defaults, as JSON.
    pub params: &'static str,
    /// What breaks it.
    pub cause: Cause,
}

impl Case {
    /// Whether the rule can be broken on a platform: for some that are not made any more it has no limit.
    pub fn applies_to(&self, platform: &str) -> bool {
        self.cause != Cause::NewSystem || !matches!(platform, "windows_phone" | "blackberry")
    }
}

const fn case(rule: &'static str, number: &'static str, params: &'static str, cause: Cause) -> Case {
    Case { rule, number, params, cause }
}

/// A rule that an integration's facts break.
const fn told(rule: &'static str, number: &'static str, bad: Facts, good: Facts) -> Case {
    case(rule, number, "{}", Cause::Facts { bad, good })
}

use Told::{Flag, Hours, Number, Text};

/// Every rule of the catalogue, in its order.
#[rustfmt::skip]
pub static CASES: [Case; 36] = [
    case("user_disabled", "C25", "{}", Cause::Disabled),
    case("blocked_by_hand", "C31", "{}", Cause::Block),
    case("policy_out_of_date", "C02", r#"{"grace_hours": 0}"#, Cause::NewPolicy),
    case("policy_refused", "C30", "{}", Cause::Refusal),
    case("no_contact", "C09", r#"{"hours": 2}"#, Cause::Silence),
    case("os_below_minimum", "C16", "minimum", Cause::OldSystem),
    case("os_above_maximum", "C16", "{}", Cause::NewSystem),
    case("device_not_allowed", "C17", "{}", Cause::Forbidden),
    case("liability_not_allowed", "C18", r#"{"individual": false}"#, Cause::Individual),
    case("managed_by_mail_only", "C10", "{}", Cause::MailOnly),
    case("auth_failures", "C14", r#"{"count": 1}"#, Cause::WrongPasswords),
    told("patch_too_old", "C16", &[("security_patch", Text("2020-01-05"))], &[("security_patch", Text("2199-01-05"))]),
    told("compromised", "C01", &[("jail_broken", Flag(true))], &[("jail_broken", Flag(false))]),
    told("pass_code_missing", "C04", &[("pin_lock_on", Flag(false))], &[("pin_lock_on", Flag(true))]),
    told("not_encrypted", "C05", &[("disk_encryption_on", Flag(false))], &[("disk_encryption_on", Flag(true))]),
    told("attestation_failed", "C22", &[("integrity_proved", Flag(false))], &[("integrity_proved", Flag(true))]),
    told("developer_options", "C23",
        &[("developer_options_on", Flag(true)), ("play_protect_on", Flag(false))],
        &[("developer_options_on", Flag(false)), ("unknown_sources_on", Flag(false)), ("play_protect_on", Flag(true))]),
    told("management_removed", "C11", &[("management_present", Flag(false))], &[("management_present", Flag(true))]),
    told("not_supervised", "C20", &[("supervised", Flag(false))], &[("supervised", Flag(true))]),
    told("profile_missing", "C19", &[("profiles_missing", Text("Wi-Fi, VPN"))], &[("profiles_missing", Text(" "))]),
    told("certificate_expiring", "C21", &[("identity_expires_at", Hours(-1))], &[("identity_expires_at", Hours(9_000))]),
    told("nonconformance_reported", "C29",
        &[("nonconforming_settings", Text("passwordPolicies"))], &[("nonconforming_settings", Text(" "))]),
    told("commands_failing", "C30", &[("failed_commands", Number(1_000))], &[("failed_commands", Number(0))]),
    told("unwanted_app", "C06", &[("unwanted_apps", Text("Casino"))], &[("unwanted_apps", Text(" "))]),
    told("app_not_allowed", "C07", &[("apps_not_allowed", Text("Game"))], &[("apps_not_allowed", Text(" "))]),
    told("required_app_missing", "C08", &[("required_apps_missing", Text("VPN"))], &[("required_apps_missing", Text(" "))]),
    told("data_usage", "C03", &[("data_used_percent", Number(97))], &[("data_used_percent", Number(12))]),
    told("roaming", "C12",
        &[("roaming", Flag(true)), ("roaming_since", Hours(-3))], &[("roaming", Flag(false)), ("roaming_since", Hours(-3))]),
    told("sim_changed", "C13", &[("sim_changed", Flag(true))], &[("sim_changed", Flag(false))]),
    told("location_off", "C15",
        &[("location_services_on", Flag(false))], &[("location_services_on", Flag(true)), ("located_at", Hours(300))]),
    told("terms_not_accepted", "C24", &[("terms_accepted", Flag(false))], &[("terms_accepted", Flag(true))]),
    told("storage_nearly_full", "C26", &[("storage_free_percent", Number(1))], &[("storage_free_percent", Number(60))]),
    told("clock_skew", "C28", &[("clock_skew_seconds", Number(-90_000))], &[("clock_skew_seconds", Number(2))]),
    Case { params: r#"{"version": "3.10"}"#,
        ..told("agent_too_old", "C28", &[("agent_version", Text("3.9"))], &[("agent_version", Text("3.10"))]) },
    told("battery_worn", "C26", &[("battery_health_percent", Number(20))], &[("battery_health_percent", Number(95))]),
    Case { params: r#"{"fences": ["47.3769, 8.5417, 5000"]}"#,
        ..told("outside_geofence", "C15",
            &[("latitude", Text("46.948")), ("longitude", Text("7.4474"))],
            &[("latitude", Text("47.38")), ("longitude", Text("8.54"))]) },
];

/// A platform that speaks ActiveSync here: a make of it, and what its systems call themselves.
#[derive(Debug)]
pub struct System {
    /// Key of the platform.
    pub platform: &'static str,
    /// Name for the document.
    pub label: &'static str,
    /// The make that is simulated.
    pub model: &'static str,
    /// An old system in its own words.
    pub old: &'static str,
    /// A later one.
    pub new: &'static str,
    /// User-Agent of the old one, where the program names its system; the later one's is the make's.
    pub old_agent: Option<&'static str>,
    /// A version between them, as a limit.
    pub limit: &'static str,
}

/// The platforms, each by one make.
#[rustfmt::skip]
pub static SYSTEMS: [System; 5] = [
    System { platform: "ios", label: "iOS and iPadOS", model: "iphone",
        old: "iOS 16.1 20B82", new: "iOS 18.5 22F76", old_agent: Some("Apple-iPhone15C2/2002.82"), limit: "17.4" },
    System { platform: "android", label: "Android", model: "samsung",
        old: "Android 11", new: "Android 15", old_agent: None, limit: "14" },
    System { platform: "windows", label: "Windows", model: "windows-mail",
        old: "Windows 10.0.10240", new: "Windows 10.0.19045", old_agent: Some("MSFT-WIN-4/10.0.10240"), limit: "10.0.17763" },
    System { platform: "windows_phone", label: "Windows Phone", model: "windows-phone",
        old: "Windows Phone 8.0.9903", new: "Windows Phone 8.10.14219", old_agent: Some("MSFT-WP/8.0.9903"), limit: "8.1" },
    System { platform: "blackberry", label: "BlackBerry", model: "blackberry",
        old: "BlackBerry 10.2.0.424", new: "BlackBerry 10.3.3.2205", old_agent: Some("RIM-Classic-SQC100-1/10.2.0.424"), limit: "10.3" },
];

/// The case of a rule.
pub fn of_rule(rule: &str) -> Option<&'static Case> {
    CASES.iter().find(|case| case.rule == rule)
}
