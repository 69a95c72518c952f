//! Removing a device's record.

use domain::model::{Device, DeviceId};
use door::{Form, Path};
use engine::devices;

use super::super::frame::{Answer, Cx, Wrong};
use crate::parts::{Columns, Danger, Fact, Head, Html, Loss, Place, Widths};

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
