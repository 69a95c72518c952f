//! The settings of one rule: on or off, parameters, grace, what unknown means.

use std::collections::BTreeMap;

use catalog::{CommandKind, Kind, Params, Permission, Rule, RuleId, Value};
use domain::compliance::rule_config;
use domain::model::{LADDER_MINUTES, REMEDIATIONS, Remediation, RuleConfig};
use door::{Form, FormData, Path};
use engine::compliance::{self, AccessEdit};
use engine::{Error, FieldIssue};

use super::super::frame::{Answer, Cx, Entered, Oops, Wrong};
use super::{PATH, row};
use crate::parts::{Button, Card, FieldView, Form as FormView, Head, Html, Place};

fn find(key: &str) -> Result<&'static Rule, Oops> {
    RuleId::from_key(key).map(RuleId::entry).filter(|rule| !rule.fixed).ok_or(Oops::not_found("rule"))
}

fn as_text(value: &Value) -> String {
    match value {
        Value::Unset => String::new(),
        Value::Bool(on) => if *on { "on" } else { "" }.into(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::List(items) => items.join("\n"),
    }
}

/// A command's stored name.
fn key_of(command: CommandKind) -> String {
    serde_json::to_value(command).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn stored(rule: &Rule, config: &RuleConfig) -> FormData {
    let mut pairs = vec![("grace_minutes".to_owned(), config.grace_minutes.to_string())];
    if let Some(end) = config.remediation {
        let hours = end.after_minutes.div_ceil(60).to_string();
        pairs.extend([
            ("remediation".to_owned(), key_of(end.command)),
            ("remediation_hours".to_owned(), hours),
        ]);
    }
    let mut tick = |name: &str, on: bool| {
        if on {
            pairs.push((name.to_owned(), "on".to_owned()));
        }
    };
    tick("on", config.on);
    tick("unknown_is_violation", config.unknown_is_violation);
    for field in rule.fields {
        let text = as_text(&rule.param(&config.params, field.key));
        if !text.is_empty() {
            pairs.push((field.key.to_owned(), text));
        }
    }
    FormData::new(pairs)
}

pub async fn show(cx: Cx, Path(key): Path<String>) -> Answer {
    let rule = find(&key)?;
    let access = compliance::access(&cx.engine, &cx.scope)?;
    let (head, body) = form(&cx, rule, &stored(rule, &rule_config(&access, rule)), &Wrong::default());
    cx.page(Place::AccessRestrictions, head, body)
}

fn parameter(entered: &Entered<'_>, field: &'static catalog::Field) -> FieldView {
    let view = match field.kind {
        Kind::Bool => entered.switch(field.key, field.label),
        Kind::Int { min, max, unit, .. } => entered.number(field.key, field.label, (min, max), unit),
        Kind::Choice(options) => {
            let options: Vec<_> = options.iter().map(|(v, l)| (v.to_string(), (*l).to_owned())).collect();
            entered.select(field.key, field.label, &options)
        }
        Kind::List { .. } => entered.area(field.key, field.label).optional(),
        Kind::Text { .. } | Kind::Version => entered.text(field.key, field.label).optional(),
    };
    let optional = matches!(field.kind, Kind::Int { optional: true, .. });
    let view = view.help(field.help);
    if optional { view.optional() } else { view }
}

fn form(cx: &Cx, rule: &'static Rule, data: &FormData, wrong: &Wrong) -> (Head, Vec<Html>) {
    let may = cx.can(Permission::ComplianceEdit);
    let entered = Entered { data, wrong };
    let mut fields = vec![entered.switch("on", "The rule is on").help(rule.help)];
    fields.extend(rule.fields.iter().map(|f| parameter(&entered, f)));
    fields.push(
        entered
            .number("grace_minutes", "Grace", (0, 43_200), "minutes")
            .help("How long something may be wrong before it takes anything away."),
    );
    let ends = REMEDIATIONS.iter().map(|c| (key_of(*c), c.entry().label.to_owned()));
    let ends: Vec<_> = std::iter::once((String::new(), "Nothing more".to_owned())).chain(ends).collect();
    fields.push(entered.select("remediation", "When it lasts", &ends).help(
        "Ordered once for a violation, where it takes something away; it can be taken back until the device was \
         told. A full wipe is only for devices of the company: others lose the company’s account instead.",
    ));
    fields.push(
        entered
            .number("remediation_hours", "Ordered after", (1, i64::from(LADDER_MINUTES / 60)), "hours")
            .help("Counted from the violation, and not before it takes anything away.")
            .optional(),
    );
    fields.push(
        entered
            .switch("unknown_is_violation", "Unknown counts as broken")
            .help("When a fact that the rule needs is not known of a device. Usually it does not count."),
    );
    for field in &mut fields {
        field.input.read_only = !may;
    }
    let form = FormView {
        id: "rule-form".into(),
        action: format!("{PATH}/rules/{}", rule.id.key()),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: if may { vec![Button::submit("Save"), Button::link("Cancel", PATH)] } else { Vec::new() },
    };
    let head = Head::new(rule.label, rule.help)
        .under("Access Restrictions", PATH)
        .chip(row::severity(rule.severity));
    let told = Card::new("What the user is told to do", Html::text(rule.remedy));
    (head, vec![Card::new("", form).into(), told.into()])
}

fn read(rule: &Rule, data: &FormData) -> Result<RuleConfig, Error> {
    let mut issues = Vec::new();
    let mut params = BTreeMap::new();
    for field in rule.fields {
        match field.kind.parse(data.text(field.key)) {
            Ok(value) if value == (field.default)() => {}
            Ok(value) => drop(params.insert(field.key.to_owned(), value)),
            Err(why) => issues.push(FieldIssue { field: field.key.to_owned(), message: why.0 }),
        }
    }
    let grace = data.text("grace_minutes").parse::<u32>().ok().filter(|n| *n <= 43_200);
    if grace.is_none() {
        issues.push(FieldIssue {
            field: "grace_minutes".into(),
            message: "Enter 0 to 43200 minutes, which are 30 days.".into(),
        });
    }
    let remediation = remediation(data).unwrap_or_else(|issue| {
        issues.push(issue);
        None
    });
    if !issues.is_empty() {
        return Err(Error::Invalid(issues));
    }
    Ok(RuleConfig {
        remediation,
        on: data.ticked("on"),
        params: Params(params),
        unknown_is_violation: data.ticked("unknown_is_violation"),
        grace_minutes: grace.unwrap_or(0),
    })
}

/// The end of the ladder as it was entered.
fn remediation(data: &FormData) -> Result<Option<Remediation>, FieldIssue> {
    let Some(command) = REMEDIATIONS.into_iter().find(|c| key_of(*c) == data.text("remediation")) else {
        return Ok(None);
    };
    let hours = data.text("remediation_hours").trim().parse::<u32>().ok();
    match hours.filter(|hours| (1..=LADDER_MINUTES / 60).contains(hours)) {
        Some(hours) => Ok(Some(Remediation { command, after_minutes: hours * 60 })),
        None => Err(FieldIssue {
            field: "remediation_hours".into(),
            message: format!("Enter 1 to {} hours.", LADDER_MINUTES / 60),
        }),
    }
}

pub async fn save(cx: Cx, Path(key): Path<String>, Form(data): Form) -> Answer {
    let rule = find(&key)?;
    let saved = match read(rule, &data) {
        Ok(config) => {
            let edit = AccessEdit::Rule { rule: rule.id, config: Some(config) };
            compliance::edit_access(&cx.engine, &cx.scope, vec![edit]).await
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => cx.done(PATH, format!("“{}” was saved. Every device was looked at anew.", rule.label)),
        Err(error) => {
            let (head, body) = form(&cx, rule, &data, &Wrong::of(error)?);
            cx.again(Place::AccessRestrictions, head, body)
        }
    }
}
