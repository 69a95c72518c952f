//! The review before publishing, the revisions, and the way back.

use catalog::Permission;
use domain::model::PolicySuiteId;
use domain::policy::{Difference, Direction};
use door::{Form, FormData, Path};
use engine::compliance;
use engine::policy;

use super::super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong, hidden_value};
use super::super::{foretold, words};
use super::head;
use crate::parts::{
    Button, ButtonKind, Card, Change, Columns, Diff, Effect, EmptyState, Fact, Facts, Form as FormView, Html,
    Icon, Place, Table, Widths, cell,
};

fn change(difference: &Difference) -> Change {
    Change {
        what: difference.label.clone(),
        scope: difference.column.label().to_lowercase(),
        from: difference.from.clone(),
        to: difference.to.clone(),
        effect: match difference.direction {
            Direction::Stricter => Effect::Stricter,
            Direction::Milder => Effect::Looser,
            Direction::Other => Effect::Neutral,
        },
    }
}

pub async fn show(cx: Cx, Path(id): Path<PolicySuiteId>) -> Answer {
    page(&cx, id, &FormData::default(), &Wrong::default(), false).await
}

async fn page(cx: &Cx, id: PolicySuiteId, data: &FormData, wrong: &Wrong, again: bool) -> Answer {
    let suite = head::find(cx, id)?;
    let differences = policy::diff_with_published(&cx.engine, &cx.scope, id)?;
    let lead = "What would change, and what devices will notice.";
    let head = head::head(cx, &suite, lead);
    let tabs = head::tabs(&suite, "publish").into();
    if differences.is_empty() && suite.published.is_some() {
        let empty = EmptyState {
            icon: Icon::Ok,
            title: "Nothing to publish".into(),
            text: "The draft is the same as what is published.".into(),
            actions: vec![Button::link("Back to the settings", format!("/dashboard/policy-suites/{id}"))],
        };
        return cx.page(Place::PolicySuites, head, vec![tabs, Card::new("", empty).into()]);
    }
    let touched = policy::affected_count(&cx.engine, &cx.scope, id)?;
    let using = using(cx, id)?;
    let next = suite.published.as_ref().map_or(1, |r| r.number + 1);
    let stricter = differences.iter().filter(|d| d.direction == Direction::Stricter).count();
    let consequence = Html::rich(
        "**{}** fetch revision {} by themselves, those that wait for mail within seconds. {} stricter: until a phone has taken them, it counts as out of date.",
        &[
            &words::count(touched, "device will", "devices will"),
            &next.to_string(),
            &words::count(stricter, "value is", "values are"),
        ],
    );
    let diff = Diff { changes: differences.iter().map(change).collect(), consequence };
    let facts = Facts::rows([
        Fact::new("Becomes", format!("Revision {next}")),
        Fact::new("Changes", words::count(differences.len(), "value", "values")),
        Fact::new(
            "Touches",
            format!("{} of {}", words::grouped(touched), words::count(using, "device", "devices")),
        )
        .source("only those whose policy really becomes another"),
    ]);
    let mut right = vec![Card::new("What happens", facts).into()];
    if cx.can(Permission::PolicyPublish) {
        let entered = Entered { data, wrong };
        let fields = vec![
            entered
                .area("note", "What is it for?")
                .help("Stands beside the revision, and in the journal.")
                .optional(),
        ];
        let form = FormView {
            id: "publish-form".into(),
            action: format!("/dashboard/policy-suites/{id}/publish"),
            hidden: cx.hidden(),
            error: wrong.rest(&fields),
            fields,
            buttons: vec![Button::submit(format!("Publish revision {next}"))],
        };
        right.push(Card::new("", form).into());
    }
    let title = match &suite.published {
        Some(revision) => format!("Changes from revision {}", revision.number),
        None => "What this suite asks for".into(),
    };
    let mut left = match compliance::publication(&cx.engine, &cx.scope, id) {
        Ok(edit) => foretold::of(cx, &edit).await,
        Err(_) => Vec::new(),
    };
    left.push(Card::new(title, diff).into());
    let body = vec![tabs, Columns::new(Widths::TwoToOne, [Html::stack(left), Html::stack(right)]).into()];
    if again { cx.again(Place::PolicySuites, head, body) } else { cx.page(Place::PolicySuites, head, body) }
}

fn using(cx: &Cx, id: PolicySuiteId) -> Result<usize, Oops> {
    let all = policy::list(&cx.engine, &cx.scope)?;
    Ok(all.iter().find(|(s, _)| s.id == id).map_or(0, |(_, a)| a.devices))
}

pub async fn publish(cx: Cx, Path(id): Path<PolicySuiteId>, Form(data): Form) -> Answer {
    match policy::publish(&cx.engine, &cx.scope, id, data.text("note")).await {
        Ok(number) => cx.done(
            &format!("/dashboard/policy-suites/{id}"),
            format!("Revision {number} was published. Devices fetch it by themselves."),
        ),
        Err(error) => page(&cx, id, &data, &Wrong::of(error)?, true).await,
    }
}

pub async fn revisions(cx: Cx, Path(id): Path<PolicySuiteId>) -> Answer {
    let suite = head::find(&cx, id)?;
    let all = policy::revisions(&cx.engine, &cx.scope, id).await?;
    let head = head::head(&cx, &suite, "What was in force, when, and who published it.");
    let tabs = head::tabs(&suite, "revisions").into();
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Journal,
            title: "Never published".into(),
            text: "Each publication becomes a revision that is never changed.".into(),
            actions: Vec::new(),
        };
        return cx.page(Place::PolicySuites, head, vec![tabs, Card::new("", empty).into()]);
    }
    let columns = &["Revision", "Published", "What for", "What it changed", ""];
    let mut table = Table::new("Revisions", columns).tall();
    for (index, revision) in all.iter().enumerate() {
        let nothing = domain::model::SuiteValues::default();
        let before = all.get(index + 1).map_or(&nothing, |r| &r.values);
        let changes = domain::policy::diff(before, &revision.values);
        let mut sentences: Vec<String> = changes.iter().take(4).map(Difference::sentence).collect();
        if changes.len() > 4 {
            sentences.push(format!("and {} more", changes.len() - 4));
        }
        let back: Html = if index > 0 && cx.can(Permission::PolicyPublish) {
            PostButton {
                action: format!("/dashboard/policy-suites/{id}/roll-back"),
                hidden: [cx.hidden(), vec![hidden_value("to", revision.number.to_string())]].concat(),
                button: Button {
                    label: "Go back to it".into(),
                    icon: Some(Icon::Undo),
                    kind: ButtonKind::Danger,
                    small: true,
                    ..Button::default()
                },
            }
            .into()
        } else {
            Html::text(if index == 0 { "in force" } else { "" })
        };
        table = table.row([
            Html::text(format!("Revision {}", revision.number)),
            cell::lines(cx.ago(revision.published_at), words::actor(&revision.published_by)),
            cell::prose(revision.note.clone()),
            cell::prose(sentences.join("; ")),
            back,
        ]);
    }
    let card = Card::flush("Revisions", table)
        .footer("Going back publishes the old values as a new revision; the draft becomes the same.");
    cx.page(Place::PolicySuites, head, vec![tabs, card.into()])
}

pub async fn roll_back(cx: Cx, Path(id): Path<PolicySuiteId>, Form(data): Form) -> Answer {
    let page = format!("/dashboard/policy-suites/{id}/revisions");
    let Ok(to) = data.text("to").parse() else { return Err(Oops::not_found("revision")) };
    match policy::roll_back(&cx.engine, &cx.scope, id, to).await {
        Ok(number) => {
            cx.done(&page, format!("The values of revision {to} are in force again, as revision {number}."))
        }
        Err(error) => cx.failed(&page, Wrong::of(error)?.rest(&[])),
    }
}
