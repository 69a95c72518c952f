//! The product under test: its binary, started as an operator would start it.
//!
//! Everything that scenarios know about how the product is set up is in this folder: with its demonstration data
//! ([`Product`]), or from an empty data directory by command line and REST ([`Installation`]).

mod browser;
mod console;
mod fake_clock;
mod installation;
mod organization;
mod rest;
mod server;

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::shell::finish;
use crate::work::Work;

pub use browser::{Browser, Page};
pub use console::Console;
pub use fake_clock::FakeClock;
pub use installation::Installation;
pub use organization::Organization;
pub use rest::Rest;
pub use server::{Server, empty_folder};

const NAME: &str = "notifymdm";

/// The binary: the given one, or the one that cargo builds now, without optimisation.
pub fn binary(given: Option<PathBuf>) -> Result<PathBuf> {
    if let Some(path) = given {
        return fs::canonicalize(&path).with_context(|| format!("finding {}", path.display()));
    }
    built(&[])
}

fn built(profile: &[&str]) -> Result<PathBuf> {
    println!("building the product");
    let package = ["--package", "notifymdm-server", "--bin", NAME];
    let messages = finish(
        Command::new("cargo")
            .args(["build", "--quiet", "--message-format", "json"])
            .args(package)
            .args(profile),
    )?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|m| m["target"]["name"] == NAME)
        .find_map(|m| m["executable"].as_str().map(PathBuf::from))
        .context("cargo built no notifymdm")
}

/// The binary: the given one, or the one that cargo builds now with optimisation.
pub fn optimised(given: Option<PathBuf>) -> Result<PathBuf> {
    match given {
        Some(path) => binary(Some(path)),
        None => built(&["--release"]),
    }
}

/// `notifymdm serve --demo`; it is stopped when this is dropped.
pub struct Product {
    server: Server,
    /// `demo.json`: organizations, administrators, users and devices.
    pub demo: Value,
}

impl Deref for Product {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Product {
    /// Starts it with its demonstration data in an empty folder and waits until everything is seeded.
    pub fn demo(work: &Work, binary: &Path) -> Result<Product> {
        let data = server::empty_folder(work, "product")?;
        let server = Server::start(work, binary, NAME, &data, &["--demo"])?;
        let demo = wait_for_demo(&server, &data.join("demo.json"))?;
        Ok(Product { server, demo })
    }

    /// The first organization of the demonstration.
    pub fn organization(&self) -> &Value {
        &self.demo["organizations"][0]
    }
}

fn wait_for_demo(server: &Server, file: &Path) -> Result<Value> {
    let deadline = Instant::now() + Duration::from_mins(3);
    loop {
        let text = fs::read(file).unwrap_or_default();
        if let Ok(demo) = serde_json::from_slice(&text) {
            return Ok(demo);
        }
        server.must_live()?;
        if Instant::now() > deadline {
            bail!("no demo.json within three minutes; notifymdm said:\n{}", server.said());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
