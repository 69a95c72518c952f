//! The test of a server.

use domain::model::{ActiveSyncServer, ServerId};
use door::{Form, FormData, Path};
use engine::servers::{self};

use super::super::frame::{Answer, Cx, Entered, Wrong};
use super::super::words;
use crate::host::{Outcome, ServerCheck};
use crate::parts::{Button, Card, Chip, Form as FormView, Head, Html, Icon, Note, Place, Table, Tone, cell};

/// The form that runs the test.
pub fn test_card(cx: &Cx, server: &ActiveSyncServer) -> Html {
    let (data, wrong) = (FormData::default(), Wrong::default());
    let entered = Entered { data: &data, wrong: &wrong };
    let form = FormView {
        id: "test-form".into(),
        action: format!("/dashboard/activesync-servers/{}/test", server.id),
        hidden: cx.hidden(),
        error: String::new(),
        fields: vec![
            entered
                .text("user", "User name")
                .help("Try with a mailbox; it is used once and not kept.")
                .optional(),
            entered.secret("password", "Password", "off").optional(),
        ],
        buttons: vec![Button { label: "Test".into(), icon: Some(Icon::Refresh), ..Button::default() }],
    };
    Card::new("Test", form)
        .aside("versions, certificate, Autodiscover, and whether it can be reached around us")
        .into()
}

pub async fn test(cx: Cx, Path(id): Path<ServerId>, Form(data): Form) -> Answer {
    let server = servers::get(&cx.engine, &cx.scope, id)?;
    let (user, password) = (data.text("user"), data.raw("password"));
    let login = (!user.is_empty()).then_some((user, password));
    let checks = cx.host.test_server(&server, login).await;
    let failed: Vec<_> =
        checks.iter().filter(|c| c.outcome == Outcome::Bad).map(|c| c.what.as_str()).collect();
    servers::tested(&cx.engine, &cx.scope, &server, &failed).await?;
    let mut table = Table::new("Test", &["What", "Result", "What was found"]).tall();
    for check in &checks {
        table = table.row([Html::text(check.what.clone()), chip(check), cell::prose(check.detail.clone())]);
    }
    let bad = failed.len();
    let note = if bad == 0 {
        Note::new(Tone::Ok, "The server answers as it should", "Phones of its users can be pointed at us.")
    } else {
        Note::new(Tone::Bad, words::count(bad, "check", "checks") + " failed", "Read what was found below.")
    };
    let head = Head::new(format!("Test of {}", server.name), server.url.clone())
        .under("ActiveSync Servers", "/dashboard/activesync-servers")
        .under(server.name.clone(), format!("/dashboard/activesync-servers/{id}"));
    let body = vec![note.into(), Card::flush("", table).into(), test_card(&cx, &server)];
    cx.page(Place::ActiveSyncServers, head, body)
}

fn chip(check: &ServerCheck) -> Html {
    match check.outcome {
        Outcome::Good => Chip::new("Good", Tone::Ok),
        Outcome::Notice => Chip::new("Look", Tone::Warn),
        Outcome::Bad => Chip::new("Failed", Tone::Bad),
    }
    .into()
}
