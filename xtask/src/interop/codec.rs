//! Codec equality: what the product's codec reads is what libwbxml, aswbxml and the simulator's own codec read,
//! for every captured and hand-made document.

use std::path::{Path, PathBuf};
use std::{fs, iter};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use wire_eas::wbxml::{Content, Element, Limits};

use super::{Context, Scenario};
use crate::peers::oracles;
use crate::shell::project;

pub static SCENARIO: Scenario = Scenario {
    name: "codec",
    shows: "our WBXML codec agrees with libwbxml, aswbxml and the simulator on every capture",
    peers: &["oracles"],
    run,
};

/// An element without its namespace: depth, name in lower case, and what it holds.
#[derive(Debug)]
struct Row {
    depth: usize,
    name: String,
    value: Holds,
}

#[derive(Debug, PartialEq)]
enum Holds {
    Nothing,
    Text(String),
    Opaque(Vec<u8>),
}

/// A document as the product reads it.
struct Document<'a> {
    file: &'a Path,
    rows: Vec<Row>,
    /// Whether it uses tokens that libwbxml does not know.
    beyond: bool,
}

fn run(context: &Context<'_>) -> Result<()> {
    let files = documents()?;
    ensure!(files.len() > 150, "only {} documents found", files.len());
    let mut ours = Vec::new();
    for file in &files {
        let bytes = fs::read(file)?;
        let tree = Element::parse(&bytes, Limits::default())
            .with_context(|| format!("the product cannot read {}", file.display()))?;
        let written = tree.to_document();
        let again = Element::parse(&written, Limits::default())?;
        ensure!(again == tree, "{} changes when written again", file.display());
        same(file, &rows(&tree), &simulated(&bytes)?, "the simulator")?;
        ours.push(Document { file, rows: rows(&tree), beyond: is_beyond_libwbxml(&tree) });
    }
    context.step(format!(
        "{} documents: as the simulator reads them, and unchanged when written again",
        ours.len()
    ));
    libwbxml(context, &ours)?;
    aswbxml(context, &ours)
}

/// WBXML documents among the test data of the codec.
fn documents() -> Result<Vec<PathBuf>> {
    let root = project().join("crates/wire/eas/testdata");
    let mut folders = vec![root];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "bin") {
                let bytes = fs::read(&path)?;
                // Longer than a header: Z-Push sometimes sends nothing behind it.
                if bytes.starts_with(&[0x03, 0x01, 0x6A, 0x00]) && bytes.len() > 4 {
                    files.push(path);
                }
            }
        }
    }
    files.sort();
    Ok(files)
}

fn rows(root: &Element<'_>) -> Vec<Row> {
    let mut out = Vec::new();
    let mut todo = vec![(0, root)];
    while let Some((depth, element)) = todo.pop() {
        let value = match &element.content {
            Content::Text(t) if !t.trim().is_empty() => Holds::Text(t.to_string()),
            Content::Opaque(b) if !b.is_empty() => Holds::Opaque(b.to_vec()),
            _ => Holds::Nothing,
        };
        let name = wire_eas::codepages::name(element.tag).unwrap_or("unknown");
        out.push(Row { depth, name: plain(name), value });
        if let Content::Children(children) = &element.content {
            todo.extend(children.iter().rev().map(|c| (depth + 1, c)));
        }
    }
    out
}

/// What the simulator's codec reads.
fn simulated(bytes: &[u8]) -> Result<Vec<Row>> {
    use simulator::wbxml::{Child, Element, decode};
    fn walk(element: &Element, depth: usize, out: &mut Vec<Row>) {
        let text: String = element
            .children
            .iter()
            .filter_map(|c| if let Child::Text(t) = c { Some(t.as_str()) } else { None })
            .collect();
        let opaque: Vec<u8> = element
            .children
            .iter()
            .filter_map(|c| if let Child::Opaque(b) = c { Some(b.as_slice()) } else { None })
            .flatten()
            .copied()
            .collect();
        let value = match (text.trim().is_empty(), opaque.is_empty()) {
            (_, false) => Holds::Opaque(opaque),
            (false, true) => Holds::Text(text),
            (true, true) => Holds::Nothing,
        };
        out.push(Row { depth, name: plain(element.tag.local().unwrap_or("unknown")), value });
        element.elements().for_each(|e| walk(e, depth + 1, out));
    }
    let root = decode(bytes)?;
    let mut out = Vec::new();
    walk(&root, 0, &mut out);
    Ok(out)
}

/// Names are compared without case and hyphens, and under the specification's current name.
fn plain(name: &str) -> String {
    let name = name.replace('-', "").to_ascii_lowercase();
    match name.as_str() {
        // libwbxml's names of 14/10, 18/2B and 24/18.
        "deviceencryptionenabled" => "requirestoragecardencryption".to_owned(),
        "ihsmanagementinformation" => "rightsmanagementinformation".to_owned(),
        "removerightsmanagementdistribution" => "removerightsmanagementprotection".to_owned(),
        // A slip in aswbxml's table.
        "requiremanaualsyncwhenroaming" => "requiremanualsyncwhenroaming".to_owned(),
        _ => name,
    }
}

fn same(file: &Path, ours: &[Row], theirs: &[Row], who: &str) -> Result<()> {
    for (at, (a, b)) in iter::zip(ours, theirs).enumerate() {
        if a.depth != b.depth || a.name != b.name || !agree(&a.value, &b.value) {
            bail!("{} differs from {who} at element {at}: {a:?} and {b:?}", file.display());
        }
    }
    ensure!(
        ours.len() == theirs.len(),
        "{}: {} elements, {who} reads {}",
        file.display(),
        ours.len(),
        theirs.len()
    );
    Ok(())
}

/// Opaque data is printed by others as base64 or as text, and white space at the ends is lost in XML.
fn agree(ours: &Holds, theirs: &Holds) -> bool {
    match (ours, theirs) {
        (Holds::Text(a), Holds::Text(b)) => lines(a) == lines(b),
        (Holds::Opaque(a), Holds::Text(b)) => {
            lines(&String::from_utf8_lossy(a)) == lines(b) || base64(a) == b.trim()
        }
        (a, b) => a == b,
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.trim().lines().map(str::trim_end).collect()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().enumerate().fold(0_u32, |w, (i, b)| w | u32::from(*b) << (16 - 8 * i));
        for i in 0..4 {
            let letter = char::from(LETTERS[(word >> (18 - 6 * i) & 0x3F) as usize]);
            out.push(if i <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

/// libwbxml of Debian knows neither page 25 nor 14/3B; documents with these are left to the others.
fn libwbxml(context: &Context<'_>, ours: &[Document<'_>]) -> Result<()> {
    let (mut compared, mut left) = (0, 0);
    for Document { file, rows, beyond } in ours {
        if *beyond {
            left += 1;
            continue;
        }
        let xml = oracles::libwbxml(file)?.with_context(|| format!("libwbxml refuses {}", file.display()))?;
        // It writes its own document type in front, which a careful XML parser refuses.
        let start = xml.find("<!DOCTYPE").and_then(|d| xml[d..].find('>').map(|e| d + e + 1)).unwrap_or(0);
        let doc = roxmltree::Document::parse(xml[start..].trim())
            .with_context(|| format!("libwbxml's XML of {}", file.display()))?;
        let theirs: Vec<Row> =
            doc.descendants().filter(roxmltree::Node::is_element).map(|n| of_xml(&n)).collect();
        same(file, rows, &theirs, "libwbxml")?;
        compared += 1;
    }
    ensure!(compared > left * 4, "only {compared} documents could be compared");
    context.step(format!("{compared} documents as libwbxml reads them ({left} use tokens it does not know)"));
    Ok(())
}

fn of_xml(node: &roxmltree::Node<'_, '_>) -> Row {
    let text: String = node.children().filter(roxmltree::Node::is_text).filter_map(|t| t.text()).collect();
    let value = if text.trim().is_empty() { Holds::Nothing } else { Holds::Text(text) };
    Row { depth: node.ancestors().count() - 2, name: plain(node.tag_name().name()), value }
}

fn is_beyond_libwbxml(element: &Element<'_>) -> bool {
    let own = element.tag.page >= 25 || (element.tag.page, element.tag.token) == (14, 0x3B);
    let below = match &element.content {
        Content::Children(children) => children.iter().any(is_beyond_libwbxml),
        _ => false,
    };
    own || below
}

/// aswbxml gives objects of arrays, which lose the order between different names: the elements are compared as a
/// sorted list of paths with values. It reads opaque data wrongly (and all behind it), so documents that
/// contain some are left to the others, and so are those of page 25, which it does not know.
fn aswbxml(context: &Context<'_>, ours: &[Document<'_>]) -> Result<()> {
    let files: Vec<&Path> = ours.iter().map(|d| d.file).collect();
    let answers = oracles::aswbxml(context.work, &files)?;
    let (mut compared, mut left) = (0, 0);
    for (Document { file, rows, beyond }, answer) in iter::zip(ours, &answers) {
        let has_opaque = rows.iter().any(|r| matches!(r.value, Holds::Opaque(_)));
        if has_opaque || (*beyond && answer.is_null()) {
            left += 1;
            continue;
        }
        let (mut mine, mut theirs) = (paths(rows), Vec::new());
        json_paths(answer, "", &mut theirs);
        mine.sort();
        theirs.sort();
        if let Some((a, b)) = iter::zip(&mine, &theirs).find(|(a, b)| a != b) {
            bail!("{} differs from aswbxml: {a:?} and {b:?}", file.display());
        }
        ensure!(
            mine.len() == theirs.len(),
            "{}: {} elements, aswbxml reads {}",
            file.display(),
            mine.len(),
            theirs.len()
        );
        compared += 1;
    }
    context.step(format!(
        "{compared} documents as aswbxml reads them ({left} with opaque data or unknown tokens left out)"
    ));
    Ok(())
}

fn paths(rows: &[Row]) -> Vec<(String, String)> {
    let mut path: Vec<&str> = Vec::new();
    rows.iter()
        .map(|row| {
            path.truncate(row.depth);
            path.push(&row.name);
            let value = if let Holds::Text(t) = &row.value { lines(t).join("\n") } else { String::new() };
            (path.join("/"), value)
        })
        .collect()
}

fn json_paths(value: &Value, path: &str, out: &mut Vec<(String, String)>) {
    let Value::Object(fields) = value else { return };
    for (name, children) in fields {
        let path = if path.is_empty() { plain(name) } else { format!("{path}/{}", plain(name)) };
        // aswbxml calls Email:FlagStatus by a shorter name.
        let path = path.replace("/flag/status", "/flag/flagstatus");
        let one = [children.clone()];
        for child in children.as_array().map_or(&one[..], Vec::as_slice) {
            let text = child.as_str().unwrap_or_default();
            out.push((path.clone(), lines(text).join("\n")));
            json_paths(child, &path, out);
        }
    }
}
