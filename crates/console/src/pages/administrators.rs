//! Organization Administrators (and, outside every organization, system administrators).

use std::sync::Arc;

use catalog::{PREDEFINED_ROLES, Permission};
use domain::model::{Administrator, AdministratorId, RoleRef};
use door::{Access, Form, FormData, Path, Routes};
use engine::administrators::{self, AdministratorEdit, NewAdministrator};
use engine::sign_in;
use http::Method;

use super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong};
use super::{roles, words};
use crate::parts::{
    Button, ButtonKind, Card, Chip, Columns, Copy, Danger, EmptyState, Form as FormView, Head, Html, Icon,
    Loss, Note, Place, Table, Tone, Widths, cell,
};

const PATH: &str = "/dashboard/administrators";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::AdministratorsView);
    let edit = Access::Needs(Permission::AdministratorsEdit);
    routes
        .route(Method::GET, PATH, view, list)
        .route(Method::GET, "/dashboard/administrators/add", edit, add_show)
        .route(Method::POST, "/dashboard/administrators/add", edit, add)
        .route(Method::GET, "/dashboard/administrators/{id}", view, show)
        .route(Method::POST, "/dashboard/administrators/{id}", edit, save)
        .route(Method::POST, "/dashboard/administrators/{id}/reset-password", edit, reset)
        .route(Method::POST, "/dashboard/administrators/{id}/sign-out", edit, sign_out)
        .route(Method::GET, "/dashboard/administrators/{id}/remove", edit, remove_ask)
        .route(Method::POST, "/dashboard/administrators/{id}/remove", edit, remove)
}

fn title(cx: &Cx) -> &'static str {
    if cx.outside() { "System administrators" } else { Place::Administrators.label() }
}

async fn list(cx: Cx) -> Answer {
    let all = administrators::list(&cx.engine, &cx.scope)?;
    let lead = if cx.outside() {
        "They make organizations and can step into each of them; every step is written to both journals."
    } else {
        "Who may act in this organization, as far as the role allows; and the accounts by which Cisco ISE calls."
    };
    let mut head = Head::new(title(&cx), lead);
    if cx.can(Permission::AdministratorsEdit) {
        head = head.action(
            Button::link("Add administrator", format!("{PATH}/add"))
                .kind(ButtonKind::Primary)
                .icon(Icon::Plus),
        );
    }
    let columns = &["Administrator", "Role", "ISE Admin", "State", "Last sign-in", "Sessions"];
    let mut table = Table::new(title(&cx), columns).tall();
    for admin in &all {
        let state =
            if admin.enabled { Chip::new("Enabled", Tone::Ok) } else { Chip::new("Disabled", Tone::Bad) };
        let sessions = cx.engine.directory().sessions_of(admin.id).len();
        table = table.row([
            cell::lines(
                cell::open(format!("{PATH}/{}", admin.id), &admin.display_name),
                admin.username.clone(),
            ),
            Html::text(roles::name(&cx, admin.role.as_ref())),
            ise_mark(admin),
            state.into(),
            words::ago(&cx, admin.last_sign_in_at),
            Html::text(sessions.to_string()),
        ]);
    }
    let body: Html = if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Admins,
            title: "No administrator".into(),
            text: "Only system administrators can act here until you add one.".into(),
            actions: Vec::new(),
        };
        Card::new("", empty).into()
    } else {
        Card::flush("", table).into()
    };
    cx.page(Place::Administrators, head, vec![body])
}

fn ise_mark(admin: &Administrator) -> Html {
    match (admin.ise_admin, admin.ise_full_wipe) {
        (true, true) => Chip::new("ISE Admin, full wipe", Tone::Warn).icon(Icon::Ise).into(),
        (true, false) => Chip::new("ISE Admin", Tone::Info).icon(Icon::Ise).into(),
        _ => cell::none(),
    }
}

fn stored(admin: &Administrator) -> FormData {
    let on = |on: bool| if on { "on" } else { "" }.to_owned();
    let pairs = [
        ("username", admin.username.clone()),
        ("display_name", admin.display_name.clone()),
        ("email", admin.email.clone()),
        ("role", role_value(admin.role.as_ref())),
        ("ise_admin", on(admin.ise_admin)),
        ("ise_full_wipe", on(admin.ise_full_wipe)),
        ("allowed_networks", admin.allowed_networks.join("\n")),
        ("enabled", on(admin.enabled)),
    ];
    FormData::new(pairs.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k.to_owned(), v)).collect())
}

fn role_value(role: Option<&RoleRef>) -> String {
    match role {
        None => "none".into(),
        Some(RoleRef::Predefined(key)) => key.clone(),
        Some(RoleRef::Custom(id)) => id.to_string(),
    }
}

fn read_role(data: &FormData) -> Option<RoleRef> {
    match data.text("role") {
        "" | "none" => None,
        text => Some(text.parse().map_or_else(|_| RoleRef::Predefined(text.to_owned()), RoleRef::Custom)),
    }
}

fn role_choices(cx: &Cx) -> Vec<(String, String, String)> {
    let mut all: Vec<_> =
        PREDEFINED_ROLES.iter().map(|r| (r.key.to_owned(), r.name.to_owned(), r.help.to_owned())).collect();
    let own = cx.org(engine::OrgIndex::roles).unwrap_or_default();
    all.extend(own.iter().map(|r| (r.id.to_string(), r.name.clone(), "A role of your own.".to_owned())));
    if !cx.outside() {
        let none =
            ("none".to_owned(), "None".to_owned(), "For an account that only Cisco ISE uses.".to_owned());
        all.push(none);
    }
    all
}

fn form(cx: &Cx, admin: Option<&Administrator>, data: &FormData, wrong: &Wrong) -> Html {
    let may = cx.can(Permission::AdministratorsEdit);
    let entered = Entered { data, wrong };
    let mut username = entered.text("username", "Sign-in name").help("Unique in the whole installation.");
    username.input.read_only = admin.is_some();
    let mut fields = vec![
        username,
        entered.text("display_name", "Name").help("Left empty, the sign-in name is shown.").optional(),
        entered.email("email", "E-mail address").optional(),
        entered.radio("role", "Role", &role_choices(cx)),
    ];
    if !cx.outside() {
        fields.push(
            entered
                .switch("ise_admin", "ISE Admin")
                .help("May call the Cisco ISE interface. An account with this mark had better have no role."),
        );
        fields.push(
            entered
                .switch("ise_full_wipe", "ISE may order full wipes through this account")
                .help("Off, ISE can only remove company mail. Full wipes reach corporate devices only."),
        );
    }
    fields.push(
        entered
            .area("allowed_networks", "Allowed networks")
            .help("One a line, such as 10.1.0.0/16. Left empty, the account can be used from everywhere.")
            .optional(),
    );
    if admin.is_none() {
        fields.push(
            entered
                .secret("password", "Password", "new-password")
                .help("Left empty, one is made and shown once. At least 12 characters, 16 for an ISE Admin.")
                .optional(),
        );
    } else {
        fields.push(
            entered.switch("enabled", "Enabled").help("A disabled account cannot sign in; its sessions end."),
        );
    }
    for field in &mut fields {
        field.input.read_only |= !may;
    }
    let action = admin.map_or_else(|| format!("{PATH}/add"), |a| format!("{PATH}/{}", a.id));
    let buttons = if may {
        vec![
            Button::submit(if admin.is_some() { "Save" } else { "Add administrator" }),
            Button::link("Cancel", PATH),
        ]
    } else {
        Vec::new()
    };
    let form = FormView {
        id: "administrator-form".into(),
        action,
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons,
    };
    Card::new("", form).into()
}

fn add_head(cx: &Cx) -> Head {
    Head::new(
        "Add administrator",
        "Somebody who may act here, as far as the role allows; never more than you yourself.",
    )
    .under(title(cx), PATH)
}

async fn add_show(cx: Cx) -> Answer {
    let data = FormData::new(vec![("role".into(), "help_desk".into())]);
    cx.page(Place::Administrators, add_head(&cx), vec![form(&cx, None, &data, &Wrong::default())])
}

async fn add(cx: Cx, Form(data): Form) -> Answer {
    let new = NewAdministrator {
        username: data.text("username").to_owned(),
        display_name: data.text("display_name").to_owned(),
        email: data.text("email").to_owned(),
        role: read_role(&data),
        ise_admin: data.ticked("ise_admin"),
        ise_full_wipe: data.ticked("ise_full_wipe"),
        allowed_networks: data.lines("allowed_networks"),
        password: data.raw("password").to_owned(),
    };
    match administrators::create(&cx.engine, &cx.scope, new).await {
        Ok((admin, Some(password))) => secret(&cx, &admin, "The account was added", password),
        Ok((admin, None)) => cx.done(&format!("{PATH}/{}", admin.id), "The administrator was added."),
        Err(error) => {
            let body = vec![form(&cx, None, &data, &Wrong::of(error)?)];
            cx.again(Place::Administrators, add_head(&cx), body)
        }
    }
}

/// A generated password, shown this once.
fn secret(cx: &Cx, admin: &Administrator, title_text: &str, password: String) -> Answer {
    let what = if admin.role.is_some() {
        "It must be changed at the first sign-in."
    } else {
        "Enter it in ISE; it does not have to be changed."
    };
    let body = vec![
        Note::new(Tone::Warn, "Copy it now", "It is shown this once and kept nowhere in this form.").into(),
        Card::new(
            format!("Password of {}", admin.username),
            Copy { id: "secret".into(), label: "password".into(), value: password },
        )
        .footer(what)
        .into(),
        Button::link("Done", format!("{PATH}/{}", admin.id)).kind(ButtonKind::Primary).into(),
    ];
    let head = Head::new(title_text, admin.display_name.clone()).under(title(cx), PATH);
    cx.page(Place::Administrators, head, body)
}

fn head(cx: &Cx, admin: &Administrator) -> Head {
    let mut head = Head::new(admin.display_name.clone(), "What this account may do, and from where.")
        .under(title(cx), PATH);
    if admin.ise_admin {
        head = head.chip(Chip::new("ISE Admin", Tone::Info).icon(Icon::Ise));
    }
    if !cx.can(Permission::AdministratorsEdit) {
        return head;
    }
    let post = |verb: &str, label: &str, icon| PostButton {
        action: format!("{PATH}/{}/{verb}", admin.id),
        hidden: cx.hidden(),
        button: Button { label: label.into(), icon: Some(icon), ..Button::default() },
    };
    head.actions.push(post("reset-password", "Reset password", Icon::Lock).into());
    head.actions.push(post("sign-out", "Sign out everywhere", Icon::SignOut).into());
    head.action(
        Button::link("Remove …", format!("{PATH}/{}/remove", admin.id))
            .kind(ButtonKind::Danger)
            .icon(Icon::Trash),
    )
}

fn find(cx: &Cx, id: AdministratorId) -> Result<Arc<Administrator>, Oops> {
    Ok(administrators::get(&cx.engine, &cx.scope, id)?)
}

async fn show(cx: Cx, Path(id): Path<AdministratorId>) -> Answer {
    let admin = find(&cx, id)?;
    let body = vec![form(&cx, Some(&admin), &stored(&admin), &Wrong::default())];
    cx.page(Place::Administrators, head(&cx, &admin), body)
}

async fn save(cx: Cx, Path(id): Path<AdministratorId>, Form(data): Form) -> Answer {
    let admin = find(&cx, id)?;
    let inside = !cx.outside();
    let edit = AdministratorEdit {
        display_name: Some(data.text("display_name").to_owned()),
        email: Some(data.text("email").to_owned()),
        role: Some(read_role(&data)),
        ise_admin: inside.then(|| data.ticked("ise_admin")),
        ise_full_wipe: inside.then(|| data.ticked("ise_full_wipe")),
        allowed_networks: Some(data.lines("allowed_networks")),
        enabled: Some(data.ticked("enabled")),
    };
    match administrators::edit(&cx.engine, &cx.scope, id, edit).await {
        Ok(()) => cx.done(PATH, "Saved."),
        Err(error) => {
            let mut pairs = data.pairs().to_vec();
            pairs.push(("username".into(), admin.username.clone()));
            let data = FormData::new(pairs);
            let body = vec![form(&cx, Some(&admin), &data, &Wrong::of(error)?)];
            cx.again(Place::Administrators, head(&cx, &admin), body)
        }
    }
}

async fn reset(cx: Cx, Path(id): Path<AdministratorId>, Form(_): Form) -> Answer {
    let admin = find(&cx, id)?;
    match administrators::reset_password(&cx.engine, &cx.scope, id, "").await {
        Ok(Some(password)) => secret(&cx, &admin, "The password was reset", password),
        Ok(None) => cx.done(&format!("{PATH}/{id}"), "The password was reset."),
        Err(error) => cx.failed(&format!("{PATH}/{id}"), Wrong::of(error)?.rest(&[])),
    }
}

async fn sign_out(cx: Cx, Path(id): Path<AdministratorId>, Form(_): Form) -> Answer {
    sign_in::end_all(&cx.engine, &cx.scope, id).await?;
    cx.done(&format!("{PATH}/{id}"), "All sessions of this account were ended.")
}

async fn remove_ask(cx: Cx, Path(id): Path<AdministratorId>) -> Answer {
    let admin = find(&cx, id)?;
    remove_page(&cx, &admin, String::new())
}

fn remove_page(cx: &Cx, admin: &Administrator, error: String) -> Answer {
    let failed = !error.is_empty();
    let href = format!("{PATH}/{}", admin.id);
    let danger = Danger {
        id: "remove".into(),
        title: format!("Remove {}?", admin.display_name),
        lead: "The account, its sessions and its API tokens end at once.".into(),
        losses: vec![
            Loss { text: "The account with sessions and API tokens".into(), kept: false },
            Loss { text: "What the account did stays in the journal".into(), kept: true },
        ],
        recall: if admin.ise_admin {
            "Cisco ISE can no longer call through it.".into()
        } else {
            Html::default()
        },
        name: admin.username.clone(),
        action: format!("{href}/remove"),
        hidden: cx.hidden(),
        verb: "Remove the account".into(),
        cancel: href.clone(),
        standalone: true,
        error,
        ..Danger::default()
    };
    let head =
        Head::new("Remove administrator", "").under(title(cx), PATH).under(admin.display_name.clone(), href);
    let body = vec![Columns::new(Widths::Two, [danger.into()]).into()];
    if failed {
        cx.again(Place::Administrators, head, body)
    } else {
        cx.page(Place::Administrators, head, body)
    }
}

async fn remove(cx: Cx, Path(id): Path<AdministratorId>, Form(data): Form) -> Answer {
    let admin = find(&cx, id)?;
    if data.text("confirm") != admin.username {
        return remove_page(
            &cx,
            &admin,
            "The typed name is not this account’s sign-in name. Nothing was removed.".into(),
        );
    }
    match administrators::remove(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done(PATH, format!("{} was removed.", admin.display_name)),
        Err(error) => remove_page(&cx, &admin, Wrong::of(error)?.rest(&[])),
    }
}
