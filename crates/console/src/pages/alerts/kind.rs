//! One kind of alert: whether, how bad, who hears of it.

use catalog::{AlertKind, Permission, Severity};
use domain::model::{AlertRule, Messaging, Webhook};
use door::{Form, FormData};
use engine::{Error, FieldIssue, alerts};

use super::super::frame::{Answer, Cx, Entered, Oops, Wrong, hidden_value};
use super::{SETTINGS, people};
use crate::parts::{Button, Card, FieldView, Form as FormView, Head, Html, Place};

fn find(cx: &Cx, key: &str) -> Result<AlertKind, Oops> {
    let realm = alerts::realm(&cx.scope);
    let here = |kind: &AlertKind| kind.key() == key && kind.happens_in(realm);
    catalog::alert_kinds().find(here).ok_or_else(|| Oops::not_found("alert"))
}

fn stored(rule: &AlertRule) -> FormData {
    let severity = match rule.severity {
        Severity::Critical => "critical",
        Severity::Warning => "warning",
        Severity::Informational => "informational",
    };
    let mut pairs = vec![
        ("severity".to_owned(), severity.to_owned()),
        ("throttle_minutes".to_owned(), rule.throttle_minutes.to_string()),
        ("escalate_minutes".to_owned(), rule.escalate_minutes.to_string()),
    ];
    let ticks = [("on", rule.on), ("email", rule.email), ("tell_end", rule.tell_end)];
    pairs.extend(ticks.iter().filter(|(_, on)| *on).map(|(name, _)| ((*name).to_owned(), "on".to_owned())));
    pairs.extend(rule.webhooks.iter().map(|id| ("webhooks".to_owned(), id.to_string())));
    pairs.extend(people::stored(&rule.recipients));
    FormData::new(pairs)
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
    let recipients = people::entered(data, &mut issues);
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
        recipients,
        webhooks: data.all("webhooks").iter().filter_map(|id| id.parse().ok()).collect(),
        tell_end: data.ticked("tell_end"),
        throttle_minutes,
        escalate_minutes,
    })
}

/// Webhooks that can be told.
fn webhooks(messaging: &Messaging) -> Vec<(String, String, String)> {
    let state = |on: bool| if on { "" } else { " (off)" };
    let one = |w: &Webhook| (w.id.to_string(), w.name.clone(), format!("{}{}", w.url, state(w.on)));
    messaging.webhooks.iter().map(one).collect()
}

fn page(cx: &Cx, kind: &AlertKind, typed: Option<(&FormData, &Wrong)>) -> Result<(Head, Vec<Html>), Oops> {
    let (rev, messaging) = alerts::settings(&cx.engine, &cx.scope)?;
    let (stored, right) = (stored(&messaging.alerts.rule(kind)), Wrong::default());
    let (data, wrong) = typed.unwrap_or((&stored, &right));
    let may = cx.outside() || cx.can(Permission::ComplianceEdit);
    let own = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    let severities =
        [own("critical", "Critical"), own("warning", "Warning"), own("informational", "Informational")];
    let entered = Entered { data, wrong };
    let [who, addresses] = people::fields(cx, &entered);
    let mut fields = vec![
        entered.switch("on", "Raise an alert"),
        entered.segments("severity", "Severity", &severities),
        entered.switch("email", "Send mail"),
        who,
        addresses,
        entered.switch("tell_end", "Send mail when it is over as well"),
        entered
            .number("throttle_minutes", "Nothing more about the same for", (0, 43_200), "minutes")
            .help("The same alert about the same device or server is counted, not sent again."),
        entered
            .number("escalate_minutes", "Escalate after", (0, 10_080), "minutes")
            .help("When nobody has acknowledged it by then. 0: never."),
    ];
    let webhooks = webhooks(&messaging);
    if !webhooks.is_empty() {
        let help = "They hear of it at once, also in quiet hours, and of its end.";
        fields.insert(6, entered.ticks("webhooks", "Post to webhooks", &webhooks).help(help));
    }
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
    let kind = find(&cx, cx.asked("kind"))?;
    let (head, body) = page(&cx, &kind, None)?;
    cx.page(Place::AlertSettings, head, body)
}

pub async fn save(cx: Cx, Form(data): Form) -> Answer {
    let kind = find(&cx, data.text("kind"))?;
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
