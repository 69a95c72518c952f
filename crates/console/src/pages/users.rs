//! Smart Devices and Users: the users.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{User, UserId, UserState};
use door::{Access, Form, FormData, Path, Routes};
use engine::devices::{Filter, GridQuery, grid};
use engine::users::{self, UserInput};
use http::Method;

use super::devices::{self, choices};
use super::frame::{Answer, Cx, Entered, Oops, Wrong, hidden_value};
use super::words;
use crate::parts::{
    Applied, Button, ButtonKind, Card, Chip, Column, Columns, Danger, EmptyState, Fact, Facts,
    Form as FormView, Grid, GridState, Head, Html, Icon, Loss, Pager, Place, Row, Tone, Widths, cell,
};

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::DevicesView);
    let edit = Access::Needs(Permission::UsersEdit);
    routes
        .route(Method::GET, "/dashboard/users", view, list)
        .route(Method::GET, "/dashboard/users/add", edit, add_show)
        .route(Method::POST, "/dashboard/users/add", edit, add)
        .route(Method::GET, "/dashboard/users/{id}", view, show)
        .route(Method::GET, "/dashboard/users/{id}/edit", edit, edit_show)
        .route(Method::POST, "/dashboard/users/{id}/edit", edit, save)
        .route(Method::GET, "/dashboard/users/{id}/remove", edit, remove_ask)
        .route(Method::POST, "/dashboard/users/{id}/remove", edit, remove)
}

fn state_chip(user: &User) -> Chip {
    match user.state {
        UserState::Active => Chip::new("Active", Tone::Ok),
        UserState::Disabled => Chip::new("Disabled", Tone::Bad).icon(Icon::Ban),
    }
}

async fn list(cx: Cx) -> Answer {
    let state = GridState::parse("/dashboard/users", cx.query.clone(), &[], &["name"]);
    let size = state.page_size() as usize;
    let after = (!state.after.is_empty()).then_some(state.after.as_str());
    let mut all = users::list(&cx.engine, &cx.scope, &state.search, after, size + 1)?;
    let more = all.len() > size;
    all.truncate(size);
    let next = all.last().map(|u| u.username.to_lowercase()).unwrap_or_default();
    let rows = cx.org(|org| {
        let row = |user: &Arc<User>| Row {
            id: String::new(),
            name: user.display_name.clone(),
            cells: vec![
                cell::lines(
                    cell::open(format!("/dashboard/users/{}", user.id), &user.display_name),
                    user.username.clone(),
                ),
                state_chip(user).into(),
                cell::text(&user.email),
                Html::text(words::count(org.devices.of_user(user.id).len(), "device", "devices")),
                Html::text(user.server.and_then(|id| org.server(id)).map_or("Stand-in", |s| s.name.as_str())),
                cell::text(user.suite.and_then(|id| org.suite(id)).map_or("", |s| s.name.as_str())),
                Html::text(user.liability.map_or("as the organization", catalog::Liability::label)),
            ],
        };
        all.iter().map(row).collect::<Vec<_>>()
    })?;
    let total = cx.org(engine::OrgIndex::user_count)?;
    let add = || Button::link("Add user", "/dashboard/users/add").kind(ButtonKind::Primary).icon(Icon::Plus);
    let grid = Grid {
        id: "grid".into(),
        label: "Users".into(),
        search_hint: "Name, sign-in name, address".into(),
        applied: (!state.search.is_empty())
            .then(|| Applied { label: format!("“{}”", state.search), href: state.without_search() })
            .into_iter()
            .collect(),
        columns: vec![
            Column::new("name", "User"),
            Column::new("state", "State"),
            Column::new("email", "E-mail"),
            Column::new("devices", "Devices"),
            Column::new("server", "Mail server").wide_only(),
            Column::new("suite", "Own suite").wide_only(),
            Column::new("liability", "Liability").wide_only(),
        ],
        rows,
        pager: Pager {
            summary: format!("{} shown of {}", all.len(), words::count(total, "user", "users")),
            first: (!state.after.is_empty()).then(|| state.first_page()),
            next: more.then(|| state.following(&next)),
            sizes: state.sizes(),
            ..Pager::default()
        },
        empty: Some(EmptyState {
            icon: Icon::Users,
            title: if state.search.is_empty() { "There is no user yet" } else { "Nobody fits" }.into(),
            text: "Users appear by themselves when hands-off enrolment is on for their mail server; or add them by hand."
                .into(),
            actions: if cx.can(Permission::UsersEdit) { vec![add()] } else { Vec::new() },
        }),
        state: state.clone(),
        ..Grid::default()
    };
    let mut head = Head::new(
        "Users",
        "The people whose devices are managed, where their mail comes from, and which suite they have.",
    )
    .under("Smart Devices and Users", "/dashboard/devices");
    if cx.can(Permission::UsersEdit) {
        head = head.action(add());
    }
    cx.page(Place::Devices, head, vec![grid.into()])
}

async fn show(cx: Cx, Path(id): Path<UserId>) -> Answer {
    let user = users::get(&cx.engine, &cx.scope, id)?;
    let asked = GridQuery { filters: vec![Filter::User(id)], limit: 100, ..GridQuery::default() };
    let page = grid(&cx.engine, &cx.scope, &asked)?;
    let own: Html = if page.rows.is_empty() {
        EmptyState {
            icon: Icon::Devices,
            title: "No device yet".into(),
            text: "A phone appears here the first time this user signs in with it.".into(),
            actions: Vec::new(),
        }
        .into()
    } else {
        devices::small_table(&cx, "Devices", &page.rows).into()
    };
    let mut head = Head::new(user.display_name.clone(), user.email.clone())
        .under("Smart Devices and Users", "/dashboard/devices")
        .under("Users", "/dashboard/users")
        .chip(state_chip(&user));
    if cx.can(Permission::UsersEdit) {
        head = head
            .action(
                Button::link("Remove …", format!("/dashboard/users/{id}/remove"))
                    .kind(ButtonKind::Danger)
                    .icon(Icon::Trash),
            )
            .action(
                Button::link("Edit", format!("/dashboard/users/{id}/edit"))
                    .kind(ButtonKind::Primary)
                    .icon(Icon::Edit),
            );
    }
    let aside: Html = if cx.can(Permission::DevicesEdit) {
        let href = format!("/dashboard/devices/add?user={}", words::encoded(&user.username));
        Button::link("Add device", href).small().icon(Icon::Plus).into()
    } else {
        Html::default()
    };
    let body = vec![
        Card::new("", facts(&cx, &user)?).into(),
        Card::flush("Devices", own).aside(aside).into(),
        exceptions(&cx, &user)?,
    ];
    cx.page(Place::Devices, head, body)
}

fn facts(cx: &Cx, user: &User) -> Result<Facts, Oops> {
    let server = cx.org(|org| user.server.and_then(|id| org.server(id).map(|s| (id, s.name.clone()))))?;
    let suite = cx.org(|org| {
        let own = user.suite.and_then(|id| org.suite(id).cloned());
        let default = org.organization.settings.default_suite.and_then(|id| org.suite(id).cloned());
        own.map(|s| (s, "their own")).or(default.map(|s| (s, "the organization’s default")))
    })?;
    let liability = cx.org(|org| domain::effective_liability(None, user, &org.organization.settings))?;
    let server = match server {
        Some((id, name)) => cell::lines(
            cell::link(format!("/dashboard/activesync-servers/{id}"), name),
            user.learnt_url.clone().unwrap_or_default(),
        ),
        None => cell::lines("Stand-in", "no mail; policy and wipe only"),
    };
    Ok(Facts::new([
        Fact::new("Sign-in name", cell::text(&user.username)),
        Fact::new(
            "Login domain",
            if user.domain.is_empty() { Html::text("none") } else { cell::text(&user.domain) },
        ),
        Fact::new("E-mail", if user.email.is_empty() { Html::text("none") } else { cell::text(&user.email) }),
        Fact::new("Mail server", server),
        Fact::new(
            "Policy suite",
            suite.map_or_else(Html::default, |(s, from)| {
                cell::lines(cell::link(format!("/dashboard/policy-suites/{}", s.id), &s.name), from)
            }),
        ),
        Fact::new("Liability", cell::lines(liability.value.label(), liability.from.words())),
        Fact::new("Local password", if user.password_hash.is_some() { "set" } else { "none" }),
        Fact::new(
            "Added",
            cell::lines(
                cx.ago(user.created_at),
                if user.hands_off { "by hands-off enrolment" } else { "by hand" },
            ),
        ),
    ]))
}

fn exceptions(cx: &Cx, user: &User) -> Result<Html, Oops> {
    if !cx.can(Permission::ComplianceView) {
        return Ok(Html::default());
    }
    let access = cx.org(|org| Arc::clone(&org.access))?;
    let level = domain::model::Level::User(user.id);
    let words: Html = match access.exception(&level) {
        Some(exception) => {
            let until = exception.expires_at.map_or_else(|| "for good".into(), |at| cx.ago(at).into());
            Html::join([
                Html::text(match exception.kind {
                    domain::model::ExceptionKind::Never => "This user is never restricted, until: ",
                    domain::model::ExceptionKind::Custom => "This user has ticks of their own, until: ",
                }),
                until,
                Html::text(format!(". {}", exception.note)),
            ])
        }
        None => "The rules of the organization apply to this user as to everybody.".into(),
    };
    let aside: Html = if cx.can(Permission::ComplianceEdit) {
        Button::link(
            "Make an exception",
            format!("/dashboard/access-restrictions/exceptions/add?subject={}", user.id),
        )
        .small()
        .into()
    } else {
        Html::default()
    };
    Ok(Card::new("Access restrictions", words).aside(aside).into())
}

fn stored(user: &User) -> FormData {
    let pairs = [
        ("username", user.username.clone()),
        ("domain", user.domain.clone()),
        ("email", user.email.clone()),
        ("display_name", user.display_name.clone()),
        ("liability", user.liability.map(|l| l.key().to_owned()).unwrap_or_default()),
        ("server", user.server.map(|s| s.to_string()).unwrap_or_default()),
        ("suite", user.suite.map(|s| s.to_string()).unwrap_or_default()),
        ("state", if user.state == UserState::Active { "on" } else { "" }.to_owned()),
    ];
    let filled = pairs.into_iter().filter(|(_, v)| !v.is_empty());
    FormData::new(filled.map(|(k, v)| (k.to_owned(), v)).collect())
}

async fn add_show(cx: Cx) -> Answer {
    let default = cx.org(|org| org.organization.settings.default_server)?;
    let data = FormData::new(vec![
        ("state".into(), "on".into()),
        ("server".into(), default.map(|s| s.to_string()).unwrap_or_default()),
    ]);
    let (head, body) = form(&cx, None, &data, &Wrong::default())?;
    cx.page(Place::Devices, head, body)
}

async fn edit_show(cx: Cx, Path(id): Path<UserId>) -> Answer {
    let user = users::get(&cx.engine, &cx.scope, id)?;
    let (head, body) = form(&cx, Some(&user), &stored(&user), &Wrong::default())?;
    cx.page(Place::Devices, head, body)
}

fn form(cx: &Cx, user: Option<&User>, data: &FormData, wrong: &Wrong) -> Result<(Head, Vec<Html>), Oops> {
    let entered = Entered { data, wrong };
    let mut servers = vec![(String::new(), "None: the stand-in serves".to_owned())];
    servers.extend(
        cx.org(|org| org.servers().iter().map(|s| (s.id.to_string(), s.name.clone())).collect::<Vec<_>>())?,
    );
    let mut fields = vec![
        entered.text("username", "Sign-in name").help("As the phone sends it, without domain."),
        entered.text("display_name", "Name").help("Left empty, the sign-in name is shown.").optional(),
        entered.email("email", "E-mail address").optional(),
        entered.text("domain", "Login domain").help("The DOMAIN of DOMAIN\\user, if there is one.").optional(),
        entered
            .select("server", "Mail server", &servers)
            .help("Where the gateway takes this user’s mail from. Without one, our stand-in hands out policy and wipe."),
        entered.select("suite", "Policy suite", &choices::suites(cx, "The organization’s default")?),
        entered
            .select("liability", "Liability", &choices::liabilities("The organization’s default"))
            .help("Chooses the corporate or the individual column of every policy."),
    ];
    if cx.can(Permission::UsersPassword) {
        fields.push(
            entered
                .secret("password", "Local password", "new-password")
                .help("Only for users of the stand-in; at least 8 characters. Left empty, it stays as it is.")
                .optional(),
        );
    }
    fields.push(
        entered
            .switch("state", "Active")
            .help("A disabled user gets nothing; a wipe that is pending is still delivered."),
    );
    let (title, action, back) = match user {
        None => ("Add user".to_owned(), "/dashboard/users/add".to_owned(), "/dashboard/users".to_owned()),
        Some(user) => {
            let page = format!("/dashboard/users/{}", user.id);
            ("Edit user".to_owned(), format!("{page}/edit"), page)
        }
    };
    let rev = user.map(|u| hidden_value("rev", u.rev.to_string()));
    let form = FormView {
        id: "user-form".into(),
        action,
        hidden: cx.hidden().into_iter().chain(rev).collect(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![
            Button::submit(if user.is_some() { "Save" } else { "Add user" }),
            Button::link("Cancel", back.clone()),
        ],
    };
    let mut head =
        Head::new(title, "Who this is, where their mail comes from, and which policy their devices get.")
            .under("Smart Devices and Users", "/dashboard/devices")
            .under("Users", "/dashboard/users");
    if let Some(user) = user {
        head = head.under(user.display_name.clone(), back);
    }
    Ok((head, vec![Card::new("", form).into()]))
}

fn input(data: &FormData) -> UserInput {
    UserInput {
        username: data.text("username").to_owned(),
        domain: data.text("domain").to_owned(),
        email: data.text("email").to_owned(),
        display_name: data.text("display_name").to_owned(),
        liability: choices::liability(data),
        server: data.text("server").parse().ok(),
        suite: data.text("suite").parse().ok(),
        password: data.raw("password").to_owned(),
        state: Some(if data.ticked("state") { UserState::Active } else { UserState::Disabled }),
    }
}

async fn add(cx: Cx, Form(data): Form) -> Answer {
    match users::create(&cx.engine, &cx.scope, input(&data)).await {
        Ok(user) => cx.done(&format!("/dashboard/users/{}", user.id), "The user was added."),
        Err(error) => {
            let (head, body) = form(&cx, None, &data, &Wrong::of(error)?)?;
            cx.again(Place::Devices, head, body)
        }
    }
}

async fn save(cx: Cx, Path(id): Path<UserId>, Form(data): Form) -> Answer {
    let user = users::get(&cx.engine, &cx.scope, id)?;
    let seen = data.text("rev").parse().ok();
    match users::edit_seen(&cx.engine, &cx.scope, id, seen, input(&data)).await {
        Ok(()) => cx.done(&format!("/dashboard/users/{id}"), "Saved."),
        Err(error) => {
            let (head, body) = form(&cx, Some(&user), &data, &Wrong::of(error)?)?;
            cx.again(Place::Devices, head, body)
        }
    }
}

async fn remove_ask(cx: Cx, Path(id): Path<UserId>) -> Answer {
    let user = users::get(&cx.engine, &cx.scope, id)?;
    remove_page(&cx, &user, String::new())
}

fn remove_page(cx: &Cx, user: &User, error: String) -> Answer {
    let data = FormData::default();
    let wrong = Wrong::default();
    let entered = Entered { data: &data, wrong: &wrong };
    let href = format!("/dashboard/users/{}", user.id);
    let failed = !error.is_empty();
    let count = cx.org(|org| org.devices.of_user(user.id).len())?;
    let loss = |text: String, kept| Loss { text: Html::text(text), kept };
    let danger = Danger {
        id: "remove".into(),
        title: format!("Remove {}?", user.display_name),
        lead: "The user can no longer sign in here, with any phone.".into(),
        losses: vec![
            loss("The user with password, suite and exceptions".into(), false),
            loss("The mailbox on the mail server".into(), true),
            loss("Entries of the journal".into(), true),
        ],
        fields: if count > 0 && cx.can(Permission::DevicesForget) {
            let label = format!("Remove the records of {} too", words::count(count, "device", "devices"));
            vec![
                entered
                    .switch("with_devices", &label)
                    .help("Nothing is wiped; wipe first if that is what you want."),
            ]
        } else {
            Vec::new()
        },
        name: user.username.clone(),
        action: format!("{href}/remove"),
        hidden: cx.hidden(),
        verb: "Remove the user".into(),
        cancel: href.clone(),
        standalone: true,
        error,
        ..Danger::default()
    };
    let head = Head::new("Remove user", "")
        .under("Users", "/dashboard/users")
        .under(user.display_name.clone(), href);
    let body = vec![Columns::new(Widths::Two, [danger.into()]).into()];
    if failed { cx.again(Place::Devices, head, body) } else { cx.page(Place::Devices, head, body) }
}

async fn remove(cx: Cx, Path(id): Path<UserId>, Form(data): Form) -> Answer {
    let user = users::get(&cx.engine, &cx.scope, id)?;
    if data.text("confirm") != user.username {
        return remove_page(
            &cx,
            &user,
            "The typed name is not this user’s sign-in name. Nothing was removed.".into(),
        );
    }
    match users::remove(&cx.engine, &cx.scope, id, data.ticked("with_devices")).await {
        Ok(()) => cx.done("/dashboard/users", format!("{} was removed.", user.display_name)),
        Err(error) => remove_page(&cx, &user, Wrong::of(error)?.rest(&[])),
    }
}
