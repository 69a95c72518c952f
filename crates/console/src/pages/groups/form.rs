//! Adding, copying and editing a group.

use domain::model::{Group, GroupId, GroupSettings};
use door::{Form, FormData, Path};
use engine::approvals::Edit;
use engine::groups::{self, GroupInput};

use super::super::devices::choices;
use super::super::foretold::{self, Ask};
use super::super::frame::{Answer, Cx, Entered, Oops, Wrong, hidden_value};
use super::PATH;
use crate::parts::{Button, Card, Form as FormView, Head, Html, Place};

fn stored(group: &Group) -> FormData {
    let settings = &group.settings;
    let pairs = [
        ("name", group.name.clone()),
        ("note", group.note.clone()),
        ("suite", settings.suite.map(|id| id.to_string()).unwrap_or_default()),
        ("schedule", settings.schedule.map(|id| id.to_string()).unwrap_or_default()),
        ("server", settings.server.map(|id| id.to_string()).unwrap_or_default()),
        ("liability", settings.liability.map(|l| l.key().to_owned()).unwrap_or_default()),
    ];
    FormData::new(pairs.map(|(key, value)| (key.to_owned(), value)).to_vec())
}

/// What leaving a setting open means.
const SILENT: &str = "Says nothing about it";

fn form(cx: &Cx, group: Option<&Group>, data: &FormData, wrong: &Wrong) -> Result<(Head, Vec<Html>), Oops> {
    let entered = Entered { data, wrong };
    let fields = vec![
        entered.text("name", "Name"),
        entered.text("note", "What is it for?").optional(),
        entered
            .select("suite", "Policy suite", &choices::suites(cx, SILENT)?)
            .help("For members without a suite of their own. Their devices fetch it at once."),
        entered
            .select("schedule", "Connection schedule", &choices::schedules(cx, SILENT)?)
            .help("For members without a schedule of their own."),
        entered.select("server", "Mail server", &choices::servers(cx, SILENT)?).help(
            "For members without a mail server of their own; phones that wait for mail are led there at once.",
        ),
        entered
            .select("liability", "Liability", &choices::liabilities(SILENT))
            .help("Chooses the corporate or the individual column of every policy."),
    ];
    let (title, action, back, verb) = match group {
        None => ("Add group".to_owned(), format!("{PATH}/add"), PATH.to_owned(), "Add group"),
        Some(group) => {
            let page = format!("{PATH}/{}", group.id);
            ("Edit group".to_owned(), format!("{page}/edit"), page, "Save")
        }
    };
    let rev = group.map(|g| hidden_value("rev", g.rev.to_string()));
    let form = FormView {
        id: "group-form".into(),
        action,
        hidden: cx.hidden().into_iter().chain(rev).collect(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit(verb), Button::link("Cancel", back.clone())],
    };
    let mut head = Head::new(
        title,
        "What a device or its user has of its own comes first, then the groups in their order, then the organization.",
    )
    .under("Groups", PATH);
    if let Some(group) = group {
        head = head.under(group.name.clone(), back);
    }
    Ok((head, vec![Card::new("", form).into()]))
}

fn input(data: &FormData) -> GroupInput {
    GroupInput {
        name: data.text("name").to_owned(),
        note: data.text("note").to_owned(),
        settings: GroupSettings {
            suite: data.text("suite").parse().ok(),
            schedule: data.text("schedule").parse().ok(),
            server: data.text("server").parse().ok(),
            liability: choices::liability(data),
        },
    }
}

pub async fn add_show(cx: Cx) -> Answer {
    let (head, body) = form(&cx, None, &FormData::default(), &Wrong::default())?;
    cx.page(Place::Groups, head, body)
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
    match groups::create(&cx.engine, &cx.scope, input(&data)).await {
        Ok(id) => cx.done(&format!("{PATH}/{id}"), "The group was added. Now add its members."),
        Err(error) => {
            let (head, body) = form(&cx, None, &data, &Wrong::of(error)?)?;
            cx.again(Place::Groups, head, body)
        }
    }
}

pub async fn edit_show(cx: Cx, Path(id): Path<GroupId>) -> Answer {
    let group = groups::get(&cx.engine, &cx.scope, id)?;
    let (head, body) = form(&cx, Some(&group), &stored(&group), &Wrong::default())?;
    cx.page(Place::Groups, head, body)
}

pub async fn save(cx: Cx, Path(id): Path<GroupId>, Form(data): Form) -> Answer {
    let group = groups::get(&cx.engine, &cx.scope, id)?;
    let seen = data.text("rev").parse().ok();
    let page = format!("{PATH}/{id}");
    let ask = Ask {
        place: Place::Groups,
        head: review_head(&group),
        edit: Edit::Group { group: id, input: Box::new(input(&data)) },
        action: format!("{page}/edit"),
        back: page,
    };
    if let Some(review) = foretold::review(&cx, ask, &data).await? {
        return Ok(review);
    }
    match groups::edit_seen(&cx.engine, &cx.scope, id, seen, input(&data)).await {
        Ok(()) => cx.done(&format!("{PATH}/{id}"), "Saved. Devices of the members were told."),
        Err(error) => {
            let (head, body) = form(&cx, Some(&group), &data, &Wrong::of(error)?)?;
            cx.again(Place::Groups, head, body)
        }
    }
}

/// The heading of a review of what a group's members would lose or get back.
pub fn review_head(group: &Group) -> Head {
    Head::new("Review before saving", "What devices of members would lose, or get back, if you save now.")
        .under("Groups", PATH)
        .under(group.name.clone(), format!("{PATH}/{}", group.id))
}

fn copy_form(cx: &Cx, group: &Group, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let page = format!("{PATH}/{}", group.id);
    let fields = vec![
        entered.text("name", "Name of the copy"),
        entered
            .switch("with_members", "Take the members along")
            .help("The copy comes last, so it changes nothing for them before it is moved up."),
    ];
    let form = FormView {
        id: "copy-form".into(),
        action: format!("{page}/copy"),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Copy group"), Button::link("Cancel", page.clone())],
    };
    let head = Head::new("Copy group", "Note and settings are the same; the copy is then its own group.")
        .under("Groups", PATH)
        .under(group.name.clone(), page);
    (head, vec![Card::new("", form).into()])
}

pub async fn copy_show(cx: Cx, Path(id): Path<GroupId>) -> Answer {
    let group = groups::get(&cx.engine, &cx.scope, id)?;
    let data = FormData::new(vec![("name".into(), format!("{} copy", group.name))]);
    let (head, body) = copy_form(&cx, &group, &data, &Wrong::default());
    cx.page(Place::Groups, head, body)
}

pub async fn copy(cx: Cx, Path(id): Path<GroupId>, Form(data): Form) -> Answer {
    let group = groups::get(&cx.engine, &cx.scope, id)?;
    let with_members = data.ticked("with_members");
    match groups::copy(&cx.engine, &cx.scope, id, data.text("name"), with_members).await {
        Ok(new) => cx.done(&format!("{PATH}/{new}"), "The copy was made. It comes last in the order."),
        Err(error) => {
            let (head, body) = copy_form(&cx, &group, &data, &Wrong::of(error)?);
            cx.again(Place::Groups, head, body)
        }
    }
}
