//! Exceptions of groups, users and devices: never restricted, or ticks of their own, until they end.

use domain::model::{Exception, ExceptionKind, Level};
use door::{Form, FormData};
use engine::Error;
use engine::compliance::{self, AccessEdit};

use super::super::frame::{Answer, Cx, Entered, Oops, Wrong, hidden_value};
use super::{PATH, edits, listed, standing};
use crate::parts::{Button, Card, FieldView, Form as FormView, Head, Html, Place};

pub async fn add_show(cx: Cx) -> Answer {
    let mut pairs = stored_pairs(&cx, None);
    pairs.push(("subject".into(), cx.asked("subject").to_owned()));
    let (head, body) = form(&cx, &FormData::new(pairs), &Wrong::default())?;
    cx.page(Place::Exceptions, head, body)
}

/// What the form of a level begins with.
pub fn stored(cx: &Cx, level: &Level, own: Option<&Exception>) -> FormData {
    let mut pairs = stored_pairs(cx, own);
    pairs.push(("subject".into(), edits::text(level)));
    FormData::new(pairs)
}

fn stored_pairs(cx: &Cx, own: Option<&Exception>) -> Vec<(String, String)> {
    let kind = match own.map(|e| &e.kind) {
        None | Some(ExceptionKind::Never) => "never",
        Some(ExceptionKind::Extra) => "extra",
        Some(ExceptionKind::Custom) => "custom",
    };
    let until = match own {
        Some(exception) => exception.expires_at.map(|at| cx.date(at - 1)),
        None => Some(cx.date(cx.now + 7 * 86_400_000)),
    };
    let note = own.map(|e| e.note.clone()).unwrap_or_default();
    vec![("kind".into(), kind.into()), ("until".into(), until.unwrap_or_default()), ("note".into(), note)]
}

/// The fields that say what is different, until when and why; with the choice to end it where there is one.
pub fn fields(entered: &Entered<'_>, ends: bool) -> Vec<FieldView> {
    let mut kinds = vec![
        ("never", "Never restrict", "Whatever is wrong with it, nothing is taken away."),
        ("extra", "Restrict more", "What the levels above take away, and what you tick here on top of it."),
        ("custom", "Ticks of its own", "What you tick here, and nothing else."),
    ];
    if ends {
        kinds.push(("none", "No exception", "It ends now, and the levels above decide again."));
    }
    let kinds: Vec<_> = kinds.into_iter().map(|(v, l, h)| (v.into(), l.into(), h.into())).collect();
    vec![
        entered.radio("kind", "What is different", &kinds),
        entered.date("until", "Last day").help("Empty is for good.").optional(),
        entered.text("note", "Why").help("For whoever reads this next, and for the journal.").optional(),
    ]
}

fn form(cx: &Cx, data: &FormData, wrong: &Wrong) -> Result<(Head, Vec<Html>), Oops> {
    let entered = Entered { data, wrong };
    let mut hidden = cx.hidden();
    // An id comes from a link or from the level's own page; nobody should have to read or type one.
    let known = if data.text("subject").len() > 32 { subject(cx, data.text("subject"))? } else { None };
    let mut fields = fields(&entered, known.is_some());
    let cancel = if let Some(level) = &known {
        hidden.push(hidden_value("subject", edits::text(level)));
        standing::address(level)
    } else {
        let field = entered.text("subject", "User").help(
            "A sign-in name or address. For a device or a group, open its page and press Exceptions there.",
        );
        fields.insert(0, field);
        listed::PATH.to_owned()
    };
    let form = FormView {
        id: "exception-form".into(),
        action: format!("{PATH}/exceptions/add"),
        hidden,
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Save exception"), Button::link("Cancel", cancel)],
    };
    let title = match &known {
        Some(level) => format!("Exception for {}", edits::name(cx, level)),
        None => "Add exception".to_owned(),
    };
    let head = Head::new(title, "One group, user or device for whom other rules hold, for a while.")
        .under("User and Device Exceptions", listed::PATH);
    Ok((head, vec![Card::new("", form).into()]))
}

fn subject(cx: &Cx, text: &str) -> Result<Option<Level>, Oops> {
    Ok(cx.org(|org| {
        let user = text.parse().ok().and_then(|id| org.user(id));
        let user = user.or_else(|| org.user_by_name(text)).or_else(|| org.user_by_email(text));
        let device = || text.parse().ok().and_then(|id| org.devices.get(id));
        let group = || text.parse().ok().and_then(|id| org.group(id));
        user.map(|u| Level::User(u.id))
            .or_else(|| device().map(|d| Level::Device(d.id)))
            .or_else(|| group().map(|g| Level::Group(g.id)))
    })?)
}

/// The exception as it was entered; `None` ends it.
fn read(cx: &Cx, data: &FormData) -> Result<Option<Exception>, Error> {
    let kind = match data.text("kind") {
        "none" => return Ok(None),
        "extra" => ExceptionKind::Extra,
        "custom" => ExceptionKind::Custom,
        _ => ExceptionKind::Never,
    };
    let expires_at = match data.text("until") {
        "" => None,
        day => Some(cx.day(day).map(|(_, end)| end).filter(|end| *end > cx.now).ok_or_else(|| {
            Error::invalid("until", "Enter a day from today on, or leave it empty for good.")
        })?),
    };
    Ok(Some(Exception {
        kind,
        expires_at,
        note: data.text("note").chars().take(500).collect(),
        by: String::new(),
    }))
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
    let made = match (subject(&cx, data.text("subject"))?, read(&cx, &data)) {
        (None, _) => Err(Error::invalid("subject", "There is no such user or device.")),
        (_, Err(error)) => Err(error),
        (Some(level), Ok(exception)) => {
            let kind = exception.as_ref().map(|e| e.kind.clone());
            let edit = AccessEdit::Exception { level: level.clone(), exception };
            compliance::edit_access(&cx.engine, &cx.scope, vec![edit]).await.map(|()| (level, kind))
        }
    };
    match made {
        Ok((level, kind)) => {
            let said = match kind {
                None => "The exception ended.",
                Some(ExceptionKind::Never) => "The exception was saved.",
                Some(_) => "The exception was saved. Now tick below what counts here.",
            };
            cx.done(&standing::address(&level), said)
        }
        Err(error) => {
            let (head, body) = form(&cx, &data, &Wrong::of(error)?)?;
            cx.again(Place::Exceptions, head, body)
        }
    }
}

pub async fn end(cx: Cx, Form(data): Form) -> Answer {
    let level = edits::parse(&cx, data.text("level"))?;
    let edit = AccessEdit::Exception { level, exception: None };
    match compliance::edit_access(&cx.engine, &cx.scope, vec![edit]).await {
        Ok(()) => cx.done(listed::PATH, "The exception ended."),
        Err(error) => cx.failed(listed::PATH, Wrong::of(error)?.rest(&[])),
    }
}
