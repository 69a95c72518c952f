//! Passwords, sessions, removal.

use domain::model::{Administrator, AdministratorId};
use door::{Form, Path};
use engine::administrators::{self};
use engine::sign_in;

use super::super::frame::{Answer, Cx, Wrong};
use super::form::find;
use super::{PATH, title};
use crate::parts::{
    Button, ButtonKind, Card, Columns, Copy, Danger, Head, Html, Loss, Note, Place, Tone, Widths,
};

/// A generated password, shown this once.
pub fn secret(cx: &Cx, admin: &Administrator, title_text: &str, password: String) -> Answer {
    let what = if admin.role.is_some() {
        "It must be changed at the first sign-in."
    } else {
        "Enter it in ISE; it does not have to be changed."
    };
    let body = vec![
        Note::new(Tone::Warn, "Copy it now", "It is shown this once and kept nowhere in this form.").into(),
        Card::new(
            format!("Password of {}", admin.username),
            Copy { id: "secret".into(), label: "password".into(), value: password },
        )
        .footer(what)
        .into(),
        Button::link("Done", format!("{PATH}/{}", admin.id)).kind(ButtonKind::Primary).into(),
    ];
    let head = Head::new(title_text, admin.display_name.clone()).under(title(cx), PATH);
    cx.page(Place::Administrators, head, body)
}

pub async fn reset(cx: Cx, Path(id): Path<AdministratorId>, Form(_): Form) -> Answer {
    let admin = find(&cx, id)?;
    match administrators::reset_password(&cx.engine, &cx.scope, id, "").await {
        Ok(Some(password)) => secret(&cx, &admin, "The password was reset", password),
        Ok(None) => cx.done(&format!("{PATH}/{id}"), "The password was reset."),
        Err(error) => cx.failed(&format!("{PATH}/{id}"), Wrong::of(error)?.rest(&[])),
    }
}

pub async fn sign_out(cx: Cx, Path(id): Path<AdministratorId>, Form(_): Form) -> Answer {
    sign_in::end_all(&cx.engine, &cx.scope, id).await?;
    cx.done(&format!("{PATH}/{id}"), "All sessions of this account were ended.")
}

pub async fn reset_factor(cx: Cx, Path(id): Path<AdministratorId>, Form(_): Form) -> Answer {
    match engine::second_factor::reset(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done(
            &format!("{PATH}/{id}"),
            "The second factor was reset; the account was signed out everywhere.",
        ),
        Err(error) => cx.failed(&format!("{PATH}/{id}"), Wrong::of(error)?.rest(&[])),
    }
}

pub async fn remove_ask(cx: Cx, Path(id): Path<AdministratorId>) -> Answer {
    let admin = find(&cx, id)?;
    remove_page(&cx, &admin, String::new())
}

fn remove_page(cx: &Cx, admin: &Administrator, error: String) -> Answer {
    let failed = !error.is_empty();
    let href = format!("{PATH}/{}", admin.id);
    let danger = Danger {
        id: "remove".into(),
        title: format!("Remove {}?", admin.display_name),
        lead: "The account, its sessions and its API tokens end at once.".into(),
        losses: vec![
            Loss { text: "The account with sessions and API tokens".into(), kept: false },
            Loss { text: "What the account did stays in the journal".into(), kept: true },
        ],
        recall: if admin.ise_admin {
            "Cisco ISE can no longer call through it.".into()
        } else {
            Html::default()
        },
        name: admin.username.clone(),
        action: format!("{href}/remove"),
        hidden: cx.hidden(),
        verb: "Remove the account".into(),
        cancel: href.clone(),
        standalone: true,
        error,
        ..Danger::default()
    };
    let head =
        Head::new("Remove administrator", "").under(title(cx), PATH).under(admin.display_name.clone(), href);
    let body = vec![Columns::new(Widths::Two, [danger.into()]).into()];
    if failed {
        cx.again(Place::Administrators, head, body)
    } else {
        cx.page(Place::Administrators, head, body)
    }
}

pub async fn remove(cx: Cx, Path(id): Path<AdministratorId>, Form(data): Form) -> Answer {
    let admin = find(&cx, id)?;
    if data.text("confirm") != admin.username {
        return remove_page(
            &cx,
            &admin,
            "The typed name is not this account’s sign-in name. Nothing was removed.".into(),
        );
    }
    match administrators::remove(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done(PATH, format!("{} was removed.", admin.display_name)),
        Err(error) => remove_page(&cx, &admin, Wrong::of(error)?.rest(&[])),
    }
}
