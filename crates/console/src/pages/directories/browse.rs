//! The tree of folders of a directory, level by level, and its groups by name.

use domain::model::DirectoryServerId;
use door::Path;
use engine::Error;
use engine::directories::{self, Node};
use form_urlencoded::byte_serialize;

use super::super::frame::{Answer, Cx, Entered, SearchForm, Wrong};
use super::PATH;
use crate::parts::{Button, Card, EmptyState, Head, Html, Icon, Note, Place, Table, Tone, cell};

/// A name in a query.
fn quoted(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

pub async fn show(cx: Cx, Path(id): Path<DirectoryServerId>) -> Answer {
    let server = directories::get(&cx.engine, &cx.scope, id)?;
    let path = format!("{PATH}/{id}");
    let (folder, text) = (cx.asked("folder").to_owned(), cx.asked("q").trim().to_owned());
    let mut head = Head::new("Browse", "Choose a folder or a group to link: its people become users.")
        .under("Administrative LDAP Servers", PATH)
        .under(server.name.clone(), path.clone());
    if !folder.is_empty() {
        head = head.under("Bases", format!("{path}/browse"));
    }
    let found = if text.is_empty() {
        directories::browse(&cx.engine, &cx.scope, id, Some(folder.as_str()).filter(|dn| !dn.is_empty()))
            .await
    } else {
        directories::find_groups(&cx.engine, &cx.scope, id, &text).await
    };
    let data = door::FormData::new(vec![("q".to_owned(), text.clone())]);
    let entered = Entered { data: &data, wrong: &Wrong::default() };
    let search = SearchForm {
        action: format!("{path}/browse"),
        field: entered.text("q", "Find a group by its name").into(),
        button: "Find",
    };
    let mut body: Vec<Html> = vec![Card::new("", search).into()];
    match found {
        Ok((nodes, more)) => {
            if more {
                let words = "There is more than is shown. Find a group by its name, or look into a folder.";
                body.push(Note::new(Tone::Info, "", words).into());
            }
            body.push(level(&path, &folder, &nodes));
        }
        // What the directory says is what the page is for: it is shown, not an error page.
        Err(error @ (Error::Upstream(_) | Error::Conflict(_))) => {
            body.push(
                Note::new(Tone::Bad, "The directory does not answer as it should", error.to_string()).into(),
            );
        }
        Err(error) => return Err(error.into()),
    }
    cx.page(Place::LdapServers, head, body)
}

fn level(path: &str, folder: &str, nodes: &[Node]) -> Html {
    if nodes.is_empty() {
        let actions = if folder.is_empty() {
            Vec::new()
        } else {
            vec![
                Button::link("Link this folder …", format!("{path}/link?dn={}", quoted(folder)))
                    .icon(Icon::Link),
            ]
        };
        let empty = EmptyState {
            icon: Icon::Search,
            title: "There are no folders and groups here".into(),
            text: "The people of a folder are not shown; link it to see what would come.".into(),
            actions,
        };
        return Card::new(folder.to_owned(), empty).into();
    }
    let mut table = Table::new("Folders and groups", &["Name", "Kind", "Link"]).tall();
    for node in nodes {
        let name = if node.is_group {
            Html::text(&node.title)
        } else {
            cell::open(format!("{path}/browse?folder={}", quoted(&node.dn)), &node.title)
        };
        let link = Button::link("Link …", format!("{path}/link?dn={}", quoted(&node.dn))).small();
        table = table.row([
            cell::lines(name, node.dn.clone()),
            Html::text(if node.is_group { "Group" } else { "Folder" }),
            link.into(),
        ]);
    }
    Card::flush(folder.to_owned(), table).into()
}
