//! How one group, user or device stands: the exceptions that count for it, in words, and the form that makes or ends one.

use catalog::Permission;
use domain::model::{AccessConfig, Exception, ExceptionKind, Level};

use super::super::frame::{Cx, Entered, Wrong};
use super::{PATH, edits, exceptions};
use crate::parts::{Button, Card, Fact, Facts, Form as FormView, Html, Icon, Note, Tone, cell};

/// The levels whose exceptions count for this one, the most specific first.
fn line(cx: &Cx, level: &Level) -> Vec<Level> {
    let mut line = vec![level.clone()];
    let user = match level {
        Level::Device(id) => cx.org(|org| org.devices.get(*id).map(|d| d.user)).ok().flatten(),
        Level::User(id) => Some(*id),
        _ => None,
    };
    if let Some(user) = user {
        if matches!(level, Level::Device(_)) {
            line.push(Level::User(user));
        }
        line.extend(edits::groups_of(cx, user).into_iter().map(Level::Group));
    }
    line
}

fn is_live(cx: &Cx, exception: &Exception) -> bool {
    exception.expires_at.is_none_or(|end| cx.now < end)
}

/// What an exception does, until when and why.
pub fn words(cx: &Cx, level: &Level, exception: &Exception) -> Html {
    let what = match exception.kind {
        ExceptionKind::Never => Html::text("Never restricted"),
        ExceptionKind::Extra => cell::link(address(level), "More than the level above"),
        ExceptionKind::Custom => cell::link(address(level), "Ticks of its own"),
    };
    let until = match exception.expires_at {
        None => Html::text(", for good."),
        Some(at) if at <= cx.now => Html::join([Html::text("; ended "), cx.ago(at).into(), Html::text(".")]),
        Some(at) => Html::join([Html::text(", ends "), cx.ago(at).into(), Html::text(".")]),
    };
    let why = if exception.note.is_empty() { String::new() } else { format!(" {}", exception.note) };
    Html::join([what, until, Html::text(why)])
}

/// Where the ticks and the exception of a level are.
pub fn address(level: &Level) -> String {
    format!("{PATH}?level={}", edits::text(level))
}

/// For the page of a group, user or device: which exceptions count, which level decides, and the way to change it.
pub fn summary(cx: &Cx, level: &Level) -> Html {
    if !cx.can(Permission::ComplianceView) {
        return Html::default();
    }
    let Ok(access) = cx.org(|org| std::sync::Arc::clone(&org.access)) else { return Html::default() };
    let fact = |at: &Level| {
        let said = match access.exception(at) {
            Some(exception) => words(cx, at, exception),
            None if access.level(at).is_some() => cell::link(address(at), "Ticks of its own, for good"),
            None => Html::text("No exception"),
        };
        let label = match at {
            Level::Group(_) => format!("Group {}", edits::name(cx, at)),
            here if here == level => format!("This {}", kind(level)),
            _ => "Its user".into(),
        };
        Fact::new(label, said)
    };
    let counts = |at: &&Level| {
        // Of groups only those that say something: a user may be in many.
        !matches!(at, Level::Group(_)) || access.exception(at).is_some() || access.level(at).is_some()
    };
    let line = line(cx, level);
    let mut facts: Vec<Fact> = line.iter().filter(counts).map(fact).collect();
    facts.push(Fact::new("Decided by", cell::link(address(level), decider(cx, &access, &line))));
    let button = Button::link("Exceptions", address(level)).small().icon(Icon::Restrict);
    Card::new("Access restrictions", Facts::rows(facts)).aside(button).into()
}

/// What a level is, in a word.
fn kind(level: &Level) -> &'static str {
    match level {
        Level::Organization => "organization",
        Level::Platform(_) => "platform",
        Level::Group(_) => "group",
        Level::User(_) => "user",
        Level::Device(_) => "device",
    }
}

/// The most specific level that says anything.
fn decider(cx: &Cx, access: &AccessConfig, line: &[Level]) -> String {
    let says = |level: &&Level| match access.exception(level) {
        Some(exception) => is_live(cx, exception),
        None => access.level(level).is_some(),
    };
    match line.iter().find(says) {
        Some(Level::Device(_)) => "the device’s own setting, before all others".into(),
        Some(Level::User(_)) => "the user’s setting".into(),
        Some(group @ Level::Group(_)) => format!("the setting of the group {}", edits::name(cx, group)),
        _ => "the organization and the platform".into(),
    }
}

/// For the matrix of a group, user or device: what stands above it, and its own exception to be made, changed or ended.
pub fn cards(cx: &Cx, access: &AccessConfig, level: &Level) -> Vec<Html> {
    if matches!(level, Level::Organization | Level::Platform(_)) {
        return Vec::new();
    }
    let mut cards = Vec::new();
    for above in line(cx, level).iter().skip(1) {
        if let Some(exception) = access.exception(above).filter(|e| is_live(cx, e)) {
            let text = Html::join([
                words(cx, above, exception),
                Html::text(format!(
                    " It counts here as well, unless this {} has an exception of its own.",
                    kind(level)
                )),
            ]);
            let title = format!("{} has an exception", edits::name(cx, above));
            cards.push(Note::new(Tone::Info, title, text).into());
        }
    }
    let own = access.exception(level);
    if cx.can(Permission::ComplianceEdit) {
        cards.push(form(cx, level, own));
    } else if let Some(exception) = own {
        cards.push(Card::new("Exception", words(cx, level, exception)).into());
    }
    cards
}

fn form(cx: &Cx, level: &Level, own: Option<&Exception>) -> Html {
    let data = exceptions::stored(cx, level, own);
    let wrong = Wrong::default();
    let fields = exceptions::fields(&Entered { data: &data, wrong: &wrong }, own.is_some());
    let label = if own.is_some() { "Save exception" } else { "Make exception" };
    let form = FormView {
        id: "exception-form".into(),
        action: format!("{PATH}/exceptions/add"),
        hidden: [cx.hidden(), vec![("subject".into(), edits::text(level))]].concat(),
        fields,
        buttons: vec![Button::submit(label)],
        ..FormView::default()
    };
    let state = own.map_or_else(|| Html::text("none yet"), |exception| words(cx, level, exception));
    Card::new(format!("Exception for {}", edits::name(cx, level)), form).aside(state).into()
}
