//! One LDAP server: what is linked, how the refresh goes, the test.

use catalog::Permission;
use domain::model::{DirectoryRun, DirectoryServer, DirectoryServerId, VanishedAction};
use door::{Form, Path};
use engine::directories::{self, Progress as Far, Tested};

use super::super::frame::{Answer, Cx, Oops, PostButton, Wrong, hidden_value};
use super::super::words;
use super::PATH;
use crate::parts::{
    Button, ButtonKind, Card, Chip, EmptyState, Fact, Facts, Head, Html, Icon, Note, Place, Progress, Table,
    Tone, cell,
};

/// Milliseconds after which a page asks how far a refresh is.
const AGAIN_MS: u32 = 2_000;

pub async fn show(cx: Cx, Path(id): Path<DirectoryServerId>) -> Answer {
    let (head, body) = page(&cx, id, None).await?;
    cx.page(Place::LdapServers, head, body)
}

async fn page(cx: &Cx, id: DirectoryServerId, first: Option<Html>) -> Result<(Head, Vec<Html>), Oops> {
    let server = directories::get(&cx.engine, &cx.scope, id)?;
    let path = format!("{PATH}/{id}");
    let mut head = Head::new(server.name.clone(), format!("{} port {}", server.host, server.port))
        .under("Administrative LDAP Servers", PATH);
    if cx.can(Permission::ServersEdit) {
        let test = PostButton {
            action: format!("{path}/test"),
            hidden: cx.hidden(),
            button: Button::submit("Test").kind(ButtonKind::Primary).icon(Icon::Check),
        };
        head = head
            .action(Button::link("Edit", format!("{path}/edit")).icon(Icon::Edit))
            .action(Button::link("Browse", format!("{path}/browse")).icon(Icon::Search));
        head.actions.push(test.into());
    }
    if cx.can(Permission::ServersEdit) && cx.can(Permission::AdministratorsEdit) {
        head =
            head.action(Button::link("Administrators", format!("{path}/administrators")).icon(Icon::Admins));
    }
    let run = directories::last_run(&cx.engine, &cx.scope, id).await?;
    let mut body: Vec<Html> = first.into_iter().collect();
    match directories::progress(&cx.engine, &cx.scope, id)? {
        Some(far) => body.push(under_way(far).into()),
        None => body.extend(outcome(cx, &server, run.as_ref())),
    }
    body.push(Card::new("", facts(&server)).into());
    body.push(links(cx, &server)?);
    body.extend(run.filter(|run| run.conflict_count > 0).as_ref().map(conflicts));
    Ok((head, body))
}

fn under_way(far: Far) -> Card {
    let reading = far.to_write == 0;
    let progress = Progress {
        id: "refresh".into(),
        label: if reading { "Reading the directory".into() } else { "Writing users".into() },
        done: if reading { far.read } else { far.written } as u64,
        total: if reading { far.read } else { far.to_write } as u64,
        detail: Html::text(words::count(far.read, "entry was read", "entries were read")),
        poll_ms: AGAIN_MS,
        from: String::new(),
    };
    Card::new("Refresh", progress)
}

fn outcome(cx: &Cx, server: &DirectoryServer, run: Option<&DirectoryRun>) -> Vec<Html> {
    let Some(run) = run else { return Vec::new() };
    let mut all: Vec<Html> = Vec::new();
    let done = format!("{} new, {} changed, {} gone.", run.created, run.changed, run.gone);
    let when = cx.ago(run.ended_at);
    let (tone, title) = match (run.done, run.words.is_empty()) {
        (true, true) if run.import => (Tone::Ok, "The last import went well"),
        (true, false) if run.import => (Tone::Warn, "A part of the last import waits"),
        (false, _) if run.import => (Tone::Bad, "The last import failed"),
        (true, true) => (Tone::Ok, "The last refresh went well"),
        (true, false) => (Tone::Warn, "A part of the last refresh waits"),
        (false, _) if run.stopped => (Tone::Bad, "The last refresh was stopped"),
        (false, _) => (Tone::Bad, "The last refresh failed"),
    };
    let text = if run.done { format!("{done} {}", run.words) } else { run.words.clone() };
    all.push(
        Note::new(tone, title, Html::join([Html::from(when), Html::text(": "), Html::text(text)])).into(),
    );
    if run.stopped && cx.can(Permission::UsersEdit) {
        let consent = PostButton {
            action: format!("{PATH}/{}/refresh", server.id),
            hidden: [cx.hidden(), vec![hidden_value("accept", "on")]].concat(),
            button: Button::submit("Refresh with consent to the loss").kind(ButtonKind::Danger),
        };
        all.push(Card::new("So many are meant to be gone", consent).into());
    }
    all
}

/// Entries that could not become users, and why.
fn conflicts(run: &DirectoryRun) -> Html {
    let mut table = Table::new("Entries that are no users", &["What is in the way"]).tall();
    for words in &run.conflicts {
        table = table.row([cell::prose(words.clone())]);
    }
    let aside = words::count(run.conflict_count as usize, "entry", "entries");
    Card::flush("Entries that are no users", table).aside(aside).into()
}

fn facts(server: &DirectoryServer) -> Facts {
    let gone = match server.vanished {
        VanishedAction::Keep => "stay as they are",
        VanishedAction::Disable => "are disabled",
        VanishedAction::Remove => "are removed",
    };
    let refresh = match server.refresh_minutes {
        0 => "only on demand".to_owned(),
        minutes => format!("every {minutes} minutes"),
    };
    let sign_in = match (server.users_sign_in, server.hands_off) {
        (false, _) => "not with it",
        (true, false) => "users who were imported",
        (true, true) => "everybody in the linked folders and groups",
    };
    Facts::new([
        Fact::new("Kind", server.kind.preset().title.to_owned()),
        Fact::new(
            "State",
            Chip::new(
                if server.enabled { "In use" } else { "Off" },
                if server.enabled { Tone::Ok } else { Tone::Idle },
            ),
        ),
        Fact::new("Account", server.bind_dn.clone()),
        Fact::new("Bases", server.bases.join(" · ")),
        Fact::new("Refresh", refresh),
        Fact::new("Users who are gone", gone.to_owned()),
        Fact::new("Sign-in with its passwords", sign_in.to_owned()),
        Fact::new(
            "Administrators",
            words::count(server.admin_roles.len(), "group gives a role", "groups give roles"),
        ),
    ])
}

fn links(cx: &Cx, server: &DirectoryServer) -> Result<Html, Oops> {
    let all = directories::linked(&cx.engine, &cx.scope, server.id)?;
    let browse =
        || Button::link("Browse the directory", format!("{PATH}/{}/browse", server.id)).icon(Icon::Search);
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Link,
            title: "Nothing is linked yet".into(),
            text: "Link a folder or a group: its people become users, and they come and go as they do there."
                .into(),
            actions: if cx.can(Permission::ServersEdit) { vec![browse()] } else { Vec::new() },
        };
        return Ok(Card::new("Linked folders and groups", empty).into());
    }
    let mut table = Table::new("Linked folders and groups", &["Group", "Kind", "Members"]).tall();
    for (group, members) in &all {
        let link = group.directory.as_ref();
        table = table.row([
            cell::lines(
                cell::open(format!("/dashboard/groups/{}", group.id), &group.name),
                link.map(|link| link.dn.clone()).unwrap_or_default(),
            ),
            Html::text(if link.is_some_and(|link| link.folder.is_some()) { "Folder" } else { "Group" }),
            Html::text(words::count(*members, "member", "members")),
        ]);
    }
    let mut card =
        Card::flush("Linked folders and groups", table).aside("the first that says something decides");
    if cx.can(Permission::UsersEdit) {
        card = card.footer(PostButton {
            action: format!("{PATH}/{}/refresh", server.id),
            hidden: cx.hidden(),
            button: Button::submit("Refresh now").icon(Icon::Refresh),
        });
    }
    Ok(card.into())
}

pub async fn test(cx: Cx, Path(id): Path<DirectoryServerId>, Form(_): Form) -> Answer {
    let outcome = directories::test(&cx.engine, &cx.scope, id).await?;
    let note = match outcome {
        Ok(found) => works(&found),
        Err(words) => Note::new(Tone::Bad, "It does not work", words),
    };
    let (head, body) = page(&cx, id, Some(note.into())).await?;
    cx.page(Place::LdapServers, head, body)
}

fn works(found: &Tested) -> Note {
    let users = words::count(found.users, "user", "users");
    let more = if found.more { " and more" } else { "" };
    let such = if found.examples.is_empty() {
        String::new()
    } else {
        format!(", such as {}", found.examples.join(", "))
    };
    let groups = words::count(found.groups, "group", "groups");
    let text = format!("It answers: {users}{more}{such}; {groups}. {}", found.warnings.join(" "));
    if found.warnings.is_empty() {
        Note::new(Tone::Ok, "It works", text)
    } else {
        Note::new(Tone::Warn, "It works, with a remark", text)
    }
}

pub async fn refresh(cx: Cx, Path(id): Path<DirectoryServerId>, Form(data): Form) -> Answer {
    let back = format!("{PATH}/{id}");
    match directories::start(&cx.engine, &cx.scope, id, data.ticked("accept")) {
        Ok(()) => cx.done(&back, "The refresh has begun."),
        Err(error) => cx.failed(&back, Wrong::of(error)?.rest(&[])),
    }
}
