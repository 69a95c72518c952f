//! Cisco ISE: what to enter there, the root certificate, a self-test, the last calls, unknown addresses, polling.

use catalog::Permission;
use door::{Access, Form, Routes};
use engine::devices;
use engine::ise::{self, Call, Credentials, SelfTestRow};
use http::Method;

use super::frame::{Answer, Cx, Entered, Oops, Wrong, download};
use super::words;
use crate::parts::{
    Button, ButtonKind, Card, Chip, Choice, Columns, Control, Copy, EmptyState, Fact, Facts, FieldView,
    Form as FormView, Head, Html, Icon, Note, Part, Place, Table, Tone, Widths, cell,
};

const PATH: &str = "/dashboard/cisco-ise";

/// Calls that are drawn.
const CALLS: usize = 50;
/// Unknown addresses that are drawn.
const MACS: usize = 50;

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::IseView);
    let edit = Access::Needs(Permission::IseEdit);
    routes
        .route(Method::GET, PATH, view, show)
        .route(Method::GET, "/dashboard/cisco-ise/root.pem", view, root_pem)
        .route(Method::GET, "/dashboard/cisco-ise/root.der", view, root_der)
        .route(Method::POST, "/dashboard/cisco-ise/self-test", edit, self_test)
        .route(Method::GET, "/dashboard/cisco-ise/link", edit, link_show)
        .route(Method::POST, "/dashboard/cisco-ise/link", edit, link)
}

async fn show(cx: Cx) -> Answer {
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
    let left =
        Html::stack([Card::new("What to enter in ISE", address(&cx)?).into(), calls_card(&cx, &calls)]);
    let right = Html::stack([
        test_card(&cx),
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

fn test_card(cx: &Cx) -> Html {
    if !cx.can(Permission::IseEdit) {
        return Html::default();
    }
    let (data, wrong) = (door::FormData::default(), Wrong::default());
    let entered = Entered { data: &data, wrong: &wrong };
    let form = FormView {
        id: "self-test-form".into(),
        action: format!("{PATH}/self-test"),
        hidden: cx.hidden(),
        error: String::new(),
        fields: vec![
            entered
                .text("user", "Account to try as well")
                .help("Its own name and password; used once and not kept.")
                .optional(),
            entered.secret("password", "Its password", "off").optional(),
        ],
        buttons: vec![Button { kind: ButtonKind::Primary, ..Button::submit("Run self-test") }],
    };
    Card::new("Self-test", form).footer("A real TLS client that trusts only the exported root produces every outcome of ISE’s Test Connection.").into()
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

async fn root_pem(cx: Cx) -> Answer {
    Ok(download("application/x-pem-file", "notifymdm-root.pem", cx.host.root_pem()))
}

async fn root_der(cx: Cx) -> Answer {
    Ok(download("application/x-x509-ca-cert", "notifymdm-root.der", cx.host.root_der()))
}

async fn self_test(cx: Cx, Form(data): Form) -> Answer {
    let user = data.text("user").to_owned();
    let own = (!user.is_empty()).then(|| Credentials { user, password: data.raw("password").to_owned() });
    let rows = cx.host.ise_self_test(&cx.scope, own).await?;
    let failed = rows.iter().filter(|r| !r.passed).count();
    let note = if failed == 0 {
        Note::new(Tone::Ok, "Everything is as ISE expects it", "Press Test Connection in ISE now.")
    } else {
        Note::new(
            Tone::Bad,
            words::count(failed, "outcome is", "outcomes are") + " not as expected",
            "Read the hint beside each.",
        )
    };
    let head = Head::new("Self-test", "What ISE’s Test Connection would have shown in each case.")
        .under("Cisco ISE", PATH);
    let body = vec![note.into(), Card::flush("", outcomes(&rows)).into(), test_card(&cx)];
    cx.page(Place::CiscoIse, head, body)
}

fn outcomes(rows: &[SelfTestRow]) -> Table {
    let mut table = Table::new("Self-test", &["Case", "Result", "What ISE would show"]).tall();
    for row in rows {
        let (chip, detail) = if row.passed {
            (Chip::new("As expected", Tone::Ok), String::new())
        } else {
            (Chip::new("Not as expected", Tone::Bad), format!("Expected: {} {}", row.expected, row.hint))
        };
        table = table.row([
            Html::text(row.name),
            chip.into(),
            cell::prose(cell::lines(row.shown.clone(), detail)),
        ]);
    }
    table
}

async fn link_show(cx: Cx) -> Answer {
    let (mac, text) = (cx.asked("mac").to_owned(), cx.asked("q").to_owned());
    link_page(&cx, &mac, &text, &Wrong::default())
}

/// First a search, then the devices found to choose from.
fn link_page(cx: &Cx, mac: &str, text: &str, wrong: &Wrong) -> Answer {
    let hits = devices::search(&cx.engine, &cx.scope, text, 20).unwrap_or_default();
    let found: Vec<_> = hits
        .into_iter()
        .filter_map(|hit| match hit {
            devices::Hit::Device(id, name, owner, _) => Some((id.to_string(), name, owner)),
            devices::Hit::User(..) => None,
        })
        .collect();
    let choices = found
        .iter()
        .map(|(id, name, owner)| Choice { help: owner.clone(), ..Choice::new(id, name, found.len() == 1) });
    let mut fields = vec![
        FieldView::new("q", "Find the device", Control::Text(text.to_owned(), "search"))
            .help("Name, user, serial number, IMEI; then press Find."),
    ];
    let searched = !text.is_empty();
    if !found.is_empty() {
        let device = FieldView::new("device", "Link the address to", Control::Radio(choices.collect()));
        fields.push(device.error(wrong.on("device")));
    }
    let error = match (searched && found.is_empty(), wrong.rest(&fields)) {
        (true, _) => format!("No device fits “{text}”."),
        (false, words) => words,
    };
    let send = |step: &str| Some(("step".to_owned(), step.to_owned()));
    let mut buttons = vec![Button { label: "Find".into(), send: send("find"), ..Button::default() }];
    if !found.is_empty() {
        buttons.push(Button { send: send("link"), ..Button::submit("Link") });
    }
    buttons.push(Button::link("Cancel", PATH));
    let mut hidden = cx.hidden();
    hidden.push(("mac".into(), mac.to_owned()));
    let form =
        FormView { id: "link-form".into(), action: format!("{PATH}/link"), hidden, error, fields, buttons };
    let head = Head::new(
        format!("Link {}", words::mac(mac)),
        "The next time ISE asks for this address, it gets the answer for that device.",
    )
    .under("Cisco ISE", PATH);
    cx.page(Place::CiscoIse, head, vec![Card::new("", form).into()])
}

async fn link(cx: Cx, Form(data): Form) -> Answer {
    let (mac, text) = (data.text("mac"), data.text("q"));
    if data.text("step") != "link" {
        return link_page(&cx, mac, text, &Wrong::default());
    }
    let Ok(device) = data.text("device").parse() else {
        let wrong = Wrong::of(engine::Error::invalid("device", "Choose one of the devices."))?;
        return link_page(&cx, mac, text, &wrong);
    };
    match ise::link_mac(&cx.engine, &cx.scope, mac, device).await {
        Ok(()) => cx.done(PATH, format!("{} is linked now.", words::mac(mac))),
        Err(error) => link_page(&cx, mac, text, &Wrong::of(error)?),
    }
}
