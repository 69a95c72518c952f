//! The scenario of two nodes with its long count.

use std::process::Command;

use anyhow::Result;

use super::{Context, Proved};
use crate::shell::finish;

const ROUNDS: usize = 1_000;

pub fn run(context: &Context<'_>) -> Result<Proved> {
    let rounds = context.rounds.unwrap_or(ROUNDS);
    finish(
        Command::new(std::env::current_exe()?)
            .args(["interop", "--only", "two-nodes", "--binary"])
            .arg(context.binary()?)
            .env("NOTIFYMDM_ROUNDS", rounds.to_string()),
    )?;
    Ok(Proved {
        count: format!("{rounds} times"),
        seen: "Provision at one node, the next command at the other, none refused".to_owned(),
    })
}
