//! What all entities have in common: the checks around a write, and the document in a row.

use crate::{Result, Row, StoreError, Tx, Value};
use domain::model::OrganizationId;
use serde::{Serialize, de::DeserializeOwned};

/// An entity that is kept as one row with a document.
pub(super) trait Entity: Serialize + DeserializeOwned {
    /// The conflict that a stale write answers.
    const CHANGED: &'static str;
    /// The organization it belongs to.
    fn organization(&self) -> OrganizationId;
    /// Its revision.
    fn rev(&mut self) -> &mut i64;
}

/// Implements [`Entity`] for the structures of the model, which all have the same two fields.
macro_rules! entity {
    ($type:ty, $changed:path) => {
        impl crate::repo::entity::Entity for $type {
            const CHANGED: &'static str = $changed;
            fn organization(&self) -> domain::model::OrganizationId {
                self.organization
            }
            fn rev(&mut self) -> &mut i64 {
                &mut self.rev
            }
        }
    };
}
pub(super) use entity;

/// The statements that write an entity. `$1` is the organization, `$2` the new revision, `$3` the document;
/// what follows is the repository's own. `update` must ask for `rev + 1 = $2`.
pub(super) struct Statements {
    pub insert: &'static str,
    pub update: &'static str,
}

/// Inserts (`rev` 0) or updates; sets the new revision, and takes it back if the write failed.
pub(super) async fn put<T: Entity>(
    tx: &mut Tx,
    entity: &mut T,
    statements: &Statements,
    rest: &[Value],
) -> Result<()> {
    let old = begin(tx, entity)?;
    let sql = if old == 0 { statements.insert } else { statements.update };
    let outcome = match parameters(tx, entity, rest) {
        Ok(params) => tx.execute(sql, &params).await.and_then(|rows| found::<T>(rows)),
        Err(error) => Err(error),
    };
    finish(entity, old, outcome)
}

/// Checks the organization and raises the revision; answers the old one.
pub(super) fn begin<T: Entity>(tx: &Tx, entity: &mut T) -> Result<i64> {
    own(tx, entity.organization())?;
    let old = *entity.rev();
    if !(0..i64::MAX).contains(&old) {
        return Err(StoreError::Corrupt(format!("an entity has the revision {old}")));
    }
    *entity.rev() = old + 1;
    Ok(old)
}

/// The first three parameters and the repository's own.
pub(super) fn parameters<T: Entity>(tx: &Tx, entity: &mut T, rest: &[Value]) -> Result<Vec<Value>> {
    let mut params = Vec::with_capacity(3 + rest.len());
    params.push(tx.organization().into());
    params.push((*entity.rev()).into());
    params.push(document(entity)?.into());
    params.extend_from_slice(rest);
    Ok(params)
}

/// No row was touched: somebody was faster.
pub(super) fn found<T: Entity>(rows: u64) -> Result<()> {
    if rows == 0 { Err(StoreError::Conflict { constraint: T::CHANGED.to_owned() }) } else { Ok(()) }
}

/// Takes the raised revision back if the write failed.
pub(super) fn finish<T: Entity>(entity: &mut T, old: i64, outcome: Result<()>) -> Result<()> {
    if outcome.is_err() {
        *entity.rev() = old;
    }
    outcome
}

/// A unit writes only into its own organization. Anything else is a mistake of this program.
pub(super) fn own(tx: &Tx, organization: OrganizationId) -> Result<()> {
    if organization == tx.organization() {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!(
        "a write for {} tried to store something of {organization}",
        tx.organization()
    )))
}

/// The document of an entity.
pub(super) fn document(entity: &impl Serialize) -> Result<String> {
    serde_json::to_string(entity)
        .map_err(|error| StoreError::Other(format!("an entity cannot be written as JSON: {error}")))
}

/// The entity in the first column.
pub(super) fn one<T: DeserializeOwned>(row: Option<Row>) -> Result<Option<T>> {
    row.map(|row| row.json(0)).transpose()
}

/// The entities in the first column.
pub(super) fn all<T: DeserializeOwned>(rows: &[Row]) -> Result<Vec<T>> {
    rows.iter().map(|row| row.json(0)).collect()
}

/// The stored word of a plain enum: the same as in the document.
pub(super) fn word(value: &impl Serialize) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(StoreError::Other("a column wants a plain word".to_owned())),
    }
}
