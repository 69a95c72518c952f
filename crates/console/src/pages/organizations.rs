//! Organizations: the tenants of the installation, for system administrators.

use std::sync::Arc;

use domain::model::{InstallationSettings, Organization, OrganizationId, Quota};
use door::{Access, Form, FormData, Path, Routes};
use engine::organizations::{self, NewOrganization, OrganizationEdit};
use engine::{Error, FieldIssue, installation, sign_in};
use http::Method;

use super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong, hidden_value};
use super::words;
use crate::parts::{
    Button, ButtonKind, Card, Chip, Columns, Danger, EmptyState, FieldView, Form as FormView, Head, Html,
    Icon, Loss, Place, Table, Tone, Widths, cell,
};

const PATH: &str = "/dashboard/organizations";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let system = Access::System;
    routes
        .route(Method::GET, PATH, system, list)
        .route(Method::GET, "/dashboard/organizations/add", system, add_show)
        .route(Method::POST, "/dashboard/organizations/add", system, add)
        .route(Method::POST, "/dashboard/organizations/switch", system, switch)
        .route(Method::POST, "/dashboard/organizations/installation", system, save_installation)
        .route(Method::GET, "/dashboard/organizations/{id}", system, show)
        .route(Method::POST, "/dashboard/organizations/{id}", system, save)
        .route(Method::GET, "/dashboard/organizations/{id}/remove", system, remove_ask)
        .route(Method::POST, "/dashboard/organizations/{id}/remove", system, remove)
}

async fn list(cx: Cx) -> Answer {
    let all = organizations::list(&cx.engine, &cx.scope);
    let mut head = Head::new(
        Place::Organizations.label(),
        "Each organization has its own users, devices, policies and administrators, and never sees another’s.",
    );
    if !cx.outside() {
        head.actions.push(switch_button(&cx, "", "Leave the organization", false));
    }
    let add =
        || Button::link("Add organization", format!("{PATH}/add")).kind(ButtonKind::Primary).icon(Icon::Plus);
    head = head.action(Button::link("SMTP Server", format!("{PATH}/smtp-server")));
    head = head.action(Button::link("Mail to administrators", format!("{PATH}/mailings")));
    head = head.action(add());
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Buildings,
            title: "There is no organization yet".into(),
            text:
                "Make the first one; then step into it, connect its mail server and add its administrators."
                    .into(),
            actions: vec![add()],
        };
        return cx.page(Place::Organizations, head, vec![Card::new("", empty).into()]);
    }
    let columns = &["Organization", "State", "Mail domains", "Users", "Devices", ""];
    let mut table = Table::new("Organizations", columns).tall();
    for organization in &all {
        let counts = cx.engine.directory().organization(organization.id).map(|org| {
            let org = org.read();
            (org.user_count(), org.devices.len())
        });
        let (users, devices) = counts.unwrap_or_default();
        let state = if organization.enabled {
            Chip::new("Enabled", Tone::Ok)
        } else {
            Chip::new("Disabled", Tone::Bad)
        };
        let here = cx.scope.organization() == organization.id;
        let step: Html = if here {
            Chip::new("You are here", Tone::Info).into()
        } else {
            switch_button(&cx, &organization.id.to_string(), "Step in", true)
        };
        table = table.row([
            cell::lines(
                cell::open(format!("{PATH}/{}", organization.id), &organization.name),
                organization.slug.clone(),
            ),
            state.into(),
            cell::prose(organization.mail_domains.join(", ")),
            Html::text(words::grouped(users)),
            Html::text(words::grouped(devices)),
            step,
        ]);
    }
    let settings = installation::settings(&cx.engine, &cx.scope)?;
    let below = installation_card(&cx, &all, &stored_installation(&settings), &Wrong::default());
    cx.page(Place::Organizations, head, vec![Card::flush("", table).into(), below])
}

fn stored_installation(settings: &InstallationSettings) -> FormData {
    let chosen = settings.default_organization.map(|id| id.to_string()).unwrap_or_default();
    let pairs = [
        ("default_organization", chosen),
        ("journal_days", settings.journal_days.to_string()),
        ("journal_body_days", settings.journal_body_days.to_string()),
        ("rev", settings.rev.to_string()),
    ];
    FormData::new(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// What holds for the installation and is nobody's own.
fn installation_card(cx: &Cx, all: &[Arc<Organization>], data: &FormData, wrong: &Wrong) -> Html {
    let entered = Entered { data, wrong };
    let none = (String::new(), "None: only if there is a single organization".to_owned());
    let choices: Vec<_> =
        std::iter::once(none).chain(all.iter().map(|o| (o.id.to_string(), o.name.clone()))).collect();
    let fields = vec![
        entered.select("default_organization", "Default organization", &choices).help(
            "Where a phone leads that gives a user name without a domain, under a host name of nobody’s.",
        ),
        entered
            .number("journal_days", "Journal of the installation", (0, 3_650), "days")
            .help("Older entries are removed. At least 30; 0 keeps them for ever."),
        entered
            .number("journal_body_days", "Details in that journal", (0, 3_650), "days")
            .help("Older ones are erased. At least 30; 0 keeps them for ever."),
    ];
    let form = FormView {
        id: "installation-form".into(),
        action: format!("{PATH}/installation"),
        hidden: [cx.hidden(), vec![hidden_value("rev", data.text("rev"))]].concat(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Save")],
    };
    Card::new("The installation", form).into()
}

async fn save_installation(cx: Cx, Form(data): Form) -> Answer {
    let settings = installation::settings(&cx.engine, &cx.scope)?;
    let new = InstallationSettings {
        default_organization: match data.text("default_organization") {
            "" => None,
            text => Some(text.parse().map_err(|_| Oops::not_found("organization"))?),
        },
        journal_days: data.text("journal_days").parse().unwrap_or(u32::MAX),
        journal_body_days: data.text("journal_body_days").parse().unwrap_or(u32::MAX),
        ..InstallationSettings::clone(&settings)
    };
    match installation::edit_settings(&cx.engine, &cx.scope, data.text("rev").parse().ok(), new).await {
        Ok(()) => cx.done(PATH, "Saved."),
        Err(error) => {
            let all = organizations::list(&cx.engine, &cx.scope);
            let card = installation_card(&cx, &all, &data, &Wrong::of(error)?);
            let head = Head::new("The installation", "What holds for every organization.")
                .under("Organizations", PATH);
            cx.again(Place::Organizations, head, vec![card])
        }
    }
}

fn switch_button(cx: &Cx, id: &str, label: &str, small: bool) -> Html {
    PostButton {
        action: format!("{PATH}/switch"),
        hidden: [cx.hidden(), vec![hidden_value("organization", id)]].concat(),
        button: Button { label: label.into(), small, ..Button::default() },
    }
    .into()
}

async fn switch(cx: Cx, Form(data): Form) -> Answer {
    let to = match data.text("organization") {
        "" => None,
        text => Some(text.parse::<OrganizationId>().map_err(|_| Oops::not_found("organization"))?),
    };
    sign_in::switch_organization(&cx.engine, &cx.scope, to).await?;
    match to {
        None => cx.done(PATH, "You are outside every organization now."),
        Some(id) => {
            let name = cx.engine.directory().organization(id).map(|o| o.read().organization.name.clone());
            cx.done("/dashboard", format!("You act inside {} now.", name.unwrap_or_default()))
        }
    }
}

fn names(entered: &Entered<'_>) -> Vec<FieldView> {
    vec![
        entered
            .area("mail_domains", "Mail domains")
            .help("One a line. Users with these addresses belong to this organization, and to no other.")
            .optional(),
        entered
            .area("login_domains", "Login domains")
            .help("The DOMAIN of DOMAIN\\user; one a line.")
            .optional(),
        entered
            .area("host_names", "Host names")
            .help("Hosts under which its phones reach us; one a line.")
            .optional(),
    ]
}

fn form(cx: &Cx, organization: Option<&Organization>, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let mut fields = vec![entered.text("name", "Name")];
    if organization.is_none() {
        fields.push(
            entered
                .text("slug", "Short name")
                .help("In addresses, such as /o/acme and as the instance in Cisco ISE. 2 to 32 of a-z, 0-9 and dash; it never changes."),
        );
    }
    fields.extend(names(&entered));
    if organization.is_some() {
        let most = i64::from(Quota::MOST);
        fields.extend([
            entered
                .number("quota_soft", "Warn at", (0, most), "devices")
                .help("Its administrators are told.")
                .optional(),
            entered
                .number("quota_hard", "At most", (0, most), "devices")
                .help("More are not taken in. Empty is no limit. What is there is served, and can be wiped.")
                .optional(),
            entered
                .date("quota_expires_at", "Last day for new devices")
                .help("Empty is for good. What is there is served after it, too.")
                .optional(),
        ]);
        fields.push(
            entered
                .switch("enabled", "Enabled")
                .help("A disabled organization serves no device and no administrator."),
        );
    }
    let (title, action) = match organization {
        None => ("Add organization".to_owned(), format!("{PATH}/add")),
        Some(o) => (o.name.clone(), format!("{PATH}/{}", o.id)),
    };
    let form = FormView {
        id: "organization-form".into(),
        action,
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![
            Button::submit(if organization.is_some() { "Save" } else { "Add organization" }),
            Button::link("Cancel", PATH),
        ],
    };
    let head = Head::new(
        title,
        "Its name, and what is granted to it: no two organizations can have the same domain or host.",
    )
    .under("Organizations", PATH);
    let mut body: Vec<Html> = vec![Card::new("", form).into()];
    if let Some(organization) = organization.filter(|o| !o.enabled) {
        let remove = Button::link("Remove the organization …", format!("{PATH}/{}/remove", organization.id));
        body.push(remove.kind(ButtonKind::Danger).into());
    }
    (head, body)
}

async fn add_show(cx: Cx) -> Answer {
    let (head, body) = form(&cx, None, &FormData::default(), &Wrong::default());
    cx.page(Place::Organizations, head, body)
}

async fn add(cx: Cx, Form(data): Form) -> Answer {
    let new = NewOrganization {
        slug: data.text("slug").to_owned(),
        name: data.text("name").to_owned(),
        mail_domains: data.lines("mail_domains"),
        login_domains: data.lines("login_domains"),
        host_names: data.lines("host_names"),
    };
    match organizations::create(&cx.engine, &cx.scope, new).await {
        Ok(organization) => cx.done(
            PATH,
            format!("{} was made, with a default policy suite. Step in to go on.", organization.name),
        ),
        Err(error) => {
            let (head, body) = form(&cx, None, &data, &Wrong::of(error)?);
            cx.again(Place::Organizations, head, body)
        }
    }
}

fn find(cx: &Cx, id: OrganizationId) -> Result<Arc<Organization>, Oops> {
    let all = organizations::list(&cx.engine, &cx.scope);
    all.into_iter().find(|o| o.id == id).ok_or(Oops::not_found("organization of this id"))
}

fn stored(cx: &Cx, organization: &Organization) -> FormData {
    let mut pairs = vec![
        ("name".to_owned(), organization.name.clone()),
        ("mail_domains".to_owned(), organization.mail_domains.join("\n")),
        ("login_domains".to_owned(), organization.login_domains.join("\n")),
        ("host_names".to_owned(), organization.host_names.join("\n")),
    ];
    let Quota { soft, hard, expires_at } = &organization.quota;
    let limits = [("quota_soft", soft.map(|n| n.to_string())), ("quota_hard", hard.map(|n| n.to_string()))];
    let last_day = ("quota_expires_at", expires_at.map(|at| cx.date(at - 1)));
    let entered = limits.into_iter().chain([last_day]);
    pairs.extend(entered.filter_map(|(name, value)| Some((name.to_owned(), value?))));
    if organization.enabled {
        pairs.push(("enabled".into(), "on".into()));
    }
    FormData::new(pairs)
}

async fn show(cx: Cx, Path(id): Path<OrganizationId>) -> Answer {
    let organization = find(&cx, id)?;
    let (head, body) = form(&cx, Some(&organization), &stored(&cx, &organization), &Wrong::default());
    cx.page(Place::Organizations, head, body)
}

/// The quota of a form; what is no number or day is refused beside its field.
fn quota(cx: &Cx, data: &FormData) -> Result<Quota, Error> {
    let mut issues = Vec::new();
    let mut wrong = |field: &str, message: &str| {
        issues.push(FieldIssue { field: field.to_owned(), message: message.to_owned() });
    };
    let mut number = |field: &str| match data.text(field) {
        "" => None,
        text => text.parse().map_err(|_| wrong(field, "Enter a whole number of devices, or nothing.")).ok(),
    };
    let (soft, hard) = (number("quota_soft"), number("quota_hard"));
    let expires_at = match data.text("quota_expires_at") {
        "" => None,
        text => {
            let day = cx.day(text);
            if day.is_none() {
                wrong("quota_expires_at", "Enter a day such as 2026-12-31, or nothing.");
            }
            day.map(|(_, end)| end)
        }
    };
    if issues.is_empty() { Ok(Quota { soft, hard, expires_at }) } else { Err(Error::Invalid(issues)) }
}

async fn save(cx: Cx, Path(id): Path<OrganizationId>, Form(data): Form) -> Answer {
    let organization = find(&cx, id)?;
    let again = |error: Error| {
        let (head, body) = form(&cx, Some(&organization), &data, &Wrong::of(error)?);
        cx.again(Place::Organizations, head, body)
    };
    let quota = match quota(&cx, &data) {
        Ok(quota) => quota,
        Err(error) => return again(error),
    };
    let edit = OrganizationEdit {
        quota: Some(quota),
        name: Some(data.text("name").to_owned()),
        enabled: Some(data.ticked("enabled")),
        mail_domains: Some(data.lines("mail_domains")),
        login_domains: Some(data.lines("login_domains")),
        host_names: Some(data.lines("host_names")),
    };
    match organizations::edit(&cx.engine, &cx.scope, id, edit).await {
        Ok(()) => cx.done(PATH, "Saved."),
        Err(error) => again(error),
    }
}

async fn remove_ask(cx: Cx, Path(id): Path<OrganizationId>) -> Answer {
    remove_page(&cx, id, &FormData::default(), &Wrong::default(), false)
}

fn remove_page(cx: &Cx, id: OrganizationId, data: &FormData, wrong: &Wrong, again: bool) -> Answer {
    let organization = find(cx, id)?;
    let counts = cx.engine.directory().organization(id).map(|org| {
        let org = org.read();
        (org.user_count(), org.devices.len())
    });
    let (users, devices) = counts.unwrap_or_default();
    let loss = |text: String| Loss { text: Html::text(text), kept: false };
    let entered = Entered { data, wrong };
    let danger = Danger {
        id: "remove".into(),
        title: format!("Remove {}?", organization.name),
        lead: Html::text(
            "Everything that is its own goes, and nobody can bring it back. Its devices are not wiped: they only find nobody here any more.",
        ),
        losses: vec![
            loss(format!(
                "{} and {}",
                words::count(users, "user", "users"),
                words::count(devices, "device", "devices")
            )),
            loss("Policies, rules, servers, administrators and their tokens".into()),
            loss("Its journal, alerts, reports and every other record".into()),
            Loss { text: Html::text("Backups that were made before, until you remove them"), kept: true },
        ],
        name: organization.slug.clone(),
        fields: vec![entered.code("code", "Code of your second factor")],
        action: format!("{PATH}/{id}/remove"),
        hidden: cx.hidden_with_passkey(),
        verb: "Remove the organization".into(),
        cancel: format!("{PATH}/{id}"),
        standalone: true,
        error: wrong.rest(&[]),
        ..Danger::default()
    };
    let head = Head::new("Remove organization", "").under("Organizations", PATH);
    let body = vec![Columns::new(Widths::Two, [danger.into()]).into()];
    if again { cx.again(Place::Organizations, head, body) } else { cx.page(Place::Organizations, head, body) }
}

async fn remove(cx: Cx, Path(id): Path<OrganizationId>, Form(data): Form) -> Answer {
    let removal =
        organizations::Removal { slug: data.text("confirm").to_owned(), code: data.text("code").to_owned() };
    match organizations::remove(&cx.engine, &cx.scope, id, &removal).await {
        Ok(()) => cx.done(PATH, "The organization is gone. What was stored of it is being removed."),
        Err(error @ Error::Denied(_)) => Err(Oops::Error(error)),
        Err(error) => remove_page(&cx, id, &data, &Wrong::of(error)?, true),
    }
}
