//! One's own second factor.

use domain::model::Administrator;
use door::{Form, FormData};
use engine::second_factor::{self, Offer};
use engine::{Due, Error};

use super::super::frame::{Answer, Cx, Entered, Wrong};
use crate::parts::{
    Button, ButtonKind, Card, Chip, Columns, Copy, FieldView, Form as FormView, Head, Html, Icon, Note,
    Place, Qr, Tone, Widths,
};

const PATH: &str = "/dashboard/account/second-factor";

/// Whether there is one, and what can be done.
pub fn card(admin: &Administrator) -> Html {
    let left = second_factor::recovery_codes_left(admin);
    let app = second_factor::has_app(admin);
    let text = match (second_factor::is_set(admin), app) {
        (true, true) => {
            format!(
                "Signing in with your password and approving ask for a code. {left} recovery codes are left."
            )
        }
        (true, false) => {
            format!(
                "Signing in with your password and approving ask for a passkey. {left} recovery codes are left."
            )
        }
        (false, _) => {
            "A code from an app on your telephone, or a passkey, asked for after the password. Approvals \
                       need one."
                .to_owned()
        }
    };
    let chip =
        if second_factor::is_set(admin) { Chip::new("On", Tone::Ok) } else { Chip::new("Off", Tone::Warn) };
    let button = if app {
        Button::link("Remove app …", PATH)
    } else {
        Button::link("Set up an app", PATH).icon(Icon::Lock)
    };
    let aside = Html::join([chip.into(), button.small().into()]);
    Card::new("Second factor", Html::text(text)).aside(aside).into()
}

/// The reader's password; nothing where an identity provider has made the account.
pub fn password(cx: &Cx, entered: &Entered<'_>) -> Result<Option<FieldView>, Error> {
    let made = own(cx)?.identity.as_ref().is_some_and(|identity| identity.made_by_provider);
    Ok((!made).then(|| entered.secret("password", "Your password", "current-password")))
}

/// The reader as the index has him now.
pub fn own(cx: &Cx) -> Result<std::sync::Arc<Administrator>, Error> {
    let id = cx.scope.administrator().ok_or(Error::Unauthenticated)?.id;
    cx.engine.directory().administrator(id).ok_or(Error::Unauthenticated)
}

pub async fn show(cx: Cx) -> Answer {
    let app = second_factor::has_app(&*own(&cx)?);
    let (head, body) =
        if app { remove_form(&cx, &Wrong::default()) } else { begin_form(&cx, &Wrong::default())? };
    cx.page(Place::Account, head, body)
}

fn head(title: &str, lead: &str) -> Head {
    Head::new(title, lead.to_owned()).under("My account", "/dashboard/account")
}

fn begin_form(cx: &Cx, wrong: &Wrong) -> Result<(Head, Vec<Html>), Error> {
    let data = FormData::default();
    let entered = Entered { data: &data, wrong };
    let mut fields = Vec::new();
    fields.extend(password(cx, &entered)?);
    if second_factor::is_set(&*own(cx)?) {
        fields.push(entered.code("code", "Code").help("A recovery code, or one of your passkeys."));
    }
    let form = FormView {
        id: "factor-form".into(),
        action: format!("{PATH}/begin"),
        hidden: cx.hidden_with_passkey(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![
            Button::submit("Continue"),
            Button::link("Use a passkey instead", format!("{}/add", super::passkeys::PATH)),
        ],
    };
    let lead = if cx.scope.due() == Some(Due::SecondFactor) {
        "A second factor is demanded of you: an app or a passkey. Set one up before you go on."
    } else {
        "You need an authenticator app, such as Aegis, Google or Microsoft Authenticator, on your telephone."
    };
    Ok((head("Set up an authenticator app", lead), vec![Card::new("", form).into()]))
}

pub async fn begin(cx: Cx, Form(data): Form) -> Answer {
    match second_factor::begin(&cx.engine, &cx.scope, data.raw("password"), data.text("code")).await {
        Ok(offer) => {
            let (head, body) = confirm_form(&cx, Some(&offer), &Wrong::default());
            cx.page(Place::Account, head, body)
        }
        Err(error) => {
            let (head, body) = begin_form(&cx, &Wrong::of(error)?)?;
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
    (head("Set up an authenticator app", ""), vec![Columns::new(Widths::Two, cards).into()])
}

pub async fn confirm(cx: Cx, Form(data): Form) -> Answer {
    match second_factor::confirm(&cx.engine, &cx.scope, data.text("code")).await {
        Ok(codes) => cx.page(Place::Account, head("The second factor is in force", ""), codes_page(&codes)),
        Err(error) => {
            let (head, body) = confirm_form(&cx, None, &Wrong::of(error)?);
            cx.again(Place::Account, head, body)
        }
    }
}

/// Recovery codes, shown this once.
pub fn codes_page(codes: &[String]) -> Vec<Html> {
    let note = Note::new(
        Tone::Warn,
        "Print them or write them down now",
        "They are shown this once. Each lets you in once when the telephone or the passkey is lost. Your other \
         sessions and your API tokens have ended.",
    );
    let list = Copy { id: "recovery-codes".into(), label: "codes".into(), value: codes.join(" ") };
    vec![
        note.into(),
        Card::new("Your recovery codes", list).into(),
        Button::link("Done", "/dashboard/account").kind(ButtonKind::Primary).into(),
    ]
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
        hidden: cx.hidden_with_passkey(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![remove, Button::link("Cancel", "/dashboard/account")],
    };
    let lead = "Without a passkey, signing in will ask for the password only, and you cannot approve anything. Your other \
                sessions and your API tokens end.";
    (head("Remove the authenticator app", lead), vec![Card::new("", form).into()])
}

pub async fn remove(cx: Cx, Form(data): Form) -> Answer {
    match second_factor::remove(&cx.engine, &cx.scope, data.text("code")).await {
        Ok(()) => cx.done("/dashboard/account", "Your authenticator app was removed."),
        Err(error) => {
            let (head, body) = remove_form(&cx, &Wrong::of(error)?);
            cx.again(Place::Account, head, body)
        }
    }
}
