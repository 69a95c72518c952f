//! One held change: what, by whom, and the exact devices that would lose something if it were approved now.

use domain::model::HeldChangeId;
use door::{FormData, Path};
use engine::approvals::{self, Detail, Losing};

use super::super::frame::{Answer, Cx, FormAround, Wrong, hidden_value};
use super::super::words;
use super::{PATH, list};
use crate::parts::{Card, Chip, Fact, Facts, Head, Html, Icon, Note, Place, Table, Tone, cell};

/// Devices that are drawn; all of them are in REST.
const SHOWN: usize = 200;

pub async fn show(cx: Cx, Path(id): Path<HeldChangeId>) -> Answer {
    let found = approvals::detail(&cx.engine, &cx.scope, id, None, SHOWN).await?;
    let mut body: Vec<Html> = Vec::new();
    if !found.impossible.is_empty() {
        let note = Note::new(Tone::Bad, "It cannot be made any more", found.impossible.clone());
        body.push(note.into());
    }
    body.push(Card::new("", facts(&cx, &found)).into());
    body.push(devices(&cx, &found));
    body.push(says(&found));
    let mut hidden = cx.hidden_with_passkey();
    hidden.push(hidden_value("item", id.to_string()));
    let (data, wrong) = (FormData::default(), Wrong::default());
    let (fields, buttons) = list::deciding(&cx, &data, &wrong);
    let decide = fields.into_iter().map(Html::from).chain([buttons]);
    let decide = Card::new("Decide", Html::stack(decide));
    let around =
        FormAround { id: "held-change".into(), action: PATH.into(), hidden, body: vec![decide.into()] };
    body.push(around.into());
    let lead = "Nothing of it is in force. It is counted again when it is approved.";
    let mut head = Head::new(found.held.what.clone(), lead).under(Place::Approvals.label(), PATH);
    if found.total > 0 {
        let count = words::count(found.total, "device", "devices");
        head = head.chip(Chip::new(format!("{count} would lose access"), Tone::Bad));
    }
    cx.page(Place::Approvals, head, body)
}

fn facts(cx: &Cx, found: &Detail) -> Facts {
    let held = &found.held;
    let may = match &held.refusal {
        None => Chip::new("May approve", Tone::Ok).into(),
        Some(why) => cell::prose(cell::lines(Chip::new("May not approve", Tone::Idle), why.clone())),
    };
    Facts::new([
        Fact::new("Ordered by", cell::text(words::actor(&held.ordered_by))),
        Fact::new("Waits since", cx.at(held.since)),
        Fact::new("Expires", held.expires_at.map_or_else(cell::none, |at| cx.at(at).into()))
            .source("unapproved, it ends then without effect"),
        Fact::new("You", may),
    ])
}

/// What the change makes different, line by line.
fn says(found: &Detail) -> Html {
    let mut table = Table::new("What it changes", &["What", "Now", "Then"]).tall();
    for line in &found.lines {
        let before = if line.before.is_empty() { cell::none() } else { cell::prose(line.before.clone()) };
        table = table.row([cell::text(&line.label), before, cell::prose(line.after.clone())]);
    }
    Card::flush("What it changes", table).into()
}

fn devices(cx: &Cx, found: &Detail) -> Html {
    let mut table = Table::new("Devices that would lose something", &["Device", "Loses", "Because"]).tall();
    for losing in &found.losing {
        let name = cx.org(|org| org.devices.get(losing.device).map(|d| d.name.clone())).ok().flatten();
        table = table.row([
            cell::open(format!("/dashboard/devices/{}", losing.device), name.unwrap_or_default()),
            loses(cx, losing),
            because(losing),
        ]);
    }
    let footer = if found.total > SHOWN { format!("The first {SHOWN} are shown.") } else { String::new() };
    Card::flush("Devices that would lose something", table)
        .aside(words::count(found.total, "device", "devices"))
        .footer(footer)
        .into()
}

fn loses(cx: &Cx, losing: &Losing) -> Html {
    let names: Vec<&str> = losing.targets.iter().map(|target| target.info().short).collect();
    let chip: Html = Chip::new(names.join(", "), Tone::Bad).icon(Icon::ShieldOff).into();
    match losing.at {
        Some(at) => cell::lines(chip, cx.ago(at)),
        None => chip,
    }
}

fn because(losing: &Losing) -> Html {
    let each = losing.because.iter().map(|(rule, detail)| format!("{}: {detail}", rule.entry().label));
    let risk = losing.risk.map(|risk| risk.words().to_owned());
    cell::prose(each.chain(risk).collect::<Vec<_>>().join(" "))
}
