//! What was measured, printed and written into `docs/benchmarks.md`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::shell::{project, run};

/// One measured figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The beginning of its row in the table of what is wanted.
    pub row: &'static str,
    /// What was measured, in a few words.
    pub what: String,
    /// Our figure.
    pub ours: String,
    /// The peer's figure; `–` if there is none.
    pub peer: String,
    /// Ours divided by the peer's, or how it stands to what is wanted.
    pub ratio: String,
}

impl Figure {
    /// A figure without a peer.
    pub fn alone(row: &'static str, what: impl Into<String>, ours: impl Into<String>) -> Figure {
        Figure { row, what: what.into(), ours: ours.into(), peer: "–".to_owned(), ratio: "–".to_owned() }
    }
}

/// When, of what and on what it was measured.
pub struct Circumstances {
    date: String,
    commit: String,
    machine: String,
}

impl Circumstances {
    /// As they are now.
    pub fn now() -> Result<Circumstances> {
        let load = fs::read_to_string("/proc/loadavg")?;
        let memory = fs::read_to_string("/proc/meminfo")?;
        let memory: u64 = memory
            .lines()
            .find_map(|l| l.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok())
            .unwrap_or_default();
        let processors = std::thread::available_parallelism().map_or(0, usize::from);
        Ok(Circumstances {
            date: run("date", &["-u", "+%Y-%m-%d"])?.trim().to_owned(),
            commit: commit(),
            machine: format!(
                "{processors} cores, {} GiB, load {}",
                memory / 1024 / 1024,
                load.split_whitespace().next().unwrap_or_default()
            ),
        })
    }
}

/// The commit of the working tree; `NOTIFYMDM_COMMIT` says it where there is no repository.
pub fn commit() -> String {
    std::env::var("NOTIFYMDM_COMMIT")
        .ok()
        .or_else(|| run("git", &["rev-parse", "--short", "HEAD"]).ok())
        .map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// The file of the repository, two folders above this crate's sources.
pub fn document(name: &str) -> PathBuf {
    project().join("docs").join(name)
}

/// Prints figures, and puts them into the two tables of the document.
pub fn publish(figures: &[Figure], at: &Circumstances) -> Result<()> {
    let path = document("benchmarks.md");
    let mut text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    for figure in figures {
        println!("{}: ours {}, peer {}, {}", figure.what, figure.ours, figure.peer, figure.ratio);
        text = with_figure(&text, figure, at);
    }
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}

fn with_figure(text: &str, figure: &Figure, at: &Circumstances) -> String {
    let reached = if figure.peer == "–" {
        figure.ours.clone()
    } else {
        format!("{} ({}; peer {})", figure.ratio, figure.ours, figure.peer)
    };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for line in &mut lines {
        let mut cells: Vec<&str> = line.split(" | ").collect();
        if line.starts_with(&format!("| {}", figure.row)) && cells.len() == 5 {
            let run = format!("{} |", at.date);
            cells[3] = &reached;
            cells[4] = &run;
            *line = cells.join(" | ");
        }
    }
    lines.push(format!(
        "| {} | {} | {} | {} | {} | {} | {} |",
        at.date, at.commit, at.machine, figure.what, figure.ours, figure.peer, figure.ratio
    ));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_replaces_its_row_and_adds_a_run() {
        let text = "| cold start | – | ≤ 2 s | not run yet | – |\n| other | – | 1 | not run yet | – |\n";
        let at = Circumstances { date: "2030-01-02".into(), commit: "abc".into(), machine: "m".into() };
        let figure = Figure::alone("cold", "cold start, 5 times", "1.2 s");
        let text = with_figure(text, &figure, &at);
        assert_eq!(
            text,
            "| cold start | – | ≤ 2 s | 1.2 s | 2030-01-02 |\n| other | – | 1 | not run yet | – |\n\
             | 2030-01-02 | abc | m | cold start, 5 times | 1.2 s | – | – |\n"
        );
    }
}
