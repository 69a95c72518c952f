//! Adding and editing an LDAP server.

use catalog::{DIRECTORIES, DirectoryKind};
use domain::model::{DirectorySecurity, DirectoryServer, DirectoryServerId, VanishedAction};
use door::{Form, FormData, Path};
use engine::directories::{self, DirectoryInput};
use engine::{Error, FieldIssue};

use super::super::frame::{Answer, Cx, Entered, PostButton, Wrong, hidden_value};
use super::PATH;
use crate::parts::{Button, Card, FieldView, Form as FormView, Head, Html, Place};

/// Kinds as the form sends them.
const KINDS: [(DirectoryKind, &str); 3] = [
    (DirectoryKind::ActiveDirectory, "active_directory"),
    (DirectoryKind::OpenLdap, "open_ldap"),
    (DirectoryKind::EDirectory, "e_directory"),
];

const GONE: [(VanishedAction, &str, &str, &str); 3] = [
    (VanishedAction::Disable, "disable", "They are disabled", "And enabled again when they are back."),
    (VanishedAction::Keep, "keep", "They stay as they are", "They only leave the linked groups."),
    (
        VanishedAction::Remove,
        "remove",
        "They are removed with the records of their devices",
        "Who is only disabled in the directory is only disabled here.",
    ),
];

fn stored(input: &DirectoryInput, rev: i64) -> FormData {
    let kind = KINDS.iter().find(|(known, _)| *known == input.kind).map_or("", |(_, value)| value);
    let gone = GONE.iter().find(|(known, ..)| *known == input.vanished).map_or("", |(_, value, ..)| value);
    let security = if input.security == DirectorySecurity::Starttls { "starttls" } else { "tls" };
    let mut pairs: Vec<(String, String)> = [
        ("rev", rev.to_string()),
        ("name", input.name.clone()),
        ("kind", kind.to_owned()),
        ("host", input.host.clone()),
        ("port", input.port.to_string()),
        ("security", security.to_owned()),
        ("roots", input.roots.clone()),
        ("bind_dn", input.bind_dn.clone()),
        ("bases", input.bases.join("\n")),
        ("user_filter", input.user_filter.clone()),
        ("group_filter", input.group_filter.clone()),
        ("login", input.login.clone()),
        ("email", input.email.clone()),
        ("display_name", input.display_name.clone()),
        ("first_name", input.first_name.clone()),
        ("last_name", input.last_name.clone()),
        ("phone", input.phone.clone()),
        ("unique_id", input.unique_id.clone()),
        ("member", input.member.clone()),
        ("disabled", input.disabled.clone()),
        ("page_size", input.page_size.to_string()),
        ("refresh_minutes", input.refresh_minutes.to_string()),
        ("vanished", gone.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    pairs.extend(input.hands_off_in.iter().map(|group| ("hands_off_in".to_owned(), group.to_string())));
    let switches =
        [("users_sign_in", input.users_sign_in), ("hands_off", input.hands_off), ("enabled", input.enabled)];
    pairs
        .extend(switches.iter().filter(|(_, on)| *on).map(|(name, _)| ((*name).to_owned(), "on".to_owned())));
    FormData::new(pairs)
}

fn input(data: &FormData) -> Result<DirectoryInput, Error> {
    let kind = KINDS.iter().find(|(_, value)| *value == data.text("kind")).map(|(kind, _)| *kind);
    let gone = GONE.iter().find(|(_, value, ..)| *value == data.text("vanished")).map(|(gone, ..)| *gone);
    let choose = |field: &str| FieldIssue { field: field.into(), message: "Choose one of the list.".into() };
    let (Some(kind), Some(vanished)) = (kind, gone) else {
        let missing = [("kind", kind.is_none()), ("vanished", gone.is_none())];
        return Err(Error::Invalid(missing.iter().filter(|(_, is)| *is).map(|(f, _)| choose(f)).collect()));
    };
    let text = |name: &str| data.text(name).to_owned();
    Ok(DirectoryInput {
        name: text("name"),
        kind,
        host: text("host"),
        port: data.text("port").parse().unwrap_or(0),
        security: match data.text("security") {
            "starttls" => DirectorySecurity::Starttls,
            _ => DirectorySecurity::Tls,
        },
        roots: text("roots"),
        bind_dn: text("bind_dn"),
        password: data.raw("password").to_owned(),
        bases: data.lines("bases"),
        user_filter: text("user_filter"),
        group_filter: text("group_filter"),
        login: text("login"),
        email: text("email"),
        display_name: text("display_name"),
        first_name: text("first_name"),
        last_name: text("last_name"),
        phone: text("phone"),
        unique_id: text("unique_id"),
        member: text("member"),
        disabled: text("disabled"),
        page_size: data.text("page_size").parse().unwrap_or(0),
        users_sign_in: data.ticked("users_sign_in"),
        hands_off: data.ticked("hands_off"),
        hands_off_in: data.all("hands_off_in").iter().filter_map(|group| group.parse().ok()).collect(),
        refresh_minutes: data.text("refresh_minutes").parse().unwrap_or(u32::MAX),
        vanished,
        enabled: data.ticked("enabled"),
    })
}

fn connection(entered: &Entered<'_>, is_new: bool) -> Vec<FieldView> {
    let kinds: Vec<(String, String)> = KINDS
        .iter()
        .zip(&DIRECTORIES)
        .map(|((_, value), preset)| ((*value).to_owned(), preset.title.to_owned()))
        .collect();
    let security =
        [("tls", "TLS (ldaps)"), ("starttls", "StartTLS")].map(|(v, l)| (v.to_owned(), l.to_owned()));
    let password = entered.secret("password", "Password", "new-password").help(if is_new {
        "It is kept sealed and never shown again."
    } else {
        "Empty keeps the one that is stored, as long as host and account stay the same."
    });
    vec![
        entered.text("name", "Name"),
        entered
            .select("kind", "Directory", &kinds)
            .help("It says what filters and attributes are when left empty."),
        entered.text("host", "Host").help("As in its certificate, such as dc1.example.com."),
        entered.segments("security", "Protection", &security),
        entered
            .number("port", "Port", (1, 65_535), "")
            .help("636 for TLS, 389 for StartTLS; Active Directory’s global catalog listens at 3269."),
        entered
            .area("roots", "Trusted root certificates")
            .help("In PEM form. Empty: the public authorities.")
            .optional(),
        entered
            .text("bind_dn", "Account")
            .help("It needs to read only, such as cn=reader,dc=example,dc=com or reader@example.com."),
        if is_new { password } else { password.optional() },
        entered
            .area("bases", "Bases")
            .help("Where users and groups are looked for, one a line, such as ou=People,dc=example,dc=com."),
    ]
}

/// The linked folders and groups, to choose some of them.
fn links(cx: &Cx, server: Option<&DirectoryServer>) -> Vec<(String, String, String)> {
    let linked = server.and_then(|server| directories::linked(&cx.engine, &cx.scope, server.id).ok());
    let one = |(group, _): &(std::sync::Arc<domain::model::Group>, usize)| {
        let dn = group.directory.as_ref().map(|link| link.dn.clone()).unwrap_or_default();
        (group.id.to_string(), group.name.clone(), dn)
    };
    linked.unwrap_or_default().iter().map(one).collect()
}

fn use_of_it(entered: &Entered<'_>, links: &[(String, String, String)]) -> Vec<FieldView> {
    let limit = (!links.is_empty()).then(|| {
        entered
            .ticks("hands_off_in", "Accounts are made only for people in", links)
            .help("None chosen: in all linked folders and groups.")
            .optional()
    });
    let gone = GONE.map(|(_, value, label, help)| (value.to_owned(), label.to_owned(), help.to_owned()));
    let mut fields = vec![
        entered
            .number("refresh_minutes", "Refresh every", (0, 10_080), "minutes")
            .help("Linked folders and groups are read anew. 0: only on demand."),
        entered
            .radio("vanished", "Users who are gone from the linked folders and groups", &gone)
            .help("When more than one in ten is gone at once, nothing is changed before somebody consents."),
        entered
            .switch("users_sign_in", "Users sign in with their password of the directory")
            .help("For users without an ActiveSync server."),
        entered
            .switch("hands_off", "Make accounts at the first sign-in")
            .help("For people of the linked folders and groups who were not imported yet."),
    ];
    fields.extend(limit);
    fields.push(entered.switch("enabled", "In use"));
    fields
}

fn names(entered: &Entered<'_>) -> Vec<FieldView> {
    vec![
        entered.text("user_filter", "Filter of users").optional(),
        entered.text("group_filter", "Filter of groups").optional(),
        entered.text("login", "Sign-in name").optional(),
        entered.text("email", "Mail address").optional(),
        entered
            .text("display_name", "Name shown")
            .help("Where it is empty, first and last name are taken.")
            .optional(),
        entered.text("first_name", "First name").optional(),
        entered.text("last_name", "Last name").optional(),
        entered.text("phone", "Phone number").optional(),
        entered
            .text("unique_id", "Id that stays")
            .help("By it somebody renamed or moved is the same user.")
            .optional(),
        entered.text("member", "Members of a group").optional(),
        entered
            .text("disabled", "A user is disabled when")
            .help("Such as userAccountControl&2, loginDisabled=TRUE or lockedTime=*. A - stands for never.")
            .optional(),
        entered.number("page_size", "Entries of a page", (10, 5_000), "entries"),
    ]
}

fn form(cx: &Cx, server: Option<&DirectoryServer>, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let mut fields = connection(&entered, server.is_none());
    fields.extend(use_of_it(&entered, &links(cx, server)));
    fields.extend(names(&entered));
    let (title, action, back) = match server {
        None => ("Add LDAP server".to_owned(), format!("{PATH}/add"), PATH.to_owned()),
        Some(server) => {
            ("Edit".to_owned(), format!("{PATH}/{}/edit", server.id), format!("{PATH}/{}", server.id))
        }
    };
    let mut head = Head::new(title, "What is left empty takes what is usual for the kind of directory.")
        .under("Administrative LDAP Servers", PATH);
    if let Some(server) = server {
        head = head.under(server.name.clone(), back.clone());
        head.actions.push(PostButton::remove(format!("{PATH}/{}/remove", server.id), cx.hidden()).into());
    }
    let rev = server.map(|s| hidden_value("rev", s.rev.to_string()));
    let form = FormView {
        id: "ldap-form".into(),
        action,
        hidden: cx.hidden().into_iter().chain(rev).collect(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![
            Button::submit(if server.is_some() { "Save" } else { "Add" }),
            Button::link("Cancel", back),
        ],
    };
    (head, vec![Card::new("", form).into()])
}

pub async fn add_show(cx: Cx) -> Answer {
    let (head, body) = form(&cx, None, &stored(&DirectoryInput::default(), 0), &Wrong::default());
    cx.page(Place::LdapServers, head, body)
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
    let made = match input(&data) {
        Ok(input) => directories::create(&cx.engine, &cx.scope, input).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(id) => cx.done(&format!("{PATH}/{id}"), "Added. Test it, then link folders and groups."),
        Err(error) => {
            let (head, body) = form(&cx, None, &data, &Wrong::of(error)?);
            cx.again(Place::LdapServers, head, body)
        }
    }
}

pub async fn edit_show(cx: Cx, Path(id): Path<DirectoryServerId>) -> Answer {
    let server = directories::get(&cx.engine, &cx.scope, id)?;
    let data = stored(&DirectoryInput::of(&server), server.rev);
    let (head, body) = form(&cx, Some(&server), &data, &Wrong::default());
    cx.page(Place::LdapServers, head, body)
}

pub async fn save(cx: Cx, Path(id): Path<DirectoryServerId>, Form(data): Form) -> Answer {
    let server = directories::get(&cx.engine, &cx.scope, id)?;
    let seen = data.text("rev").parse().ok();
    let saved = match input(&data) {
        Ok(input) => directories::edit(&cx.engine, &cx.scope, id, seen, input).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => cx.done(&format!("{PATH}/{id}"), "Saved. Test it again."),
        Err(error) => {
            let (head, body) = form(&cx, Some(&server), &data, &Wrong::of(error)?);
            cx.again(Place::LdapServers, head, body)
        }
    }
}

pub async fn remove(cx: Cx, Path(id): Path<DirectoryServerId>, Form(_): Form) -> Answer {
    match directories::remove(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done(PATH, "The LDAP server was removed; its users stay."),
        Err(error) => cx.failed(&format!("{PATH}/{id}"), Wrong::of(error)?.rest(&[])),
    }
}
