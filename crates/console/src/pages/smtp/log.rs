//! What went out, without its text.

use domain::model::{Mail, MailId, MailState};
use engine::mail;

use super::super::frame::{Answer, Cx, Oops};
use super::{PATH, Whose};
use crate::parts::{Button, Card, Chip, EmptyState, Head, Html, Icon, Place, Table, Tone, cell};

/// Mails on a page of the log.
const PAGE: u32 = 50;

/// A card with the newest mails, or those before one.
pub async fn card(cx: &Cx, before: Option<MailId>, limit: u32) -> Result<Html, Oops> {
    let mails = mail::log(&cx.engine, &cx.scope, before, limit).await?;
    if mails.is_empty() {
        let empty = EmptyState {
            icon: Icon::Mail,
            title: "Nothing has gone out".into(),
            text: "Mails are listed here for a month, without what was written.".into(),
            actions: Vec::new(),
        };
        return Ok(Card::new("Outgoing mail", empty).into());
    }
    let mut table =
        Table::new("Outgoing mail", &["To", "Subject", "State", "When", "What the server said"]).tall();
    for mail in &mails {
        table = table.row([
            cell::text(mail.recipient.as_str()),
            cell::text(mail.subject.as_str()),
            chip(mail),
            cx.ago(mail.finished_at.unwrap_or(mail.created_at)).into(),
            cell::prose(mail.outcome.clone()),
        ]);
    }
    let full = mails.len() == limit as usize;
    let more = mails.last().filter(|_| full).map(|last| format!("{PATH}/log?before={}", last.id));
    let card = Card::flush("Outgoing mail", table);
    Ok(match more {
        Some(_) if before.is_none() && limit < PAGE => {
            card.aside(cell::link(format!("{PATH}/log"), "All")).into()
        }
        Some(href) => Html::stack([card.into(), Button::link("Older", href).into()]),
        None => card.into(),
    })
}

fn chip(mail: &Mail) -> Html {
    match mail.state {
        MailState::Waiting if mail.attempts == 0 => Chip::new("Waiting", Tone::Idle),
        MailState::Waiting => Chip::new("Tried again later", Tone::Warn),
        MailState::Sent => Chip::new("Sent", Tone::Ok),
        MailState::GivenUp => Chip::new("Given up", Tone::Bad),
    }
    .into()
}

pub async fn show(cx: Cx) -> Answer {
    Whose::organization(&cx)?;
    let before = cx.asked("before").parse().ok();
    let head = Head::new("Outgoing mail", "Who was written to, when, and what became of it.")
        .under("SMTP Server", PATH);
    let body = vec![card(&cx, before, PAGE).await?];
    cx.page(Place::SmtpServer, head, body)
}
