//! Copying a schedule, deleting it, making it the default.

use domain::model::{Schedule, ScheduleId};
use door::{Form, FormData, Path};
use engine::schedules;

use super::super::frame::{Answer, Cx, Entered, Wrong};
use super::{PATH, list};
use crate::parts::{Button, Card, Columns, Danger, Fact, Form as FormView, Head, Html, Loss, Place, Widths};

fn head(schedule: &Schedule, title: &str, lead: &str) -> Head {
    Head::new(title, lead)
        .under("Device Connection Schedules", PATH)
        .under(schedule.name.clone(), format!("{PATH}/{}", schedule.id))
}

pub async fn copy_show(cx: Cx, Path(id): Path<ScheduleId>) -> Answer {
    let schedule = schedules::get(&cx.engine, &cx.scope, id)?;
    let data = FormData::new(vec![("name".into(), format!("Copy of {}", schedule.name))]);
    let body = copy_form(&cx, &schedule, &data, &Wrong::default());
    let head = head(&schedule, "Copy schedule", "Nobody goes by the copy before it is assigned.");
    cx.page(Place::ConnectionSchedules, head, body)
}

fn copy_form(cx: &Cx, schedule: &Schedule, data: &FormData, wrong: &Wrong) -> Vec<Html> {
    let entered = Entered { data, wrong };
    let fields = vec![entered.text("name", "Name of the copy")];
    let form = FormView {
        id: "copy-form".into(),
        action: format!("{PATH}/{}/copy", schedule.id),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Copy"), Button::link("Cancel", format!("{PATH}/{}", schedule.id))],
    };
    vec![Card::new("", form).into()]
}

pub async fn copy(cx: Cx, Path(id): Path<ScheduleId>, Form(data): Form) -> Answer {
    let schedule = schedules::get(&cx.engine, &cx.scope, id)?;
    match schedules::copy(&cx.engine, &cx.scope, id, data.text("name")).await {
        Ok(new) => cx.done(&format!("{PATH}/{new}"), "The copy is a schedule of its own."),
        Err(error) => {
            let body = copy_form(&cx, &schedule, &data, &Wrong::of(error)?);
            cx.again(Place::ConnectionSchedules, head(&schedule, "Copy schedule", ""), body)
        }
    }
}

pub async fn delete_ask(cx: Cx, Path(id): Path<ScheduleId>) -> Answer {
    delete_page(&cx, id, &FormData::default(), String::new())
}

fn delete_page(cx: &Cx, id: ScheduleId, data: &FormData, error: String) -> Answer {
    let schedule = schedules::get(&cx.engine, &cx.scope, id)?;
    let all = schedules::list(&cx.engine, &cx.scope)?;
    let used = all.iter().find(|(s, _)| s.id == id).map(|(_, used)| *used).unwrap_or_default();
    let wrong = Wrong::default();
    let entered = Entered { data, wrong: &wrong };
    let mut others = vec![(String::new(), "Choose a schedule".to_owned())];
    others.extend(all.iter().filter(|(s, _)| s.id != id).map(|(s, _)| (s.id.to_string(), s.name.clone())));
    let failed = !error.is_empty();
    let danger = Danger {
        id: "delete".into(),
        title: format!("Delete “{}”?", schedule.name),
        lead: "Whoever has this schedule gets the replacement.".into(),
        facts: vec![Fact::new("Assigned by", list::used(&used))],
        losses: vec![
            Loss { text: "The peak times and intervals of this schedule".into(), kept: false },
            Loss { text: "What the journal says about it".into(), kept: true },
        ],
        fields: if used.is_used() {
            vec![entered.select("replacement", "Replacement", &others)]
        } else {
            Vec::new()
        },
        name: schedule.name.clone(),
        action: format!("{PATH}/{id}/delete"),
        hidden: cx.hidden(),
        verb: "Delete the schedule".into(),
        cancel: format!("{PATH}/{id}"),
        standalone: true,
        error,
        ..Danger::default()
    };
    let body = vec![Columns::new(Widths::Two, [danger.into()]).into()];
    let head = head(&schedule, "Delete schedule", "");
    let place = Place::ConnectionSchedules;
    if failed { cx.again(place, head, body) } else { cx.page(place, head, body) }
}

pub async fn delete(cx: Cx, Path(id): Path<ScheduleId>, Form(data): Form) -> Answer {
    let schedule = schedules::get(&cx.engine, &cx.scope, id)?;
    if data.text("confirm") != schedule.name {
        let why = "The typed name is not this schedule’s name. Nothing was deleted.";
        return delete_page(&cx, id, &data, why.into());
    }
    match schedules::remove(&cx.engine, &cx.scope, id, data.text("replacement").parse().ok()).await {
        Ok(()) => cx.done(PATH, format!("“{}” was deleted.", schedule.name)),
        Err(error) => delete_page(&cx, id, &data, Wrong::of(error)?.rest(&[])),
    }
}

pub async fn make_default(cx: Cx, Path(id): Path<ScheduleId>, Form(_): Form) -> Answer {
    match schedules::assign_default(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done(PATH, "It is the organization’s default now."),
        Err(error) => cx.failed(&format!("{PATH}/{id}"), Wrong::of(error)?.rest(&[])),
    }
}
