//! Where one is signed in, and ending it.

use domain::model::{Session, SignInMethod};
use door::Form;
use engine::{Error, Principal, sign_in};

use super::super::frame::{Answer, Cx, PostButton, hidden_value};
use crate::parts::{Button, ButtonKind, Card, Chip, Html, Table, Tone, cell};

fn shown(session: &Session) -> String {
    hex::encode(&session.token_hash[..8.min(session.token_hash.len())])
}

/// How somebody proved who he is.
pub fn how(method: SignInMethod) -> &'static str {
    match method {
        SignInMethod::Password => "with password",
        SignInMethod::PasswordAndFactor => "with password and second factor",
        SignInMethod::Passkey => "with a passkey",
        SignInMethod::Provider | SignInMethod::ProviderWithFactor => "by identity provider",
    }
}

/// All sessions of the reader.
pub fn card(cx: &Cx) -> Html {
    let (Principal::Session(admin, here), Some(_)) = (cx.scope.principal(), cx.scope.administrator()) else {
        return Html::default();
    };
    let all = sign_in::sessions(&cx.engine, admin.id);
    let mut table = Table::new("Sessions", &["Browser", "Address", "Signed in", "Last used", ""]).tall();
    for session in &all {
        let own = session.token_hash == here.token_hash;
        let last = if own {
            Chip::new("This one", Tone::Ok).into()
        } else {
            PostButton {
                action: "/dashboard/account/sessions/end".into(),
                hidden: [cx.hidden(), vec![hidden_value("session", shown(session))]].concat(),
                button: Button { label: "Sign out".into(), small: true, ..Button::default() },
            }
            .into()
        };
        table = table.row([
            cell::prose(session.user_agent.clone()),
            cell::mono(&session.address),
            cell::lines(cx.ago(session.created_at), how(session.signed_in_with)),
            cx.ago(session.seen_at).into(),
            last,
        ]);
    }
    let everywhere = PostButton {
        action: "/dashboard/account/sessions/end-all".into(),
        hidden: cx.hidden(),
        button: Button {
            label: "Sign out everywhere".into(),
            small: true,
            kind: ButtonKind::Danger,
            ..Button::default()
        },
    };
    Card::flush("Where you are signed in", table).aside(everywhere).into()
}

pub async fn end(cx: Cx, Form(data): Form) -> Answer {
    sign_in::end_session(&cx.engine, &cx.scope, data.text("session")).await?;
    cx.done("/dashboard/account", "That session was ended.")
}

pub async fn end_all(cx: Cx, Form(_): Form) -> Answer {
    let Some(id) = cx.scope.administrator().map(|a| a.id) else { return Err(Error::Unauthenticated.into()) };
    sign_in::end_all(&cx.engine, &cx.scope, id).await?;
    cx.done("/dashboard/sign-in", "All sessions were ended.")
}
