//! All tasks with when they run, how they went, and running one now.

use catalog::Permission;
use domain::model::TaskOutcome;
use door::{Form, Path};
use engine::Error;
use engine::tasks::{self, Ran, Task, TaskId};

use super::super::frame::{Answer, Cx, PostButton};
use super::super::words;
use super::{ADD_REPORT, PATH};
use crate::parts::{Button, ButtonKind, Card, Chip, Head, Html, Icon, Place, Table, Tone, cell};

pub async fn show(cx: Cx) -> Answer {
    let all = tasks::list(&cx.engine, &cx.scope).await?;
    let mut head = Head::new(
        Place::TaskScheduler.label(),
        "What the server does by itself: when, how it went, and what comes next.",
    );
    if !cx.outside() && cx.can(Permission::OrganizationEdit) && cx.can(Permission::DevicesExport) {
        let add = Button::link("Add report by mail", ADD_REPORT).kind(ButtonKind::Primary).icon(Icon::Plus);
        head = head.action(add);
    }
    let columns = &["Task", "Runs", "Last run", "Result", "Next run", ""];
    let table = Table::new(Place::TaskScheduler.label(), columns).tall();
    let table = all.iter().fold(table, |table, task| table.row(row(&cx, task)));
    cx.page(Place::TaskScheduler, head, vec![Card::flush("", table).into()])
}

fn row(cx: &Cx, task: &Task) -> [Html; 6] {
    let name = match edit(cx, task) {
        Some(to) => cell::open(to, &task.name),
        None => cell::text(&task.name),
    };
    let next = match task.next_at {
        _ if task.running => cell::muted("now"),
        // Due, and the server looks every few minutes.
        Some(at) if at <= cx.engine.now() => cell::muted("in a few minutes"),
        Some(at) => cx.at(at).into(),
        None => cell::none(),
    };
    [
        cell::lines(name, cell::prose(task.about.clone())),
        cell::prose(task.when.clone()),
        task.last.as_ref().map_or_else(cell::none, |last| last_run(cx, last)),
        result(task),
        next,
        run_button(cx, task),
    ]
}

fn last_run(cx: &Cx, last: &TaskOutcome) -> Html {
    cell::lines(Html::from(cx.at(last.at)), format!("took {}", words::duration(last.took)))
}

fn result(task: &Task) -> Html {
    if task.running {
        return Chip::new("Running", Tone::Info).into();
    }
    match &task.last {
        None => cell::muted("It has not run yet."),
        Some(last) => {
            let chip = if last.good { Chip::new("Good", Tone::Ok) } else { Chip::new("Failed", Tone::Bad) };
            cell::lines(Html::from(chip), cell::prose(last.says.clone()))
        }
    }
}

/// Where a task is set.
fn edit(cx: &Cx, task: &Task) -> Option<String> {
    match task.id {
        TaskId::Purge(_) if cx.outside() => Some("/dashboard/organizations".into()),
        TaskId::Purge(_) => Some("/dashboard/organization".into()),
        TaskId::Directory(id) => Some(format!("/dashboard/ldap-servers/{id}")),
        TaskId::Backup => None,
        TaskId::Report(id) => Some(format!("{PATH}/reports/{id}")),
    }
}

fn run_button(cx: &Cx, task: &Task) -> Html {
    if !task.may_run || task.running {
        return Html::default();
    }
    let button = Button::submit("Run now").kind(ButtonKind::Plain).small();
    PostButton { action: format!("{PATH}/run/{}", task.id), hidden: cx.hidden(), button }.into()
}

pub async fn run(cx: Cx, Path(task): Path<String>, Form(_): Form) -> Answer {
    let id: TaskId = task.parse()?;
    match tasks::run(&cx.engine, &cx.scope, id).await {
        Ok(Ran::Done(outcome)) if outcome.good => cx.done(PATH, outcome.says),
        Ok(Ran::Done(outcome)) => cx.failed(PATH, outcome.says),
        Ok(Ran::UnderWay) => cx.done(PATH, "It is running. Come back for the result."),
        Err(Error::Conflict(why)) => cx.failed(PATH, why),
        Err(error) => Err(error.into()),
    }
}
