//! Copying a suite, deleting it, making it the default.

use domain::model::{PolicySuite, PolicySuiteId};
use door::{Form, FormData, Path};
use engine::approvals::Edit;
use engine::policy;

use super::super::foretold::{self, Ask};
use super::super::frame::{Answer, Cx, Entered, Wrong};
use super::{head, list};
use crate::parts::{Button, Card, Columns, Danger, Fact, Form as FormView, Head, Html, Loss, Place, Widths};

fn head(suite: &PolicySuite, title: &str, lead: &str) -> Head {
    Head::new(title, lead)
        .under("Policy Suites", "/dashboard/policy-suites")
        .under(suite.name.clone(), format!("/dashboard/policy-suites/{}", suite.id))
}

pub async fn copy_show(cx: Cx, Path(id): Path<PolicySuiteId>) -> Answer {
    let suite = head::find(&cx, id)?;
    let data = FormData::new(vec![("name".into(), format!("Copy of {}", suite.name))]);
    let body = copy_form(&cx, &suite, &data, &Wrong::default());
    cx.page(
        Place::PolicySuites,
        head(&suite, "Copy suite", "The draft is copied; the copy is not published."),
        body,
    )
}

fn copy_form(cx: &Cx, suite: &PolicySuite, data: &FormData, wrong: &Wrong) -> Vec<Html> {
    let entered = Entered { data, wrong };
    let fields = vec![entered.text("name", "Name of the copy")];
    let form = FormView {
        id: "copy-form".into(),
        action: format!("/dashboard/policy-suites/{}/copy", suite.id),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![
            Button::submit("Copy"),
            Button::link("Cancel", format!("/dashboard/policy-suites/{}", suite.id)),
        ],
    };
    vec![Card::new("", form).into()]
}

pub async fn copy(cx: Cx, Path(id): Path<PolicySuiteId>, Form(data): Form) -> Answer {
    let suite = head::find(&cx, id)?;
    match policy::copy(&cx.engine, &cx.scope, id, data.text("name")).await {
        Ok(new) => cx.done(&format!("/dashboard/policy-suites/{new}"), "The copy is a draft of its own."),
        Err(error) => {
            let body = copy_form(&cx, &suite, &data, &Wrong::of(error)?);
            cx.again(Place::PolicySuites, head(&suite, "Copy suite", ""), body)
        }
    }
}

pub async fn delete_ask(cx: Cx, Path(id): Path<PolicySuiteId>) -> Answer {
    delete_page(&cx, id, &FormData::default(), String::new())
}

fn delete_page(cx: &Cx, id: PolicySuiteId, data: &FormData, error: String) -> Answer {
    let suite = head::find(cx, id)?;
    let all = policy::list(&cx.engine, &cx.scope)?;
    let used = all.iter().find(|(s, _)| s.id == id).map(|(_, a)| *a).unwrap_or_default();
    let in_use = used.is_in_use();
    let wrong = Wrong::default();
    let entered = Entered { data, wrong: &wrong };
    let mut others = vec![(String::new(), "Choose a suite".to_owned())];
    others.extend(
        all.iter()
            .filter(|(s, _)| s.id != id && s.published.is_some())
            .map(|(s, _)| (s.id.to_string(), s.name.clone())),
    );
    let failed = !error.is_empty();
    let danger = Danger {
        id: "delete".into(),
        title: format!("Delete “{}”?", suite.name),
        lead: "Devices never stay without a policy: whoever has this suite gets the replacement.".into(),
        facts: vec![Fact::new("Assigned by", list::used(&used))],
        losses: vec![
            Loss { text: "The draft and all revisions of this suite".into(), kept: false },
            Loss { text: "What the journal says about it".into(), kept: true },
        ],
        fields: if in_use {
            vec![entered.select("replacement", "Replacement", &others).help("Must be published.")]
        } else {
            Vec::new()
        },
        name: suite.name.clone(),
        action: format!("/dashboard/policy-suites/{id}/delete"),
        hidden: cx.hidden(),
        verb: "Delete the suite".into(),
        cancel: format!("/dashboard/policy-suites/{id}"),
        standalone: true,
        error,
        ..Danger::default()
    };
    let body = vec![Columns::new(Widths::Two, [danger.into()]).into()];
    let head = head(&suite, "Delete suite", "");
    if failed { cx.again(Place::PolicySuites, head, body) } else { cx.page(Place::PolicySuites, head, body) }
}

pub async fn delete(cx: Cx, Path(id): Path<PolicySuiteId>, Form(data): Form) -> Answer {
    let suite = head::find(&cx, id)?;
    if data.text("confirm") != suite.name {
        return delete_page(
            &cx,
            id,
            &data,
            "The typed name is not this suite’s name. Nothing was deleted.".into(),
        );
    }
    match policy::remove(&cx.engine, &cx.scope, id, data.text("replacement").parse().ok()).await {
        Ok(()) => cx.done("/dashboard/policy-suites", format!("“{}” was deleted.", suite.name)),
        Err(error) => delete_page(&cx, id, &data, Wrong::of(error)?.rest(&[])),
    }
}

pub async fn make_default(cx: Cx, Path(id): Path<PolicySuiteId>, Form(data): Form) -> Answer {
    let page = format!("/dashboard/policy-suites/{id}");
    let ask = Ask {
        place: Place::PolicySuites,
        head: Head::new(
            "Review before it becomes the default",
            "What devices without another suite would lose or get back.",
        )
        .under("Policy Suites", "/dashboard/policy-suites"),
        edit: Edit::DefaultSuite(id),
        action: format!("{page}/make-default"),
        back: page,
    };
    if let Some(review) = foretold::review(&cx, ask, &data).await? {
        return Ok(review);
    }
    match policy::assign_default(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done("/dashboard/policy-suites", "It is the organization’s default now."),
        Err(error) => cx.failed(&format!("/dashboard/policy-suites/{id}"), Wrong::of(error)?.rest(&[])),
    }
}
