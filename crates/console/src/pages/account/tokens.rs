//! One's own API tokens.

use catalog::Powers;
use domain::model::ApiTokenId;
use door::{Form, FormData, Path};
use engine::Error;
use engine::tokens::{self, NewToken};

use super::super::frame::{Answer, Cx, Entered, PostButton, Wrong};
use super::super::{roles, words};
use crate::parts::{
    Button, ButtonKind, Card, Chip, Copy, EmptyState, Form as FormView, Head, Html, Icon, Note, Place, Table,
    Tone, cell,
};

/// All tokens of the reader.
pub fn card(cx: &Cx) -> Result<Html, Error> {
    let all = tokens::list(&cx.engine, &cx.scope)?;
    let add = Button::link("Make a token", "/dashboard/account/tokens/add").small().icon(Icon::Plus);
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Key,
            title: "You have no API token".into(),
            text: "A token lets a program act through the REST API, with a part of your permissions, until it ends."
                .into(),
            actions: if cx.outside() { Vec::new() } else { vec![add] },
        };
        return Ok(Card::new("API tokens", empty).into());
    }
    let mut table = Table::new("API tokens", &["Name", "May", "Ends", "Last used", ""]).tall();
    for token in &all {
        let ends: Html = if token.expires_at < cx.now {
            Chip::new("Ended", Tone::Idle).into()
        } else {
            cx.ago(token.expires_at).into()
        };
        table = table.row([
            cell::text(&token.name),
            cell::text(words::count(token.powers.iter().count(), "permission", "permissions")),
            ends,
            words::ago(cx, token.seen_at),
            PostButton {
                action: format!("/dashboard/account/tokens/{}/revoke", token.id),
                hidden: cx.hidden(),
                button: Button {
                    label: "Revoke".into(),
                    small: true,
                    kind: ButtonKind::Danger,
                    ..Button::default()
                },
            }
            .into(),
        ]);
    }
    let aside: Html = if cx.outside() { Html::default() } else { add.into() };
    Ok(Card::flush("API tokens", table).aside(aside).into())
}

pub async fn show(cx: Cx) -> Answer {
    let data = FormData::new(vec![("days".into(), "90".into())]);
    let (head, body) = form(&cx, &data, &Wrong::default());
    cx.page(Place::Account, head, body)
}

fn form(cx: &Cx, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let held: Vec<_> = roles::permission_choices(cx.scope.powers());
    let mut fields = vec![
        entered.text("name", "What is it for?").help("So that you recognize it when it ends."),
        entered.number("days", "Ends after", (1, 730), "days"),
        entered.ticks("powers", "It may", &held).help("Never more than you yourself may, now or later."),
    ];
    if cx.scope.administrator().is_some_and(|admin| engine::second_factor::is_set(admin)) {
        fields.push(
            entered.code("code", "Code").help("From your authenticator app: a token can do what you can."),
        );
    }
    let form = FormView {
        id: "token-form".into(),
        action: "/dashboard/account/tokens/add".into(),
        hidden: cx.hidden_with_passkey(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Make the token"), Button::link("Cancel", "/dashboard/account")],
    };
    let head = Head::new("Make an API token", "A key for a program, for this organization only.")
        .under("My account", "/dashboard/account");
    (head, vec![Card::new("", form).into()])
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
    let new = NewToken {
        name: data.text("name").to_owned(),
        powers: Powers::of(&roles::ticked(&data)),
        days: data.text("days").parse().unwrap_or(0),
        code: data.text("code").to_owned(),
    };
    match tokens::create(&cx.engine, &cx.scope, new).await {
        Ok((_, secret)) => {
            let body = vec![
                Note::new(Tone::Warn, "Copy it now", "It is shown this once and cannot be shown again.")
                    .into(),
                Card::new("Your token", Copy { id: "secret".into(), label: "token".into(), value: secret })
                    .footer("Send it as the header Authorization: Bearer, followed by the token.")
                    .into(),
                Button::link("Done", "/dashboard/account").kind(ButtonKind::Primary).into(),
            ];
            let head = Head::new("The token was made", data.text("name").to_owned())
                .under("My account", "/dashboard/account");
            cx.page(Place::Account, head, body)
        }
        Err(error) => {
            let (head, body) = form(&cx, &data, &Wrong::of(error)?);
            cx.again(Place::Account, head, body)
        }
    }
}

pub async fn revoke(cx: Cx, Path(id): Path<ApiTokenId>, Form(_): Form) -> Answer {
    tokens::revoke(&cx.engine, &cx.scope, id).await?;
    cx.done("/dashboard/account", "The token was revoked; calls with it are refused from now on.")
}
