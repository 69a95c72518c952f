//! Telling the network at once: the RADIUS servers that take dynamic authorization, and what they said.

use catalog::Permission;
use domain::model::{
    RadiusRequest, RadiusRequestKind, RadiusServer, RadiusServerId, RadiusState, StationForm,
};
use door::{Form, FormData, Path};
use engine::radius::{self, RadiusInput};
use engine::{Error, FieldIssue};

use super::super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong, hidden_value};
use super::super::words;
use super::PATH;
use crate::parts::{
    Button, ButtonKind, Card, Chip, EmptyState, Form as FormView, Head, Html, Icon, Note, Place, Table, Tone,
    cell,
};

/// Requests that are drawn.
const REQUESTS: u32 = 50;
const SERVERS: &str = "/dashboard/cisco-ise/radius";

const KINDS: [(RadiusRequestKind, &str, &str); 3] = [
    (RadiusRequestKind::ChangeOfAuthorization, "coa", "Change of Authorization (RFC 5176)"),
    (
        RadiusRequestKind::CiscoReauthenticate,
        "cisco",
        "Change of Authorization, with Cisco’s reauthenticate command",
    ),
    (RadiusRequestKind::Disconnect, "disconnect", "Disconnect: the session ends, calls are interrupted"),
];

const FORMS: [(StationForm, &str, &str); 5] = [
    (StationForm::UpperHyphens, "upper_hyphens", "00-26-B4-24-FE-B4"),
    (StationForm::UpperColons, "upper_colons", "00:26:B4:24:FE:B4"),
    (StationForm::LowerColons, "lower_colons", "00:26:b4:24:fe:b4"),
    (StationForm::LowerDots, "lower_dots", "0026.b424.feb4"),
    (StationForm::Bare, "bare", "0026b424feb4"),
];

/// The card of servers and the card of requests.
pub async fn cards(cx: &Cx) -> Result<[Html; 2], Oops> {
    let servers = radius::list(&cx.engine, &cx.scope)?;
    let add = || Button::link("Add RADIUS server", format!("{SERVERS}/add")).small().icon(Icon::Plus);
    let may = cx.can(Permission::IseEdit);
    if servers.is_empty() {
        let empty = EmptyState {
            icon: Icon::Wifi,
            title: "The network hears of changes only when ISE asks".into(),
            text: "Name an access device, or a node of ISE, that takes Change of Authorization, and it is told within \
                   a second when a device may use the network no longer. It interrupts what the device does there, \
                   calls as well."
                .into(),
            actions: if may { vec![add()] } else { Vec::new() },
        };
        return Ok([Card::new("Tell the network at once", empty).into(), Html::default()]);
    }
    let mut table = Table::new("RADIUS servers", &["Server", "Asked for", "State"]).tall();
    for server in &servers {
        let state = if server.enabled { Chip::new("In use", Tone::Ok) } else { Chip::new("Off", Tone::Idle) };
        table = table.row([
            cell::lines(
                cell::open(format!("{SERVERS}/{}", server.id), &server.name),
                format!("{} port {}", server.host, server.port),
            ),
            cell::prose(kind_words(server.request)),
            state.into(),
        ]);
    }
    let mut card = Card::flush("Tell the network at once", table);
    if may {
        card = card.footer(add());
    }
    let requests = radius::requests(&cx.engine, &cx.scope, None, REQUESTS).await?;
    Ok([card.into(), requests_card(cx, &servers, &requests)?])
}

fn kind_words(kind: RadiusRequestKind) -> &'static str {
    KINDS.iter().find(|(known, ..)| *known == kind).map_or("", |(_, _, words)| words)
}

fn requests_card(
    cx: &Cx,
    servers: &[std::sync::Arc<RadiusServer>],
    requests: &[RadiusRequest],
) -> Result<Html, Oops> {
    if requests.is_empty() {
        let note = Note::new(
            Tone::Info,
            "",
            "Nothing was asked yet: no device with a MAC address has lost or regained the network since.",
        );
        return Ok(Card::new("What the network was told", note).into());
    }
    let mut table = Table::new("What the network was told", &["When", "Device", "Answer"]).tall();
    for request in requests {
        let name = cx.org(|org| org.devices.get(request.device).map(|device| device.name.clone()))?;
        let device = match name {
            Some(name) => cell::link(format!("/dashboard/devices/{}", request.device), name),
            None => Html::text("a device that is gone"),
        };
        let change =
            if request.restored { "may use the network again" } else { "may use the network no longer" };
        let server =
            servers.iter().find(|server| server.id == request.server).map_or("", |s| s.name.as_str());
        let (word, tone) = match request.state {
            RadiusState::Waiting => ("Waiting", Tone::Idle),
            RadiusState::Acknowledged => ("Done", Tone::Ok),
            RadiusState::Refused => ("Refused", Tone::Warn),
            RadiusState::Unanswered => ("No answer", Tone::Bad),
        };
        let detail = if request.detail.is_empty() {
            server.to_owned()
        } else {
            format!("{server}: {}", request.detail)
        };
        table = table.row([
            cx.at(request.at).into(),
            cell::lines(device, format!("{} {change}", words::mac(&request.mac))),
            cell::prose(cell::lines(Chip::new(word, tone), detail)),
        ]);
    }
    Ok(Card::flush("What the network was told", table).aside("newest first, kept for 30 days").into())
}

fn form(cx: &Cx, server: Option<&RadiusServer>, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let options = |all: &[(&str, &str)]| -> Vec<(String, String)> {
        all.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
    };
    let secret = entered.secret("secret", "Shared secret", "new-password").help(if server.is_some() {
        "Empty keeps the one that is stored."
    } else {
        "The same as on the access device, 8 to 128 characters. It is kept sealed and never shown again."
    });
    let may = cx.can(Permission::IseEdit);
    let mut fields = vec![
        entered.text("name", "Name"),
        entered.text("host", "Host").help("Name or address of the access device, the controller, or ISE’s node."),
        entered.number("port", "UDP port", (1, 65_535), "").help("3799 by the standard; Cisco’s devices listen at 1700."),
        if server.is_some() { secret.optional() } else { secret },
        entered
            .select("request", "Ask for", &options(&KINDS.map(|(_, value, label)| (value, label))))
            .help("Cisco’s switches and controllers want the second one. A Disconnect works nearly everywhere, and interrupts calls."),
        entered
            .select("station", "The access device writes a MAC as", &options(&FORMS.map(|(_, value, label)| (value, label))))
            .help("Calling-Station-Id must be in exactly its form, or the session is not found."),
        entered.text("nas_identifier", "NAS-Identifier").help("Sent along if the access device wants it.").optional(),
        entered.switch("on_restore", "Also when a device may use the network again"),
        entered
            .number("per_second", "Requests in a second at most", (1, 200), "requests")
            .help("A change of a rule can concern every device at once; the access device takes them in this pace."),
        entered.switch("enabled", "In use").help("Off: it is told nothing, and what waits for it is forgotten."),
    ];
    for field in &mut fields {
        field.input.read_only = !may;
    }
    let (title, action) = match server {
        None => ("Add RADIUS server".to_owned(), format!("{SERVERS}/add")),
        Some(server) => (server.name.clone(), format!("{SERVERS}/{}", server.id)),
    };
    let mut head = Head::new(
        title,
        "Whom we tell, by RADIUS dynamic authorization, when a device’s network verdict changes.",
    )
    .under("Cisco ISE", PATH);
    if let Some(server) = server.filter(|_| may) {
        head.actions.push(PostButton::remove(format!("{SERVERS}/{}/remove", server.id), cx.hidden()).into());
    }
    let rev = server.map(|s| hidden_value("rev", s.rev.to_string()));
    let save =
        Button { kind: ButtonKind::Primary, ..Button::submit(if server.is_some() { "Save" } else { "Add" }) };
    let form = FormView {
        id: "radius-form".into(),
        action,
        hidden: cx.hidden().into_iter().chain(rev).collect(),
        error: wrong.rest(&fields),
        fields,
        buttons: if may { vec![save] } else { Vec::new() },
    };
    let note = Note::new(
        Tone::Warn,
        "This interrupts people",
        "When a device loses the network its calls over it end. Nothing else than the verdict on Network Access \
         leads to a request.",
    );
    (head, vec![note.into(), Card::new("", form).into()])
}

fn stored(settings: &RadiusInput, rev: i64) -> FormData {
    let kind = KINDS.iter().find(|(known, ..)| *known == settings.request).map_or("", |(_, value, _)| value);
    let form = FORMS.iter().find(|(known, ..)| *known == settings.station).map_or("", |(_, value, _)| value);
    let mut pairs = vec![
        ("rev".to_owned(), rev.to_string()),
        ("name".to_owned(), settings.name.clone()),
        ("host".to_owned(), settings.host.clone()),
        ("port".to_owned(), settings.port.to_string()),
        ("request".to_owned(), kind.to_owned()),
        ("station".to_owned(), form.to_owned()),
        ("nas_identifier".to_owned(), settings.nas_identifier.clone()),
        ("per_second".to_owned(), settings.per_second.to_string()),
    ];
    let switches = [("on_restore", settings.on_restore), ("enabled", settings.enabled)];
    pairs
        .extend(switches.iter().filter(|(_, on)| *on).map(|(name, _)| ((*name).to_owned(), "on".to_owned())));
    FormData::new(pairs)
}

fn input(data: &FormData) -> Result<RadiusInput, Error> {
    let mut issues = Vec::new();
    let mut number = |field: &str, range: &str| {
        data.text(field).parse::<u32>().unwrap_or_else(|_| {
            issues
                .push(FieldIssue { field: field.into(), message: format!("Enter a whole number, {range}.") });
            1
        })
    };
    let (port, per_second) = (number("port", "1 to 65535"), number("per_second", "1 to 200"));
    let request = KINDS.iter().find(|(_, value, _)| *value == data.text("request")).map(|(kind, ..)| *kind);
    let station = FORMS.iter().find(|(_, value, _)| *value == data.text("station")).map(|(form, ..)| *form);
    for (field, known) in [("request", request.is_some()), ("station", station.is_some())] {
        if !known {
            issues.push(FieldIssue { field: field.into(), message: "Choose one of the list.".into() });
        }
    }
    if !issues.is_empty() {
        return Err(Error::Invalid(issues));
    }
    let defaults = RadiusInput::default();
    Ok(RadiusInput {
        name: data.text("name").to_owned(),
        host: data.text("host").to_owned(),
        // Too large a number is none, which is refused with the right words.
        port: u16::try_from(port).unwrap_or(0),
        secret: data.raw("secret").to_owned(),
        request: request.unwrap_or(defaults.request),
        station: station.unwrap_or(defaults.station),
        nas_identifier: data.text("nas_identifier").to_owned(),
        on_restore: data.ticked("on_restore"),
        per_second,
        enabled: data.ticked("enabled"),
    })
}

pub async fn add_show(cx: Cx) -> Answer {
    let (head, body) = form(&cx, None, &stored(&RadiusInput::default(), 0), &Wrong::default());
    cx.page(Place::CiscoIse, head, body)
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
    let made = match input(&data) {
        Ok(input) => radius::create(&cx.engine, &cx.scope, input).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(id) => {
            cx.done(&format!("{SERVERS}/{id}"), "Added. Test it before the first device depends on it.")
        }
        Err(error) => {
            let (head, body) = form(&cx, None, &data, &Wrong::of(error)?);
            cx.again(Place::CiscoIse, head, body)
        }
    }
}

pub async fn show(cx: Cx, Path(id): Path<RadiusServerId>) -> Answer {
    let server = radius::get(&cx.engine, &cx.scope, id)?;
    let data = stored(&RadiusInput::of(&server), server.rev);
    let (head, mut body) = form(&cx, Some(&server), &data, &Wrong::default());
    body.push(test_card(&cx, id, &FormData::default(), &Wrong::default()));
    cx.page(Place::CiscoIse, head, body)
}

pub async fn save(cx: Cx, Path(id): Path<RadiusServerId>, Form(data): Form) -> Answer {
    let server = radius::get(&cx.engine, &cx.scope, id)?;
    let seen = data.text("rev").parse().ok();
    let saved = match input(&data) {
        Ok(input) => radius::edit(&cx.engine, &cx.scope, id, seen, input).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => cx.done(&format!("{SERVERS}/{id}"), "Saved."),
        Err(error) => {
            let (head, body) = form(&cx, Some(&server), &data, &Wrong::of(error)?);
            cx.again(Place::CiscoIse, head, body)
        }
    }
}

pub async fn remove(cx: Cx, Path(id): Path<RadiusServerId>, Form(_): Form) -> Answer {
    match radius::remove(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done(PATH, "The RADIUS server was removed; it is told nothing any more."),
        Err(error) => cx.failed(&format!("{SERVERS}/{id}"), Wrong::of(error)?.rest(&[])),
    }
}

fn test_card(cx: &Cx, id: RadiusServerId, data: &FormData, wrong: &Wrong) -> Html {
    if !cx.can(Permission::IseEdit) {
        return Html::default();
    }
    let entered = Entered { data, wrong };
    let fields = vec![entered.text("mac", "MAC address").help(
        "Of a device that may be interrupted now, or of none at all: then “Session Context Not Found” shows that \
         address and secret are right.",
    )];
    let form = FormView {
        id: "radius-test".into(),
        action: format!("{SERVERS}/{id}/test"),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Ask now")],
    };
    Card::new("Test", form)
        .footer("The saved settings are used. Up to 14 seconds are waited for an answer.")
        .into()
}

pub async fn test(cx: Cx, Path(id): Path<RadiusServerId>, Form(data): Form) -> Answer {
    let server = radius::get(&cx.engine, &cx.scope, id)?;
    let stored = stored(&RadiusInput::of(&server), server.rev);
    let (head, mut body) = form(&cx, Some(&server), &stored, &Wrong::default());
    match radius::test(&cx.engine, &cx.scope, id, data.text("mac")).await {
        Ok(told) => {
            let after = format!("after {} ms", told.after.as_millis());
            let note = if told.done {
                Note::new(Tone::Ok, "It did what was asked", after)
            } else {
                Note::new(
                    Tone::Info,
                    "It refused, and it knows our secret",
                    format!("{} {after}.", told.words),
                )
            };
            body.insert(0, note.into());
            body.push(test_card(&cx, id, &data, &Wrong::default()));
            cx.page(Place::CiscoIse, head, body)
        }
        Err(error) => {
            body.push(test_card(&cx, id, &data, &Wrong::of(error)?));
            cx.again(Place::CiscoIse, head, body)
        }
    }
}
