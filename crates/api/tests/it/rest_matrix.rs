//! Route × caller → status, frozen in a table that is reviewed. The paths name acme's objects, made anew for every
//! request, and the bodies are good ones: only who calls makes the difference.
//!
//! `UPDATE_ACCESS_MATRIX=1` writes the table; look at the difference before it is committed.

use std::fmt::Write as _;

use api::v1::routes_table;
use axum::body::Body;
use catalog::{CommandKind, Liability, Platform, Template};
use domain::model::{GovernorSettings, RoleRef, SuiteValues};
use door::{Access, RouteInfo};
use engine::administrators::{self, NewAdministrator};
use engine::approvals;
use engine::commands::{self, Order};
use engine::custom_columns::{self, ColumnInput};
use engine::devices::{self, NewDevice};
use engine::directories::{self, DirectoryInput};
use engine::groups::{self, GroupInput};
use engine::policy::{self, SuiteInput};
use engine::radius::{self, RadiusInput};
use engine::roles::{self, RoleInput};
use engine::schedules::{self, ScheduleInput};
use engine::servers::{self, ServerInput};
use engine::sign_in;
use engine::terms::{self, TermsInput};
use engine::tokens::{self, NewToken};
use engine::users::{self, UserInput};
use engine::views::{self, ViewInput};
use engine::webhooks::{self, WebhookInput};
use engine::{Engine, Error, Scope};
use http::{Method, Request};
use serde_json::{Value, json};

use crate::rest_world::{PASSWORD, World, caller};

const TABLE: &str = "tests/it/access_matrix.txt";
const CALLERS: [&str; 7] = ["nobody", "read-only", "help-desk", "full", "ise-only", "foreign", "system"];

/// Acme's objects that a request is about.
#[derive(Default)]
struct Targets {
    number: usize,
    path: String,
    /// Ids by the names that paths use.
    ids: Vec<(&'static str, String)>,
    spare_device: String,
    spare_suite: String,
    spare_schedule: String,
}

impl Targets {
    fn id(&self, name: &str) -> &str {
        self.ids.iter().find(|(known, _)| *known == name).map_or("", |(_, id)| id)
    }
}

/// What a route of the terms needs: no draft, one to publish, or a version in force.
async fn terms_for(engine: &Engine, scope: &Scope, route: &RouteInfo) -> String {
    let draft = terms::list(engine, scope).await.unwrap().first().filter(|t| t.version == 0).map(|t| t.id);
    if route.path == "/api/v1/terms" {
        if let Some(id) = draft {
            terms::discard(engine, scope, id).await.unwrap();
        }
        return String::new();
    }
    let texts = [("en".to_owned(), "Be nice.".to_owned())].into();
    let input = TermsInput {
        texts,
        main_language: "en".into(),
        changes: String::new(),
        accept_again: true,
        liability: None,
    };
    let id = match draft {
        Some(id) => id,
        None => terms::draft(engine, scope, input).await.unwrap(),
    };
    if route.path.ends_with("/withdraw") {
        terms::publish(engine, scope, id).await.unwrap();
    }
    id.to_string()
}

async fn targets(world: &World, route: &RouteInfo, number: usize) -> Targets {
    let (engine, scope) = (&world.engine, &world.root_in_acme);
    let mut ids = vec![
        ("fact", "asset_tag".to_owned()),
        ("step", "configuration".to_owned()),
        ("set_up_step", "parameters".to_owned()),
        ("report", "restricted_devices".to_owned()),
        ("mac", format!("02{number:010X}")),
        ("organization", world.acme.to_string()),
    ];
    if route.method == Method::GET && !route.path.contains('{') {
        return Targets { number, path: route.path.to_owned(), ids, ..Targets::default() };
    }
    let mut input = UserInput { username: format!("user{number}"), ..UserInput::default() };
    if route.path.contains("/mailings") {
        input.email = format!("user{number}@acme.test");
    }
    let user = users::create(engine, scope, input).await.unwrap().id;
    ids.push(("user", user.to_string()));
    let device = match route.path {
        // A command that waits needs a mail client.
        path if path.contains("{command}")
            || path.ends_with("/commands")
            || path.ends_with("/recovery-password") =>
        {
            world.phone(&format!("user{number}@acme.test"), &format!("MATRIX{number}")).await
        }
        _ => by_hand(world, user).await,
    };
    devices::enter_fact(engine, scope, device, "asset_tag", Some(catalog::FactValue::Text("1".into())))
        .await
        .unwrap();
    ids.push(("device", device.to_string()));
    let mut spare_suite = String::new();
    if route.path.contains("{command}") {
        let order = Order { device, kind: CommandKind::FullWipe, note: String::new() };
        ids.push(("command", commands::order(engine, scope, order).await.unwrap().id.to_string()));
    }
    if route.path.contains("{suite}") {
        let suite = suite(world, &format!("suite {number}")).await;
        spare_suite = self::suite(world, &format!("spare {number}")).await.to_string();
        ids.push(("suite", suite.to_string()));
    }
    let mut spare_schedule = String::new();
    if route.path.contains("{schedule}") {
        let schedule = schedule(world, &format!("schedule {number}")).await;
        spare_schedule = self::schedule(world, &format!("spare {number}")).await.to_string();
        ids.push(("schedule", schedule.to_string()));
    }
    if route.path.contains("{role}") {
        let input = RoleInput { name: format!("role {number}"), powers: catalog::Powers::default() };
        ids.push(("role", roles::create(engine, scope, input).await.unwrap().to_string()));
    }
    if route.path.contains("{server}") {
        let input = server_input(number);
        ids.push(("server", servers::create(engine, scope, input).await.unwrap().to_string()));
    }
    if route.path.contains("{radius_server}") {
        let input = RadiusInput {
            name: format!("radius {number}"),
            host: "127.0.0.1".into(),
            port: access_device().await,
            secret: SECRET.into(),
            enabled: false,
            ..RadiusInput::default()
        };
        ids.push(("radius_server", radius::create(engine, scope, input).await.unwrap().to_string()));
    }
    if route.path.contains("{ldap_server}") {
        engine.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
        // Who only asks shares one.
        let shared = directories::list(engine, scope).unwrap().into_iter().find(|s| s.name == "shared");
        let own = matches!(route.method.as_str(), "PUT" | "DELETE")
            || ["/links", "/import"].iter().any(|end| route.path.ends_with(end));
        let id = if let Some(shared) = shared.filter(|_| !own) {
            shared.id
        } else {
            let name = if own { format!("ldap {number}") } else { "shared".to_owned() };
            let input = ldap_input(&name, &self::directory().await);
            directories::create(engine, scope, input).await.unwrap()
        };
        ids.push(("ldap_server", id.to_string()));
    }
    if route.path.contains("{group}") {
        let input = GroupInput { name: format!("group {number}"), ..GroupInput::default() };
        ids.push(("group", groups::create(engine, scope, input).await.unwrap().to_string()));
    }
    if route.path.contains("{change}") {
        let limit = Some(1_000 + u32::try_from(number).unwrap());
        let new = GovernorSettings { limit, ..GovernorSettings::default() };
        let Err(Error::Held(held)) = approvals::edit_limits(engine, scope, new).await else {
            panic!("not held")
        };
        ids.push(("change", held.id.to_string()));
    }
    if route.path.contains("{token}") {
        let powers = catalog::Powers::of(&[catalog::Permission::DevicesView]);
        let new = NewToken { name: "doomed".into(), powers, days: 1, code: String::new() };
        ids.push(("token", tokens::create(engine, scope, new).await.unwrap().0.to_string()));
    }
    if route.path.contains("/mailings") {
        for at in [scope, &world.root] {
            let server = engine::mail::SmtpInput {
                host: "127.0.0.1".into(),
                port: 9,
                security: domain::model::SmtpSecurity::Plain,
                sender: "mdm@acme.test".into(),
                ..Default::default()
            };
            engine::mail::edit_server(engine, at, None, server).await.unwrap();
        }
    }
    if route.path.contains("{mailing}") {
        ids.push(("mailing", mailing(world, route, number, user).await));
    }
    if route.path == "/api/v1/letter-templates/test" {
        let root = engine.directory().administrator_by_name("root").unwrap().id;
        let edit =
            administrators::AdministratorEdit { email: Some("root@acme.test".into()), ..Default::default() };
        administrators::edit(engine, &world.root, root, edit).await.unwrap();
    }
    if route.path.contains("{letter}") {
        ids.push(("letter", "welcome".to_owned()));
        ids.push(("language", "en".to_owned()));
    }
    if route.path.contains("{enrollment_code}") {
        let issued = engine::enrollment::issue(engine, scope, user, Default::default()).await.unwrap();
        ids.push(("enrollment_code", issued.id.to_string()));
    }
    if route.path.contains("{view}") {
        let input = ViewInput { name: format!("view {number}"), ..ViewInput::default() };
        ids.push(("view", views::create(engine, scope, input).await.unwrap().id.to_string()));
    }
    if route.path.contains("{administrator}") {
        let at = if route.access == Access::System { &world.root } else { scope };
        let role = if route.access == Access::System { "full" } else { "read_only" };
        let new = NewAdministrator {
            username: format!("target{number}"),
            role: Some(RoleRef::Predefined(role.into())),
            password: PASSWORD.into(),
            ..NewAdministrator::default()
        };
        let made = administrators::create(engine, at, new).await.unwrap().0;
        if route.path.ends_with("/second-factor") {
            offer_second_factor(world, &made.username).await;
        }
        ids.push(("administrator", made.id.to_string()));
    }
    if route.path.contains("identity-provider") {
        let known = engine::identity::settings(engine, scope).unwrap();
        // There may be only so many of them.
        if let Some(old) = known.providers.first().filter(|_| known.providers.len() > 10) {
            engine::identity::remove(engine, scope, old.id).await.unwrap();
        }
        let input = engine::identity::ProviderInput {
            name: "Staff".into(),
            zone: format!("staff-{number}"),
            issuer: "http://127.0.0.1:9".into(),
            client_id: "notifymdm".into(),
            ..engine::identity::ProviderInput::default()
        };
        let made = engine::identity::create(engine, scope, input).await.unwrap();
        ids.push(("identity_provider", made.to_string()));
    }
    if route.path.contains("{report_mail}") {
        ids.push(("report_mail", report_mail(world, number).await));
    }
    ids.push(("task", "purge-tokens".to_owned()));
    if route.path.contains("{passkey}") {
        // Nobody has one.
        ids.push(("passkey", "bm9uZQ".into()));
    }
    if route.path.contains("{session}") {
        sign_in::sign_in(engine, "root", PASSWORD, &caller()).await.unwrap();
        let root = engine.directory().administrator_by_name("root").unwrap();
        let hash = engine.directory().sessions_of(root.id)[0].token_hash.clone();
        ids.push(("session", hash.iter().take(16).fold(String::new(), |text, b| text + &format!("{b:02x}"))));
    }
    if route.path.contains("{column}") || route.path == "/api/v1/custom-columns" {
        // There may be only so many of them.
        for old in custom_columns::list(engine, scope).unwrap().into_iter().skip(20) {
            custom_columns::remove(engine, scope, old.id).await.unwrap();
        }
        let input = ColumnInput {
            name: format!("column {number}"),
            help: String::new(),
            kind: domain::model::CustomKind::Text,
            scope: domain::model::CustomScope::Device,
            required: false,
            default: String::new(),
        };
        ids.push(("column", custom_columns::create(engine, scope, input).await.unwrap().to_string()));
    }
    if route.path.contains("/terms") {
        ids.push(("terms", terms_for(engine, scope, route).await));
    }
    if route.path.contains("{import}") {
        let bytes = format!("username\nfrom file {number}\n").into_bytes();
        let upload = engine::imports::Upload { bytes, ..Default::default() };
        ids.push(("import", engine::imports::check(engine, scope, upload).await.unwrap().id.to_string()));
    }
    if route.path.contains("{webhook}") {
        let url = "https://127.0.0.1:9/".into();
        let input = WebhookInput { name: format!("hook {number}"), url, ..WebhookInput::default() };
        let known = webhooks::list(engine, scope).await.unwrap();
        // There may be only so many of them.
        if let Some((old, _)) = known.first().filter(|_| known.len() == webhooks::MOST) {
            webhooks::remove(engine, scope, old.id).await.unwrap();
        }
        ids.push(("webhook", webhooks::create(engine, scope, input).await.unwrap().0.to_string()));
    }
    if route.path.starts_with("/api/v1/alerts/") {
        ids.push(("alert", alert(world, world.acme).await));
    }
    if route.path.starts_with("/api/v1/installation/alerts/") {
        ids.push(("alert", alert(world, domain::model::Organization::SYSTEM).await));
    }
    if route.path == "/api/v1/watch-list/{device}" && route.method != http::Method::PUT {
        engine::watch::put(engine, scope, device, engine::watch::WatchInput::default()).await.unwrap();
    }
    if route.path.ends_with("/recovery-password") {
        let device = devices::get(engine, scope, device).unwrap();
        let deposited = engine::eas::deposit_recovery_password(engine, &device, Some("4711")).await;
        assert_eq!(deposited.unwrap(), engine::eas::Deposit::Taken);
    }
    if route.path.ends_with("/trace") {
        devices::set_trace(engine, scope, user, 5).await.unwrap();
    }
    let path =
        ids.iter().fold(route.path.to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id));
    assert!(!path.contains('{'), "{path}: what stands here?");
    let spare_device =
        if route.path.ends_with("/join") { by_hand(world, user).await.to_string() } else { String::new() };
    Targets { number, path, ids, spare_device, spare_suite, spare_schedule }
}

/// A mailing of acme, or of the installation.
async fn mailing(world: &World, route: &RouteInfo, number: usize, user: domain::model::UserId) -> String {
    use engine::letters::{self, Audience, Order};
    let (kind, audience, scope) = if route.access == Access::System {
        (catalog::LetterKind::AdministratorMail, Audience::Administrators(Vec::new()), &world.root)
    } else {
        (catalog::LetterKind::GroupMail, Audience::Users(vec![user]), &world.root_in_acme)
    };
    let message = domain::letter::Template { subject: "Hi".into(), body: "Hello".into() };
    let order = Order { kind, ticket: format!("mailing-{number}"), audience, message };
    letters::order(&world.engine, scope, order).await.unwrap().id.to_string()
}

async fn report_mail(world: &World, number: usize) -> String {
    let input = engine::report_mails::ReportMailInput {
        name: format!("report {number}"),
        report: catalog::Report::UsersAndDevices,
        platform: None,
        group: None,
        silent_days: None,
        period_days: 30,
        workbook: false,
        recipients: vec!["boss@acme.test".into()],
        when: domain::model::Recurrence::Day { minute: 0 },
        on: true,
    };
    let made = engine::report_mails::create(&world.engine, &world.root_in_acme, input);
    made.await.unwrap().to_string()
}

/// An alert that nobody has looked at.
async fn alert(world: &World, organization: domain::model::OrganizationId) -> String {
    use domain::model::{Actor, Alert, AlertState};
    let engine = &world.engine;
    let now = engine.now();
    let alert = Alert {
        organization,
        id: engine.entropy().id(now),
        rev: 0,
        kind: "device.wiped".into(),
        severity: catalog::Severity::Critical,
        text: "A phone was wiped".into(),
        detail: String::new(),
        subject: String::new(),
        device: None,
        state: AlertState::New,
        sequence: 1,
        at: now,
        count: 1,
        last_at: now,
        acknowledged: None,
        closed: None,
        mailed_at: None,
        mail_due_at: None,
        escalate_at: None,
        recipients: Vec::new(),
        webhooks: Vec::new(),
    };
    let id = alert.id.to_string();
    let unit = async move |tx: &mut store::Tx| store::repo::alerts::put(tx, &mut alert.clone()).await;
    engine.store().write(organization, Actor::System, unit).await.unwrap();
    id
}

/// A second factor that is offered and not confirmed yet can be reset like one in force.
async fn offer_second_factor(world: &World, username: &str) {
    let (cookie, _) = sign_in::sign_in(&world.engine, username, PASSWORD, &caller()).await.unwrap();
    let own = sign_in::scope_of_session(&world.engine, &cookie, caller().address).await.unwrap();
    engine::second_factor::begin(&world.engine, &own, PASSWORD, "").await.unwrap();
}

async fn by_hand(world: &World, user: domain::model::UserId) -> domain::model::DeviceId {
    let new = NewDevice {
        user,
        name: String::new(),
        platform: Platform::Android,
        liability: None,
        macs: Vec::new(),
        facts: std::collections::BTreeMap::new(),
    };
    devices::create(&world.engine, &world.root_in_acme, new).await.unwrap().id
}

fn server_input(number: usize) -> ServerInput {
    ServerInput { name: format!("server {number}"), url: "mail.acme.test".into(), ..ServerInput::default() }
}

/// Published once, with another draft since.
async fn suite(world: &World, name: &str) -> domain::model::PolicySuiteId {
    let (engine, scope) = (&world.engine, &world.root_in_acme);
    let low = SuiteInput { name: name.into(), template: Some("low".into()), ..SuiteInput::default() };
    let id = policy::create(engine, scope, low).await.unwrap();
    policy::publish(engine, scope, id, "").await.unwrap();
    let draft = SuiteValues {
        corporate: catalog::template(Template::Strict, Liability::Corporate),
        individual: catalog::template(Template::Strict, Liability::Individual),
    };
    let strict = SuiteInput { name: name.into(), draft: Some(draft), ..SuiteInput::default() };
    policy::edit(engine, scope, id, strict).await.unwrap();
    id
}

/// A held command that is nobody's: its outcome says so.
const HELD_NOWHERE: &str = "cmd_00000000000000000000000000000007";

async fn schedule(world: &World, name: &str) -> domain::model::ScheduleId {
    let input = ScheduleInput { name: name.into(), ..ScheduleInput::default() };
    schedules::create(&world.engine, &world.root_in_acme, input).await.unwrap()
}

const SECRET: &str = "a shared secret";

/// An access device that does what it is asked; its port.
/// A directory that answers, and its root certificate.
async fn directory() -> (u16, String) {
    use simulator::ldap::{Directory, Manner, Tree};
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = rustls_pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let tree = Tree::people(3);
    let started = Directory::start(Manner::Honest, false, tree, made.cert.der().clone(), key.into()).await;
    (started.unwrap().port, made.cert.pem())
}

fn ldap_input(name: &str, (port, roots): &(u16, String)) -> DirectoryInput {
    let (bind_dn, password) = simulator::ldap::READER;
    DirectoryInput {
        name: name.into(),
        kind: catalog::DirectoryKind::OpenLdap,
        host: "localhost".into(),
        port: *port,
        roots: roots.clone(),
        bind_dn: bind_dn.into(),
        password: password.into(),
        bases: vec!["dc=x".into()],
        ..DirectoryInput::default()
    }
}

async fn access_device() -> u16 {
    use md5::{Digest as _, Md5};
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut packet = [0; 4096];
        while let Ok((_, from)) = socket.recv_from(&mut packet).await {
            let mut answer = vec![packet[0] + 1, packet[1], 0, 20];
            let proof = Md5::new().chain_update(&answer).chain_update(&packet[4..20]).chain_update(SECRET);
            answer.extend(proof.finalize());
            socket.send_to(&answer, from).await.unwrap();
        }
    });
    port
}

/// A body that the route accepts.
fn body(route: &RouteInfo, targets: &Targets) -> Value {
    let number = targets.number;
    let rest = route.path.trim_start_matches("/api/v1/");
    match (route.method.as_str(), rest) {
        ("POST", "me/password") => json!({ "old_password": PASSWORD, "new_password": PASSWORD }),
        ("POST", "me/second-factor" | "me/passkeys/question") => json!({ "password": PASSWORD }),
        ("PUT", "second-factor-roles") => json!({ "roles": [] }),
        ("POST", "identity-providers") | ("PUT", "identity-providers/{identity_provider}") => json!({
            "name": "Staff", "zone": format!("zone-{number}"), "issuer": "https://id.example.com",
            "client_id": "notifymdm", "rules": [{ "claim": "groups", "value": "a", "role": { "predefined": "read_only" } }],
        }),
        ("POST", "me/passkeys") => json!({ "name": "Key", "answer": "{}" }),
        ("PATCH", "me/passkeys/{passkey}") => json!({ "name": "Key" }),
        ("POST", "me/passkeys/{passkey}/remove") => json!({ "code": "000000" }),
        ("POST", "me/second-factor/confirm" | "me/second-factor/remove") => json!({ "code": "000000" }),
        ("POST", "commands/{command}/approve" | "approvals/recovery-code") => json!({ "code": "000000" }),
        ("POST", "approvals/approve") => json!({ "items": [HELD_NOWHERE], "code": "000000" }),
        ("POST", "approvals/recall") => json!({ "items": [HELD_NOWHERE] }),
        ("PUT", "approvals/outside-approver") => json!({ "username": null, "code": "000000" }),
        ("PUT", "approvals/limit") => json!({ "limit": LIMIT, "always_relay": false, "held_days": 9 }),
        ("PUT", "letter-settings") => {
            json!({ "tell_password_changes": true, "welcome_directory_users": true })
        }
        ("PUT", "letter-templates/{letter}/{language}") => json!({ "subject": "Hi", "body": "{user.name}" }),
        ("POST", "letter-templates/preview" | "letter-templates/test") => {
            json!({ "letter": "welcome", "language": "en", "subject": "Hi", "body": "{enrolment.link}" })
        }
        ("POST", "mailings" | "mailings/preview") => json!({
            "letter": "group_mail", "ticket": format!("ticket-{number}"), "users": [targets.id("user")],
            "subject": "Hi", "body": "Hello"
        }),
        ("POST", "installation/mailings") => {
            json!({ "ticket": format!("ticket-{number}"), "subject": "Hi", "body": "Hello" })
        }
        ("POST", "users/{user}/enrollment-codes") => json!({ "hours": 24, "pin": "4711" }),
        ("POST", "tokens") => json!({ "name": "t", "permissions": ["devices.view"], "days": 1 }),
        ("POST", "devices") => json!({ "user": targets.id("user"), "macs": [format!("06{number:010X}")] }),
        ("PATCH", "devices/{device}") => json!({ "name": "Phone" }),
        ("POST", "devices/{device}/join") => json!({ "other": targets.spare_device }),
        ("PUT", "devices/{device}/facts/{fact}") => json!({ "value": "A-1" }),
        ("PUT", "users/{user}/trace") => json!({ "minutes": 5 }),
        ("POST", "commands") => json!({ "devices": [targets.id("device")], "kind": "policy_refresh" }),
        ("POST", "devices/{device}/commands") => json!({ "kind": "block", "note": "lost" }),
        ("POST", "users") => json!({ "username": format!("new{number}") }),
        ("PUT", "users/{user}") => json!({ "username": format!("user{number}"), "display_name": "U" }),
        ("POST", "users/changes") => json!({ "users": [targets.id("user")], "state": "disabled" }),
        ("POST", "terms") | ("PUT", "terms/{terms}") => {
            json!({ "texts": { "en": "Be nice." }, "main_language": "en" })
        }
        ("POST", "custom-columns") => {
            json!({ "name": format!("new {number}"), "kind": "list", "choices": ["a", "b"], "scope": "user" })
        }
        ("PUT", "custom-columns/{column}") => {
            json!({ "name": format!("column {number}"), "kind": "text", "scope": "device" })
        }
        ("POST", "custom-columns/{column}/move") => json!({ "place": 1 }),
        ("POST", "users/import") => json!(format!("username\nimported{number}\n")),
        ("POST", "user-imports/{import}/start") => json!({ "only_good": true }),
        ("POST", "assignments") => json!({ "devices": [targets.id("device")], "device_suite": null }),
        ("POST", "groups") => json!({ "name": format!("new {number}") }),
        ("PUT", "groups/{group}") => json!({ "name": format!("group {number}"), "liability": "corporate" }),
        ("POST", "groups/{group}/copy") => json!({ "name": format!("copy {number}") }),
        ("PUT", "groups/{group}/rule") | ("POST", "groups/{group}/rule/preview") => {
            json!({ "kind": "site", "networks": ["192.0.2.0/24"] })
        }
        ("POST", "groups/{group}/move") => json!({ "place": 1 }),
        ("POST", "groups/{group}/members") => json!({ "add": [targets.id("user")] }),
        ("POST", "policy-suites") => json!({ "name": format!("new {number}"), "template": "low" }),
        ("PUT", "policy-suites/{suite}") => json!({ "name": format!("suite {number}") }),
        ("POST", "policy-suites/{suite}/publish") => json!({ "note": "now" }),
        ("POST", "policy-suites/{suite}/roll-back") => json!({ "revision": 1 }),
        ("POST", "policy-suites/{suite}/copy") => json!({ "name": format!("copy {number}") }),
        ("POST", "connection-schedules") => json!({ "name": format!("new {number}") }),
        ("PUT", "connection-schedules/{schedule}") => json!({ "name": format!("schedule {number}") }),
        ("POST", "connection-schedules/{schedule}/copy") => json!({ "name": format!("copy {number}") }),
        ("POST", "access-restrictions/edits" | "access-restrictions/preview") => json!({ "edits": [
            { "edit": "rule", "rule": "no_contact", "config": { "on": true } },
        ] }),
        ("POST", "what-if") => json!({ "change": "access", "edits": [
            { "edit": "rule", "rule": "no_contact", "config": { "on": true } },
        ] }),
        ("POST", "servers") => json!({ "name": format!("new {number}"), "url": "mail.acme.test" }),
        ("PUT", "servers/{server}") => json!({ "name": format!("server {number}"), "url": "mx.acme.test" }),
        ("POST", "radius-servers") => {
            json!({ "name": format!("new {number}"), "host": "127.0.0.1", "secret": SECRET, "enabled": false })
        }
        ("PUT", "radius-servers/{radius_server}") => {
            json!({ "name": format!("radius {number}"), "host": "127.0.0.1", "enabled": false })
        }
        ("POST", "ldap-servers") => json!({
            "name": format!("new {number}"), "host": "127.0.0.1", "bind_dn": "cn=reader", "password": SECRET,
            "bases": ["dc=x"],
        }),
        ("PUT", "ldap-servers/{ldap_server}") => json!({
            "name": format!("ldap {number}"), "kind": "open_ldap", "host": "localhost", "bind_dn": "cn=reader",
            "password": SECRET, "bases": ["dc=x"], "enabled": false,
        }),
        ("POST", "ldap-servers/{ldap_server}/links") => json!({ "dn": "ou=p,dc=x" }),
        ("POST", "ldap-servers/{ldap_server}/preview") => json!({ "dn": "ou=p,dc=x" }),
        ("POST", "ldap-servers/{ldap_server}/refresh") => json!({}),
        ("POST", "ldap-servers/{ldap_server}/import") => json!({ "dns": ["ou=p,dc=x"] }),
        ("PUT", "ldap-servers/{ldap_server}/administrator-roles") => json!({ "roles": [] }),
        ("POST", "radius-servers/{radius_server}/test") => json!({ "mac": "0026B424FEB4" }),
        ("POST", "servers/{server}/test" | "ise/self-test") => json!({}),
        ("PUT", "ise/settings") => json!({ "report_retired": true, "page_size": 50 }),
        ("POST", "views") => json!({ "name": format!("new {number}") }),
        ("PUT", "views/{view}") => json!({ "name": format!("view {number}"), "sort": "-user" }),
        ("POST", "ise/unknown-macs/{mac}/link") => json!({ "device": targets.id("device") }),
        ("DELETE", "organizations/{organization}") => json!({ "slug": "acme", "code": "000000" }),
        ("PUT", "getting-started/{step}") => json!({ "confirmed": true }),
        ("PUT", "organization/settings") => json!({ "contact": "desk@acme.test" }),
        ("POST", path @ ("administrators" | "installation/administrators")) => {
            let role = if path == "administrators" { "read_only" } else { "full" };
            json!({ "username": format!("new{number}"), "role": { "predefined": role }, "password": PASSWORD })
        }
        ("PATCH", "administrators/{administrator}" | "installation/administrators/{administrator}") => {
            json!({ "display_name": "A" })
        }
        (
            "POST",
            "administrators/{administrator}/password"
            | "installation/administrators/{administrator}/password",
        ) => json!({ "password": PASSWORD }),
        ("POST", "roles") => json!({ "name": format!("new {number}"), "permissions": ["devices.view"] }),
        ("PUT", "roles/{role}") => {
            json!({ "name": format!("role {number}"), "permissions": ["devices.view"] })
        }
        ("POST", "organizations") => json!({ "slug": format!("org-{number}"), "name": "New" }),
        ("PUT", "installation/settings") => json!({ "default_organization": targets.id("organization") }),
        ("PATCH", "organizations/{organization}") => json!({ "name": "ACME" }),
        ("PUT", "smtp-server" | "installation/smtp-server") => json!({
            "host": "127.0.0.1", "port": 9, "security": "plain", "sender": "mdm@acme.test"
        }),
        (
            "POST",
            "alerts/acknowledge"
            | "alerts/close"
            | "installation/alerts/acknowledge"
            | "installation/alerts/close",
        ) => json!({ "alerts": [targets.id("alert")] }),
        ("POST", "webhooks") | ("PUT", "webhooks/{webhook}") => {
            json!({ "name": "SIEM", "url": "https://hooks.acme.test/" })
        }
        ("POST", "webhooks/{webhook}/resume") => json!({}),
        ("PUT", "alert-settings" | "installation/alert-settings") => json!({ "digest_minutes": 15 }),
        ("PUT", "watch-list/{device}") => json!({ "minutes": 60 }),
        ("PUT", "restriction-notifications") => json!({ "on": true, "repeat_hours": 24 }),
        ("POST", "restriction-notifications/preview") => json!({
            "device": targets.id("device"), "occasion": "restricted", "rule": "no_contact"
        }),
        ("POST", "report-mails") | ("PUT", "report-mails/{report_mail}") => json!({
            "name": format!("mail {number}"), "report": "users_and_devices", "recipients": ["boss@acme.test"],
            "when": { "every": "week", "weekday": 1, "time": "07:30" },
        }),
        ("POST", "smtp-server/test" | "installation/smtp-server/test") => json!({}),
        _ => Value::Null,
    }
}

fn query(route: &RouteInfo, targets: &Targets) -> String {
    match (route.method.as_str(), route.path) {
        ("GET", "/api/v1/users-by-letter") => "?letter=never".into(),
        ("GET", "/api/v1/search") => "?q=user".into(),
        ("DELETE", "/api/v1/users/{user}") => "?with_devices=true".into(),
        ("DELETE", "/api/v1/policy-suites/{suite}") => format!("?replacement={}", targets.spare_suite),
        ("DELETE", "/api/v1/connection-schedules/{schedule}") => {
            format!("?replacement={}", targets.spare_schedule)
        }
        _ => String::new(),
    }
}

fn token<'w>(world: &'w World, caller: &str) -> Option<&'w str> {
    let tokens = &world.tokens;
    match caller {
        "read-only" => Some(&tokens.read_only),
        "help-desk" => Some(&tokens.help_desk),
        "full" => Some(&tokens.full),
        "ise-only" => Some(&tokens.ise_only),
        "foreign" => Some(&tokens.foreign),
        "system" => Some(&tokens.system),
        _ => None,
    }
}

/// What an hour allows of what destroys, and of changes that take access: more than the table's own changes need.
const LIMIT: u32 = 40;

/// More destructive commands than an hour allows, so that every further one waits for approval.
async fn use_up_the_hour(world: &World) {
    let limits = GovernorSettings { limit: Some(LIMIT), ..GovernorSettings::default() };
    for organization in world.engine.directory().organizations() {
        let all = sign_in::command_line(organization.id);
        approvals::edit_limits(&world.engine, &all, limits.clone()).await.unwrap();
    }
    for number in 0..=LIMIT {
        let device = world.phone("anna@acme.test", &format!("USEDUP{number}")).await;
        let order = Order { device, kind: CommandKind::FullWipe, note: String::new() };
        commands::order(&world.engine, &world.root_in_acme, order).await.unwrap();
    }
}

#[tokio::test]
async fn the_access_matrix_is_as_reviewed() {
    let world = World::build().await;
    use_up_the_hour(&world).await;
    let mut table =
        String::from("# Route × caller → status. Written by UPDATE_ACCESS_MATRIX=1, reviewed by people.\n");
    writeln!(table, "# {}", CALLERS.join(" ")).unwrap();
    let mut number = 0;
    for route in routes_table() {
        let mut row = Vec::new();
        number += 1 + CALLERS.len();
        // Whoever gets nowhere leaves the objects as they are.
        let untouched = targets(&world, &route, number).await;
        for (offset, who) in CALLERS.into_iter().enumerate() {
            let fresh = match who {
                "nobody" | "ise-only" | "foreign" => None,
                _ => Some(targets(&world, &route, number + 1 + offset).await),
            };
            let targets = fresh.as_ref().unwrap_or(&untouched);
            let target = format!("{}{}", targets.path, query(&route, targets));
            let body = body(&route, targets);
            let reply = world.send(route.method.as_str(), &target, token(&world, who), &body).await;
            let detail = String::from_utf8_lossy(&reply.bytes).into_owned();
            rules_hold(&route, who, reply.status, &detail);
            row.push(reply.status.to_string());
        }
        writeln!(table, "{:<6} {:<62} {}", route.method.as_str(), route.path, row.join(" ")).unwrap();
    }
    if std::env::var_os("UPDATE_ACCESS_MATRIX").is_some() {
        std::fs::write(TABLE, &table).unwrap();
    }
    let reviewed = std::fs::read_to_string(TABLE).unwrap_or_default();
    for (now, before) in table.lines().zip(reviewed.lines()) {
        assert_eq!(now, before, "access changed; UPDATE_ACCESS_MATRIX=1 writes the new table");
    }
    assert_eq!(table.lines().count(), reviewed.lines().count());
}

/// What holds for every route, whatever the table says.
fn rules_hold(route: &RouteInfo, who: &str, status: u16, detail: &str) {
    let place = format!("{} {} as {who}: {status} {detail}", route.method, route.path);
    assert!(status < 500, "{place}");
    if route.access == Access::Public {
        return assert_eq!(status, 200, "{place}");
    }
    match who {
        "nobody" | "ise-only" => assert_eq!(status, 401, "{place}"),
        // The commands of the test are its own orders: somebody else must approve them.
        "system" if route.path.ends_with("{command}/approve") => assert_eq!(status, 403, "{place}"),
        // It has no second factor.
        "system" if route.path.ends_with("/recovery-code") || route.path.ends_with("/outside-approver") => {
            assert_eq!(status, 403, "{place}");
        }
        // It is enabled, and nobody has a second factor.
        "system"
            if route.method == Method::DELETE && route.path == "/api/v1/organizations/{organization}" =>
        {
            assert!([403, 409, 422].contains(&status), "{place}");
        }
        // There is no right code to send.
        "system" if route.path.starts_with("/api/v1/me/second-factor/") => {
            assert!([403, 409, 422].contains(&status), "{place}");
        }
        // No browser has made one.
        "system" if route.path == "/api/v1/me/passkeys" && route.method == Method::POST => {
            assert_eq!(status, 422, "{place}");
        }
        _ if route.path.starts_with("/api/v1/me/passkeys/{passkey}") => {
            assert!([401, 403, 404].contains(&status), "{place}");
        }
        "system" => assert!(status < 300, "{place}"),
        "foreign" if route.access == Access::System => assert_eq!(status, 403, "{place}"),
        // Every organization has the same steps, reports, letters and tasks.
        "foreign"
            if route.path.contains('{')
                && !route.path.contains("step}")
                && !route.path.contains("{report}")
                && !route.path.contains("{letter}")
                && !route.path.contains("{task}") =>
        {
            assert_eq!(status, 404, "{place}");
        }
        _ => {
            let role = catalog::PREDEFINED_ROLES.iter().find(|r| r.key == who.replace('-', "_"));
            let (Some(role), Access::Needs(needed)) = (role, route.access) else { return };
            if !role.permissions.contains(&needed) {
                assert_eq!(status, 403, "{place}");
            }
        }
    }
}

#[tokio::test]
async fn who_may_not_is_refused_before_the_body_is_read() {
    let world = World::build().await;
    let garbage = vec![b'{'; 1 << 20];
    for route in routes_table().iter().filter(|r| r.access != Access::Public && r.method != Method::GET) {
        let path = route.path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        let mut tokens = vec![(None, 401)];
        if route.access != Access::SignedIn
            && route.access != Access::Needs(catalog::Permission::DevicesView)
            && route.access != Access::Needs(catalog::Permission::ComplianceView)
            && route.access != Access::Needs(catalog::Permission::OrganizationView)
        {
            tokens.push((Some(world.tokens.read_only.as_str()), 403));
        }
        for (token, status) in tokens {
            let empty = world.send(route.method.as_str(), &path, token, &Value::Null).await;
            let mut request = Request::builder()
                .method(route.method.clone())
                .uri(&path)
                .header("content-type", "application/json");
            if let Some(token) = token {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            let full = world.raw(request.body(Body::from(garbage.clone())).unwrap()).await;
            assert_eq!((empty.status, full.status), (status, status), "{} {path}", route.method);
            assert_eq!(empty.bytes, full.bytes);
        }
    }
}

#[tokio::test]
async fn what_is_anothers_answers_like_what_never_existed() {
    let world = World::build().await;
    let with_ids = routes_table().into_iter().filter(|r| r.path.contains('{') && r.access != Access::System);
    for (number, route) in with_ids.enumerate() {
        let route = &route;
        let targets = targets(&world, route, number).await;
        let body = body(route, &targets);
        let query = query(route, &targets);
        let foreign = format!("{}{query}", targets.path);
        // The same kind of id, of something that was never there.
        let never = targets.ids.iter().fold(foreign.clone(), |path, (_, id)| match id.split_once('_') {
            Some((prefix, hex)) if hex.len() == 32 => {
                path.replace(id, &format!("{prefix}_{}", "7".repeat(32)))
            }
            _ => path,
        });
        let mut replies = Vec::new();
        for target in [foreign, never] {
            let token = Some(world.tokens.foreign.as_str());
            replies.push(world.send(route.method.as_str(), &target, token, &body).await);
        }
        assert_eq!(replies[0].status, replies[1].status, "{}", route.path);
        assert_eq!(replies[0].bytes, replies[1].bytes, "{}", route.path);
        assert_eq!(replies[0].headers, replies[1].headers, "{}", route.path);
    }
}
