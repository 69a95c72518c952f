//! Editing, joining and removing a device's record.

use catalog::{FactType, FactValue};
use domain::model::{Device, DeviceId};
use door::{Form, FormData, Path};
use engine::Error;
use engine::devices::{self, DeviceEdit};

use super::super::frame::{Answer, Cx, Entered, Oops, Wrong};
use super::super::words;
use super::choices;
use crate::parts::{
    Button, Card, Columns, Control, Danger, Fact, FieldView, Form as FormView, Head, Html, Loss, Place,
    Widths,
};

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

fn stored(device: &Device) -> FormData {
    let mut pairs = vec![
        ("name".to_owned(), device.name.clone()),
        ("liability".to_owned(), device.liability.map(|l| l.key().to_owned()).unwrap_or_default()),
        ("suite".to_owned(), device.suite.map(|s| s.to_string()).unwrap_or_default()),
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
    FormData::new(pairs)
}

pub async fn show(cx: Cx, Path(id): Path<DeviceId>) -> Answer {
    let device = devices::get(&cx.engine, &cx.scope, id)?;
    let (head, body) = form(&cx, &device, &stored(&device), &Wrong::default())?;
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
        macs: Some(form_data.lines("macs")),
        quirk_449: device.eas().is_some().then(|| form_data.ticked("quirk_449")),
        quirk_ping: device.eas().is_some().then(|| form_data.ticked("quirk_ping")),
        facts,
    };
    match devices::edit(&cx.engine, &cx.scope, id, edit).await {
        Ok(()) => cx.done(&format!("/dashboard/devices/{id}"), "Saved."),
        Err(error) => {
            let (head, body) = form(&cx, &device, &form_data, &Wrong::of(error)?)?;
            cx.again(Place::Devices, head, body)
        }
    }
}

pub async fn remove_ask(cx: Cx, Path(id): Path<DeviceId>) -> Answer {
    let device = devices::get(&cx.engine, &cx.scope, id)?;
    remove_page(&cx, &device, String::new())
}

fn remove_page(cx: &Cx, device: &Device, error: String) -> Answer {
    let href = format!("/dashboard/devices/{}", device.id);
    let loss = |text: &str, kept| Loss { text: Html::text(text), kept };
    let failed = !error.is_empty();
    let danger = Danger {
        id: "remove".into(),
        title: format!("Remove the record of {}?", device.name),
        lead: "The device is forgotten here; nothing happens on the device itself.".into(),
        facts: vec![Fact::new("GUID", device.guid.to_string())],
        losses: vec![
            loss("Facts, addresses, exchanges and commands of this device", false),
            loss("Entries of the journal, and everything on the device", true),
        ],
        recall: "If its mail client comes again, it is a new device.".into(),
        name: device.name.clone(),
        action: format!("{href}/remove"),
        hidden: cx.hidden(),
        verb: "Remove the record".into(),
        cancel: href.clone(),
        standalone: true,
        error,
        ..Danger::default()
    };
    let head = Head::new("Remove the record", "")
        .under("Smart Devices and Users", "/dashboard/devices")
        .under(device.name.clone(), href);
    let body = vec![Columns::new(Widths::Two, [danger.into()]).into()];
    if failed { cx.again(Place::Devices, head, body) } else { cx.page(Place::Devices, head, body) }
}

pub async fn remove(cx: Cx, Path(id): Path<DeviceId>, Form(form): Form) -> Answer {
    let device = devices::get(&cx.engine, &cx.scope, id)?;
    if form.text("confirm") != device.name.trim() {
        return remove_page(
            &cx,
            &device,
            "The typed name is not this device’s name. Nothing was removed.".into(),
        );
    }
    match devices::remove(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done("/dashboard/devices", format!("The record of {} was removed.", device.name)),
        Err(error) => remove_page(&cx, &device, Wrong::of(error)?.rest(&[])),
    }
}

pub async fn join_show(cx: Cx, Path(id): Path<DeviceId>) -> Answer {
    let device = devices::get(&cx.engine, &cx.scope, id)?;
    join_page(&cx, &device, &Wrong::default())
}

/// The other records of the same user.
fn others(cx: &Cx, device: &Device) -> Result<Vec<(String, String)>, Oops> {
    Ok(cx.org(|org| {
        let same = org.devices.of_user(device.user).into_iter().filter(|d| d.id != device.id);
        same.take(100).map(|d| (d.id.to_string(), d.name.clone())).collect()
    })?)
}

fn join_page(cx: &Cx, device: &Device, wrong: &Wrong) -> Answer {
    let href = format!("/dashboard/devices/{}", device.id);
    let others = others(cx, device)?;
    let field = FieldView::new(
        "other",
        "Record to join into this one",
        Control::Select(others.iter().map(|(v, l)| crate::parts::Choice::new(v, l, false)).collect()),
    )
    .help("Its channel, facts and addresses move here; its GUID keeps leading here, also for Cisco ISE.")
    .error(wrong.on("other"));
    let fields = vec![field];
    let form = FormView {
        id: "join-form".into(),
        action: format!("{href}/join"),
        hidden: cx.hidden(),
        error: if others.is_empty() { "Its user has no other device.".into() } else { wrong.rest(&fields) },
        fields,
        buttons: vec![Button::submit("Join"), Button::link("Cancel", href.clone())],
    };
    let head = Head::new("Join two records", "Two records of one phone become one: this one stays.")
        .under("Smart Devices and Users", "/dashboard/devices")
        .under(device.name.clone(), href);
    cx.page(Place::Devices, head, vec![Card::new("", form).into()])
}

pub async fn join(cx: Cx, Path(id): Path<DeviceId>, Form(form): Form) -> Answer {
    let device = devices::get(&cx.engine, &cx.scope, id)?;
    let other = form.text("other").parse().map_err(|_| Error::invalid("other", "Choose a device."));
    let joined = match other {
        Ok(other) => devices::join(&cx.engine, &cx.scope, id, other).await,
        Err(error) => Err(error),
    };
    match joined {
        Ok(_) => cx.done(&format!("/dashboard/devices/{id}"), "The two records are one now."),
        Err(error) => join_page(&cx, &device, &Wrong::of(error)?),
    }
}
