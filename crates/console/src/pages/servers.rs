//! ActiveSync Servers: the mail servers that the gateway stands in front of.

use catalog::Permission;
use domain::model::{ActiveSyncServer, BlockForm, LoginForm, ServerId, ServerTrust, WipeAckStatus};
use door::{Access, Form, FormData, Path, Routes};
use engine::servers::{self, ServerInput, VERSIONS};
use http::Method;

use super::frame::{Answer, Cx, Entered, FormAround, PostButton, Wrong, hidden_value};
use super::words;
use crate::host::{Outcome, ServerCheck};
use crate::parts::{
    Button, ButtonKind, Card, Chip, EmptyState, FieldView, Form as FormView, Head, Html, Icon, Note, Place,
    SaveBar, Table, Tone, cell,
};

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::ServersView);
    let edit = Access::Needs(Permission::ServersEdit);
    routes
        .route(Method::GET, "/dashboard/activesync-servers", view, list)
        .route(Method::GET, "/dashboard/activesync-servers/add", edit, add_show)
        .route(Method::POST, "/dashboard/activesync-servers/add", edit, add)
        .route(Method::GET, "/dashboard/activesync-servers/{id}", view, show)
        .route(Method::POST, "/dashboard/activesync-servers/{id}", edit, save)
        .route(Method::POST, "/dashboard/activesync-servers/{id}/test", edit, test)
        .route(Method::POST, "/dashboard/activesync-servers/{id}/remove", edit, remove)
}

async fn list(cx: Cx) -> Answer {
    let all = servers::list(&cx.engine, &cx.scope)?;
    let may = cx.can(Permission::ServersEdit);
    let add = || {
        Button::link("Add server", "/dashboard/activesync-servers/add")
            .kind(ButtonKind::Primary)
            .icon(Icon::Plus)
    };
    let mut head = Head::new(
        "ActiveSync Servers",
        "The mail servers behind us. Users without one are served by the stand-in: same policy, same wipe, no mail.",
    );
    if may {
        head = head.action(add());
    }
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Server,
            title: "No mail server is connected".into(),
            text: "Connect one, and phones that point at us get their mail through us as long as they are in order."
                .into(),
            actions: if may { vec![add()] } else { Vec::new() },
        };
        return cx.page(Place::ActiveSyncServers, head, vec![Card::new("", empty).into()]);
    }
    let users = cx.org(|org| {
        let mut counts = std::collections::HashMap::<ServerId, usize>::new();
        for server in org.users().filter_map(|u| u.server) {
            *counts.entry(server).or_default() += 1;
        }
        counts
    })?;
    let columns = &["Server", "State", "Versions", "New users and devices", "Users"];
    let mut table = Table::new("ActiveSync servers", columns).tall();
    for server in &all {
        let state = if server.enabled { Chip::new("In use", Tone::Ok) } else { Chip::new("Off", Tone::Idle) };
        let intake = match (server.hands_off, server.quarantine) {
            (true, true) => "hands-off; devices wait in quarantine",
            (true, false) => "hands-off; devices come in at once",
            (false, true) => "users by hand; devices wait in quarantine",
            (false, false) => "users by hand; devices come in at once",
        };
        table = table.row([
            cell::lines(
                cell::open(format!("/dashboard/activesync-servers/{}", server.id), &server.name),
                server.url.clone(),
            ),
            state.into(),
            Html::text(format!("{} to {}", server.versions.0, server.versions.1)),
            cell::prose(intake),
            Html::text(words::count(users.get(&server.id).copied().unwrap_or(0), "user", "users")),
        ]);
    }
    cx.page(Place::ActiveSyncServers, head, vec![Card::flush("", table).into()])
}

fn stored(server: &ActiveSyncServer) -> FormData {
    let login = match server.login_form {
        LoginForm::AsSent => "as_sent",
        LoginForm::User => "user",
        LoginForm::UserAtDomain => "user_at_domain",
        LoginForm::DomainUser => "domain_user",
    };
    let (trust, roots) = match &server.trust {
        ServerTrust::Public => ("public", ""),
        ServerTrust::Roots(pem) => ("roots", pem.as_str()),
        ServerTrust::Plain => ("plain", ""),
    };
    let acknowledge = match server.acknowledge {
        WipeAckStatus::Full => "full",
        WipeAckStatus::Partial => "partial",
        WipeAckStatus::External => "external",
    };
    let on = |name: &str, on: bool| (name.to_owned(), if on { "on" } else { "" }.to_owned());
    let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let pairs = vec![
        text("name", &server.name),
        text("url", &server.url),
        text("trust", trust),
        text("roots", roots),
        text("login_form", login),
        text("login_domain", &server.login_domain),
        text("mail_domains", &server.mail_domains.join("\n")),
        on("use_autodiscover", server.use_autodiscover),
        text("autodiscover_url", &server.autodiscover_url),
        text("redirect_hosts", &server.redirect_hosts.join("\n")),
        on("hands_off", server.hands_off),
        on("quarantine", server.quarantine),
        text("lowest", &server.versions.0),
        text("highest", &server.versions.1),
        text("block_form", if server.block_form == BlockForm::Http403 { "http403" } else { "status129" }),
        text("acknowledge", acknowledge),
        on("bearer", server.bearer),
        text("max_body", &(server.max_body >> 20).to_string()),
        on("enabled", server.enabled),
    ];
    FormData::new(pairs.into_iter().filter(|(_, v)| !v.is_empty()).collect())
}

fn input(data: &FormData) -> ServerInput {
    let text = |name: &str| data.text(name).to_owned();
    ServerInput {
        name: text("name"),
        url: text("url"),
        trust: match data.text("trust") {
            "roots" => ServerTrust::Roots(text("roots")),
            "plain" => ServerTrust::Plain,
            _ => ServerTrust::Public,
        },
        login_form: match data.text("login_form") {
            "user" => LoginForm::User,
            "user_at_domain" => LoginForm::UserAtDomain,
            "domain_user" => LoginForm::DomainUser,
            _ => LoginForm::AsSent,
        },
        login_domain: text("login_domain"),
        mail_domains: data.lines("mail_domains"),
        use_autodiscover: data.ticked("use_autodiscover"),
        autodiscover_url: text("autodiscover_url"),
        redirect_hosts: data.lines("redirect_hosts"),
        hands_off: data.ticked("hands_off"),
        quarantine: data.ticked("quarantine"),
        versions: (text("lowest"), text("highest")),
        block_form: if data.text("block_form") == "status129" {
            BlockForm::Status129
        } else {
            BlockForm::Http403
        },
        acknowledge: match data.text("acknowledge") {
            "partial" => WipeAckStatus::Partial,
            "external" => WipeAckStatus::External,
            _ => WipeAckStatus::Full,
        },
        bearer: data.ticked("bearer"),
        max_body: data.text("max_body").parse::<u64>().unwrap_or(0).saturating_mul(1 << 20),
        enabled: data.ticked("enabled"),
    }
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(v, l)| ((*v).to_owned(), (*l).to_owned())).collect()
}

fn triples(of: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    of.iter().map(|(v, l, h)| ((*v).to_owned(), (*l).to_owned(), (*h).to_owned())).collect()
}

/// The fields by card: where it is, who comes in, how phones are answered.
fn groups(entered: &Entered<'_>) -> Vec<(&'static str, Vec<FieldView>)> {
    let versions: Vec<_> = VERSIONS.iter().map(|v| ((*v).to_owned(), (*v).to_owned())).collect();
    let place = vec![
        entered.text("name", "Name"),
        entered
            .text("url", "Address")
            .help("As in a browser, such as https://mail.example.com; the path is added by us."),
        entered.radio(
            "trust",
            "Certificate",
            &triples(&[
                ("public", "Public authorities", "The server has a certificate that every browser accepts."),
                (
                    "roots",
                    "Only these roots",
                    "For a certificate authority of your own; paste its root below.",
                ),
                ("plain", "No TLS", "Only for a mail server on this same host."),
            ]),
        ),
        entered
            .area("roots", "Root certificates")
            .help("PEM, beginning with -----BEGIN CERTIFICATE-----.")
            .optional(),
        entered
            .switch("enabled", "In use")
            .help("When off, phones of its users are told to come back later."),
    ];
    let people = vec![
        entered.select(
            "login_form",
            "User name towards the server",
            &pairs(&[
                ("as_sent", "As the phone sent it"),
                ("user", "user"),
                ("user_at_domain", "user@domain"),
                ("domain_user", "DOMAIN\\user"),
            ]),
        ),
        entered.text("login_domain", "Domain of that name").optional(),
        entered
            .switch("hands_off", "Hands-off enrolment")
            .help("Whoever this server accepts gets an account here by signing in."),
        entered
            .area("mail_domains", "Mail domains for hands-off enrolment")
            .help("One a line. Users with addresses of these domains belong to this server.")
            .optional(),
        entered
            .switch("quarantine", "New devices wait in quarantine")
            .help("Until somebody releases them. When off, they come in at once."),
        entered
            .switch("use_autodiscover", "Learn each user’s own server by Autodiscover")
            .help("For installations with several front ends."),
        entered
            .text("autodiscover_url", "Address of Autodiscover")
            .help("Left empty, it is derived from the server’s.")
            .optional(),
        entered
            .area("redirect_hosts", "Hosts that a redirect may lead to")
            .help("One a line; *.example.com is allowed. Everything else is refused.")
            .optional(),
    ];
    let answers = vec![
        entered.select("lowest", "Lowest version offered", &versions),
        entered.select("highest", "Highest version offered", &versions),
        entered.radio(
            "block_form",
            "How a stopped phone is refused",
            &triples(&[
                ("http403", "HTTP 403", "Every phone understands it and stops politely."),
                ("status129", "Status 129", "As Exchange does it; some phones show a better text."),
            ]),
        ),
        entered.radio(
            "acknowledge",
            "What the mail server is told of its own policy",
            &triples(&[
                ("full", "Applied in full", "The mail server is content; our policy is what counts."),
                ("partial", "Applied in part", "Honest, where the mail server allows it."),
                ("external", "Managed by a third party", "Where the mail server knows that answer."),
            ]),
        ),
        entered
            .switch("bearer", "Pass modern sign-in through")
            .help("Bearer challenges and tokens go both ways untouched."),
        entered
            .number("max_body", "Largest request", (1, 1024), "MiB")
            .help("Attachments being sent are the largest."),
    ];
    vec![("The server", place), ("Users and new devices", people), ("What phones see", answers)]
}

fn form(cx: &Cx, server: Option<&ActiveSyncServer>, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let may = cx.can(Permission::ServersEdit);
    let entered = Entered { data, wrong };
    let mut body = Vec::new();
    let mut groups = groups(&entered);
    let wrong_versions = wrong.on("versions").to_owned();
    for field in groups.iter_mut().flat_map(|(_, fields)| fields.iter_mut()) {
        field.input.read_only = !may;
        if field.input.name == "lowest" && !wrong_versions.is_empty() {
            *field = field.clone().error(wrong_versions.clone());
        }
    }
    let drawn: Vec<FieldView> = groups.iter().flat_map(|(_, fields)| fields.clone()).collect();
    let shown = Wrong {
        issues: wrong.issues.iter().filter(|i| i.field != "versions").cloned().collect(),
        general: wrong.general.clone(),
    };
    let rest = shown.rest(&drawn);
    if !rest.is_empty() || !wrong.issues.is_empty() {
        let words = if rest.is_empty() { "Look at the marked fields.".to_owned() } else { rest };
        body.push(Note::new(Tone::Bad, "This cannot be saved yet", words).into());
    }
    for (title, fields) in groups {
        body.push(Card::new(title, Html::stack(fields.into_iter().map(Html::from))).into());
    }
    if may {
        body.push(
            SaveBar {
                text: "Saved settings hold for the next request of every phone; nobody has to reconnect."
                    .into(),
                buttons: vec![
                    Button::link("Cancel", "/dashboard/activesync-servers"),
                    Button::submit(if server.is_some() { "Save server" } else { "Add server" }),
                ],
            }
            .into(),
        );
    }
    let (title, action) = match server {
        None => ("Add ActiveSync server".to_owned(), "/dashboard/activesync-servers/add".to_owned()),
        Some(server) => (server.name.clone(), format!("/dashboard/activesync-servers/{}", server.id)),
    };
    let mut head = Head::new(title, "Where mail comes from, who is let in, and how phones are answered.")
        .under("ActiveSync Servers", "/dashboard/activesync-servers");
    if let Some(server) = server.filter(|_| may) {
        head.actions.push(
            PostButton {
                action: format!("/dashboard/activesync-servers/{}/remove", server.id),
                hidden: cx.hidden(),
                button: Button {
                    label: "Remove".into(),
                    icon: Some(Icon::Trash),
                    kind: ButtonKind::Danger,
                    ..Button::default()
                },
            }
            .into(),
        );
    }
    let rev = server.map(|s| hidden_value("rev", s.rev.to_string()));
    let hidden = cx.hidden().into_iter().chain(rev).collect();
    (head, vec![FormAround { id: "server".into(), action, hidden, body }.into()])
}

/// The form that runs the test.
fn test_card(cx: &Cx, server: &ActiveSyncServer) -> Html {
    let (data, wrong) = (FormData::default(), Wrong::default());
    let entered = Entered { data: &data, wrong: &wrong };
    let form = FormView {
        id: "test-form".into(),
        action: format!("/dashboard/activesync-servers/{}/test", server.id),
        hidden: cx.hidden(),
        error: String::new(),
        fields: vec![
            entered
                .text("user", "User name")
                .help("Try with a mailbox; it is used once and not kept.")
                .optional(),
            entered.secret("password", "Password", "off").optional(),
        ],
        buttons: vec![Button { label: "Test".into(), icon: Some(Icon::Refresh), ..Button::default() }],
    };
    Card::new("Test", form)
        .aside("versions, certificate, Autodiscover, and whether it can be reached around us")
        .into()
}

async fn add_show(cx: Cx) -> Answer {
    let pairs = pairs(&[
        ("trust", "public"),
        ("login_form", "as_sent"),
        ("quarantine", "on"),
        ("lowest", "12.1"),
        ("highest", "16.1"),
        ("block_form", "http403"),
        ("acknowledge", "full"),
        ("bearer", "on"),
        ("max_body", "64"),
        ("enabled", "on"),
    ]);
    let (head, body) = form(&cx, None, &FormData::new(pairs), &Wrong::default());
    cx.page(Place::ActiveSyncServers, head, body)
}

async fn show(cx: Cx, Path(id): Path<ServerId>) -> Answer {
    let server = servers::get(&cx.engine, &cx.scope, id)?;
    let (head, mut body) = form(&cx, Some(&server), &stored(&server), &Wrong::default());
    if cx.can(Permission::ServersEdit) {
        body.insert(0, test_card(&cx, &server));
    }
    cx.page(Place::ActiveSyncServers, head, body)
}

async fn add(cx: Cx, Form(data): Form) -> Answer {
    match servers::create(&cx.engine, &cx.scope, input(&data)).await {
        Ok(id) => cx.done(
            &format!("/dashboard/activesync-servers/{id}"),
            "The server was added. Test it before phones do.",
        ),
        Err(error) => {
            let (head, body) = form(&cx, None, &data, &Wrong::of(error)?);
            cx.again(Place::ActiveSyncServers, head, body)
        }
    }
}

async fn save(cx: Cx, Path(id): Path<ServerId>, Form(data): Form) -> Answer {
    let server = servers::get(&cx.engine, &cx.scope, id)?;
    let seen = data.text("rev").parse().ok();
    match servers::edit_seen(&cx.engine, &cx.scope, id, seen, input(&data)).await {
        Ok(()) => cx.done(&format!("/dashboard/activesync-servers/{id}"), "Saved."),
        Err(error) => {
            let (head, body) = form(&cx, Some(&server), &data, &Wrong::of(error)?);
            cx.again(Place::ActiveSyncServers, head, body)
        }
    }
}

async fn remove(cx: Cx, Path(id): Path<ServerId>, Form(_): Form) -> Answer {
    match servers::remove(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done("/dashboard/activesync-servers", "The server was removed."),
        Err(error) => cx.failed(&format!("/dashboard/activesync-servers/{id}"), Wrong::of(error)?.rest(&[])),
    }
}

async fn test(cx: Cx, Path(id): Path<ServerId>, Form(data): Form) -> Answer {
    let server = servers::get(&cx.engine, &cx.scope, id)?;
    let (user, password) = (data.text("user"), data.raw("password"));
    let login = (!user.is_empty()).then_some((user, password));
    let checks = cx.host.test_server(&server, login).await;
    let mut table = Table::new("Test", &["What", "Result", "What was found"]).tall();
    for check in &checks {
        table = table.row([Html::text(check.what.clone()), chip(check), cell::prose(check.detail.clone())]);
    }
    let bad = checks.iter().filter(|c| c.outcome == Outcome::Bad).count();
    let note = if bad == 0 {
        Note::new(Tone::Ok, "The server answers as it should", "Phones of its users can be pointed at us.")
    } else {
        Note::new(Tone::Bad, words::count(bad, "check", "checks") + " failed", "Read what was found below.")
    };
    let head = Head::new(format!("Test of {}", server.name), server.url.clone())
        .under("ActiveSync Servers", "/dashboard/activesync-servers")
        .under(server.name.clone(), format!("/dashboard/activesync-servers/{id}"));
    let body = vec![note.into(), Card::flush("", table).into(), test_card(&cx, &server)];
    cx.page(Place::ActiveSyncServers, head, body)
}

fn chip(check: &ServerCheck) -> Html {
    match check.outcome {
        Outcome::Good => Chip::new("Good", Tone::Ok),
        Outcome::Notice => Chip::new("Look", Tone::Warn),
        Outcome::Bad => Chip::new("Failed", Tone::Bad),
    }
    .into()
}
