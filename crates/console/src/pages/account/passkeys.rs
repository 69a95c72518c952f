//! One's own passkeys. The pages stand below the second factor, so that they are open to who must set one up.

use domain::model::{Administrator, Passkey};
use door::{Form, FormData, Path};
use engine::{Due, Error, passkeys, second_factor};

use super::super::frame::{Answer, Cx, Entered, Oops, Wrong, hidden_value};
use super::super::words;
use super::second_factor::{codes_page, own, password};
use crate::parts::{
    Button, ButtonKind, Card, Chip, EmptyState, Form as FormView, Head, Html, Icon, Note, Place, Table, Tone,
    cell,
};

pub const PATH: &str = "/dashboard/account/second-factor/passkeys";

/// All passkeys of the reader.
pub fn card(cx: &Cx, admin: &Administrator) -> Html {
    let add = Button::link("Add a passkey", format!("{PATH}/add")).small().icon(Icon::Plus);
    if admin.passkeys.is_empty() {
        let empty = EmptyState {
            icon: Icon::Key,
            title: "You have no passkey".into(),
            text: "Sign in with a finger, a face or a security key: without password and code, and nobody can be \
                   lured into giving it away."
                .into(),
            actions: vec![add],
        };
        return Card::new("Passkeys", empty).into();
    }
    let mut table = Table::new("Passkeys", &["Passkey", "Added", "Last used", ""]).tall();
    for passkey in &admin.passkeys {
        let kind = if passkey.backed_up { "synchronized between devices" } else { "on one device" };
        table = table.row([
            cell::lines(Html::text(&passkey.name), kind),
            cx.ago(passkey.created_at).into(),
            words::ago(cx, passkey.last_used_at),
            Button::link("Change …", format!("{PATH}/{}", passkey.id)).small().into(),
        ]);
    }
    Card::flush("Passkeys", table).aside(add).into()
}

fn head(title: &str, lead: &str) -> Head {
    Head::new(title, lead.to_owned()).under("My account", "/dashboard/account")
}

pub async fn begin_show(cx: Cx) -> Answer {
    let (head, body) = begin_form(&cx, &Wrong::default())?;
    cx.page(Place::Account, head, body)
}

fn begin_form(cx: &Cx, wrong: &Wrong) -> Result<(Head, Vec<Html>), Oops> {
    let data = FormData::default();
    let entered = Entered { data: &data, wrong };
    let mut fields = Vec::new();
    fields.extend(password(cx, &entered)?);
    if second_factor::is_set(&*own(cx)?) {
        fields.push(entered.code("code", "Code").help("Of your present second factor, or a recovery code."));
    }
    let form = FormView {
        id: "passkey-begin-form".into(),
        action: format!("{PATH}/add"),
        hidden: cx.hidden_with_passkey(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Continue"), Button::link("Cancel", "/dashboard/account")],
    };
    let lead = if cx.scope.due() == Some(Due::SecondFactor) {
        "A second factor is demanded of you. Set it up before you go on."
    } else {
        "It is kept by this device, by your password manager or by a security key."
    };
    Ok((head("Add a passkey", lead), vec![Card::new("", form).into()]))
}

pub async fn begin(cx: Cx, Form(data): Form) -> Answer {
    match passkeys::begin(&cx.engine, &cx.scope, data.raw("password"), data.text("code")).await {
        Ok(question) => {
            let (head, body) = make_form(&cx, &data, &question, &Wrong::default());
            cx.page(Place::Account, head, body)
        }
        Err(error) => {
            let (head, body) = begin_form(&cx, &Wrong::of(error)?)?;
            cx.again(Place::Account, head, body)
        }
    }
}

/// The question is good for one account as it stands, so it can come back with the form.
fn make_form(cx: &Cx, data: &FormData, question: &str, wrong: &Wrong) -> (Head, Vec<Html>) {
    let fields = vec![
        Entered { data, wrong }
            .text("name", "Name")
            .help("So that you recognize it later, such as the device that holds it."),
    ];
    let mut hidden = cx.hidden();
    hidden.extend([hidden_value("question", question), hidden_value("answer", "")]);
    let form = FormView {
        id: "passkey-make-form".into(),
        action: format!("{PATH}/register"),
        hidden,
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Make the passkey"), Button::link("Start again", format!("{PATH}/add"))],
    };
    let body = vec![
        Card::new("", form).into(),
        Note::new(Tone::Info, "", "Your other sessions and your API tokens end when it is added.").into(),
    ];
    (head("Add a passkey", "Your browser asks you in the next step."), body)
}

pub async fn register(cx: Cx, Form(data): Form) -> Answer {
    match passkeys::register(&cx.engine, &cx.scope, data.text("name"), data.raw("answer")).await {
        Ok(codes) if codes.is_empty() => cx.done("/dashboard/account", "The passkey was added."),
        Ok(codes) => cx.page(Place::Account, head("The passkey was added", ""), codes_page(&codes)),
        Err(error) => {
            let (head, body) = make_form(&cx, &data, data.raw("question"), &Wrong::of(error)?);
            cx.again(Place::Account, head, body)
        }
    }
}

fn find(admin: &Administrator, id: &str) -> Result<Passkey, Oops> {
    let found = admin.passkeys.iter().find(|passkey| passkey.id == id).cloned();
    Ok(found.ok_or(Error::NotFound("passkey"))?)
}

fn change_page(
    cx: &Cx,
    id: &str,
    named: Option<&FormData>,
    wrong: &Wrong,
) -> Result<(Head, Vec<Html>), Oops> {
    let passkey = find(&*own(cx)?, id)?;
    let stored = FormData::new(vec![("name".into(), passkey.name.clone())]);
    let right = Wrong::default();
    let renaming =
        Entered { data: named.unwrap_or(&stored), wrong: if named.is_some() { wrong } else { &right } };
    let fields = vec![renaming.text("name", "Name")];
    let rename = FormView {
        id: "passkey-name-form".into(),
        action: format!("{PATH}/{id}/rename"),
        hidden: cx.hidden(),
        error: renaming.wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Save name")],
    };
    let removing = Entered { data: &stored, wrong: if named.is_none() { wrong } else { &right } };
    let fields = vec![removing.code("code", "Code").help("From your authenticator app, or a recovery code.")];
    let remove = FormView {
        id: "passkey-remove-form".into(),
        action: format!("{PATH}/{id}/remove"),
        hidden: cx.hidden_with_passkey(),
        error: removing.wrong.rest(&fields),
        fields,
        buttons: vec![Button { label: "Remove".into(), kind: ButtonKind::Danger, ..Button::submit("") }],
    };
    let gone = "It signs nobody in any more. Your other sessions and your API tokens end. The device that holds it \
                keeps a useless copy, which you can delete there.";
    let kind = if passkey.backed_up { "Synchronized" } else { "On one device" };
    let head = head(&passkey.name, "").chip(Chip::new(kind, Tone::Idle));
    Ok((head, vec![Card::new("Name", rename).into(), Card::new("Remove it", remove).footer(gone).into()]))
}

pub async fn show(cx: Cx, Path(id): Path<String>) -> Answer {
    let (head, body) = change_page(&cx, &id, None, &Wrong::default())?;
    cx.page(Place::Account, head, body)
}

pub async fn rename(cx: Cx, Path(id): Path<String>, Form(data): Form) -> Answer {
    match passkeys::rename(&cx.engine, &cx.scope, &id, data.text("name")).await {
        Ok(()) => cx.done("/dashboard/account", "The passkey was renamed."),
        Err(error) => {
            let (head, body) = change_page(&cx, &id, Some(&data), &Wrong::of(error)?)?;
            cx.again(Place::Account, head, body)
        }
    }
}

pub async fn remove(cx: Cx, Path(id): Path<String>, Form(data): Form) -> Answer {
    match passkeys::remove(&cx.engine, &cx.scope, &id, data.text("code")).await {
        Ok(()) => cx.done("/dashboard/account", "The passkey was removed."),
        Err(error) => {
            let (head, body) = change_page(&cx, &id, None, &Wrong::of(error)?)?;
            cx.again(Place::Account, head, body)
        }
    }
}
