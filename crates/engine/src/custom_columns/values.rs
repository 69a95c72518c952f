//! Values of custom columns: read as people write them, shown with defaults.

use std::collections::BTreeMap;

use domain::model::{CustomColumn, CustomScope, CustomValues};

use crate::issues::Issues;
use crate::{Error, OrgIndex, Result};

/// Fields of forms and files are called so, before the column's name.
pub const FIELD: &str = "custom:";

/// The columns of a scope, in their order.
pub fn of_scope(org: &OrgIndex, scope: CustomScope) -> impl Iterator<Item = &CustomColumn> {
    org.organization.columns.iter().filter(move |column| column.scope == scope)
}

/// A column of a scope by name, in any letter case.
pub fn by_name<'o>(org: &'o OrgIndex, scope: CustomScope, name: &str) -> Option<&'o CustomColumn> {
    let name = name.trim().to_lowercase();
    of_scope(org, scope).find(|column| column.name.to_lowercase() == name)
}

/// What a user or device has in a column: its own value, else the default; empty for none.
pub fn shown<'v>(column: &'v CustomColumn, values: &'v CustomValues) -> &'v str {
    values.get(&column.id).map_or(column.default.as_str(), String::as_str)
}

/// Gives every value its one form. Empty ones go, and so do those of columns that are no more; a required column
/// without value and default is an issue.
pub(crate) fn read_values(
    org: &OrgIndex,
    scope: CustomScope,
    values: &mut CustomValues,
    issues: &mut Issues,
) {
    let mut read = CustomValues::new();
    for column in of_scope(org, scope) {
        let text = values.get(&column.id).map_or("", String::as_str);
        match column.kind.read(text) {
            Ok(value) if value.is_empty() => {
                issues.check(!column.required || !column.default.is_empty(), &field(column), || {
                    format!("{} must be filled in.", column.name)
                });
            }
            Ok(value) => drop(read.insert(column.id, value)),
            Err(why) => issues.add(field(column), why),
        }
    }
    *values = read;
}

/// The given values in their one form; those that are not given are not looked at.
pub(crate) fn read_given(
    org: &OrgIndex,
    scope: CustomScope,
    given: &CustomValues,
    issues: &mut Issues,
) -> CustomValues {
    let mut read = CustomValues::new();
    for column in of_scope(org, scope) {
        let Some(text) = given.get(&column.id) else { continue };
        match column.kind.read(text) {
            Ok(value) => {
                let missing = value.is_empty() && column.required && column.default.is_empty();
                issues.check(!missing, &field(column), || format!("{} must be filled in.", column.name));
                read.insert(column.id, value);
            }
            Err(why) => issues.add(field(column), why),
        }
    }
    read
}

/// Values by the names of their columns, for programs.
pub fn names(org: &OrgIndex, scope: CustomScope, values: &CustomValues) -> BTreeMap<String, String> {
    let value = |column: &CustomColumn| Some((column.name.clone(), values.get(&column.id)?.clone()));
    of_scope(org, scope).filter_map(value).collect()
}

/// Values of columns that are named (in any letter case).
///
/// # Errors
/// [`Error::Invalid`] for a name that no column has.
pub fn from_names(
    org: &OrgIndex,
    scope: CustomScope,
    named: BTreeMap<String, String>,
) -> Result<CustomValues> {
    let value = |(name, text): (String, String)| match by_name(org, scope, &name) {
        Some(column) => Ok((column.id, text)),
        None => Err(Error::invalid(format!("custom.{name}"), "There is no such custom column.")),
    };
    named.into_iter().map(value).collect()
}

/// What a column is called in forms, files and REST.
pub fn field(column: &CustomColumn) -> String {
    format!("{FIELD}{}", column.name)
}
