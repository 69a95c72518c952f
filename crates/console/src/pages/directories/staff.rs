//! Which groups of a directory make administrators, and with which role.

use domain::model::{DirectoryRole, DirectoryServer, DirectoryServerId};
use door::{Form, FormData, Path};
use engine::directories::{self, GroupRole};

use super::super::frame::{Answer, Cx, Entered, PostButton, Wrong, hidden_value};
use super::super::{administrators, roles};
use super::PATH;
use crate::parts::{
    Button, ButtonKind, Card, EmptyState, Form as FormView, Head, Html, Icon, Note, Place, Table, Tone, cell,
};

pub async fn show(cx: Cx, Path(id): Path<DirectoryServerId>) -> Answer {
    let server = directories::get(&cx.engine, &cx.scope, id)?;
    let (head, body) = page(&cx, &server, &FormData::default(), &Wrong::default());
    cx.page(Place::LdapServers, head, body)
}

fn page(cx: &Cx, server: &DirectoryServer, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let path = format!("{PATH}/{}", server.id);
    let lead = "Members of these groups sign in to this console with the password of the directory.";
    let head = Head::new("Administrators", lead)
        .under("Administrative LDAP Servers", PATH)
        .under(server.name.clone(), path.clone());
    let entered = Entered { data, wrong };
    let fields = vec![
        entered
            .text("roles", "Group")
            .help("Its name in the directory, such as cn=Admins,ou=Groups,dc=example,dc=com. Groups within it count."),
        entered.radio("role", "Role of its members", &administrators::roles(cx)),
    ];
    let form = FormView {
        id: "staff-form".into(),
        action: format!("{path}/administrators"),
        hidden: [cx.hidden(), vec![hidden_value("rev", server.rev.to_string())]].concat(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Add to the end of the list"), Button::link("Back", path)],
    };
    (head, vec![as_whom(cx).into(), list(cx, server), Card::new("Add a group", form).into()])
}

fn as_whom(cx: &Cx) -> Note {
    let domains = cx.org(|org| org.organization.login_domains.clone()).unwrap_or_default();
    match domains.first() {
        Some(domain) => Note::new(
            Tone::Info,
            format!("They sign in as {}\\name", domain.to_uppercase()),
            "The account is made at the first sign-in. It has the role of the first group in this list that holds the \
             person, and loses it with the next refresh when that changes. It cannot be given another one by hand.",
        ),
        None => Note::new(
            Tone::Warn,
            "This organization has no login domain",
            "Administrators of a directory sign in as DOMAIN\\name. A system administrator can grant the domain.",
        ),
    }
}

fn list(cx: &Cx, server: &DirectoryServer) -> Html {
    if server.admin_roles.is_empty() {
        let empty = EmptyState {
            icon: Icon::Admins,
            title: "No group makes administrators".into(),
            text: "Only accounts that were made here sign in to the console.".into(),
            actions: Vec::new(),
        };
        return Card::new("", empty).into();
    }
    let mut table = Table::new("Groups and roles", &["Group", "Role", "Take off"]).tall();
    for rule in &server.admin_roles {
        let off = PostButton {
            action: format!("{PATH}/{}/administrators/remove", server.id),
            hidden: [
                cx.hidden(),
                vec![hidden_value("rev", server.rev.to_string()), hidden_value("group", &rule.dn)],
            ]
            .concat(),
            button: Button::submit("Take off").kind(ButtonKind::Danger).small(),
        };
        let row =
            [cell::prose(rule.dn.clone()), Html::text(roles::name(cx, Some(&rule.role))), Html::from(off)];
        table = table.row(row);
    }
    Card::flush("Groups and roles", table).aside("the first that holds somebody decides").into()
}

fn as_entered(rule: &DirectoryRole) -> GroupRole {
    GroupRole { dn: rule.dn.clone(), role: rule.role.clone() }
}

pub async fn add(cx: Cx, Path(id): Path<DirectoryServerId>, Form(data): Form) -> Answer {
    let server = directories::get(&cx.engine, &cx.scope, id)?;
    let mut all: Vec<GroupRole> = server.admin_roles.iter().map(as_entered).collect();
    let added = match administrators::read_role(&data) {
        Some(role) => {
            all.push(GroupRole { dn: data.text("roles").to_owned(), role });
            directories::set_roles(&cx.engine, &cx.scope, id, data.text("rev").parse().ok(), all).await
        }
        None => Err(engine::Error::invalid("role", "Choose a role.")),
    };
    match added {
        Ok(()) => cx.done(&format!("{PATH}/{id}/administrators"), "The group was added."),
        Err(error) => {
            let (head, body) = page(&cx, &server, &data, &Wrong::of(error)?);
            cx.again(Place::LdapServers, head, body)
        }
    }
}

pub async fn remove(cx: Cx, Path(id): Path<DirectoryServerId>, Form(data): Form) -> Answer {
    let back = format!("{PATH}/{id}/administrators");
    let server = directories::get(&cx.engine, &cx.scope, id)?;
    let left = server.admin_roles.iter().filter(|rule| rule.dn != data.text("group"));
    let left = left.map(as_entered).collect();
    match directories::set_roles(&cx.engine, &cx.scope, id, data.text("rev").parse().ok(), left).await {
        Ok(()) => {
            cx.done(&back, "Taken off. Accounts with its role that no other group gives were disabled.")
        }
        Err(error) => cx.failed(&back, Wrong::of(error)?.rest(&[])),
    }
}
