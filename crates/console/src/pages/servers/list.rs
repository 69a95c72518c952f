//! The list of mail servers.

use catalog::Permission;
use domain::model::ServerId;
use engine::assignment::server_of;
use engine::servers;

use super::super::frame::{Answer, Cx};
use super::super::words;
use crate::parts::{Button, ButtonKind, Card, Chip, EmptyState, Head, Html, Icon, Place, Table, Tone, cell};

pub async fn list(cx: Cx) -> Answer {
    let all = servers::list(&cx.engine, &cx.scope)?;
    let may = cx.can(Permission::ServersEdit);
    let add = || {
        Button::link("Add server", "/dashboard/activesync-servers/add")
            .kind(ButtonKind::Primary)
            .icon(Icon::Plus)
    };
    let mut head = Head::new(
        "ActiveSync Servers",
        "The mail servers behind us. Users without one are served by the stand-in: same policy, same wipe, no mail.",
    );
    if may {
        head = head.action(add());
    }
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Server,
            title: "No mail server is connected".into(),
            text: "Connect one, and phones that point at us get their mail through us as long as they are in order."
                .into(),
            actions: if may { vec![add()] } else { Vec::new() },
        };
        return cx.page(Place::ActiveSyncServers, head, vec![Card::new("", empty).into()]);
    }
    let users = cx.org(|org| {
        let mut counts = std::collections::HashMap::<ServerId, usize>::new();
        for server in org.users().filter_map(|user| server_of(org, user)) {
            *counts.entry(server.value.id).or_default() += 1;
        }
        counts
    })?;
    let columns = &["Server", "State", "Versions", "New users and devices", "Users"];
    let mut table = Table::new("ActiveSync servers", columns).tall();
    for server in &all {
        let state = if server.enabled { Chip::new("In use", Tone::Ok) } else { Chip::new("Off", Tone::Idle) };
        let intake = match (server.hands_off, server.quarantine) {
            (true, true) => "hands-off; devices wait in quarantine",
            (true, false) => "hands-off; devices come in at once",
            (false, true) => "users by hand; devices wait in quarantine",
            (false, false) => "users by hand; devices come in at once",
        };
        table = table.row([
            cell::lines(
                cell::open(format!("/dashboard/activesync-servers/{}", server.id), &server.name),
                server.url.clone(),
            ),
            state.into(),
            Html::text(format!("{} to {}", server.versions.0, server.versions.1)),
            cell::prose(intake),
            Html::text(words::count(users.get(&server.id).copied().unwrap_or(0), "user", "users")),
        ]);
    }
    cx.page(Place::ActiveSyncServers, head, vec![Card::flush("", table).into()])
}
