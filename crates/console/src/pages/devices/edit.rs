//! Editing a device's record.

use catalog::{FactType, FactValue};
use domain::model::{CustomScope, Device, DeviceId};
use door::{Form, FormData, Path};
use engine::approvals::Edit;
use engine::devices::{self, DeviceEdit};

use super::super::foretold::{self, Ask};
use super::super::frame::{Answer, Cx, Entered, Oops, Wrong};
use super::super::{custom, words};
use super::choices;
use crate::parts::{Button, Card, FieldView, Form as FormView, Head, Html, Place};

/// Fields of the facts that can be entered, named `facts.key`.
pub fn fact_fields(entered: &Entered<'_>) -> Vec<FieldView> {
    let field = |fact: &&'static catalog::Fact| {
        let name = format!("facts.{}", fact.key);
        let field = match fact.kind {
            FactType::Bool => entered.segments(&name, fact.label, &choices::ternary()),
            _ => entered.text(&name, fact.label),
        };
        field.help(fact.help).optional()
    };
    catalog::FACTS.iter().filter(|f| f.editable && f.in_forms).collect::<Vec<_>>().iter().map(field).collect()
}

/// The entered value of a fact; none when it was left empty.
pub fn fact_value(fact: &catalog::Fact, text: &str) -> Option<FactValue> {
    match fact.kind {
        _ if text.is_empty() => None,
        FactType::Bool => Some(FactValue::Bool(text == "true")),
        FactType::Int | FactType::Time => {
            Some(text.parse().map_or_else(|_| FactValue::Text(text.to_owned()), FactValue::Int))
        }
        FactType::Text | FactType::Version => Some(FactValue::Text(text.to_owned())),
    }
}

fn stored(cx: &Cx, device: &Device) -> Result<FormData, Oops> {
    let mut pairs = vec![
        ("name".to_owned(), device.name.clone()),
        ("liability".to_owned(), device.liability.map(|l| l.key().to_owned()).unwrap_or_default()),
        ("suite".to_owned(), device.suite.map(|s| s.to_string()).unwrap_or_default()),
        ("schedule".to_owned(), device.schedule.map(|s| s.to_string()).unwrap_or_default()),
        ("macs".to_owned(), device.macs.iter().map(|m| words::mac(m)).collect::<Vec<_>>().join("\n")),
    ];
    for (id, known) in device.facts.iter() {
        let value = match &known.value {
            FactValue::Bool(b) => b.to_string(),
            FactValue::Int(n) => n.to_string(),
            FactValue::Text(t) => t.clone(),
        };
        pairs.push((format!("facts.{}", id.entry().key), value));
    }
    if device.eas().is_some_and(|c| c.eas.quirk_449) {
        pairs.push(("quirk_449".into(), "on".into()));
    }
    if device.eas().is_some_and(|c| c.eas.quirk_ping) {
        pairs.push(("quirk_ping".into(), "on".into()));
    }
    pairs.extend(custom::stored(cx, CustomScope::Device, &device.custom)?);
    Ok(FormData::new(pairs))
}

pub async fn show(cx: Cx, Path(id): Path<DeviceId>) -> Answer {
    let device = devices::get(&cx.engine, &cx.scope, id)?;
    let (head, body) = form(&cx, &device, &stored(&cx, &device)?, &Wrong::default())?;
    cx.page(Place::Devices, head, body)
}

fn form(cx: &Cx, device: &Device, data: &FormData, wrong: &Wrong) -> Result<(Head, Vec<Html>), Oops> {
    let entered = Entered { data, wrong };
    let mut fields = vec![
        entered.text("name", "Name"),
        entered
            .select("liability", "Liability", &choices::liabilities("As the user"))
            .help("Chooses the corporate or the individual column of the policy."),
        entered
            .select("suite", "Policy suite", &choices::suites(cx, "As the user or the organization")?)
            .help("Only this device gets it; it comes at its next contact."),
        entered
            .select(
                "schedule",
                "Connection schedule",
                &choices::schedules(cx, "As the user or the organization")?,
            )
            .help("When and how often this device is expected to check in."),
        entered
            .area("macs", "MAC addresses")
            .help("One a line, at most ten, in any spelling. Cisco ISE asks by them.")
            .optional(),
    ];
    if device.eas().is_some() {
        fields.push(
            entered
                .switch("quirk_449", "Answer with HTTP 449")
                .help("For mail clients that speak 14.0 or later and still want the old way of being sent to the policy."),
        );
        fields.push(
            entered
                .switch("quirk_ping", "Send a waiting client to its folders")
                .help("For mail clients that do not react when a waiting request is refused: they synchronize their folders and are refused there."),
        );
    }
    fields.extend(fact_fields(&entered));
    fields.extend(custom::fields(cx, &entered, CustomScope::Device)?);
    let form = FormView {
        id: "device-form".into(),
        action: format!("/dashboard/devices/{}/edit", device.id),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![
            Button::submit("Save"),
            Button::link("Cancel", format!("/dashboard/devices/{}", device.id)),
        ],
    };
    let head = Head::new("Edit device", "What people know about this device and it does not say itself.")
        .under("Smart Devices and Users", "/dashboard/devices")
        .under(device.name.clone(), format!("/dashboard/devices/{}", device.id));
    Ok((head, vec![Card::new("", form).into()]))
}

pub async fn save(cx: Cx, Path(id): Path<DeviceId>, Form(form_data): Form) -> Answer {
    let device = devices::get(&cx.engine, &cx.scope, id)?;
    let facts = catalog::FACTS
        .iter()
        .filter(|f| f.editable && f.in_forms)
        .map(|f| (f.key.to_owned(), fact_value(f, form_data.text(&format!("facts.{}", f.key)))))
        .filter(|(key, value)| device.facts.by_key(key).map(|k| &k.value) != value.as_ref())
        .collect();
    let edit = DeviceEdit {
        name: Some(form_data.text("name").to_owned()),
        liability: Some(choices::liability(&form_data)),
        suite: Some(form_data.text("suite").parse().ok()),
        schedule: Some(form_data.text("schedule").parse().ok()),
        macs: Some(form_data.lines("macs")),
        quirk_449: device.eas().is_some().then(|| form_data.ticked("quirk_449")),
        quirk_ping: device.eas().is_some().then(|| form_data.ticked("quirk_ping")),
        facts,
        custom: custom::input(&cx, CustomScope::Device, &form_data)?,
    };
    let page = format!("/dashboard/devices/{id}");
    let ask = Ask {
        place: Place::Devices,
        head: Head::new("Review before saving", "What this device would lose, or get back.")
            .under("Smart Devices and Users", "/dashboard/devices")
            .under(device.name.clone(), page.clone()),
        edit: Edit::Device { device: id, edit: Box::new(edit.clone()) },
        action: format!("{page}/edit"),
        back: format!("{page}/edit"),
    };
    if let Some(review) = foretold::review(&cx, ask, &form_data).await? {
        return Ok(review);
    }
    match devices::edit(&cx.engine, &cx.scope, id, edit).await {
        Ok(()) => cx.done(&format!("/dashboard/devices/{id}"), "Saved."),
        Err(error) => {
            let (head, body) = form(&cx, &device, &form_data, &Wrong::of(error)?)?;
            cx.again(Place::Devices, head, body)
        }
    }
}
