//! One's own second factor.

use domain::model::Administrator;
use door::{Form, FormData};
use engine::second_factor::{self, Offer};
use engine::{Due, Error};

use super::super::frame::{Answer, Cx, Entered, Wrong};
use crate::parts::{
    Button, ButtonKind, Card, Chip, Columns, Copy, Form as FormView, Head, Html, Icon, Note, Place, Qr, Tone,
    Widths,
};

const PATH: &str = "/dashboard/account/second-factor";

/// Whether there is one, and what can be done.
pub fn card(admin: &Administrator) -> Html {
    let left = second_factor::recovery_codes_left(admin);
    let (chip, text, button) = if second_factor::is_set(admin) {
        let text = format!("Signing in and approving ask for a code. {left} recovery codes are left.");
        (Chip::new("On", Tone::Ok), text, Button::link("Remove …", PATH))
    } else {
        let text = "A code from an app on your telephone, asked for after the password. Approvals need one."
            .to_owned();
        (Chip::new("Off", Tone::Warn), text, Button::link("Set up", PATH).icon(Icon::Lock))
    };
    let aside = Html::join([chip.into(), button.small().into()]);
    Card::new("Second factor", Html::text(text)).aside(aside).into()
}

fn own(cx: &Cx) -> Result<std::sync::Arc<Administrator>, Error> {
    let id = cx.scope.administrator().ok_or(Error::Unauthenticated)?.id;
    cx.engine.directory().administrator(id).ok_or(Error::Unauthenticated)
}

pub async fn show(cx: Cx) -> Answer {
    let set = second_factor::is_set(&*own(&cx)?);
    let (head, body) =
        if set { remove_form(&cx, &Wrong::default()) } else { begin_form(&cx, &Wrong::default()) };
    cx.page(Place::Account, head, body)
}

fn head(title: &str, lead: &str) -> Head {
    Head::new(title, lead.to_owned()).under("My account", "/dashboard/account")
}

fn begin_form(cx: &Cx, wrong: &Wrong) -> (Head, Vec<Html>) {
    let data = FormData::default();
    let fields = vec![Entered { data: &data, wrong }.secret("password", "Your password", "current-password")];
    let form = FormView {
        id: "factor-form".into(),
        action: format!("{PATH}/begin"),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Continue")],
    };
    let lead = if cx.scope.due() == Some(Due::SecondFactor) {
        "This organization demands one of all its administrators. Set it up before you go on."
    } else {
        "You need an authenticator app, such as Aegis, Google or Microsoft Authenticator, on your telephone."
    };
    (head("Set up a second factor", lead), vec![Card::new("", form).into()])
}

pub async fn begin(cx: Cx, Form(data): Form) -> Answer {
    match second_factor::begin(&cx.engine, &cx.scope, data.raw("password")).await {
        Ok(offer) => {
            let (head, body) = confirm_form(&cx, Some(&offer), &Wrong::default());
            cx.page(Place::Account, head, body)
        }
        Err(error) => {
            let (head, body) = begin_form(&cx, &Wrong::of(error)?);
            cx.again(Place::Account, head, body)
        }
    }
}

/// The secret is drawn in the answer that made it and never again; a wrong code is corrected without it.
fn confirm_form(cx: &Cx, offer: Option<&Offer>, wrong: &Wrong) -> (Head, Vec<Html>) {
    let data = FormData::default();
    let fields = vec![Entered { data: &data, wrong }.code("code", "Code that the app shows")];
    let form = FormView {
        id: "confirm-form".into(),
        action: format!("{PATH}/confirm"),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Put it in force"), Button::link("Start again", PATH)],
    };
    let mut cards = Vec::new();
    if let Some(offer) = offer {
        let typed = Copy { id: "secret".into(), label: "key".into(), value: offer.secret.clone() };
        let shown =
            Html::join([Qr::new("QR code for your authenticator app", &offer.address).into(), typed.into()]);
        let footer = "It is shown this once. Whoever has it can make your codes.";
        cards.push(Card::new("1. Scan it, or type the key", shown).footer(footer).into());
    }
    cards.push(
        Card::new(if offer.is_some() { "2. Enter the first code" } else { "Enter the first code" }, form)
            .into(),
    );
    (head("Set up a second factor", ""), vec![Columns::new(Widths::Two, cards).into()])
}

pub async fn confirm(cx: Cx, Form(data): Form) -> Answer {
    match second_factor::confirm(&cx.engine, &cx.scope, data.text("code")).await {
        Ok(codes) => {
            let note = Note::new(
                Tone::Warn,
                "Print them or write them down now",
                "They are shown this once. Each lets you in once when the telephone is lost.",
            );
            let list = Copy { id: "recovery-codes".into(), label: "codes".into(), value: codes.join(" ") };
            let body = vec![
                note.into(),
                Card::new("Your recovery codes", list).into(),
                Button::link("Done", "/dashboard/account").kind(ButtonKind::Primary).into(),
            ];
            cx.page(Place::Account, head("The second factor is in force", ""), body)
        }
        Err(error) => {
            let (head, body) = confirm_form(&cx, None, &Wrong::of(error)?);
            cx.again(Place::Account, head, body)
        }
    }
}

fn remove_form(cx: &Cx, wrong: &Wrong) -> (Head, Vec<Html>) {
    let data = FormData::default();
    let fields = vec![
        Entered { data: &data, wrong }
            .code("code", "Code")
            .help("Six digits from your authenticator app, or one of your recovery codes."),
    ];
    let remove = Button { label: "Remove".into(), kind: ButtonKind::Danger, ..Button::submit("") };
    let form = FormView {
        id: "factor-form".into(),
        action: format!("{PATH}/remove"),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![remove, Button::link("Cancel", "/dashboard/account")],
    };
    let lead = "Signing in will ask for the password only, and you cannot approve anything.";
    (head("Remove the second factor", lead), vec![Card::new("", form).into()])
}

pub async fn remove(cx: Cx, Form(data): Form) -> Answer {
    match second_factor::remove(&cx.engine, &cx.scope, data.text("code")).await {
        Ok(()) => cx.done("/dashboard/account", "Your second factor was removed."),
        Err(error) => {
            let (head, body) = remove_form(&cx, &Wrong::of(error)?);
            cx.again(Place::Account, head, body)
        }
    }
}
