//! Adding and editing an administrator.

use std::sync::Arc;

use catalog::{PREDEFINED_ROLES, Permission};
use domain::model::{Administrator, AdministratorId, RoleRef};
use door::{Form, FormData, Path};
use engine::administrators::{self, AdministratorEdit, NewAdministrator};

use super::super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong};
use super::acts::secret;
use super::{PATH, title};
use crate::parts::{Button, ButtonKind, Card, Chip, Form as FormView, Head, Html, Icon, Place, Tone};

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

/// The role that was chosen.
pub fn read_role(data: &FormData) -> Option<RoleRef> {
    match data.text("role") {
        "" | "none" => None,
        text => Some(text.parse().map_or_else(|_| RoleRef::Predefined(text.to_owned()), RoleRef::Custom)),
    }
}

/// All roles that there are here, to choose from.
pub fn roles(cx: &Cx) -> Vec<(String, String, String)> {
    let mut all: Vec<_> =
        PREDEFINED_ROLES.iter().map(|r| (r.key.to_owned(), r.name.to_owned(), r.help.to_owned())).collect();
    let own = cx.org(engine::OrgIndex::roles).unwrap_or_default();
    all.extend(own.iter().map(|r| (r.id.to_string(), r.name.clone(), "A role of your own.".to_owned())));
    all
}

fn role_choices(cx: &Cx) -> Vec<(String, String, String)> {
    let mut all = roles(cx);
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
    let from_directory = admin.is_some_and(|admin| admin.directory.is_some());
    if from_directory {
        fields.retain(|field| field.input.name != "role");
    }
    if !cx.outside() && !from_directory {
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

pub async fn add_show(cx: Cx) -> Answer {
    let data = FormData::new(vec![("role".into(), "help_desk".into())]);
    cx.page(Place::Administrators, add_head(&cx), vec![form(&cx, None, &data, &Wrong::default())])
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
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
    if admin.directory.is_none() {
        head.actions.push(post("reset-password", "Reset password", Icon::Lock).into());
    }
    if engine::second_factor::is_set(admin) {
        head.actions.push(post("reset-second-factor", "Reset second factor", Icon::Key).into());
    }
    head.actions.push(post("sign-out", "Sign out everywhere", Icon::SignOut).into());
    head.action(
        Button::link("Remove …", format!("{PATH}/{}/remove", admin.id))
            .kind(ButtonKind::Danger)
            .icon(Icon::Trash),
    )
}

pub fn find(cx: &Cx, id: AdministratorId) -> Result<Arc<Administrator>, Oops> {
    Ok(administrators::get(&cx.engine, &cx.scope, id)?)
}

pub async fn show(cx: Cx, Path(id): Path<AdministratorId>) -> Answer {
    let admin = find(&cx, id)?;
    let body = vec![form(&cx, Some(&admin), &stored(&admin), &Wrong::default())];
    cx.page(Place::Administrators, head(&cx, &admin), body)
}

pub async fn save(cx: Cx, Path(id): Path<AdministratorId>, Form(data): Form) -> Answer {
    let admin = find(&cx, id)?;
    // A directory says the role of its accounts; the form does not ask for it.
    let (inside, ours) = (!cx.outside(), admin.directory.is_none());
    let edit = AdministratorEdit {
        display_name: Some(data.text("display_name").to_owned()),
        email: Some(data.text("email").to_owned()),
        role: ours.then(|| read_role(&data)),
        ise_admin: (inside && ours).then(|| data.ticked("ise_admin")),
        ise_full_wipe: (inside && ours).then(|| data.ticked("ise_full_wipe")),
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
