//! `cargo xtask floors`: a crate uses only what lies beneath it.
//!
//! The table below is the whole truth about which crate of the workspace may use which; a new edge is a change
//! here, and so a change that is reviewed. Beyond that, the floors of pure code (wire, catalog, domain) may not
//! reach a runtime, a network, a database, a clock or randomness by any detour, and files that grow too long
//! are named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// A crate, its floor, and the crates of the workspace that it may use.
type Rule = (&'static str, u8, &'static [&'static str]);

/// Floors: 0 wire, 1 catalog, 2 domain, 3 the outside (store, clients, transport), 4 engine, 5 faces (with their
/// common doorkeeper beneath them), 6 server. Simulator and testkit stand beside the house.
static RULES: [Rule; 23] = [
    ("wire-eas", 0, &[]),
    ("wire-ise", 0, &[]),
    ("wire-radius", 0, &[]),
    ("wire-ldap", 0, &[]),
    ("wire-webauthn", 0, &[]),
    ("wire-jose", 0, &[]),
    ("wire-pki", 0, &[]),
    ("wire-apple", 0, &[]),
    ("catalog", 1, &[]),
    ("domain", 2, &["catalog"]),
    ("transport", 3, &[]),
    ("store", 3, &["catalog", "domain"]),
    ("clients", 3, &["catalog", "domain", "transport", "wire-eas", "wire-jose", "wire-ldap", "wire-radius"]),
    ("engine", 4, &["catalog", "domain", "store", "clients", "transport", "wire-jose", "wire-webauthn"]),
    ("door", 5, &["engine", "catalog", "domain"]),
    ("platform-activesync", 5, &["engine", "door", "catalog", "domain", "clients", "transport", "wire-eas"]),
    ("look", 5, &[]),
    ("console", 5, &["engine", "door", "look", "catalog", "domain"]),
    ("portal", 5, &["engine", "door", "look", "catalog", "domain"]),
    ("api", 5, &["engine", "door", "catalog", "domain", "wire-ise"]),
    (
        "notifymdm-server",
        6,
        &[
            "api",
            "catalog",
            "clients",
            "console",
            "domain",
            "door",
            "engine",
            "platform-activesync",
            "portal",
            "simulator",
            "store",
            "transport",
        ],
    ),
    ("simulator", 9, &[]),
    ("testkit", 9, &["catalog", "domain", "store", "engine", "clients", "transport"]),
];

/// What floors 0 to 2 must not reach.
static IMPURE: [&str; 17] = [
    "tokio",
    "hyper",
    "hyper-util",
    "axum",
    "reqwest",
    "socket2",
    "mio",
    "rusqlite",
    "libsqlite3-sys",
    "tokio-postgres",
    "rustls",
    "getrandom",
    "rand",
    "rand_core",
    "chrono",
    "jiff",
    "time",
];

/// What their code must not say.
static AMBIENT: [&str; 6] =
    ["SystemTime::now", "Instant::now", "std::net::", "std::fs::", "std::env::var", "std::process::"];

/// Lines of a file, tests left out, from which on it is named.
const LONG: usize = 500;

/// Checks everything; fails with all offences.
pub fn run() -> Result<()> {
    let metadata = MetadataCommand::new().exec().context("asking cargo for metadata")?;
    let mut offences = Vec::new();
    edges(&metadata, &mut offences);
    purity(&metadata, &mut offences)?;
    sources(&metadata, &mut offences)?;
    long_files(&metadata)?;
    if !offences.is_empty() {
        bail!("{} offences against the floors\n  {}", offences.len(), offences.join("\n  "));
    }
    println!("floors: {} crates use only what they may", RULES.len());
    Ok(())
}

/// Every normal or build dependency between crates of the workspace is allowed by the table.
fn edges(metadata: &Metadata, offences: &mut Vec<String>) {
    let members: BTreeSet<String> =
        metadata.workspace_packages().iter().map(|p| p.name.to_string()).collect();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        if name == "xtask" {
            continue;
        }
        let Some((_, _, allowed)) = RULES.iter().find(|(n, _, _)| *n == name) else {
            offences.push(format!("{name} stands on no floor: add it to the table in xtask/src/floors.rs"));
            continue;
        };
        for dependency in &package.dependencies {
            let used = dependency.name.as_str();
            if dependency.kind != DependencyKind::Development
                && members.contains(used)
                && !allowed.contains(&used)
            {
                offences.push(format!("{name} must not use {used}"));
            }
        }
    }
}

/// Floors 0 to 2 reach nothing impure, whatever the detour.
fn purity(metadata: &Metadata, offences: &mut Vec<String>) -> Result<()> {
    let resolve = metadata.resolve.as_ref().context("cargo resolved no dependencies")?;
    let names: BTreeMap<&PackageId, &str> =
        metadata.packages.iter().map(|p| (&p.id, p.name.as_str())).collect();
    let nodes: BTreeMap<&PackageId, _> = resolve.nodes.iter().map(|n| (&n.id, n)).collect();
    for package in pure_packages(metadata) {
        let mut seen: BTreeMap<&PackageId, Vec<&str>> = BTreeMap::new();
        let mut todo = vec![(&package.id, vec![package.name.as_str()])];
        while let Some((id, way)) = todo.pop() {
            if seen.contains_key(id) {
                continue;
            }
            if let Some(name) = names.get(id).filter(|n| IMPURE.contains(n)) {
                offences.push(format!("{} reaches {name}: {}", package.name, way.join(" → ")));
            }
            for dependency in nodes.get(id).map(|n| n.deps.as_slice()).unwrap_or_default() {
                if dependency.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal) {
                    let mut way = way.clone();
                    way.extend(names.get(&dependency.pkg));
                    todo.push((&dependency.pkg, way));
                }
            }
            seen.insert(id, way);
        }
    }
    Ok(())
}

/// The code of floors 0 to 2 asks for no clock, file, network or environment.
fn sources(metadata: &Metadata, offences: &mut Vec<String>) -> Result<()> {
    for package in pure_packages(metadata) {
        let root = package.manifest_path.parent().context("a manifest without folder")?.join("src");
        for file in rust_files(root.as_std_path())? {
            let text = fs::read_to_string(&file)?;
            for (number, line) in without_tests(&text).lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                if let Some(word) = AMBIENT.iter().find(|w| code.contains(**w)) {
                    offences.push(format!("{}:{}: {word} on a pure floor", file.display(), number + 1));
                }
            }
        }
    }
    Ok(())
}

fn pure_packages(metadata: &Metadata) -> impl Iterator<Item = &cargo_metadata::Package> {
    let pure = |name: &str| RULES.iter().any(|(n, floor, _)| *n == name && *floor <= 2);
    metadata.packages.iter().filter(move |p| metadata.workspace_members.contains(&p.id) && pure(&p.name))
}

/// Names files that are too long; tables may be, so it does not fail.
fn long_files(metadata: &Metadata) -> Result<()> {
    for package in metadata.workspace_packages() {
        let root = package.manifest_path.parent().context("a manifest without folder")?.join("src");
        for file in rust_files(root.as_std_path())? {
            let lines = without_tests(&fs::read_to_string(&file)?).lines().count();
            if lines > LONG {
                println!("long: {} has {lines} lines without tests", file.display());
            }
        }
    }
    Ok(())
}

/// The text up to its test module, which stands last.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ").map_or(text, |at| &text[..at])
}

fn rust_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = vec![root.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_itself_never_points_upwards() {
        let floor = |name: &str| RULES.iter().find(|(n, _, _)| *n == name).map(|(_, f, _)| *f);
        for (name, own, allowed) in &RULES {
            for used in *allowed {
                let below = floor(used).unwrap_or_else(|| panic!("{used} is not in the table"));
                // Clients stand on transport, faces on the doorkeeper and what they look like; the server brings the
                // demo's devices.
                let beside = matches!(
                    (*name, *used),
                    ("clients", "transport")
                        | ("console" | "portal" | "api" | "platform-activesync", "door")
                        | ("console" | "portal", "look")
                        | ("notifymdm-server", "simulator")
                );
                assert!(below < *own || beside, "{name} (floor {own}) must not use {used} (floor {below})");
            }
        }
    }

    #[test]
    fn faces_do_not_see_each_other_or_the_store() {
        let faces = ["console", "portal", "api", "platform-activesync"];
        for (name, _, allowed) in RULES.iter().filter(|(n, _, _)| faces.contains(n)) {
            for other in faces.iter().chain(&["store"]) {
                assert!(!allowed.contains(other), "{name} may use {other}");
            }
        }
    }

    #[test]
    fn tests_at_the_end_do_not_count() {
        assert_eq!(without_tests("fn a() {}\n#[cfg(test)]\nmod tests {}\n"), "fn a() {}\n");
        assert_eq!(without_tests("fn a() {}\n"), "fn a() {}\n");
    }
}
