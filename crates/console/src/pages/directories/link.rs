//! Linking a folder or group: what would come first, then the link.

use domain::model::{DirectoryServerId, GroupSettings};
use door::{Form, FormData, Path};
use engine::Error;
use engine::directories::{self, Link, Preview};

use super::super::devices::choices;
use super::super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong, hidden_value};
use super::super::words;
use super::PATH;
use crate::parts::{Button, Card, Form as FormView, Head, Html, Note, Place, Table, Tone, cell};

/// What a choice says that is left open.
const SILENT: &str = "says nothing about it";

pub async fn show(cx: Cx, Path(id): Path<DirectoryServerId>) -> Answer {
    let dn = cx.asked("dn").to_owned();
    let (head, body) = page(&cx, id, &dn, &FormData::default(), &Wrong::default()).await?;
    cx.page(Place::LdapServers, head, body)
}

async fn page(
    cx: &Cx,
    id: DirectoryServerId,
    dn: &str,
    data: &FormData,
    wrong: &Wrong,
) -> Result<(Head, Vec<Html>), Oops> {
    let server = directories::get(&cx.engine, &cx.scope, id)?;
    let path = format!("{PATH}/{id}");
    let head = Head::new("Link a folder or group", dn.to_owned())
        .under("Administrative LDAP Servers", PATH)
        .under(server.name.clone(), path.clone());
    let preview = match directories::preview(&cx.engine, &cx.scope, id, Some(dn)).await {
        Ok(preview) => preview,
        Err(error @ (Error::Upstream(_) | Error::Conflict(_) | Error::Denied(_))) => {
            let note = Note::new(Tone::Bad, "What would come cannot be told", error.to_string());
            return Ok((head, vec![note.into()]));
        }
        Err(error) => return Err(error.into()),
    };
    let entered = Entered { data, wrong };
    let fields = vec![
        entered
            .select("suite", "Policy suite", &choices::suites(cx, SILENT)?)
            .help("Members get it unless they, or a local group, have one of their own."),
        entered.select("schedule", "Connection schedule", &choices::schedules(cx, SILENT)?),
        entered.select("server", "Mail server", &choices::servers(cx, SILENT)?),
        entered.select("liability", "Liability", &choices::liabilities(SILENT)),
    ];
    let form = FormView {
        id: "link-form".into(),
        action: format!("{path}/link"),
        hidden: [cx.hidden(), vec![hidden_value("dn", dn)]].concat(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Link and import"), Button::link("Cancel", format!("{path}/browse"))],
    };
    let once = PostButton {
        action: format!("{path}/import"),
        hidden: [cx.hidden(), vec![hidden_value("dn", dn)]].concat(),
        button: Button::submit("Import once"),
    };
    let mut body = vec![
        told(&preview).into(),
        Card::new("Link", form).into(),
        Card::new("Without a link", once)
            .footer("Its people become users now. Who comes or goes there later is not noticed.")
            .into(),
    ];
    if preview.conflict_count > 0 {
        let mut table = Table::new("Entries that cannot be users", &["What is in the way"]).tall();
        for words in &preview.conflicts {
            table = table.row([cell::prose(words.clone())]);
        }
        body.push(Card::flush("Entries that cannot be users", table).into());
    }
    Ok((head, body))
}

fn told(preview: &Preview) -> Note {
    let new = words::count(preview.created, "user would be added", "users would be added");
    let such = if preview.examples.is_empty() {
        String::new()
    } else {
        format!(" ({} …)", preview.examples.join(", "))
    };
    let text = format!(
        "{new}{such}, {} changed, {} disabled or removed; {} cannot be users.",
        preview.changed, preview.gone, preview.conflict_count
    );
    if preview.stopped {
        return Note::new(Tone::Warn, "So many users would be gone that the refresh would stop", text);
    }
    Note::new(Tone::Info, "What would come", text)
}

pub async fn import(cx: Cx, Path(id): Path<DirectoryServerId>, Form(data): Form) -> Answer {
    let names = vec![data.text("dn").to_owned()];
    let back = format!("{PATH}/{id}");
    match directories::start_import(&cx.engine, &cx.scope, id, names) {
        Ok(()) => cx.done(&back, "The import has begun."),
        Err(error) => cx.failed(&back, Wrong::of(error)?.rest(&[])),
    }
}

pub async fn save(cx: Cx, Path(id): Path<DirectoryServerId>, Form(data): Form) -> Answer {
    let settings = GroupSettings {
        suite: data.text("suite").parse().ok(),
        schedule: data.text("schedule").parse().ok(),
        server: data.text("server").parse().ok(),
        liability: choices::liability(&data),
    };
    let link = Link { dn: data.text("dn").to_owned(), settings };
    match directories::link(&cx.engine, &cx.scope, id, link).await {
        Ok(_) => {
            let begun = directories::start(&cx.engine, &cx.scope, id, false);
            let said = match begun {
                Ok(()) => "It is linked, and its people are being read.",
                Err(_) => "It is linked. Its people come with the next refresh.",
            };
            cx.done(&format!("{PATH}/{id}"), said)
        }
        Err(error) => {
            let (head, body) = page(&cx, id, data.text("dn"), &data, &Wrong::of(error)?).await?;
            cx.again(Place::LdapServers, head, body)
        }
    }
}
