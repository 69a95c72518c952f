//! Refreshing: reading a directory, deciding, writing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use catalog::{Permission, Powers};
use domain::directory::{Plan, Terms, plan};
use domain::model::{
    Actor, DirectoryLink, DirectoryRun, DirectoryServer, DirectoryServerId, Group, GroupId, GroupSettings,
    JournalEntry, Organization, OrganizationId, Origin, User, UserId,
};
use serde_json::json;
use store::{Tx, repo};

use super::desk::{UnderWay, directory, noted};
use super::gather::{Gathered, gather};
use super::{get, gone, write};
use crate::approvals::{self, Edit};
use crate::{Engine, Error, Principal, Result, Scope};

/// Conflicts that are kept in words.
const NAMED: usize = 100;
/// Refreshes at the same time on one node.
const MOST_AT_ONCE: usize = 4;

/// What a refresh would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Preview {
    /// Users who would be made.
    pub created: usize,
    /// Users who would be changed.
    pub changed: usize,
    /// Users who would be disabled or removed.
    pub gone: usize,
    /// Entries that cannot be users, in words; the first hundred.
    pub conflicts: Vec<String>,
    /// How many they are.
    pub conflict_count: usize,
    /// The first names of those who would be made.
    pub examples: Vec<String>,
    /// So many would be gone that it would be stopped.
    pub stopped: bool,
}

/// What was read, and what follows.
struct Decided {
    plan: Plan,
    gathered: Gathered,
    links: Vec<GroupId>,
}

/// What a refresh would do now; with `also`, as if that folder or group were linked too.
///
/// # Errors
/// [`Error::Upstream`] in the words of the directory's client.
pub async fn preview(
    engine: &Engine,
    scope: &Scope,
    id: DirectoryServerId,
    also: Option<&str>,
) -> Result<Preview> {
    scope.require(Permission::UsersEdit)?;
    let server = get(engine, scope, id)?;
    let mut extra = None;
    if let Some(dn) = also {
        let node = noted(engine, &server, directory(engine, &server)?.node(dn).await)?;
        extra = Some(imagined(engine, &server, node));
    }
    let decided = decide(engine, &server, extra, &|_| {}).await?;
    let (plan, incomplete) = (decided.plan, decided.gathered.incomplete);
    let conflict_count = plan.conflicts.len() + incomplete.len();
    Ok(Preview {
        created: plan.create.len(),
        changed: plan.change.len() - plan.disable.len(),
        gone: plan.disable.len() + plan.remove.len(),
        examples: plan.create.iter().take(10).map(|entry| entry.login.clone()).collect(),
        stopped: plan.is_mass_disappearance(),
        conflicts: plan.conflicts.into_iter().chain(incomplete).take(NAMED).collect(),
        conflict_count,
    })
}

/// A link that there is not yet.
fn imagined(engine: &Engine, server: &DirectoryServer, node: clients::ldap::Node) -> Group {
    let link = DirectoryLink {
        server: server.id,
        folder: (!node.is_group).then_some(0),
        dn: node.dn,
        unique: node.unique,
    };
    Group {
        organization: server.organization,
        id: engine.entropy.id(engine.now()),
        rev: 0,
        name: node.title,
        note: String::new(),
        priority: 0,
        settings: GroupSettings::default(),
        directory: Some(link),
        created_at: 0,
    }
}

async fn decide(
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
    let began_at = engine.now();
    let mut run = DirectoryRun {
        began_at,
        ended_at: began_at,
        done: false,
        stopped: false,
        words: String::new(),
        created: 0,
        changed: 0,
        gone: 0,
        conflicts: Vec::new(),
        conflict_count: 0,
    };
    match apply(engine, scope, &server, accept, &under_way, &mut run).await {
        Ok(()) => {}
        Err(error) => run.words = error.to_string(),
    }
    run.ended_at = engine.now();
    keep(engine, scope, &server, run.clone()).await?;
    Ok(run)
}

async fn apply(
    engine: &Engine,
    scope: &Scope,
    server: &Arc<DirectoryServer>,
    accept: bool,
    under_way: &UnderWay<'_>,
    run: &mut DirectoryRun,
) -> Result<()> {
    let Decided { mut plan, mut gathered, links } =
        decide(engine, server, None, &|read| under_way.tell(|progress| progress.read = read)).await?;
    run.conflict_count = (plan.conflicts.len() + gathered.incomplete.len()) as u32;
    let conflicts = std::mem::take(&mut plan.conflicts).into_iter().chain(gathered.incomplete);
    run.conflicts = conflicts.take(NAMED).collect();
    if plan.is_mass_disappearance() && !accept {
        run.stopped = true;
        return Err(Error::conflict(format!(
            "{} of {} users are gone from the linked folders and groups. Nothing was changed, because a mistake in the \
             directory or in the account that reads it looks the same. If it is meant, refresh with the consent to it.",
            plan.vanished, plan.known
        )));
    }
    write::moved(engine, scope, std::mem::take(&mut gathered.moved)).await?;
    let mut waiting = hold_gone(engine, scope, server, &mut plan).await?;
    waiting.extend(hold_moves(engine, scope, &mut plan, &links).await?);
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
async fn keep(engine: &Engine, scope: &Scope, server: &DirectoryServer, run: DirectoryRun) -> Result<()> {
    let (id, name) = (server.id, server.name.clone());
    let unit = async move |tx: &mut Tx| {
        let before = repo::directories::run(tx, id).await?;
        repo::directories::put_run(tx, id, &run).await?;
        let event = match (run.done, run.stopped) {
            (true, _) => "directory.refreshed",
            (false, true) => "directory.refresh_stopped",
            (false, false) => "directory.refresh_failed",
        };
        let news = run.created + run.changed + run.gone > 0
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

/// Begins a refresh and does not wait for it; [`super::progress`] tells how far it is.
///
/// # Errors
/// [`Error::Conflict`] while one is under way.
pub fn start(engine: &Arc<Engine>, scope: &Scope, id: DirectoryServerId, accept: bool) -> Result<()> {
    scope.require(Permission::UsersEdit)?;
    get(engine, scope, id)?;
    if super::progress(engine, scope, id)?.is_some() {
        return Err(Error::conflict("A refresh of this server is under way. Wait for its end."));
    }
    let (engine, scope) = (Arc::clone(engine), scope.clone());
    tokio::spawn(async move {
        if let Err(error) = refresh(&engine, &scope, id, accept).await {
            tracing::warn!(%error, "a refresh of a directory was not kept");
        }
    });
    Ok(())
}

/// The background job: begins the refreshes that are due, a few at a time, each on its own so that a directory that hangs
/// holds up no other.
///
/// # Errors
/// Storage errors.
pub async fn tick(engine: &Arc<Engine>) -> Result<()> {
    if !crate::lease::hold(engine, "directories").await? {
        return Ok(());
    }
    let read = async |tx: &mut Tx| Ok::<_, Error>(repo::installation::entities::directory_runs(tx).await?);
    let runs = engine.store.read(Organization::SYSTEM, read).await?;
    let ended: HashMap<DirectoryServerId, i64> = runs.into_iter().map(|(_, id, at)| (id, at)).collect();
    let now = engine.now();
    for organization in engine.directory.organizations().into_iter().filter(|o| o.enabled) {
        let Some(org) = engine.directory.organization(organization.id) else { continue };
        let due: Vec<DirectoryServerId> = {
            let org = org.read();
            let is_due = |server: &Arc<DirectoryServer>| {
                let pause = i64::from(server.refresh_minutes) * 60_000;
                let last = ended.get(&server.id);
                // A clock that was set back must not stop the refresh for the time between.
                let waits = last.is_some_and(|at| (*at..at.saturating_add(pause)).contains(&now));
                server.enabled && pause > 0 && !waits && !org.linked(server.id).is_empty()
            };
            org.directories().into_iter().filter(is_due).map(|server| server.id).collect()
        };
        let scope = system(organization.id);
        for id in due {
            if engine.directories.under_way() >= MOST_AT_ONCE {
                return Ok(());
            }
            // Under way already is as good.
            let _ = start(engine, &scope, id, false);
        }
    }
    Ok(())
}

/// The server by itself, in an organization.
fn system(organization: OrganizationId) -> Scope {
    Scope::new(organization, Actor::System, Powers::all(), Origin::System, None, Principal::System)
}
