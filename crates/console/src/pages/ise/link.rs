//! Linking an unknown address to a device.

use door::Form;
use engine::devices;
use engine::ise::{self};

use super::super::frame::{Answer, Cx, Wrong};
use super::super::words;
use super::PATH;
use crate::parts::{Button, Card, Choice, Control, FieldView, Form as FormView, Head, Place};

pub async fn link_show(cx: Cx) -> Answer {
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
            devices::Hit::User(..) | devices::Hit::Group(..) => None,
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

pub async fn link(cx: Cx, Form(data): Form) -> Answer {
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
