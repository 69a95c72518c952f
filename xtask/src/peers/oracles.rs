//! Independent codecs: libwbxml's `wbxml2xml` and, on Node, aswbxml. What they read is compared with what ours
//! reads.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::Peer;
use crate::shell::{finish, has};
use crate::work::Work;

pub static PEER: Peer = Peer {
    name: "oracles",
    purpose: "independent WBXML codecs",
    packages: &["libwbxml2-utils"],
    needs: &[],
    port: None,
    start,
    stop: |_| Ok(()),
};

/// Reads files named on standard input and prints each tree as nested JSON, one a line, or null.
const READER: &str = r"
const fs = require('fs'), { decode } = require('aswbxml');
for (const file of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  let tree = null;
  try { tree = decode(fs.readFileSync(file), 'ActiveSync'); } catch (e) {}
  console.log(JSON.stringify(tree));
}
";

fn start(work: &Work) -> Result<()> {
    let folder = work.folder("oracles")?;
    if !has("npm") {
        crate::shell::apt_install(&["nodejs", "npm"])?;
    }
    if !folder.join("node_modules/aswbxml").exists() {
        work.write("oracles/package.json", "{ \"private\": true }\n")?;
        finish(
            Command::new("npm")
                .args(["install", "--no-audit", "--no-fund", "aswbxml@0.0.4"])
                .current_dir(&folder),
        )?;
    }
    work.write("oracles/read.js", READER)?;
    Ok(())
}

/// What libwbxml reads, as XML; `None` if it cannot read the document.
pub fn libwbxml(file: &Path) -> Result<Option<String>> {
    let output = Command::new("wbxml2xml")
        .args(["-m", "0", "-l", "ACTIVESYNC", "-o", "-"])
        .arg(file)
        .output()
        .context("starting wbxml2xml")?;
    let xml = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((output.status.success() && xml.contains('<')).then_some(xml))
}

/// What aswbxml reads of each file; `null` where it cannot.
pub fn aswbxml(work: &Work, files: &[&Path]) -> Result<Vec<serde_json::Value>> {
    let list: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
    let list_file = work.write("oracles/files", &list.join("\n"))?;
    let output = Command::new("node")
        .arg("--no-deprecation")
        .arg("read.js")
        .current_dir(work.path("oracles"))
        .stdin(std::fs::File::open(list_file)?)
        .output()
        .context("starting node")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Result<Vec<_>, _> = text.lines().map(serde_json::from_str).collect();
    let lines = lines.context("reading what aswbxml printed")?;
    anyhow::ensure!(
        lines.len() == files.len(),
        "aswbxml read {} of {} files: {}",
        lines.len(),
        files.len(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(lines)
}
