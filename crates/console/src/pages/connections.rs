//! Firewall and Ports: what must be let pass between devices, this server and the organization's own servers.

use catalog::{Direction, Permission};
use door::{Access, Routes};
use engine::connections::{self, Connection};
use http::Method;

use super::frame::{Answer, Cx, Oops, download};
use crate::parts::{Button, Card, Chip, Fact, Facts, Head, Html, Icon, Note, Place, Table, Tone, cell};

const PATH: &str = "/dashboard/firewall-and-ports";

/// Registers the page.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::OrganizationView);
    routes.route(Method::GET, PATH, view, show).route(
        Method::GET,
        "/dashboard/firewall-and-ports/export",
        view,
        export,
    )
}

async fn show(cx: Cx) -> Answer {
    if cx.outside() {
        return Err(Oops::not_found("page"));
    }
    let all = connections::list(&cx.engine, &cx.scope).await?;
    let (inbound, outbound): (Vec<_>, Vec<_>) =
        all.iter().partition(|connection| connection.kind.info().direction == Direction::Inbound);
    let failing = all.iter().filter(|connection| connection.failed.is_some()).count();
    let lead = match failing {
        0 => "What firewalls must let pass, from the configuration as it is now.".to_owned(),
        1 => "1 connection failed the last time.".to_owned(),
        n => format!("{n} connections failed the last time."),
    };
    let head = Head::new(Place::FirewallAndPorts.label(), lead)
        .action(Button::link("Export for the firewall team", format!("{PATH}/export")).icon(Icon::Download));
    let body = vec![
        egress(&cx),
        Card::flush("To this server", table(&cx, "Connections to this server", &inbound)).into(),
        Card::flush("From this server", table(&cx, "Connections from this server", &outbound))
            .aside("only what is set up and switched on")
            .into(),
    ];
    cx.page(Place::FirewallAndPorts, head, body)
}

/// Where the server's own connections come from.
fn egress(cx: &Cx) -> Html {
    let addresses = connections::egress(&cx.engine);
    if addresses.is_empty() {
        let words = "The operator of this server has not said which addresses its own connections come from. Let your \
                     firewall pass only those to your mail server, directory and SMTP server: ask for them, or set \
                     `egress_addresses` in the configuration file.";
        return Note::new(Tone::Info, "Addresses of this server are not known", Html::rich(words, &[]))
            .into();
    }
    let fact = Fact::new("This server’s own connections come from", cell::mono(addresses.join(", ")))
        .source("let only these pass to your mail server, directory and SMTP server");
    Card::new("", Facts::rows([fact])).into()
}

fn table(cx: &Cx, caption: &str, connections: &[&Connection]) -> Html {
    let columns = ["For", "From", "To", "Port", "Last time"];
    let table = Table::new(caption, &columns).tall();
    connections.iter().fold(table, |table, connection| table.row(row(cx, connection))).into()
}

fn row(cx: &Cx, connection: &Connection) -> [Html; 5] {
    let info = connection.kind.info();
    let title = if connection.name.is_empty() {
        info.peer.to_owned()
    } else {
        format!("{}: {}", info.peer, connection.name)
    };
    let title = if info.page.is_empty() || !may_open(cx, info.page) {
        Html::text(title)
    } else {
        cell::link(info.page, title)
    };
    let places = |all: &[String], none: &str| {
        if all.is_empty() { cell::muted(none) } else { cell::mono(all.join(", ")) }
    };
    [
        cell::lines(title, info.purpose),
        places(
            &connection.source,
            if info.direction == Direction::Inbound { "your choice" } else { "this server" },
        ),
        places(&connection.destination, "this server"),
        cell::lines(
            cell::mono(format!("{} {}", connection.transport().label(), connection.port)),
            connection.service,
        ),
        last(cx, connection),
    ]
}

fn may_open(cx: &Cx, page: &str) -> bool {
    Place::ALL.iter().any(|place| place.path() == page && cx.shows(*place))
}

fn last(cx: &Cx, connection: &Connection) -> Html {
    match (&connection.failed, connection.worked_at) {
        (Some((at, why)), _) => {
            let why = Html::join([cx.ago(*at).into(), Html::text(format!(": {why}"))]);
            cell::lines(Chip::new("Failed", Tone::Bad), why)
        }
        (None, Some(at)) => cell::lines(Chip::new("Worked", Tone::Ok), cx.ago(at)),
        (None, None) => cell::muted("not seen since the server started"),
    }
}

async fn export(cx: Cx) -> Answer {
    let all = connections::list(&cx.engine, &cx.scope).await?;
    Ok(download("text/csv; charset=utf-8", "firewall-and-ports.csv", connections::csv(&all)))
}
