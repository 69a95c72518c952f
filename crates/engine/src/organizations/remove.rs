//! Removing an organization with everything that is its own.
//!
//! It leaves memory at once, on every node, and its rows go in the background, one step after the other; a restart goes
//! on where it was. What stays is a line in the journal of the installation.

use domain::Millis;
use domain::model::{Actor, JournalEntry, Organization, OrganizationId};
use serde_json::json;
use store::repo;
use store::repo::installation::login_failures;

use crate::{Engine, Error, Result, Scope, lease, second_factor};

/// Whose turn it is to remove.
const LEASE: (&str, Millis) = ("removal of organizations", 900_000);

/// What a system administrator shows who removes an organization.
#[derive(Debug, Clone, Default)]
pub struct Removal {
    /// The short name of the organization, typed.
    pub slug: String,
    /// A code of the second factor.
    pub code: String,
}

/// Removes a disabled organization: users, devices, settings, records and its journal. It cannot be called back.
///
/// # Errors
/// [`Error::Denied`] but for a system administrator with a second factor, [`Error::NotFound`], [`Error::Conflict`] while
/// it is enabled, [`Error::Invalid`] on `slug` or `code`.
pub async fn remove(engine: &Engine, scope: &Scope, id: OrganizationId, removal: &Removal) -> Result<()> {
    scope.require_system()?;
    let org = engine.directory.organization(id).ok_or(Error::NotFound("organization"))?;
    let organization = std::sync::Arc::clone(&org.read().organization);
    if organization.enabled {
        return Err(Error::conflict("Disable the organization first, and see that nobody misses it."));
    }
    if removal.slug.trim() != organization.slug {
        return Err(Error::invalid(
            "slug",
            "This is not the short name of the organization. Nothing was removed.",
        ));
    }
    if let Some(admin) = scope.administrator() {
        let admin = engine.directory.administrator(admin.id).ok_or(Error::Unauthenticated)?;
        second_factor::prove(engine, &admin, &removal.code).await?;
    }
    let administrators = engine.directory.administrators(id);
    let names: Vec<String> = administrators.iter().map(|admin| admin.username.clone()).collect();
    let unit = async move |tx: &mut store::Tx| {
        let mut organization =
            repo::organizations::get(tx, id).await?.ok_or(Error::NotFound("organization"))?;
        if organization.enabled {
            return Err(Error::conflict("The organization was enabled meanwhile."));
        }
        organization.removing = true;
        repo::organizations::put(tx, &mut organization).await?;
        for name in &names {
            login_failures::forget_account(tx, name).await?;
        }
        // By its id: the name goes with it.
        let body = json!({ "administrators": names.len() });
        tx.journal_installation(JournalEntry {
            event: "organization.removal_ordered",
            subject: id.to_string(),
            body,
        });
        Ok::<_, Error>(())
    };
    engine.store.write(id, scope.actor().clone(), unit).await
}

/// The background job: removes the rows of organizations that are being removed. It begins a while after they left
/// memory, so that other nodes have heard of it.
///
/// # Errors
/// Storage errors; what was not done is done the next time.
pub async fn tick(engine: &Engine) -> Result<()> {
    let all = engine.directory.removing();
    if all.is_empty() || !lease::hold_for(engine, LEASE.0, LEASE.1).await? {
        return Ok(());
    }
    for id in all {
        let read =
            async move |tx: &mut store::Tx| Ok::<_, Error>(repo::organizations::get(tx, id).await?.is_some());
        if engine.store.read(id, read).await? {
            let rows = engine.store.remove_organization(id).await?;
            tracing::info!(organization = %id, rows, "an organization was removed");
            let unit = async move |tx: &mut store::Tx| {
                tx.journal(JournalEntry {
                    event: "organization.deleted",
                    subject: id.to_string(),
                    body: json!({ "rows": rows }),
                });
                Ok::<_, Error>(())
            };
            engine.store.write(Organization::SYSTEM, Actor::System, unit).await?;
        }
        engine.directory.removed(id);
    }
    lease::release(engine, LEASE.0).await
}
