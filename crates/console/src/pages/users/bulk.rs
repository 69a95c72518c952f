//! The same for many users, picked in the list: what they get, or that they go.

use catalog::{LetterKind, Liability, Permission};
use domain::letter::Template;
use domain::model::{UserId, UserState};
use door::{Form, FormData};
use engine::assignment::Choices;
use engine::letters::{Audience, Order};
use engine::users::{self, UserChange};

use super::super::devices::choices;
use super::super::frame::{Answer, Cx, Entered, Oops, Wrong, hidden_value};
use super::super::{letters, words};
use super::PATH;
use super::query::{query, state};
use crate::parts::{
    Bulk, BulkAction, Button, Card, Columns, Danger, FieldView, Form as FormView, GridState, Head, Html,
    Icon, Loss, Place, Widths,
};

/// The choice that takes something away.
const NONE: &str = "none";

/// What can be done to picked users.
pub fn actions(cx: &Cx, state: &GridState, total: usize) -> Option<Bulk> {
    let action = |value: &str, label: &str, icon, danger| BulkAction {
        value: value.into(),
        label: label.into(),
        icon,
        danger,
    };
    let mut actions = Vec::new();
    if cx.can(Permission::UsersEdit) {
        actions.push(action("change", "Change …", Icon::Edit, false));
    }
    if cx.can(Permission::UsersInvite) {
        actions.push(action("welcome", "Send the welcome letter …", Icon::Mail, false));
        actions.push(action("enrollment_reminder", "Remind to enrol …", Icon::Mail, false));
    }
    if cx.can(Permission::UsersMail) {
        actions.push(action("group_mail", "Write e-mail …", Icon::Message, false));
    }
    if cx.can(Permission::UsersEdit) {
        actions.push(action("remove", "Remove …", Icon::Trash, true));
    }
    (!actions.is_empty()).then(|| Bulk {
        action: format!("{PATH}/bulk"),
        csrf: cx.csrf(),
        query: state.query(),
        everything: format!("all {}", words::count(total, "user", "users")),
        actions,
    })
}

/// The users that a form means: the ticked ones, or all that its query finds.
async fn meant(cx: &Cx, form: &FormData) -> Result<Vec<UserId>, Oops> {
    if form.text("everything") != "1" {
        return Ok(form.all("id").into_iter().filter_map(|id| id.parse().ok()).collect());
    }
    let asked = query(&state(cx, words::decoded(form.raw("query"))));
    let found = users::all(&cx.engine, &cx.scope, &asked).await?;
    Ok(found.iter().map(|user| user.id).collect())
}

/// What must come along to the next page so that it means the same users.
fn carried(cx: &Cx, form: &FormData, step: &str) -> Vec<(String, String)> {
    let mut hidden = cx.hidden();
    hidden.push(hidden_value("action", form.text("action")));
    hidden.push(hidden_value("step", step));
    if form.text("everything") == "1" {
        hidden.push(hidden_value("everything", "1"));
        hidden.push(hidden_value("query", form.raw("query")));
    } else {
        hidden.extend(form.all("id").into_iter().map(|id| hidden_value("id", id)));
    }
    hidden
}

fn head(title: String) -> Head {
    Head::new(title, "").under("Smart Devices and Users", "/dashboard/devices").under("Users", PATH)
}

pub async fn bulk(cx: Cx, Form(form): Form) -> Answer {
    let ids = meant(&cx, &form).await?;
    if ids.is_empty() {
        return cx.failed(PATH, "Tick the users first; nothing was changed.");
    }
    if let Some(kind) = LetterKind::from_key(form.text("action")) {
        return letter(&cx, &form, kind, ids).await;
    }
    cx.scope.require(Permission::UsersEdit)?;
    match (form.text("action"), form.text("step")) {
        ("remove", "do") => remove(&cx, &form, &ids).await,
        ("remove", _) => ask_remove(&cx, &form, &ids, String::new()),
        (_, "do") => change(&cx, &form, &ids).await,
        _ => {
            let body = choose(&cx, &form, &ids, &Wrong::default())?;
            cx.page(
                Place::Devices,
                head(format!("Change {}", words::count(ids.len(), "user", "users"))),
                body,
            )
        }
    }
}

/// A letter to picked users: first what they would read, then it is sent.
async fn letter(cx: &Cx, form: &FormData, kind: LetterKind, ids: Vec<UserId>) -> Answer {
    if form.text("step") != "do" {
        return letters::bulk_preview(cx, kind, &ids, carried(cx, form, "do"));
    }
    let order = Order {
        kind,
        ticket: form.text("ticket").to_owned(),
        audience: Audience::Users(ids),
        message: Template::default(),
    };
    letters::send(cx, &cx.scope, order).await
}

fn fields(cx: &Cx, entered: &Entered<'_>) -> Result<Vec<FieldView>, Oops> {
    let leave = "Leave as it is";
    let with_none = |mut of: Vec<(String, String)>| {
        of.insert(1, (NONE.to_owned(), "None of their own".to_owned()));
        of
    };
    let pair = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    let mut fields = vec![
        entered
            .select(
                "state",
                "State",
                &[pair("", leave), pair("active", "Active"), pair("disabled", "Disabled")],
            )
            .help("A disabled user gets nothing; a wipe that is pending is still delivered."),
        entered.select("suite", "Policy suite", &with_none(choices::suites(cx, leave)?)),
        entered.select("schedule", "Connection schedule", &with_none(choices::schedules(cx, leave)?)),
        entered.select("liability", "Liability", &with_none(choices::liabilities(leave))),
        entered.select("server", "Mail server", &with_none(choices::servers(cx, leave)?)),
    ];
    if cx.can(Permission::GroupsEdit) {
        fields.push(entered.select("join", "They join", &choices::groups(cx, "No group")?));
        fields.push(entered.select("leave", "They leave", &choices::groups(cx, "No group")?));
    }
    Ok(fields)
}

fn choose(cx: &Cx, form: &FormData, ids: &[UserId], wrong: &Wrong) -> Result<Vec<Html>, Oops> {
    let fields = fields(cx, &Entered { data: form, wrong })?;
    let people = words::count(ids.len(), "user", "users");
    let view = FormView {
        id: "bulk-form".into(),
        action: format!("{PATH}/bulk"),
        hidden: carried(cx, form, "do"),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit(format!("Change {people}")), Button::link("Cancel", PATH)],
    };
    Ok(vec![Card::new("What you leave alone stays", view).into()])
}

fn read(form: &FormData) -> UserChange {
    #[expect(clippy::option_option, reason = "leave alone, take away and set are three things")]
    fn choice<T: std::str::FromStr>(form: &FormData, name: &str) -> Option<Option<T>> {
        match form.text(name) {
            NONE => Some(None),
            text => text.parse().ok().map(Some),
        }
    }
    let liability = match form.text("liability") {
        NONE => Some(None),
        key => Liability::from_key(key).map(Some),
    };
    let state = match form.text("state") {
        "active" => Some(UserState::Active),
        "disabled" => Some(UserState::Disabled),
        _ => None,
    };
    UserChange {
        state,
        choices: Choices { suite: choice(form, "suite"), schedule: choice(form, "schedule"), liability },
        server: choice(form, "server"),
        join: form.text("join").parse().ok(),
        leave: form.text("leave").parse().ok(),
    }
}

async fn change(cx: &Cx, form: &FormData, ids: &[UserId]) -> Answer {
    match users::change(&cx.engine, &cx.scope, ids, &read(form)).await {
        Ok(0) => cx.done(PATH, "There was nothing to change: all of them have it already."),
        Ok(count) => cx.done(PATH, format!("{} changed.", words::count(count, "user was", "users were"))),
        Err(error) => {
            let body = choose(cx, form, ids, &Wrong::of(error)?)?;
            cx.again(
                Place::Devices,
                head(format!("Change {}", words::count(ids.len(), "user", "users"))),
                body,
            )
        }
    }
}

fn ask_remove(cx: &Cx, form: &FormData, ids: &[UserId], error: String) -> Answer {
    let failed = !error.is_empty();
    let people = words::count(ids.len(), "user", "users");
    let devices = cx.org(|org| ids.iter().map(|id| org.devices.of_user(*id).len()).sum::<usize>())?;
    let wrong = Wrong::default();
    let entered = Entered { data: form, wrong: &wrong };
    let loss = |text: String, kept| Loss { text: Html::text(text), kept };
    let danger = Danger {
        id: "remove".into(),
        title: format!("Remove {people}?"),
        lead: "They can no longer sign in here, with any phone.".into(),
        losses: vec![
            loss("The users with passwords, suites and exceptions".into(), false),
            loss("Their mailboxes on the mail server".into(), true),
            loss("Entries of the journal".into(), true),
        ],
        fields: if devices > 0 && cx.can(Permission::DevicesForget) {
            let label = format!("Remove the records of {} too", words::count(devices, "device", "devices"));
            let help = "Nothing is wiped. Without it, users who still have devices stay.";
            vec![entered.switch("with_devices", &label).help(help)]
        } else {
            Vec::new()
        },
        name: people.clone(),
        action: format!("{PATH}/bulk"),
        hidden: carried(cx, form, "do"),
        verb: format!("Remove {people}"),
        cancel: PATH.into(),
        standalone: true,
        error,
        ..Danger::default()
    };
    let body = vec![Columns::new(Widths::Two, [danger.into()]).into()];
    let head = head("Remove users".into());
    if failed { cx.again(Place::Devices, head, body) } else { cx.page(Place::Devices, head, body) }
}

async fn remove(cx: &Cx, form: &FormData, ids: &[UserId]) -> Answer {
    let people = words::count(ids.len(), "user", "users");
    if form.text("confirm") != people {
        let why = format!("Type “{people}” to confirm. Nothing was removed.");
        return ask_remove(cx, form, ids, why);
    }
    let (mut gone, mut first) = (0, None);
    for id in ids {
        match users::remove(&cx.engine, &cx.scope, *id, form.ticked("with_devices")).await {
            Ok(()) => gone += 1,
            Err(error) => drop(first.get_or_insert(error)),
        }
    }
    let said = words::count(gone, "user was", "users were");
    match first {
        None => cx.done(PATH, format!("{said} removed.")),
        Some(why) => {
            let stay = words::count(ids.len() - gone, "user stays", "users stay");
            cx.failed(PATH, format!("{said} removed, {stay}. The first one: {why}"))
        }
    }
}
