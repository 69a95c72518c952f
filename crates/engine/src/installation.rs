//! Settings of the installation itself.

use std::sync::Arc;

use domain::model::{InstallationSettings, JournalEntry, Organization};
use serde_json::json;
use store::repo::installation::preferences;

use crate::organizations::check_days;
use crate::{Engine, Error, Result, Scope};

/// What system administrators have set for the whole installation.
///
/// # Errors
/// [`Error::Denied`] for everybody else.
pub fn settings(engine: &Engine, scope: &Scope) -> Result<Arc<InstallationSettings>> {
    scope.require_system()?;
    Ok(engine.directory.installation())
}

/// Replaces the settings, if they are still at the `rev` that the author of the edit saw (any, when not said).
///
/// # Errors
/// [`Error::Denied`] for everybody but a system administrator, [`Error::Invalid`] by field, [`Error::Conflict`] for
/// another `rev`.
pub async fn edit_settings(
    engine: &Engine,
    scope: &Scope,
    seen: Option<i64>,
    new: InstallationSettings,
) -> Result<()> {
    let scope = scope.at_installation()?;
    check(engine, &new)?;
    engine
        .store
        .write(Organization::SYSTEM, scope.actor().clone(), async move |tx| {
            let old = preferences::get(tx).await?;
            crate::issues::unchanged(seen, old.rev)?;
            let mut new = InstallationSettings { rev: old.rev, ..new.clone() };
            preferences::put(tx, &mut new).await?;
            tx.journal(JournalEntry {
                event: "installation.settings_changed",
                subject: String::new(),
                body: json!({ "before": old, "after": new }),
            });
            Ok::<_, Error>(())
        })
        .await
}

fn check(engine: &Engine, new: &InstallationSettings) -> Result<()> {
    let mut issues = crate::issues::Issues::default();
    let known = new.default_organization.is_none_or(|id| engine.directory.organization(id).is_some());
    issues.check(known, "default_organization", || "There is no such organization.".into());
    check_days(&mut issues, "journal_days", new.journal_days);
    check_days(&mut issues, "journal_body_days", new.journal_body_days);
    issues.done()
}
