//! The draft of the next version: writing it, looking at what it would do, publishing it.

use std::collections::BTreeMap;

use catalog::Liability;
use domain::model::Terms;
use door::{Form, FormData};
use engine::terms::{self, TermsInput};

use super::super::foretold;
use super::super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong, hidden_value};
use super::PATH;
use crate::parts::{Button, Card, EmptyState, Form as FormView, Head, Html, Icon, Note, Place, Tone};

const DRAFT: &str = "/dashboard/terms/draft";

/// The draft, if there is one, and the last version that was published.
async fn find(cx: &Cx) -> Result<(Option<Terms>, Option<Terms>), Oops> {
    let (drafts, published): (Vec<_>, Vec<_>) =
        terms::list(&cx.engine, &cx.scope).await?.into_iter().partition(|terms| terms.version == 0);
    Ok((drafts.into_iter().next(), published.into_iter().next()))
}

fn stored(terms: Option<&Terms>) -> FormData {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let Some(terms) = terms else {
        return FormData::new(vec![pair("main_language", "en"), pair("accept_again", "on")]);
    };
    let mut pairs: Vec<_> =
        terms.texts.iter().map(|(tag, text)| pair(&format!("text.{tag}"), text)).collect();
    pairs.push(pair("main_language", &terms.main_language));
    pairs.push(pair("liability", terms.liability.map_or("", Liability::key)));
    if terms.version == 0 {
        pairs.push(pair("changes", &terms.changes));
    }
    if terms.accept_again {
        pairs.push(pair("accept_again", "on"));
    }
    FormData::new(pairs)
}

/// The texts of a form: those that are there, and the one that is added.
fn texts(data: &FormData) -> BTreeMap<String, String> {
    let known = data.pairs().iter().filter_map(|(key, value)| Some((key.strip_prefix("text.")?, value)));
    let added = (data.text("new_language"), data.text("new_text"));
    let mut all: BTreeMap<String, String> = known
        .map(|(tag, text)| (tag.to_owned(), text.clone()))
        .filter(|(_, text)| !text.trim().is_empty())
        .collect();
    if !added.1.trim().is_empty() {
        all.insert(added.0.trim().to_owned(), added.1.to_owned());
    }
    all
}

fn input(data: &FormData) -> TermsInput {
    TermsInput {
        texts: texts(data),
        main_language: data.text("main_language").to_owned(),
        changes: data.text("changes").to_owned(),
        accept_again: data.ticked("accept_again"),
        liability: Liability::ALL.into_iter().find(|l| l.key() == data.text("liability")),
    }
}

fn form(cx: &Cx, exists: bool, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let tags: Vec<String> =
        data.pairs().iter().filter_map(|(key, _)| key.strip_prefix("text.").map(str::to_owned)).collect();
    let mut fields: Vec<_> = tags
        .iter()
        .map(|tag| {
            let key = format!("text.{tag}");
            entered
                .area(&key, &format!("Text in {}", super::list::language(tag)))
                .help("An empty line starts a paragraph. Empty removes the language.")
                .optional()
        })
        .collect();
    let first = tags.is_empty();
    fields.push(
        entered
            .text("new_language", if first { "Language" } else { "Another language" })
            .help("Such as en, de or pt-BR.")
            .optional(),
    );
    fields.push(entered.area("new_text", if first { "Text" } else { "Its text" }).optional());
    let everyone = (String::new(), "Everyone".to_owned());
    let who: Vec<_> = std::iter::once(everyone)
        .chain(Liability::ALL.map(|l| (l.key().to_owned(), l.label().to_owned())))
        .collect();
    fields.extend([
        entered
            .text("main_language", "For everybody else")
            .help("The language for people whose own there is no text in."),
        entered.segments("liability", "Who must accept", &who),
        entered
            .area("changes", "What is new")
            .help("Told to those who accepted an earlier version.")
            .optional(),
        entered.switch("accept_again", "Everybody accepts again").help(
            "Off for a correction: who accepted what was in force before need not accept this version.",
        ),
    ]);
    let mut buttons = vec![Button::submit("Save the draft"), Button::link("Cancel", PATH)];
    if exists {
        buttons.insert(1, Button::link("Review and publish …", format!("{DRAFT}/publish")));
    }
    let mut error = wrong.rest(&fields);
    if !wrong.on("texts").is_empty() {
        wrong.on("texts").clone_into(&mut error);
    }
    let form = FormView {
        id: "terms-form".into(),
        action: DRAFT.into(),
        hidden: cx.hidden(),
        error,
        fields,
        buttons,
    };
    let mut body: Vec<Html> = vec![Card::new("", form).into()];
    if exists {
        let remove = PostButton {
            action: format!("{DRAFT}/remove"),
            hidden: cx.hidden(),
            button: Button { label: "Throw the draft away".into(), small: true, ..Button::default() },
        };
        body.push(remove.into());
    }
    let lead = "Nobody sees the draft until it is published.";
    (Head::new("Draft of the terms", lead).under("Acceptable Use", PATH), body)
}

pub async fn show(cx: Cx) -> Answer {
    let (draft, last) = find(&cx).await?;
    let data = stored(draft.as_ref().or(last.as_ref()));
    let (head, body) = form(&cx, draft.is_some(), &data, &Wrong::default());
    cx.page(Place::TermsOfUse, head, body)
}

pub async fn save(cx: Cx, Form(data): Form) -> Answer {
    let (draft, _) = find(&cx).await?;
    let outcome = match &draft {
        Some(draft) => terms::edit(&cx.engine, &cx.scope, draft.id, None, input(&data)).await,
        None => terms::draft(&cx.engine, &cx.scope, input(&data)).await.map(drop),
    };
    match outcome {
        Ok(()) => {
            cx.done(&format!("{DRAFT}/publish"), "The draft was saved. Nobody sees it until it is published.")
        }
        Err(error) => {
            let (head, body) = form(&cx, draft.is_some(), &data, &Wrong::of(error)?);
            cx.again(Place::TermsOfUse, head, body)
        }
    }
}

pub async fn review(cx: Cx) -> Answer {
    publish_page(&cx, &Wrong::default(), false).await
}

async fn publish_page(cx: &Cx, wrong: &Wrong, again: bool) -> Answer {
    let (draft, last) = find(cx).await?;
    let Some(draft) = draft else {
        let empty = EmptyState {
            icon: Icon::Journal,
            title: "There is no draft".into(),
            text: "Write one first; then it is shown here as people will read it.".into(),
            actions: vec![Button::link("Write a new version", DRAFT)],
        };
        let head = Head::new("Publish the draft", "").under("Acceptable Use", PATH);
        return cx.page(Place::TermsOfUse, head, vec![Card::new("", empty).into()]);
    };
    let number = last.map_or(1, |terms| terms.version + 1);
    let title = format!("Publish version {number}");
    let again_text = if draft.accept_again {
        "Everybody who must accept is asked, whatever they accepted before."
    } else {
        "Who accepted what is in force now need not accept this version."
    };
    let note = Note {
        tone: Tone::Idle,
        title: super::list::who(&draft),
        text: Html::text(again_text),
        ..Note::default()
    };
    let mut body: Vec<Html> = vec![note.into()];
    if let Ok(edit) = terms::publication(&cx.engine, &cx.scope, draft.id).await {
        body.extend(foretold::of(cx, &edit).await);
    }
    body.extend(super::list::texts(&draft));
    let form = FormView {
        id: "publish-form".into(),
        action: format!("{DRAFT}/publish"),
        hidden: [cx.hidden(), vec![hidden_value("rev", draft.rev.to_string())]].concat(),
        error: wrong.rest(&[]),
        fields: Vec::new(),
        buttons: vec![Button::submit("Publish"), Button::link("Back to the draft", DRAFT)],
    };
    body.push(Card::new("", form).into());
    let head =
        Head::new(title, "What people will read, and what it does to devices.").under("Acceptable Use", PATH);
    if again { cx.again(Place::TermsOfUse, head, body) } else { cx.page(Place::TermsOfUse, head, body) }
}

pub async fn publish(cx: Cx, Form(data): Form) -> Answer {
    let (draft, _) = find(&cx).await?;
    let Some(draft) = draft else { return cx.done(PATH, "There is no draft.") };
    if data.text("rev") != draft.rev.to_string() {
        let wrong =
            Wrong::of(engine::Error::conflict("Somebody changed the draft meanwhile. Look at it again."))?;
        return publish_page(&cx, &wrong, true).await;
    }
    match terms::publish(&cx.engine, &cx.scope, draft.id).await {
        Ok(()) => cx.done(PATH, "The terms are in force."),
        Err(error) => publish_page(&cx, &Wrong::of(error)?, true).await,
    }
}

pub async fn discard(cx: Cx, _: Form) -> Answer {
    let (draft, _) = find(&cx).await?;
    if let Some(draft) = draft {
        terms::discard(&cx.engine, &cx.scope, draft.id).await?;
    }
    cx.done(PATH, "The draft was thrown away.")
}
