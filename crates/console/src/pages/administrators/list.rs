//! The list of administrators.

use catalog::Permission;
use domain::model::Administrator;
use engine::administrators::{self};

use super::super::frame::{Answer, Cx};
use super::super::{roles, words};
use super::{PATH, title};
use crate::parts::{Button, ButtonKind, Card, Chip, EmptyState, Head, Html, Icon, Place, Table, Tone, cell};

pub async fn list(cx: Cx) -> Answer {
    let all = administrators::list(&cx.engine, &cx.scope)?;
    let lead = if cx.outside() {
        "They make organizations and can step into each of them; every step is written to both journals."
    } else {
        "Who may act in this organization, as far as the role allows; and the accounts by which Cisco ISE calls."
    };
    let mut head = Head::new(title(&cx), lead);
    if cx.can(Permission::AdministratorsEdit) {
        head = head.action(
            Button::link("Add administrator", format!("{PATH}/add"))
                .kind(ButtonKind::Primary)
                .icon(Icon::Plus),
        );
    }
    let columns = &["Administrator", "Role", "ISE Admin", "State", "Last sign-in", "Sessions"];
    let mut table = Table::new(title(&cx), columns).tall();
    for admin in &all {
        let state =
            if admin.enabled { Chip::new("Enabled", Tone::Ok) } else { Chip::new("Disabled", Tone::Bad) };
        let sessions = engine::sign_in::sessions(&cx.engine, admin.id).len();
        table = table.row([
            cell::lines(
                cell::open(format!("{PATH}/{}", admin.id), &admin.display_name),
                admin.username.clone(),
            ),
            Html::text(roles::name(&cx, admin.role.as_ref())),
            ise_mark(admin),
            state.into(),
            words::ago(&cx, admin.last_sign_in_at),
            Html::text(sessions.to_string()),
        ]);
    }
    let body: Html = if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Admins,
            title: "No administrator".into(),
            text: "Only system administrators can act here until you add one.".into(),
            actions: Vec::new(),
        };
        Card::new("", empty).into()
    } else {
        Card::flush("", table).into()
    };
    cx.page(Place::Administrators, head, vec![body])
}

fn ise_mark(admin: &Administrator) -> Html {
    match (admin.ise_admin, admin.ise_full_wipe) {
        (true, true) => Chip::new("ISE Admin, full wipe", Tone::Warn).icon(Icon::Ise).into(),
        (true, false) => Chip::new("ISE Admin", Tone::Info).icon(Icon::Ise).into(),
        _ => cell::none(),
    }
}
