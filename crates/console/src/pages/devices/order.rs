//! Ordering one command for one device, with the question before a dangerous one.

use catalog::{CommandKind, Danger as Class};
use domain::model::{CommandState, DeviceId};
use door::{Form, Path};
use engine::commands::{self, Order};
use engine::devices::{self, DeviceDetail};

use super::super::frame::{Answer, Cx, Oops, Wrong};
use super::super::words;
use crate::parts::{
    Columns, Control, Danger, Fact, FieldView, Head, Html, Loss, Note, Place, Tone, Widths, cell,
};

fn kind_of(key: &str) -> Result<CommandKind, Oops> {
    words::command_by_key(key).ok_or(Oops::not_found("command"))
}

/// The question as a part, for the device page (a dialog) and for a page of its own.
pub fn danger(cx: &Cx, detail: &DeviceDetail, kind: CommandKind, standalone: bool) -> Danger {
    let command = kind.entry();
    let device = &detail.device;
    let href = format!("/dashboard/devices/{}", device.id);
    let losses = if command.loses.is_empty() {
        Vec::new()
    } else {
        let lost = Loss { text: command.loses.into(), kept: false };
        let kept = match kind {
            CommandKind::FullWipe => "The record, its facts and its timeline stay here",
            CommandKind::AccountWipe => "Photos, apps and whatever else is personal",
            _ => "Mail on the server, and everything on the device",
        };
        vec![lost, Loss { text: kept.into(), kept: true }]
    };
    Danger {
        id: words::command_key(kind).into(),
        title: format!("{}: {}?", command.label, device.name),
        lead: command.help.into(),
        facts: vec![
            Fact::new("Owner", cell::text(&detail.user.display_name)),
            Fact::new("Liability", detail.liability.label()),
            Fact::new("Last contact", words::ago(cx, detail.last_contact)),
        ],
        losses,
        recall: match command.danger {
            Class::Destructive => {
                "It can be cancelled until the device has been told; not afterwards.".into()
            }
            Class::Access => "It can be taken back at any time.".into(),
            Class::None => Html::default(),
        },
        approval: kind.is_destructive().then(|| approval(cx)).flatten(),
        name: if kind.is_destructive() { device.name.clone() } else { String::new() },
        fields: vec![note_field(kind)],
        action: format!("{href}/order/{}", words::command_key(kind)),
        hidden: cx.hidden(),
        verb: command.label.into(),
        cancel: href,
        standalone,
        error: String::new(),
    }
}

/// The reason; several questions may stand in one page, so its id is the command's.
fn note_field(kind: CommandKind) -> FieldView {
    let mut field = FieldView::new("note", "Reason", Control::Text(String::new(), "text"));
    field.input.id = format!("{}-note", words::command_key(kind));
    let help = match kind {
        CommandKind::Block => "Shown to the help desk, and written to the journal.",
        _ => "Written to the journal.",
    };
    field.help(help).optional()
}

/// What must be known of the hourly limit.
fn approval(cx: &Cx) -> Option<Note> {
    let limits = engine::approvals::limits(&cx.engine, &cx.scope).ok()?;
    let (spent, limit) = (limits.spent, limits.limit);
    (spent >= u64::from(limit)).then(|| {
        Note::new(
            Tone::Warn,
            "A second administrator has to agree",
            format!(
                "{spent} destructive commands were ordered within the last hour; this one waits for approval."
            ),
        )
    })
}

pub async fn ask(cx: Cx, Path((id, key)): Path<(DeviceId, String)>) -> Answer {
    let kind = kind_of(&key)?;
    let detail = devices::detail(&cx.engine, &cx.scope, id)?;
    cx.scope.require(kind.entry().permission)?;
    page(&cx, &detail, kind, String::new())
}

fn page(cx: &Cx, detail: &DeviceDetail, kind: CommandKind, error: String) -> Answer {
    let head = Head::new(kind.entry().label, "")
        .under("Smart Devices and Users", "/dashboard/devices")
        .under(detail.device.name.clone(), format!("/dashboard/devices/{}", detail.device.id));
    let failed = !error.is_empty();
    let question = Danger { error, ..danger(cx, detail, kind, true) };
    let body = vec![Columns::new(Widths::Two, [question.into()]).into()];
    if failed { cx.again(Place::Devices, head, body) } else { cx.page(Place::Devices, head, body) }
}

pub async fn order(cx: Cx, Path((id, key)): Path<(DeviceId, String)>, Form(form): Form) -> Answer {
    let kind = kind_of(&key)?;
    let detail = devices::detail(&cx.engine, &cx.scope, id)?;
    cx.scope.require(kind.entry().permission)?;
    if kind.is_destructive() && form.text("confirm") != detail.device.name.trim() {
        let error = "The typed name is not this device’s name. Nothing was ordered.".to_owned();
        return page(&cx, &detail, kind, error);
    }
    let order = Order { device: id, kind, note: form.text("note").to_owned() };
    match commands::order(&cx.engine, &cx.scope, order).await {
        Ok(command) => {
            let label = kind.entry().label;
            let said = match command.state {
                CommandState::AwaitingApproval => {
                    format!("{label}: it waits for a second administrator.")
                }
                CommandState::Acknowledged => format!("{label}: done."),
                _ => format!("{label}: ordered. {}", command.next),
            };
            let tab = if kind.entry().needs_device { "?tab=commands" } else { "" };
            cx.done(&format!("/dashboard/devices/{id}{tab}"), said)
        }
        Err(error) => page(&cx, &detail, kind, Wrong::of(error)?.rest(&[])),
    }
}
