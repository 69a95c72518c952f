//! Captures of real servers and clients, and broken documents.

use std::fs;
use std::path::PathBuf;

use super::*;

fn testdata() -> PathBuf {
    PathBuf::from("testdata")
}

/// Every captured WBXML body with the tree that an unrelated program printed for it.
fn captures() -> Vec<(PathBuf, Vec<u8>, String)> {
    let mut found = Vec::new();
    for folder in fs::read_dir(testdata().join("captured")).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let tree = path.with_extension("tree.txt");
            if path.extension().is_some_and(|e| e == "bin") && tree.exists() {
                let bytes = fs::read(&path).unwrap();
                // Z-Push answers an empty search for recipients with a header and nothing behind it.
                if bytes.starts_with(&[0x03, 0x01, 0x6A, 0x00]) && bytes.len() > 4 {
                    found.push((path, bytes, fs::read_to_string(tree).unwrap()));
                }
            }
        }
    }
    found
}

/// The names in a tree print, in order; closing tags and text left out.
fn names(print: &str) -> Vec<String> {
    print
        .lines()
        .map(str::trim)
        .filter(|l| l.starts_with('<') && !l.starts_with("</") && !l.starts_with("<!"))
        .filter_map(|l| l[1..].split(['>', '/', ' ']).next().map(str::to_owned))
        .filter(|n| n.contains(':'))
        // The other program spells a few names differently: Reply-To, MIME.
        .map(|n| n.replace('-', "").to_ascii_lowercase())
        .collect()
}

#[test]
fn captures_of_real_servers_read_as_another_program_reads_them() {
    let all = captures();
    assert!(all.len() > 80, "only {} captures found", all.len());
    for (path, bytes, tree) in all {
        let root = decode(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(names(&root.pretty()), names(&tree), "{}", path.display());
    }
}

#[test]
fn a_capture_written_again_reads_the_same() {
    for (path, bytes, _) in captures() {
        let root = decode(&bytes).unwrap();
        assert_eq!(decode(&encode(&root)).unwrap(), root, "{}", path.display());
    }
}

#[test]
fn the_refusal_of_the_specification_is_written_byte_for_byte() {
    let refusal = el("FolderHierarchy:FolderSync").with(el("FolderHierarchy:Status").text(142));
    let expected = [0x03, 1, 0x6A, 0, 0, 7, 0x56, 0x4C, 3, b'1', b'4', b'2', 0, 1, 1];
    assert_eq!(encode(&refusal), expected);
}

#[test]
fn long_opaque_content_survives() {
    for length in [0, 1, 127, 128, 16_383, 16_384, 2_100_000] {
        let root = el("ComposeMail:SendMail").with(el("ComposeMail:Mime").opaque(vec![b'x'; length]));
        let back = decode(&encode(&root)).unwrap();
        assert_eq!(back.at("Mime").and_then(Element::bytes).map(<[u8]>::len), Some(length));
    }
}

#[test]
fn broken_documents_are_refused_or_survived() {
    let list: serde_json::Value =
        serde_json::from_slice(&fs::read(testdata().join("malformed.json")).unwrap()).unwrap();
    let mut refused = 0;
    for case in list.as_array().unwrap() {
        let bytes = match case["name"].as_str().unwrap() {
            "deep-nesting-10000" => [&[3, 1, 0x6A, 0, 0, 0][..], &[0x5C; 10_000][..]].concat(),
            _ => unhex(case["hex"].as_str().unwrap()),
        };
        refused += usize::from(decode(&bytes).is_err());
    }
    assert!(refused >= 15, "only {refused} of the broken documents were refused");
}

#[test]
fn every_prefix_and_every_flipped_byte_of_a_policy_is_survived() {
    let policy = fs::read(testdata().join("captured/zpush-policy-wipe/04-Provision-resp.bin")).unwrap();
    for cut in 0..policy.len() {
        assert!(decode(&policy[..cut]).is_err(), "a document cut at {cut} was taken as whole");
    }
    for at in 0..policy.len() {
        for bit in 0..8 {
            let mut bent = policy.clone();
            bent[at] ^= 1 << bit;
            if let Ok(root) = decode(&bent) {
                assert!(!root.pretty().is_empty());
            }
        }
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}
