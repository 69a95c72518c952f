//! Who does what only one node may do at a time. Where only one process can write there is nothing to take.

use domain::model::{Actor, Organization};
use store::{Tx, lease};

use crate::{Engine, Error, Result};

/// For how long a lease is taken, milliseconds; whoever holds one renews it three times as often.
const DURATION: i64 = 15_000;

/// Takes or renews a lease; false if another node has it.
pub(crate) async fn hold(engine: &Engine, name: &'static str) -> Result<bool> {
    hold_for(engine, name, DURATION).await
}

/// The same for so many milliseconds.
pub(crate) async fn hold_for(engine: &Engine, name: &'static str, duration: i64) -> Result<bool> {
    if engine.is_alone() {
        return Ok(true);
    }
    let holder = engine.node.clone();
    let unit = async move |tx: &mut Tx| Ok::<_, Error>(lease::acquire(tx, name, &holder, duration).await?);
    engine.store.write(Organization::SYSTEM, Actor::System, unit).await
}

/// Gives a lease back, so that another node goes on at once.
pub(crate) async fn release(engine: &Engine, name: &'static str) -> Result<()> {
    if engine.is_alone() {
        return Ok(());
    }
    let holder = engine.node.clone();
    let unit = async move |tx: &mut Tx| Ok::<_, Error>(lease::release(tx, name, &holder).await?);
    engine.store.write(Organization::SYSTEM, Actor::System, unit).await
}
