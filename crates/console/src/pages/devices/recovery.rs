//! The recovery password that a device deposited: that there is one, and, for those who may, which.

use domain::model::DeviceId;
use door::{Form, Path};
use engine::devices::{self, DeviceDetail};

use super::super::frame::{Answer, Cx, PostButton};
use crate::parts::{Button, ButtonKind, Card, Copy, Fact, Facts, Head, Html, Icon, Note, Place, Tone};

/// What the policy tab says of it; nothing if the device deposited none.
pub fn card(cx: &Cx, detail: &DeviceDetail) -> Option<Html> {
    let deposited = detail.device.eas()?.eas.recovery_password.as_ref()?;
    let facts = Facts::rows([Fact::new("Deposited", cx.ago(deposited.at))]);
    let mut card = Card::new("Recovery password", facts)
        .footer("With it the pass-code of the device can be reset at the device. Reading it is journaled.");
    if cx.can(catalog::Permission::DevicesRecoveryPassword) {
        let button = PostButton {
            action: format!("/dashboard/devices/{}/recovery-password", detail.device.id),
            hidden: cx.hidden(),
            button: Button { label: "Show".into(), small: true, icon: Some(Icon::Eye), ..Button::default() },
        };
        card = card.aside(button);
    }
    Some(card.into())
}

/// Shows it, and journals that it was shown.
pub async fn show(cx: Cx, Path(id): Path<DeviceId>, Form(_): Form) -> Answer {
    let device = devices::get(&cx.engine, &cx.scope, id)?;
    let found = devices::recovery_password(&cx.engine, &cx.scope, id).await?;
    let page = format!("/dashboard/devices/{id}");
    let value = found.text.as_str().to_owned();
    let body = vec![
        Note::new(Tone::Warn, "You see a secret", "That you read it is in the journal.").into(),
        Card::new(
            "Recovery password",
            Copy { id: "secret".into(), label: "recovery password".into(), value },
        )
        .footer(Html::join([
            Html::text("Deposited by the device "),
            cx.ago(found.deposited_at).into(),
            ".".into(),
        ]))
        .into(),
        Button::link("Done", format!("{page}?tab=policy")).kind(ButtonKind::Primary).into(),
    ];
    let head = Head::new("Recovery password", device.name.clone())
        .under("Smart Devices and Users", "/dashboard/devices")
        .under(device.name.clone(), page);
    cx.page(Place::Devices, head, body)
}
