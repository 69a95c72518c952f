//! Joining two records of one phone.

use domain::model::{Device, DeviceId};
use door::{Form, Path};
use engine::Error;
use engine::devices;

use super::super::frame::{Answer, Cx, Oops, Wrong};
use super::super::words;
use crate::parts::{
    Button, Card, Choice, Control, EmptyState, FieldView, Form as FormView, Head, Icon, Place,
};

pub async fn show(cx: Cx, Path(id): Path<DeviceId>) -> Answer {
    let device = devices::get(&cx.engine, &cx.scope, id)?;
    join_page(&cx, &device, &Wrong::default())
}

/// The other records of the same user.
fn others(cx: &Cx, device: &Device) -> Result<Vec<(String, String)>, Oops> {
    Ok(cx.org(|org| {
        let same = org.devices.of_user(device.user).into_iter().filter(|d| d.id != device.id);
        let words = |d: &Device| match (d.eas(), d.macs.first()) {
            (Some(channel), _) => format!("{}, ActiveSync {}", d.name, channel.external_id),
            (None, Some(mac)) => format!("{}, entered by hand, {}", d.name, words::mac(mac)),
            (None, None) => format!("{}, entered by hand", d.name),
        };
        same.take(100).map(|d| (d.id.to_string(), words(d))).collect()
    })?)
}

fn join_page(cx: &Cx, device: &Device, wrong: &Wrong) -> Answer {
    let href = format!("/dashboard/devices/{}", device.id);
    let head = Head::new("Join two records", "Two records of one phone become one: this one stays.")
        .under("Smart Devices and Users", "/dashboard/devices")
        .under(device.name.clone(), href.clone());
    let others = others(cx, device)?;
    if others.is_empty() {
        let empty = EmptyState {
            icon: Icon::Link,
            title: "Its user has no other device".into(),
            text: "Only records of the same user can be joined. If the other one belongs to somebody else, it is not \
                   the same phone; if its mail client was not heard of yet, come back when it was."
                .into(),
            actions: vec![Button::link("Back to the device", href)],
        };
        return cx.page(Place::Devices, head, vec![Card::new("", empty).into()]);
    }
    let field = FieldView::new(
        "other",
        "Record to join into this one",
        Control::Select(others.iter().map(|(v, l)| Choice::new(v, l, false)).collect()),
    )
    .help("Its channel, facts and addresses move here; its GUID keeps leading here, also for Cisco ISE.")
    .error(wrong.on("other"));
    let fields = vec![field];
    let form = FormView {
        id: "join-form".into(),
        action: format!("{href}/join"),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Join"), Button::link("Cancel", href.clone())],
    };
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
