//! The limit itself. Tightening it holds at once; loosening it is held for a second person like what it would let
//! through.

use catalog::Permission;
use domain::Millis;
use domain::command::default_limit;
use domain::model::{GovernorSettings, JournalEntry};
use serde_json::json;
use store::repo;

use super::outside::{self, Outside};
use super::{Edit, Pass, hold::hold, organization};
use crate::{Engine, Error, Result, Scope, governor};

/// The limit as it stands.
#[derive(Debug, Clone)]
pub struct Limits {
    /// What was chosen.
    pub settings: GovernorSettings,
    /// The limit in force.
    pub limit: u32,
    /// What it would be without a choice.
    pub default: u32,
    /// Destructive commands let through in the last hour.
    pub spent: u64,
    /// Devices that lost mail or network in the last hour by changes that needed no second person.
    pub withdrawn: u64,
    /// When the sealed recovery code was made, if there is one.
    pub recovery_code_made_at: Option<Millis>,
    /// Who was named to approve from outside; `None`: nobody ever was.
    pub outside: Option<Outside>,
    /// How many others than the reader could approve at this moment.
    pub others: usize,
}

/// The limit, and how much of it is used.
///
/// # Errors
/// [`Error::Denied`].
pub fn limits(engine: &Engine, scope: &Scope) -> Result<Limits> {
    scope.require(Permission::DevicesView)?;
    let others = outside::others(engine, scope)?;
    let org = organization(engine, scope)?;
    let org = org.read();
    Ok(Limits {
        outside: outside::named(engine, &org),
        others,
        settings: org.organization.settings.governor.clone(),
        limit: governor::limit(&org),
        default: default_limit(org.devices.len()),
        spent: org.governor.spent_by(engine.running()),
        withdrawn: org.governor.withdrawn_by(engine.running()),
        recovery_code_made_at: org.governor.recovery_code.as_ref().map(|(_, made)| made.clock),
    })
}

/// Changes the limit. The number is a system administrator's; what is held and for how long, the organization's.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`] by field; [`Error::Held`] for what would loosen it.
pub async fn edit_limits(engine: &Engine, scope: &Scope, new: GovernorSettings) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    let mut issues = crate::issues::Issues::default();
    issues.check(new.limit.is_none_or(|n| n <= 1_000_000), "limit", || {
        "Enter 0 to 1000000, or leave it empty.".into()
    });
    issues.check((1..=90).contains(&new.held_days), "held_days", || "Enter 1 to 90 days.".into());
    issues.done()?;
    let org = organization(engine, scope)?;
    let (old, present, devices) = {
        let org = org.read();
        (org.organization.settings.governor.clone(), governor::limit(&org), org.devices.len())
    };
    if old.limit != new.limit {
        scope.require_system()?;
    }
    let wanted = new.limit.unwrap_or_else(|| default_limit(devices));
    let loosens = wanted > present || (new.always_relay && !old.always_relay);
    // While there is no device, there is nothing that it would let through: setting up takes one person.
    if loosens && devices > 0 {
        return Err(hold(engine, scope, scope.organization(), &Edit::Limits(new), &[]).await?);
    }
    carry_out(engine, scope, new, Pass::PART).await
}

/// Stores them, with the journal's entry.
pub(super) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    new: GovernorSettings,
    pass: Pass,
) -> Result<()> {
    let id = scope.organization();
    let write = engine.store.write(id, scope.actor().clone(), async move |tx| {
        pass.take(tx).await?;
        let mut organization =
            repo::organizations::get(tx, id).await?.ok_or(Error::NotFound("organization"))?;
        let before = std::mem::replace(&mut organization.settings.governor, new.clone());
        repo::organizations::put(tx, &mut organization).await?;
        tx.journal(JournalEntry {
            event: "governor.limits_changed",
            subject: id.to_string(),
            body: json!({ "before": before, "after": new }),
        });
        Ok::<_, Error>(())
    });
    write.await
}
