//! The columns in their order; moving and removing them.

use catalog::Permission;
use domain::model::{CustomColumn, CustomColumnId, CustomKind, CustomScope};
use door::{Form, Path};
use engine::custom_columns;

use super::super::frame::{Answer, Cx, PostButton, Wrong};
use super::super::words;
use super::PATH;
use crate::parts::{
    Button, ButtonKind, Card, Columns, Danger, EmptyState, Head, Html, Icon, Loss, Place, Table, Widths, cell,
};

fn kind(column: &CustomColumn) -> Html {
    match &column.kind {
        CustomKind::List(choices) => {
            cell::lines(column.kind.label(), words::count(choices.len(), "value", "values"))
        }
        kind => Html::text(kind.label()),
    }
}

/// Who has a column, in words.
pub fn of(scope: CustomScope) -> &'static str {
    match scope {
        CustomScope::User => "Users",
        CustomScope::Device => "Devices",
    }
}

pub async fn show(cx: Cx) -> Answer {
    let all = custom_columns::list(&cx.engine, &cx.scope)?;
    let may = cx.can(Permission::OrganizationEdit);
    let add = || Button::link("Add column", format!("{PATH}/add")).kind(ButtonKind::Primary).icon(Icon::Plus);
    let mut head = Head::new(
        "Custom Columns",
        "What you keep of users and devices beyond what the product knows: cost centre, building, contract.",
    );
    if may {
        head = head.action(add());
    }
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Columns,
            title: "There is no custom column yet".into(),
            text: "A column appears in forms, lists, filters, exports and the import of users.".into(),
            actions: if may { vec![add()] } else { Vec::new() },
        };
        return cx.page(Place::CustomColumns, head, vec![Card::new("", empty).into()]);
    }
    let mut table = Table::new("Custom columns", &["Column", "Of", "Values", "Default", ""]).tall();
    for (at, column) in all.iter().enumerate() {
        let required = if column.required { "must be filled in" } else { "" };
        let about = [column.help.as_str(), required].into_iter().filter(|t| !t.is_empty());
        let name = if may {
            cell::open(format!("{PATH}/{}/edit", column.id), &column.name)
        } else {
            Html::text(&column.name)
        };
        let up = PostButton {
            action: format!("{PATH}/{}/up", column.id),
            hidden: cx.hidden(),
            button: Button { label: "Move up".into(), small: true, ..Button::default() },
        };
        let remove = Button::link("Remove …", format!("{PATH}/{}/remove", column.id)).small();
        let acts = match (may, at) {
            (false, _) => Html::default(),
            (true, 0) => remove.into(),
            (true, _) => Html::join([up.into(), Html::text(" "), remove.into()]),
        };
        table = table.row([
            cell::lines(name, about.collect::<Vec<_>>().join("; ")),
            Html::text(of(column.scope)),
            kind(column),
            cell::text(&column.default),
            acts,
        ]);
    }
    let aside = format!("{} of at most {}", all.len(), custom_columns::MOST);
    cx.page(Place::CustomColumns, head, vec![Card::flush("", table).aside(aside).into()])
}

pub async fn up(cx: Cx, Path(id): Path<CustomColumnId>, _: Form) -> Answer {
    let all = custom_columns::list(&cx.engine, &cx.scope)?;
    let at = all.iter().position(|column| column.id == id).unwrap_or_default();
    custom_columns::move_to(&cx.engine, &cx.scope, id, at.max(1)).await?;
    cx.done(PATH, "The column was moved.")
}

pub async fn remove_ask(cx: Cx, Path(id): Path<CustomColumnId>) -> Answer {
    let column = custom_columns::get(&cx.engine, &cx.scope, id)?;
    remove_page(&cx, &column, String::new())
}

fn remove_page(cx: &Cx, column: &CustomColumn, error: String) -> Answer {
    let failed = !error.is_empty();
    let filled = cx.org(|org| {
        let users = org.users().filter(|user| user.custom.contains_key(&column.id)).count();
        users + org.devices.iter().filter(|device| device.custom.contains_key(&column.id)).count()
    })?;
    let loss = |text: String, kept| Loss { text: Html::text(text), kept };
    let danger = Danger {
        id: "remove".into(),
        title: format!("Remove {}?", column.name),
        lead: "The column disappears from forms, lists and files.".into(),
        losses: vec![
            loss(words::count(filled, "value that was entered", "values that were entered"), false),
            loss("Entries of the journal that tell of them".into(), true),
        ],
        name: column.name.clone(),
        action: format!("{PATH}/{}/remove", column.id),
        hidden: cx.hidden(),
        verb: "Remove the column".into(),
        cancel: PATH.into(),
        standalone: true,
        error,
        ..Danger::default()
    };
    let head = Head::new("Remove column", "").under("Custom Columns", PATH);
    let body = vec![Columns::new(Widths::Two, [danger.into()]).into()];
    if failed {
        cx.again(Place::CustomColumns, head, body)
    } else {
        cx.page(Place::CustomColumns, head, body)
    }
}

pub async fn remove(cx: Cx, Path(id): Path<CustomColumnId>, Form(data): Form) -> Answer {
    let column = custom_columns::get(&cx.engine, &cx.scope, id)?;
    if data.text("confirm") != column.name {
        let why = "The typed name is not this column’s. Nothing was removed.".into();
        return remove_page(&cx, &column, why);
    }
    match custom_columns::remove(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done(PATH, format!("{} was removed.", column.name)),
        Err(error) => remove_page(&cx, &column, Wrong::of(error)?.rest(&[])),
    }
}
