//! Adding and editing a server.

use catalog::Permission;
use domain::model::{ActiveSyncServer, ServerId};
use door::{Form, FormData, Path};
use engine::servers::{self};

use super::super::frame::{Answer, Cx, Entered, FormAround, PostButton, Wrong, hidden_value};
use super::test::test_card;
use super::values::{groups, input, pairs, stored};
use crate::parts::{Button, Card, FieldView, Head, Html, Note, Place, SaveBar, Tone};

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
        let action = format!("/dashboard/activesync-servers/{}/remove", server.id);
        head.actions.push(PostButton::remove(action, cx.hidden()).into());
    }
    let rev = server.map(|s| hidden_value("rev", s.rev.to_string()));
    let hidden = cx.hidden().into_iter().chain(rev).collect();
    (head, vec![FormAround { id: "server".into(), action, hidden, body }.into()])
}

pub async fn add_show(cx: Cx) -> Answer {
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

pub async fn show(cx: Cx, Path(id): Path<ServerId>) -> Answer {
    let server = servers::get(&cx.engine, &cx.scope, id)?;
    let (head, mut body) = form(&cx, Some(&server), &stored(&server), &Wrong::default());
    if cx.can(Permission::ServersEdit) {
        body.insert(0, test_card(&cx, &server));
    }
    cx.page(Place::ActiveSyncServers, head, body)
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
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

pub async fn save(cx: Cx, Path(id): Path<ServerId>, Form(data): Form) -> Answer {
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

pub async fn remove(cx: Cx, Path(id): Path<ServerId>, Form(_): Form) -> Answer {
    match servers::remove(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done("/dashboard/activesync-servers", "The server was removed."),
        Err(error) => cx.failed(&format!("/dashboard/activesync-servers/{id}"), Wrong::of(error)?.rest(&[])),
    }
}
