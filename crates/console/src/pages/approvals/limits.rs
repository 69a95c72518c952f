//! Changing the limit.

use domain::model::GovernorSettings;
use door::{Form, FormData};
use engine::{Error, approvals};

use super::super::frame::{Answer, Cx, Entered, Wrong};
use super::PATH;
use crate::parts::{Button, Card, Form as FormView, Head, Html, Place};

pub async fn show(cx: Cx) -> Answer {
    let now = approvals::limits(&cx.engine, &cx.scope)?.settings;
    let pairs = [
        ("limit", now.limit.map(|n| n.to_string()).unwrap_or_default()),
        ("held_days", now.held_days.to_string()),
        ("always_relay", if now.always_relay { "on".into() } else { String::new() }),
    ];
    let pairs = pairs.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k.to_owned(), v)).collect();
    let (head, body) = page(&cx, &FormData::new(pairs), &Wrong::default())?;
    cx.page(Place::Approvals, head, body)
}

fn page(cx: &Cx, data: &FormData, wrong: &Wrong) -> Result<(Head, Vec<Html>), Error> {
    let limits = approvals::limits(&cx.engine, &cx.scope)?;
    let entered = Entered { data, wrong };
    let mut limit = entered
        .number("limit", "Destructive commands in an hour", (0, 1_000_000), "commands")
        .help(format!(
            "Also how many devices one change may take mail or network from. Left empty: {} with today’s devices. Only \
             a system administrator can change it.",
            limits.default
        ))
        .optional();
    limit.input.read_only = !cx.scope.is_system_administrator();
    let fields = vec![
        limit,
        entered.number("held_days", "What is held expires after", (1, 90), "days"),
        entered
            .switch("always_relay", "Always relay wipes of the mail server")
            .help("Off: above the limit they are held, and the device is blocked meanwhile."),
    ];
    let form = FormView {
        id: "limit-form".into(),
        action: format!("{PATH}/limit"),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Save"), Button::link("Cancel", PATH)],
    };
    let lead = "Tightening holds at once. What loosens it is itself held for a second person.";
    let head = Head::new("The limit", lead).under(Place::Approvals.label(), PATH);
    Ok((head, vec![Card::new("", form).into()]))
}

fn read(data: &FormData) -> Result<GovernorSettings, Error> {
    let limit = match data.text("limit") {
        "" => None,
        text => Some(text.parse().map_err(|_| Error::invalid("limit", "Enter a whole number."))?),
    };
    let held_days = data.text("held_days").parse();
    let held_days = held_days.map_err(|_| Error::invalid("held_days", "Enter 1 to 90 days."))?;
    Ok(GovernorSettings { limit, held_days, always_relay: data.ticked("always_relay") })
}

pub async fn save(cx: Cx, Form(data): Form) -> Answer {
    let outcome = match read(&data) {
        Ok(new) => approvals::edit_limits(&cx.engine, &cx.scope, new).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => cx.done(PATH, "The limit was changed."),
        Err(error) => {
            let (head, body) = page(&cx, &data, &Wrong::of(error)?)?;
            cx.again(Place::Approvals, head, body)
        }
    }
}
