//! Naming the outside approver.

use door::{Form, FormData};
use engine::approvals;

use super::super::frame::{Answer, Cx, Entered, Wrong};
use super::PATH;
use crate::parts::{Button, Card, Form as FormView, Head, Html, Place};

pub async fn show(cx: Cx) -> Answer {
    let named = approvals::limits(&cx.engine, &cx.scope)?.outside.and_then(|outside| outside.username);
    let data = FormData::new(named.into_iter().map(|name| ("username".to_owned(), name)).collect());
    let (head, body) = page(&cx, &data, &Wrong::default());
    cx.page(Place::Approvals, head, body)
}

fn page(cx: &Cx, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let fields = vec![
        entered
            .text("username", "System administrator")
            .help("The sign-in name. Left empty: nobody may approve from outside.")
            .optional(),
        entered.code("code", "Code of your second factor"),
    ];
    let form = FormView {
        id: "outside-form".into(),
        action: format!("{PATH}/outside-approver"),
        hidden: cx.hidden_with_passkey(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Save"), Button::link("Cancel", PATH)],
    };
    let lead = "Who approves when nobody of this organization can. It counts from tomorrow on, and shuts every other \
                system administrator out.";
    let head = Head::new("Outside approver", lead).under(Place::Approvals.label(), PATH);
    (head, vec![Card::new("", form).into()])
}

pub async fn save(cx: Cx, Form(data): Form) -> Answer {
    let name = data.text("username");
    match approvals::name_outside(&cx.engine, &cx.scope, name, data.text("code")).await {
        Ok(()) => cx.done(PATH, "The outside approver was changed. It counts in 24 hours."),
        Err(error) => {
            let (head, body) = page(&cx, &data, &Wrong::of(error)?);
            cx.again(Place::Approvals, head, body)
        }
    }
}
