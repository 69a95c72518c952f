//! The first page: counts, and what needs somebody.

use door::{Access, Routes};
use engine::dashboard::Dashboard;
use engine::devices::Posture;
use http::Method;

use super::frame::{Answer, Cx, Oops, see_other};
use super::{sign_in, words};
use crate::parts::{
    Bar, Bars, Button, ButtonKind, Card, Chip, Columns, Donut, EmptyState, Event, Head, Html, Icon, Place,
    Series, Slice, Stacked, Stat, Table, Timeline, Tone, Widths, cell,
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
        stats(&sums),
        Columns::new(
            Widths::TwoToOne,
            [
                Card::new("New devices per day", enrolments(&cx, &sums)).aside("last 14 days").into(),
                Card::new("Devices by state", donut(&sums)).into(),
            ],
        )
        .into(),
        Columns::new(Widths::Two, [needs(&sums), reasons(&sums)]).into(),
        Columns::new(
            Widths::Three,
            [
                Card::new("Platforms", platforms(&sums)).into(),
                Card::new("Last contact", contact(&sums)).into(),
                Card::new("Policy on the device", policy(&sums)).into(),
            ],
        )
        .into(),
        news(&cx).await?,
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

fn stats(sums: &Dashboard) -> Html {
    let stat = |label: &str, value: usize, note: String, tone, href: &str| -> Html {
        Stat {
            label: label.into(),
            value: words::grouped(value),
            note,
            tone,
            spark: None,
            href: Some(href.into()),
        }
        .into()
    };
    let good = of(sums, Posture::Compliant);
    let share = (good * 100).checked_div(sums.devices).unwrap_or(0);
    Columns::new(
        Widths::Four,
        [
            stat(
                "Devices under management",
                sums.devices,
                format!("of {}", words::count(sums.users, "user", "users")),
                Tone::Info,
                "/dashboard/devices",
            ),
            stat(
                "Compliant",
                good,
                format!("{share} % of all"),
                Tone::Ok,
                "/dashboard/devices?status=compliant",
            ),
            stat(
                "Restricted now",
                of(sums, Posture::Restricted) + of(sums, Posture::Blocked),
                format!("{} without mail, {} without network", sums.mail_stopped, sums.network_stopped),
                Tone::Bad,
                "/dashboard/devices?status=restricted&status=blocked",
            ),
            stat(
                "Waiting",
                of(sums, Posture::Waiting),
                format!("{} in quarantine", sums.quarantined),
                Tone::Warn,
                "/dashboard/devices?status=waiting",
            ),
        ],
    )
    .into()
}

fn donut(sums: &Dashboard) -> Donut {
    let slices = sums.by_posture.iter().filter(|(_, n)| *n > 0).map(|(posture, n)| Slice {
        label: posture.label().into(),
        value: *n as u64,
        tone: if *posture == Posture::OutOfDate { Tone::Plum } else { words::status(*posture).tone() },
        href: Some(format!("/dashboard/devices?status={}", posture.key())),
    });
    Donut { title: "Devices by state".into(), unit: "devices".into(), slices: slices.collect() }
}

fn enrolments(cx: &Cx, sums: &Dashboard) -> Stacked {
    let days = sums.enrolments.len() as i64;
    let label = |index: usize| {
        let at = cx.now - (days - 1 - index as i64) * 86_400_000;
        jiff::Timestamp::from_millisecond(at)
            .map(|t| t.to_zoned(cx.zone().clone()).strftime("%-d %b").to_string())
            .unwrap_or_default()
    };
    Stacked {
        title: "New devices per day".into(),
        labels: (0..sums.enrolments.len()).map(label).collect(),
        series: vec![Series {
            label: "Enrolled".into(),
            tone: Tone::Info,
            values: sums.enrolments.iter().map(|n| *n as u64).collect(),
        }],
    }
}

fn needs(sums: &Dashboard) -> Html {
    let mut table = Table::new("Things that need somebody", &["What", "State", ""]).tall();
    let mut add = |count: usize, what: String, detail: &str, chip: Chip, href: &str| {
        if count > 0 {
            let button = Button::link("Show", href).small();
            table.rows.push(crate::parts::TableRow {
                cells: vec![cell::lines(what, detail), chip.into(), button.into()],
            });
        }
    };
    add(
        sums.awaiting_approval,
        words::count(sums.awaiting_approval, "command waits", "commands wait")
            + " for a second administrator",
        "above the hourly limit of destructive commands",
        Chip::new("Held", Tone::Bad),
        "/dashboard/approvals",
    );
    add(
        sums.quarantined,
        words::count(sums.quarantined, "new device waits", "new devices wait") + " in quarantine",
        "unknown until somebody releases them",
        Chip::new("Waiting", Tone::Warn).icon(Icon::Waiting),
        "/dashboard/devices?state=quarantined",
    );
    add(
        sums.policy[3],
        words::count(sums.policy[3], "device has", "devices have") + " refused the policy",
        "they get no mail until a policy they accept is published",
        Chip::new("Refused", Tone::Bad),
        "/dashboard/devices?finding=policy_refused",
    );
    add(
        of(sums, Posture::Blocked),
        words::count(of(sums, Posture::Blocked), "device is", "devices are") + " blocked by hand",
        "until somebody allows them again",
        Chip::new("Blocked", Tone::Bad).icon(Icon::Ban),
        "/dashboard/devices?status=blocked",
    );
    add(
        sums.commands_waiting,
        words::count(sums.commands_waiting, "command waits", "commands wait") + " for a device",
        "delivered at its next contact",
        Chip::new("Waiting", Tone::Idle).icon(Icon::Clock),
        "/dashboard/approvals",
    );
    if table.rows.is_empty() {
        let empty = EmptyState {
            icon: Icon::Ok,
            title: "Nothing needs you".into(),
            text: "Approvals, quarantine and refused policies are listed here when there are any.".into(),
            actions: Vec::new(),
        };
        return Card::new("Needs somebody", empty).into();
    }
    Card::flush("Needs somebody", table).into()
}

fn reasons(sums: &Dashboard) -> Html {
    let bars = sums.by_rule.iter().map(|(rule, n)| Bar {
        label: rule.entry().label.into(),
        value: *n as u64,
        note: rule.entry().remedy.into(),
        tone: match rule.entry().severity {
            catalog::Severity::Critical => Tone::Bad,
            catalog::Severity::Warning => Tone::Warn,
            catalog::Severity::Informational => Tone::Info,
        },
        href: Some(format!("/dashboard/devices?finding={}", rule.key())),
    });
    let bars: Vec<_> = bars.collect();
    let total: u64 = bars.iter().map(|b| b.value).sum();
    if bars.is_empty() {
        let empty = EmptyState {
            icon: Icon::Shield,
            title: "No rule is broken".into(),
            text: "What is wrong with devices is counted here by rule.".into(),
            actions: Vec::new(),
        };
        return Card::new("What is wrong", empty).into();
    }
    Card::new("What is wrong", Bars { bars }).aside(format!("{total} findings")).into()
}

fn bars(lines: impl IntoIterator<Item = (String, usize, Tone, Option<String>)>) -> Bars {
    let bar = |(label, value, tone, href): (String, usize, Tone, Option<String>)| Bar {
        label,
        value: value as u64,
        note: String::new(),
        tone,
        href,
    };
    Bars { bars: lines.into_iter().map(bar).collect() }
}

fn platforms(sums: &Dashboard) -> Bars {
    bars(sums.by_platform.iter().map(|(platform, n)| {
        let href = format!("/dashboard/devices?platform={}", platform.key());
        (platform.label().to_owned(), *n, Tone::Info, Some(href))
    }))
}

fn contact(sums: &Dashboard) -> Bars {
    let silent = |hours: u32| Some(format!("/dashboard/devices?silent={hours}"));
    let [hour, day, week, longer, never] = sums.contact;
    bars([
        ("Within an hour".into(), hour, Tone::Ok, None),
        ("Within a day".into(), day, Tone::Ok, None),
        ("Within a week".into(), week, Tone::Warn, silent(24)),
        ("Longer ago".into(), longer, Tone::Bad, silent(168)),
        ("Never".into(), never, Tone::Idle, silent(168)),
    ])
}

fn policy(sums: &Dashboard) -> Bars {
    let [current, outdated, missing, refused] = sums.policy;
    let list = |state: &str| Some(format!("/dashboard/devices?policy={state}"));
    bars([
        ("Current".into(), current, Tone::Ok, list("current")),
        ("Out of date".into(), outdated, Tone::Warn, list("outdated")),
        ("Not taken yet".into(), missing, Tone::Idle, list("missing")),
        ("Refused".into(), refused, Tone::Bad, list("refused")),
    ])
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
        ],
    };
    let name = cx.org(|org| org.organization.name.clone())?;
    let head = Head::new(
        format!("Welcome to {name}"),
        "Three things to do, in this order: a mail server (or none: the stand-in serves), a user, the first phone.",
    );
    cx.page(Place::Dashboard, head, vec![Card { body: empty.into(), ..Card::default() }.into()])
}
