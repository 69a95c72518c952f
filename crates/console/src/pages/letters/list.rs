//! All letters with their languages, and the settings.

use catalog::{LETTERS, Permission};
use door::{Form, FormData};
use engine::letters::{self, SettingsInput};

use super::super::frame::{Answer, Cx, Entered, Oops, Wrong, hidden_value};
use super::{MAILINGS, PATH};
use crate::parts::{
    Button, Card, Chip, FieldView, Form as FormView, Head, Html, Note, Place, Table, Tone, cell,
};

pub async fn show(cx: Cx) -> Answer {
    if cx.outside() {
        return Err(Oops::not_found("page"));
    }
    let (rev, settings) = letters::settings(&cx.engine, &cx.scope)?;
    let mut head = Head::new(
        Place::Letters.label(),
        "What users are written, in the language of the reader: theirs, else the organization’s, else English.",
    );
    head = head.action(Button::link("Mailings", MAILINGS));
    let mut body = Vec::new();
    if !engine::mail::has_way_out(&cx.engine, cx.scope.organization()) {
        let words = Html::rich("Mail needs an [SMTP server](/dashboard/smtp-server).", &[]);
        body.push(Note::new(Tone::Warn, "Nobody is written to yet", words).into());
    }
    let all = letters::templates(&cx.engine, &cx.scope)?;
    for info in LETTERS.iter().filter(|info| all.iter().any(|found| found.kind == info.kind)) {
        let mut table = Table::new(info.label, &["Language", "Subject", "Text"]);
        for found in all.iter().filter(|found| found.kind == info.kind) {
            let language = catalog::language_by_key(&found.language).map_or("", |language| language.name);
            let href = format!("{PATH}/edit?letter={}&language={}", info.key, found.language);
            table = table.row([
                cell::open(href, language),
                cell::text(&found.template.subject),
                if found.is_own { Chip::new("Your own", Tone::Info).into() } else { cell::muted("usual") },
            ]);
        }
        let more: Html = if cx.can(Permission::OrganizationEdit) {
            Button::link("Another language", format!("{PATH}/edit?letter={}", info.key)).small().into()
        } else {
            Html::default()
        };
        body.push(Card::flush(info.label, table).aside(more).footer(info.about).into());
    }
    let stored = [
        ("tell_password_changes", settings.tell_password_changes),
        ("welcome_directory_users", settings.welcome_directory_users),
    ];
    let on = stored.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name.to_owned(), "on".to_owned()));
    let data = FormData::new(on.collect());
    let wrong = Wrong::default();
    let entered = Entered { data: &data, wrong: &wrong };
    let may = cx.can(Permission::OrganizationEdit);
    let mut fields = vec![
        entered
            .switch("welcome_directory_users", "Welcome users who come from a directory")
            .help("When a refresh adds them. Those added by hand or from a file are asked about there."),
        entered
            .switch("tell_password_changes", "Tell users when their local password is changed")
            .help("Whoever changed it: a change that a user did not make is noticed at once."),
    ];
    if !may {
        fields = fields.into_iter().map(FieldView::read_only).collect();
    }
    let form = FormView {
        id: "letters-form".into(),
        action: PATH.into(),
        hidden: [cx.hidden(), vec![hidden_value("rev", rev.to_string())]].concat(),
        error: String::new(),
        fields,
        buttons: if may { vec![Button::submit("Save")] } else { Vec::new() },
    };
    body.push(Card::new("Settings", form).into());
    cx.page(Place::Letters, head, body)
}

pub async fn save(cx: Cx, Form(data): Form) -> Answer {
    let new = SettingsInput {
        tell_password_changes: data.ticked("tell_password_changes"),
        welcome_directory_users: data.ticked("welcome_directory_users"),
    };
    let seen = data.text("rev").parse().ok();
    match letters::edit_settings(&cx.engine, &cx.scope, seen, new).await {
        Ok(()) => cx.done(PATH, "Saved."),
        Err(error) => cx.failed(PATH, Wrong::of(error)?.rest(&[])),
    }
}
