//! Users from a file: read and checked at once, imported as a job that survives a restart.
//!
//! The text of a file becomes rows ([`table`]); each row is compared with the organization ([`row`], [`plan`]); what
//! can be imported is stored in sealed parts, and [`run`] carries out one part after the other. The same file twice
//! changes nothing.

mod decode;
mod headings;
mod nearest;
mod plan;
mod row;
mod run;
mod table;

use catalog::Permission;
use domain::model::{
    CustomScope, Duplicates, GroupId, IMPORT_ISSUES_MAX, ImportCounts, ImportState, JournalEntry,
    OrganizationId, UserId, UserImport, UserImportId,
};
use serde_json::json;
use store::{Tx, repo};

use crate::approvals::{self, Edit, Pass};
use crate::users::UserInput;
use crate::{Engine, Error, OrgIndex, Result, Scope, custom_columns};

use headings::{Field, KNOWN};
use plan::{Plan, plan};
use table::{Row, Table};

pub use run::tick;
pub use table::ROWS_MAX;

/// Largest file, bytes.
pub const FILE_MAX: usize = 16 << 20;
/// Rows of a part: one unit.
const PART: usize = 250;
/// Imports that an organization keeps.
const KEPT: usize = 20;
/// A file that nobody imported is forgotten after so long.
const WAITS: domain::Millis = 86_400_000;

/// A file that was sent.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    /// Its name.
    pub file: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What happens to users that are there already.
    pub duplicates: Duplicates,
    /// New users get a welcome letter.
    pub welcome: bool,
}

/// The columns that a file can have: name, an example, and what it is for; the organization's own ones last.
///
/// # Errors
/// [`Error::Denied`].
pub fn columns(engine: &Engine, scope: &Scope) -> Result<Vec<(String, String, String)>> {
    scope.require(Permission::UsersEdit)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let known = KNOWN.iter().map(|k| (k.name.to_owned(), k.example.to_owned(), k.about.to_owned()));
    let own = custom_columns::of_scope(&org, CustomScope::User)
        .map(|column| (custom_columns::field(column), column.default.clone(), column.help.clone()));
    Ok(known.chain(own).collect())
}

/// A file to begin with: the headings and one row of examples.
///
/// # Errors
/// [`Error::Denied`].
pub fn template(engine: &Engine, scope: &Scope) -> Result<Vec<u8>> {
    let columns = columns(engine, scope)?;
    let line = |cells: Vec<&str>| {
        cells.iter().map(|cell| crate::export::csv_cell(cell)).collect::<Vec<_>>().join(",")
    };
    let headings = line(columns.iter().map(|(name, ..)| name.as_str()).collect());
    let example = line(columns.iter().map(|(_, example, _)| example.as_str()).collect());
    Ok(format!("\u{feff}{headings}\r\n{example}\r\n").into_bytes())
}

/// Reads and checks a file, and keeps it. Nothing is imported before [`start`].
///
/// # Errors
/// [`Error::Invalid`] for a file that cannot be read or whose headings are not known, [`Error::Denied`] also for
/// groups and passwords that one may not set.
pub async fn check(engine: &Engine, scope: &Scope, upload: Upload) -> Result<UserImport> {
    scope.require(Permission::UsersEdit)?;
    if upload.welcome {
        scope.require(Permission::UsersInvite)?;
    }
    if upload.bytes.len() > FILE_MAX {
        let why = format!("The file is larger than {} MiB. Send it in several files.", FILE_MAX >> 20);
        return Err(Error::invalid("file", why));
    }
    let lock = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let (text, encoding) = decode::decode(&upload.bytes).map_err(|why| Error::invalid("file", why))?;
    let table = table::read(&lock.read(), &text)?;
    let plan = plan(&lock, &table, upload.duplicates);
    allowed(scope, &table.fields, plan.passwords)?;
    let now = engine.now();
    let import = UserImport {
        organization: scope.organization(),
        id: engine.entropy.id(now),
        rev: 0,
        file: file_name(&upload.file),
        encoding: encoding.to_owned(),
        separator: table.separator.to_owned(),
        columns: table.headings.clone(),
        duplicates: upload.duplicates,
        only_good: false,
        welcome: upload.welcome,
        state: ImportState::Checked,
        by: scope.actor().clone(),
        rows: u32::try_from(table.rows.len()).unwrap_or(u32::MAX),
        foreseen: plan.counts,
        done: ImportCounts::default(),
        issues: plan.issues.iter().take(IMPORT_ISSUES_MAX).cloned().collect(),
        next_part: 0,
        parts: u32::try_from(plan.good.len().div_ceil(PART)).unwrap_or(u32::MAX),
        created_at: now,
        finished_at: None,
    };
    keep(engine, scope, import, &plan.good).await
}

/// Groups and passwords have permissions of their own.
fn allowed(scope: &Scope, fields: &[Option<Field>], passwords: bool) -> Result<()> {
    if fields.contains(&Some(Field::Groups)) {
        scope.require(Permission::GroupsEdit)?;
    }
    if passwords {
        scope.require(Permission::UsersPassword)?;
    }
    Ok(())
}

/// The last part of a path, at most 100 letters.
fn file_name(sent: &str) -> String {
    let name: String =
        sent.rsplit(['/', '\\']).next().unwrap_or("").chars().filter(|c| !c.is_control()).take(100).collect();
    if name.trim().is_empty() { "users.csv".to_owned() } else { name }
}

/// Stores a file with its good rows, and forgets the oldest ones.
async fn keep(engine: &Engine, scope: &Scope, import: UserImport, rows: &[Row]) -> Result<UserImport> {
    let organization = scope.organization();
    let parts = rows
        .chunks(PART)
        .zip(0..)
        .map(|(rows, part)| {
            let bytes = serde_json::to_vec(rows).map_err(Error::internal)?;
            let sealed = engine.secret_key.seal(&context(organization, import.id, part), &bytes);
            Ok((part, sealed.map_err(Error::from)?))
        })
        .collect::<Result<Vec<(u32, Vec<u8>)>>>()?;
    engine
        .store
        .write(organization, scope.actor().clone(), async move |tx| {
            let there = repo::user_imports::list(tx).await?;
            let too_old =
                |old: &UserImport| old.state == ImportState::Checked && tx.now() - old.created_at >= WAITS;
            let gone: Vec<UserImportId> = there
                .iter()
                .enumerate()
                .filter(|(at, old)| too_old(old) || *at >= KEPT - 1)
                .filter(|(_, old)| old.state != ImportState::Running)
                .map(|(_, old)| old.id)
                .collect();
            for id in gone {
                repo::user_imports::remove(tx, id).await?;
            }
            let mut import = import.clone();
            repo::user_imports::put(tx, &mut import).await?;
            for (part, sealed) in &parts {
                repo::user_imports::put_part(tx, import.id, *part, sealed.clone()).await?;
            }
            Ok::<_, Error>(import)
        })
        .await
}

/// What sealed rows are bound to.
fn context(organization: OrganizationId, id: UserImportId, part: u32) -> String {
    format!("users/import/{organization}/{id}/{part}")
}

/// The rows of a sealed part.
fn unsealed(
    engine: &Engine,
    organization: OrganizationId,
    id: UserImportId,
    part: u32,
    sealed: &[u8],
) -> Result<Vec<Row>> {
    let bytes = engine.secret_key.unseal(&context(organization, id, part), sealed)?;
    serde_json::from_slice(&bytes).map_err(Error::internal)
}

/// The imports of the organization, newest first.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(engine: &Engine, scope: &Scope) -> Result<Vec<UserImport>> {
    scope.require(Permission::UsersEdit)?;
    let read = async |tx: &mut Tx| repo::user_imports::list(tx).await.map_err(Error::from);
    engine.store.read(scope.organization(), read).await
}

/// An import.
///
/// # Errors
/// [`Error::NotFound`], also for another organization's.
pub async fn get(engine: &Engine, scope: &Scope, id: UserImportId) -> Result<UserImport> {
    scope.require(Permission::UsersEdit)?;
    let read = async move |tx: &mut Tx| repo::user_imports::get(tx, id).await.map_err(Error::from);
    engine.store.read(scope.organization(), read).await?.ok_or(Error::NotFound("import"))
}

/// Begins to import a file that was checked. With `only_good`, rows that cannot be imported do not keep the others
/// from it; without it a file with such rows is refused as a whole.
///
/// # Errors
/// [`Error::Conflict`] when it has begun or has bad rows; [`Error::Held`] when it would withdraw something from many
/// devices.
pub async fn start(engine: &Engine, scope: &Scope, id: UserImportId, only_good: bool) -> Result<()> {
    let import = get(engine, scope, id).await?;
    startable(&import, only_good)?;
    let again = again(engine, &import).await?;
    let fields: Vec<_> = again.0.fields.clone();
    allowed(scope, &fields, again.1.passwords)?;
    let edit = Edit::ImportUsers { import: id, name: import.file.clone(), changes: again.1.changes };
    let pass = approvals::ask(engine, scope, edit).await?;
    carry_out(engine, scope, id, pass).await
}

fn startable(import: &UserImport, only_good: bool) -> Result<()> {
    if import.state != ImportState::Checked {
        return Err(Error::conflict("This import has begun already."));
    }
    if import.parts == 0 {
        return Err(Error::conflict("No row of the file can be imported. Correct it and send it again."));
    }
    if import.foreseen.bad > 0 && !only_good {
        return Err(Error::conflict(format!(
            "{} rows cannot be imported. Correct the file and send it again, or import only the good rows.",
            import.foreseen.bad
        )));
    }
    Ok(())
}

/// Looks at the kept rows once more: what they would do now.
async fn again(engine: &Engine, import: &UserImport) -> Result<(Table, Plan)> {
    let lock = engine.directory.organization(import.organization).ok_or(Error::NotFound("organization"))?;
    let mut rows = Vec::new();
    for part in 0..import.parts {
        let id = import.id;
        let read = async move |tx: &mut Tx| repo::user_imports::part(tx, id, part).await.map_err(Error::from);
        let sealed = engine.store.read(import.organization, read).await?.ok_or(Error::NotFound("import"))?;
        rows.extend(unsealed(engine, import.organization, id, part, &sealed)?);
    }
    let fields = {
        let org = lock.read();
        import.columns.iter().map(|text| headings::field(&org, text).ok().flatten()).collect()
    };
    let table = Table { headings: import.columns.clone(), fields, rows, separator: "", long: Vec::new() };
    let plan = plan(&lock, &table, import.duplicates);
    Ok((table, plan))
}

/// Sets it going.
pub(crate) async fn carry_out(engine: &Engine, scope: &Scope, id: UserImportId, pass: Pass) -> Result<()> {
    let by = scope.actor().clone();
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            pass.take(tx).await?;
            let mut import = repo::user_imports::get(tx, id).await?.ok_or(Error::NotFound("import"))?;
            if import.state != ImportState::Checked {
                return Err(Error::conflict("This import has begun already."));
            }
            import.state = ImportState::Running;
            import.by.clone_from(&by);
            import.only_good = import.foreseen.bad > 0;
            repo::user_imports::put(tx, &mut import).await?;
            tx.journal(JournalEntry {
                event: "user.import_started",
                subject: id.to_string(),
                body: json!({ "name": import.file, "rows": import.rows, "foreseen": import.foreseen }),
            });
            Ok::<_, Error>(())
        })
        .await
}

/// Forgets an import. What it has done stays; one that is under way stops.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn discard(engine: &Engine, scope: &Scope, id: UserImportId) -> Result<()> {
    scope.require(Permission::UsersEdit)?;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            if repo::user_imports::remove(tx, id).await? { Ok(()) } else { Err(Error::NotFound("import")) }
        })
        .await
}

/// The organization with users as an import makes them. Those that are gone are left out.
pub(crate) fn imagine(
    now: crate::compliance::Imagined,
    org: &OrgIndex,
    changes: &[(UserId, UserInput, Vec<GroupId>)],
) -> crate::compliance::Imagined {
    changes.iter().fold(now, |imagined, (id, input, groups)| {
        let Some(user) = org.user(*id) else { return imagined };
        let mut user = domain::model::User::clone(user);
        crate::users::fill(&mut user, input);
        user.groups.clone_from(groups);
        imagined.with_user(user)
    })
}
