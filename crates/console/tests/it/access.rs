//! Every GET route as every role: what is declared is what is answered.

use catalog::PREDEFINED_ROLES;
use door::{Access, RouteInfo};
use http::Method;

use crate::house::{House, Who};

/// The address of a route with real objects in it.
pub fn fill(house: &House, path: &str, suite: &str, role: &str, server: &str) -> String {
    let id = match path.split('/').nth(2).unwrap_or_default() {
        "devices" | "watch-list" => house.device.to_string(),
        "users" => house.user.to_string(),
        "groups" => house.group.to_string(),
        "custom-columns" => column(house),
        "terms" => terms(house),
        "policy-suites" => suite.to_owned(),
        "connection-schedules" => house.schedule(house.acme).to_string(),
        "roles" => role.to_owned(),
        "activesync-servers" => server.to_owned(),
        "administrators" => house.desk.to_string(),
        "organizations" => house.acme.to_string(),
        "cisco-ise" => radius_server(house),
        "ldap-servers" => ldap_server(house),
        "webhooks" => webhook(house),
        "identity-providers" => provider(house),
        "approvals" => held_change(house),
        "task-scheduler" => report_mail(house),
        _ => "1".to_owned(),
    };
    let id = if path.starts_with("/dashboard/users/import/") { import(house) } else { id };
    path.replace("{id}", &id)
        .replace("{sequence}", "1")
        .replace("{rule}", "no_contact")
        .replace("{command}", "policy_refresh")
        .replace("{token}", "abc")
        .replace("{step}", "configuration")
        .replace("{report}", "restricted_devices")
}

fn role(who: Who) -> Option<&'static str> {
    match who {
        Who::ReadOnly => Some("read_only"),
        Who::HelpDesk => Some("help_desk"),
        Who::Full | Who::Foreign => Some("full"),
        Who::Nobody | Who::System => None,
    }
}

/// What the declaration means for somebody; `None` where it does not decide alone.
fn declared(route: &RouteInfo, who: Who) -> Option<u16> {
    let own_object = route.path.contains("{id}") || route.path.contains("{sequence}");
    let permitted = |permission| {
        role(who).is_none_or(|key| {
            PREDEFINED_ROLES.iter().any(|r| r.key == key && r.permissions.contains(&permission))
        })
    };
    match (route.access, who) {
        (Access::Public, _) => None,
        (_, Who::Nobody) => Some(303),
        (Access::System, Who::System) => Some(200),
        (Access::System, _) => Some(403),
        (Access::Needs(permission), _) if !permitted(permission) => Some(403),
        // The order's own permission is decided by which command it is.
        (Access::Needs(_), Who::ReadOnly) if route.path.contains("{command}") => Some(403),
        (Access::Needs(_), Who::Foreign) if own_object => None,
        (Access::Needs(_), Who::System) => None,
        (Access::Needs(_), _) => Some(200),
        (Access::SignedIn, _) => None,
    }
}

#[tokio::test]
async fn every_page_answers_as_declared() {
    let house = House::build().await;
    let (suite, role, server) = objects(&house).await;
    let routes = console::table(house.face());
    let mut seen = 0;
    for route in routes.iter().filter(|r| r.method == Method::GET) {
        let path = fill(&house, route.path, &suite, &role, &server);
        for who in Who::ALL {
            let page = house.get(who, &path).await;
            let what = format!("{who:?} GET {path}: {}", page.status);
            assert!([200, 303, 403, 404].contains(&page.status), "{what}\n{}", page.body);
            if let Some(due) = declared(route, who) {
                assert_eq!(page.status, due, "{what}");
            }
            if page.status == 303 && who == Who::Nobody {
                assert!(page.location.starts_with("/dashboard/sign-in"), "{what} {}", page.location);
            }
            seen += 1;
        }
    }
    assert!(seen > 300, "only {seen} visits");
}

/// The RADIUS server of the first organization, once [`objects`] has made it.
fn radius_server(house: &House) -> String {
    let org = house.engine.directory().organization(house.acme).expect("an organization");
    let servers = org.read().radius_servers();
    servers.first().map(|server| server.id.to_string()).unwrap_or_default()
}

/// Its LDAP server, likewise.
fn ldap_server(house: &House) -> String {
    let org = house.engine.directory().organization(house.acme).expect("an organization");
    let servers = org.read().directories();
    servers.first().map(|server| server.id.to_string()).unwrap_or_default()
}

/// A change of it that waits, likewise.
fn held_change(house: &House) -> String {
    let org = house.engine.directory().organization(house.acme).expect("an organization");
    let held = org.read().governor.held.first().map(|held| held.id.to_string());
    held.unwrap_or_default()
}

/// Its custom column, likewise.
fn column(house: &House) -> String {
    let org = house.engine.directory().organization(house.acme).expect("an organization");
    let id = org.read().organization.columns.first().map(|column| column.id.to_string());
    id.unwrap_or_default()
}

/// Its terms of use in force, likewise.
fn terms(house: &House) -> String {
    let org = house.engine.directory().organization(house.acme).expect("an organization");
    let id = org.read().organization.terms.as_ref().map(|force| force.terms.to_string());
    id.unwrap_or_default()
}

/// A file of users that was sent to it, likewise.
fn import(house: &House) -> String {
    house.import.lock().expect("nobody panics with it").clone()
}

/// Its identity provider, likewise.
fn provider(house: &House) -> String {
    let settings = house.engine.directory().sign_in(house.acme);
    settings.providers.first().map(|provider| provider.id.to_string()).unwrap_or_default()
}

/// Its report by mail, likewise.
fn report_mail(house: &House) -> String {
    house.report_mail.lock().expect("nobody panics with it").clone()
}

/// Its webhook, likewise.
fn webhook(house: &House) -> String {
    let messaging = house.engine.directory().messaging(house.acme).expect("an organization");
    messaging.webhooks.first().map(|webhook| webhook.id.to_string()).unwrap_or_default()
}

/// A suite, a role and servers of the first organization.
pub async fn objects(house: &House) -> (String, String, String) {
    let scope = house.scope(Who::Full).await;
    let suite = engine::policy::list(&house.engine, &scope).expect("suites")[0].0.id.to_string();
    let input = engine::roles::RoleInput {
        name: "Night shift".into(),
        powers: catalog::Powers::of(&[catalog::Permission::DevicesView]),
    };
    let role = engine::roles::create(&house.engine, &scope, input).await.expect("a role").to_string();
    let input = engine::servers::ServerInput {
        name: "Mail".into(),
        url: "https://mail.acme.test".into(),
        ..engine::servers::ServerInput::default()
    };
    let server = engine::servers::create(&house.engine, &scope, input).await.expect("a server").to_string();
    let input = engine::radius::RadiusInput {
        name: "Campus".into(),
        host: "127.0.0.1".into(),
        secret: "a shared secret".into(),
        enabled: false,
        ..engine::radius::RadiusInput::default()
    };
    engine::radius::create(&house.engine, &scope, input).await.expect("a RADIUS server");
    let input = engine::directories::DirectoryInput {
        name: "Staff".into(),
        host: "127.0.0.1".into(),
        bind_dn: "cn=reader".into(),
        password: "a password".into(),
        bases: vec!["dc=x".into()],
        ..engine::directories::DirectoryInput::default()
    };
    engine::directories::create(&house.engine, &scope, input).await.expect("an LDAP server");
    let input = engine::identity::ProviderInput {
        name: "Staff".into(),
        zone: "staff".into(),
        issuer: "https://id.acme.test".into(),
        client_id: "notifymdm".into(),
        ..engine::identity::ProviderInput::default()
    };
    engine::identity::create(&house.engine, &scope, input).await.expect("a provider");
    let input = engine::webhooks::WebhookInput {
        name: "Tickets".into(),
        url: "https://hooks.acme.test/".into(),
        events: Vec::new(),
        on: false,
    };
    engine::webhooks::create(&house.engine, &scope, input).await.expect("a webhook");
    let input = engine::custom_columns::ColumnInput {
        name: "Cost centre".into(),
        help: String::new(),
        kind: domain::model::CustomKind::Number,
        scope: domain::model::CustomScope::User,
        required: false,
        default: String::new(),
    };
    engine::custom_columns::create(&house.engine, &scope, input).await.expect("a column");
    let input = engine::terms::TermsInput {
        texts: [("en".to_owned(), "Be nice.".to_owned())].into(),
        main_language: "en".into(),
        changes: String::new(),
        accept_again: true,
        liability: None,
    };
    let draft = engine::terms::draft(&house.engine, &scope, input.clone()).await.expect("a draft");
    engine::terms::publish(&house.engine, &scope, draft).await.expect("terms");
    engine::terms::draft(&house.engine, &scope, input).await.expect("a draft");
    let upload = engine::imports::Upload { bytes: b"username\nbob\n".to_vec(), ..Default::default() };
    let import = engine::imports::check(&house.engine, &scope, upload).await.expect("an import");
    *house.import.lock().expect("nobody panics with it") = import.id.to_string();
    let input = engine::report_mails::ReportMailInput {
        name: "Who is silent".into(),
        report: catalog::Report::NotConnected,
        platform: None,
        group: None,
        silent_days: Some(7),
        period_days: 30,
        workbook: false,
        recipients: vec!["boss@acme.test".into()],
        when: domain::model::Recurrence::Day { minute: 450 },
        on: true,
    };
    let mail = engine::report_mails::create(&house.engine, &scope, input).await.expect("a report by mail");
    *house.report_mail.lock().expect("nobody panics with it") = mail.to_string();
    let loose = domain::model::GovernorSettings { always_relay: true, ..Default::default() };
    let held = engine::approvals::edit_limits(&house.engine, &scope, loose).await;
    assert!(matches!(held, Err(engine::Error::Held(_))), "{held:?}");
    (suite, role, server)
}

#[tokio::test]
async fn what_belongs_to_another_organization_does_not_exist() {
    let house = House::build().await;
    let (suite, role, server) = objects(&house).await;
    for path in [
        format!("/dashboard/devices/{}", house.device),
        format!("/dashboard/devices/{}/why", house.device),
        format!("/dashboard/devices/{}/order/full_wipe", house.device),
        format!("/dashboard/watch-list/{}", house.device),
        format!("/dashboard/users/{}", house.user),
        format!("/dashboard/groups/{}", house.group),
        format!("/dashboard/groups/{}/members", house.group),
        format!("/dashboard/groups/{}/rule", house.group),
        format!("/dashboard/policy-suites/{suite}"),
        format!("/dashboard/connection-schedules/{}", house.schedule(house.acme)),
        format!("/dashboard/roles/{role}"),
        format!("/dashboard/activesync-servers/{server}"),
        format!("/dashboard/administrators/{}", house.desk),
        format!("/dashboard/cisco-ise/radius/{}", radius_server(&house)),
        format!("/dashboard/webhooks/{}", webhook(&house)),
        format!("/dashboard/ldap-servers/{}", ldap_server(&house)),
        format!("/dashboard/ldap-servers/{}/edit", ldap_server(&house)),
        format!("/dashboard/ldap-servers/{}/browse", ldap_server(&house)),
        format!("/dashboard/ldap-servers/{}/administrators", ldap_server(&house)),
        format!("/dashboard/approvals/{}", held_change(&house)),
        format!("/dashboard/users/import/{}", import(&house)),
        format!("/dashboard/custom-columns/{}/edit", column(&house)),
        format!("/dashboard/custom-columns/{}/remove", column(&house)),
        format!("/dashboard/terms/{}", terms(&house)),
        format!("/dashboard/task-scheduler/reports/{}", report_mail(&house)),
    ] {
        assert_eq!(house.get(Who::Full, &path).await.status, 200, "{path}");
        let foreign = house.get(Who::Foreign, &path).await;
        assert_eq!(foreign.status, 404, "{path}");
        let never = other_id(&path);
        let never = house.get(Who::Foreign, &never).await;
        assert_eq!((never.status, never.body.len()), (404, foreign.body.len()), "{path}");
    }
    let page =
        house.post(Who::Foreign, &format!("/dashboard/devices/{}/order/block", house.device), &[]).await;
    assert_eq!(page.status, 404);
}

/// The same address with an id that nobody has.
fn other_id(path: &str) -> String {
    let change = |segment: &str| match segment.split_once('_') {
        Some((_, hex)) if hex.len() == 32 => {
            let end = if segment.ends_with('0') { '8' } else { '0' };
            format!("{}{end}", &segment[..segment.len() - 1])
        }
        _ => segment.to_owned(),
    };
    path.split('/').map(change).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn a_system_administrator_acts_only_where_they_stepped_in() {
    let house = House::build().await;
    let devices = "/dashboard/devices";
    assert_eq!(house.get(Who::System, devices).await.status, 404);
    let acme = house.acme.to_string();
    let page = house.post(Who::System, "/dashboard/organizations/switch", &[("organization", &acme)]).await;
    assert_eq!((page.status, page.location.as_str()), (303, "/dashboard"));
    let page = house.get(Who::System, devices).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("as a system administrator"), "{}", page.body);
    house.post(Who::System, "/dashboard/organizations/switch", &[("organization", "")]).await;
    assert_eq!(house.get(Who::System, devices).await.status, 404);
}
