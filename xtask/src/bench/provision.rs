//! The processor time of a two-phase Provision: our stand-in and Horde under the same client, both plain HTTP,
//! each time a phone that is new to the server.

use anyhow::Result;

use super::Context;
use super::gauge::{Side, median};
use super::report::Figure;
use super::stage::{self, Address, Road, Stage, block_on};
use crate::peers::{self, horde};

/// Handshakes a round.
const HANDSHAKES: usize = 600;

pub fn run(context: &Context<'_>) -> Result<Vec<Figure>> {
    let _horde = peers::start(context.work, &["horde"])?;
    let stage = Stage::start(context.work, context.binary()?)?;
    let (ours, theirs) = (stage.side()?, stage::side(context.work, "horde")?);
    let horde = Address { url: format!("http://127.0.0.1:{}", horde::PORT), tls: None };
    let mut seed = 500_000;
    let mut pairs = Vec::new();
    for round in 0..=context.rounds {
        seed += HANDSHAKES as u64;
        let our_phones = stage.phones(&stage.address(Road::Plain)?, "u", HANDSHAKES, seed)?;
        let their_phones = (0..HANDSHAKES)
            .map(|n| stage::phone(&horde, "u1", "pw1", seed + n as u64))
            .collect::<Result<Vec<_>>>()?;
        let pair = (cost(&ours, our_phones)?, cost(&theirs, their_phones)?);
        println!("  ours {:.0} µs, Horde {:.0} µs", pair.0, pair.1);
        // The first round warms both up.
        if round > 0 {
            pairs.push(pair);
        }
    }
    let of = |pick: fn(&(f64, f64)) -> f64| median(&pairs.iter().map(pick).collect::<Vec<_>>());
    Ok(vec![Figure {
        row: "two-phase Provision at the stand-in",
        what: format!(
            "two-phase Provision of phones new to the server, median of {} pairs of {HANDSHAKES}",
            pairs.len()
        ),
        ours: format!("{:.0} µs", of(|p| p.0)),
        peer: format!("Horde {:.0} µs", of(|p| p.1)),
        ratio: format!("{:.0} × less", of(|p| p.1 / p.0)),
    }])
}

fn cost(side: &Side, phones: Vec<simulator::eas::Device>) -> Result<f64> {
    let (before, count) = (side.micros()?, phones.len());
    block_on(stage::provision(phones))?;
    Ok((side.micros()? - before) as f64 / count as f64)
}
