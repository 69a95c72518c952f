//! `cargo xtask e2e`: the browser tests of `e2e/` against the product with its demonstration data.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::product::{self, Product};
use crate::shell::{apt_install, has, project};
use crate::work::Work;

/// Runs them; `only` names pages. Screenshots of every visit are kept in the work folder.
pub fn run(binary: Option<PathBuf>, only: &[String]) -> Result<()> {
    let work = Work::open()?;
    let folder = project().join("e2e");
    if std::env::var_os("CHROMIUM").is_none() {
        apt_install(&["chromium"])?;
    }
    if !has("npm") {
        apt_install(&["nodejs", "npm"])?;
    }
    if !folder.join("node_modules/playwright-core").exists() {
        println!("installing the browser tests' packages");
        finish(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    }
    let shots = work.path("shots");
    if shots.exists() {
        fs::remove_dir_all(&shots)?;
    }
    let product = Product::demo(&work, &product::binary(binary)?)?;
    println!("visiting {}", product.base_url);
    let outcome = finish(
        Command::new("node")
            .arg("run.mjs")
            .args(only)
            .env("DEMO", product.data.join("demo.json"))
            .env("SHOTS", &shots)
            .current_dir(&folder),
    );
    println!("screenshots: {}", shots.display());
    outcome
}

/// Runs a program whose output is for the reader.
fn finish(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command.status().with_context(|| format!("starting {shown}"))?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}
