//! The versions, and a version to read.

use catalog::{Permission, Report};
use domain::model::{Terms, TermsId};
use door::{Form, Path};
use engine::terms;

use super::super::frame::{Answer, Cx, PostButton};
use super::super::words;
use super::PATH;
use crate::parts::{
    Button, ButtonKind, Card, Chip, EmptyState, Fact, Facts, Head, Html, Icon, Note, Place, Table, Tone, cell,
};

/// The texts, each under its language.
pub fn texts(terms: &Terms) -> impl Iterator<Item = Html> {
    terms.texts.iter().map(|(tag, text)| Card::new(language(tag), Html::paragraphs(text)).into())
}

/// A language by its own name, as far as it is known.
pub fn language(tag: &str) -> String {
    let short = tag.split('-').next().unwrap_or_default();
    let name = catalog::language_by_key(tag).or_else(|| catalog::language_by_key(short));
    name.map_or_else(|| tag.to_owned(), |known| format!("{} ({tag})", known.name))
}

/// Who must accept, in words.
pub fn who(terms: &Terms) -> String {
    match terms.liability {
        None => "Everyone".into(),
        Some(liability) => format!("Users of devices with {}", liability.label().to_lowercase()),
    }
}

pub async fn show(cx: Cx) -> Answer {
    let all = terms::list(&cx.engine, &cx.scope).await?;
    let force = cx.org(|org| org.organization.terms.clone())?;
    let may = cx.can(Permission::OrganizationEdit);
    let has_draft = all.iter().any(|terms| terms.version == 0);
    let write =
        |label: &str| Button::link(label, format!("{PATH}/draft")).kind(ButtonKind::Primary).icon(Icon::Plus);
    let mut head = Head::new(
        "Acceptable Use",
        "The terms that people accept before their devices are managed, in versions. What somebody accepted is never changed.",
    );
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Journal,
            title: "Nobody has to accept anything yet".into(),
            text: "Once a version is published, people accept it when they enrol; the rule Terms not accepted can shut out who has not.".into(),
            actions: if may { vec![write("Write the terms")] } else { Vec::new() },
        };
        return cx.page(Place::TermsOfUse, head, vec![Card::new("", empty).into()]);
    }
    if may {
        head = head.action(write(if has_draft { "Edit the draft" } else { "Write a new version" }));
    }
    let mut table =
        Table::new("Versions", &["Version", "Published", "Languages", "Who", "Accepted by"]).tall();
    for terms in &all {
        let in_force = force.as_ref().is_some_and(|force| force.terms == terms.id);
        table = table.row(row(&cx, terms, in_force)?);
    }
    let mut body: Vec<Html> = Vec::new();
    match &force {
        Some(_) if may => body.push(in_force(&cx)),
        Some(_) => {}
        None => {
            let text =
                Html::text("People enrol without accepting anything. Publish the draft, or a new version.");
            body.push(
                Note { tone: Tone::Warn, title: "No terms are in force.".into(), text, ..Note::default() }
                    .into(),
            );
        }
    }
    body.push(Card::flush("", table).into());
    cx.page(Place::TermsOfUse, head, body)
}

fn in_force(cx: &Cx) -> Html {
    let withdraw = PostButton {
        action: format!("{PATH}/withdraw"),
        hidden: cx.hidden(),
        button: Button { label: "Take out of force".into(), small: true, ..Button::default() },
    };
    let report =
        Button::link("Who accepted them", format!("/dashboard/reports/{}", Report::TermsAccepted.info().key));
    Html::actions([report.small().into(), withdraw.into()])
}

fn row(cx: &Cx, terms: &Terms, in_force: bool) -> Result<[Html; 5], super::super::frame::Oops> {
    let languages: Vec<&str> = terms.texts.keys().map(String::as_str).collect();
    let (name, published) = match &terms.published {
        None => (cell::open(format!("{PATH}/draft"), "Draft"), Html::text("not published")),
        Some((at, by)) => {
            let link = cell::open(format!("{PATH}/{}", terms.id), format!("Version {}", terms.version));
            (link, cell::lines(Html::from(cx.ago(*at)), format!("by {}", by.name())))
        }
    };
    let chip = in_force.then(|| Html::from(Chip::new("in force", Tone::Ok)));
    let accepted = cx.org(|org| {
        org.users()
            .filter(|user| user.accepted.iter().any(|accepted| accepted.version == terms.version))
            .count()
    })?;
    let accepted = if terms.version == 0 { String::new() } else { words::count(accepted, "user", "users") };
    Ok([
        Html::join([Some(name), Some(Html::text(" ")), chip].into_iter().flatten()),
        published,
        Html::text(languages.join(", ")),
        Html::text(who(terms)),
        Html::text(accepted),
    ])
}

pub async fn read(cx: Cx, Path(id): Path<TermsId>) -> Answer {
    let terms = terms::get(&cx.engine, &cx.scope, id).await?;
    let title = if terms.version == 0 { "Draft".to_owned() } else { format!("Version {}", terms.version) };
    let head = Head::new(title, "As people read it.").under("Acceptable Use", PATH);
    let again = if terms.accept_again { "must accept this one" } else { "need not accept it again" };
    let mut facts =
        vec![Fact::new("Who must accept", who(&terms)), Fact::new("Who accepted an earlier version", again)];
    if !terms.changes.is_empty() {
        facts.push(Fact::new("What is new", terms.changes.clone()));
    }
    let mut body = vec![Card::new("", Facts::rows(facts)).into()];
    body.extend(texts(&terms));
    cx.page(Place::TermsOfUse, head, body)
}

pub async fn withdraw(cx: Cx, _: Form) -> Answer {
    terms::withdraw(&cx.engine, &cx.scope).await?;
    cx.done(PATH, "No terms are in force any more. Who accepted them stays on record.")
}
