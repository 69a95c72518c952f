//! Adding and editing a column.

use domain::model::{CustomColumn, CustomColumnId, CustomKind, CustomScope};
use door::{Form, FormData, Path};
use engine::custom_columns::{self, ColumnInput};

use super::super::frame::{Answer, Cx, Entered, Wrong};
use super::PATH;
use crate::parts::{Button, Card, Form as FormView, Head, Html, Place};

fn stored(column: &CustomColumn) -> FormData {
    let choices = match &column.kind {
        CustomKind::List(choices) => choices.join("\n"),
        _ => String::new(),
    };
    let pairs = [
        ("name", column.name.clone()),
        ("help", column.help.clone()),
        ("kind", column.kind.key().to_owned()),
        ("choices", choices),
        ("required", if column.required { "on" } else { "" }.to_owned()),
        ("default", column.default.clone()),
    ];
    let filled = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    FormData::new(filled.map(|(key, value)| (key.to_owned(), value)).collect())
}

fn form(cx: &Cx, column: Option<&CustomColumn>, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let pair = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    let mut fields = vec![
        entered.text("name", "Name").help("Heading of the column; values are named by it in files and REST."),
        entered.text("help", "What it is for").help("Shown under the field.").optional(),
    ];
    if column.is_none() {
        fields.push(entered.segments("scope", "Of", &[pair("user", "Users"), pair("device", "Devices")]));
    }
    fields.extend([
        entered.select(
            "kind",
            "Values",
            &[
                pair("text", "Text"),
                pair("number", "Number"),
                pair("date", "Date"),
                pair("list", "List"),
                pair("yes_no", "Yes or no"),
            ],
        ),
        entered.area("choices", "Values of the list").help("One a line; only for lists.").optional(),
        entered.switch("required", "Must be filled in").help(
            "When a user or device is entered by hand or by file. What is there already is not touched.",
        ),
        entered.text("default", "Default").help("Shown where nothing was entered.").optional(),
    ]);
    let (title, action) = match column {
        None => ("Add column".to_owned(), format!("{PATH}/add")),
        Some(column) => (format!("Edit {}", column.name), format!("{PATH}/{}/edit", column.id)),
    };
    let form = FormView {
        id: "column-form".into(),
        action,
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![
            Button::submit(if column.is_some() { "Save" } else { "Add column" }),
            Button::link("Cancel", PATH),
        ],
    };
    let head = Head::new(title, "").under("Custom Columns", PATH);
    (head, vec![Card::new("", form).into()])
}

fn input(data: &FormData, scope: CustomScope) -> ColumnInput {
    let kind = match data.text("kind") {
        "number" => CustomKind::Number,
        "date" => CustomKind::Date,
        "list" => CustomKind::List(data.lines("choices")),
        "yes_no" => CustomKind::YesNo,
        _ => CustomKind::Text,
    };
    ColumnInput {
        name: data.text("name").to_owned(),
        help: data.text("help").to_owned(),
        kind,
        scope,
        required: data.ticked("required"),
        default: data.text("default").to_owned(),
    }
}

pub async fn add_show(cx: Cx) -> Answer {
    let data = FormData::new(vec![("scope".into(), "user".into()), ("kind".into(), "text".into())]);
    let (head, body) = form(&cx, None, &data, &Wrong::default());
    cx.page(Place::CustomColumns, head, body)
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
    let scope = CustomScope::from_key(data.text("scope")).unwrap_or(CustomScope::User);
    match custom_columns::create(&cx.engine, &cx.scope, input(&data, scope)).await {
        Ok(_) => cx.done(PATH, "The column was added."),
        Err(error) => {
            let (head, body) = form(&cx, None, &data, &Wrong::of(error)?);
            cx.again(Place::CustomColumns, head, body)
        }
    }
}

pub async fn edit_show(cx: Cx, Path(id): Path<CustomColumnId>) -> Answer {
    let column = custom_columns::get(&cx.engine, &cx.scope, id)?;
    let (head, body) = form(&cx, Some(&column), &stored(&column), &Wrong::default());
    cx.page(Place::CustomColumns, head, body)
}

pub async fn save(cx: Cx, Path(id): Path<CustomColumnId>, Form(data): Form) -> Answer {
    let column = custom_columns::get(&cx.engine, &cx.scope, id)?;
    match custom_columns::edit(&cx.engine, &cx.scope, id, input(&data, column.scope)).await {
        Ok(()) => cx.done(PATH, "Saved."),
        Err(error) => {
            let (head, body) = form(&cx, Some(&column), &data, &Wrong::of(error)?);
            cx.again(Place::CustomColumns, head, body)
        }
    }
}
