//! Custom columns: what an organization keeps of users and devices beyond what the product knows.
//!
//! They stand with the organization, so every node has them; values stand with users and devices. The order of the
//! list is the order in forms and grids.

mod values;

pub use values::{FIELD, by_name, field, from_names, names, of_scope, shown};
pub(crate) use values::{read_given, read_values};

use catalog::Permission;
use domain::model::{
    CUSTOM_CHOICES_MAX, CustomColumn, CustomColumnId, CustomKind, CustomScope, JournalEntry, Organization,
};
use serde_json::json;
use store::{Tx, repo};

use crate::issues::Issues;
use crate::{Engine, Error, Result, Scope};

/// Columns that an organization can have.
pub const MOST: usize = 50;
/// Users or devices that lose a removed column's values in one unit.
const STEP: usize = 250;

/// What a column is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInput {
    /// Heading.
    pub name: String,
    /// What it is for.
    pub help: String,
    /// What values look like.
    pub kind: CustomKind,
    /// Whose column it is; a column keeps its scope.
    pub scope: CustomScope,
    /// Must be filled in.
    pub required: bool,
    /// Value where none was entered.
    pub default: String,
}

/// The columns, in their order.
///
/// # Errors
/// [`Error::Denied`].
pub fn list(engine: &Engine, scope: &Scope) -> Result<Vec<CustomColumn>> {
    scope.require(Permission::DevicesView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let columns = org.read().organization.columns.clone();
    Ok(columns)
}

/// A column.
///
/// # Errors
/// [`Error::NotFound`], also for another organization's.
pub fn get(engine: &Engine, scope: &Scope, id: CustomColumnId) -> Result<CustomColumn> {
    let all = list(engine, scope)?;
    all.into_iter().find(|column| column.id == id).ok_or(Error::NotFound("custom column"))
}

/// Makes a column, as the last one.
///
/// # Errors
/// [`Error::Invalid`] by field, [`Error::Conflict`] beyond [`MOST`].
pub async fn create(engine: &Engine, scope: &Scope, input: ColumnInput) -> Result<CustomColumnId> {
    let now = engine.now();
    let id = engine.entropy.id(now);
    change(engine, scope, move |organization| {
        if organization.columns.len() >= MOST {
            let why = format!("An organization can have at most {MOST} custom columns. Remove one first.");
            return Err(Error::Conflict(why));
        }
        let column = filled(organization, id, now, input.clone())?;
        let said = entry("column.created", &column);
        organization.columns.push(column);
        Ok(said)
    })
    .await?;
    Ok(id)
}

/// Replaces what a column is made of, but for its scope. Values that do not fit a new kind are refused as a change:
/// kind and choices can only be changed so that every value that there is still fits.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`].
pub async fn edit(engine: &Engine, scope: &Scope, id: CustomColumnId, input: ColumnInput) -> Result<()> {
    let old = get(engine, scope, id)?;
    if old.kind != input.kind {
        still_fits(engine, scope, &old, &input.kind)?;
    }
    change(engine, scope, move |organization| {
        let at = place(organization, id)?;
        let old = organization.columns[at].clone();
        let column =
            filled(organization, id, old.created_at, ColumnInput { scope: old.scope, ..input.clone() })?;
        let said = entry("column.updated", &column);
        organization.columns[at] = column;
        Ok(said)
    })
    .await
}

/// Puts a column at another place, counted from 1; beyond the end is the end.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn move_to(engine: &Engine, scope: &Scope, id: CustomColumnId, to: usize) -> Result<()> {
    change(engine, scope, move |organization| {
        let column = organization.columns.remove(place(organization, id)?);
        let to = to.clamp(1, organization.columns.len() + 1) - 1;
        let said = entry("column.moved", &column);
        organization.columns.insert(to, column);
        Ok(said)
    })
    .await
}

/// Removes a column, then its values from users or devices, some hundred in a unit.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(engine: &Engine, scope: &Scope, id: CustomColumnId) -> Result<()> {
    change(engine, scope, move |organization| {
        let column = organization.columns.remove(place(organization, id)?);
        Ok(entry("column.deleted", &column))
    })
    .await?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let (users, devices) = {
        let org = org.read();
        let users: Vec<_> = org.users().filter(|u| u.custom.contains_key(&id)).map(|u| u.id).collect();
        let devices: Vec<_> =
            org.devices.iter().filter(|d| d.custom.contains_key(&id)).map(|d| d.id).collect();
        (users, devices)
    };
    let actor = || scope.actor().clone();
    for chunk in users.chunks(STEP) {
        let chunk = chunk.to_vec();
        let unit = async move |tx: &mut Tx| {
            for user in &chunk {
                let Some(mut user) = repo::users::get(tx, *user).await? else { continue };
                if user.custom.remove(&id).is_some() {
                    repo::users::put(tx, &mut user).await?;
                }
            }
            Ok::<_, Error>(())
        };
        engine.store.write(scope.organization(), actor(), unit).await?;
    }
    for chunk in devices.chunks(STEP) {
        let chunk = chunk.to_vec();
        let unit = async move |tx: &mut Tx| {
            for device in &chunk {
                let Some(mut device) = repo::devices::get(tx, *device).await? else { continue };
                if device.custom.remove(&id).is_some() {
                    repo::devices::put(tx, &mut device).await?;
                }
            }
            Ok::<_, Error>(())
        };
        engine.store.write(scope.organization(), actor(), unit).await?;
    }
    Ok(())
}

/// Changes the columns in a unit of their own; `how` answers what the journal is told.
async fn change(
    engine: &Engine,
    scope: &Scope,
    how: impl Fn(&mut Organization) -> Result<JournalEntry> + Send + 'static,
) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    let id = scope.organization();
    engine
        .store
        .write(id, scope.actor().clone(), async move |tx| {
            let mut organization =
                repo::organizations::get(tx, id).await?.ok_or(Error::NotFound("organization"))?;
            tx.journal(how(&mut organization)?);
            repo::organizations::put(tx, &mut organization).await?;
            Ok::<_, Error>(())
        })
        .await
}

fn place(organization: &Organization, id: CustomColumnId) -> Result<usize> {
    let at = organization.columns.iter().position(|column| column.id == id);
    at.ok_or(Error::NotFound("custom column"))
}

/// Refuses a new kind that a value does not fit which somebody has.
fn still_fits(engine: &Engine, scope: &Scope, column: &CustomColumn, kind: &CustomKind) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let users = org.users().filter_map(|user| user.custom.get(&column.id));
    let devices = org.devices.iter().filter_map(|device| device.custom.get(&column.id));
    let misfit = |value: &&String| kind.read(value).as_ref() != Ok(*value);
    match users.chain(devices).find(misfit) {
        None => Ok(()),
        Some(value) => Err(Error::invalid(
            "kind",
            format!(
                "The value \u{201c}{value}\u{201d} is in use and would not fit. Change it first, or make a new column."
            ),
        )),
    }
}

/// The column as wished for.
fn filled(
    organization: &Organization,
    id: CustomColumnId,
    created_at: domain::Millis,
    input: ColumnInput,
) -> Result<CustomColumn> {
    let ColumnInput { name, help, kind, scope, required, default } = input;
    let (name, help) = (name.trim().to_owned(), help.trim().to_owned());
    let mut issues = Issues::default();
    let plain = !name.contains([':', '{', '}', ',', ';', '"']) && !name.chars().any(char::is_control);
    issues.check(plain && (1..=60).contains(&name.chars().count()), "name", || {
        "Enter a name of 1 to 60 characters without : ; , \" { }.".into()
    });
    let is_taken = organization
        .columns
        .iter()
        .any(|c| c.id != id && c.scope == scope && c.name.to_lowercase() == name.to_lowercase());
    issues.check(!is_taken, "name", || "There is a column of this name already.".into());
    issues.check(help.chars().count() <= 200, "help", || "Use at most 200 characters.".into());
    let kind = match kind {
        CustomKind::List(choices) => CustomKind::List(check_choices(choices, &mut issues)),
        kind => kind,
    };
    let default = kind.read(&default).unwrap_or_else(|why| {
        issues.add("default", why);
        String::new()
    });
    issues.done()?;
    Ok(CustomColumn { id, name, help, kind, scope, required, default, created_at })
}

fn check_choices(choices: Vec<String>, issues: &mut Issues) -> Vec<String> {
    let choices: Vec<String> =
        choices.iter().map(|c| c.trim().to_owned()).filter(|c| !c.is_empty()).collect();
    issues.check((1..=CUSTOM_CHOICES_MAX).contains(&choices.len()), "choices", || {
        format!("Enter 1 to {CUSTOM_CHOICES_MAX} values, one a line.")
    });
    let mut seen = std::collections::BTreeSet::new();
    for choice in &choices {
        issues.check(seen.insert(choice.to_lowercase()), "choices", || {
            format!("\u{201c}{choice}\u{201d} is there twice.")
        });
        issues
            .check(choice.chars().count() <= 100, "choices", || "Use at most 100 characters a value.".into());
    }
    choices
}

fn entry(event: &'static str, column: &CustomColumn) -> JournalEntry {
    JournalEntry {
        event,
        subject: column.id.to_string(),
        body: json!({ "name": column.name, "after": column }),
    }
}
