//! Removing a user.

use catalog::Permission;
use domain::model::{User, UserId};
use door::{Form, FormData, Path};
use engine::users::{self};

use super::super::frame::{Answer, Cx, Entered, Wrong};
use super::super::words;
use crate::parts::{Columns, Danger, Head, Html, Loss, Place, Widths};

pub async fn remove_ask(cx: Cx, Path(id): Path<UserId>) -> Answer {
    let user = users::get(&cx.engine, &cx.scope, id)?;
    remove_page(&cx, &user, String::new())
}

fn remove_page(cx: &Cx, user: &User, error: String) -> Answer {
    let data = FormData::default();
    let wrong = Wrong::default();
    let entered = Entered { data: &data, wrong: &wrong };
    let href = format!("/dashboard/users/{}", user.id);
    let failed = !error.is_empty();
    let count = cx.org(|org| org.devices.of_user(user.id).len())?;
    let loss = |text: String, kept| Loss { text: Html::text(text), kept };
    let danger = Danger {
        id: "remove".into(),
        title: format!("Remove {}?", user.display_name),
        lead: "The user can no longer sign in here, with any phone.".into(),
        losses: vec![
            loss("The user with password, suite and exceptions".into(), false),
            loss("The mailbox on the mail server".into(), true),
            loss("Entries of the journal".into(), true),
        ],
        fields: if count > 0 && cx.can(Permission::DevicesForget) {
            let label = format!("Remove the records of {} too", words::count(count, "device", "devices"));
            vec![
                entered
                    .switch("with_devices", &label)
                    .help("Nothing is wiped; wipe first if that is what you want."),
            ]
        } else {
            Vec::new()
        },
        name: user.username.clone(),
        action: format!("{href}/remove"),
        hidden: cx.hidden(),
        verb: "Remove the user".into(),
        cancel: href.clone(),
        standalone: true,
        error,
        ..Danger::default()
    };
    let head = Head::new("Remove user", "")
        .under("Users", "/dashboard/users")
        .under(user.display_name.clone(), href);
    let body = vec![Columns::new(Widths::Two, [danger.into()]).into()];
    if failed { cx.again(Place::Devices, head, body) } else { cx.page(Place::Devices, head, body) }
}

pub async fn remove(cx: Cx, Path(id): Path<UserId>, Form(data): Form) -> Answer {
    let user = users::get(&cx.engine, &cx.scope, id)?;
    if data.text("confirm") != user.username {
        return remove_page(
            &cx,
            &user,
            "The typed name is not this user’s sign-in name. Nothing was removed.".into(),
        );
    }
    match users::remove(&cx.engine, &cx.scope, id, data.ticked("with_devices")).await {
        Ok(()) => cx.done("/dashboard/users", format!("{} was removed.", user.display_name)),
        Err(error) => remove_page(&cx, &user, Wrong::of(error)?.rest(&[])),
    }
}
