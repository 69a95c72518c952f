//! All tasks, each read from where it is kept.

use std::collections::HashMap;

use catalog::{PURGES, Permission, PurgeInfo};
use domain::Millis;
use domain::model::{DirectoryRun, DirectoryServer, Organization, Recurrence, ReportMail, TaskOutcome};
use store::{Tx, repo};

use super::{Task, TaskId};
use crate::{Engine, Error, Result, Scope, backups, directories, report_mails, retention};

/// The tasks of the scope's organization, or of the installation.
///
/// # Errors
/// [`Error::Denied`]; storage errors.
pub async fn list(engine: &Engine, scope: &Scope) -> Result<Vec<Task>> {
    let id = scope.organization();
    let outside = id == Organization::SYSTEM;
    if outside {
        scope.require_system()?;
    } else {
        scope.require(Permission::OrganizationView)?;
    }
    let read = async |tx: &mut Tx| Ok::<_, Error>(repo::task_runs::all(tx).await?);
    let mut runs: HashMap<String, TaskOutcome> = engine.store.read(id, read).await?.into_iter().collect();
    let next = retention::next_at(engine).await?;
    let mut all = Vec::new();
    for info in PURGES.iter().filter(|info| !outside || info.of_installation) {
        let last = runs.remove(&TaskId::Purge(info.purge).to_string());
        all.push(purge(engine, scope, info, last, next));
    }
    if outside {
        all.push(backup(engine, runs.remove(&TaskId::Backup.to_string())));
        return Ok(all);
    }
    if scope.has(Permission::ServersView) {
        for server in directories::list(engine, scope)? {
            let last = directories::last_run(engine, scope, server.id).await?;
            all.push(directory(engine, scope, &server, last)?);
        }
    }
    all.extend(report_mails::list(engine, scope).await?.into_iter().map(|mail| report(engine, scope, mail)));
    Ok(all)
}

/// One of them.
///
/// # Errors
/// [`Error::NotFound`]; as [`list`].
pub async fn get(engine: &Engine, scope: &Scope, id: TaskId) -> Result<Task> {
    list(engine, scope).await?.into_iter().find(|task| task.id == id).ok_or(Error::NotFound("task"))
}

fn purge(
    engine: &Engine,
    scope: &Scope,
    info: &'static PurgeInfo,
    last: Option<TaskOutcome>,
    next: Millis,
) -> Task {
    let days = retention::days(engine, scope.organization(), info.purge);
    let id = TaskId::Purge(info.purge);
    let when = match days {
        None => "Never: kept for ever".to_owned(),
        Some(0) => "Every day".to_owned(),
        Some(days) => format!("Every day, older than {days} days"),
    };
    Task {
        id,
        name: info.label.into(),
        about: info.about.into(),
        when,
        on: days.is_some(),
        running: engine.tasks.has(scope.organization(), &id.to_string()),
        last,
        next_at: days.map(|_| next.max(engine.now())),
        may_run: days.is_some() && super::require(scope).is_ok(),
    }
}

fn backup(engine: &Engine, last: Option<TaskOutcome>) -> Task {
    let id = TaskId::Backup;
    let next = backups::next_at(engine, last.as_ref());
    Task {
        id,
        name: "Backup".into(),
        about: "Everything in one file, verified; the key file is not in it.".into(),
        when: backups::words(engine),
        on: next.is_some(),
        running: engine.tasks.has(Organization::SYSTEM, &id.to_string()),
        last,
        next_at: next.map(|at| at.max(engine.now())),
        may_run: next.is_some(),
    }
}

fn directory(
    engine: &Engine,
    scope: &Scope,
    server: &DirectoryServer,
    last: Option<DirectoryRun>,
) -> Result<Task> {
    let pause = Millis::from(server.refresh_minutes) * 60_000;
    let serves = !server.admin_roles.is_empty() || !directories::linked(engine, scope, server.id)?.is_empty();
    let on = server.enabled && pause > 0 && serves;
    let next = last.as_ref().map_or_else(|| engine.now(), |run| (run.ended_at + pause).max(engine.now()));
    let when = match server.refresh_minutes {
        _ if !server.enabled => "Never: the server is switched off".to_owned(),
        _ if !serves => "Never: nothing is linked".to_owned(),
        0 => "Only by hand".to_owned(),
        60 => "Every hour".to_owned(),
        minutes if minutes % 60 == 0 => format!("Every {} hours", minutes / 60),
        minutes => format!("Every {minutes} minutes"),
    };
    Ok(Task {
        id: TaskId::Directory(server.id),
        name: format!("Refresh from {}", server.name),
        about: "Users and members of linked folders and groups, taken from the directory.".into(),
        when,
        on,
        running: directories::progress(engine, scope, server.id)?.is_some(),
        last: last.map(|run| refreshed(&run)),
        next_at: on.then_some(next),
        may_run: scope.has(Permission::UsersEdit) && server.enabled && serves,
    })
}

/// How a refresh went, in a sentence.
fn refreshed(run: &DirectoryRun) -> TaskOutcome {
    let mut says = if run.done {
        format!("{} new, {} changed, {} gone.", run.created, run.changed, run.gone)
    } else {
        String::new()
    };
    if run.conflict_count > 0 {
        says += &format!(" {} could not be taken.", run.conflict_count);
    }
    if !run.words.is_empty() {
        says.push(' ');
        says += &run.words;
    }
    let says = says.trim().to_owned();
    TaskOutcome { at: run.ended_at, took: run.ended_at - run.began_at, good: run.done, says }
}

fn report(engine: &Engine, scope: &Scope, mail: ReportMail) -> Task {
    let id = TaskId::Report(mail.id);
    let info = mail.report.info();
    let to: Vec<&str> = mail.recipients.iter().map(domain::mail::MailAddress::as_str).collect();
    let may_run = scope.has(Permission::OrganizationEdit)
        && scope.has(Permission::DevicesExport)
        && scope.has(info.needs);
    Task {
        id,
        about: format!("Report “{}”, to {}.", info.label, to.join(", ")),
        when: if mail.on { words(mail.when) } else { "Never: switched off".to_owned() },
        on: mail.on,
        running: engine.tasks.has(scope.organization(), &id.to_string()),
        last: mail.last,
        next_at: mail.next_at.map(|at| at.max(engine.now())),
        may_run,
        name: mail.name,
    }
}

/// A recurrence in words.
fn words(when: Recurrence) -> String {
    const DAYS: [&str; 7] =
        ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"];
    let time = format!("{:02}:{:02}", when.minute() / 60, when.minute() % 60);
    match when {
        Recurrence::Day { .. } => format!("Every day at {time}"),
        Recurrence::Week { weekday, .. } => {
            let day = DAYS.get(usize::from(weekday).wrapping_sub(1)).copied().unwrap_or_default();
            format!("{day} at {time}")
        }
        Recurrence::Month { day, .. } => format!("Day {day} of each month at {time}"),
    }
}
