//! The same suite, schedule, mail server or group for many: what they get, then how many that really changes, then it is done.

use catalog::{Liability, Permission};
use domain::model::DeviceId;
use door::{Form, FormData};
use engine::assignment::Choices;
use engine::devices::{self, Assign, Plan};

use super::super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong, hidden_value};
use super::super::words;
use super::{PATH, choices, query};
use crate::parts::{
    Button, ButtonKind, Card, Fact, Facts, FieldView, Form as FormView, Head, Html, Note, Place, Tone, cell,
};

/// The action of the grid that leads here.
pub const ACTION: &str = "assign";
/// Value of the select that takes their own choice away.
const NONE: &str = "none";

/// Whether anything of it may be done.
pub fn may(cx: &Cx) -> bool {
    [Permission::DevicesEdit, Permission::UsersEdit, Permission::GroupsEdit].iter().any(|p| cx.can(*p))
}

/// The devices that a form means: those that were ticked, or all that its query finds.
fn meant(cx: &Cx, form: &FormData) -> Result<Vec<DeviceId>, Oops> {
    if form.text("everything") == "1" {
        let state = query::state(cx, words::decoded(form.raw("query")));
        return Ok(devices::found(&cx.engine, &cx.scope, &query::query(&state))?);
    }
    Ok(form.all("id").into_iter().filter_map(|id| id.parse().ok()).collect())
}

/// What must come along to the next page so that it means the same devices.
fn carried(cx: &Cx, form: &FormData) -> Vec<(String, String)> {
    let mut hidden = cx.hidden();
    if form.text("everything") == "1" {
        hidden.push(hidden_value("everything", "1"));
        hidden.push(hidden_value("query", form.raw("query")));
    } else {
        hidden.extend(form.all("id").into_iter().map(|id| hidden_value("id", id)));
    }
    hidden
}

fn head(title: &str, lead: impl Into<Html>) -> Head {
    Head::new(title, lead).under("Smart Devices and Users", PATH)
}

/// The first page: how many are meant, and what they get.
pub fn ask(cx: &Cx, form: &FormData) -> Answer {
    let ids = meant(cx, form)?;
    if ids.is_empty() {
        return cx.failed(PATH, "Tick the devices first; nothing was assigned.");
    }
    let body = choose(cx, form, &ids, &Wrong::default())?;
    cx.page(Place::Devices, head("Assign", LEAD), body)
}

/// The form's fields.
const PARTS: [&str; 9] = [
    "device_suite",
    "device_schedule",
    "device_liability",
    "user_suite",
    "user_schedule",
    "user_liability",
    "server",
    "join",
    "leave",
];

/// What a liability can be set to.
fn liabilities() -> Vec<(String, String)> {
    let of = Liability::ALL.into_iter().map(|l| (l.key().to_owned(), l.label().to_owned()));
    let fixed =
        [(String::new(), "Leave as it is".to_owned()), (NONE.to_owned(), "None of their own".to_owned())];
    fixed.into_iter().chain(of).collect()
}

const LEAD: &str = "What you leave alone stays. The next page says how many this really changes.";

fn choose(cx: &Cx, form: &FormData, ids: &[DeviceId], wrong: &Wrong) -> Result<Vec<Html>, Oops> {
    let fields = fields(cx, &Entered { data: form, wrong })?;
    let view = FormView {
        id: "assign-form".into(),
        action: format!("{PATH}/assign"),
        hidden: [carried(cx, form), vec![hidden_value("step", "review")]].concat(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Review"), Button::link("Cancel", PATH)],
    };
    Ok(vec![Card::new(meant_words(cx, ids)?, view).into()])
}

/// "12 devices of 9 users".
fn meant_words(cx: &Cx, ids: &[DeviceId]) -> Result<String, Oops> {
    let users = cx.org(|org| {
        let owners = ids.iter().filter_map(|id| org.devices.get(*id)).map(|device| device.user);
        owners.collect::<std::collections::BTreeSet<_>>().len()
    })?;
    let devices = words::count(ids.len(), "device", "devices");
    Ok(format!("{devices} of {}", words::count(users, "user", "users")))
}

fn fields(cx: &Cx, entered: &Entered<'_>) -> Result<Vec<FieldView>, Oops> {
    let with_none = |mut of: Vec<(String, String)>, none: &str| {
        of.insert(1, (NONE.to_owned(), none.to_owned()));
        of
    };
    let leave = "Leave as it is";
    let mut fields = Vec::new();
    if cx.can(Permission::DevicesEdit) {
        let suites = with_none(choices::suites(cx, leave)?, "None of their own");
        fields.push(
            entered
                .select("device_suite", "Policy suite of these devices", &suites)
                .help("For these devices only. It comes before what their users and groups say."),
        );
        let schedules = with_none(choices::schedules(cx, leave)?, "None of their own");
        fields.push(entered.select("device_schedule", "Connection schedule of these devices", &schedules));
        fields.push(entered.select("device_liability", "Liability of these devices", &liabilities()));
    }
    if cx.can(Permission::UsersEdit) {
        let suites = with_none(choices::suites(cx, leave)?, "None of their own");
        let servers = with_none(choices::servers(cx, leave)?, "None of their own");
        fields.push(
            entered
                .select("user_suite", "Policy suite of their users", &suites)
                .help("Counts for all devices of these users, also for those that are not ticked."),
        );
        let schedules = with_none(choices::schedules(cx, leave)?, "None of their own");
        fields.push(entered.select("user_schedule", "Connection schedule of their users", &schedules));
        fields.push(entered.select("user_liability", "Liability of their users", &liabilities()));
        fields.push(
            entered
                .select("server", "Mail server of their users", &servers)
                .help("Where the gateway takes their mail from."),
        );
    }
    if cx.can(Permission::GroupsEdit) {
        fields.push(entered.select("join", "Their users join", &choices::groups(cx, "No group")?));
        fields.push(entered.select("leave", "Their users leave", &choices::groups(cx, "No group")?));
    }
    Ok(fields)
}

fn read(form: &FormData) -> Assign {
    #[expect(clippy::option_option, reason = "leave alone, take away and set are three things")]
    fn choice<T: std::str::FromStr>(form: &FormData, name: &str) -> Option<Option<T>> {
        match form.text(name) {
            NONE => Some(None),
            text => text.parse().ok().map(Some),
        }
    }
    let liability = |name: &str| match form.text(name) {
        NONE => Some(None),
        key => Liability::from_key(key).map(Some),
    };
    let own = |whose: &str| Choices {
        suite: choice(form, &format!("{whose}_suite")),
        schedule: choice(form, &format!("{whose}_schedule")),
        liability: liability(&format!("{whose}_liability")),
    };
    Assign {
        device: own("device"),
        user: own("user"),
        server: choice(form, "server"),
        join: form.text("join").parse().ok(),
        leave: form.text("leave").parse().ok(),
    }
}

/// The second page, and what follows from it.
pub async fn step(cx: Cx, Form(form): Form) -> Answer {
    let ids = meant(&cx, &form)?;
    let what = read(&form);
    let planned = match devices::plan_assignment(&cx.engine, &cx.scope, &ids, &what) {
        Ok(plan) => plan,
        Err(error) => {
            let body = choose(&cx, &form, &ids, &Wrong::of(error)?)?;
            return cx.again(Place::Devices, head("Assign", LEAD), body);
        }
    };
    // What was reviewed is what is done: if others came to the list meanwhile, it is shown anew.
    let reviewed = form.text("step") == "assign" && form.text("seen") == seen(&planned);
    if !reviewed {
        return review(&cx, &form, &ids, &planned);
    }
    match devices::assign(&cx.engine, &cx.scope, &ids, &what).await {
        Ok(done) => cx.done(PATH, said(&done)),
        Err(error) => cx.failed(PATH, Wrong::of(error)?.rest(&[])),
    }
}

/// The numbers of a plan, to tell whether it is still the one that was reviewed.
fn seen(plan: &Plan) -> String {
    let Plan { devices, users, device, user, server, join, leave } = plan;
    let lists = [
        device.suite.len(),
        device.schedule.len(),
        device.liability.len(),
        user.suite.len(),
        user.schedule.len(),
        user.liability.len(),
        server.len(),
        join.len(),
        leave.len(),
    ];
    let all = [*devices, *users].into_iter().chain(lists);
    all.map(|number| number.to_string()).collect::<Vec<_>>().join(".")
}

fn review(cx: &Cx, form: &FormData, ids: &[DeviceId], plan: &Plan) -> Answer {
    let facts = lines(cx, form, plan)?;
    let mut body = Vec::new();
    if form.text("step") == "assign" {
        let text = "The list or what they have is not what you reviewed. Nothing was assigned yet.";
        body.push(Note::new(Tone::Warn, "Look once more", text).into());
    }
    let card = Card { id: "assign-review".into(), ..Card::new(meant_words(cx, ids)?, Facts::rows(facts)) };
    body.push(card.into());
    let chosen = PARTS.iter().map(|name| hidden_value(name, form.text(name)));
    let hidden = carried(cx, form).into_iter().chain(chosen);
    let hidden = hidden.chain([hidden_value("step", "assign"), hidden_value("seen", seen(plan))]);
    let mut head = head("Review the assignment", "Devices that get another policy fetch it at once.");
    if plan.is_empty() {
        body.push(Note::new(Tone::Info, "Nothing to do", "All of them have it already.").into());
    } else {
        let button = Button { label: "Assign".into(), kind: ButtonKind::Primary, ..Button::default() };
        head.actions
            .push(PostButton { action: format!("{PATH}/assign"), hidden: hidden.collect(), button }.into());
    }
    head = head.action(Button::link("Cancel", PATH));
    let text = "What each one had before stands in the journal, so it can be given back. Nobody is removed and nothing is wiped.";
    body.push(Note::new(Tone::Info, "This can be undone", text).into());
    cx.page(Place::Devices, head, body)
}

/// A line for each part: what, and how many it changes.
fn lines(cx: &Cx, form: &FormData, plan: &Plan) -> Result<Vec<Fact>, Oops> {
    let of = |changed: usize, all: usize, one: &str, many: &str| {
        let same = if changed < all {
            format!("; {} have it already", words::grouped(all - changed))
        } else {
            String::new()
        };
        format!("changes {} of {}{same}", words::grouped(changed), words::count(all, one, many))
    };
    let devices = |changed| of(changed, plan.devices, "device", "devices");
    let users = |changed| of(changed, plan.users, "user", "users");
    let parts = [
        ("device_suite", "Policy suite of these devices", devices(plan.device.suite.len())),
        ("device_schedule", "Connection schedule of these devices", devices(plan.device.schedule.len())),
        ("device_liability", "Liability of these devices", devices(plan.device.liability.len())),
        ("user_suite", "Policy suite of their users", users(plan.user.suite.len())),
        ("user_schedule", "Connection schedule of their users", users(plan.user.schedule.len())),
        ("user_liability", "Liability of their users", users(plan.user.liability.len())),
        ("server", "Mail server of their users", users(plan.server.len())),
        ("join", "Their users join", users(plan.join.len())),
        (
            "leave",
            "Their users leave",
            format!(
                "changes {} of {}",
                words::grouped(plan.leave.len()),
                words::count(plan.users, "user", "users")
            ),
        ),
    ];
    let chosen = parts.into_iter().filter(|(key, ..)| !form.text(key).is_empty());
    chosen
        .map(|(key, label, text)| Ok(Fact::new(label, cell::lines(value(cx, form.text(key))?, text))))
        .collect()
}

/// A chosen value in words.
fn value(cx: &Cx, text: &str) -> Result<String, Oops> {
    if text == NONE {
        return Ok("None of their own".into());
    }
    let name = cx.org(|org| {
        let suite = text.parse().ok().and_then(|id| org.suite(id)).map(|s| s.name.clone());
        let server = || text.parse().ok().and_then(|id| org.server(id)).map(|s| s.name.clone());
        let group = || text.parse().ok().and_then(|id| org.group(id)).map(|g| g.name.clone());
        let schedule = || text.parse().ok().and_then(|id| org.schedule(id)).map(|s| s.name.clone());
        let liability = || Liability::from_key(text).map(|l| l.label().to_owned());
        suite.or_else(server).or_else(group).or_else(schedule).or_else(liability)
    })?;
    Ok(name.unwrap_or_default())
}

fn said(done: &Plan) -> String {
    let (devices, users) = (done.device.all().len(), done.changed_users().len());
    let said = |count, one: &str, many: &str| words::count(count, one, many);
    let of_devices = said(devices, "device was", "devices were");
    let of_users = said(users, "user was", "users were");
    match (devices, users) {
        (0, _) => format!("{of_users} changed."),
        (_, 0) => format!("{of_devices} changed."),
        _ => format!("{of_devices} changed, and {of_users} changed."),
    }
}
