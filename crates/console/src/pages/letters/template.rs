//! The editor of a letter, with a preview that follows what is typed.

use catalog::{LETTER_PLACEHOLDERS, LetterKind, MESSAGE_PLACEHOLDER, Permission};
use domain::letter::Template;
use domain::model::UserId;
use door::{Form, FormData};
use engine::letters;

use super::super::frame::{Answer, Cx, Entered, Oops, Wrong, hidden_value};
use super::super::words;
use super::PATH;
use crate::parts::{
    Button, ButtonKind, Card, Columns, FieldView, Form as FormView, Head, Html, LetterPreview, Place, Table,
    Widths, cell,
};

const FORM: &str = "letter-form";

fn kind(key: &str) -> Result<LetterKind, Oops> {
    LetterKind::from_key(key)
        .filter(|kind| *kind != LetterKind::AdministratorMail)
        .ok_or_else(|| Oops::not_found("letter"))
}

pub async fn show(cx: Cx) -> Answer {
    let kind = match cx.asked("letter") {
        "" => LetterKind::Welcome,
        key => kind(key)?,
    };
    let language = match cx.asked("language") {
        "" => cx.org(|org| org.organization.settings.language.clone())?,
        language => language.to_owned(),
    };
    let all = letters::templates(&cx.engine, &cx.scope)?;
    let find = |language: &str| all.iter().find(|found| found.kind == kind && found.language == language);
    let template =
        find(&language).or_else(|| find("en")).map(|found| found.template.clone()).unwrap_or_default();
    let data = FormData::new(vec![
        ("letter".into(), kind.info().key.into()),
        ("language".into(), language),
        ("subject".into(), template.subject),
        ("body".into(), template.body),
    ]);
    let (head, body) = page(&cx, kind, &data, &Wrong::default())?;
    cx.page(Place::Letters, head, body)
}

fn read(data: &FormData) -> Template {
    Template {
        subject: data.text("subject").to_owned(),
        body: data.raw("body").replace("\r\n", "\n").trim_end().to_owned(),
    }
}

/// Users to look at a letter with: the first ones, by name.
fn readers(cx: &Cx) -> Vec<(String, String)> {
    let mut readers = vec![(String::new(), "Somebody made up".to_owned())];
    if let Ok(found) = engine::users::list(&cx.engine, &cx.scope, "", None, 20) {
        readers.extend(found.iter().map(|user| (user.id.to_string(), user.display_name.clone())));
    }
    readers
}

fn page(cx: &Cx, kind: LetterKind, data: &FormData, wrong: &Wrong) -> Result<(Head, Vec<Html>), Oops> {
    let info = kind.info();
    let (rev, _) = letters::settings(&cx.engine, &cx.scope)?;
    let may = cx.can(Permission::OrganizationEdit);
    let entered = Entered { data, wrong };
    let mut fields = vec![
        entered.select("language", "Language", &words::languages()),
        entered.text("subject", "Subject"),
        entered.area("body", "Text").help(
            "An empty line between paragraphs. # heading, - item, 1. item, **strong**, *emphasis*, [words](https://…), \
             [[button]](https://…), --- for a line.",
        ),
        entered.select("reader", "Look at it as", &readers(cx)).help("For the preview; it is not saved."),
    ];
    if !may {
        fields = fields.into_iter().map(FieldView::read_only).collect();
    }
    let act = |label: &str, act: &str| Button {
        label: label.into(),
        send: Some(("act".into(), act.into())),
        ..Button::default()
    };
    let all = letters::templates(&cx.engine, &cx.scope)?;
    let is_own = all.iter().any(|t| t.is_own && t.kind == kind && t.language == data.text("language"));
    let mut buttons = vec![
        Button { kind: ButtonKind::Primary, ..act("Save", "save") },
        act("Preview", "preview"),
        act("Send it to me", "test"),
    ];
    if is_own {
        buttons.push(act("Take the usual text", "reset"));
    }
    let form = FormView {
        id: FORM.into(),
        action: format!("{PATH}/edit"),
        hidden: [cx.hidden(), vec![hidden_value("rev", rev.to_string()), hidden_value("letter", info.key)]]
            .concat(),
        error: wrong.rest(&fields),
        fields,
        buttons: if may { buttons } else { Vec::new() },
    };
    let head = Head::new(info.label, info.about).under(Place::Letters.label(), PATH);
    let editor = Html::stack([
        Card::new("", form).into(),
        Card::flush("What may stand in braces", known(cx, kind)?).into(),
    ]);
    Ok((head, vec![Columns::new(Widths::Two, [editor, preview(cx, kind, data).into()]).into()]))
}

fn preview(cx: &Cx, kind: LetterKind, data: &FormData) -> LetterPreview {
    let reader: Option<UserId> = data.text("reader").parse().ok();
    let which = (kind, data.text("language"));
    let shown = match letters::preview_template(&cx.engine, &cx.scope, which, read(data), reader) {
        Ok(letter) => LetterPreview::new("Preview", &letter),
        Err(engine::Error::Invalid(issues)) => {
            let lines: Vec<_> = issues.into_iter().map(|issue| issue.message).collect();
            LetterPreview::none("Preview", lines.join(" "))
        }
        Err(error) => LetterPreview::none("Preview", error.to_string()),
    };
    shown.follows(FORM)
}

fn known(cx: &Cx, kind: LetterKind) -> Result<Table, Oops> {
    let info = kind.info();
    let mut table = Table::new("What may stand in braces", &["Written", "Becomes"]);
    let usable = |invites: bool, name: &str| {
        (info.invites || !invites) && (info.around || name != MESSAGE_PLACEHOLDER)
    };
    for found in LETTER_PLACEHOLDERS.iter().filter(|found| usable(found.invites, found.name)) {
        table = table.row([cell::mono(format!("{{{}}}", found.name)), cell::prose(found.about)]);
    }
    let columns: Vec<_> = cx.org(|org| {
        let own = org.organization.columns.iter();
        own.filter(|c| c.scope == domain::model::CustomScope::User).map(|c| c.name.clone()).collect()
    })?;
    for name in columns {
        table = table
            .row([cell::mono(format!("{{custom:{name}}}")), cell::prose("The user’s value in this column")]);
    }
    Ok(table)
}

pub async fn save(cx: Cx, Form(data): Form) -> Answer {
    let kind = kind(data.text("letter"))?;
    let which = (kind, data.text("language"));
    let seen = data.text("rev").parse().ok();
    let here = format!("{PATH}/edit?letter={}&language={}", kind.info().key, words::encoded(which.1));
    let reader: Option<UserId> = data.text("reader").parse().ok();
    let (engine, scope) = (&cx.engine, &cx.scope);
    let outcome = match data.text("act") {
        "preview" => {
            let (head, body) = page(&cx, kind, &data, &Wrong::default())?;
            return cx.page(Place::Letters, head, body);
        }
        "reset" => letters::remove_template(engine, scope, seen, which)
            .await
            .map(|()| "The usual text holds again.".to_owned()),
        "test" => letters::test_template(engine, scope, which, read(&data), reader)
            .await
            .map(|recipient| format!("It was sent to {recipient}. What you changed is not saved yet.")),
        _ => letters::edit_template(engine, scope, seen, which, read(&data))
            .await
            .map(|()| "Saved.".to_owned()),
    };
    match outcome {
        Ok(said) => cx.done(&here, said),
        Err(error) => {
            let (head, body) = page(&cx, kind, &data, &Wrong::of(error)?)?;
            cx.again(Place::Letters, head, body)
        }
    }
}
