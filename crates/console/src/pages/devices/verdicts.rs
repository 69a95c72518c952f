//! Former verdicts of a device: why it was shut out at a moment, and what changed when.

use catalog::TargetSet;
use domain::Millis;
use domain::compliance::former_obstacle;
use domain::model::{DeviceId, VerdictRecord};
use door::{FormData, Path};
use engine::compliance::{self, Past};
use engine::devices;

use super::super::frame::{Answer, Cx, Entered, Oops, SearchForm, Wrong};
use super::super::words;
use super::findings;
use crate::parts::{Button, Card, Chip, EmptyState, Head, Html, Icon, Note, Place, Table, Tone, cell};

/// Verdicts that are drawn; all of them are in REST.
const SHOWN: u32 = 100;

/// The page. With `at`, a minute of the reader's zone, or `from`, milliseconds since 1970, it says what held then.
pub async fn show(cx: Cx, Path(id): Path<DeviceId>) -> Answer {
    let detail = devices::detail(&cx.engine, &cx.scope, id)?;
    let exact: Option<Millis> = cx.asked("from").parse().ok();
    let entered = exact.map_or_else(|| cx.asked("at").to_owned(), |at| cx.minute(at));
    let moment = exact.or_else(|| minute_until(&cx, &entered));
    let unread = moment.is_none() && !entered.is_empty();
    let mut body = vec![form(&entered, unread, id)];
    if let Some(at) = moment {
        body.push(then(&cx, id, at).await?);
    }
    body.push(changes(&cx, id, moment).await?);
    let head = Head::new(
        "Access at another time",
        "What the device could reach at any moment, why, and who decided.",
    )
    .under("Smart Devices and Users", "/dashboard/devices")
    .under(detail.device.name.clone(), format!("/dashboard/devices/{id}"));
    if unread { cx.again(Place::Devices, head, body) } else { cx.page(Place::Devices, head, body) }
}

/// The end of the minute that was entered: what began within it had begun "at 14:03".
fn minute_until(cx: &Cx, text: &str) -> Option<Millis> {
    let seconds = text.matches(':').count() > 1;
    cx.moment(text).map(|at| if seconds { at } else { at + 59_999 })
}

fn form(asked: &str, unread: bool, id: DeviceId) -> Html {
    let data = FormData::new(vec![("at".to_owned(), asked.to_owned())]);
    let mut wrong = Wrong::default();
    if unread {
        let message = "Enter a day and a time, such as 2026-11-17T14:03.".to_owned();
        wrong.issues.push(engine::FieldIssue { field: "at".into(), message });
    }
    let entered = Entered { data: &data, wrong: &wrong };
    let field = entered.moment("at", "Day and time").help("In the time zone of the organization.");
    let action = format!("/dashboard/devices/{id}/verdicts");
    Card::new("", SearchForm { action, field: field.into(), button: "Show" }).into()
}

/// What held at a moment.
async fn then(cx: &Cx, id: DeviceId, at: Millis) -> Result<Html, Oops> {
    let Some(Past { record, until }) = compliance::verdict_at(&cx.engine, &cx.scope, id, at).await? else {
        let text = "The device was not known then, or it is longer ago than verdicts are kept.";
        return Ok(Note::new(Tone::Info, "Nothing is kept of that moment", text).into());
    };
    let until = match until {
        Some(until) => Html::join([Html::text(" until "), cx.at(until).into()]),
        None => Html::text(" until now"),
    };
    let aside = Html::join([Html::text("from "), cx.at(record.at).into(), until]);
    Ok(Html::stack([
        Card::flush("What held then", targets(cx, &record)).aside(aside).into(),
        findings::then(cx, &record, at),
    ]))
}

/// The targets that something enrolled can have, as they were.
fn targets(cx: &Cx, record: &VerdictRecord) -> Table {
    let mut table = Table::new("What held then", &["Target", "State", "Why"]).tall();
    for info in catalog::TARGETS.iter().filter(|info| info.carried) {
        let closed = record.closed(info.target);
        let stop = former_obstacle(record, info.target);
        let mut why: Vec<Html> = stop.map(|why| Html::text(format!("{why} "))).into_iter().collect();
        if let Some(closed) = closed {
            let rules: Vec<&str> = closed.rules.iter().map(|rule| rule.entry().label).collect();
            let level = words::level(cx, &closed.level);
            let text = format!("{}. The setting of {level} restricted it, since ", rules.join(", "));
            why.extend([Html::text(text), cx.at(closed.since).into(), Html::text(".")]);
        }
        let allowed = closed.is_none() && stop.is_none();
        let why = if allowed { cell::none() } else { cell::prose(Html::join(why)) };
        table = table.row([Html::text(info.label), words::access_chip(allowed).into(), why]);
    }
    table
}

/// What changed when, the newest first; the one that held at the moment asked for is marked.
async fn changes(cx: &Cx, id: DeviceId, asked: Option<Millis>) -> Result<Html, Oops> {
    let all = compliance::verdicts(&cx.engine, &cx.scope, id, None, SHOWN).await?;
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Restrict,
            title: "No verdict yet".into(),
            text: "The first one is kept when the device is looked at.".into(),
            actions: Vec::new(),
        };
        return Ok(Card::new("Changes", empty).into());
    }
    let held = all.iter().find(|record| asked.is_some_and(|at| record.at <= at)).map(|record| record.at);
    let mut table = Table::new("Changes", &["From", "Stopped", "Broken rules", ""]).tall();
    for record in &all {
        let rules: Vec<&str> = record.findings.iter().map(|found| found.rule.entry().label).collect();
        let rules = if rules.is_empty() { "none".to_owned() } else { rules.join(", ") };
        let look = format!("/dashboard/devices/{id}/verdicts?from={}", record.at);
        let look = if held == Some(record.at) { Html::text("Shown above") } else { cell::open(look, "Why") };
        table = table.row([cx.at(record.at).into(), stopped(record).into(), cell::prose(rules), look]);
    }
    let cut = all.len() == SHOWN as usize;
    let footer =
        if cut { format!("The last {SHOWN} are shown. REST has all of them.") } else { String::new() };
    Ok(Card::flush("Changes", table).footer(footer).into())
}

/// What was stopped in one chip, by rules or by where the device was in its life.
fn stopped(record: &VerdictRecord) -> Chip {
    let carried = catalog::TARGETS.iter().filter(|info| info.carried).map(|info| info.target);
    let is_closed = |target: &catalog::Target| {
        record.closed(*target).is_some() || former_obstacle(record, *target).is_some()
    };
    let closed: TargetSet = carried.filter(is_closed).collect();
    if closed.is_empty() {
        return Chip::new("Nothing", Tone::Ok);
    }
    Chip::new(words::targets(closed), Tone::Bad).icon(Icon::ShieldOff)
}

/// The way to this page.
pub fn link(id: DeviceId) -> Html {
    Button::link("Why at another time?", format!("/dashboard/devices/{id}/verdicts")).small().into()
}
