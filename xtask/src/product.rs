//! The product under test: its binary, started as an operator would start it.
//!
//! Everything that scenarios know about how the product is set up is in this file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::process;
use crate::shell::finish;
use crate::work::Work;

const NAME: &str = "notifymdm";

/// A running `notifymdm serve`; it is stopped when this is dropped.
pub struct Product {
    work: Work,
    binary: PathBuf,
    /// `https://127.0.0.1:port`.
    pub base_url: String,
    /// The root certificate that it made.
    pub root_pem: Vec<u8>,
    /// `demo.json`: organizations, administrators, users and devices.
    pub demo: Value,
}

/// The binary: the given one, or the one that cargo builds now.
pub fn binary(given: Option<PathBuf>) -> Result<PathBuf> {
    if let Some(path) = given {
        return fs::canonicalize(&path).with_context(|| format!("finding {}", path.display()));
    }
    println!("building the product");
    let messages = finish(Command::new("cargo").args([
        "build",
        "--release",
        "--quiet",
        "--package",
        "notifymdm-server",
        "--message-format",
        "json",
    ]))?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|m| m["target"]["name"] == NAME)
        .find_map(|m| m["executable"].as_str().map(PathBuf::from))
        .context("cargo built no notifymdm")
}

impl Product {
    /// Starts it with its demonstration data in an empty folder and waits until it answers.
    pub fn demo(work: &Work, binary: &Path) -> Result<Product> {
        let data = work.path("product");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        fs::create_dir_all(&data)?;
        let listen = format!("127.0.0.1:{}", process::free_port()?);
        let mut command = Command::new(binary);
        command.args(["serve", "--demo", "--listen", &listen, "--data-dir"]).arg(&data);
        process::start(work, NAME, &mut command)?;
        let mut product = Product {
            work: work.clone(),
            binary: binary.to_owned(),
            base_url: String::new(),
            root_pem: Vec::new(),
            demo: Value::Null,
        };
        product.demo = product.wait_for_demo(&data.join("demo.json"))?;
        let text = |name: &str| {
            product.demo[name].as_str().map(str::to_owned).with_context(|| format!("demo.json has no {name}"))
        };
        let (base_url, root) = (text("base_url")?, text("ca_pem")?);
        // A relative name means the data folder.
        product.root_pem = fs::read(data.join(&root)).with_context(|| format!("reading {root}"))?;
        product.base_url = base_url;
        Ok(product)
    }

    /// The file is written when everything is seeded.
    fn wait_for_demo(&self, file: &Path) -> Result<Value> {
        let deadline = Instant::now() + Duration::from_mins(2);
        loop {
            let text = fs::read(file).unwrap_or_default();
            if let Ok(demo) = serde_json::from_slice(&text) {
                return Ok(demo);
            }
            if process::running(&self.work, NAME).is_none() {
                bail!("notifymdm ended; it said:\n{}", self.said());
            }
            if Instant::now() > deadline {
                bail!("no demo.json within two minutes; notifymdm said:\n{}", self.said());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The first organization of the demonstration.
    pub fn organization(&self) -> &Value {
        &self.demo["organizations"][0]
    }

    /// A REST token of an administrator, made on the command line of the host.
    pub fn token(&self, username: &str) -> Result<String> {
        let data = self.work.text("product");
        let said =
            finish(Command::new(&self.binary).args(["--data-dir", &data, "admin", "token", username]))?;
        let token = said.split_whitespace().find(|word| word.starts_with("nmdm_"));
        token.map(str::to_owned).with_context(|| format!("no token in {said:?}"))
    }

    /// TLS settings that trust only the product's own root.
    pub fn trust(&self) -> Result<Arc<simulator::http::TlsClient>> {
        Ok(simulator::http::trust(&self.root_pem)?)
    }

    fn said(&self) -> String {
        let log = fs::read_to_string(self.work.path(&format!("logs/{NAME}.log"))).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        if let Err(error) = process::stop(&self.work, NAME) {
            eprintln!("stopping notifymdm: {error:#}");
        }
    }
}
