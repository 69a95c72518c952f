//! `cargo xtask manual`: the documents lead where they say, and leave nothing out.
//!
//! The support matrix is compared by a test of the crate that generates it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::shell::project;

/// Folders that are not ours, or not source.
static SKIPPED: [&str; 6] = ["node_modules", "target", ".git", ".work", "testdata", "fuzz"];

/// Where command line and configuration are described.
const REFERENCE: &str = "docs/operator/configuration.md";

/// The page that `cargo xtask rules` prints.
const RULES: &str = "docs/rules.md";

/// Checks everything; fails with all offences.
pub fn run() -> Result<()> {
    let root = project();
    let mut pages = Vec::new();
    collect(&root, &mut pages)?;
    let mut offences = Vec::new();
    let mut links = 0;
    for page in &pages {
        let text = fs::read_to_string(page).with_context(|| format!("reading {}", page.display()))?;
        for target in targets(&text) {
            links += 1;
            if !page.with_file_name(&target).exists() {
                offences.push(format!("{} leads to {target}, which is not there", shown(&root, page)));
            }
        }
    }
    summary(&root, &pages, &mut offences)?;
    configuration(&root, &mut offences)?;
    if fs::read_to_string(root.join(RULES)).unwrap_or_default() != crate::compliance::page() {
        offences.push(format!("{RULES} is not what it should be; run: cargo xtask rules > {RULES}"));
    }
    if !offences.is_empty() {
        bail!("{} faults in the documents\n  {}", offences.len(), offences.join("\n  "));
    }
    println!("manual: {} documents, {links} links", pages.len());
    Ok(())
}

fn shown(root: &Path, page: &Path) -> String {
    page.strip_prefix(root).unwrap_or(page).display().to_string()
}

/// Every Markdown file below a folder.
fn collect(folder: &Path, pages: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !SKIPPED.contains(&name) {
                collect(&path, pages)?;
            }
        } else if path.extension().is_some_and(|e| e == "md") {
            pages.push(path);
        }
    }
    Ok(())
}

/// What inline links lead to inside the repository. Code blocks and code spans have none.
fn targets(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        }
        if code || line.starts_with("    ") {
            continue;
        }
        // Every second piece between backticks is code.
        for prose in line.split('`').step_by(2) {
            for rest in prose.split("](").skip(1) {
                let Some((target, _)) = rest.split_once(')') else { continue };
                let path = target.split('#').next().unwrap_or_default();
                if !path.is_empty() && !path.contains("://") && !path.starts_with("mailto:") {
                    found.push(path.to_owned());
                }
            }
        }
    }
    found
}

/// Every page of the manual is in its table of contents.
fn summary(root: &Path, pages: &[PathBuf], offences: &mut Vec<String>) -> Result<()> {
    let docs = root.join("docs");
    let contents = fs::read_to_string(docs.join("SUMMARY.md")).context("reading docs/SUMMARY.md")?;
    let listed: BTreeSet<PathBuf> = targets(&contents).iter().map(|t| docs.join(t)).collect();
    for page in pages.iter().filter(|p| p.starts_with(&docs) && !p.ends_with("SUMMARY.md")) {
        if !listed.contains(page) {
            offences.push(format!("{} is not in docs/SUMMARY.md", shown(root, page)));
        }
    }
    Ok(())
}

/// Every variable of the command line and every key of the configuration file is described.
fn configuration(root: &Path, offences: &mut Vec<String>) -> Result<()> {
    let read = |path: &str| fs::read_to_string(root.join(path)).with_context(|| format!("reading {path}"));
    let reference = read(REFERENCE)?;
    let (cli, config) = (read("crates/server/src/cli.rs")?, read("crates/server/src/config.rs")?);
    let variables = cli.split("env = \"").skip(1).filter_map(|rest| rest.split('"').next());
    for word in variables.chain(keys(&config)) {
        if !reference.contains(&format!("`{word}`")) {
            offences.push(format!("{REFERENCE} does not describe {word}"));
        }
    }
    Ok(())
}

/// The fields of the structures that are read from the file.
fn keys(config: &str) -> impl Iterator<Item = &str> {
    ["pub struct File {", "pub struct Acme {"].into_iter().flat_map(move |start| {
        let body =
            config.split_once(start).map_or("", |(_, rest)| rest.split("\n}").next().unwrap_or_default());
        body.lines()
            .filter_map(|line| line.trim().trim_start_matches("pub ").split_once(": "))
            .map(|(name, _)| name)
            .filter(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_outside_of_code_only() {
        let text = "See [a](one.md#part), [b](https://example.com), [c](#here) and `[d](two.md)`.\n\
                    ```\n[e](three.md)\n```\n    [f](four.md)\n- [g](five/six.md)\n";
        assert_eq!(targets(text), ["one.md", "five/six.md"]);
    }

    #[test]
    fn keys_are_the_fields_of_the_file() {
        let config = "struct Other {\n    no: u8,\n}\npub struct File {\n    /// What: this.\n    listen: Option<A>,\n    \
                      names: Vec<String>,\n}\npub struct Acme {\n    pub email: String,\n}\n";
        assert_eq!(keys(config).collect::<Vec<_>>(), ["listen", "names", "email"]);
    }
}
