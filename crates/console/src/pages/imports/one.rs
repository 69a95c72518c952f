//! One file: what it would do, how far it is, what it did.

use domain::model::{Duplicates, ImportCounts, ImportState, UserImport, UserImportId};
use door::{Form, Path};
use engine::imports;

use super::super::frame::{Answer, Cx, PostButton};
use super::super::words;
use super::{PATH, chip};
use crate::parts::{
    Button, ButtonKind, Card, Fact, Facts, Head, Html, Note, Place, Progress, Table, Tone, cell,
};

/// Issues shown; more are only counted.
const SHOWN: usize = 100;

pub async fn show(cx: Cx, Path(id): Path<UserImportId>) -> Answer {
    let import = imports::get(&cx.engine, &cx.scope, id).await?;
    let head = Head::new(import.file.clone(), about(&import))
        .under("Users", "/dashboard/users")
        .under("Import users", PATH)
        .chip(chip(import.state));
    let mut body = Vec::new();
    match import.state {
        ImportState::Checked => body.push(verdict(&cx, &import)),
        // Asks again once more after the end, so that the page shows what was done.
        ImportState::Running | ImportState::Done => body.push(Card::new("", progress(&import)).into()),
    }
    body.push(Card::new(foreseen_title(&import), facts(&import)).into());
    if !import.issues.is_empty() {
        body.push(issues(&import));
    }
    cx.page(Place::Devices, head, body)
}

fn about(import: &UserImport) -> String {
    let duplicates = match import.duplicates {
        Duplicates::Update => "users that are there are updated",
        Duplicates::Skip => "users that are there are skipped",
    };
    format!("{}, {}, separated by {}; {duplicates}.", rows(import.rows), import.encoding, import.separator)
}

fn rows(count: u32) -> String {
    words::count(count as usize, "row", "rows")
}

fn foreseen_title(import: &UserImport) -> &'static str {
    if import.state == ImportState::Checked { "What it would do" } else { "What it did" }
}

fn facts(import: &UserImport) -> Facts {
    let counts = if import.state == ImportState::Checked { import.foreseen } else { import.done };
    let ImportCounts { new, changed, same, skipped, bad } = counts;
    let fact = |label: &str, count: u32| Fact::new(label, Html::text(words::grouped(count as usize)));
    let refused = if import.state == ImportState::Checked { 0 } else { import.foreseen.bad };
    Facts::new([
        fact("New users", new),
        fact("Changed users", changed),
        fact("Nothing to change", same),
        fact("Skipped", skipped),
        fact("Cannot be imported", bad + refused),
    ])
}

/// The file can be imported, in part or not at all; with what to do.
fn verdict(cx: &Cx, import: &UserImport) -> Html {
    let bad = import.foreseen.bad;
    let good = import.rows - bad;
    let address = format!("{PATH}/{}", import.id);
    let button = |action: &str, label: String, kind| PostButton {
        action: format!("{address}/{action}"),
        hidden: cx.hidden(),
        button: Button::submit(label).kind(kind),
    };
    let discard = button("discard", "Discard the file".into(), ButtonKind::Plain);
    let news = import.foreseen.new + import.foreseen.changed;
    if good == 0 {
        let text = "Correct what is listed below, and send the file again.";
        let note = Note::new(Tone::Bad, "No row of this file can be imported", text);
        return Html::join([note.into(), Card::new("", Html::from(discard)).into()]);
    }
    let (note, label) = if bad == 0 {
        let title = if news == 0 { "This file changes nothing" } else { "Every row can be imported" };
        let text = "Nothing is imported yet. Sending the same file twice changes nothing.";
        (Note::new(Tone::Ok, title, text), format!("Import {}", rows(good)))
    } else {
        let title = format!("{} cannot be imported", rows(bad));
        let text = "Best correct what is listed below and send the file again. Or import the other rows now.";
        (
            Note::new(Tone::Warn, title, text),
            format!("Import the {} good ones", words::grouped(good as usize)),
        )
    };
    let start = button("start", label, ButtonKind::Primary);
    let buttons = Html::join([start.into(), Html::text(" "), discard.into()]);
    Html::join([note.into(), Card::new("", buttons).into()])
}

fn progress(import: &UserImport) -> Progress {
    let good = import.rows - import.foreseen.bad;
    let over = import.state == ImportState::Done;
    Progress {
        id: "import-progress".into(),
        label: if over { "Imported".into() } else { "Importing".into() },
        done: u64::from(if over { good } else { import.passed().min(good) }),
        total: u64::from(good),
        detail: if over {
            cell::link(format!("{PATH}/{}", import.id), "See what it did")
        } else {
            Html::text("You can leave this page; the import goes on, also after a restart of the server.")
        },
        poll_ms: if over { 0 } else { 1_000 },
        from: String::new(),
    }
}

fn issues(import: &UserImport) -> Html {
    let mut table = Table::new("What is wrong", &["Line", "Column", "What to do"]);
    for issue in import.issues.iter().take(SHOWN) {
        table = table.row([
            Html::text(issue.line.to_string()),
            cell::text(&issue.column),
            cell::prose(issue.message.clone()),
        ]);
    }
    let card = Card::flush("What is wrong", table);
    let more = import.issues.len().saturating_sub(SHOWN);
    if more == 0 { card.into() } else { card.aside(format!("the first {SHOWN}; {more} more")).into() }
}

pub async fn start(cx: Cx, Path(id): Path<UserImportId>, _: Form) -> Answer {
    let page = format!("{PATH}/{id}");
    // The button says how many rows are left out.
    match imports::start(&cx.engine, &cx.scope, id, true).await {
        Ok(()) => cx.done(&page, "The import has begun."),
        Err(error) => cx.failed(&page, error.to_string()),
    }
}

pub async fn discard(cx: Cx, Path(id): Path<UserImportId>, _: Form) -> Answer {
    imports::discard(&cx.engine, &cx.scope, id).await?;
    cx.done(PATH, "The file was discarded.")
}
