//! The page, card by card.

use catalog::Permission;
use engine::ise::{self, Call};

use super::super::frame::{Answer, Cx, Oops};
use super::super::words;
use super::PATH;
use super::test::test_card;
use crate::parts::{
    Button, Card, Chip, Columns, Copy, EmptyState, Fact, Facts, Head, Html, Icon, Note, Part, Place, Table,
    Tone, Widths, cell,
};

/// Calls that are drawn.
const CALLS: usize = 50;

/// Unknown addresses that are drawn.
const MACS: usize = 50;

pub async fn show(cx: Cx) -> Answer {
    let calls = ise::calls(&cx.engine, &cx.scope).await?;
    let advice = ise::advice(&cx.engine, &cx.scope)?;
    let mut head = Head::new(
        "Cisco ISE",
        "ISE asks us whether a device may use the network. Enter these values there, under Network Resources ▸ External MDM.",
    );
    head = head.chip(match calls.first() {
        None => Chip::new("Never asked", Tone::Idle).icon(Icon::Clock),
        Some(call) if call.status < 400 => Chip::new(format!("Asked {}", cx.ago(call.at).text), Tone::Ok),
        Some(call) => Chip::new(format!("Last call refused: {}", call.status), Tone::Bad),
    });
    let mut polling =
        vec![Fact::new("Polls seen", advice.polls.to_string()).source("since this node started")];
    let minutes = |millis: i64| format!("every {}", words::duration(millis));
    polling.extend(advice.last_poll_at.map(|at| Fact::new("Last poll", cx.ago(at))));
    polling.extend(advice.observed_interval.map(|i| Fact::new("ISE polls", minutes(i))));
    polling
        .extend(advice.check_in_interval.map(|i| Fact::new("Devices check in", minutes(i)).source("about")));
    let polling = Card::new(
        "Polling interval",
        Html::stack([Note::new(Tone::Info, "", advice.words).html(), Facts::rows(polling).into()]),
    );
    let [servers, told] = super::radius::cards(&cx).await?;
    let left =
        Html::stack([Card::new("What to enter in ISE", address(&cx)?).into(), told, calls_card(&cx, &calls)]);
    let right = Html::stack([
        test_card(&cx),
        super::settings::card(&cx)?,
        servers,
        Card { id: "polling".into(), ..polling }.into(),
        unknown_card(&cx).await?,
    ]);
    cx.page(Place::CiscoIse, head, vec![Columns::new(Widths::TwoToOne, [left, right]).into()])
}

fn address(cx: &Cx) -> Result<Facts, Oops> {
    let base = cx.host.base_url();
    let authority = base.split_once("://").map_or(base.as_str(), |(_, rest)| rest);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, port),
        _ => (authority, "443"),
    };
    let slug = cx.org(|org| org.organization.slug.clone())?;
    let copy = |id: &str, label: &str, value: &str| -> Html {
        Copy { id: id.into(), label: label.into(), value: value.into() }.into()
    };
    let admins = cx.engine.directory().administrators(cx.scope.organization());
    let marked: Vec<_> = admins.iter().filter(|a| a.ise_admin && a.enabled).collect();
    let account: Html = match marked.first() {
        Some(admin) if cx.can(Permission::AdministratorsView) => {
            cell::link(format!("/dashboard/administrators/{}", admin.id), &admin.username)
        }
        Some(admin) => Html::text(admin.username.clone()),
        None if cx.can(Permission::AdministratorsEdit) => {
            cell::link("/dashboard/administrators/add", "Add an administrator with the ISE Admin mark")
        }
        None => Html::text("none yet: an administrator with the ISE Admin mark is needed"),
    };
    let small = |label: &str, file: &str| -> Html {
        Button::link(label, format!("{PATH}/{file}")).small().icon(Icon::Certificate).into()
    };
    Ok(Facts::rows([
        Fact::new("Server host", copy("ise-host", "host name", host)),
        Fact::new("Port", copy("ise-port", "port", port)),
        Fact::new("Instance name", copy("ise-instance", "instance name", &slug))
            .source("may be left empty when the account belongs to one organization"),
        Fact::new("User name", account)
            .source("its password was shown when it was made; it can be reset there"),
        Fact::new(
            "Root certificate",
            Html::join([small("PEM", "root.pem"), Html::text(" "), small("DER", "root.der")]),
        )
        .source("import it under Administration ▸ System ▸ Certificates ▸ Trusted Certificates first"),
        Fact::new("Device portal", copy("ise-portal", "address of the portal", &format!("{base}/o/{slug}")))
            .source("where ISE sends users whose device is not registered"),
    ]))
}

fn calls_card(cx: &Cx, calls: &[Call]) -> Html {
    if calls.is_empty() {
        let empty = EmptyState {
            icon: Icon::Ise,
            title: "ISE has not called yet".into(),
            text: "Enter the values above in ISE and press Test Connection there; the call appears here, as it came.".into(),
            actions: Vec::new(),
        };
        return Card::new("The last calls", empty).into();
    }
    let mut table = Table::new("The last calls", &["When", "Request, as it came", "Answer"]).tall();
    for call in calls.iter().take(CALLS) {
        let tone = if call.status < 400 { Tone::Ok } else { Tone::Bad };
        let from = format!(
            "{} from {}, {} µs{}{}",
            call.account,
            call.address,
            call.duration_us,
            if call.note.is_empty() { "" } else { ". " },
            call.note
        );
        table = table.row([
            cx.at(call.at).into(),
            cell::prose(cell::lines(cell::mono(format!("{} {}", call.method, call.target)), from)),
            Chip::new(call.status.to_string(), tone).into(),
        ]);
    }
    Card::flush("The last calls", table).aside(format!("newest first, {} kept", ise::MAX_CALLS)).into()
}

async fn unknown_card(cx: &Cx) -> Result<Html, Oops> {
    let all = ise::unknown_macs(&cx.engine, &cx.scope).await?;
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Wifi,
            title: "Every address is known".into(),
            text:
                "MAC addresses that ISE asks for and nobody knows are listed here, to be linked to a device."
                    .into(),
            actions: Vec::new(),
        };
        return Ok(Card::new("Unknown MAC addresses", empty).into());
    }
    let mut table = Table::new("Unknown MAC addresses", &["MAC", "Asked", ""]).tall();
    for unknown in all.iter().take(MACS) {
        let kind = if unknown.random { "private: the phone made it up" } else { "" };
        let link: Html = if cx.can(Permission::IseEdit) {
            Button::link("Link", format!("{PATH}/link?mac={}", unknown.mac)).small().icon(Icon::Link).into()
        } else {
            Html::default()
        };
        table = table.row([
            cell::lines(cell::mono(words::mac(&unknown.mac)), kind),
            cell::lines(
                cx.ago(unknown.last_at),
                words::count(unknown.count.max(0) as usize, "time", "times"),
            ),
            link,
        ]);
    }
    Ok(Card::flush("Unknown MAC addresses", table).aside(words::grouped(all.len())).into())
}
