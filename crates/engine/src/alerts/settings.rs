//! When alerts are raised and who hears of them: looking, changing.

use std::sync::Arc;

use catalog::{Permission, Realm};
use domain::model::{
    AlertRule, AlertSettings, JournalEntry, Messaging, Organization, Recipients, RoleRef, WebhookId,
};
use serde_json::json;
use store::{Tx, repo};

use crate::issues::{Issues, unchanged};
use crate::{Engine, Error, Result, Scope};

/// Addresses in one list.
const ADDRESSES: usize = 50;

/// Where the alerts of a scope happen.
pub fn realm(scope: &Scope) -> Realm {
    if scope.organization() == Organization::SYSTEM { Realm::Installation } else { Realm::Organization }
}

/// The settings of the organization, or of the installation, with their revision.
///
/// # Errors
/// [`Error::Denied`]; at the installation for everybody but system administrators.
pub fn settings(engine: &Engine, scope: &Scope) -> Result<(i64, Arc<Messaging>)> {
    super::require(scope, Permission::ComplianceView)?;
    let messaging = engine.directory.messaging(scope.organization());
    let messaging = messaging.ok_or(Error::NotFound("organization"))?;
    Ok((messaging.rev, messaging))
}

/// Replaces the settings. What says the same as the default is not kept, so that it follows later defaults.
///
/// # Errors
/// [`Error::Invalid`] by field, for a kind as `kinds.<key>.<field>`; [`Error::Conflict`] for another `seen` revision.
pub async fn edit_settings(
    engine: &Engine,
    scope: &Scope,
    seen: Option<i64>,
    mut new: AlertSettings,
) -> Result<()> {
    super::require(scope, Permission::ComplianceEdit)?;
    check(engine, scope, &new)?;
    for kind in catalog::alert_kinds() {
        if new.kinds.get(&kind.key()).is_some_and(|rule| *rule == AlertRule::of(&kind)) {
            new.kinds.remove(&kind.key());
        }
    }
    let unit = async move |tx: &mut Tx| {
        let known = repo::messaging::get(tx).await?;
        let mut messaging = known.unwrap_or_else(|| Messaging::new(tx.organization()));
        unchanged(seen, messaging.rev)?;
        let before = std::mem::replace(&mut messaging.alerts, new.clone());
        repo::messaging::put(tx, &mut messaging).await?;
        tx.journal(JournalEntry {
            event: "alert.settings_changed",
            subject: String::new(),
            body: json!({ "before": before, "after": new }),
        });
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

fn check(engine: &Engine, scope: &Scope, new: &AlertSettings) -> Result<()> {
    let mut issues = Issues::default();
    issues.check(new.digest_minutes <= 1_440, "digest_minutes", || "Enter 0 to 1,440 minutes.".into());
    if let Some(quiet) = new.quiet {
        issues.check(quiet.from < 1_440 && quiet.until < 1_440, "quiet", || {
            "Enter times of a day, from 00:00 to 23:59.".into()
        });
        issues.check(quiet.from != quiet.until, "quiet", || {
            "Quiet hours need a beginning and another end.".into()
        });
    }
    issues.check(new.escalate_to.len() <= ADDRESSES, "escalate_to", || {
        format!("Enter at most {ADDRESSES} addresses.")
    });
    for (key, rule) in &new.kinds {
        let realm = realm(scope);
        let here = |kind: catalog::AlertKind| kind.key() == *key && kind.happens_in(realm);
        issues.check(catalog::alert_kinds().any(here), "kinds", || format!("There is no alert {key} here."));
        check_rule(engine, scope, &mut issues, key, rule);
    }
    issues.done()
}

fn check_rule(engine: &Engine, scope: &Scope, issues: &mut Issues, key: &str, rule: &AlertRule) {
    let field = |name: &str| format!("kinds.{key}.{name}");
    issues.check(rule.throttle_minutes <= 43_200, &field("throttle_minutes"), || {
        "Enter 0 to 43,200 minutes (30 days).".into()
    });
    issues.check(rule.escalate_minutes <= 10_080, &field("escalate_minutes"), || {
        "Enter 0 to 10,080 minutes (7 days).".into()
    });
    let to = &rule.recipients;
    let somebody = to.all_administrators
        || to.user
        || !(to.administrators.is_empty() && to.roles.is_empty() && to.addresses.is_empty());
    issues.check(somebody || !rule.email, &field("recipients"), || "Say who gets the mail.".into());
    check_recipients(engine, scope, issues, &field("recipients"), to);
    let known = engine.directory.messaging(scope.organization());
    let known =
        |id: &WebhookId| known.as_ref().is_some_and(|m| m.webhooks.iter().any(|webhook| webhook.id == *id));
    issues.check(rule.webhooks.iter().all(known), &field("webhooks"), || {
        "One of these webhooks does not exist.".into()
    });
}

/// Whether these people and roles are the organization's.
pub(crate) fn check_recipients(
    engine: &Engine,
    scope: &Scope,
    issues: &mut Issues,
    field: &str,
    to: &Recipients,
) {
    issues.check(to.addresses.len() <= ADDRESSES, field, || format!("Enter at most {ADDRESSES} addresses."));
    let here =
        |id| engine.directory.administrator(id).is_some_and(|a| a.organization == scope.organization());
    issues.check(to.administrators.iter().all(|id| here(*id)), field, || {
        "One of these administrators does not exist.".into()
    });
    let known = |role: &RoleRef| match role {
        RoleRef::Predefined(key) => catalog::PREDEFINED_ROLES.iter().any(|r| r.key == key),
        RoleRef::Custom(id) => {
            let org = engine.directory.organization(scope.organization());
            org.is_some_and(|org| org.read().role(*id).is_some())
        }
    };
    issues.check(to.roles.iter().all(known), field, || "One of these roles does not exist.".into());
}
