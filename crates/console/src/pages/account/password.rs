//! One's own password.

use door::{Form, FormData};
use engine::{Error, sign_in};

use super::super::frame::{Answer, Cx, Entered, Wrong};
use crate::parts::{Button, Card, Form as FormView, Head, Html, Place};

pub async fn show(cx: Cx) -> Answer {
    let (head, body) = form(&cx, &FormData::default(), &Wrong::default());
    cx.page(Place::Account, head, body)
}

fn form(cx: &Cx, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let fields = vec![
        entered.secret("old_password", "Present password", "current-password"),
        entered
            .secret("password", "New password", "new-password")
            .help("At least 12 characters. A sentence is fine; no rules about signs and digits."),
        entered.secret("again", "New password again", "new-password"),
    ];
    let form = FormView {
        id: "password-form".into(),
        action: "/dashboard/account/password".into(),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Change password")],
    };
    let lead = if cx.scope.due() == Some(engine::Due::Password) {
        "Somebody else knows your present password. Choose one of your own before you go on."
    } else {
        "All your other sessions and all your API tokens end."
    };
    let head = Head::new("Change password", lead).under("My account", "/dashboard/account");
    (head, vec![Card::new("", form).into()])
}

pub async fn save(cx: Cx, Form(data): Form) -> Answer {
    let changed = if data.raw("password") == data.raw("again") {
        sign_in::change_own_password(&cx.engine, &cx.scope, data.raw("old_password"), data.raw("password"))
            .await
    } else {
        Err(Error::invalid("again", "The two passwords are not the same."))
    };
    match changed {
        Ok(()) => cx.done("/dashboard", "Your password was changed."),
        Err(error) => {
            let (head, body) = form(&cx, &FormData::default(), &Wrong::of(error)?);
            cx.again(Place::Account, head, body)
        }
    }
}
