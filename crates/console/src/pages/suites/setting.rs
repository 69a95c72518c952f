//! A setting of the catalogue in the form: what it says, who obeys, its two values.

use catalog::{Category, Honour, Kind, Liability, Setting, Value};
use domain::model::PolicySuite;
use door::FormData;

use super::super::frame::Wrong;
use super::super::words;
use crate::parts::{Badge, Choice, Control, Html, Input, SettingGroup, SettingView};

/// Name of a value in the form, and of its issue.
pub fn field_name(column: Liability, setting: &Setting) -> String {
    format!("{}.{}", column.key(), setting.key)
}

/// The value as text of the form.
pub fn as_text(value: &Value) -> String {
    match value {
        Value::Unset => String::new(),
        Value::Bool(on) => on.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::List(items) => items.join("\n"),
    }
}

/// All settings of a category.
pub fn group(
    category: Category,
    suite: &PolicySuite,
    data: &FormData,
    wrong: &Wrong,
    may: bool,
) -> SettingGroup {
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
