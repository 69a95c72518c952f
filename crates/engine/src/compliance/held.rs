//! Edits that would withdraw much at once are not stored but held.

use domain::model::{DeviceId, HeldChangeId, HeldEdit, Level, OrganizationId};

use super::what_if::imagine;
use super::{AccessEdit, Proposal, store};
use crate::{Engine, Error, Result, Scope, approvals, governor};

/// The devices that would newly lose something.
pub(crate) async fn withdrawn(
    engine: &Engine,
    organization: OrganizationId,
    edits: &[AccessEdit],
) -> Result<Vec<DeviceId>> {
    let answer = imagine(engine, organization, &Proposal::Access(edits.to_vec())).await?;
    Ok(answer.outcomes.iter().filter(|outcome| !outcome.loses.is_empty()).map(|o| o.device).collect())
}

/// Holds edits above the limit; the answer for who made them, `None` for edits that go through.
pub(super) async fn above_the_limit(
    engine: &Engine,
    scope: &Scope,
    edits: &[AccessEdit],
) -> Result<Option<Error>> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let (limit, devices, base) = {
        let org = org.read();
        (governor::limit(&org) as usize, org.devices.len(), org.access.rev)
    };
    // What can only touch a few devices needs no count.
    if devices.min(at_most(edits)) <= limit {
        return Ok(None);
    }
    let lost = withdrawn(engine, scope.organization(), edits).await?;
    if lost.len() <= limit {
        return Ok(None);
    }
    let summary = format!("Access settings that withdraw mail or network from {} devices", lost.len());
    let data = serde_json::to_value(edits).map_err(Error::internal)?;
    approvals::hold(engine, scope, HeldEdit::Access(data), summary, &lost, base).await.map(Some)
}

/// How many devices the edits can touch at most.
fn at_most(edits: &[AccessEdit]) -> usize {
    let of_one_device = |edit: &AccessEdit| match edit {
        AccessEdit::Level { level, .. } | AccessEdit::Exception { level, .. } => {
            matches!(level, Level::Device(_))
        }
        AccessEdit::Rule { .. } => false,
    };
    if edits.iter().all(of_one_device) { edits.len() } else { usize::MAX }
}

/// Carries out edits that were held and are approved.
pub(crate) async fn carry_out_held(
    engine: &Engine,
    scope: &Scope,
    edits: Vec<AccessEdit>,
    id: HeldChangeId,
    base: i64,
) -> Result<()> {
    store(engine, scope, edits, Some((id, base))).await
}
