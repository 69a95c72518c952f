//! **Scheduled backups** of the embedded database: once a day a file in a folder that the operator named, of which so many
//! are kept. PostgreSQL has tools of its own for that, which know more of it than we do.

use std::fs;
use std::path::{Path, PathBuf};

use domain::Millis;
use domain::model::{Actor, JournalEntry, Organization, Recurrence, TaskOutcome};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use store::{Tx, repo};

use crate::tasks::TaskId;
use crate::{Engine, Error, Result, presence, report_mails};

/// A backup that failed is tried again after so long. Milliseconds.
const AGAIN: Millis = 3_600_000;
/// What the names of our files begin and end with; between them stands the time.
const NAME: (&str, &str) = ("notifymdm-", ".db");

/// Where backups go, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The folder; it must exist.
    pub folder: PathBuf,
    /// How many are kept; at least one.
    pub keep: u32,
    /// Minute of the day, UTC.
    pub minute: u16,
}

/// The plan, in words.
pub(crate) fn words(engine: &Engine) -> String {
    if !engine.is_alone() {
        return "Never: PostgreSQL is backed up with its own tools".to_owned();
    }
    match &*engine.backup_plan.read() {
        None => "Never: no folder is configured (backup.folder)".to_owned(),
        Some(plan) => format!("Every day at {:02}:{:02} UTC", plan.minute / 60, plan.minute % 60),
    }
}

/// When the next one is due; `None`: never.
pub(crate) fn next_at(engine: &Engine, last: Option<&TaskOutcome>) -> Option<Millis> {
    let minute = engine.backup_plan.read().as_ref().filter(|_| engine.is_alone())?.minute;
    let Some(last) = last else { return Some(engine.now()) };
    let next = report_mails::next(Recurrence::Day { minute }, &TimeZone::UTC, last.at)?;
    Some(if last.good { next } else { next.min(last.at + AGAIN) })
}

/// The background job: makes a backup when one is due.
///
/// # Errors
/// Storage errors. A backup that fails is none: it is told as its outcome.
pub async fn tick(engine: &Engine) -> Result<()> {
    let key = TaskId::Backup.to_string();
    let read = async |tx: &mut Tx| Ok::<_, Error>(repo::task_runs::all(tx).await?);
    let runs = engine.store.read(Organization::SYSTEM, read).await?;
    let last = runs.into_iter().find(|(task, _)| *task == key).map(|(_, last)| last);
    let now = engine.now();
    // A clock that was set back must not put it off for longer than a day.
    let from_tomorrow = last.as_ref().is_some_and(|last| last.at > now);
    let is_due = next_at(engine, last.as_ref()).is_some_and(|at| at <= now || from_tomorrow);
    if !is_due {
        return Ok(());
    }
    // One that somebody has begun is as good.
    let Some(_begun) = engine.tasks.begin(Organization::SYSTEM, &key) else { return Ok(()) };
    run_now(engine, Actor::System).await.map(drop)
}

/// Makes one now, removes those beyond what is kept, and keeps how it went. The caller takes care that only one runs.
///
/// # Errors
/// [`Error::Conflict`] where there is nothing to do; storage errors.
pub(crate) async fn run_now(engine: &Engine, actor: Actor) -> Result<TaskOutcome> {
    if !engine.is_alone() {
        return Err(Error::conflict(
            "This installation uses PostgreSQL. Back it up with pg_dump or a snapshot of its server; `notifymdm backup FILE` \
             writes a copy as one file, too.",
        ));
    }
    let plan = engine.backup_plan.read().clone();
    let plan = plan.ok_or_else(|| {
        Error::conflict(
            "Name a folder for backups in the configuration first: `folder` in the section [backup].",
        )
    })?;
    let began = engine.now();
    presence::flush(engine).await?;
    let made = make(engine, &plan, began).await;
    let at = engine.now();
    let (good, says) = match made {
        Ok(says) => (true, says),
        Err(why) => (false, why),
    };
    let outcome = TaskOutcome { at, took: at - began, good, says };
    let kept = outcome.clone();
    let unit = async move |tx: &mut Tx| {
        repo::task_runs::put(tx, &TaskId::Backup.to_string(), &kept).await?;
        let event = if kept.good { "installation.backed_up" } else { "installation.backup_failed" };
        let body = json!({ "detail": kept.says });
        tx.journal(JournalEntry { event, subject: "backup".into(), body });
        Ok::<_, Error>(())
    };
    engine.store.write(Organization::SYSTEM, actor, unit).await?;
    Ok(outcome)
}

/// Makes the file; what was made, or why not, in a sentence.
async fn make(engine: &Engine, plan: &Plan, at: Millis) -> std::result::Result<String, String> {
    let file = plan.folder.join(named(at)?);
    if !plan.folder.is_dir() {
        return Err(format!("The folder {} does not exist.", plan.folder.display()));
    }
    let (folder, keep) = (plan.folder.clone(), plan.keep);
    let unfinished = folder.clone();
    on_a_thread(move || forget_unfinished(&unfinished)).await?;
    store::backup(&engine.store, &file).await.map_err(|error| format!("{error}."))?;
    let size = fs::metadata(&file).map(|found| found.len()).unwrap_or_default();
    let left = on_a_thread(move || forget_old(&folder, keep)).await?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(format!("{name}, {} MB, verified; {left} kept.", size.div_ceil(1 << 20)))
}

/// `notifymdm-2026-11-22T023000Z.db`: in order of time, and without what file systems do not take.
fn named(at: Millis) -> std::result::Result<String, String> {
    let at = Timestamp::from_millisecond(at).map_err(|error| error.to_string())?;
    Ok(format!("{}{}{}", NAME.0, at.strftime("%Y-%m-%dT%H%M%SZ"), NAME.1))
}

/// Whether we gave a file its name. Others in the folder are nobody's business here.
fn is_ours(name: &str) -> bool {
    const LIKE: &[u8] = b"0000-00-00T000000Z";
    let time = name.strip_prefix(NAME.0).and_then(|rest| rest.strip_suffix(NAME.1));
    time.is_some_and(|time| {
        time.len() == LIKE.len()
            && time
                .bytes()
                .zip(LIKE)
                .all(|(is, like)| if *like == b'0' { is.is_ascii_digit() } else { is == *like })
    })
}

fn names(folder: &Path) -> std::result::Result<Vec<String>, String> {
    let read = || -> std::io::Result<Vec<String>> {
        let entries = fs::read_dir(folder)?;
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    };
    read().map_err(|error| format!("The folder {} cannot be read: {error}.", folder.display()))
}

/// Removes the oldest beyond so many; how many are left.
fn forget_old(folder: &Path, keep: u32) -> std::result::Result<usize, String> {
    let mut ours: Vec<String> = names(folder)?.into_iter().filter(|name| is_ours(name)).collect();
    ours.sort_unstable();
    let beyond = ours.len().saturating_sub(keep.max(1) as usize);
    for name in ours.drain(..beyond) {
        fs::remove_file(folder.join(&name)).map_err(|error| {
            format!("The backup was made, but the old one {name} cannot be removed: {error}.")
        })?;
    }
    Ok(ours.len())
}

/// Removes what a backup that was interrupted left behind: `NAME.<random>.partial`.
fn forget_unfinished(folder: &Path) -> std::result::Result<(), String> {
    for name in names(folder)? {
        let file = name.strip_suffix(".partial").and_then(|rest| rest.rsplit_once('.'));
        if file.is_some_and(|(file, _)| is_ours(file)) {
            fs::remove_dir_all(folder.join(&name)).map_err(|error| {
                format!("What an interrupted backup left ({name}) cannot be removed: {error}.")
            })?;
        }
    }
    Ok(())
}

async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> std::result::Result<T, String> + Send + 'static,
) -> std::result::Result<T, String> {
    tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_ours() {
        assert_eq!(named(1_767_225_600_000).as_deref(), Ok("notifymdm-2026-01-01T000000Z.db"));
        assert!(is_ours("notifymdm-2026-01-01T000000Z.db"));
        for name in
            ["notifymdm.db", "notifymdm-2026-11-21.db", "notifymdm-2026-01-01T000000Z.db.old", "secret.key"]
        {
            assert!(!is_ours(name), "{name}");
        }
    }
}
