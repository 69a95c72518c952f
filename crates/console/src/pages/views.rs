//! Saved views of the grid of devices: the tabs above it, keeping one, and the list of one's own.

use catalog::Permission as P;
use domain::model::{SavedView, SavedViewId};
use door::{Access, Form, FormData, Path, Routes};
use engine::Error;
use engine::views::{self, ViewInput};
use http::Method;

use super::devices::query;
use super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong, hidden_value};
use super::words;
use crate::parts::{
    Button, ButtonKind, Card, EmptyState, Fact, Facts, Form as FormView, GridState, Head, Html, Icon, Place,
    Tab, Table, cell,
};

const GRID: &str = "/dashboard/devices";
const PATH: &str = "/dashboard/views";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(P::DevicesView);
    routes
        .route(Method::GET, PATH, view, list)
        .route(Method::GET, "/dashboard/views/add", view, add_show)
        .route(Method::POST, "/dashboard/views/add", view, add)
        .route(Method::POST, "/dashboard/views/{id}/remove", view, remove)
}

/// The views that everybody has.
const USUAL: [(&str, &str); 4] = [
    ("Needs attention", "status=restricted&status=blocked"),
    ("Waiting", "status=waiting"),
    ("In quarantine", "state=quarantined"),
    ("Silent for a week", "silent=168"),
];

/// The state of the grid that a view keeps.
fn state_of(cx: &Cx, view: &SavedView) -> GridState {
    let mut pairs = vec![("q".to_owned(), view.search.clone())];
    pairs.extend(view.filters.iter().cloned());
    pairs.push(("sort".to_owned(), view.sort.clone()));
    pairs.push(("cols".to_owned(), view.columns.join(",")));
    query::state(cx, pairs)
}

/// The same without page and number of lines, which no view keeps.
fn kept(state: &GridState) -> GridState {
    GridState { after: String::new(), before: String::new(), size: 0, ..state.clone() }
}

/// The tabs above the grid, and the id of one's own view that is open.
pub async fn tabs(cx: &Cx, state: &GridState) -> Result<(Vec<Tab>, Option<SavedViewId>), Oops> {
    let total = cx.org(|org| org.devices.len())?;
    let own = views::list(&cx.engine, &cx.scope).await?;
    let here = kept(state);
    let open = own.iter().find(|view| state_of(cx, view) == here).map(|view| view.id);
    let filters = state.filters.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
    let on = |query: &str| open.is_none() && state.search.is_empty() && filters == query;
    let mut tabs = vec![Tab::new("All", GRID, on("")).note(words::grouped(total))];
    tabs.extend(USUAL.map(|(label, query)| Tab::new(label, format!("{GRID}?{query}"), on(query))));
    tabs.extend(
        own.iter().map(|view| Tab::new(&view.name, state_of(cx, view).href(), open == Some(view.id))),
    );
    Ok((tabs, open))
}

/// The way to keep what is shown, or to one's own views when it is kept already.
pub fn keep(state: &GridState, open: Option<SavedViewId>) -> Tab {
    match open {
        Some(_) => Tab::new("Manage views", PATH, false),
        None => Tab::new("Save view", format!("{PATH}/add?{}", kept(state).query()), false),
    }
}

async fn list(cx: Cx) -> Answer {
    let own = views::list(&cx.engine, &cx.scope).await?;
    let head =
        Head::new("Saved views", "Columns, filters and order of the list of devices, kept for you alone.")
            .under("Smart Devices and Users", GRID);
    if own.is_empty() {
        let empty = EmptyState {
            icon: Icon::Columns,
            title: "You keep no view yet".into(),
            text:
                "Filter, sort and arrange the list of devices as you need it, then press Save view above it."
                    .into(),
            actions: vec![Button::link("Smart Devices and Users", GRID).kind(ButtonKind::Primary)],
        };
        return cx.page(Place::Devices, head, vec![Card::new("", empty).into()]);
    }
    let mut table = Table::new("Saved views", &["View", "What it shows", "Made", ""]).tall();
    for view in &own {
        let state = state_of(&cx, view);
        let rename = format!("{PATH}/add?{}&view={}", state.query(), view.id);
        let remove = PostButton {
            action: format!("{PATH}/{}/remove", view.id),
            hidden: cx.hidden(),
            button: Button {
                label: "Remove".into(),
                small: true,
                kind: ButtonKind::Danger,
                ..Button::default()
            },
        };
        table = table.row([
            cell::open(state.href(), &view.name),
            cell::prose(told(&cx, &state)),
            cx.ago(view.created_at).into(),
            Html::join([Button::link("Rename", rename).small().into(), Html::text(" "), remove.into()]),
        ]);
    }
    let aside = format!("{} of at most {}", own.len(), views::MOST);
    cx.page(Place::Devices, head, vec![Card::flush("", table).aside(aside).into()])
}

/// What a state shows, in a sentence.
fn told(cx: &Cx, state: &GridState) -> String {
    let mut words: Vec<String> =
        state.filters.iter().map(|(key, value)| query::label(cx, key, value)).collect();
    if !state.search.is_empty() {
        words.insert(0, format!("“{}”", state.search));
    }
    if words.is_empty() {
        words.push("All devices".into());
    }
    let known = query::columns(cx);
    let column = |key: &str| known.iter().find(|c| c.key == key).map_or("", |c| c.label.as_ref());
    if !state.sort.is_empty() {
        let way = if state.descending { "largest first" } else { "smallest first" };
        words.push(format!("by {}, {way}", column(&state.sort)));
    }
    if !state.columns.is_empty() {
        words.push(words::count(state.columns.len(), "column", "columns"));
    }
    words.join("; ")
}

async fn add_show(cx: Cx) -> Answer {
    let view = cx.asked("view").parse::<SavedViewId>().ok();
    let name = match view {
        Some(id) => views::get(&cx.engine, &cx.scope, id).await?.name,
        None => String::new(),
    };
    let state = kept(&query::state(&cx, cx.query.clone()));
    let mut pairs = vec![("name".to_owned(), name), ("query".to_owned(), state.query())];
    pairs.extend(view.map(|id| ("view".to_owned(), id.to_string())));
    let (head, body) = form(&cx, &FormData::new(pairs), &Wrong::default());
    cx.page(Place::Devices, head, body)
}

fn form(cx: &Cx, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let state = posted(cx, data);
    let old = data.text("view");
    let mut fields =
        vec![entered.text("name", "Name").help("Stands as a tab above the list. Only you see it.")];
    if old.is_empty() {
        let replace = entered.switch("replace", "Replace my view of this name");
        fields.push(replace.help("When you have changed what it should show."));
    }
    let mut hidden = cx.hidden();
    hidden.push(hidden_value("query", data.text("query")));
    if !old.is_empty() {
        hidden.push(hidden_value("view", old));
    }
    let form = FormView {
        id: "view-form".into(),
        action: format!("{PATH}/add"),
        hidden,
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Save view"), Button::link("Cancel", state.href())],
    };
    let title = if old.is_empty() { "Save view" } else { "Rename view" };
    let head = Head::new(title, "The list of devices as it is now, one press away.")
        .under("Smart Devices and Users", GRID)
        .under("Saved views", PATH);
    let shows = Facts::rows([Fact::new("It shows", cell::prose(told(cx, &state)))]);
    (head, vec![Card::new("", Html::join([shows.into(), form.into()])).into()])
}

/// The state that a form carries.
fn posted(cx: &Cx, data: &FormData) -> GridState {
    let pairs = words::decoded(data.text("query"));
    kept(&query::state(cx, pairs))
}

async fn add(cx: Cx, Form(data): Form) -> Answer {
    let state = posted(&cx, &data);
    let sign = if state.descending { "-" } else { "" };
    let input = ViewInput {
        name: data.text("name").to_owned(),
        search: state.search.clone(),
        filters: state.filters.clone(),
        sort: if state.sort.is_empty() { String::new() } else { format!("{sign}{}", state.sort) },
        columns: state.columns.clone(),
    };
    match save(&cx, &data, input).await {
        Ok(view) => cx.done(&state.href(), format!("The view “{}” was saved.", view.name)),
        Err(error) => {
            let (head, body) = form(&cx, &data, &Wrong::of(error)?);
            cx.again(Place::Devices, head, body)
        }
    }
}

async fn save(cx: &Cx, data: &FormData, input: ViewInput) -> Result<SavedView, Error> {
    let mut old = data.text("view").parse::<SavedViewId>().ok();
    if old.is_none() && data.ticked("replace") {
        let own = views::list(&cx.engine, &cx.scope).await?;
        let name = input.name.to_lowercase();
        old = own.iter().find(|view| view.name.to_lowercase() == name).map(|view| view.id);
    }
    match old {
        Some(id) => views::edit(&cx.engine, &cx.scope, id, None, input).await,
        None => views::create(&cx.engine, &cx.scope, input).await,
    }
}

async fn remove(cx: Cx, Path(id): Path<SavedViewId>, Form(_): Form) -> Answer {
    views::remove(&cx.engine, &cx.scope, id).await?;
    cx.done(PATH, "The view was removed.")
}
