//! Bringing a version into force, and taking the terms out of force.

use catalog::Permission;
use domain::model::{Terms, TermsId, TermsInForce};
use store::repo;

use super::{entry, get, list, the_draft};
use crate::approvals::{self, Edit, Pass};
use crate::{Engine, Error, Result, Scope};

/// Publishes the draft as the next version. Who must accept again loses what the rule *Terms not accepted* closes, so
/// it may be held.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] for a version that is published; [`Error::Held`].
pub async fn publish(engine: &Engine, scope: &Scope, id: TermsId) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    let edit = edit_of(engine, scope, id).await?;
    let Edit::Terms(terms) = edit.clone() else { return Err(Error::NotFound("version of the terms")) };
    let pass = approvals::ask(engine, scope, edit).await?;
    carry_out(engine, scope, terms, pass).await
}

/// The publication of a draft as a change to ask about.
///
/// # Errors
/// As [`publish`].
pub async fn publication(engine: &Engine, scope: &Scope, id: TermsId) -> Result<Edit> {
    scope.require(Permission::ComplianceView)?;
    edit_of(engine, scope, id).await
}

async fn edit_of(engine: &Engine, scope: &Scope, id: TermsId) -> Result<Edit> {
    let draft = get(engine, scope, id).await?;
    if draft.version > 0 {
        return Err(Error::conflict("This version is published already."));
    }
    let last = list(engine, scope).await?.into_iter().map(|terms| terms.version).max().unwrap_or(0);
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let now = org.read().organization.terms.clone();
    Ok(Edit::Terms(in_force(&draft, last + 1, now.as_ref(), engine.now())))
}

fn in_force(draft: &Terms, version: u32, now: Option<&TermsInForce>, at: domain::Millis) -> TermsInForce {
    // A correction leaves in force what was asked before; after terms that were withdrawn everybody is asked anew.
    let counts_from = match now {
        Some(now) if !draft.accept_again => now.counts_from,
        _ => version,
    };
    TermsInForce { terms: draft.id, version, counts_from, liability: draft.liability, since: at }
}

/// Publishes it; a version that another publication took meanwhile is refused.
pub(crate) async fn carry_out(engine: &Engine, scope: &Scope, terms: TermsInForce, pass: Pass) -> Result<()> {
    let (id, now, actor) = (scope.organization(), engine.now(), scope.actor().clone());
    let by = actor.clone();
    let unit = async move |tx: &mut store::Tx| {
        let mut organization =
            repo::organizations::get(tx, id).await?.ok_or(Error::NotFound("organization"))?;
        pass.take(tx).await?;
        let mut draft = the_draft(tx, terms.terms).await?;
        let last = repo::terms::list(tx).await?.into_iter().map(|known| known.version).max().unwrap_or(0);
        if last + 1 != terms.version {
            return Err(Error::conflict("Another version was published meanwhile. Publish the draft again."));
        }
        draft.version = terms.version;
        draft.published = Some((now, by.clone()));
        repo::terms::put(tx, &mut draft).await?;
        organization.terms = Some(TermsInForce { since: now, ..terms.clone() });
        repo::organizations::put(tx, &mut organization).await?;
        tx.journal(entry("terms.published", &draft));
        Ok::<_, Error>(())
    };
    engine.store.write(id, actor, unit).await?;
    crate::compliance::catch_up(engine, id).await
}

/// Takes the terms out of force: nobody need accept any. The versions, and who accepted them, stay.
///
/// # Errors
/// [`Error::Conflict`] when none are in force.
pub async fn withdraw(engine: &Engine, scope: &Scope) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    let id = scope.organization();
    let unit = async move |tx: &mut store::Tx| {
        let mut organization =
            repo::organizations::get(tx, id).await?.ok_or(Error::NotFound("organization"))?;
        let none = || Error::conflict("There are no terms in force.");
        let old = organization.terms.take().ok_or_else(none)?;
        repo::organizations::put(tx, &mut organization).await?;
        let terms = repo::terms::get(tx, old.terms).await?.ok_or(Error::NotFound("version of the terms"))?;
        tx.journal(entry("terms.withdrawn", &terms));
        Ok::<_, Error>(())
    };
    engine.store.write(id, scope.actor().clone(), unit).await?;
    crate::compliance::catch_up(engine, id).await
}
