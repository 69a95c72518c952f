//! Carrying out an import, part by part. Each part is one unit with the import's progress, so a process that ends in
//! the midst leaves whole parts done, and the next one goes on behind them. Of several nodes that try the same part
//! one writes it: the others find the import changed.

use std::sync::Arc;

use catalog::LetterKind;
use domain::model::{
    IMPORT_ISSUES_MAX, ImportCounts, ImportIssue, ImportState, JournalEntry, OrganizationId, User, UserId,
    UserImport,
};
use serde_json::json;
use store::{Tx, repo};

use super::headings::field;
use super::row::{Outcome, Rules, Wanted};
use super::table::Row;
use super::unsealed;
use crate::letters::{Desk, welcome_in};
use crate::{Engine, Error, Result, passwords};

/// Times a part is tried as a whole before its rows are tried one by one.
const TRIES: u32 = 3;

/// Carries out every import that is under way, to its end.
///
/// # Errors
/// Storage errors; the next run goes on where this one stopped.
pub async fn tick(engine: &Engine) -> Result<()> {
    let read = async |tx: &mut Tx| repo::installation::entities::with_running_imports(tx).await;
    let organizations =
        engine.store.read(domain::model::Organization::SYSTEM, read).await.map_err(Error::from)?;
    for organization in organizations {
        let read = async |tx: &mut Tx| repo::user_imports::running(tx).await;
        for import in engine.store.read(organization, read).await.map_err(Error::from)? {
            carry_out(engine, import).await?;
        }
    }
    Ok(())
}

async fn carry_out(engine: &Engine, mut import: UserImport) -> Result<()> {
    let mut tries = 0;
    while import.next_part < import.parts {
        match part(engine, &import, tries >= TRIES).await {
            Ok(Some(next)) => (import, tries) = (next, 0),
            // It was removed, or another node is at it.
            Ok(None) => return Ok(()),
            Err(Error::Conflict(_)) if tries < TRIES => {
                tries += 1;
                let (id, organization) = (import.id, import.organization);
                let read = async move |tx: &mut Tx| repo::user_imports::get(tx, id).await;
                let fresh = engine.store.read(organization, read).await.map_err(Error::from)?;
                match fresh.filter(|fresh| fresh.next_part == import.next_part) {
                    Some(fresh) => import = fresh,
                    None => return Ok(()),
                }
            }
            Err(error) => return Err(error),
        }
    }
    finish(engine, import).await
}

/// What the rows of a part do.
#[derive(Debug, Clone, Default)]
struct Work {
    counts: ImportCounts,
    issues: Vec<ImportIssue>,
    users: Vec<(User, Option<Arc<User>>)>,
}

/// Imports the next part: as one unit, or row by row if that failed again and again. `None` if there is nothing to do.
async fn part(engine: &Engine, import: &UserImport, one_by_one: bool) -> Result<Option<UserImport>> {
    let (id, number, organization) = (import.id, import.next_part, import.organization);
    let read = async move |tx: &mut Tx| repo::user_imports::part(tx, id, number).await;
    let Some(sealed) = engine.store.read(organization, read).await.map_err(Error::from)? else {
        return Ok(None);
    };
    let rows = unsealed(engine, organization, id, number, &sealed)?;
    let mut work = Work::default();
    if one_by_one {
        for row in &rows {
            let mut one = prepare(engine, import, std::slice::from_ref(row)).await?;
            if let Err(error) = write(engine, import, one.users.clone()).await {
                let Error::Conflict(message) = error else { return Err(error) };
                one = Work::default();
                one.bad(row, message);
            }
            work.join(one);
        }
        let done = std::mem::take(&mut work.users);
        let import = advance(engine, import, Work { users: Vec::new(), ..work }).await?;
        settle(engine, organization, &done).await?;
        return Ok(Some(import));
    }
    let work = prepare(engine, import, &rows).await?;
    let users = work.users.clone();
    let import = advance(engine, import, work).await?;
    settle(engine, organization, &users).await?;
    Ok(Some(import))
}

impl Work {
    fn bad(&mut self, row: &Row, message: String) {
        self.counts.bad += 1;
        self.issues.push(ImportIssue { line: row.line, column: String::new(), message });
    }

    fn join(&mut self, other: Work) {
        add(&mut self.counts, other.counts);
        self.issues.extend(other.issues);
        self.users.extend(other.users);
    }
}

fn add(to: &mut ImportCounts, more: ImportCounts) {
    to.new += more.new;
    to.changed += more.changed;
    to.same += more.same;
    to.skipped += more.skipped;
    to.bad += more.bad;
}

/// Looks at rows in the organization as it is now, and hashes passwords.
async fn prepare(engine: &Engine, import: &UserImport, rows: &[Row]) -> Result<Work> {
    let lock = engine.directory.organization(import.organization).ok_or(Error::NotFound("organization"))?;
    let outcomes: Vec<Outcome> = {
        let org = lock.read();
        // A heading that means nothing any more (a custom column was removed) is left out.
        let fields: Vec<_> = import.columns.iter().map(|text| field(&org, text).ok().flatten()).collect();
        let rules = Rules { headings: &import.columns, fields: &fields, duplicates: import.duplicates };
        rows.iter().map(|row| rules.outcome(&org, row)).collect()
    };
    let mut work = Work::default();
    for outcome in outcomes {
        match outcome {
            Outcome::New(wanted) => {
                let now = engine.now();
                let blank = User::new(import.organization, engine.entropy.id(now), String::new(), now);
                work.counts.new += 1;
                work.users.push((made(engine, blank, wanted).await?, None));
            }
            Outcome::Changed(old, wanted) => {
                let wanted = without_known_password(&old, wanted).await?;
                work.counts.changed += 1;
                work.users.push((made(engine, User::clone(&old), wanted).await?, Some(old)));
            }
            Outcome::Same(None) => work.counts.same += 1,
            Outcome::Same(Some((old, wanted))) => {
                let wanted = without_known_password(&old, wanted).await?;
                if wanted.input.password.is_empty() {
                    work.counts.same += 1;
                } else {
                    work.counts.changed += 1;
                    work.users.push((made(engine, User::clone(&old), wanted).await?, Some(old)));
                }
            }
            Outcome::Skipped => work.counts.skipped += 1,
            Outcome::Bad(issues) => {
                work.counts.bad += 1;
                work.issues.extend(issues);
            }
        }
    }
    Ok(work)
}

/// A password that is right already is not set anew: the same file twice changes nothing.
async fn without_known_password(old: &User, mut wanted: Wanted) -> Result<Wanted> {
    let password = &wanted.input.password;
    if !password.is_empty()
        && old.password_hash.is_some()
        && passwords::verify(old.password_hash.as_ref(), password).await?
    {
        wanted.input.password.clear();
    }
    Ok(wanted)
}

/// The user as wanted.
async fn made(engine: &Engine, mut user: User, wanted: Wanted) -> Result<User> {
    let (server, state) = (user.server, user.state);
    crate::users::fill(&mut user, &wanted.input);
    user.groups = wanted.groups;
    if user.server != server {
        (user.learnt_url, user.learnt_from) = (None, None);
    }
    let hash = match wanted.input.password.as_str() {
        "" => None,
        password => Some(passwords::hash(engine.entropy, password).await?),
    };
    if user.rev > 0 && (hash.is_some() || user.state != state) {
        user.credential_epoch += 1;
    }
    user.password_hash = hash.or(user.password_hash);
    Ok(user)
}

/// Stores the users of a part and that the part is done, in one unit.
async fn advance(engine: &Engine, import: &UserImport, work: Work) -> Result<UserImport> {
    let mut next = import.clone();
    next.next_part += 1;
    add(&mut next.done, work.counts);
    next.issues.extend(work.issues);
    next.issues.truncate(IMPORT_ISSUES_MAX);
    let (id, number) = (import.id, import.next_part);
    let desk = desk(engine, import)?;
    let next = engine
        .store
        .write(import.organization, import.by.clone(), async move |tx| {
            let mut next = next.clone();
            repo::user_imports::put(tx, &mut next).await?;
            repo::user_imports::remove_part(tx, id, number).await?;
            put_all(tx, &work.users, desk.as_ref()).await?;
            Ok::<_, Error>(next)
        })
        .await?;
    if next.welcome {
        crate::mail::wake(engine);
    }
    Ok(next)
}

async fn write(engine: &Engine, import: &UserImport, users: Vec<(User, Option<Arc<User>>)>) -> Result<()> {
    let desk = desk(engine, import)?;
    let unit = async move |tx: &mut Tx| put_all(tx, &users, desk.as_ref()).await;
    engine.store.write(import.organization, import.by.clone(), unit).await
}

/// What it takes to write welcome letters, if this import does.
fn desk(engine: &Engine, import: &UserImport) -> Result<Option<Desk>> {
    if import.welcome { Desk::of(engine, import.organization).map(Some) } else { Ok(None) }
}

/// Stores users; new ones get their letter in the same unit, so that an import that goes on after a restart writes to
/// nobody twice.
async fn put_all(tx: &mut Tx, users: &[(User, Option<Arc<User>>)], desk: Option<&Desk>) -> Result<()> {
    for (user, old) in users {
        repo::users::put(tx, &mut user.clone()).await?;
        let event = if old.is_some() { "user.updated" } else { "user.created" };
        let before = old.as_ref().map(|old| crate::users::public(old));
        tx.journal(JournalEntry {
            event,
            subject: user.id.to_string(),
            body: json!({ "name": user.display_name, "before": before, "after": crate::users::public(user), "how": "import" }),
        });
        if let Some(desk) = desk.filter(|_| old.is_none()) {
            drop(welcome_in(tx, desk, LetterKind::Welcome, user, None).await?);
        }
    }
    Ok(())
}

async fn settle(
    engine: &Engine,
    organization: OrganizationId,
    users: &[(User, Option<Arc<User>>)],
) -> Result<()> {
    let changed: Vec<UserId> =
        users.iter().filter(|(_, old)| old.is_some()).map(|(user, _)| user.id).collect();
    crate::compliance::reevaluate_users(engine, organization, &changed).await
}

async fn finish(engine: &Engine, import: UserImport) -> Result<()> {
    let (organization, by) = (import.organization, import.by.clone());
    engine
        .store
        .write(organization, by, async move |tx| {
            let mut import = import.clone();
            import.state = ImportState::Done;
            import.finished_at = Some(tx.now());
            repo::user_imports::put(tx, &mut import).await?;
            tx.journal(JournalEntry {
                event: "user.imported",
                subject: import.id.to_string(),
                body: json!({ "name": import.file, "rows": import.rows, "done": import.done }),
            });
            Ok::<_, Error>(())
        })
        .await
}
