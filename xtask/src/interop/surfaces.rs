//! What a stolen session can destroy over each surface, with few phones; `cargo xtask prove governor` does it with many.

use anyhow::Result;

use super::{Context, Scenario, block_on};
use crate::surfaces::{self, SURFACES};

/// Phones of each surface: more than the limit of five.
const PHONES: usize = 12;

pub static SCENARIO: Scenario = Scenario {
    name: "surfaces",
    shows: "a stolen session wipes no more phones than the limit, over whatever surface",
    peers: &[],
    run,
};

fn run(context: &Context<'_>) -> Result<()> {
    let installation = context.installation()?;
    for (surface, slug) in SURFACES {
        let (wiped, most, _) = block_on(surfaces::run(installation, *surface, slug, PHONES))?;
        context.step(format!("{slug}: {wiped} of {PHONES} phones were told to wipe, {most} may be"));
    }
    Ok(())
}
