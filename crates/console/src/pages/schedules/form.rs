//! Adding and editing a schedule: both halves, each with its week.

use std::sync::Arc;

use catalog::{Liability, Permission};
use domain::model::{RoamingMode, Schedule, ScheduleId};
use domain::schedule::{Day, Interval, PeakRange};
use door::{Form, FormData, Path};
use engine::schedules::{self, ScheduleInput};

use super::super::frame::{Answer, Cx, Entered, FormAround, Oops, PostButton, Wrong, hidden_value};
use super::entered::{NAMED, field, read, stored};
use super::{PATH, ahead};
use crate::parts::{
    Button, Card, Chip, Columns, Control, FieldView, Head, Html, Icon, Input, Menu, MenuItem, Note, Place,
    SaveBar, Tone, Week, WeekDay, Widths,
};

pub async fn add_show(cx: Cx) -> Answer {
    let data = stored(&ScheduleInput::default());
    let body = form(&cx, None, &data, &Wrong::default())?;
    cx.page(Place::ConnectionSchedules, add_head(), body)
}

fn add_head() -> Head {
    Head::new("Add connection schedule", "Nobody goes by it before it is assigned.")
        .under("Device Connection Schedules", PATH)
}

pub async fn show(cx: Cx, Path(id): Path<ScheduleId>) -> Answer {
    let schedule = schedules::get(&cx.engine, &cx.scope, id)?;
    let data = stored(&ScheduleInput::from(&*schedule));
    let mut body = form(&cx, Some(&schedule), &data, &Wrong::default())?;
    body.extend(ahead::cards(&cx, &schedule)?);
    cx.page(Place::ConnectionSchedules, head(&cx, &schedule)?, body)
}

fn head(cx: &Cx, schedule: &Schedule) -> Result<Head, Oops> {
    let lead = "Changes hold at once for every device that goes by it.";
    let mut head = Head::new(schedule.name.clone(), lead).under("Device Connection Schedules", PATH);
    let default = cx.org(|org| org.organization.settings.default_schedule == Some(schedule.id))?;
    if default {
        head = head.chip(Chip::new("Default", Tone::Info).icon(Icon::Building));
    }
    if !cx.can(Permission::SchedulesEdit) {
        return Ok(head);
    }
    let href = |tail: &str| format!("{PATH}/{}/{tail}", schedule.id);
    if !default {
        head.actions.push(
            PostButton {
                action: href("default"),
                hidden: cx.hidden(),
                button: Button { label: "Make default".into(), ..Button::default() },
            }
            .into(),
        );
    }
    let item = |label: &str, icon, tail: &str, danger| MenuItem {
        label: label.into(),
        icon: Some(icon),
        href: href(tail),
        danger,
        apart: danger,
        ..MenuItem::default()
    };
    let items = vec![item("Copy", Icon::Copy, "copy", false), item("Delete …", Icon::Trash, "delete", true)];
    head.actions.push(Menu { id: "more".into(), label: "More".into(), icon_only: false, items }.into());
    Ok(head)
}

fn form(cx: &Cx, schedule: Option<&Schedule>, data: &FormData, wrong: &Wrong) -> Result<Vec<Html>, Oops> {
    let may = cx.can(Permission::SchedulesEdit);
    let entered = Entered { data, wrong };
    let mut general = general(cx, &entered)?;
    for field in &mut general {
        field.input.read_only = !may;
    }
    let mut body: Vec<Html> = Vec::new();
    if !wrong.issues.is_empty() || !wrong.general.is_empty() {
        let words = if wrong.general.is_empty() { "Look at the marked fields." } else { &wrong.general };
        body.push(Note::new(Tone::Bad, "This cannot be saved yet", words).into());
    }
    body.push(Card::new("", Columns::new(Widths::Two, general.into_iter().map(Html::from))).into());
    for liability in Liability::ALL {
        let title = format!("{} devices", liability.label());
        body.push(Card::new(title, Html::stack(half(&entered, liability, may))).into());
    }
    if may {
        let label = if schedule.is_some() { "Save schedule" } else { "Add schedule" };
        body.push(
            SaveBar {
                text: "A range may cross midnight: 22:00-06:00. Everything outside the ranges is off-peak."
                    .into(),
                buttons: vec![Button::submit(label)],
            }
            .into(),
        );
    }
    let rev = schedule.map(|s| hidden_value("rev", s.rev.to_string()));
    let form = FormAround {
        id: "schedule".into(),
        action: schedule.map_or_else(|| format!("{PATH}/add"), |s| format!("{PATH}/{}", s.id)),
        hidden: cx.hidden().into_iter().chain(rev).collect(),
        body,
    };
    Ok(vec![form.into()])
}

fn general(cx: &Cx, entered: &Entered<'_>) -> Result<Vec<FieldView>, Oops> {
    let own = cx.org(|org| org.organization.settings.time_zone.clone())?;
    let zones = [
        ("organization".to_owned(), format!("The organization’s ({own})")),
        ("device".to_owned(), "The device’s own, where it is known".to_owned()),
        (NAMED.to_owned(), "Another one".to_owned()),
    ];
    // The engine knows one field for both.
    let on_name = entered.data.text("zone") == NAMED;
    let why = entered.wrong.on("zone").to_owned();
    let chosen = entered.select("zone", "Read by the clock of", &zones).error("");
    let named = entered
        .text("zone_name", "Another time zone")
        .help("Only for “Another one”: a name such as Europe/Berlin.")
        .optional();
    Ok(vec![
        entered.text("name", "Name"),
        entered.text("description", "What is it for?").optional(),
        if on_name { chosen } else { chosen.error(why.clone()) },
        if on_name { named.error(why) } else { named },
    ])
}

/// The fields of one half.
fn half(entered: &Entered<'_>, liability: Liability, may: bool) -> Vec<Html> {
    let column = liability.key();
    let name = |end: &str| format!("{column}.{end}");
    let intervals: Vec<_> = Interval::all().map(|i| (i.key().to_owned(), i.label().to_owned())).collect();
    let modes = RoamingMode::ALL.map(|(_, key, label)| (key.to_owned(), label.to_owned()));
    let mut fields = [
        entered.select(&name("peak_interval"), "Check in every, peak", &intervals),
        entered.select(&name("off_peak_interval"), "Check in every, off-peak", &intervals),
        entered
            .switch(&name("push_peak"), "Direct push in peak times")
            .help("What waits for the device is delivered at once. Without it, it waits for the next check-in. Wipes and blocks never wait."),
        entered.switch(&name("push_off_peak"), "Direct push off-peak").help("The same outside of peak times."),
        entered
            .select(&name("roaming"), "In a foreign network", &modes)
            .help("Where something reports that the device is roaming."),
        entered
            .number(&name("low_battery"), "Stop pushing below", (0, 90), "percent of battery")
            .help("0 is never. Counts where something reports the battery."),
    ];
    for field in &mut fields {
        field.input.read_only = !may;
    }
    let mut parts: Vec<Html> = vec![week(entered, liability, may).into()];
    let short = ["peak_interval", "off_peak_interval"]
        .iter()
        .filter_map(|end| Interval::from_key(entered.data.text(&name(end))))
        .find(|interval| interval.drains_batteries());
    if let Some(interval) = short {
        let words = format!(
            "A check-in every {} wakes radio and processor so often that phones may not last a day. 15 minutes or \
             more is enough for almost everything; direct push makes no difference to it.",
            interval.label()
        );
        parts.push(Note::new(Tone::Warn, "Short intervals drain batteries", words).into());
    }
    parts.push(Columns::new(Widths::Two, fields.map(Html::from)).into());
    parts
}

fn week(entered: &Entered<'_>, liability: Liability, may: bool) -> Week {
    let day = |day: Day| {
        let name = field(liability.key(), day);
        let text = entered.data.text(&name).to_owned();
        let error = entered.wrong.on(&name).to_owned();
        let mut input = Input::new(&name, day.label(), Control::Text(text.clone(), "text"));
        input.placeholder = "off-peak all day".into();
        input.invalid = !error.is_empty();
        input.described_by = if error.is_empty() { String::new() } else { format!("{}-err", input.id) };
        input.read_only = !may;
        // As far as it can be read; what crosses midnight is drawn to the end of its own day.
        let ranges = PeakRange::list(day, &text).unwrap_or_default();
        let drawn = |range: &PeakRange| {
            let (from, until) = (range.from.minutes(), range.until.minutes());
            (from, if until > from { until } else { 1_440 })
        };
        WeekDay { input, error, ranges: ranges.iter().map(drawn).collect() }
    };
    Week {
        label: format!("Peak times, {} devices", liability.label().to_lowercase()),
        days: Day::ALL.into_iter().map(day).collect(),
        read_only: !may,
    }
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
    let made = match read(&data) {
        Ok(input) => schedules::create(&cx.engine, &cx.scope, input).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(id) => cx.done(&format!("{PATH}/{id}"), "The schedule was added. Assign it to users or devices."),
        Err(error) => {
            let body = form(&cx, None, &data, &Wrong::of(error)?)?;
            cx.again(Place::ConnectionSchedules, add_head(), body)
        }
    }
}

pub async fn save(cx: Cx, Path(id): Path<ScheduleId>, Form(data): Form) -> Answer {
    let schedule: Arc<Schedule> = schedules::get(&cx.engine, &cx.scope, id)?;
    let seen = data.text("rev").parse().ok();
    let saved = match read(&data) {
        Ok(input) => schedules::edit_seen(&cx.engine, &cx.scope, id, seen, input).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => cx.done(&format!("{PATH}/{id}"), "Saved. Devices go by it at once."),
        Err(error) => {
            let body = form(&cx, Some(&schedule), &data, &Wrong::of(error)?)?;
            cx.again(Place::ConnectionSchedules, head(&cx, &schedule)?, body)
        }
    }
}
