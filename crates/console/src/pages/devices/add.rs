//! A device made known by hand.

use catalog::{PLATFORMS, Platform};
use door::{Form, FormData};
use engine::Error;
use engine::devices::{self, NewDevice};

use super::super::frame::{Answer, Cx, Entered, Wrong};
use super::{choices, edit};
use crate::parts::{Button, Card, Form as FormView, Head, Html, Note, Place, Tone};

pub async fn show(mut cx: Cx) -> Answer {
    let user = cx.asked("user").to_owned();
    let (head, body) = form(&mut cx, &FormData::new(vec![("user".into(), user)]), &Wrong::default());
    cx.page(Place::Devices, head, body)
}

fn form(cx: &mut Cx, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    cx.note(Note::new(
        Tone::Info,
        "Phones appear by themselves",
        "Enter a device by hand so that Cisco ISE knows it before its mail client was heard of. Its mail client then \
         shows up as a device of its own: open one of the two and choose More ▸ Join with another record.",
    ));
    let entered = Entered { data, wrong };
    let platforms: Vec<_> = PLATFORMS.iter().map(|p| (p.key.to_owned(), p.label.to_owned())).collect();
    let mut fields = vec![
        entered.text("user", "User").help("Sign-in name or address of its owner."),
        entered.text("name", "Name").help("Left empty, it is named after its owner.").optional(),
        entered.select("platform", "Platform", &platforms),
        entered.select("liability", "Liability", &choices::liabilities("As the user")),
        entered
            .area("macs", "MAC addresses")
            .help("One a line, at most ten, in any spelling. Cisco ISE asks by them.")
            .optional(),
    ];
    fields.extend(edit::fact_fields(&entered));
    let form = FormView {
        id: "device-form".into(),
        action: "/dashboard/devices/add".into(),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Add device"), Button::link("Cancel", "/dashboard/devices")],
    };
    let head = Head::new("Add device", "A device that is known before anything was heard of it.")
        .under("Smart Devices and Users", "/dashboard/devices");
    (head, vec![Card::new("", form).into()])
}

pub async fn save(mut cx: Cx, Form(data): Form) -> Answer {
    let name = data.text("user");
    let user = cx.org(|org| {
        let id = name.parse().ok().and_then(|id| org.user(id));
        id.or_else(|| org.user_by_name(name)).or_else(|| org.user_by_email(name)).map(|u| u.id)
    })?;
    let made = match user {
        None => Err(Error::invalid("user", "There is no such user. Enter a sign-in name or an address.")),
        Some(user) => {
            let facts = catalog::FACTS.iter().filter(|f| f.editable && f.in_forms).filter_map(|f| {
                let value = edit::fact_value(f, data.text(&format!("facts.{}", f.key)))?;
                Some((f.key.to_owned(), value))
            });
            let new = NewDevice {
                user,
                name: data.text("name").to_owned(),
                platform: Platform::from_key(data.text("platform")).unwrap_or_default(),
                liability: choices::liability(&data),
                macs: data.lines("macs"),
                facts: facts.collect(),
            };
            devices::create(&cx.engine, &cx.scope, new).await
        }
    };
    match made {
        Ok(device) => cx.done(&format!("/dashboard/devices/{}", device.id), "The device was added."),
        Err(error) => {
            let wrong = Wrong::of(error)?;
            let (head, body) = form(&mut cx, &data, &wrong);
            cx.again(Place::Devices, head, body)
        }
    }
}
