//! Saved views of the lists of devices and users: the tabs above them, keeping one, and the list of one's own.

use catalog::Permission as P;
use domain::model::{SavedView, SavedViewId, ViewList};
use door::{Access, Form, FormData, Path, Routes};
use engine::Error;
use engine::views::{self, ViewInput};
use http::Method;

use super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong, hidden_value};
use super::{devices, users, words};
use crate::parts::{
    Button, ButtonKind, Card, EmptyState, Fact, Facts, Form as FormView, GridState, Head, Html, Icon, Place,
    Tab, Table, cell,
};

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

/// A list that views are kept of.
struct Kept {
    list: ViewList,
    path: &'static str,
    title: &'static str,
    /// What it lists: "devices".
    what: &'static str,
    /// The views that everybody has.
    usual: &'static [(&'static str, &'static str)],
    state: fn(&Cx, Vec<(String, String)>) -> GridState,
    label: fn(&Cx, &str, &str) -> String,
}

const DEVICES: Kept = Kept {
    list: ViewList::Devices,
    path: "/dashboard/devices",
    title: "Smart Devices and Users",
    what: "devices",
    usual: &[
        ("Needs attention", "status=restricted&status=blocked"),
        ("Waiting", "status=waiting"),
        ("In quarantine", "state=quarantined"),
        ("Silent for a week", "silent=168"),
    ],
    state: devices::query::state,
    label: devices::query::label,
};

const USERS: Kept = Kept {
    list: ViewList::Users,
    path: "/dashboard/users",
    title: "Users",
    what: "users",
    usual: &[
        ("Without a device", "devices=none"),
        ("Not invited yet", "letter=never"),
        ("Disabled", "state=disabled"),
    ],
    state: users::query::state,
    label: users::query::label,
};

fn kept_of(list: ViewList) -> &'static Kept {
    match list {
        ViewList::Devices => &DEVICES,
        ViewList::Users => &USERS,
    }
}

/// The heading of a column.
fn column(cx: &Cx, list: ViewList, key: &str) -> String {
    match list {
        ViewList::Devices => {
            let known = devices::query::columns(cx);
            known.into_iter().find(|column| column.key == key).map(|column| column.label.into_owned())
        }
        ViewList::Users => {
            let known = users::query::columns(cx);
            known.into_iter().find(|column| column.key == key).map(|column| column.label.into_owned())
        }
    }
    .unwrap_or_default()
}

/// The state of the list that a view keeps.
fn state_of(cx: &Cx, view: &SavedView) -> GridState {
    let mut pairs = vec![("q".to_owned(), view.search.clone())];
    pairs.extend(view.filters.iter().cloned());
    pairs.push(("sort".to_owned(), view.sort.clone()));
    pairs.push(("cols".to_owned(), view.columns.join(",")));
    (kept_of(view.list).state)(cx, pairs)
}

/// The same without page and number of lines, which no view keeps.
fn kept(state: &GridState) -> GridState {
    GridState { after: String::new(), before: String::new(), size: 0, ..state.clone() }
}

/// The tabs above a list, and the id of one's own view that is open.
pub async fn tabs(
    cx: &Cx,
    list: ViewList,
    state: &GridState,
) -> Result<(Vec<Tab>, Option<SavedViewId>), Oops> {
    let Kept { path, usual, .. } = kept_of(list);
    let total = cx.org(|org| match list {
        ViewList::Devices => org.devices.len(),
        ViewList::Users => org.user_count(),
    })?;
    let mut own = views::list(&cx.engine, &cx.scope).await?;
    own.retain(|view| view.list == list);
    let here = kept(state);
    let open = own.iter().find(|view| state_of(cx, view) == here).map(|view| view.id);
    let filters = state.filters.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
    let on = |query: &str| open.is_none() && state.search.is_empty() && filters == query;
    let mut tabs = vec![Tab::new("All", *path, on("")).note(words::grouped(total))];
    tabs.extend(usual.iter().map(|(label, query)| Tab::new(*label, format!("{path}?{query}"), on(query))));
    tabs.extend(
        own.iter().map(|view| Tab::new(&view.name, state_of(cx, view).href(), open == Some(view.id))),
    );
    Ok((tabs, open))
}

/// The way to keep what is shown, or to one's own views when it is kept already.
pub fn keep(list: ViewList, state: &GridState, open: Option<SavedViewId>) -> Tab {
    if open.is_some() {
        return Tab::new("Manage views", PATH, false);
    }
    let href = format!("{PATH}/add?list={}&{}", list.key(), kept(state).query());
    Tab::new("Save view", href, false)
}

async fn list(cx: Cx) -> Answer {
    let own = views::list(&cx.engine, &cx.scope).await?;
    let head = Head::new("Saved views", "Columns, filters and order of a list, kept for you alone.")
        .under(DEVICES.title, DEVICES.path);
    if own.is_empty() {
        let empty = EmptyState {
            icon: Icon::Columns,
            title: "You keep no view yet".into(),
            text:
                "Filter, sort and arrange the list of devices or users as you need it, then press Save view above it."
                    .into(),
            actions: vec![Button::link(DEVICES.title, DEVICES.path).kind(ButtonKind::Primary)],
        };
        return cx.page(Place::Devices, head, vec![Card::new("", empty).into()]);
    }
    let mut table = Table::new("Saved views", &["View", "Of", "What it shows", "Made", ""]).tall();
    for view in &own {
        let state = state_of(&cx, view);
        let of = kept_of(view.list);
        let rename = format!("{PATH}/add?list={}&{}&view={}", view.list.key(), state.query(), view.id);
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
            Html::text(of.what),
            cell::prose(told(&cx, view.list, &state)),
            cx.ago(view.created_at).into(),
            Html::join([Button::link("Rename", rename).small().into(), Html::text(" "), remove.into()]),
        ]);
    }
    let aside = format!("{} of at most {}", own.len(), views::MOST);
    cx.page(Place::Devices, head, vec![Card::flush("", table).aside(aside).into()])
}

/// What a state shows, in a sentence.
fn told(cx: &Cx, list: ViewList, state: &GridState) -> String {
    let of = kept_of(list);
    let mut words: Vec<String> =
        state.filters.iter().map(|(key, value)| (of.label)(cx, key, value)).collect();
    if !state.search.is_empty() {
        words.insert(0, format!("“{}”", state.search));
    }
    if words.is_empty() {
        words.push(format!("All {}", of.what));
    }
    if !state.sort.is_empty() {
        let way = if state.descending { "largest first" } else { "smallest first" };
        words.push(format!("by {}, {way}", column(cx, list, &state.sort)));
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
    let list = ViewList::from_key(cx.asked("list")).unwrap_or_default();
    let state = kept(&(kept_of(list).state)(&cx, cx.query.clone()));
    let mut pairs = vec![
        ("name".to_owned(), name),
        ("list".to_owned(), list.key().to_owned()),
        ("query".to_owned(), state.query()),
    ];
    pairs.extend(view.map(|id| ("view".to_owned(), id.to_string())));
    let (head, body) = form(&cx, &FormData::new(pairs), &Wrong::default());
    cx.page(Place::Devices, head, body)
}

fn form(cx: &Cx, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let of = posted_list(data);
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
    hidden.push(hidden_value("list", of.list.key()));
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
    let head = Head::new(title, "The list as it is now, one press away.")
        .under(of.title, of.path)
        .under("Saved views", PATH);
    let shows = Facts::rows([Fact::new("It shows", cell::prose(told(cx, of.list, &state)))]);
    (head, vec![Card::new("", Html::join([shows.into(), form.into()])).into()])
}

/// The list that a form is about.
fn posted_list(data: &FormData) -> &'static Kept {
    kept_of(ViewList::from_key(data.text("list")).unwrap_or_default())
}

/// The state that a form carries.
fn posted(cx: &Cx, data: &FormData) -> GridState {
    let pairs = words::decoded(data.text("query"));
    kept(&(posted_list(data).state)(cx, pairs))
}

async fn add(cx: Cx, Form(data): Form) -> Answer {
    let state = posted(&cx, &data);
    let sign = if state.descending { "-" } else { "" };
    let input = ViewInput {
        name: data.text("name").to_owned(),
        list: posted_list(&data).list,
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
        old = own
            .iter()
            .find(|view| view.list == input.list && view.name.to_lowercase() == name)
            .map(|view| view.id);
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
