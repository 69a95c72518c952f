//! Exceptions of users and devices: never restricted, or ticks of their own, until they end.

use catalog::Permission;
use domain::model::{AccessConfig, Exception, ExceptionKind, Level};
use door::{Form, FormData};
use engine::Error;
use engine::compliance::{self, AccessEdit};

use super::super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong, hidden_value};
use super::edits;
use crate::parts::{
    Button, ButtonKind, Card, Chip, EmptyState, Form as FormView, Head, Html, Icon, Place, Table, Tone, cell,
};

const PATH: &str = "/dashboard/access-restrictions";

fn link(cx: &Cx, level: &Level) -> Html {
    let href = match level {
        Level::User(id) => format!("/dashboard/users/{id}"),
        Level::Device(id) => format!("/dashboard/devices/{id}"),
        Level::Organization | Level::Platform(_) => PATH.to_owned(),
    };
    cell::open(href, edits::name(cx, level))
}

/// The list of exceptions.
pub fn card(cx: &Cx, access: &AccessConfig) -> Html {
    if access.exceptions.is_empty() {
        let empty = EmptyState {
            icon: Icon::Users,
            title: "No exception".into(),
            text: "Every rule counts for everybody. An exception names one user or device, and may end by itself.".into(),
            actions: Vec::new(),
        };
        return Card::new("Exceptions", empty).into();
    }
    let mut table = Table::new("Exceptions", &["For", "What", "Ends", "Why", ""]).tall();
    for (level, exception) in &access.exceptions {
        let kind = match exception.kind {
            ExceptionKind::Never => Html::from(Chip::new("Never restricted", Tone::Warn)),
            ExceptionKind::Custom => {
                cell::link(format!("{PATH}?level={}", edits::text(level)), "Ticks of its own")
            }
        };
        let ends = match exception.expires_at {
            Some(at) if at <= cx.now => Html::from(Chip::new("Ended", Tone::Idle)),
            Some(at) => cx.ago(at).into(),
            None => Html::text("never"),
        };
        let end: Html = if cx.can(Permission::ComplianceEdit) {
            PostButton {
                action: format!("{PATH}/exceptions/end"),
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
    Card::flush("Exceptions", table).into()
}

pub async fn add_show(cx: Cx) -> Answer {
    let subject = cx.asked("subject").to_owned();
    let data = FormData::new(vec![
        ("subject".into(), subject),
        ("kind".into(), "never".into()),
        ("days".into(), "7".into()),
    ]);
    let (head, body) = form(&cx, &data, &Wrong::default());
    cx.page(Place::AccessRestrictions, head, body)
}

fn form(cx: &Cx, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let kinds = [
        ("never", "Never restrict", "Whatever is wrong with it, nothing is taken away."),
        ("custom", "Ticks of its own", "Another matrix for this one; you fill it in afterwards."),
    ]
    .map(|(v, l, h)| (v.to_owned(), l.to_owned(), h.to_owned()));
    let fields = vec![
        entered
            .text("subject", "User or device")
            .help("A sign-in name or address for a user; for a device the id that its page of facts shows."),
        entered.radio("kind", "What is different", &kinds),
        entered.number("days", "Ends after", (0, 365), "days").help("0 is for good."),
        entered.text("note", "Why").help("For whoever reads this next, and for the journal."),
    ];
    let form = FormView {
        id: "exception-form".into(),
        action: format!("{PATH}/exceptions/add"),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Add exception"), Button::link("Cancel", PATH)],
    };
    let head = Head::new("Add exception", "One user or device for whom the rules count less, for a while.")
        .under("Access Restrictions", PATH);
    (head, vec![Card::new("", form).into()])
}

fn subject(cx: &Cx, text: &str) -> Result<Option<Level>, Oops> {
    Ok(cx.org(|org| {
        let user = text.parse().ok().and_then(|id| org.user(id));
        let user = user.or_else(|| org.user_by_name(text)).or_else(|| org.user_by_email(text));
        let device = || text.parse().ok().and_then(|id| org.devices.get(id));
        user.map(|u| Level::User(u.id)).or_else(|| device().map(|d| Level::Device(d.id)))
    })?)
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
    let custom = data.text("kind") == "custom";
    let days: Option<i64> = data.text("days").parse().ok().filter(|d| (0..=365).contains(d));
    let level = subject(&cx, data.text("subject"))?;
    let made = match (level, days) {
        (None, _) => Err(Error::invalid("subject", "There is no such user or device.")),
        (_, None) => Err(Error::invalid("days", "Enter 0 to 365 days.")),
        (Some(level), Some(days)) => {
            let exception = Exception {
                kind: if custom { ExceptionKind::Custom } else { ExceptionKind::Never },
                expires_at: (days > 0).then(|| cx.now + days * 86_400_000),
                note: data.text("note").chars().take(500).collect(),
            };
            let edit = AccessEdit::Exception { level: level.clone(), exception: Some(exception) };
            compliance::edit_access(&cx.engine, &cx.scope, vec![edit]).await.map(|()| level)
        }
    };
    match made {
        Ok(level) if custom => {
            cx.done(&format!("{PATH}?level={}", edits::text(&level)), "Now tick what counts for this one.")
        }
        Ok(_) => cx.done(PATH, "The exception was added."),
        Err(error) => {
            let (head, body) = form(&cx, &data, &Wrong::of(error)?);
            cx.again(Place::AccessRestrictions, head, body)
        }
    }
}

pub async fn end(cx: Cx, Form(data): Form) -> Answer {
    let level = edits::parse(&cx, data.text("level"))?;
    let edit = AccessEdit::Exception { level, exception: None };
    match compliance::edit_access(&cx.engine, &cx.scope, vec![edit]).await {
        Ok(()) => cx.done(PATH, "The exception ended."),
        Err(error) => cx.failed(PATH, Wrong::of(error)?.rest(&[])),
    }
}
