//! From an entry of the journal to an alert that is raised, raised once more, or closed.

use catalog::{ALERT_EVENTS, AlertKind, FINDING_BEGAN, RuleId, Severity};
use domain::Millis;
use domain::mail::{Line, MailAddress};
use domain::model::{Alert, AlertRule, AlertState, JournalRow};
use serde_json::Value;
use store::{Tx, repo};

use super::{entry, recipients, time};
use crate::mail::{self, Letter};
use crate::{Engine, Entropy, Error, Result};

/// What an entry means for alerts.
pub(super) enum Step {
    /// Somebody should know.
    Raise(Box<Raise>),
    /// What alerts about a subject were about is over: their kinds, with whether their end is told.
    Close(Vec<(String, bool)>, String),
}

/// An alert to be raised, with everything that was looked up for it.
pub(super) struct Raise {
    alert: Alert,
    throttle: Millis,
    escalate: Millis,
    email: bool,
    /// When mail goes out; at once if that is not later.
    mail_at: Millis,
}

/// What an entry means; nothing if nobody wants to know.
pub(super) fn steps(engine: &Engine, row: &JournalRow) -> Vec<Step> {
    let rule = rule(row);
    let Some(messaging) = engine.directory.messaging(row.organization) else { return Vec::new() };
    let settings = &messaging.alerts;
    let ended: Vec<(String, bool)> = ALERT_EVENTS
        .iter()
        .filter(|entry| entry.ended_by.contains(&row.event.as_str()))
        .filter_map(|entry| catalog::alert_kind(entry.event, rule.filter(|_| entry.event == FINDING_BEGAN)))
        .map(|kind| (kind.key(), settings.rule(&kind).tell_end))
        .collect();
    // What ends one alert may be another: a webhook that is paused fails no more.
    let closes = (!ended.is_empty()).then(|| Step::Close(ended, row.subject.clone()));
    let kind = catalog::alert_kind(&row.event, rule.filter(|_| row.event == FINDING_BEGAN));
    let raises = kind.map(|kind| (kind, settings.rule(&kind))).filter(|(_, rule)| rule.on);
    let raises = raises.map(|(kind, rule)| Step::Raise(Box::new(raise(engine, row, &kind, &rule))));
    closes.into_iter().chain(raises).collect()
}

fn rule(row: &JournalRow) -> Option<RuleId> {
    serde_json::from_value(row.body.as_ref()?.get("rule")?.clone()).ok()
}

fn raise(engine: &Engine, row: &JournalRow, kind: &AlertKind, rule: &AlertRule) -> Raise {
    let found = recipients::subject(engine, row);
    let text = |key: &str| row.body.as_ref().and_then(|body| body.get(key)).and_then(Value::as_str);
    let detail = ["detail", "reason", "note"].iter().find_map(|key| text(key)).unwrap_or_default();
    let name = found.called(row);
    let words = match kind.rule {
        Some(rule) => format!("{name}: {}", rule.label),
        None => crate::journal::filled(kind.label(), &name, row.body.as_ref()),
    };
    let now = engine.now();
    let alert = Alert {
        organization: row.organization,
        id: Entropy.id(now),
        rev: 0,
        kind: kind.key(),
        severity: rule.severity,
        text: Line::from(words).as_str().to_owned(),
        detail: Line::from(detail).as_str().to_owned(),
        subject: row.subject.clone(),
        device: found.device,
        state: AlertState::New,
        sequence: row.sequence,
        at: row.at,
        count: 1,
        last_at: row.at,
        acknowledged: None,
        closed: None,
        mailed_at: None,
        mail_due_at: None,
        escalate_at: None,
        recipients: Vec::new(),
        webhooks: rule.webhooks.clone(),
    };
    let alert = Alert { recipients: recipients::of(engine, row, rule, found.user.as_ref()), ..alert };
    Raise {
        alert,
        throttle: i64::from(rule.throttle_minutes) * 60_000,
        escalate: i64::from(rule.escalate_minutes) * 60_000,
        email: rule.email || recipients::own(row).is_some(),
        mail_at: time::mail_at(engine, row.organization, rule.severity, now),
    }
}

/// Carries a step out. Answers whether mail was queued.
pub(super) async fn take(tx: &mut Tx, step: &Step) -> Result<bool> {
    match step {
        Step::Raise(raise) => put(tx, raise).await,
        Step::Close(kinds, subject) => {
            let mut mailed = false;
            for (kind, tell_end) in kinds {
                mailed |= close(tx, kind, subject, *tell_end).await?;
            }
            Ok(mailed)
        }
    }
}

async fn put(tx: &mut Tx, raise: &Raise) -> Result<bool> {
    let known = repo::alerts::latest(tx, &raise.alert.kind, &raise.alert.subject).await?;
    let repeats = |known: &Alert| known.is_open() || raise.alert.at - known.last_at < raise.throttle;
    let mut alert = match known.filter(repeats) {
        // What comes and goes is one alert that was raised often.
        Some(known) => Alert {
            state: if known.is_open() { known.state } else { AlertState::New },
            closed: None,
            count: known.count.saturating_add(1),
            last_at: raise.alert.at,
            sequence: raise.alert.sequence,
            severity: raise.alert.severity,
            text: raise.alert.text.clone(),
            detail: raise.alert.detail.clone(),
            recipients: raise.alert.recipients.clone(),
            webhooks: raise.alert.webhooks.clone(),
            ..known
        },
        None => raise.alert.clone(),
    };
    if alert.state == AlertState::New && alert.escalate_at.is_none() && raise.escalate > 0 {
        alert.escalate_at = Some(tx.now() + raise.escalate);
    }
    let quiet = alert.mailed_at.is_some_and(|at| raise.alert.at - at < raise.throttle);
    let news = !quiet && alert.state == AlertState::New;
    let wanted = raise.email && news && !alert.recipients.is_empty();
    let posted = news && !alert.webhooks.is_empty();
    let at_once = raise.mail_at <= tx.now();
    if wanted || posted {
        alert.mailed_at = Some(raise.alert.at);
    }
    if wanted {
        alert.mail_due_at = (!at_once).then_some(raise.mail_at);
    }
    repo::alerts::put(tx, &mut alert).await?;
    let hears = if posted { alert.webhooks.as_slice() } else { &[] };
    tx.journal(entry("alert.raised", &alert, hears));
    if wanted && at_once {
        let (subject, text) = (subject(&alert), body(std::slice::from_ref(&alert)));
        tell(tx, &alert.recipients, &subject, &text).await?;
        return Ok(true);
    }
    Ok(false)
}

/// Closes an alert whose cause is gone. Answers whether mail was queued.
async fn close(tx: &mut Tx, kind: &str, subject: &str, tell_end: bool) -> Result<bool> {
    let Some(mut alert) = repo::alerts::latest(tx, kind, subject).await?.filter(Alert::is_open) else {
        return Ok(false);
    };
    alert.state = AlertState::Closed;
    alert.closed = Some(("the cause is gone".into(), tx.now()));
    // Gathered mail still tells of it: somebody may have noticed.
    alert.escalate_at = None;
    repo::alerts::put(tx, &mut alert).await?;
    tx.journal(entry("alert.closed", &alert, &alert.webhooks));
    // Who was never told that it began need not hear that it is over.
    let told = tell_end && alert.mailed_at.is_some() && alert.mail_due_at.is_none();
    if told && !alert.recipients.is_empty() {
        tell(tx, &alert.recipients, &format!("Over: {}", alert.text), &over(&alert)).await?;
        return Ok(true);
    }
    Ok(false)
}

/// The text of a mail about an alert whose cause is gone.
fn over(alert: &Alert) -> String {
    let time =
        |at: Millis| jiff::Timestamp::from_millisecond(at).map(|at| at.to_string()).unwrap_or_default();
    let ended = alert.closed.as_ref().map_or(alert.last_at, |(_, at)| *at);
    format!(
        "{}\n\nIts cause is gone; the alert closed by itself.\nFrom: {}\nUntil: {}\n",
        alert.text,
        time(alert.at),
        time(ended)
    )
}

/// Queues the same mail to several.
pub(super) async fn tell(tx: &mut Tx, to: &[MailAddress], subject: &str, text: &str) -> Result<()> {
    for recipient in to {
        let letter = Letter {
            purpose: "alert",
            recipient: recipient.clone(),
            subject: Line::from(subject),
            text: text.to_owned(),
        };
        mail::queue(tx, &letter).await.map_err(Error::from)?;
    }
    Ok(())
}

/// The subject of a mail about one alert.
pub(super) fn subject(alert: &Alert) -> String {
    format!("[{}] {}", word(alert.severity), alert.text)
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::Warning => "Warning",
        Severity::Informational => "Information",
    }
}

/// The text of a mail about alerts.
pub(super) fn body(alerts: &[Alert]) -> String {
    let mut text = String::new();
    for alert in alerts {
        let when =
            jiff::Timestamp::from_millisecond(alert.last_at).map(|at| at.to_string()).unwrap_or_default();
        text.push_str(&format!("{}: {}\n", word(alert.severity), alert.text));
        if !alert.detail.is_empty() {
            text.push_str(&format!("{}\n", alert.detail));
        }
        text.push_str(&format!("When: {when}"));
        if alert.count > 1 {
            text.push_str(&format!(", {} times by now", alert.count));
        }
        text.push_str("\n\n");
    }
    text.push_str(
        "Acknowledge it in the console under Alerts, so that others know that you take care of it.\n",
    );
    text
}
