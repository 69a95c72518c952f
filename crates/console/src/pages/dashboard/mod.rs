//! The first page: counts, and what needs somebody.

mod attention;
mod counts;
mod course;
mod soon;
use door::{Access, Routes};
use engine::dashboard::Dashboard;
use engine::devices::Posture;
use http::Method;

use super::frame::{Answer, Cx, Oops, see_other};
use super::{sign_in, words};
use crate::parts::{
    Button, ButtonKind, Card, Columns, EmptyState, Event, Head, Html, Icon, Place, Timeline, Widths, cell,
};

/// Registers the page.
pub fn routes(routes: Routes) -> Routes {
    routes.route(Method::GET, "/dashboard", Access::SignedIn, show)
}

async fn show(cx: Cx) -> Answer {
    if cx.outside() || !cx.can(catalog::Permission::DevicesView) {
        return Ok(see_other(sign_in::home(&cx)));
    }
    let sums = engine::dashboard::dashboard(&cx.engine, &cx.scope)?;
    if sums.devices == 0 && sums.by_posture.iter().all(|(_, n)| *n == 0) {
        return first_day(&cx);
    }
    let body = vec![
        counts::stats(&sums),
        Columns::new(
            Widths::TwoToOne,
            [course::card(&cx, &sums).await?, Card::new("Devices by state", counts::donut(&sums)).into()],
        )
        .into(),
        super::alerts::newest(&cx).await?,
        Columns::new(Widths::Two, [attention::needs(&sums), attention::reasons(&sums)]).into(),
        Columns::new(Widths::Two, [soon::coming(&cx, &sums)?, soon::overdue(&cx, &sums)?]).into(),
        Columns::new(
            Widths::Three,
            [
                Card::new("Platforms", counts::platforms(&sums)).into(),
                Card::new("Last contact", counts::contact(&sums)).into(),
                Card::new("Policy on the device", counts::policy(&sums)).into(),
            ],
        )
        .into(),
        Columns::new(
            Widths::TwoToOne,
            [
                news(&cx).await?,
                Card::new("New devices per day", counts::enrolments(&cx, &sums)).aside("last 14 days").into(),
            ],
        )
        .into(),
    ];
    cx.page(Place::Dashboard, head(&cx, &sums), body)
}

fn head(cx: &Cx, sums: &Dashboard) -> Head {
    let stopped = sums.mail_stopped.max(sums.network_stopped);
    let (title, lead) = match stopped {
        0 => (
            "Nothing is restricted".to_owned(),
            "Every managed device reaches mail and network. This page says so as soon as that changes.",
        ),
        1 => ("1 device has lost access to something".to_owned(), LOST),
        n => (format!("{} devices have lost access to something", words::grouped(n)), LOST),
    };
    let mut head = Head::new(title, lead);
    if stopped > 0 {
        head = head.action(Button::link("Show them", "/dashboard/devices?status=restricted"));
    }
    if cx.can(catalog::Permission::UsersEdit) {
        head = head.action(
            Button::link("Add user", "/dashboard/users/add").kind(ButtonKind::Primary).icon(Icon::Plus),
        );
    }
    head
}

const LOST: &str = "Open one to see why, since when, and what would fix it. Those that are only out of date mend themselves at \
                    their next contact.";

fn of(sums: &Dashboard, posture: Posture) -> usize {
    sums.by_posture.iter().find(|(p, _)| *p == posture).map_or(0, |(_, n)| *n)
}

async fn news(cx: &Cx) -> Result<Html, Oops> {
    if !cx.can(catalog::Permission::JournalView) {
        return Ok(Html::default());
    }
    let query = engine::journal::JournalQuery { limit: Some(8), ..Default::default() };
    let rows = engine::journal::page(&cx.engine, &cx.scope, query).await?;
    let event = |row: &domain::model::JournalRow| {
        let said = super::journal::told(cx, row);
        Event::new(said.tone, said.html, cx.ago(row.at), words::actor(&row.actor))
    };
    let events = rows.iter().map(event).collect();
    Ok(Card::new("Just now", Timeline { events, more: None })
        .aside(cell::link("/dashboard/journal", "All in the Journal"))
        .into())
}

fn first_day(cx: &Cx) -> Answer {
    let host = cx.host.base_url();
    let host = host.split_once("://").map_or(host.as_str(), |(_, rest)| rest);
    let empty = EmptyState {
        icon: Icon::Devices,
        title: "No device has enrolled yet".into(),
        text: Html::rich(
            "Point the phones’ mail at `{}`. A phone appears here the first time its user signs in; nothing has to be installed.",
            &[host],
        ),
        actions: vec![
            Button::link("Connect a mail server", "/dashboard/activesync-servers/add")
                .kind(ButtonKind::Primary),
            Button::link("Add a user", "/dashboard/users/add"),
            Button::link("All steps", "/dashboard/getting-started"),
        ],
    };
    let name = cx.org(|org| org.organization.name.clone())?;
    let head = Head::new(
        format!("Welcome to {name}"),
        "Three things to do, in this order: a mail server (or none: the stand-in serves), a user, the first phone.",
    );
    cx.page(Place::Dashboard, head, vec![Card { body: empty.into(), ..Card::default() }.into()])
}
