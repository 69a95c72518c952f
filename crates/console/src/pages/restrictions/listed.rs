//! User and Device Exceptions: for whom other rules hold, and until when.

use catalog::Permission;
use domain::model::{AccessConfig, ExceptionKind, Level};
use engine::compliance;

use super::super::frame::{Answer, Cx, PostButton, hidden_value};
use super::super::words;
use super::{PATH as RESTRICTIONS, edits, standing};
use crate::parts::{Button, ButtonKind, Card, Chip, EmptyState, Head, Html, Icon, Place, Table, Tone, cell};

/// The list.
pub const PATH: &str = "/dashboard/exceptions";

pub async fn show(cx: Cx) -> Answer {
    let access = compliance::access(&cx.engine, &cx.scope)?;
    let mut head = Head::new(
        "User and Device Exceptions",
        "One group, user or device for whom other rules hold, for a while. The most specific one decides.",
    );
    if cx.can(Permission::ComplianceEdit) {
        let add = Button::link("Add exception", format!("{RESTRICTIONS}/exceptions/add"));
        head = head.action(add.kind(ButtonKind::Primary).icon(Icon::Plus));
    }
    let body = vec![card(&cx, &access)];
    cx.page(Place::Exceptions, head, body)
}

/// Exceptions that are drawn.
const SHOWN: usize = 200;

fn link(cx: &Cx, level: &Level) -> Html {
    let href = match level {
        Level::Group(id) => format!("/dashboard/groups/{id}"),
        Level::User(id) => format!("/dashboard/users/{id}"),
        Level::Device(id) => format!("/dashboard/devices/{id}"),
        Level::Organization | Level::Platform(_) => standing::address(level),
    };
    cell::open(href, edits::name(cx, level))
}

/// The list of exceptions.
fn card(cx: &Cx, access: &AccessConfig) -> Html {
    if access.exceptions.is_empty() {
        let empty = EmptyState {
            icon: Icon::Users,
            title: "No exception".into(),
            text: "Every rule counts for everybody. An exception names one group, user or device, and may end by itself.".into(),
            actions: Vec::new(),
        };
        return Card::new("Exceptions", empty).into();
    }
    let mut table = Table::new("Exceptions", &["For", "What", "Ends", "Why", ""]).tall();
    for (level, exception) in access.exceptions.iter().take(SHOWN) {
        let kind = match exception.kind {
            ExceptionKind::Never => Html::from(Chip::new("Never restricted", Tone::Warn)),
            ExceptionKind::Extra => cell::link(standing::address(level), "More than the level above"),
            ExceptionKind::Custom => cell::link(standing::address(level), "Ticks of its own"),
        };
        let ends = match exception.expires_at {
            Some(at) if at <= cx.now => Html::from(Chip::new("Ended", Tone::Idle)),
            Some(at) => cx.ago(at).into(),
            None => Html::text("never"),
        };
        let end: Html = if cx.can(Permission::ComplianceEdit) {
            PostButton {
                action: format!("{RESTRICTIONS}/exceptions/end"),
                hidden: [cx.hidden(), vec![hidden_value("level", edits::text(level))]].concat(),
                button: Button {
                    label: "End".into(),
                    small: true,
                    kind: ButtonKind::Danger,
                    ..Button::default()
                },
            }
            .into()
        } else {
            Html::default()
        };
        table = table.row([link(cx, level), kind, ends, cell::prose(exception.note.clone()), end]);
    }
    let more = access.exceptions.len().saturating_sub(SHOWN);
    let footer =
        if more > 0 { format!("and {}", words::count(more, "other", "others")) } else { String::new() };
    Card::flush("Exceptions", table).footer(footer).into()
}
