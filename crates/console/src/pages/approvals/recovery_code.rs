//! The sealed recovery code.

use door::{Form, FormData};
use engine::approvals;

use super::super::frame::{Answer, Cx, Entered, Wrong};
use super::PATH;
use crate::parts::{Button, ButtonKind, Card, Copy, Form as FormView, Head, Html, Note, Place, Tone};

pub async fn show(cx: Cx) -> Answer {
    let (head, body) = form(&cx, &Wrong::default());
    cx.page(Place::Approvals, head, body)
}

fn form(cx: &Cx, wrong: &Wrong) -> (Head, Vec<Html>) {
    let data = FormData::default();
    let fields = vec![Entered { data: &data, wrong }.code("code", "Code of your second factor")];
    let form = FormView {
        id: "recovery-code-form".into(),
        action: format!("{PATH}/recovery-code"),
        hidden: cx.hidden_with_passkey(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Make the code"), Button::link("Cancel", PATH)],
    };
    let lead = "For an organization with one administrator: print it, seal it, lock it away. It stands for the second \
                person once, from tomorrow on. An older one stops working.";
    let head = Head::new("Sealed recovery code", lead).under(Place::Approvals.label(), PATH);
    (head, vec![Card::new("", form).into()])
}

pub async fn make(cx: Cx, Form(data): Form) -> Answer {
    match approvals::make_recovery_code(&cx.engine, &cx.scope, data.text("code")).await {
        Ok(code) => {
            let note = Note::new(
                Tone::Warn,
                "Print it now",
                "It is shown this once. It counts in 24 hours, and everybody who watches the journal is told of it.",
            );
            let body = vec![
                note.into(),
                Card::new("Recovery code", Copy { id: "secret".into(), label: "code".into(), value: code })
                    .into(),
                Button::link("Done", PATH).kind(ButtonKind::Primary).into(),
            ];
            let head = Head::new("The recovery code was made", "").under(Place::Approvals.label(), PATH);
            cx.page(Place::Approvals, head, body)
        }
        Err(error) => {
            let (head, body) = form(&cx, &Wrong::of(error)?);
            cx.again(Place::Approvals, head, body)
        }
    }
}
