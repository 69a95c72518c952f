//! Custom columns where users and devices are entered and shown.

use domain::model::{CustomColumn, CustomKind, CustomScope, CustomValues};
use door::FormData;
use engine::custom_columns::{field, of_scope, shown};

use super::frame::{Cx, Entered, Oops};
use crate::parts::{Fact, FieldView, Html, cell};

fn columns(cx: &Cx, scope: CustomScope) -> Result<Vec<CustomColumn>, Oops> {
    Ok(cx.org(|org| of_scope(org, scope).cloned().collect())?)
}

/// Fields for the columns of a scope.
pub fn fields(cx: &Cx, entered: &Entered<'_>, scope: CustomScope) -> Result<Vec<FieldView>, Oops> {
    Ok(columns(cx, scope)?.iter().map(|column| one(entered, column)).collect())
}

fn one(entered: &Entered<'_>, column: &CustomColumn) -> FieldView {
    let name = field(column);
    let nothing = match column.default.as_str() {
        "" => "Not set".to_owned(),
        default => format!("As usual: {default}"),
    };
    let offered = |values: &mut dyn Iterator<Item = (String, String)>| {
        std::iter::once((String::new(), nothing.clone())).chain(values).collect::<Vec<_>>()
    };
    let view = match &column.kind {
        CustomKind::Text | CustomKind::Number => entered.text(&name, &column.name),
        CustomKind::Date => entered.date(&name, &column.name),
        CustomKind::YesNo => {
            let values = [("yes", "Yes"), ("no", "No")].map(|(v, l)| (v.to_owned(), l.to_owned()));
            entered.select(&name, &column.name, &offered(&mut values.into_iter()))
        }
        CustomKind::List(choices) => {
            let mut values = choices.iter().map(|choice| (choice.clone(), choice.clone()));
            entered.select(&name, &column.name, &offered(&mut values))
        }
    };
    let mut help = column.help.clone();
    if !column.default.is_empty()
        && matches!(column.kind, CustomKind::Text | CustomKind::Number | CustomKind::Date)
    {
        let gap = if help.is_empty() { "" } else { " " };
        help = format!("{help}{gap}Left empty, it is {}.", column.default);
    }
    let view = if help.is_empty() { view } else { view.help(help) };
    if column.required && column.default.is_empty() { view } else { view.optional() }
}

/// What is stored, as a form has it.
pub fn stored(cx: &Cx, scope: CustomScope, values: &CustomValues) -> Result<Vec<(String, String)>, Oops> {
    let value = |column: &CustomColumn| Some((field(column), values.get(&column.id)?.clone()));
    Ok(columns(cx, scope)?.iter().filter_map(value).collect())
}

/// What was entered; every column of the scope, empty ones too.
pub fn input(cx: &Cx, scope: CustomScope, data: &FormData) -> Result<CustomValues, Oops> {
    let value = |column: &CustomColumn| (column.id, data.text(&field(column)).to_owned());
    Ok(columns(cx, scope)?.iter().map(value).collect())
}

/// What is known, for the page of a user or device.
pub fn facts(cx: &Cx, scope: CustomScope, values: &CustomValues) -> Result<Vec<Fact>, Oops> {
    let fact = |column: &CustomColumn| Fact::new(column.name.clone(), cell::text(shown(column, values)));
    Ok(columns(cx, scope)?.iter().map(fact).collect())
}

/// The same as rows of the table of a device's facts.
pub fn rows(cx: &Cx, values: &CustomValues) -> Vec<[Html; 4]> {
    let all = columns(cx, CustomScope::Device).unwrap_or_default();
    let filled = all.iter().filter(|column| !shown(column, values).is_empty());
    filled
        .map(|column| {
            let from = if values.contains_key(&column.id) { "entered" } else { "default of the column" };
            [
                cell::lines(column.name.clone(), column.help.clone()),
                cell::text(shown(column, values)),
                Html::text(from),
                cell::none(),
            ]
        })
        .collect()
}
