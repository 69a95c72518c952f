//! The organization that the token acts in, and its settings.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use catalog::{Liability, Permission, Platform, SelfService};
use domain::model::{
    ActiveSyncServer, GovernorSettings, OrganizationSettings, PolicySuite, RedirectTargets, Schedule,
};
use door::Access;
use engine::organizations;
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{File, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Seen};
use super::organizations::OrganizationInfo;
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let settings = "/api/v1/organization/settings";
    Family {
        name: "Organization",
        about: "The token's own organization and everything its administrators may set.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/organization", Access::SignedIn, show, "Show my organization")
                .gives::<OrganizationInfo>(),
            endpoint(
                Method::GET,
                settings,
                Access::Needs(Permission::OrganizationView),
                show_settings,
                "Show the settings",
            )
            .gives::<Settings>()
            .versioned(),
            endpoint(
                Method::PUT,
                settings,
                Access::Needs(Permission::OrganizationEdit),
                replace_settings,
                "Replace the settings",
            )
            .says("A field that is left out takes its default.")
            .body::<Settings>()
            .gives::<Settings>()
            .versioned(),
            endpoint(
                Method::POST,
                "/api/v1/organization/archive",
                Access::Needs(Permission::OrganizationEdit),
                archive,
                "Take all data out as an archive",
            )
            .says(
                "A ZIP file with a file of JSON lines for each kind of record, as of one moment, without secrets. Needs \
                 the export of users and devices and the journal besides. One is written at a time.",
            )
            .file(&["application/zip"]),
        ],
    }
}

async fn archive(call: Call) -> Result<File, Problem> {
    let bytes = organizations::archive(&call.engine, &call.scope).await?;
    Ok(File { media: "application/zip", name: "organization.zip", bytes })
}

/// Settings of an organization.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "OrganizationSettings")]
struct Settings {
    /// Contact shown to users in refusals and on the page that Cisco ISE leads to, at most 500 characters.
    contact: String,
    /// IANA name, such as Europe/Berlin.
    time_zone: String,
    /// Liability of users for whom nobody chose.
    default_liability: Word<Liability>,
    /// Suite for users without one of their own.
    default_suite: Option<Ref<PolicySuite>>,
    /// Connection schedule for users without one of their own; left out, it stays.
    default_schedule: Option<Ref<Schedule>>,
    /// ActiveSync server for users made by hands-off enrolment.
    default_server: Option<Ref<ActiveSyncServer>>,
    /// Users of the stand-in may enrol devices by themselves; else a new device waits in quarantine.
    stand_in_hands_off: bool,
    /// Devices a user may have; 0 is no limit.
    max_devices_per_user: u32,
    /// Where `/o/{org}` leads, by platform; empty is our own help page.
    redirects: BTreeMap<String, String>,
    /// Known-good devices keep their mail for so long while storage is away: 0 to 7 days, in milliseconds.
    storage_grace_ms: i64,
    /// Accept policies applied in part.
    allow_partial_policy: bool,
    /// Accept devices that say a third party manages them.
    allow_external_management: bool,
    /// Devices without any support for policies may sync.
    allow_non_provisionable: bool,
    /// Hours after which a device must fetch its policy again; 0 is never.
    policy_refresh_hours: u32,
    /// Failed sign-ins at which a device is paused: 1 to 100.
    auth_failure_threshold: u32,
    /// Minutes of that pause: 0 to 1440.
    auth_failure_minutes: u32,
    /// Cisco ISE: keep devices retired in the last 7 days in polls.
    ise_report_retired: bool,
    /// Cisco ISE: page size, 1 to 5000.
    ise_page_size: u32,
    /// Cisco ISE: where it sends users of unregistered devices, `https://…`; empty is our own page for new phones.
    ise_redirect_url: String,
    /// Every administrator who acts in the organization must have a second factor.
    require_second_factor: bool,
    /// Language of what is written to users without one of their own, such as en or de.
    language: String,
    /// Hours for which an enrolment code can be used: 1 to 720.
    enrollment_hours: u32,
    /// What users may not do for themselves in the portal: `portal` (nothing but enrolling is left), `enrol`, `diary`,
    /// `rename`, `report_lost`, `account_wipe`, `full_wipe`, `stop_managing`, `password`.
    self_service_off: Vec<String>,
    /// Days after which entries of the journal are removed: 30 to 3650; 0 is never.
    journal_days: u32,
    /// Days after which the bodies of its entries are erased: 30 to 3650; 0 is never.
    journal_body_days: u32,
    /// Days for which commands that are over stay known: 30 to 3650; 0 is for ever.
    command_history_days: u32,
    /// Days without contact after which the last exchanges of a device are forgotten: 30 to 3650; 0 is never.
    exchange_days: u32,
    /// Days for which former verdicts of devices stay known: 30 to 3650; 0 is for ever.
    verdict_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        (&OrganizationSettings::default()).into()
    }
}

impl From<&OrganizationSettings> for Settings {
    fn from(s: &OrganizationSettings) -> Self {
        Self {
            contact: s.contact.clone(),
            time_zone: s.time_zone.clone(),
            default_liability: Word(s.default_liability),
            default_suite: s.default_suite.map(Into::into),
            default_schedule: s.default_schedule.map(Into::into),
            default_server: s.default_server.map(Into::into),
            stand_in_hands_off: s.stand_in_hands_off,
            max_devices_per_user: s.max_devices_per_user,
            redirects: s.redirects.0.iter().map(|(p, url)| (p.key().to_owned(), url.clone())).collect(),
            storage_grace_ms: s.storage_grace_ms,
            allow_partial_policy: s.allow_partial_policy,
            allow_external_management: s.allow_external_management,
            allow_non_provisionable: s.allow_non_provisionable,
            policy_refresh_hours: s.policy_refresh_hours,
            auth_failure_threshold: s.auth_failure_threshold,
            auth_failure_minutes: s.auth_failure_minutes,
            ise_report_retired: s.ise_report_retired,
            ise_page_size: s.ise_page_size,
            ise_redirect_url: s.ise_redirect_url.clone(),
            require_second_factor: s.require_second_factor,
            language: s.language.clone(),
            enrollment_hours: s.enrollment_hours,
            self_service_off: s.self_service_off.iter().map(|what| what.info().key.to_owned()).collect(),
            journal_days: s.journal_days,
            journal_body_days: s.journal_body_days,
            command_history_days: s.command_history_days,
            exchange_days: s.exchange_days,
            verdict_days: s.verdict_days,
        }
    }
}

impl Settings {
    fn into_model(self) -> Result<OrganizationSettings, Problem> {
        let mut redirects = BTreeMap::new();
        for (key, url) in self.redirects {
            let platform = Platform::from_key(&key)
                .ok_or_else(|| Problem::invalid(format!("redirects.{key}"), "There is no such platform."))?;
            redirects.insert(platform, url);
        }
        let mut self_service_off = BTreeSet::new();
        for key in self.self_service_off {
            let what = SelfService::from_key(&key).ok_or_else(|| {
                Problem::invalid("self_service_off", format!("{key} is nothing that users can do."))
            })?;
            self_service_off.insert(what);
        }
        Ok(OrganizationSettings {
            contact: self.contact,
            time_zone: self.time_zone,
            default_liability: self.default_liability.0,
            default_suite: self.default_suite.map(|id| id.0),
            default_schedule: self.default_schedule.map(|id| id.0),
            default_server: self.default_server.map(|id| id.0),
            stand_in_hands_off: self.stand_in_hands_off,
            max_devices_per_user: self.max_devices_per_user,
            redirects: RedirectTargets(redirects),
            storage_grace_ms: self.storage_grace_ms,
            allow_partial_policy: self.allow_partial_policy,
            allow_external_management: self.allow_external_management,
            allow_non_provisionable: self.allow_non_provisionable,
            policy_refresh_hours: self.policy_refresh_hours,
            auth_failure_threshold: self.auth_failure_threshold,
            auth_failure_minutes: self.auth_failure_minutes,
            ise_report_retired: self.ise_report_retired,
            ise_page_size: self.ise_page_size,
            ise_redirect_url: self.ise_redirect_url,
            require_second_factor: self.require_second_factor,
            language: self.language,
            enrollment_hours: self.enrollment_hours,
            self_service_off,
            journal_days: self.journal_days,
            journal_body_days: self.journal_body_days,
            command_history_days: self.command_history_days,
            exchange_days: self.exchange_days,
            // Set where approvals are: a session alone must not loosen it.
            governor: GovernorSettings::default(),
            // Ticked off one by one.
            confirmed_steps: BTreeSet::new(),
            set_up_passed: BTreeSet::new(),
            verdict_days: self.verdict_days,
        })
    }
}

async fn show(call: Call) -> Result<Json<OrganizationInfo>, Problem> {
    Ok(Json(organizations::current(&call.engine, &call.scope)?.as_ref().into()))
}

async fn show_settings(call: Call) -> Result<Versioned<Settings>, Problem> {
    let organization = organizations::current(&call.engine, &call.scope)?;
    Ok(Versioned(organization.rev, (&organization.settings).into()))
}

async fn replace_settings(
    call: Call,
    seen: Seen,
    Body(input): Body<Settings>,
) -> Result<Versioned<Settings>, Problem> {
    seen.expect(organizations::current(&call.engine, &call.scope)?.rev)?;
    let settings = input.into_model()?;
    organizations::edit_settings_seen(&call.engine, &call.scope, seen.0, settings).await?;
    show_settings(call).await
}
