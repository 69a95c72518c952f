//! My account: the link with somebody at an identity provider.

use axum::Extension;
use domain::model::{Administrator, IdentityProviderId};
use door::{Form, FormData};
use engine::{Error, identity};
use http::HeaderMap;

use super::super::frame::{Answer, Cx, Entered, HostRef, Oops, Wrong};
use super::redirect_uri;
use crate::parts::{Button, ButtonKind, Card, Chip, Form as FormView, Head, Html, Icon, Note, Place, Tone};

const PATH: &str = "/dashboard/account/identity";

/// Whether the reader is linked, and what can be done; nothing where there is no provider.
pub fn card(cx: &Cx, admin: &Administrator) -> Html {
    let settings = cx.engine.directory().sign_in(admin.organization);
    let (chip, text, button) = match &admin.identity {
        Some(of) => {
            let name = settings.provider(of.provider).map_or("a provider that is gone", |p| p.name.as_str());
            let how =
                if of.made_by_provider { "This account was made by" } else { "You can also sign in with" };
            let button = (!of.made_by_provider).then(|| Button::link("Remove link …", PATH));
            (Chip::new("Linked", Tone::Ok), format!("{how} {name}."), button)
        }
        None if settings.providers.iter().any(|provider| provider.on) => {
            let text = "Sign in with the account of your company instead of a password.".to_owned();
            (Chip::new("Not linked", Tone::Idle), text, Some(Button::link("Link", PATH).icon(Icon::Link)))
        }
        None => return Html::default(),
    };
    let button = button.map(|button| button.small().into());
    let aside = Html::join([Html::from(chip)].into_iter().chain(button));
    Card::new("Identity provider", Html::text(text)).aside(aside).into()
}

fn head() -> Head {
    Head::new("Identity provider", "Somebody at a provider, as whom you sign in.")
        .under("My account", "/dashboard/account")
}

fn body(cx: &Cx, data: &FormData, wrong: &Wrong) -> Result<Vec<Html>, Oops> {
    let admin = cx.scope.administrator().ok_or(Error::Unauthenticated)?;
    let admin = cx.engine.directory().administrator(admin.id).ok_or(Error::Unauthenticated)?;
    let settings = cx.engine.directory().sign_in(admin.organization);
    let entered = Entered { data, wrong };
    let password = entered.secret("password", "Your password", "current-password");
    let linked = admin.identity.is_some();
    let usable: Vec<_> = settings.providers.iter().filter(|provider| provider.on).collect();
    if !linked && usable.is_empty() {
        let note = Note::new(
            Tone::Info,
            "There is no provider",
            "Administrators who may edit administrators add one.",
        );
        return Ok(vec![note.into()]);
    }
    let mut fields = Vec::new();
    if !linked {
        let choices: Vec<_> = usable.iter().map(|p| (p.id.to_string(), p.name.clone())).collect();
        fields.push(entered.select("provider", "Provider", &choices));
    }
    fields.push(password);
    let (action, button) = if linked {
        let button = Button { label: "Remove link".into(), kind: ButtonKind::Danger, ..Button::submit("") };
        (format!("{PATH}/unlink"), button)
    } else {
        (format!("{PATH}/link"), Button::submit("Continue"))
    };
    let form = FormView {
        id: "identity-form".into(),
        action,
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![button, Button::link("Cancel", "/dashboard/account")],
    };
    let note = "Your other sessions and your API tokens end.";
    Ok(vec![
        Card::new(if linked { "Remove the link" } else { "Link your account" }, form).footer(note).into(),
    ])
}

pub async fn show(cx: Cx) -> Answer {
    let body = body(&cx, &FormData::default(), &Wrong::default())?;
    cx.page(Place::Account, head(), body)
}

pub async fn link(
    cx: Cx,
    Extension(host): Extension<HostRef>,
    headers: HeaderMap,
    Form(data): Form,
) -> Answer {
    let id: IdentityProviderId =
        data.text("provider").parse().map_err(|_| Error::NotFound("identity provider"))?;
    let back = redirect_uri(&host, &headers, id);
    match identity::depart_to_link(&cx.engine, &cx.scope, id, &back, data.raw("password")).await {
        Ok(departure) => {
            // A form cannot lead to the provider; a link can.
            let on = Button::link("Go to the provider", departure.address.clone()).kind(ButtonKind::Primary);
            let note =
                Note::new(Tone::Info, "One more step", "Sign in there as whom you want to be linked with.");
            let mut response = cx.page(Place::Account, head(), vec![note.action(on).into()])?;
            super::arrive::keep_in(&mut response, &departure.cookie);
            Ok(response)
        }
        Err(error) => {
            let body = body(&cx, &data, &Wrong::of(error)?)?;
            cx.again(Place::Account, head(), body)
        }
    }
}

pub async fn unlink(cx: Cx, Form(data): Form) -> Answer {
    match identity::unlink(&cx.engine, &cx.scope, data.raw("password")).await {
        Ok(()) => cx.done("/dashboard/account", "The link was removed."),
        Err(error) => {
            let body = body(&cx, &data, &Wrong::of(error)?)?;
            cx.again(Place::Account, head(), body)
        }
    }
}
