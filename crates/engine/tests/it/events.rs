//! What the sources promise about the journal: every event they name is in the catalogue, and every unit that writes
//! an entity says so in the journal.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn sources() -> Vec<(String, String)> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new("src");
    let mut paths = Vec::new();
    walk(root, &mut paths);
    paths.sort();
    let name = |path: &Path| path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

/// Code without comments and without the tests at the end of a file.
fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_event_is_in_the_catalogue() {
    let areas: BTreeSet<_> = catalog::EVENTS.iter().filter_map(|e| Some(e.key.split_once('.')?.0)).collect();
    let mut named = BTreeSet::new();
    for (file, source) in sources() {
        for literal in code(&source).split('"').skip(1).step_by(2) {
            let Some((area, rest)) = literal.split_once('.') else { continue };
            let word = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if areas.contains(area) && word(rest) {
                assert!(catalog::event_by_key(literal).is_some(), "{file} journals {literal}");
                named.insert(literal.to_owned());
            }
        }
    }
    assert!(named.len() > 60, "the scan finds too little: {named:?}");
}

/// Writes that are state of a protocol or of a session, not acts: they may happen at every request.
const SILENT: [(&str, &str); 3] = [
    ("sign_in/session.rs", "a session was used"),
    ("sign_in/token.rs", "a token was used"),
    ("settle.rs", "what happened is journaled by the change it is given"),
];

#[test]
fn every_unit_that_writes_an_entity_journals_it() {
    let entities = [
        "administrators",
        "roles",
        "tokens",
        "users",
        "devices",
        "suites",
        "servers",
        "organizations",
        "access",
        "commands",
        "governor",
    ];
    let mut units = 0;
    for (file, source) in sources() {
        let code = code(&source);
        for (at, _) in code.match_indices(".write(") {
            let unit = balanced(&code[at + ".write".len()..]);
            let writes = unit.contains("settle_and_put(")
                || entities.iter().any(|e| {
                    unit.contains(&format!("repo::{e}::put("))
                        || unit.contains(&format!("repo::{e}::remove("))
                });
            if !writes {
                continue;
            }
            units += 1;
            // Moving a command is journaled where it is stored.
            let journals = ["tx.journal", "commands::apply(tx", " apply(tx", "journal_switch", " end(tx"];
            let silent = SILENT.iter().any(|(allowed, _)| *allowed == file);
            assert!(silent || journals.iter().any(|word| unit.contains(word)), "{file}:\n{unit}");
        }
    }
    assert!(units > 25, "the scan finds too few units: {units}");
}

/// From an opening parenthesis to its end.
fn balanced(text: &str) -> &str {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..=at];
        }
    }
    text
}
