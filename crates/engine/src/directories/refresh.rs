//! Refreshing: reading a directory, deciding, writing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use catalog::Permission;
use domain::directory::{Plan, Terms, plan};
use domain::model::{
    DirectoryRun, DirectoryServer, DirectoryServerId, Group, GroupId, JournalEntry, User, UserId,
};
use serde_json::json;
use store::{Tx, repo};

use super::desk::{UnderWay, directory, noted};
use super::gather::{Gathered, gather};
use super::{accounts, get, gone, write};
use crate::approvals::{self, Edit};
use crate::{Engine, Error, Result, Scope};

/// Conflicts that are kept in words.
pub(super) const NAMED: usize = 100;

/// What was read, and what follows.
pub(super) struct Decided {
    pub plan: Plan,
    pub gathered: Gathered,
    pub links: Vec<GroupId>,
}

/// Reads what is linked, and one folder or group more, and decides.
pub(super) async fn decide(
    engine: &Engine,
    server: &DirectoryServer,
    extra: Option<Group>,
    tell: &(dyn Fn(usize) + Send + Sync),
) -> Result<Decided> {
    let org = engine.directory.organization(server.organization).ok_or(Error::NotFound("organization"))?;
    let mut links = org.read().linked(server.id);
    links.extend(extra.map(Arc::new));
    let gathered =
        noted(engine, server, gather(&*directory(engine, server)?, &links, &server.bases, tell).await)?;
    let links: Vec<GroupId> = links.iter().map(|group| group.id).collect();
    let (users, mail_domains) = {
        let org = org.read();
        (org.users().cloned().collect::<Vec<Arc<User>>>(), org.organization.mail_domains.clone())
    };
    let terms =
        Terms { server: server.id, vanished: server.vanished, links: &links, mail_domains: &mail_domains };
    let mut gathered = gathered;
    let entries = std::mem::take(&mut gathered.entries);
    let plan = plan(users.iter(), entries, terms);
    Ok(Decided { plan, gathered, links })
}

/// Refreshes now and waits for the end. `accept`: also when a great part of the users is gone.
///
/// # Errors
/// [`Error::Conflict`] while another one is under way; otherwise what went wrong is kept in the answer.
pub async fn refresh(
    engine: &Engine,
    scope: &Scope,
    id: DirectoryServerId,
    accept: bool,
) -> Result<DirectoryRun> {
    scope.require(Permission::UsersEdit)?;
    let server = get(engine, scope, id)?;
    let under_way = UnderWay::begin(engine, id)?;
    let mut run = begun(engine);
    match apply(engine, scope, &server, accept, &under_way, &mut run).await {
        Ok(()) => {}
        Err(error) => run.words = error.to_string(),
    }
    run.ended_at = engine.now();
    keep(engine, scope, &server, run.clone()).await?;
    Ok(run)
}

/// A run that begins now.
pub(super) fn begun(engine: &Engine) -> DirectoryRun {
    let now = engine.now();
    DirectoryRun {
        began_at: now,
        ended_at: now,
        done: false,
        stopped: false,
        import: false,
        words: String::new(),
        created: 0,
        changed: 0,
        gone: 0,
        conflicts: Vec::new(),
        conflict_count: 0,
    }
}

/// Notes what cannot be; the plan without it.
pub(super) fn told(run: &mut DirectoryRun, mut plan: Plan, incomplete: Vec<String>) -> Plan {
    run.conflict_count = (plan.conflicts.len() + incomplete.len()) as u32;
    let conflicts = std::mem::take(&mut plan.conflicts).into_iter().chain(incomplete);
    run.conflicts = conflicts.take(NAMED).collect();
    plan
}

async fn apply(
    engine: &Engine,
    scope: &Scope,
    server: &Arc<DirectoryServer>,
    accept: bool,
    under_way: &UnderWay<'_>,
    run: &mut DirectoryRun,
) -> Result<()> {
    accounts::look_at(engine, scope, server).await?;
    let Decided { plan, gathered, links } =
        decide(engine, server, None, &|read| under_way.tell(|progress| progress.read = read)).await?;
    let plan = told(run, plan, gathered.incomplete);
    if plan.is_mass_disappearance() && !accept {
        run.stopped = true;
        return Err(Error::conflict(format!(
            "{} of {} users are gone from the linked folders and groups. Nothing was changed, because a mistake in the \
             directory or in the account that reads it looks the same. If it is meant, refresh with the consent to it.",
            plan.vanished, plan.known
        )));
    }
    write::moved(engine, scope, gathered.moved).await?;
    write_plan(engine, scope, server, plan, &links, under_way, run).await
}

/// Does what a plan says, but for what must wait for a second person.
pub(super) async fn write_plan(
    engine: &Engine,
    scope: &Scope,
    server: &Arc<DirectoryServer>,
    mut plan: Plan,
    links: &[GroupId],
    under_way: &UnderWay<'_>,
    run: &mut DirectoryRun,
) -> Result<()> {
    let mut waiting = hold_gone(engine, scope, server, &mut plan).await?;
    waiting.extend(hold_moves(engine, scope, &mut plan, links).await?);
    run.gone = (plan.disable.len() + plan.remove.len()) as u32;
    run.created = plan.create.len() as u32;
    run.changed = (plan.change.len() - plan.disable.len()) as u32;
    under_way.tell(|progress| progress.to_write = plan.create.len() + plan.change.len() + plan.remove.len());
    if !plan.remove.is_empty() {
        gone::carry_out_gone(engine, scope, server.id, &[], &plan.remove, approvals::Pass::PART).await?;
    }
    let mut all = plan.change;
    all.extend(plan.create.into_iter().map(|entry| write::user(engine, server, entry)));
    write::users(engine, scope, server, all, under_way).await?;
    run.done = true;
    run.words = waiting.join(" ");
    Ok(())
}

/// Asks for disabling and removing; what is held is taken out of the plan. Answers words about what waits.
async fn hold_gone(
    engine: &Engine,
    scope: &Scope,
    server: &DirectoryServer,
    plan: &mut Plan,
) -> Result<Vec<String>> {
    if plan.disable.is_empty() && plan.remove.is_empty() {
        return Ok(Vec::new());
    }
    let (disable, remove) = (plan.disable.clone(), plan.remove.clone());
    match approvals::ask(engine, scope, Edit::Gone { directory: server.id, disable, remove }).await {
        Ok(pass) => pass.take_first(engine, scope).await.map(|()| Vec::new()),
        Err(Error::Held(notice)) => {
            let held: HashSet<UserId> = plan.disable.drain(..).collect();
            plan.change.retain(|user| !held.contains(&user.id));
            plan.remove.clear();
            Ok(vec![notice.words])
        }
        Err(error) => Err(error),
    }
}

/// Asks for each linked folder or group whose members change; where that is held, its members stay as they are.
async fn hold_moves(
    engine: &Engine,
    scope: &Scope,
    plan: &mut Plan,
    links: &[GroupId],
) -> Result<Vec<String>> {
    let mut moves: HashMap<GroupId, Vec<(UserId, bool)>> = HashMap::new();
    {
        let org =
            engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
        let org = org.read();
        for new in &plan.change {
            let Some(old) = org.user(new.id) else { continue };
            for link in links {
                let (was, is) = (old.groups.contains(link), new.groups.contains(link));
                if was != is {
                    moves.entry(*link).or_default().push((new.id, is));
                }
            }
        }
    }
    let mut words = Vec::new();
    for (group, moves) in moves {
        let edit = Edit::Members { group, moves: moves.clone() };
        match approvals::ask(engine, scope, edit).await {
            Ok(pass) => pass.take_first(engine, scope).await?,
            Err(Error::Held(notice)) => {
                let held: HashMap<UserId, bool> = moves.into_iter().collect();
                for user in &mut plan.change {
                    if let Some(is_in) = held.get(&user.id) {
                        crate::groups::put_in(user, group, !is_in);
                    }
                }
                words.push(notice.words);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(words)
}

/// Keeps how it went, and tells it where something happened.
pub(super) async fn keep(
    engine: &Engine,
    scope: &Scope,
    server: &DirectoryServer,
    run: DirectoryRun,
) -> Result<()> {
    let (id, name) = (server.id, server.name.clone());
    let unit = async move |tx: &mut Tx| {
        let before = repo::directories::run(tx, id).await?;
        repo::directories::put_run(tx, id, &run).await?;
        let event = match (run.done, run.stopped) {
            (true, _) if run.import => "directory.imported",
            (true, _) => "directory.refreshed",
            (false, true) => "directory.refresh_stopped",
            (false, false) => "directory.refresh_failed",
        };
        let news = run.import
            || run.created + run.changed + run.gone > 0
            || before.is_none_or(|before| (before.done, before.words) != (run.done, run.words.clone()));
        if news {
            tx.journal(JournalEntry {
                event,
                subject: id.to_string(),
                body: json!({
                    "name": name, "created": run.created, "changed": run.changed, "gone": run.gone,
                    "conflicts": run.conflict_count, "detail": run.words,
                }),
            });
        }
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}
