//! Roles: what an administrator may do.

use catalog::{PERMISSIONS, PREDEFINED_ROLES, Permission, Powers};
use domain::model::{Role, RoleId, RoleRef};
use door::{Access, Form, FormData, Path, Routes};
use engine::roles::{self, RoleInput};
use http::Method;

use super::frame::{Answer, Cx, Entered, FormAround, Oops, PostButton, Wrong, hidden_value};
use super::words;
use crate::parts::{
    Button, ButtonKind, Card, Chip, Choice, Control, Head, Html, Icon, Input, Note, Place, SaveBar, Table,
    Tone, cell,
};

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::AdministratorsView);
    let edit = Access::Needs(Permission::AdministratorsEdit);
    routes
        .route(Method::GET, "/dashboard/roles", view, list)
        .route(Method::GET, "/dashboard/roles/add", edit, add_show)
        .route(Method::POST, "/dashboard/roles/add", edit, add)
        .route(Method::GET, "/dashboard/roles/{id}", view, show)
        .route(Method::POST, "/dashboard/roles/{id}", edit, save)
        .route(Method::POST, "/dashboard/roles/{id}/remove", edit, remove)
}

/// The permissions among `held` as choices: key, label, area.
pub fn permission_choices(held: &Powers) -> Vec<(String, String, String)> {
    let choice = |p: &catalog::PermissionInfo| (p.key.to_owned(), p.label.to_owned(), p.area.to_owned());
    PERMISSIONS.iter().filter(|p| held.has(p.permission)).map(choice).collect()
}

/// The permissions ticked in a form.
pub fn ticked(form: &FormData) -> Vec<Permission> {
    let keys = form.all("powers");
    PERMISSIONS.iter().filter(|p| keys.contains(&p.key)).map(|p| p.permission).collect()
}

/// The words for a role.
pub fn name(cx: &Cx, role: Option<&RoleRef>) -> String {
    match role {
        None => "None".into(),
        Some(RoleRef::Predefined(key)) => {
            PREDEFINED_ROLES.iter().find(|r| r.key == key).map_or_else(|| key.clone(), |r| r.name.to_owned())
        }
        Some(RoleRef::Custom(id)) => cx
            .org(|org| org.role(*id).map(|r| r.name.clone()))
            .ok()
            .flatten()
            .unwrap_or_else(|| "A role that is gone".into()),
    }
}

fn areas() -> Vec<&'static str> {
    let mut areas: Vec<&str> = Vec::new();
    for permission in PERMISSIONS {
        if !areas.contains(&permission.area) {
            areas.push(permission.area);
        }
    }
    areas
}

async fn list(cx: Cx) -> Answer {
    let own = roles::list(&cx.engine, &cx.scope)?;
    let admins = cx.engine.directory().administrators(cx.scope.organization());
    let holders = |role: &RoleRef| admins.iter().filter(|a| a.role.as_ref() == Some(role)).count();
    let columns = &["Role", "Permissions", "Dangerous ones", "Held by"];
    let mut table = Table::new("Roles", columns).tall();
    let dangerous = |has: &dyn Fn(Permission) -> bool| {
        let n = PERMISSIONS.iter().filter(|p| p.dangerous && has(p.permission)).count();
        if n == 0 { Html::text("none") } else { Chip::new(n.to_string(), Tone::Warn).into() }
    };
    for role in PREDEFINED_ROLES {
        let has = |p: Permission| role.permissions.contains(&p);
        table = table.row([
            cell::lines(role.name, role.help),
            Html::text(format!("{} of {}", role.permissions.len(), PERMISSIONS.len())),
            dangerous(&has),
            Html::text(words::count(
                holders(&RoleRef::Predefined(role.key.into())),
                "administrator",
                "administrators",
            )),
        ]);
    }
    for role in &own {
        let has = |p: Permission| role.powers.has(p);
        table = table.row([
            cell::lines(cell::open(format!("/dashboard/roles/{}", role.id), &role.name), "your own"),
            Html::text(format!("{} of {}", role.powers.iter().count(), PERMISSIONS.len())),
            dangerous(&has),
            Html::text(words::count(holders(&RoleRef::Custom(role.id)), "administrator", "administrators")),
        ]);
    }
    let mut head = Head::new(
        "Roles",
        "What an administrator may see and do. Three come with the product; make your own for the rest.",
    );
    if cx.can(Permission::AdministratorsEdit) {
        head = head.action(
            Button::link("Add role", "/dashboard/roles/add").kind(ButtonKind::Primary).icon(Icon::Plus),
        );
    }
    let matrix = matrix(&own);
    cx.page(
        Place::Roles,
        head,
        vec![
            Card::flush("", table).into(),
            Card::flush("Who may do what", matrix).aside("every permission, every role").into(),
        ],
    )
}

/// Permissions by roles.
fn matrix(own: &[std::sync::Arc<Role>]) -> Table {
    let mut columns = vec!["Permission"];
    columns.extend(PREDEFINED_ROLES.iter().map(|r| r.name));
    columns.extend(own.iter().take(6).map(|r| r.name.as_str()));
    let mut table = Table::new("Who may do what", &columns);
    let mark = |has: bool| if has { cell::with_icon(Icon::Check, "yes") } else { cell::muted("no") };
    for permission in PERMISSIONS {
        let mut cells = vec![cell::lines(permission.label, permission.area)];
        cells.extend(PREDEFINED_ROLES.iter().map(|r| mark(r.permissions.contains(&permission.permission))));
        cells.extend(own.iter().take(6).map(|r| mark(r.powers.has(permission.permission))));
        table = table.row(cells);
    }
    table
}

async fn add_show(cx: Cx) -> Answer {
    let (head, body) = form(&cx, None, &FormData::default(), &Wrong::default());
    cx.page(Place::Roles, head, body)
}

fn find(cx: &Cx, id: RoleId) -> Result<std::sync::Arc<Role>, Oops> {
    cx.org(|org| org.role(id).cloned())?.ok_or(Oops::not_found("role"))
}

fn stored(role: &Role) -> FormData {
    let mut pairs = vec![("name".to_owned(), role.name.clone())];
    let held = PERMISSIONS.iter().filter(|p| role.powers.has(p.permission));
    pairs.extend(held.map(|p| ("powers".to_owned(), p.key.to_owned())));
    FormData::new(pairs)
}

async fn show(cx: Cx, Path(id): Path<RoleId>) -> Answer {
    let role = find(&cx, id)?;
    let (head, body) = form(&cx, Some(&role), &stored(&role), &Wrong::default());
    cx.page(Place::Roles, head, body)
}

fn form(cx: &Cx, role: Option<&Role>, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let may = cx.can(Permission::AdministratorsEdit);
    let entered = Entered { data, wrong };
    let mut name = entered.text("name", "Name");
    name.input.read_only = !may;
    let mut body = Vec::new();
    let rest = wrong.rest(std::slice::from_ref(&name));
    if !rest.is_empty() {
        body.push(Note::new(Tone::Bad, "That did not work", rest).into());
    }
    body.push(Card::new("", name).into());
    let now = data.all("powers");
    for area in areas() {
        let of_area = PERMISSIONS.iter().filter(|p| p.area == area);
        let choices = of_area.map(|p| Choice {
            help: if p.dangerous { "dangerous".into() } else { String::new() },
            ..Choice::new(p.key, p.label, now.contains(&p.key))
        });
        let mut input = Input::new("powers", area, Control::Ticks(choices.collect()));
        input.id = format!("area-{}", area.to_lowercase().replace(' ', "-"));
        input.read_only = !may;
        body.push(Card::new(area, input).into());
    }
    let (title, action) = match role {
        None => ("Add role".to_owned(), "/dashboard/roles/add".to_owned()),
        Some(role) => (role.name.clone(), format!("/dashboard/roles/{}", role.id)),
    };
    let mut head = Head::new(
        title,
        "Nobody can give more than they hold themselves. What holders may do changes at once.",
    )
    .under("Roles", "/dashboard/roles");
    if may {
        body.push(
            SaveBar {
                text: "Saved roles take effect at once, also for those who are signed in.".into(),
                buttons: vec![Button::link("Cancel", "/dashboard/roles"), Button::submit("Save role")],
            }
            .into(),
        );
    }
    if let Some(role) = role.filter(|_| may) {
        let action = format!("/dashboard/roles/{}/remove", role.id);
        head.actions.push(PostButton::remove(action, cx.hidden()).into());
    }
    let rev = role.map(|r| hidden_value("rev", r.rev.to_string()));
    let hidden = cx.hidden().into_iter().chain(rev).collect();
    (head, vec![FormAround { id: "role".into(), action, hidden, body }.into()])
}

fn input(data: &FormData) -> RoleInput {
    RoleInput { name: data.text("name").to_owned(), powers: Powers::of(&ticked(data)) }
}

async fn add(cx: Cx, Form(data): Form) -> Answer {
    match roles::create(&cx.engine, &cx.scope, input(&data)).await {
        Ok(_) => cx.done("/dashboard/roles", "The role was added."),
        Err(error) => {
            let (head, body) = form(&cx, None, &data, &Wrong::of(error)?);
            cx.again(Place::Roles, head, body)
        }
    }
}

async fn save(cx: Cx, Path(id): Path<RoleId>, Form(data): Form) -> Answer {
    let role = find(&cx, id)?;
    let seen = data.text("rev").parse().ok();
    match roles::edit_seen(&cx.engine, &cx.scope, id, seen, input(&data)).await {
        Ok(()) => cx.done("/dashboard/roles", "The role was changed."),
        Err(error) => {
            let (head, body) = form(&cx, Some(&role), &data, &Wrong::of(error)?);
            cx.again(Place::Roles, head, body)
        }
    }
}

async fn remove(cx: Cx, Path(id): Path<RoleId>, Form(_): Form) -> Answer {
    match roles::remove(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done("/dashboard/roles", "The role was removed."),
        Err(error) => cx.failed(&format!("/dashboard/roles/{id}"), Wrong::of(error)?.rest(&[])),
    }
}
