//! Reading the journal for alerts.

use std::sync::Arc;

use domain::model::{Actor, OrganizationId};
use futures_util::future::BoxFuture;
use store::Tx;

use super::raise;
use crate::followers::{Batch, Cursor, Follower};
use crate::{Directory, Engine, Error, Result};

/// Raises and closes alerts as the journal grows.
pub struct AlertFollower;

impl Follower for AlertFollower {
    fn name(&self) -> &'static str {
        "alerts"
    }

    fn wants(&self, _: &Directory, _: OrganizationId, event: &str) -> bool {
        catalog::concerns_alerts(event)
    }

    fn follow<'a>(&'a self, engine: &'a Arc<Engine>, batch: Batch) -> BoxFuture<'a, Result<Cursor>> {
        Box::pin(async move {
            let organization = batch.organization;
            // Everything that needs the index is looked up first: a unit waits for nothing but the store.
            let steps: Arc<[_]> =
                batch.entries.iter().flat_map(|row| raise::steps(engine, row)).collect::<Vec<_>>().into();
            let unit = async move |tx: &mut Tx| {
                let mut mailed = false;
                for step in steps.iter() {
                    mailed |= raise::take(tx, step).await?;
                }
                batch.done(tx).await?;
                Ok::<_, Error>(mailed)
            };
            if engine.store.write(organization, Actor::System, unit).await? {
                crate::mail::wake(engine);
            }
            Ok(Cursor::Moved)
        })
    }
}
