//! Mailings, and what became of each mail.

use catalog::Permission;
use domain::model::{Mail, MailState, Mailing, MailingId};
use engine::letters;

use super::super::frame::{Answer, Cx, Oops};
use super::super::words;
use super::{MAILINGS, PATH, SYSTEM};
use crate::parts::{
    Button, ButtonKind, Card, Chip, EmptyState, Fact, Facts, Head, Html, Icon, Place, Table, Tone, cell,
};

/// Mails on a page of results.
const PAGE: u32 = 100;

pub async fn list(cx: Cx) -> Answer {
    let all = letters::list(&cx.engine, &cx.scope).await?;
    let mut head =
        Head::new("Mailings", "Letters to many, and what became of them. They are listed for a month.")
            .under(Place::Letters.label(), PATH);
    let write = || {
        Button::link("Write to users", format!("{MAILINGS}/compose"))
            .kind(ButtonKind::Primary)
            .icon(Icon::Mail)
    };
    if cx.can(Permission::UsersMail) {
        head = head.action(write());
    }
    let actions = if cx.can(Permission::UsersMail) { vec![write()] } else { Vec::new() };
    cx.page(Place::Letters, head, vec![table(&cx, &all, actions)])
}

pub async fn list_system(cx: Cx) -> Answer {
    let scope = cx.scope.at_installation()?;
    let all = letters::list(&cx.engine, &scope).await?;
    let write = || {
        Button::link("Write to administrators", format!("{SYSTEM}/compose"))
            .kind(ButtonKind::Primary)
            .icon(Icon::Mail)
    };
    let head = Head::new("Mail to administrators", "What you wrote to the administrators of organizations.")
        .under(Place::Organizations.label(), "/dashboard/organizations")
        .action(write());
    cx.page(Place::Organizations, head, vec![table(&cx, &all, vec![write()])])
}

fn table(cx: &Cx, all: &[Mailing], actions: Vec<Button>) -> Html {
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Mail,
            title: "Nothing was sent to many yet".into(),
            text: "Welcome letters and reminders are sent from the list of users, too.".into(),
            actions,
        };
        return Card::new("", empty).into();
    }
    let mut table =
        Table::new("Mailings", &["To", "Letter", "People", "Queued", "Not written to", "By", "When"]).tall();
    for mailing in all {
        let label = mailing.kind.info().label;
        let to = if mailing.organization == domain::model::Organization::SYSTEM {
            cell::text(&mailing.audience)
        } else {
            cell::open(format!("{MAILINGS}/show?id={}", mailing.id), &mailing.audience)
        };
        table = table.row([
            to,
            if mailing.subject.is_empty() {
                cell::text(label)
            } else {
                cell::lines(label, mailing.subject.clone())
            },
            Html::text(words::grouped(mailing.recipients as usize)),
            Html::text(words::grouped(mailing.queued as usize)),
            Html::text(words::grouped(mailing.refused as usize)),
            cell::text(mailing.by.name()),
            cx.ago(mailing.created_at).into(),
        ]);
    }
    Card::flush("Mailings", table).into()
}

pub async fn show(cx: Cx) -> Answer {
    let Ok(id) = cx.asked("id").parse::<MailingId>() else { return list(cx).await };
    let mailing = letters::get(&cx.engine, &cx.scope, id).await?;
    let after = cx.asked("after").parse().ok();
    let mails = letters::results(&cx.engine, &cx.scope, id, after, PAGE).await?;
    let info = mailing.kind.info();
    let head = Head::new(info.label, mailing.audience.clone())
        .under(Place::Letters.label(), PATH)
        .under("Mailings", MAILINGS);
    let under_way = mailing.finished_at.is_none();
    let mut facts = vec![
        Fact::new("People", Html::text(words::grouped(mailing.recipients as usize))),
        Fact::new("Queued", Html::text(words::grouped(mailing.queued as usize))),
        Fact::new("Not written to", Html::text(words::grouped(mailing.refused as usize))),
        Fact::new("Sent by", cell::lines(mailing.by.name(), cx.ago(mailing.created_at))),
        Fact::new(
            "State",
            if under_way { Chip::new("Being queued", Tone::Info) } else { Chip::new("Queued", Tone::Ok) },
        ),
    ];
    if !mailing.subject.is_empty() {
        facts.insert(0, Fact::new("Subject", cell::text(&mailing.subject)));
    }
    let mut body: Vec<Html> = vec![Card::new("", Facts::new(facts)).into()];
    if !mailing.issues.is_empty() {
        let mut table = Table::new("Not written to", &["Who", "Why"]);
        for issue in &mailing.issues {
            table = table.row([cell::text(&issue.name), cell::prose(issue.why.clone())]);
        }
        body.push(Card::flush("Not written to", table).into());
    }
    body.push(results(&cx, &mailing, &mails)?);
    cx.page(Place::Letters, head, body)
}

fn results(cx: &Cx, mailing: &Mailing, mails: &[Mail]) -> Result<Html, Oops> {
    if mails.is_empty() {
        return Ok(Card::new("Mails", Html::text("There is no mail here yet.")).into());
    }
    let mut table = Table::new("Mails", &["To", "State", "When", "What the server said"]).tall();
    for mail in mails {
        let user = match mail.user {
            Some(id) => {
                cx.org(|org| org.user(id).map(|user| user.display_name.clone()))?.map(|name| (id, name))
            }
            None => None,
        };
        let to = match user {
            Some((id, name)) => {
                cell::lines(cell::link(format!("/dashboard/users/{id}"), name), mail.recipient.to_string())
            }
            None => cell::text(mail.recipient.as_str()),
        };
        let chip = match mail.state {
            MailState::Waiting if mail.attempts == 0 => Chip::new("Waiting", Tone::Idle),
            MailState::Waiting => Chip::new("Tried again later", Tone::Warn),
            MailState::Sent => Chip::new("Sent", Tone::Ok),
            MailState::GivenUp => Chip::new("Given up", Tone::Bad),
        };
        table = table.row([
            to,
            chip.into(),
            cx.ago(mail.finished_at.unwrap_or(mail.created_at)).into(),
            cell::prose(mail.outcome.clone()),
        ]);
    }
    let card: Html = Card::flush("Mails", table).into();
    let more = mails.last().filter(|_| mails.len() == PAGE as usize);
    Ok(match more {
        Some(last) => {
            let href = format!("{MAILINGS}/show?id={}&after={}", mailing.id, last.id);
            Html::stack([card, Button::link("More", href).into()])
        }
        None => card,
    })
}
