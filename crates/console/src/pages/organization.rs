//! Organization: the settings that its own administrators may change.

use std::collections::BTreeMap;

use catalog::{Liability, PLATFORMS, Permission, SELF_SERVICE, SelfServiceInfo};
use domain::model::{Organization, OrganizationSettings, RedirectTargets};
use door::{Access, Form, FormData, Routes};
use engine::organizations;
use engine::{Error, FieldIssue};
use http::Method;

use super::frame::{Answer, Cx, Entered, FormAround, Oops, PostButton, Wrong, download, hidden_value};
use super::words;
use crate::parts::{Button, Card, Fact, Facts, FieldView, Head, Html, Note, Place, SaveBar, Tone, cell};

const PATH: &str = "/dashboard/organization";

/// Registers the page.
pub fn routes(routes: Routes) -> Routes {
    routes
        .route(Method::GET, PATH, Access::Needs(Permission::OrganizationView), show)
        .route(Method::POST, PATH, Access::Needs(Permission::OrganizationEdit), save)
        .route(
            Method::POST,
            "/dashboard/organization/archive",
            Access::Needs(Permission::OrganizationEdit),
            archive,
        )
}

/// The field of something that users may do.
fn self_service(entry: &SelfServiceInfo) -> String {
    format!("self_service.{}", entry.key)
}

fn stored(settings: &OrganizationSettings) -> FormData {
    let text = |name: &str, value: String| (name.to_owned(), value);
    let on = |name: &str, on: bool| text(name, if on { "on" } else { "" }.into());
    let mut pairs = vec![
        text("contact", settings.contact.clone()),
        text("time_zone", settings.time_zone.clone()),
        text("default_liability", settings.default_liability.key().into()),
        text("default_suite", settings.default_suite.map(|s| s.to_string()).unwrap_or_default()),
        text("default_schedule", settings.default_schedule.map(|s| s.to_string()).unwrap_or_default()),
        text("default_server", settings.default_server.map(|s| s.to_string()).unwrap_or_default()),
        on("stand_in_hands_off", settings.stand_in_hands_off),
        text("max_devices_per_user", settings.max_devices_per_user.to_string()),
        text("storage_grace_hours", (settings.storage_grace_ms / 3_600_000).to_string()),
        on("allow_partial_policy", settings.allow_partial_policy),
        on("allow_external_management", settings.allow_external_management),
        on("allow_non_provisionable", settings.allow_non_provisionable),
        text("policy_refresh_hours", settings.policy_refresh_hours.to_string()),
        text("auth_failure_threshold", settings.auth_failure_threshold.to_string()),
        text("auth_failure_minutes", settings.auth_failure_minutes.to_string()),
        on("require_second_factor", settings.require_second_factor),
        text("language", settings.language.clone()),
        text("enrollment_hours", settings.enrollment_hours.to_string()),
        text("journal_days", settings.journal_days.to_string()),
        text("journal_body_days", settings.journal_body_days.to_string()),
        text("command_history_days", settings.command_history_days.to_string()),
        text("exchange_days", settings.exchange_days.to_string()),
        text("verdict_days", settings.verdict_days.to_string()),
    ];
    for entry in SELF_SERVICE {
        pairs.push(on(&self_service(entry), !settings.self_service_off.contains(&entry.what)));
    }
    for (platform, url) in &settings.redirects.0 {
        pairs.push(text(&format!("redirect.{}", platform.key()), url.clone()));
    }
    FormData::new(pairs.into_iter().filter(|(_, v)| !v.is_empty()).collect())
}

/// Reads the form; what it does not have stays as it is stored. Numbers that cannot be read are issues beside their fields.
fn read(data: &FormData, stored: OrganizationSettings) -> Result<OrganizationSettings, Error> {
    let mut issues = Vec::new();
    let mut number = |name: &str, most: u32| -> u32 {
        match data.text(name).parse() {
            Ok(n) if n <= most => n,
            _ => {
                issues.push(FieldIssue {
                    field: name.to_owned(),
                    message: format!("Enter a whole number from 0 to {most}."),
                });
                0
            }
        }
    };
    let redirects = PLATFORMS
        .iter()
        .map(|p| (p.platform, data.text(&format!("redirect.{}", p.key)).to_owned()))
        .filter(|(_, url)| !url.is_empty())
        .collect::<BTreeMap<_, _>>();
    let settings = OrganizationSettings {
        contact: data.text("contact").to_owned(),
        time_zone: data.text("time_zone").to_owned(),
        default_liability: Liability::ALL
            .into_iter()
            .find(|l| l.key() == data.text("default_liability"))
            .unwrap_or_default(),
        default_suite: data.text("default_suite").parse().ok(),
        default_schedule: data.text("default_schedule").parse().ok(),
        default_server: data.text("default_server").parse().ok(),
        stand_in_hands_off: data.ticked("stand_in_hands_off"),
        max_devices_per_user: number("max_devices_per_user", 10_000),
        redirects: RedirectTargets(redirects),
        storage_grace_ms: i64::from(number("storage_grace_hours", 168)) * 3_600_000,
        allow_partial_policy: data.ticked("allow_partial_policy"),
        allow_external_management: data.ticked("allow_external_management"),
        allow_non_provisionable: data.ticked("allow_non_provisionable"),
        policy_refresh_hours: number("policy_refresh_hours", 8_760),
        auth_failure_threshold: number("auth_failure_threshold", 100),
        auth_failure_minutes: number("auth_failure_minutes", 1_440),
        require_second_factor: data.ticked("require_second_factor"),
        language: data.text("language").to_owned(),
        enrollment_hours: number("enrollment_hours", engine::enrollment::MOST_HOURS),
        self_service_off: SELF_SERVICE
            .iter()
            .filter(|entry| !data.ticked(&self_service(entry)))
            .map(|entry| entry.what)
            .collect(),
        journal_days: number("journal_days", 3_650),
        journal_body_days: number("journal_body_days", 3_650),
        command_history_days: number("command_history_days", 3_650),
        exchange_days: number("exchange_days", 3_650),
        verdict_days: number("verdict_days", 3_650),
        ..stored
    };
    if issues.is_empty() { Ok(settings) } else { Err(Error::Invalid(issues)) }
}

fn groups(cx: &Cx, entered: &Entered<'_>) -> Result<Vec<(&'static str, Vec<FieldView>)>, Oops> {
    let (suites, schedules, servers) = cx.org(|org| {
        let suites: Vec<_> = org.suites().iter().map(|s| (s.id.to_string(), s.name.clone())).collect();
        let servers: Vec<_> = org.servers().iter().map(|s| (s.id.to_string(), s.name.clone())).collect();
        let schedules: Vec<_> = org.schedules().iter().map(|s| (s.id.to_string(), s.name.clone())).collect();
        (suites, schedules, servers)
    })?;
    let with = |none: &str, list: Vec<(String, String)>| {
        std::iter::once((String::new(), none.to_owned())).chain(list).collect::<Vec<_>>()
    };
    let liabilities = Liability::ALL.map(|l| (l.key().to_owned(), l.label().to_owned()));
    let general = vec![
        entered
            .area("contact", "Contact")
            .help("Shown to users when something is refused, and on the page for new phones. At most 500 characters.")
            .optional(),
        entered.text("time_zone", "Time zone").help("Such as Europe/Berlin. Times in lists and exports."),
        entered
            .select("language", "Language", &super::words::languages())
            .help("Of mail to users who have none of their own."),
    ];
    let defaults = vec![
        entered.segments("default_liability", "Liability", &liabilities),
        entered.select("default_suite", "Policy suite", &with("None: a neutral policy", suites)),
        entered
            .select("default_schedule", "Connection schedule", &schedules)
            .help("For every user and device without one of their own."),
        entered.select("default_server", "Mail server", &with("None: the stand-in serves", servers)),
        entered
            .number("max_devices_per_user", "Devices a user may have", (0, 10_000), "devices")
            .help("0 is no limit."),
        entered
            .switch("stand_in_hands_off", "Users of the stand-in enrol by themselves")
            .help("When off, a new device waits in quarantine."),
        entered
            .number("enrollment_hours", "Enrolment codes can be used for", (1, 720), "hours")
            .help("Codes that administrators hand out, and those in welcome letters."),
    ];
    let policy = vec![
        entered
            .switch("allow_partial_policy", "Accept “applied in part”")
            .help("Some phones say so although they do what they can."),
        entered
            .switch("allow_external_management", "Accept “managed by a third party”")
            .help("The phone says that another product enforces its own policy instead."),
        entered
            .switch("allow_non_provisionable", "Let in devices without any policy support")
            .help("They can neither be asked for a password nor be wiped."),
        entered
            .number("policy_refresh_hours", "Fetch the policy again after", (0, 8_760), "hours")
            .help("0 is never: devices fetch it when it changes."),
        entered
            .number("storage_grace_hours", "Grace while our storage is away", (0, 168), "hours")
            .help("Known-good devices keep their mail for so long."),
    ];
    let failures = vec![
        entered.number("auth_failure_threshold", "Failed sign-ins until a pause", (1, 100), "failures"),
        entered
            .number("auth_failure_minutes", "Length of the pause", (0, 1_440), "minutes")
            .help("Protects the directory from a phone with an old password."),
    ];
    let accounts = vec![
        entered
            .switch("require_second_factor", "Administrators need a second factor")
            .help("Whoever has none must set one up before anything else. API tokens are not affected."),
    ];
    let own = SELF_SERVICE
        .iter()
        .map(|entry| entered.switch(&self_service(entry), entry.label).help(entry.help))
        .collect();
    let days = |name: &str, label: &str, help: &str| {
        entered
            .number(name, label, (0, 3_650), "days")
            .help(format!("{help} At least 30; 0 keeps it for ever."))
    };
    let records = vec![
        days("journal_days", "Journal", "Older entries are removed; what is left can still be verified."),
        days(
            "journal_body_days",
            "Details in the journal",
            "Older ones are erased; who did what and when stays.",
        ),
        days("command_history_days", "Commands that are over", "Older ones leave the pages of devices."),
        days(
            "exchange_days",
            "Last exchanges of a device",
            "Forgotten when nothing was heard of it for so long.",
        ),
        days(
            "verdict_days",
            "Former verdicts of devices",
            "For the question why a device was shut out at a moment. The verdict that holds is always kept.",
        ),
    ];
    let redirects =
        PLATFORMS.iter().map(|p| entered.text(&format!("redirect.{}", p.key), p.label).optional()).collect();
    Ok(vec![
        ("General", general),
        ("Defaults for new users and devices", defaults),
        ("Policy on devices", policy),
        ("Failed sign-ins", failures),
        ("Administrators", accounts),
        ("Self-service: what users may do in the portal", own),
        ("How long records are kept", records),
        ("Where unregistered users are sent, by platform", redirects),
    ])
}

fn page(cx: &Cx, organization: &Organization, data: &FormData, wrong: &Wrong) -> Result<Vec<Html>, Oops> {
    let may = cx.can(Permission::OrganizationEdit);
    let entered = Entered { data, wrong };
    let mut groups = groups(cx, &entered)?;
    for field in groups.iter_mut().flat_map(|(_, fields)| fields.iter_mut()) {
        field.input.read_only = !may;
    }
    let mut body = vec![granted(cx, organization)?];
    let mut form: Vec<Html> = Vec::new();
    if !wrong.issues.is_empty() || !wrong.general.is_empty() {
        let drawn: Vec<FieldView> = groups.iter().flat_map(|(_, f)| f.clone()).collect();
        let rest = wrong.rest(&drawn);
        let words = if rest.is_empty() { "Look at the marked fields.".to_owned() } else { rest };
        form.push(Note::new(Tone::Bad, "This cannot be saved yet", words).into());
    }
    for (title, fields) in groups {
        form.push(Card::new(title, Html::stack(fields.into_iter().map(Html::from))).into());
    }
    if may {
        form.push(
            SaveBar {
                text: "Saved settings hold at once for every device of the organization.".into(),
                buttons: vec![Button::submit("Save settings")],
            }
            .into(),
        );
    }
    let hidden = [cx.hidden(), vec![hidden_value("rev", organization.rev.to_string())]].concat();
    body.push(FormAround { id: "organization".into(), action: PATH.into(), hidden, body: form }.into());
    if may && cx.can(Permission::DevicesExport) && cx.can(Permission::JournalView) {
        body.push(own_data(cx));
    }
    Ok(body)
}

/// Everything that is the organization's own, as a file.
fn own_data(cx: &Cx) -> Html {
    let take = PostButton {
        action: format!("{PATH}/archive"),
        hidden: cx.hidden(),
        button: Button { label: "Take all data out".into(), ..Button::default() },
    };
    let says = cell::prose(
        "A ZIP file with users, devices, policies, verdicts, alerts and the journal, a line of JSON for each record. Passwords and keys are left out.",
    );
    Card::new("The organization’s data", Html::stack([says, take.into()])).into()
}

async fn archive(cx: Cx, _: Form) -> Answer {
    let bytes = organizations::archive(&cx.engine, &cx.scope).await?;
    let slug = organizations::current(&cx.engine, &cx.scope)?.slug.clone();
    Ok(download("application/zip", &format!("{slug}.zip"), bytes))
}

/// What it may have, and what it has.
fn quota(cx: &Cx) -> Result<Fact, Oops> {
    let state = cx.org(|org| engine::quota::state(org, cx.now))?;
    let used = words::count(state.used, "device", "devices");
    let text = match state.quota.hard {
        Some(hard) => format!("{} of at most {}", words::grouped(state.used), words::grouped(hard as usize)),
        None => format!("{used}, no limit"),
    };
    let until = state.quota.expires_at.map(|at| format!("new devices until {}", cx.date(at - 1)));
    let source = state.closed.map(|why| why.words().to_owned()).or(until).unwrap_or_default();
    Ok(Fact::new("Quota", text).source(source))
}

/// What only a system administrator can change.
fn granted(cx: &Cx, organization: &Organization) -> Result<Html, Oops> {
    let list =
        |names: &[String]| if names.is_empty() { Html::text("none") } else { cell::prose(names.join(", ")) };
    let facts = Facts::new([
        Fact::new("Short name", cell::mono(&organization.slug)).source("in addresses; never changes"),
        Fact::new("Mail domains", list(&organization.mail_domains)),
        Fact::new("Login domains", list(&organization.login_domains)),
        Fact::new("Host names", list(&organization.host_names)),
        quota(cx)?,
        Fact::new(
            "Page for new phones",
            cell::mono(format!("{}/o/{}", cx.host.base_url(), organization.slug)),
        )
        .source("opens without a login"),
        Fact::new("Cisco ISE", cell::link("/dashboard/cisco-ise", "What ISE is told"))
            .source("has a page of its own"),
    ]);
    Ok(Card::new("Granted by the system administrator", facts).into())
}

fn head(organization: &Organization) -> Head {
    Head::new(
        organization.name.clone(),
        "What holds for everybody in the organization unless a user, device or server says otherwise.",
    )
}

async fn show(cx: Cx) -> Answer {
    let organization = organizations::current(&cx.engine, &cx.scope)?;
    let body = page(&cx, &organization, &stored(&organization.settings), &Wrong::default())?;
    cx.page(Place::Organization, head(&organization), body)
}

async fn save(cx: Cx, Form(data): Form) -> Answer {
    let organization = organizations::current(&cx.engine, &cx.scope)?;
    let seen = data.text("rev").parse().ok();
    let saved = match read(&data, organization.settings.clone()) {
        Ok(settings) => organizations::edit_settings_seen(&cx.engine, &cx.scope, seen, settings).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => cx.done(PATH, "Saved."),
        Err(error) => {
            let body = page(&cx, &organization, &data, &Wrong::of(error)?)?;
            cx.again(Place::Organization, head(&organization), body)
        }
    }
}
