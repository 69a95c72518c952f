//! One kind of alert: whether, how bad, who hears of it.

use catalog::{AlertKind, Permission, Severity};
use domain::model::{AdministratorId, AlertRule, Recipients, RoleId, RoleRef};
use door::{Form, FormData};
use engine::{Error, FieldIssue, alerts};

use super::super::frame::{Answer, Cx, Entered, Oops, Wrong, hidden_value};
use super::SETTINGS;
use crate::parts::{Button, Card, FieldView, Form as FormView, Head, Html, Place};

fn find(key: &str) -> Result<AlertKind, Oops> {
    catalog::alert_kinds().find(|kind| kind.key() == key).ok_or_else(|| Oops::not_found("alert"))
}

fn stored(rule: &AlertRule) -> FormData {
    let to = &rule.recipients;
    let severity = match rule.severity {
        Severity::Critical => "critical",
        Severity::Warning => "warning",
        Severity::Informational => "informational",
    };
    let mut pairs = vec![
        ("severity".to_owned(), severity.to_owned()),
        ("throttle_minutes".to_owned(), rule.throttle_minutes.to_string()),
        ("escalate_minutes".to_owned(), rule.escalate_minutes.to_string()),
        ("addresses".to_owned(), to.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    ];
    let ticks = [("on", rule.on), ("email", rule.email)];
    pairs.extend(ticks.iter().filter(|(_, on)| *on).map(|(name, _)| ((*name).to_owned(), "on".to_owned())));
    let mut who = |value: String| pairs.push(("who".to_owned(), value));
    if to.all_administrators {
        who("all".into());
    }
    if to.user {
        who("user".into());
    }
    for id in &to.administrators {
        who(id.to_string());
    }
    for role in &to.roles {
        who(role_value(role));
    }
    FormData::new(pairs)
}

fn role_value(role: &RoleRef) -> String {
    match role {
        RoleRef::Predefined(key) => format!("role:{key}"),
        RoleRef::Custom(id) => id.to_string(),
    }
}

fn entered(data: &FormData) -> Result<AlertRule, Error> {
    let mut issues = Vec::new();
    let mut number = |name: &str| {
        data.text(name).parse::<u32>().unwrap_or_else(|_| {
            let message = "Enter a whole number of minutes.".to_owned();
            issues.push(FieldIssue { field: name.into(), message });
            0
        })
    };
    let (throttle_minutes, escalate_minutes) = (number("throttle_minutes"), number("escalate_minutes"));
    let mut to = Recipients::default();
    for who in data.all("who") {
        if who == "all" {
            to.all_administrators = true;
        } else if who == "user" {
            to.user = true;
        } else if let Some(key) = who.strip_prefix("role:") {
            to.roles.push(RoleRef::Predefined(key.to_owned()));
        } else if let Ok(id) = who.parse::<RoleId>() {
            to.roles.push(RoleRef::Custom(id));
        } else if let Ok(id) = who.parse::<AdministratorId>() {
            to.administrators.push(id);
        }
    }
    for line in data.lines("addresses") {
        match line.parse() {
            Ok(address) => to.addresses.push(address),
            Err(domain::names::NameError(why)) => {
                issues.push(FieldIssue { field: "addresses".into(), message: format!("{line}: {why}") });
            }
        }
    }
    if !issues.is_empty() {
        return Err(Error::Invalid(issues));
    }
    let severity = match data.text("severity") {
        "critical" => Severity::Critical,
        "informational" => Severity::Informational,
        _ => Severity::Warning,
    };
    Ok(AlertRule {
        on: data.ticked("on"),
        severity,
        email: data.ticked("email"),
        recipients: to,
        throttle_minutes,
        escalate_minutes,
    })
}

/// Everybody who can be told.
fn people(cx: &Cx) -> Vec<(String, String, String)> {
    let mut all = vec![
        (
            "all".to_owned(),
            "All administrators".to_owned(),
            "with an address, of this organization".to_owned(),
        ),
        ("user".to_owned(), "The user".to_owned(), "whose device it is about".to_owned()),
    ];
    all.extend(catalog::PREDEFINED_ROLES.iter().map(|role| {
        (
            format!("role:{}", role.key),
            format!("Role {}", role.name),
            "administrators with this role".to_owned(),
        )
    }));
    let custom = cx.org(engine::OrgIndex::roles).unwrap_or_default();
    all.extend(custom.iter().map(|role| {
        (role.id.to_string(), format!("Role {}", role.name), "administrators with this role".to_owned())
    }));
    let admins = cx.engine.directory().administrators(cx.scope.organization());
    all.extend(admins.iter().take(100).map(|admin| {
        let address = if admin.email.is_empty() { "has no address" } else { &admin.email };
        (admin.id.to_string(), admin.display_name.clone(), address.to_owned())
    }));
    all
}

fn page(cx: &Cx, kind: &AlertKind, typed: Option<(&FormData, &Wrong)>) -> Result<(Head, Vec<Html>), Oops> {
    let (rev, messaging) = alerts::settings(&cx.engine, &cx.scope)?;
    let (stored, right) = (stored(&messaging.alerts.rule(kind)), Wrong::default());
    let (data, wrong) = typed.unwrap_or((&stored, &right));
    let may = cx.can(Permission::ComplianceEdit);
    let own = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    let severities =
        [own("critical", "Critical"), own("warning", "Warning"), own("informational", "Informational")];
    let entered = Entered { data, wrong };
    let mut fields = vec![
        entered.switch("on", "Raise an alert"),
        entered.segments("severity", "Severity", &severities),
        entered.switch("email", "Send mail"),
        entered.ticks("who", "Mail goes to", &people(cx)),
        entered.area("addresses", "And to these addresses").help("One to a line.").optional(),
        entered
            .number("throttle_minutes", "No more mail about the same for", (0, 43_200), "minutes")
            .help("The same alert about the same device or server is counted, not sent again."),
        entered
            .number("escalate_minutes", "Escalate after", (0, 10_080), "minutes")
            .help("When nobody has acknowledged it by then. 0: never."),
    ];
    if !may {
        fields = fields.into_iter().map(FieldView::read_only).collect();
    }
    let form = FormView {
        id: "alert-kind-form".into(),
        action: format!("{SETTINGS}/kind"),
        hidden: [cx.hidden(), vec![hidden_value("rev", rev.to_string()), hidden_value("kind", kind.key())]]
            .concat(),
        error: wrong.rest(&fields),
        fields,
        buttons: if may { vec![Button::submit("Save")] } else { Vec::new() },
    };
    let label = kind.label().replace("{name}", "…").replace("{command}", "A command");
    let lead = kind.rule.map_or("", |rule| rule.remedy);
    let head = Head::new(label, lead).under("Alert Settings", SETTINGS);
    Ok((head, vec![Card::new("", form).into()]))
}

pub async fn show(cx: Cx) -> Answer {
    if cx.asked("kind").is_empty() {
        return super::settings::show(cx).await;
    }
    let kind = find(cx.asked("kind"))?;
    let (head, body) = page(&cx, &kind, None)?;
    cx.page(Place::AlertSettings, head, body)
}

pub async fn save(cx: Cx, Form(data): Form) -> Answer {
    let kind = find(data.text("kind"))?;
    let (_, messaging) = alerts::settings(&cx.engine, &cx.scope)?;
    let seen = data.text("rev").parse().ok();
    let saved = match entered(&data) {
        Ok(rule) => {
            let mut new = messaging.alerts.clone();
            new.kinds.insert(kind.key(), rule);
            alerts::edit_settings(&cx.engine, &cx.scope, seen, new).await
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => cx.done(SETTINGS, "Saved."),
        Err(error) => {
            let mut wrong = Wrong::of(error)?;
            // The engine names a field by kind; the form has one kind only.
            let prefix = format!("kinds.{}.", kind.key());
            for issue in &mut wrong.issues {
                if let Some(field) = issue.field.strip_prefix(&prefix) {
                    issue.field = if field == "recipients" { "who".into() } else { field.to_owned() };
                }
            }
            let (head, body) = page(&cx, &kind, Some((&data, &wrong)))?;
            cx.again(Place::AlertSettings, head, body)
        }
    }
}
