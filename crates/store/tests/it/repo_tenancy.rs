//! Every statement of the repositories names the organization, except those of `installation`.

use std::{fs, path::Path};

/// All SQL texts of a source file: string literals that begin with a statement's first word.
fn statements(source: &str) -> Vec<String> {
    let words = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "];
    source
        .match_indices('"')
        .filter(|(at, _)| words.iter().any(|word| source[at + 1..].starts_with(word)))
        .map(|(at, _)| {
            let text = &source[at + 1..];
            text[..text.find('"').expect("a literal ends")].to_owned()
        })
        .collect()
}

fn check(folder: &Path, seen: &mut usize) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("installation") {
            continue;
        }
        if path.is_dir() {
            check(&path, seen);
            continue;
        }
        for sql in statements(&fs::read_to_string(&path).unwrap()) {
            *seen += 1;
            let parts = sql.split("UNION ALL").count();
            let bound =
                sql.matches("organization_id = $1").count() + sql.matches("organization_id = ?").count();
            let inserted = sql.starts_with("INSERT") && sql.contains("(organization_id, ");
            assert!(bound >= parts || inserted, "{}: {sql}", path.display());
        }
    }
}

#[test]
fn every_statement_names_the_organization() {
    let mut seen = 0;
    check(Path::new("src/repo"), &mut seen);
    assert!(seen > 60, "only {seen} statements were found: the scan is broken");
}
