//! Sending a file, and the imports that there were.

use catalog::Permission;
use door::{FormData, Upload};
use engine::imports::{self, FILE_MAX};

use super::super::frame::{Answer, Cx, Entered, Wrong, download};
use super::super::words;
use super::{PATH, chip};
use crate::parts::{Button, ButtonKind, Card, Head, Html, Icon, Place, Table, UploadForm, cell};
use domain::model::Duplicates;

pub async fn show(cx: Cx) -> Answer {
    let (head, body) = page(&cx, &FormData::default(), String::new()).await?;
    cx.page(Place::Devices, head, body)
}

async fn page(
    cx: &Cx,
    data: &FormData,
    error: String,
) -> Result<(Head, Vec<Html>), super::super::frame::Oops> {
    let wrong = Wrong::default();
    let chosen = match data.text("duplicates") {
        "" => FormData::new(vec![("duplicates".into(), "update".into())]),
        _ => data.clone(),
    };
    let entered = Entered { data: &chosen, wrong: &wrong };
    let choice = |value: &str, label: &str, help: &str| (value.to_owned(), label.to_owned(), help.to_owned());
    let mut fields = vec![entered.radio(
        "duplicates",
        "Users that are there already",
        &[
            choice(
                "update",
                "Update",
                "They get what the file says. Empty cells change nothing; a single hyphen empties.",
            ),
            choice("skip", "Skip", "They stay as they are."),
        ],
    )];
    if cx.can(Permission::UsersInvite) {
        let help = "When they are imported, each with a one-time enrolment code.";
        fields.push(entered.switch("welcome", "Send new users a welcome letter").help(help));
    }
    let form = UploadForm {
        id: "import-form".into(),
        action: PATH.into(),
        hidden: cx.hidden(),
        error,
        label: "CSV file".into(),
        help: "At most 50,000 rows and 16 MiB. Comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252."
            .into(),
        accept: ".csv,.txt,text/csv",
        fields,
        buttons: vec![Button::submit("Check the file"), Button::link("Cancel", "/dashboard/users")],
    };
    let head = Head::new(
        "Import users",
        "From a CSV file. It is checked first; nothing is imported before you have seen what it would do.",
    )
    .under("Smart Devices and Users", "/dashboard/devices")
    .under("Users", "/dashboard/users")
    .action(
        Button::link("Download the template", "/dashboard/users/import/template.csv")
            .kind(ButtonKind::Plain)
            .icon(Icon::Download),
    );
    let mut known = Table::new("Columns", &["Column", "What it is"]);
    for (name, _, about) in imports::columns(&cx.engine, &cx.scope)? {
        known = known.row([cell::text(&name), cell::prose(about)]);
    }
    let mut body = vec![Card::new("", form).into()];
    let past = imports::list(&cx.engine, &cx.scope).await?;
    if !past.is_empty() {
        let mut table = Table::new("Imports", &["File", "State", "Rows", "Sent"]);
        for import in past {
            table = table.row([
                cell::link(format!("{PATH}/{}", import.id), &import.file),
                chip(import.state).into(),
                Html::text(words::grouped(import.rows as usize)),
                cx.ago(import.created_at).into(),
            ]);
        }
        body.push(Card::flush("Imports", table).into());
    }
    body.push(Card::flush("Columns of a file", known).aside("Only username must be there").into());
    Ok((head, body))
}

pub async fn template(cx: Cx) -> Answer {
    let bytes = imports::template(&cx.engine, &cx.scope)?;
    Ok(download(engine::export::Format::Csv.media(), "users.csv", bytes))
}

pub async fn send(cx: Cx, upload: Upload<FILE_MAX>) -> Answer {
    let duplicates =
        if upload.form.text("duplicates") == "skip" { Duplicates::Skip } else { Duplicates::Update };
    let welcome = upload.form.ticked("welcome");
    let sent = imports::Upload { file: upload.file, bytes: upload.bytes, duplicates, welcome };
    match imports::check(&cx.engine, &cx.scope, sent).await {
        Ok(import) => {
            cx.done(&format!("{PATH}/{}", import.id), "The file was checked. Nothing is imported yet.")
        }
        Err(error) => {
            let wrong = Wrong::of(error)?;
            let lines: Vec<_> = wrong.issues.iter().map(|issue| issue.message.as_str()).collect();
            let error = if lines.is_empty() { wrong.general } else { lines.join("\n") };
            let (head, body) = page(&cx, &upload.form, error).await?;
            cx.again(Place::Devices, head, body)
        }
    }
}
