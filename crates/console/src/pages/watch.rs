//! Connectivity Watch List: devices whose silence somebody wants to know of at once.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{ChannelKind, Device, DeviceId, Watched};
use door::{Access, Form, FormData, Path, Routes};
use engine::watch::{self, WatchInput};
use engine::{Error, FieldIssue};
use http::Method;

use super::alerts::people;
use super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong};
use super::words;
use crate::parts::{
    Button, ButtonKind, Card, Chip, EmptyState, FieldView, Form as FormView, Head, Html, Icon, Note, Place,
    Table, Tone, cell,
};

const PATH: &str = "/dashboard/watch-list";

/// Units in which a threshold is entered, with their minutes.
const UNITS: [(&str, &str, u32); 3] =
    [("minutes", "minutes", 1), ("hours", "hours", 60), ("days", "days", 1_440)];

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::ComplianceView);
    let edit = Access::Needs(Permission::ComplianceEdit);
    routes
        .route(Method::GET, PATH, view, list)
        .route(Method::GET, "/dashboard/watch-list/{id}", view, show)
        .route(Method::POST, "/dashboard/watch-list/{id}", edit, save)
        .route(Method::POST, "/dashboard/watch-list/{id}/remove", edit, remove)
}

fn device(cx: &Cx, id: DeviceId) -> Result<Option<Arc<Device>>, Oops> {
    Ok(cx.org(|org| org.devices.get(id).cloned())?)
}

async fn list(cx: Cx) -> Answer {
    if cx.outside() {
        return Err(Oops::not_found("page"));
    }
    let all = watch::list(&cx.engine, &cx.scope).await?;
    let silent = all.iter().filter(|watched| watched.silent_since.is_some()).count();
    let lead = match (all.len(), silent) {
        (0, _) => "Devices whose silence you want to know of at once.".to_owned(),
        (_, 0) => "Every watched device was heard of in time.".to_owned(),
        (_, silent) => {
            format!("{} silent.", words::count(silent, "watched device is", "watched devices are"))
        }
    };
    let choose = || Button::link("Choose devices", "/dashboard/devices").icon(Icon::Devices);
    let head = Head::new(Place::WatchList.label(), lead).action(choose());
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Clock,
            title: "No device is watched".into(),
            text: "Open a device, press More and then Connectivity watch list: say how long it may be silent and who is told."
                .into(),
            actions: vec![choose()],
        };
        return cx.page(Place::WatchList, head, vec![Card::new("", empty).into()]);
    }
    let columns = ["Device", "State", "Last contact", "May be silent", "Mail goes to", "Leaves after"];
    let mut table = Table::new(Place::WatchList.label(), &columns).tall();
    for watched in &all {
        // A device that was removed this moment takes its line with it.
        if let Some(device) = device(&cx, watched.device)? {
            table = table.row(row(&cx, watched, &device));
        }
    }
    cx.page(Place::WatchList, head, vec![Card::flush("", table).into()])
}

fn row(cx: &Cx, watched: &Watched, device: &Device) -> [Html; 6] {
    let owner = cx.org(|org| org.user(device.user).map(|user| user.display_name.clone())).ok().flatten();
    let why = match (owner, watched.note.as_str()) {
        (Some(owner), "") => owner,
        (Some(owner), note) => format!("{owner}: {note}"),
        (None, note) => note.to_owned(),
    };
    let told = people::summary(&watched.recipients);
    [
        cell::lines(cell::open(format!("{PATH}/{}", device.id), &device.name), why),
        state(cx, watched),
        contacts(cx, device),
        Html::text(threshold(watched.minutes)),
        if told.is_empty() { cell::muted("as the alert says") } else { Html::text(told) },
        match watched.leave_after {
            0 => cell::muted("stays"),
            count => Html::text(format!("{} of {count} contacts", watched.good)),
        },
    ]
}

fn state(cx: &Cx, watched: &Watched) -> Html {
    match watched.silent_since {
        Some(since) => cell::lines(
            Chip::new("Silent", Tone::Bad),
            Html::join([Html::text("since "), cx.ago(since).into()]),
        ),
        None => Chip::new("In time", Tone::Ok).into(),
    }
}

fn channel(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Activesync => "ActiveSync",
    }
}

/// The last contact by each channel.
fn contacts(cx: &Cx, device: &Device) -> Html {
    let lines = watch::contacts(&cx.engine, device).into_iter().map(|(kind, at)| {
        let at = at.map_or_else(|| Html::text("never"), |at| cx.ago(at).into());
        cell::lines(at, channel(kind))
    });
    Html::join(lines)
}

/// A threshold in the largest unit in which it is whole.
fn threshold(minutes: u32) -> String {
    let (unit, count) = parts(minutes);
    let unit = if count == 1 { unit.trim_end_matches('s') } else { unit };
    format!("{count} {unit}")
}

fn parts(minutes: u32) -> (&'static str, u32) {
    let whole = UNITS.iter().rev().find(|(_, _, size)| minutes > 0 && minutes.is_multiple_of(*size));
    whole.map_or(("minutes", minutes), |(unit, _, size)| (unit, minutes / size))
}

fn stored(input: &WatchInput) -> FormData {
    let (unit, count) = parts(input.minutes);
    let mut pairs = vec![
        ("silence".to_owned(), count.to_string()),
        ("unit".to_owned(), unit.to_owned()),
        ("leave_after".to_owned(), input.leave_after.to_string()),
        ("note".to_owned(), input.note.clone()),
    ];
    pairs.extend(people::stored(&input.recipients));
    FormData::new(pairs)
}

fn entered(data: &FormData) -> Result<WatchInput, Error> {
    let mut issues = Vec::new();
    let mut number = |name: &str, what: &str| {
        data.text(name).parse::<u32>().unwrap_or_else(|_| {
            issues
                .push(FieldIssue { field: name.into(), message: format!("Enter a whole number of {what}.") });
            0
        })
    };
    let size = UNITS.iter().find(|(unit, ..)| *unit == data.text("unit")).map_or(1, |(_, _, size)| *size);
    let minutes = number("silence", data.text("unit")).saturating_mul(size);
    let leave_after = number("leave_after", "contacts");
    let recipients = people::entered(data, &mut issues);
    if !issues.is_empty() {
        return Err(Error::Invalid(issues));
    }
    Ok(WatchInput { minutes, recipients, leave_after, note: data.text("note").to_owned() })
}

async fn known(cx: &Cx, id: DeviceId) -> Result<Option<Watched>, Oops> {
    match watch::get(&cx.engine, &cx.scope, id).await {
        Ok(watched) => Ok(Some(watched)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn page(cx: &Cx, id: DeviceId, typed: Option<(&FormData, &Wrong)>) -> Result<(Head, Vec<Html>), Oops> {
    let device = device(cx, id)?.ok_or_else(|| Oops::not_found("device"))?;
    let watched = known(cx, id).await?;
    let input = watched.as_ref().map_or_else(WatchInput::default, |w| WatchInput {
        minutes: w.minutes,
        recipients: w.recipients.clone(),
        leave_after: w.leave_after,
        note: w.note.clone(),
    });
    let (stored, right) = (stored(&input), Wrong::default());
    let (data, wrong) = typed.unwrap_or((&stored, &right));
    let may = cx.can(Permission::ComplianceEdit);
    let entered = Entered { data, wrong };
    let units = UNITS.map(|(unit, label, _)| (unit.to_owned(), label.to_owned()));
    let [who, addresses] = people::fields(cx, &entered);
    let mut fields = vec![
        entered.number("silence", "May be silent for", (1, 43_200), "").help(
            "Longer than it usually sleeps: a parked mail client is heard of every few minutes to an hour.",
        ),
        entered.segments("unit", "Counted in", &units),
        who.help("Besides those whom the settings of the alert name."),
        addresses,
        entered
            .number("leave_after", "Leaves the list after", (0, 1_000), "contacts in time")
            .help("One is counted for each span that it may be silent, however often it came. 0: it stays."),
        entered.text("note", "Why").help("For whoever gets the alert.").optional(),
    ];
    if !may {
        fields = fields.into_iter().map(FieldView::read_only).collect();
    }
    let label = if watched.is_some() { "Save" } else { "Put on the list" };
    let form = FormView {
        id: "watch-form".into(),
        action: format!("{PATH}/{id}"),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: if may { vec![Button::submit(label), Button::link("Cancel", PATH)] } else { Vec::new() },
    };
    let mut head = Head::new(
        device.name.clone(),
        "Somebody is told when it was silent for too long, and when it is back.",
    )
    .under(Place::WatchList.label(), PATH);
    let mut body = Vec::new();
    if let Some(watched) = &watched {
        head = head.chip(match watched.silent_since {
            Some(_) => Chip::new("Silent", Tone::Bad),
            None => Chip::new("In time", Tone::Ok),
        });
        if may {
            let button =
                Button { label: "Take off the list".into(), kind: ButtonKind::Danger, ..Button::default() };
            let remove = PostButton { action: format!("{PATH}/{id}/remove"), hidden: cx.hidden(), button };
            head.actions.push(remove.into());
        }
    } else if !may {
        let text = Html::text("An administrator who may edit compliance can put it there.");
        body.push(Note::new(Tone::Info, "It is not on the list", text).into());
    }
    let heard = watch::contacts(&cx.engine, &device).into_iter().map(|(kind, at)| {
        let at = at.map_or_else(|| Html::text("never"), |at| cx.ago(at).into());
        Html::join([Html::text(format!("{} ", channel(kind))), at])
    });
    let aside = Html::join([Html::text("Last contact: "), Html::join(heard)]);
    body.push(Card::new("What is watched for", form).aside(aside).into());
    Ok((head, body))
}

async fn show(cx: Cx, Path(id): Path<DeviceId>) -> Answer {
    let (head, body) = page(&cx, id, None).await?;
    cx.page(Place::WatchList, head, body)
}

async fn save(cx: Cx, Path(id): Path<DeviceId>, Form(data): Form) -> Answer {
    let saved = match entered(&data) {
        Ok(input) => watch::put(&cx.engine, &cx.scope, id, input).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(true) => cx.done(PATH, "It is on the list."),
        Ok(false) => cx.done(PATH, "Saved. It is watched anew."),
        Err(error) => {
            let mut wrong = Wrong::of(error)?;
            for issue in &mut wrong.issues {
                match issue.field.as_str() {
                    "minutes" => issue.field = "silence".into(),
                    "recipients" => issue.field = "who".into(),
                    _ => {}
                }
            }
            let (head, body) = page(&cx, id, Some((&data, &wrong))).await?;
            cx.again(Place::WatchList, head, body)
        }
    }
}

async fn remove(cx: Cx, Path(id): Path<DeviceId>) -> Answer {
    match watch::remove(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done(PATH, "It is not watched any more."),
        Err(error) => cx.failed(PATH, Wrong::of(error)?.rest(&[])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_said_in_the_largest_whole_unit() {
        let said = [30, 60, 90, 120, 1_440, 2_880].map(threshold);
        assert_eq!(said, ["30 minutes", "1 hour", "90 minutes", "2 hours", "1 day", "2 days"]);
    }
}
