//! Explanations and predictions, tried in short; the long counts are `cargo xtask prove explain` and `what-if`.

use anyhow::Result;

use super::{Context, Scenario};
use crate::prove::{Proved, explain, what_if};

const CASES: usize = 40;
const EDITS: usize = 20;
/// Where chance begins. The same cases every time: what is new is tried by the long runs.
const CASES_SEED: u64 = 20_261;
/// The same for edits; these move devices both ways.
const EDITS_SEED: u64 = 3;

pub static EXPLAIN: Scenario = Scenario {
    name: "explain",
    shows: "devices in random states: who is shut out has a reason, and is let in again when it is mended",
    peers: &[],
    run: |context| told(context, explain::prove(context.work, context.binary()?, CASES, CASES_SEED)?),
};

pub static WHAT_IF: Scenario = Scenario {
    name: "what-if",
    shows: "random edits: what is foretold of them is what ActiveSync and Cisco ISE answer afterwards",
    peers: &[],
    run: |context| told(context, what_if::prove(context.work, context.binary()?, EDITS, EDITS_SEED)?),
};

#[expect(clippy::unnecessary_wraps, reason = "the end of a scenario")]
fn told(context: &Context<'_>, proved: Proved) -> Result<()> {
    context.step(format!("{}: {}", proved.count, proved.seen));
    Ok(())
}
