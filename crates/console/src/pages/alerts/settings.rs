//! What holds for all alerts, and the kinds with what is in force.

use catalog::Permission;
use domain::model::{AlertRule, AlertSettings, QuietHours};
use door::{Form, FormData};
use engine::{Error, FieldIssue, alerts};

use super::super::frame::{Answer, Cx, Entered, Oops, Wrong, hidden_value};
use super::{PATH, SETTINGS, tone, word};
use crate::parts::{
    Button, Card, Chip, FieldView, Form as FormView, Head, Html, Note, Place, Table, Tone, cell,
};

fn time(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (hours.parse::<u16>().ok()?, minutes.parse::<u16>().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

fn stored(settings: &AlertSettings) -> FormData {
    let mut pairs = vec![
        ("digest_minutes".to_owned(), settings.digest_minutes.to_string()),
        (
            "escalate_to".to_owned(),
            settings.escalate_to.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        ),
    ];
    if let Some(quiet) = settings.quiet {
        pairs.push(("quiet_from".to_owned(), time(quiet.from)));
        pairs.push(("quiet_until".to_owned(), time(quiet.until)));
    }
    FormData::new(pairs)
}

/// The settings with what was entered for all alerts.
fn entered(data: &FormData, known: &AlertSettings) -> Result<AlertSettings, Error> {
    let mut issues = Vec::new();
    let mut wrong = |field: &str, message: String| issues.push(FieldIssue { field: field.into(), message });
    let digest_minutes = data.text("digest_minutes").parse().unwrap_or_else(|_| {
        wrong("digest_minutes", "Enter a whole number of minutes; 0 sends at once.".into());
        0
    });
    let quiet = match (data.text("quiet_from"), data.text("quiet_until")) {
        ("", "") => None,
        (from, until) => {
            let quiet = minute(from).zip(minute(until)).map(|(from, until)| QuietHours { from, until });
            if quiet.is_none_or(|quiet| quiet.from == quiet.until) {
                wrong(
                    "quiet_from",
                    "Enter two different times such as 22:00 and 06:00, or leave both empty.".into(),
                );
            }
            quiet
        }
    };
    let mut escalate_to = Vec::new();
    for line in data.lines("escalate_to") {
        match line.parse() {
            Ok(address) => escalate_to.push(address),
            Err(domain::names::NameError(why)) => wrong("escalate_to", format!("{line}: {why}")),
        }
    }
    if issues.is_empty() {
        Ok(AlertSettings { kinds: known.kinds.clone(), digest_minutes, quiet, escalate_to })
    } else {
        Err(Error::Invalid(issues))
    }
}

fn page(cx: &Cx, typed: Option<(&FormData, &Wrong)>) -> Result<(Head, Vec<Html>), Oops> {
    let (rev, messaging) = alerts::settings(&cx.engine, &cx.scope)?;
    let settings = &messaging.alerts;
    let (stored, right) = (stored(settings), Wrong::default());
    let (data, wrong) = typed.unwrap_or((&stored, &right));
    let may = cx.outside() || cx.can(Permission::ComplianceEdit);
    let entered = Entered { data, wrong };
    let mut fields = vec![
        entered
            .number("digest_minutes", "Gather mail for", (0, 1_440), "minutes")
            .help("What is not critical is sent together once in so many minutes. 0: each at once."),
        entered
            .text("quiet_from", "Quiet from")
            .help("In the time zone of the organization (of the installation: UTC), such as 22:00. What is critical is sent all the same.")
            .optional(),
        entered.text("quiet_until", "Quiet until").help("Such as 06:00.").optional(),
        entered
            .area("escalate_to", "Told when nobody acknowledges")
            .help("One address to a line; after how long is set for each alert.")
            .optional(),
    ];
    if !may {
        fields = fields.into_iter().map(FieldView::read_only).collect();
    }
    let form = FormView {
        id: "alert-settings-form".into(),
        action: SETTINGS.into(),
        hidden: [cx.hidden(), vec![hidden_value("rev", rev.to_string())]].concat(),
        error: wrong.rest(&fields),
        fields,
        buttons: if may { vec![Button::submit("Save")] } else { Vec::new() },
    };
    let mut body = Vec::new();
    let smtp = if cx.outside() { "organizations/smtp-server" } else { "smtp-server" };
    if !engine::mail::has_way_out(&cx.engine, cx.scope.organization()) {
        body.push(
            Note::new(
                Tone::Warn,
                "Alerts are shown in the console only",
                Html::rich("Mail needs an [SMTP server](/dashboard/{}).", &[smtp]),
            )
            .into(),
        );
    }
    body.push(Card::new("All alerts", form).into());
    body.push(Card::flush("What raises an alert", kinds(cx, settings)).into());
    let lead = if cx.outside() {
        "What happens to the installation itself: what is critical goes to all system administrators by mail."
    } else {
        "What is critical goes to all administrators by mail, the rest to the list, unless you say otherwise."
    };
    Ok((Head::new("Alert Settings", lead).action(Button::link("Alerts", PATH)), body))
}

fn kinds(cx: &Cx, settings: &AlertSettings) -> Table {
    let mut table = Table::new("What raises an alert", &["What", "Severity", "Told", "Changed"]).tall();
    let realm = alerts::realm(&cx.scope);
    for kind in catalog::alert_kinds().filter(|kind| kind.happens_in(realm)) {
        let key = kind.key();
        let rule = settings.rule(&kind);
        let changed = rule != AlertRule::of(&kind);
        let severity = if rule.on {
            Chip::new(word(rule.severity), tone(rule.severity))
        } else {
            Chip::new("Off", Tone::Idle)
        };
        let told = match (rule.on, rule.email, rule.webhooks.is_empty()) {
            (false, ..) => "nobody",
            (true, false, true) => "console",
            (true, true, true) => "console, mail",
            (true, false, false) => "console, webhooks",
            (true, true, false) => "console, mail, webhooks",
        };
        let label = kind.label().replace("{name}", "…").replace("{command}", "A command");
        let group = if kind.rule.is_some() { "compliance rule" } else { "event" };
        table = table.row([
            cell::lines(cell::open(format!("{SETTINGS}/kind?kind={key}"), label), group),
            severity.into(),
            Html::text(told),
            if changed { Chip::new("Changed", Tone::Info).into() } else { cell::muted("default") },
        ]);
    }
    table
}

pub async fn show(cx: Cx) -> Answer {
    let (head, body) = page(&cx, None)?;
    cx.page(Place::AlertSettings, head, body)
}

pub async fn save(cx: Cx, Form(data): Form) -> Answer {
    let (_, messaging) = alerts::settings(&cx.engine, &cx.scope)?;
    let seen = data.text("rev").parse().ok();
    let saved = match entered(&data, &messaging.alerts) {
        Ok(new) => alerts::edit_settings(&cx.engine, &cx.scope, seen, new).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => cx.done(SETTINGS, "Saved."),
        Err(error) => {
            let wrong = Wrong::of(error)?;
            let (head, body) = page(&cx, Some((&data, &wrong)))?;
            cx.again(Place::AlertSettings, head, body)
        }
    }
}
