//! Cisco ISE: what to enter there, what it asked, and what it should be told.

use std::sync::Arc;

use axum::{Extension, Json};
use catalog::{Liability, Permission};
use domain::model::{Device, Schedule};
use door::{Access, Path};
use engine::ise::{self, Call as IseCall, Credentials, SelfTestRow};
use engine::{Error, organizations};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Done, File, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::host::Host;
use super::input::{Body, Call, Seen};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let (view, change) = (Access::Needs(Permission::IseView), Access::Needs(Permission::IseEdit));
    Family {
        name: "Cisco ISE",
        about: "The connection with Cisco ISE. Accounts for it are administrators with the ISE Admin mark.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/ise", view, show, "What to enter in ISE, and polling advice")
                .gives::<Connection>(),
            endpoint(Method::GET, "/api/v1/ise/settings", view, show_settings, "What ISE is told")
                .gives::<Settings>()
                .versioned(),
            endpoint(
                Method::PUT,
                "/api/v1/ise/settings",
                change,
                replace_settings,
                "Change what ISE is told",
            )
            .says("The same values as in the organization's settings, for who looks after ISE alone.")
            .body::<Settings>()
            .gives::<Settings>()
            .versioned(),
            endpoint(
                Method::GET,
                "/api/v1/ise/root-certificate.pem",
                view,
                root_certificate,
                "The root certificate to import into ISE",
            )
            .says("404 when a proxy in front has a certificate of its own.")
            .file(&["application/x-pem-file"]),
            endpoint(Method::GET, "/api/v1/ise/calls", view, calls, "The last calls of ISE, newest first")
                .gives::<Page<CallInfo>>(),
            endpoint(
                Method::GET,
                "/api/v1/ise/unknown-macs",
                view,
                unknown_macs,
                "MAC addresses that ISE asked for and nobody knows",
            )
            .gives::<Page<UnknownMac>>(),
            endpoint(
                Method::POST,
                "/api/v1/ise/unknown-macs/{mac}/link",
                change,
                link,
                "Link a MAC address with a device",
            )
            .body::<Link>(),
            endpoint(
                Method::POST,
                "/api/v1/ise/self-test",
                change,
                self_test,
                "Run ISE's Test Connection table",
            )
            .says("A real TLS client that trusts only the exported root produces each outcome.")
            .body::<OwnAccount>()
            .gives::<Page<TestRow>>(),
        ],
    }
}

/// What ISE is told.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IseSettings")]
struct Settings {
    /// Keep devices retired in the last 7 days in polls.
    report_retired: bool,
    /// Devices to a page of a poll, 1 to 5000.
    page_size: u32,
    /// Where ISE sends users of unregistered devices, https; empty is our own page.
    #[serde(default)]
    redirect_url: String,
}

/// What to enter in ISE.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IseConnection")]
struct Connection {
    /// Host name or address, as ISE's form wants it.
    server: String,
    /// Port.
    port: u16,
    /// Instance name.
    instance: String,
    /// Page that ISE leads users of unknown devices to.
    redirect_page: String,
    /// A root certificate can be downloaded here.
    has_root_certificate: bool,
    /// About polling.
    polling: Polling,
}

/// Polls and what to enter for them.
#[derive(Serialize, JsonSchema)]
struct Polling {
    /// Polls since this node started.
    polls: u64,
    /// When the last one came.
    last_poll_at: Option<i64>,
    /// The usual time between two rounds, milliseconds.
    observed_interval: Option<i64>,
    /// About how often devices check in, milliseconds.
    check_in_interval: Option<i64>,
    /// The interval to enter if polling is wanted, in minutes.
    minutes: Option<i64>,
    /// The connection schedules that devices go by, the shortest interval first.
    schedules: Vec<PolledSchedule>,
    /// What to do.
    advice: String,
}

/// A half of a connection schedule, compared with ISE's polls.
#[derive(Serialize, JsonSchema)]
struct PolledSchedule {
    /// The schedule.
    schedule: Ref<Schedule>,
    /// Its name.
    name: String,
    /// Which half.
    liability: Word<Liability>,
    /// Its shortest time between two check-ins, milliseconds.
    interval: i64,
    /// Devices that go by it.
    devices: usize,
    /// ISE polls in less than half of that time.
    polled_too_often: bool,
}

impl From<&ise::InForce> for PolledSchedule {
    fn from(half: &ise::InForce) -> Self {
        Self {
            schedule: half.schedule.into(),
            name: half.name.clone(),
            liability: Word(half.liability),
            interval: half.interval,
            devices: half.devices,
            polled_too_often: half.polled_too_often,
        }
    }
}

impl From<ise::Advice> for Polling {
    fn from(a: ise::Advice) -> Self {
        Self {
            polls: a.polls,
            last_poll_at: a.last_poll_at,
            observed_interval: a.observed_interval,
            check_in_interval: a.check_in_interval,
            minutes: a.minutes,
            schedules: a.in_force.iter().map(Into::into).collect(),
            advice: a.words,
        }
    }
}

/// A call of ISE.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IseCall")]
struct CallInfo {
    /// When it came.
    at: i64,
    /// Account the caller named.
    account: String,
    /// Address of the caller.
    address: String,
    /// Method.
    method: String,
    /// Target as in the request line.
    target: String,
    /// Status answered.
    status: u16,
    /// Microseconds until the answer was complete.
    duration_us: i64,
    /// What was odd about it, or empty.
    note: String,
}

impl From<IseCall> for CallInfo {
    fn from(call: IseCall) -> Self {
        let IseCall { at, account, address, method, target, status, duration_us, note } = call;
        Self { at, account, address, method, target, status, duration_us, note }
    }
}

/// A MAC address that nobody knows.
#[derive(Serialize, JsonSchema)]
struct UnknownMac {
    /// 12 hexadecimal digits.
    mac: String,
    /// A private address that the phone made up.
    random: bool,
    /// First asked for.
    first_at: i64,
    /// Last asked for.
    last_at: i64,
    /// How often.
    count: i64,
}

impl From<ise::UnknownMac> for UnknownMac {
    fn from(m: ise::UnknownMac) -> Self {
        let ise::UnknownMac { mac, random, first_at, last_at, count } = m;
        Self { mac, random, first_at, last_at, count }
    }
}

/// The device of an address.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MacLink")]
struct Link {
    /// The device.
    device: Ref<Device>,
}

/// An ISE account of one's own to test as well.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "IseTestAccount")]
struct OwnAccount {
    /// Its name; empty tests no account of one's own.
    username: String,
    /// Its password; used for this test and forgotten.
    password: String,
}

/// A row of the Test Connection table.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IseTestRow")]
struct TestRow {
    /// What was tried.
    name: String,
    /// What ISE shows when the server does as it should.
    expected: String,
    /// What ISE would have shown.
    shown: String,
    /// Both are the same.
    passed: bool,
    /// What to look at when they are not.
    hint: String,
}

impl From<SelfTestRow> for TestRow {
    fn from(row: SelfTestRow) -> Self {
        Self {
            name: row.name.to_owned(),
            expected: row.expected.to_owned(),
            shown: row.shown,
            passed: row.passed,
            hint: row.hint.to_owned(),
        }
    }
}

async fn show(call: Call, Extension(host): Extension<Arc<dyn Host>>) -> Result<Json<Connection>, Problem> {
    let advice = ise::advice(&call.engine, &call.scope)?;
    let organization = organizations::current(&call.engine, &call.scope)?;
    let base = host.base_url();
    let base = base.trim_end_matches('/');
    let uri: http::Uri = base.parse().map_err(Error::internal)?;
    Ok(Json(Connection {
        server: uri.host().unwrap_or_default().to_owned(),
        port: uri.port_u16().unwrap_or(443),
        instance: organization.slug.clone(),
        redirect_page: format!("{base}/o/{}", organization.slug),
        has_root_certificate: host.root_certificate_pem().is_some(),
        polling: advice.into(),
    }))
}

async fn show_settings(call: Call) -> Result<Versioned<Settings>, Problem> {
    call.scope.require(Permission::IseView)?;
    let org = call.engine.directory().organization(call.scope.organization());
    let organization = Arc::clone(&org.ok_or(Error::NotFound("organization"))?.read().organization);
    let settings = &organization.settings;
    let settings = Settings {
        report_retired: settings.ise_report_retired,
        page_size: settings.ise_page_size,
        redirect_url: settings.ise_redirect_url.clone(),
    };
    Ok(Versioned(organization.rev, settings))
}

async fn replace_settings(
    call: Call,
    seen: Seen,
    Body(input): Body<Settings>,
) -> Result<Versioned<Settings>, Problem> {
    let Settings { report_retired, page_size, redirect_url } = input;
    let settings = organizations::IseSettings { report_retired, page_size, redirect_url };
    organizations::edit_ise_settings(&call.engine, &call.scope, seen.0, settings).await?;
    show_settings(call).await
}

async fn root_certificate(call: Call, Extension(host): Extension<Arc<dyn Host>>) -> Result<File, Problem> {
    call.scope.require(Permission::IseView)?;
    let pem = host.root_certificate_pem().ok_or(Error::NotFound("root certificate"))?;
    Ok(File { media: "application/x-pem-file", name: "notifymdm-root.pem", bytes: pem.into_bytes() })
}

async fn calls(call: Call) -> Result<Json<Page<CallInfo>>, Problem> {
    let all = ise::calls(&call.engine, &call.scope).await?;
    Ok(Page::whole(all.into_iter().map(Into::into).collect()))
}

async fn unknown_macs(call: Call) -> Result<Json<Page<UnknownMac>>, Problem> {
    let all = ise::unknown_macs(&call.engine, &call.scope).await?;
    Ok(Page::whole(all.into_iter().map(Into::into).collect()))
}

async fn link(call: Call, Path(mac): Path<String>, Body(input): Body<Link>) -> Result<Done, Problem> {
    ise::link_mac(&call.engine, &call.scope, &mac, input.device.0).await?;
    Ok(Done)
}

async fn self_test(
    call: Call,
    Extension(host): Extension<Arc<dyn Host>>,
    Body(input): Body<OwnAccount>,
) -> Result<Json<Page<TestRow>>, Problem> {
    let OwnAccount { username: user, password } = input;
    let own = (!user.is_empty()).then_some(Credentials { user, password });
    let rows = host.run_ise_self_test(&call.scope, own).await?;
    Ok(Page::whole(rows.into_iter().map(Into::into).collect()))
}
