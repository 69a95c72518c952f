//! All suites with their use, and a new one from a template.

use catalog::{Permission, Template};
use door::{Form, FormData};
use engine::policy::{self, Assignment, SuiteInput};

use super::super::frame::{Answer, Cx, Entered, Wrong};
use super::super::words;
use crate::parts::{
    Button, ButtonKind, Card, Chip, EmptyState, Form as FormView, Head, Html, Icon, Place, Table, Tone, cell,
};

/// Who has a suite, in words.
pub fn used(assignment: &Assignment) -> String {
    let mut words = Vec::new();
    if assignment.is_default {
        words.push("the organization’s default".to_owned());
    }
    if assignment.by_group > 0 {
        words.push(words::count(assignment.by_group, "group", "groups"));
    }
    if assignment.by_user > 0 {
        words.push(words::count(assignment.by_user, "user", "users"));
    }
    if assignment.by_device > 0 {
        words.push(words::count(assignment.by_device, "device", "devices") + " by hand");
    }
    if words.is_empty() { "nobody".into() } else { words.join(", ") }
}

pub async fn show(cx: Cx) -> Answer {
    let all = policy::list(&cx.engine, &cx.scope)?;
    let add = || {
        Button::link("Add suite", "/dashboard/policy-suites/add").kind(ButtonKind::Primary).icon(Icon::Plus)
    };
    let mut head = Head::new(
        "Policy Suites",
        "What is asked of devices. Edits stay a draft until they are published; devices then fetch the new revision by themselves.",
    );
    if cx.can(Permission::PolicyEdit) {
        head = head.action(add());
    }
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Shield,
            title: "There is no policy suite".into(),
            text: "Devices get a neutral policy that asks for nothing. Begin with a template.".into(),
            actions: vec![add()],
        };
        return cx.page(Place::PolicySuites, head, vec![Card::new("", empty).into()]);
    }
    let columns = &["Suite", "State", "Assigned by", "In force on", "Published"];
    let mut table = Table::new("Policy suites", columns).tall();
    for (suite, assignment) in &all {
        let state = match &suite.published {
            None => Chip::new("Draft, never published", Tone::Idle).icon(Icon::Edit),
            Some(revision) if revision.values != suite.draft => {
                Chip::new("Draft differs", Tone::Warn).icon(Icon::Edit)
            }
            Some(_) => Chip::new("Published", Tone::Ok),
        };
        let published = match &suite.published {
            Some(revision) => cell::lines(
                Html::join([
                    Html::text(format!("Revision {}, ", revision.number)),
                    cx.ago(revision.published_at).into(),
                ]),
                words::actor(&revision.published_by),
            ),
            None => cell::none(),
        };
        table = table.row([
            cell::lines(
                cell::open(format!("/dashboard/policy-suites/{}", suite.id), &suite.name),
                suite.description.clone(),
            ),
            state.into(),
            cell::prose(used(assignment)),
            cell::link(
                format!("/dashboard/devices?suite={}", suite.id),
                words::count(assignment.devices, "device", "devices"),
            ),
            published,
        ]);
    }
    cx.page(Place::PolicySuites, head, vec![Card::flush("", table).into()])
}

pub async fn add_show(cx: Cx) -> Answer {
    let data = FormData::new(vec![("template".into(), "moderate".into())]);
    let (head, body) = form(&cx, &data, &Wrong::default());
    cx.page(Place::PolicySuites, head, body)
}

fn form(cx: &Cx, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let templates = Template::ALL.map(|t| (t.key().to_owned(), t.label().to_owned(), t.help().to_owned()));
    let fields = vec![
        entered.text("name", "Name"),
        entered.text("description", "What is it for?").optional(),
        entered.radio("template", "Begin with", &templates),
    ];
    let form = FormView {
        id: "suite-form".into(),
        action: "/dashboard/policy-suites/add".into(),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Make a draft"), Button::link("Cancel", "/dashboard/policy-suites")],
    };
    let head =
        Head::new("Add policy suite", "A draft that no device sees before it is published and assigned.")
            .under("Policy Suites", "/dashboard/policy-suites");
    (head, vec![Card::new("", form).into()])
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
    let input = SuiteInput {
        name: data.text("name").to_owned(),
        description: data.text("description").to_owned(),
        draft: None,
        template: Some(data.text("template").to_owned()),
    };
    match policy::create(&cx.engine, &cx.scope, input).await {
        Ok(id) => cx.done(&format!("/dashboard/policy-suites/{id}"), "The draft was made."),
        Err(error) => {
            let (head, body) = form(&cx, &data, &Wrong::of(error)?);
            cx.again(Place::PolicySuites, head, body)
        }
    }
}
