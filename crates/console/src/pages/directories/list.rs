//! The list of LDAP servers.

use catalog::Permission;
use engine::directories;

use super::super::frame::{Answer, Cx, Oops};
use super::super::words;
use super::PATH;
use crate::parts::{Button, ButtonKind, Card, Chip, EmptyState, Head, Html, Icon, Place, Table, Tone, cell};

pub async fn show(cx: Cx) -> Answer {
    if cx.outside() {
        return Err(Oops::not_found("page"));
    }
    let all = directories::list(&cx.engine, &cx.scope)?;
    let may = cx.can(Permission::ServersEdit);
    let add =
        || Button::link("Add LDAP server", format!("{PATH}/add")).kind(ButtonKind::Primary).icon(Icon::Plus);
    let mut head = Head::new(
        "Administrative LDAP Servers",
        "Directories that users come from: their folders and groups, and their passwords.",
    );
    if may {
        head = head.action(add());
    }
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Users,
            title: "There is no LDAP server".into(),
            text: "With Active Directory, OpenLDAP or eDirectory users come and go here as they do there, in groups \
                   that follow its folders and groups."
                .into(),
            actions: if may { vec![add()] } else { Vec::new() },
        };
        return cx.page(Place::LdapServers, head, vec![Card::new("", empty).into()]);
    }
    let mut table = Table::new("LDAP servers", &["Server", "Kind", "Linked", "Last refresh"]).tall();
    for server in &all {
        let links = directories::linked(&cx.engine, &cx.scope, server.id)?;
        let run = directories::last_run(&cx.engine, &cx.scope, server.id).await?;
        let state: Html = match run {
            _ if !server.enabled => Chip::new("Off", Tone::Idle).into(),
            None => cell::muted("never"),
            Some(run) if run.done => cell::lines(Chip::new("Done", Tone::Ok), cx.ago(run.ended_at)),
            Some(run) => cell::lines(Chip::new("Failed", Tone::Bad), cx.ago(run.ended_at)),
        };
        let members: usize = links.iter().map(|(_, members)| members).sum();
        table = table.row([
            cell::lines(
                cell::open(format!("{PATH}/{}", server.id), &server.name),
                format!("{} port {}", server.host, server.port),
            ),
            Html::text(server.kind.preset().title),
            cell::lines(
                words::count(links.len(), "folder or group", "folders and groups"),
                words::count(members, "membership", "memberships"),
            ),
            state,
        ]);
    }
    cx.page(Place::LdapServers, head, vec![Card::flush("", table).into()])
}
