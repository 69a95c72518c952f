//! Everything known of a device, with source and age.

use engine::devices::DeviceDetail;

use super::super::frame::Cx;
use super::super::{custom, words};
use crate::parts::{Button, Card, EmptyState, Html, Icon, Table, cell};

/// The tab.
pub fn tab(cx: &Cx, detail: &DeviceDetail) -> Vec<Html> {
    let device = &detail.device;
    let mut table = Table::new("Facts", &["Fact", "Value", "Where from", "When"]).tall();
    for (id, known) in device.facts.iter() {
        let fact = id.entry();
        table = table.row([
            cell::lines(fact.label, fact.help),
            words::fact_value(cx, fact.kind, fact.unit, &known.value),
            Html::text(words::source(&known.source)),
            cx.ago(known.at).into(),
        ]);
    }
    for mac in &device.macs {
        table = table.row([
            cell::lines("MAC address", "By which Cisco ISE asks for the device."),
            cell::mono(words::mac(mac)),
            Html::text("entered or linked by hand"),
            cell::none(),
        ]);
    }
    for fact in custom::rows(cx, &device.custom) {
        table = table.row(fact);
    }
    let mut ids = Table::new("Identifiers", &["Identifier", "Value"]);
    ids = ids
        .row([Html::text("GUID"), cell::mono(device.guid.to_string())])
        .row([Html::text("Id"), cell::mono(device.id.to_string())]);
    if let Some(channel) = device.eas() {
        ids = ids.row([Html::text("ActiveSync DeviceId"), cell::mono(&channel.external_id)]);
    }
    let facts: Html = if table.rows.is_empty() {
        EmptyState {
            icon: Icon::Info,
            title: "Nothing is known of this device yet".into(),
            text: "Facts come from the device itself, from integrations, and by hand.".into(),
            actions: Vec::new(),
        }
        .into()
    } else {
        table.into()
    };
    let aside: Html = if cx.can(catalog::Permission::DevicesEdit) {
        Button::link("Edit", format!("/dashboard/devices/{}/edit", device.id)).small().icon(Icon::Edit).into()
    } else {
        "unknown is not false".into()
    };
    vec![Card::flush("Facts", facts).aside(aside).into(), Card::flush("Identifiers", ids).into()]
}
