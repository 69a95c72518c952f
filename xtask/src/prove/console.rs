//! Every list of the console in a browser, over an installation with many devices.

use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Context, Proved};
use crate::bench::stage::Seeded;
use crate::product::Server;
use crate::shell::{apt_install, finish, has, project};

const DEVICES: usize = 100_000;
/// Milliseconds that a page may take, from the request to its last byte.
const LIMIT: u32 = 500;

pub fn run(context: &Context<'_>) -> Result<Proved> {
    let devices = context.rounds.unwrap_or(DEVICES);
    let folder = project().join("e2e");
    if std::env::var_os("CHROMIUM").is_none() {
        apt_install(&["chromium"])?;
    }
    if !has("npm") {
        apt_install(&["nodejs", "npm"])?;
    }
    if !folder.join("node_modules/playwright-core").exists() {
        finish(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    }
    let binary = context.binary()?;
    let seeded = Seeded::open(context.work, devices)?;
    let server = Server::start(context.work, binary, "console", &seeded.data, &[])?;
    let account = format!("tour{}", std::process::id());
    let said = server.order(&["admin", "create", &account, "--org", "bench"])?;
    let password = said.split_whitespace().last().with_context(|| format!("no password in {said:?}"))?;
    let output = Command::new("node")
        .arg("large.mjs")
        .env("BASE_URL", &server.base_url)
        .env("ACCOUNT", &account)
        .env("PASSWORD", password)
        .env("DEVICES", devices.to_string())
        .env("LIMIT_MS", std::env::var("LIMIT_MS").unwrap_or_else(|_| LIMIT.to_string()))
        .current_dir(&folder)
        .output()
        .context("starting node")?;
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    let pages: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let most = |key: &str| {
        let figure = |page: &&Value| page[key].as_f64().unwrap_or(0.0);
        pages.iter().max_by(|a, b| figure(a).total_cmp(&figure(b)))
    };
    let (Some(slow), Some(heavy)) = (most("ms"), most("kib")) else {
        bail!("no page was opened: {}", String::from_utf8_lossy(&output.stderr));
    };
    let seen = format!(
        "slowest {} in {} ms, heaviest {} with {} KiB",
        slow["page"].as_str().unwrap_or_default(),
        slow["ms"],
        heavy["page"].as_str().unwrap_or_default(),
        heavy["kib"]
    );
    if !output.status.success() {
        bail!("{seen}");
    }
    Ok(Proved { count: format!("{} pages over {devices} devices", pages.len()), seen })
}
