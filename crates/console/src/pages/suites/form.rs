//! The draft of a suite: every setting of the catalogue, a corporate and an individual value each.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::{CATEGORIES, Category, Honour, Kind, Liability, Permission, Setting, Value, Values};
use domain::model::{PolicySuite, PolicySuiteId, SuiteValues};
use door::{Form, FormData, Path};
use engine::policy::{self, SuiteInput};
use engine::{Error, FieldIssue};

use super::super::frame::{Answer, Cx, Entered, FormAround, Oops, PostButton, Wrong, hidden_value};
use super::super::words;
use crate::parts::{
    Badge, Button, ButtonKind, Card, Chip, Choice, Columns, Control, Head, Html, Icon, Input, Menu, MenuItem,
    Note, Place, SaveBar, SettingGroup, SettingView, Tab, Tabs, Tone, Widths,
};

/// Name of a value in the form, and of its issue.
fn field_name(column: Liability, setting: &Setting) -> String {
    format!("{}.{}", column.key(), setting.key)
}

/// The value as text of the form.
fn as_text(value: &Value) -> String {
    match value {
        Value::Unset => String::new(),
        Value::Bool(on) => on.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::List(items) => items.join("\n"),
    }
}

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

/// Tabs of the pages of a suite.
pub fn tabs(suite: &PolicySuite, open: &str) -> Tabs {
    let href = |tail: &str| format!("/dashboard/policy-suites/{}{tail}", suite.id);
    let revision = suite.published.as_ref().map(|r| r.number.to_string()).unwrap_or_default();
    Tabs {
        label: suite.name.clone(),
        tabs: vec![
            Tab::new("Settings", href(""), open == "settings"),
            Tab::new("Review and publish", href("/publish"), open == "publish"),
            Tab::new("Revisions", href("/revisions"), open == "revisions").note(revision),
        ],
        swap: String::new(),
    }
}

/// The heading of the pages of a suite.
pub fn head(cx: &Cx, suite: &PolicySuite, lead: impl Into<Html>) -> Head {
    let differs = policy::diff_with_published(&cx.engine, &cx.scope, suite.id).map_or(0, |d| d.len());
    let chip = match &suite.published {
        None => Chip::new("Never published", Tone::Idle).icon(Icon::Edit),
        Some(_) if differs > 0 => {
            Chip::new(words::count(differs, "unpublished change", "unpublished changes"), Tone::Warn)
                .icon(Icon::Edit)
        }
        Some(revision) => Chip::new(format!("Revision {} in force", revision.number), Tone::Ok),
    };
    let mut head =
        Head::new(suite.name.clone(), lead).under("Policy Suites", "/dashboard/policy-suites").chip(chip);
    let href = |tail: &str| format!("/dashboard/policy-suites/{}/{tail}", suite.id);
    let default = cx.org(|org| org.organization.settings.default_suite == Some(suite.id)).unwrap_or(false);
    if default {
        head = head.chip(Chip::new("Default", Tone::Info).icon(Icon::Building));
    } else if suite.published.is_some() && cx.can(Permission::PolicyPublish) {
        head.actions.push(
            PostButton {
                action: href("default"),
                hidden: cx.hidden(),
                button: Button { label: "Make default".into(), ..Button::default() },
            }
            .into(),
        );
    }
    if cx.can(Permission::PolicyEdit) {
        let items = vec![
            MenuItem {
                label: "Copy".into(),
                icon: Some(Icon::Copy),
                href: href("copy"),
                ..MenuItem::default()
            },
            MenuItem {
                label: "Delete …".into(),
                icon: Some(Icon::Trash),
                href: href("delete"),
                danger: true,
                apart: true,
                ..MenuItem::default()
            },
        ];
        head.actions.push(Menu { id: "more".into(), label: "More".into(), icon_only: false, items }.into());
    }
    if differs > 0 {
        head = head.action(Button::link("Review and publish", href("publish")).kind(ButtonKind::Primary));
    }
    head
}

/// A suite by the id in the address.
pub fn find(cx: &Cx, id: PolicySuiteId) -> Result<Arc<PolicySuite>, Oops> {
    Ok(policy::get(&cx.engine, &cx.scope, id)?)
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

fn group(category: Category, suite: &PolicySuite, data: &FormData, wrong: &Wrong, may: bool) -> SettingGroup {
    let settings = catalog::settings().filter(|s| s.category == category);
    SettingGroup {
        id: format!("{category:?}").to_lowercase(),
        title: category.label().into(),
        lead: match category {
            Category::Security => "What a device must have before it gets mail.",
            Category::DeviceControl => {
                "What the device may do. Few of today’s mail clients obey; the badges say which."
            }
            Category::Sync => "How much mail and calendar reaches the device.",
            Category::Smime => "Signing and encrypting messages.",
        }
        .into(),
        columns: Liability::ALL.map(|l| l.label().to_owned()).to_vec(),
        settings: settings.map(|s| view(s, suite, data, wrong, may)).collect(),
    }
}

fn view(
    setting: &'static Setting,
    suite: &PolicySuite,
    data: &FormData,
    wrong: &Wrong,
    may: bool,
) -> SettingView {
    let id = format!("s-{}", setting.key.replace('.', "-"));
    let help = match setting.depends_on.and_then(catalog::setting) {
        Some(condition) => Html::text(format!("{} Matters only with “{}”.", setting.help, condition.label)),
        None => Html::text(setting.help),
    };
    let mut view = SettingView::new(id, setting.label, help).range(range(setting.kind));
    for (platform, honour) in setting.honoured {
        let (icon, word) = (words::platform_icon(*platform), platform.label());
        view = view.badge(match honour {
            Honour::Enforces => Badge::honoured(icon, word, "Enforces it"),
            Honour::Always => Badge::honoured(icon, word, "Always so on this platform"),
            Honour::Partly(why) => {
                Badge::honoured(icon, format!("{word}, partly"), format!("Enforces it in part: {why}"))
            }
            Honour::Ignores => Badge::ignored(icon, word, "Acknowledges it and does nothing"),
        });
    }
    let published = suite.published.as_ref().map(|r| &r.values);
    let drafted = Liability::ALL.iter().any(|column| {
        published.is_some_and(|p| p.column(*column).get(setting) != suite.draft.column(*column).get(setting))
    });
    if drafted {
        view = view.badge(Badge::mark("Changed in this draft"));
    }
    for column in Liability::ALL {
        let name = field_name(column, setting);
        let text = data.text(&name).to_owned();
        let label = format!("{}, {}", setting.label, column.label().to_lowercase());
        let mut input = Input::new(&name, label, control(setting.kind, &text));
        input.read_only = !may;
        let default = (setting.default)();
        let changed = text != as_text(&default);
        let was = if changed { setting.kind.words(&default) } else { String::new() };
        view = view.value(input, was, wrong.on(&name));
    }
    view
}

fn range(kind: Kind) -> String {
    match kind {
        Kind::Int { min, max, unit, optional } => {
            let open = if optional { "; empty is no limit" } else { "" };
            format!("{min} to {max} {unit}").trim_end().to_owned() + open
        }
        Kind::List { max_items, item, .. } => format!("One {item} a line, at most {max_items}"),
        _ => String::new(),
    }
}

fn control(kind: Kind, text: &str) -> Control {
    match kind {
        Kind::Bool => Control::Segments(vec![
            Choice::new("true", "Yes", text == "true"),
            Choice::new("false", "No", text != "true"),
        ]),
        Kind::Int { min, max, unit, .. } => {
            Control::Number { value: text.to_owned(), min: Some(min), max: Some(max), unit: unit.to_owned() }
        }
        Kind::Choice(options) => Control::Select(
            options
                .iter()
                .map(|(value, label)| Choice::new(value.to_string(), *label, value.to_string() == text))
                .collect(),
        ),
        Kind::List { .. } => Control::Area(text.to_owned()),
        Kind::Text { .. } | Kind::Version => Control::Text(text.to_owned(), "text"),
    }
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
