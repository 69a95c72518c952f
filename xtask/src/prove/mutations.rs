//! A million mutated messages for each codec, by the codecs' own tests.

use std::process::Command;

use anyhow::Result;

use super::{Context, Proved};
use crate::shell::finish;

const COUNT: usize = 1_000_000;

pub fn run(context: &Context<'_>) -> Result<Proved> {
    let count = context.rounds.unwrap_or(COUNT);
    for codec in ["wire-eas", "wire-ise", "wire-radius", "wire-pki", "wire-apple"] {
        finish(
            Command::new("cargo")
                .args(["test", "--release", "--quiet", "--package", codec, "--test", "it", "mutations"])
                .env("NOTIFYMDM_MUTATIONS", count.to_string()),
        )?;
        println!("  {codec}: {count}");
    }
    Ok(Proved {
        count: format!("{count} for each codec"),
        seen: "no panic, a value or a clear error".to_owned(),
    })
}
