//! The recorded and constructed bodies in `testdata/`.

use std::fs;
use std::path::{Path, PathBuf};

/// Every file of `testdata/` with this ending, sorted.
pub fn files(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from("testdata")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("testdata is there") {
            let path = entry.expect("testdata is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The bodies that are WBXML documents, with their paths.
pub fn documents() -> Vec<(PathBuf, Vec<u8>)> {
    let mut bodies: Vec<_> = files(".bin").into_iter().map(|path| (path.clone(), read(&path))).collect();
    bodies.retain(|(path, body)| !is_other(path, body));
    bodies
}

/// Bodies that are not WBXML: MIME, multipart, error pages, and answers that are a header and nothing else.
fn is_other(path: &Path, body: &[u8]) -> bool {
    let name = path.to_string_lossy();
    let known =
        ["zpush-items/10-SendMail-req", "zpush-items/08-ItemOperations-resp", "14-Bogus-resp", "Find-resp"];
    known.iter().any(|part| name.contains(part)) || body == wire_eas::wbxml::HEADER
}

/// The bytes of a file.
pub fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("testdata is readable")
}
