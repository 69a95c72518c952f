//! The texts: looking, changing, and what a user would read.

use std::sync::Arc;

use catalog::{Permission, RuleId};
use domain::mail::MailAddress;
use domain::model::{DeviceId, JournalEntry, Messaging};
use domain::notification::{self, NotificationSettings, Occasion, REASON_MAX, RuleTexts, TEXT_MAX};
use serde_json::json;
use store::{Tx, repo};

use super::cause::Cause;
use crate::issues::{Issues, unchanged};
use crate::{Engine, Error, Result, Scope};

/// What an imagined deadline lies ahead, milliseconds.
const DAY: i64 = 86_400_000;

/// The settings of the organization with their revision.
///
/// # Errors
/// [`Error::Denied`].
pub fn settings(engine: &Engine, scope: &Scope) -> Result<(i64, Arc<Messaging>)> {
    scope.require(Permission::ComplianceView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let messaging = Arc::clone(&org.read().messaging);
    Ok((messaging.rev, messaging))
}

/// Replaces the settings.
///
/// # Errors
/// [`Error::Invalid`] by field, for a rule as `rules.<rule>.<field>`; [`Error::Conflict`] for another `seen` revision.
pub async fn edit_settings(
    engine: &Engine,
    scope: &Scope,
    seen: Option<i64>,
    mut new: NotificationSettings,
) -> Result<()> {
    scope.require(Permission::ComplianceEdit)?;
    check(&new)?;
    new.rules.retain(|_, texts| *texts != RuleTexts::default());
    let unit = async move |tx: &mut Tx| {
        let known = repo::messaging::get(tx).await?;
        let mut messaging = known.unwrap_or_else(|| Messaging::new(tx.organization()));
        unchanged(seen, messaging.rev)?;
        let before = std::mem::replace(&mut messaging.notifications, new.clone());
        repo::messaging::put(tx, &mut messaging).await?;
        tx.journal(JournalEntry {
            event: "notification.settings_changed",
            subject: String::new(),
            body: json!({ "before": before, "after": new }),
        });
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

fn check(new: &NotificationSettings) -> Result<()> {
    let mut issues = Issues::default();
    issues.check(new.repeat_hours <= 720, "repeat_hours", || "Enter 0 to 720 hours.".into());
    for (rule, texts) in &new.rules {
        let field = |name: &str| format!("rules.{}.{name}", rule.key());
        for (name, text) in [("reason", &texts.reason), ("remediation", &texts.remediation)] {
            issues.check(text.chars().count() <= REASON_MAX, &field(name), || {
                format!("Use at most {REASON_MAX} characters: it is one line where Cisco ISE shows it.")
            });
            issues.check(
                !text.contains(['{', '}']) && !text.chars().any(char::is_control),
                &field(name),
                || "Write one plain line, without braces.".into(),
            );
        }
        for (name, text) in [
            ("announced", &texts.announced),
            ("restricted", &texts.restricted),
            ("restored", &texts.restored),
        ] {
            issues.check(text.chars().count() <= TEXT_MAX, &field(name), || {
                format!("Use at most {TEXT_MAX} characters.")
            });
            if let Err(why) = notification::check(text) {
                issues.add(field(name), why);
            }
        }
    }
    issues.done()
}

/// A mail that was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Whom it would go to; `None`: the user has no address, or a wrong one.
    pub recipient: Option<MailAddress>,
    /// Whether such mail goes out with the settings in force.
    pub is_told: bool,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// The mail that the user of a device would get because of a rule, with the settings in force or with others for this
/// rule.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`] as [`edit_settings`].
pub fn preview(
    engine: &Engine,
    scope: &Scope,
    device: DeviceId,
    occasion: Occasion,
    rule: RuleId,
    texts: Option<RuleTexts>,
) -> Result<Preview> {
    scope.require(Permission::ComplianceView)?;
    scope.require(Permission::DevicesView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let device = org.devices.get(device).ok_or(Error::NotFound("device"))?;
    let user = org.user(device.user).ok_or(Error::NotFound("user"))?;
    let mut settings = org.messaging.notifications.clone();
    if let Some(texts) = texts {
        settings.rules.insert(rule, texts);
        check(&settings)?;
    }
    let deadline = (occasion == Occasion::Announced).then(|| engine.now() + DAY);
    let cause = Cause::imagined(device, occasion, rule, deadline);
    let (subject, text) = super::written(&org, &settings, device, user, &cause);
    Ok(Preview {
        recipient: user.email.parse().ok(),
        is_told: cause.is_told(&settings),
        subject: subject.into(),
        text,
    })
}

/// Users to whom nothing can be sent, since they have no address or a wrong one.
///
/// # Errors
/// [`Error::Denied`].
pub fn without_address(engine: &Engine, scope: &Scope) -> Result<usize> {
    scope.require(Permission::ComplianceView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let count = org.read().tally().without_address();
    Ok(count)
}
