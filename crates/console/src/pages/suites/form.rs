//! The draft of a suite: every setting of the catalogue, a corporate and an individual value each.

use std::collections::BTreeMap;

use catalog::{CATEGORIES, Liability, Permission, Values};
use domain::model::{PolicySuite, PolicySuiteId, SuiteValues};
use door::{Form, FormData, Path};
use engine::policy::{self, SuiteInput};
use engine::{Error, FieldIssue};

use super::super::frame::{Answer, Cx, Entered, FormAround, Wrong, hidden_value};
use super::super::words;
use super::head::{find, head, tabs};
use super::setting::{as_text, field_name, group};
use crate::parts::{Button, Card, Columns, Control, Html, Input, Note, Place, SaveBar, Tone, Widths};

fn stored(suite: &PolicySuite) -> FormData {
    let mut pairs =
        vec![("name".to_owned(), suite.name.clone()), ("description".to_owned(), suite.description.clone())];
    for column in Liability::ALL {
        for setting in catalog::settings() {
            let value = suite.draft.column(column).get(setting);
            pairs.push((field_name(column, setting), as_text(&value)));
        }
    }
    FormData::new(pairs)
}

/// Reads both columns; what does not fit is an issue beside its field, and nothing typed is lost.
fn read(data: &FormData) -> Result<SuiteValues, Vec<FieldIssue>> {
    let mut issues = Vec::new();
    let mut column = |liability: Liability| {
        let mut values = BTreeMap::new();
        for setting in catalog::settings() {
            let field = field_name(liability, setting);
            match setting.kind.parse(data.text(&field)) {
                Ok(value) if value == (setting.default)() => {}
                Ok(value) => drop(values.insert(setting.key.to_owned(), value)),
                Err(why) => issues.push(FieldIssue { field, message: why.0 }),
            }
        }
        Values(values)
    };
    let values =
        SuiteValues { corporate: column(Liability::Corporate), individual: column(Liability::Individual) };
    if issues.is_empty() { Ok(values) } else { Err(issues) }
}

pub async fn show(cx: Cx, Path(id): Path<PolicySuiteId>) -> Answer {
    let suite = find(&cx, id)?;
    let body = page(&cx, &suite, &stored(&suite), &Wrong::default());
    cx.page(Place::PolicySuites, head(&cx, &suite, lead(&suite)), body)
}

fn lead(suite: &PolicySuite) -> String {
    match &suite.published {
        None => "A draft. No device sees it before it is published.".into(),
        Some(revision) => {
            format!("You are editing the draft; devices keep revision {} until you publish.", revision.number)
        }
    }
}

fn page(cx: &Cx, suite: &PolicySuite, data: &FormData, wrong: &Wrong) -> Vec<Html> {
    let may = cx.can(Permission::PolicyEdit);
    let entered = Entered { data, wrong };
    let mut body: Vec<Html> = Vec::new();
    if !wrong.issues.is_empty() || !wrong.general.is_empty() {
        body.push(errors(wrong).into());
    }
    let mut fields =
        [entered.text("name", "Name"), entered.text("description", "What is it for?").optional()];
    for field in &mut fields {
        field.input.read_only = !may;
    }
    body.push(Card::new("", Columns::new(Widths::Two, fields.map(Html::from))).into());
    for category in CATEGORIES {
        body.push(group(*category, suite, data, wrong, may).into());
    }
    if may {
        body.push(
            SaveBar {
                text: "Saving keeps the draft; nothing reaches a device before you publish.".into(),
                buttons: vec![Button::submit("Save draft")],
            }
            .into(),
        );
    }
    let form = FormAround {
        id: "suite".into(),
        action: format!("/dashboard/policy-suites/{}", suite.id),
        hidden: [cx.hidden(), vec![hidden_value("rev", suite.rev.to_string())]].concat(),
        body,
    };
    vec![tabs(suite, "settings").into(), form.into()]
}

fn errors(wrong: &Wrong) -> Note {
    let mut lines: Vec<Html> = Vec::new();
    if !wrong.general.is_empty() {
        lines.push(Html::text(wrong.general.clone()));
    }
    for issue in &wrong.issues {
        let label = issue.field.split_once('.').and_then(|(column, key)| {
            let setting = catalog::setting(key)?;
            Some(format!("{}, {column}", setting.label))
        });
        let anchor = format!("#{}", Input::new(&issue.field, "", Control::Switch(false)).id);
        lines.push(Html::rich(
            "[{}]({}): {} ",
            &[label.as_deref().unwrap_or(&issue.field), &anchor, &issue.message],
        ));
    }
    Note::new(
        Tone::Bad,
        words::count(wrong.issues.len().max(1), "value has", "values have")
            + " to be looked at before the draft can be saved",
        Html::join(lines),
    )
}

pub async fn save(cx: Cx, Path(id): Path<PolicySuiteId>, Form(data): Form) -> Answer {
    let suite = find(&cx, id)?;
    let seen = data.text("rev").parse().ok();
    let saved = match read(&data) {
        Ok(draft) => {
            let input = SuiteInput {
                name: data.text("name").to_owned(),
                description: data.text("description").to_owned(),
                draft: Some(draft),
                template: None,
            };
            policy::edit_seen(&cx.engine, &cx.scope, id, seen, input).await
        }
        Err(issues) => Err(Error::Invalid(issues)),
    };
    match saved {
        Ok(()) => {
            let changes = policy::diff_with_published(&cx.engine, &cx.scope, id)?.len();
            let said = match changes {
                0 => "Saved. The draft is the same as what is published.".to_owned(),
                n => format!("Saved. {} not published yet.", words::count(n, "value is", "values are")),
            };
            cx.done(&format!("/dashboard/policy-suites/{id}"), said)
        }
        Err(error) => {
            let body = page(&cx, &suite, &data, &Wrong::of(error)?);
            cx.again(Place::PolicySuites, head(&cx, &suite, lead(&suite)), body)
        }
    }
}
