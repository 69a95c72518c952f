//! Instructions for decoding and encoding the 275-byte policy of a captured Provision answer, by callgrind.
//!
//! libwbxml's figures are of version 0.11.8, counted in the same way from and to XML, which is what it offers.

use std::process::Command;

use anyhow::{Context as _, Result};

use super::Context;
use super::report::Figure;
use super::stage::build_example;
use crate::shell;

const LIBWBXML_DECODE: f64 = 404_000.0;
const LIBWBXML_ENCODE: f64 = 789_000.0;

pub fn run(_: &Context<'_>) -> Result<Vec<Figure>> {
    shell::apt_install(&["valgrind"])?;
    let program = build_example("wire-eas", "codec_cost")?;
    let each = |what: &str| -> Result<f64> {
        // The difference of two counts leaves out what starting costs.
        let count = |times: u32| -> Result<f64> {
            let output = Command::new("valgrind")
                .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
                .arg(&program)
                .args([what, &times.to_string()])
                .output()?;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let line = said.lines().find_map(|l| l.split_once("Collected : ")).map(|(_, n)| n.trim());
            let line = line.with_context(|| format!("callgrind said {said}"))?;
            line.parse().with_context(|| format!("a number in {line:?}"))
        };
        Ok((count(3_000)? - count(1_000)?) / 2_000.0)
    };
    let (pull, tree, encode) = (each("pull")?, each("tree")?, each("encode")?);
    let figure = |row, what: String, ours: f64, peer: f64| Figure {
        row,
        what,
        ours: format!("{ours:.0}"),
        peer: format!("libwbxml {peer:.0}"),
        ratio: format!("{:.1} × fewer", peer / ours),
    };
    Ok(vec![
        figure(
            "WBXML, decode",
            format!("decode 275 bytes to a tree, instructions ({pull:.0} for the events alone)"),
            tree,
            LIBWBXML_DECODE,
        ),
        figure("WBXML, encode", "encode the tree, instructions".to_owned(), encode, LIBWBXML_ENCODE),
    ])
}
