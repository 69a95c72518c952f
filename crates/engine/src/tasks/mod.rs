//! The **Database Task Scheduler**: what the server does by itself, now and then, in one list: when each task runs, how
//! it went last, and to run it now. What a task does is its own room's business.

mod id;
mod list;
mod under_way;

use std::sync::Arc;
use std::time::Duration;

use catalog::Permission;
use domain::Millis;
use domain::model::{Organization, TaskOutcome};

pub use id::TaskId;
pub use list::{get, list};
pub(crate) use under_way::UnderWay;

use crate::{Engine, Error, Result, Scope, backups, directories, report_mails, retention};

/// Whoever runs a task waits so long for its end; it then goes on by itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// A task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Which.
    pub id: TaskId,
    /// Its name.
    pub name: String,
    /// What it does, one sentence.
    pub about: String,
    /// When it runs, in words.
    pub when: String,
    /// Whether it runs by itself.
    pub on: bool,
    /// It is running on this node.
    pub running: bool,
    /// How it went last; `None`: it never ran.
    pub last: Option<TaskOutcome>,
    /// When it runs next, if nothing holds it up; `None`: never.
    pub next_at: Option<Millis>,
    /// Whether the caller may run it now.
    pub may_run: bool,
}

/// What became of a task that somebody ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// It is over.
    Done(TaskOutcome),
    /// It goes on; the list says how it went when it is over.
    UnderWay,
}

/// Runs a task now, and waits some seconds for its end. When it is due next stays.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Denied`]; [`Error::Conflict`] while it is running, or for one that does nothing.
pub async fn run(engine: &Arc<Engine>, scope: &Scope, id: TaskId) -> Result<Ran> {
    get(engine, scope, id).await?;
    if let TaskId::Directory(server) = id {
        directories::start(engine, scope, server, false)?;
        return Ok(Ran::UnderWay);
    }
    require(scope)?;
    let (engine, scope) = (Arc::clone(engine), scope.clone());
    let running = tokio::spawn(async move {
        let busy = || Error::conflict("It is running already. Wait for its end.");
        let _begun = engine.tasks.begin(scope.organization(), &id.to_string()).ok_or_else(busy)?;
        match id {
            TaskId::Purge(purge) => {
                retention::run_now(&engine, scope.organization(), purge, scope.actor().clone()).await
            }
            TaskId::Backup => backups::run_now(&engine, scope.actor().clone()).await,
            TaskId::Report(mail) => report_mails::run_now(&engine, &scope, mail).await,
            TaskId::Directory(_) => Err(Error::NotFound("task")),
        }
    });
    match tokio::time::timeout(PATIENCE, running).await {
        Ok(ended) => ended.map_err(Error::internal)?.map(Ran::Done),
        Err(_) => Ok(Ran::UnderWay),
    }
}

/// Who may run what is not a directory's.
fn require(scope: &Scope) -> Result<()> {
    if scope.organization() == Organization::SYSTEM {
        scope.require_system()
    } else {
        scope.require(Permission::OrganizationEdit)
    }
}
