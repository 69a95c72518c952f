//! Organizations: the tenants of an installation.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Liability, Millis, Platform};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Id, IdKind};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Grows with every write.
    pub rev: i64,
    /// Short name in addresses: `[a-z0-9-]{2,32}`, immutable.
    pub slug: String,
    /// Name shown.
    pub name: String,
    /// A disabled organization serves no device and no administrator.
    pub enabled: bool,
    /// Mail domains, lower case, unique in the installation, granted by a system administrator.
    pub mail_domains: Vec<String>,
    /// NetBIOS-style domains (`DOMAIN\user`), lower case, unique in the installation.
    pub login_domains: Vec<String>,
    /// Host names that lead here, lower case, unique in the installation.
    pub host_names: Vec<String>,
    /// Everything its administrators may change.
    pub settings: OrganizationSettings,
    /// Columns of its own, in the order in which they are shown; at most 50.
    #[serde(default)]
    pub columns: Vec<super::CustomColumn>,
    /// How many devices it may have, and until when it takes new ones.
    #[serde(default)]
    pub quota: super::Quota,
    /// The terms of use in force.
    #[serde(default)]
    pub terms: Option<super::TermsInForce>,
    /// It is being removed: memory does not know it any more, its rows go one after the other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removing: bool,
    /// When it was made.
    pub created_at: Millis,
}

/// Id of an organization.
pub type OrganizationId = Id<Organization>;
impl IdKind for Organization {
    const PREFIX: &'static str = "org";
}

impl Organization {
    /// The organization that owns events of the installation itself (nil UUID). It has no row of its own.
    pub const SYSTEM: OrganizationId = Id::from_uuid(Uuid::nil());
}

/// Settings of System Management ▸ Organization. Missing fields of older rows take their defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganizationSettings {
    /// Contact shown to users in refusals and on the redirect page.
    pub contact: String,
    /// IANA time zone of the organization.
    pub time_zone: String,
    /// Liability of users for whom nobody chose.
    pub default_liability: Liability,
    /// Suite for users without one of their own.
    pub default_suite: Option<super::PolicySuiteId>,
    /// Connection schedule for users without one of their own.
    pub default_schedule: Option<super::ScheduleId>,
    /// ActiveSync server for users that are made by hands-off enrolment.
    pub default_server: Option<super::ServerId>,
    /// Stand-in users may enrol devices by themselves; else a new device waits in quarantine.
    pub stand_in_hands_off: bool,
    /// Devices a user may have; 0 is no limit.
    pub max_devices_per_user: u32,
    /// Where `/o/{org}` leads, by platform.
    pub redirects: RedirectTargets,
    /// Known-good devices keep their mail for so long while storage is away. Milliseconds.
    pub storage_grace_ms: i64,
    /// Accept "partially applied" policies (acknowledgement status 2).
    pub allow_partial_policy: bool,
    /// Accept devices that say a third party manages them (acknowledgement status 4).
    pub allow_external_management: bool,
    /// Devices without any support for policies may sync.
    pub allow_non_provisionable: bool,
    /// Hours after which a device must fetch its policy again; 0 is never.
    pub policy_refresh_hours: u32,
    /// Failed sign-ins at which a device is paused, and for how long (minutes).
    pub auth_failure_threshold: u32,
    /// See `auth_failure_threshold`.
    pub auth_failure_minutes: u32,
    /// Cisco ISE: keep devices retired in the last 7 days in polls.
    pub ise_report_retired: bool,
    /// Cisco ISE: page size, 1 to 5000.
    pub ise_page_size: u32,
    /// Cisco ISE: where it sends users of unregistered devices; empty: our own page for new phones.
    pub ise_redirect_url: String,
    /// The limit on what destroys or withdraws much at once.
    pub governor: GovernorSettings,
    /// Steps of *Getting started* that were ticked off by hand.
    pub confirmed_steps: BTreeSet<catalog::Step>,
    /// Steps of the wizard that were gone through.
    pub set_up_passed: BTreeSet<catalog::SetUpStep>,
    /// Every administrator who acts in the organization must have a second factor.
    pub require_second_factor: bool,
    /// Language of what is written to users who have none of their own, a key of [`catalog::LANGUAGES`].
    pub language: String,
    /// Hours for which an enrolment token can be used: 1 to 720.
    pub enrollment_hours: u32,
    /// What users may not do for themselves in the portal; everything else they may.
    pub self_service_off: BTreeSet<catalog::SelfService>,
    /// Days after which entries of the journal are removed; 0 is never.
    pub journal_days: u32,
    /// Days after which the bodies of the journal's entries are erased; 0 is never.
    pub journal_body_days: u32,
    /// Days for which commands that are over stay known; 0 is for ever.
    pub command_history_days: u32,
    /// Days without contact after which the last exchanges of a device are forgotten; 0 is never.
    pub exchange_days: u32,
    /// Days for which former verdicts of devices stay known; 0 is for ever.
    pub verdict_days: u32,
}

impl Default for OrganizationSettings {
    fn default() -> Self {
        Self {
            contact: String::new(),
            time_zone: "UTC".into(),
            default_liability: Liability::Corporate,
            default_suite: None,
            default_schedule: None,
            default_server: None,
            stand_in_hands_off: true,
            max_devices_per_user: 0,
            redirects: RedirectTargets::default(),
            storage_grace_ms: 4 * 3_600_000,
            allow_partial_policy: true,
            allow_external_management: false,
            allow_non_provisionable: false,
            policy_refresh_hours: 0,
            auth_failure_threshold: 5,
            auth_failure_minutes: 30,
            ise_report_retired: false,
            ise_page_size: 5000,
            ise_redirect_url: String::new(),
            governor: GovernorSettings::default(),
            confirmed_steps: BTreeSet::new(),
            set_up_passed: BTreeSet::new(),
            require_second_factor: false,
            language: "en".into(),
            enrollment_hours: 72,
            self_service_off: BTreeSet::new(),
            journal_days: 0,
            journal_body_days: 0,
            command_history_days: 0,
            exchange_days: 0,
            verdict_days: 365,
        }
    }
}

/// How much one account can destroy before a second person is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GovernorSettings {
    /// Destructive commands in an hour that need no second person; also how many devices a change may newly withdraw
    /// mail or network from. `None`: five, or one in a hundred managed devices, whichever is more.
    pub limit: Option<u32>,
    /// Wipes that the mail server announces are always relayed at once.
    pub always_relay: bool,
    /// Days after which what is held and not approved expires, 1 to 90.
    pub held_days: u32,
}

impl Default for GovernorSettings {
    fn default() -> Self {
        Self { limit: None, always_relay: false, held_days: 7 }
    }
}

/// Addresses of the page that Cisco ISE sends unregistered users to, by platform. Empty: our own help page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct RedirectTargets(pub BTreeMap<Platform, String>);
