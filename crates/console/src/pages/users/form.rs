//! Adding and editing a user.

use catalog::Permission;
use domain::model::{CustomScope, GroupId, User, UserId, UserState};
use door::{Form, FormData, Path};
use engine::approvals::Edit;
use engine::users::{self, UserInput};
use engine::{Error, groups};

use super::super::custom;
use super::super::devices::choices;
use super::super::foretold::{self, Ask};
use super::super::frame::{Answer, Cx, Entered, Oops, Wrong, hidden_value};
use crate::parts::{Button, Card, Form as FormView, Head, Html, Place};

fn stored(cx: &Cx, user: &User) -> Result<FormData, Oops> {
    let pairs = [
        ("username", user.username.clone()),
        ("domain", user.domain.clone()),
        ("email", user.email.clone()),
        ("display_name", user.display_name.clone()),
        ("first_name", user.first_name.clone()),
        ("last_name", user.last_name.clone()),
        ("phone", user.phone.clone()),
        ("shared", if user.shared { "on" } else { "" }.to_owned()),
        ("max_devices", user.max_devices.map(|n| n.to_string()).unwrap_or_default()),
        ("language", user.language.clone()),
        ("liability", user.liability.map(|l| l.key().to_owned()).unwrap_or_default()),
        ("server", user.server.map(|s| s.to_string()).unwrap_or_default()),
        ("suite", user.suite.map(|s| s.to_string()).unwrap_or_default()),
        ("schedule", user.schedule.map(|s| s.to_string()).unwrap_or_default()),
        ("state", if user.state == UserState::Active { "on" } else { "" }.to_owned()),
    ];
    let groups = user.groups.iter().map(|id| ("groups", id.to_string()));
    let filled = pairs.into_iter().chain(groups).filter(|(_, v)| !v.is_empty());
    let mut all: Vec<_> = filled.map(|(k, v)| (k.to_owned(), v)).collect();
    all.extend(custom::stored(cx, CustomScope::User, &user.custom)?);
    Ok(FormData::new(all))
}

pub async fn add_show(cx: Cx) -> Answer {
    let default = cx.org(|org| org.organization.settings.default_server)?;
    let data = FormData::new(vec![
        ("state".into(), "on".into()),
        ("server".into(), default.map(|s| s.to_string()).unwrap_or_default()),
    ]);
    let (head, body) = form(&cx, None, &data, &Wrong::default())?;
    cx.page(Place::Devices, head, body)
}

pub async fn edit_show(cx: Cx, Path(id): Path<UserId>) -> Answer {
    let user = users::get(&cx.engine, &cx.scope, id)?;
    let (head, body) = form(&cx, Some(&user), &stored(&cx, &user)?, &Wrong::default())?;
    cx.page(Place::Devices, head, body)
}

fn form(cx: &Cx, user: Option<&User>, data: &FormData, wrong: &Wrong) -> Result<(Head, Vec<Html>), Oops> {
    let entered = Entered { data, wrong };
    let mut fields = vec![
        entered.text("username", "Sign-in name").help("As the phone sends it, without domain."),
        entered.text("first_name", "First name").optional(),
        entered.text("last_name", "Last name").optional(),
        entered.text("display_name", "Name shown").help("Left empty, first and last name are shown, else the sign-in name.").optional(),
        entered.email("email", "E-mail address").optional(),
        entered.text("phone", "Phone").optional(),
        entered.text("domain", "Login domain").help("The DOMAIN of DOMAIN\\user, if there is one.").optional(),
        entered
            .select("server", "Mail server", &choices::servers(cx, "Of the groups, else the stand-in serves")?)
            .help("Where the gateway takes this user’s mail from. Without one, our stand-in hands out policy and wipe."),
        entered.select("suite", "Policy suite", &choices::suites(cx, "Of the groups, else the organization’s default")?),
        entered
            .select("schedule", "Connection schedule", &choices::schedules(cx, "Of the groups, else the organization’s default")?)
            .help("When and how often this user’s devices are expected to check in."),
        entered
            .select("liability", "Liability", &choices::liabilities("Of the groups, else the organization’s default"))
            .help("Chooses the corporate or the individual column of every policy."),
    ];
    fields.push(
        entered
            .number("max_devices", "Devices this user may have", (0, 10_000), "devices")
            .help("Left empty, the organization’s limit holds; 0 is no limit.")
            .optional(),
    );
    let mut languages = super::super::words::languages();
    languages.insert(0, (String::new(), "The organization’s".to_owned()));
    fields.push(entered.select("language", "Language", &languages).help("Of mail to this user."));
    fields.push(
        entered
            .switch("shared", "Shared account")
            .help("For pool and kiosk devices: not a person, and any number of devices."),
    );
    fields.extend(custom::fields(cx, &entered, CustomScope::User)?);
    if cx.can(Permission::UsersPassword) {
        fields.push(
            entered
                .secret("password", "Local password", "new-password")
                .help("Only for users of the stand-in; at least 8 characters. Left empty, it stays as it is.")
                .optional(),
        );
    }
    let groups = choices::group_ticks(cx)?;
    if cx.can(Permission::GroupsEdit) && !groups.is_empty() {
        fields.push(entered.ticks("groups", "Groups", &groups));
    }
    fields.push(
        entered
            .switch("state", "Active")
            .help("A disabled user gets nothing; a wipe that is pending is still delivered."),
    );
    if user.is_none() && cx.can(Permission::UsersInvite) {
        fields.push(
            entered
                .switch("welcome", "Send a welcome letter")
                .help("With a one-time enrolment code, to the address above."),
        );
    }
    let (title, action, back) = match user {
        None => ("Add user".to_owned(), "/dashboard/users/add".to_owned(), "/dashboard/users".to_owned()),
        Some(user) => {
            let page = format!("/dashboard/users/{}", user.id);
            ("Edit user".to_owned(), format!("{page}/edit"), page)
        }
    };
    let rev = user.map(|u| hidden_value("rev", u.rev.to_string()));
    let form = FormView {
        id: "user-form".into(),
        action,
        hidden: cx.hidden().into_iter().chain(rev).collect(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![
            Button::submit(if user.is_some() { "Save" } else { "Add user" }),
            Button::link("Cancel", back.clone()),
        ],
    };
    let mut head =
        Head::new(title, "Who this is, where their mail comes from, and which policy their devices get.")
            .under("Smart Devices and Users", "/dashboard/devices")
            .under("Users", "/dashboard/users");
    if let Some(user) = user {
        head = head.under(user.display_name.clone(), back);
    }
    Ok((head, vec![Card::new("", form).into()]))
}

fn input(cx: &Cx, data: &FormData) -> Result<UserInput, Oops> {
    Ok(UserInput {
        first_name: data.text("first_name").to_owned(),
        last_name: data.text("last_name").to_owned(),
        phone: data.text("phone").to_owned(),
        shared: data.ticked("shared"),
        // Anything but a number is refused as too much.
        max_devices: match data.text("max_devices") {
            "" => None,
            text => Some(text.parse().unwrap_or(u32::MAX)),
        },
        language: data.text("language").to_owned(),
        custom: custom::input(cx, CustomScope::User, data)?,
        external_id: None,
        provisioned_as: None,
        username: data.text("username").to_owned(),
        domain: data.text("domain").to_owned(),
        email: data.text("email").to_owned(),
        display_name: data.text("display_name").to_owned(),
        liability: choices::liability(data),
        server: data.text("server").parse().ok(),
        suite: data.text("suite").parse().ok(),
        schedule: data.text("schedule").parse().ok(),
        password: data.raw("password").to_owned(),
        state: Some(if data.ticked("state") { UserState::Active } else { UserState::Disabled }),
    })
}

/// The ticked groups, for those who may choose them.
fn ticked(cx: &Cx, data: &FormData) -> Option<Vec<GroupId>> {
    let ids = || data.all("groups").into_iter().filter_map(|id| id.parse().ok()).collect();
    cx.can(Permission::GroupsEdit).then(ids)
}

async fn put_into_groups(cx: &Cx, id: UserId, data: &FormData) -> engine::Result<()> {
    match ticked(cx, data) {
        Some(wanted) => groups::set_of_user(&cx.engine, &cx.scope, id, &wanted).await,
        None => Ok(()),
    }
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
    let welcome = data.ticked("welcome");
    match users::create_and(&cx.engine, &cx.scope, input(&cx, &data)?, welcome).await {
        Ok(user) => {
            let page = format!("/dashboard/users/{}", user.id);
            match put_into_groups(&cx, user.id, &data).await {
                Ok(()) => cx.done(&page, "The user was added."),
                Err(error) => cx.failed(&page, format!("The user was added, but: {error}")),
            }
        }
        Err(error) => {
            let (head, body) = form(&cx, None, &data, &Wrong::of(error)?)?;
            cx.again(Place::Devices, head, body)
        }
    }
}

pub async fn save(cx: Cx, Path(id): Path<UserId>, Form(data): Form) -> Answer {
    let user = users::get(&cx.engine, &cx.scope, id)?;
    let seen = data.text("rev").parse().ok();
    let input = input(&cx, &data)?;
    let page = format!("/dashboard/users/{id}");
    let ask = Ask {
        place: Place::Devices,
        head: Head::new("Review before saving", "What the devices of this user would lose, or get back.")
            .under("Users", "/dashboard/users")
            .under(user.display_name.clone(), page.clone()),
        edit: Edit::User {
            user: id,
            input: Box::new(UserInput { password: String::new(), ..input.clone() }),
            groups: ticked(&cx, &data),
        },
        action: format!("{page}/edit"),
        back: format!("{page}/edit"),
    };
    let review = foretold::review(&cx, ask, &data).await?;
    // A page that asks once more carries what was entered, and a password must not be in any page.
    if review.is_some() && !input.password.is_empty() {
        let why = "Devices lose or get back something by the other changes. Change the password by itself.";
        let (head, body) = form(&cx, Some(&user), &data, &Wrong::of(Error::invalid("password", why))?)?;
        return cx.again(Place::Devices, head, body);
    }
    if let Some(review) = review {
        return Ok(review);
    }
    let groups = ticked(&cx, &data);
    match users::edit_with_groups(&cx.engine, &cx.scope, id, seen, input, groups).await {
        Ok(()) => cx.done(&format!("/dashboard/users/{id}"), "Saved."),
        Err(error) => {
            let (head, body) = form(&cx, Some(&user), &data, &Wrong::of(error)?)?;
            cx.again(Place::Devices, head, body)
        }
    }
}
