//! Where a secret could turn up.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{NAME, Secrets, VISIBLE};
use crate::interop::{Context, block_on};
use crate::product::{Installation, Organization};

/// Searches everywhere, and checks that what is no secret is found.
pub fn search(
    context: &Context<'_>,
    installation: &Installation,
    organization: &Organization,
    secrets: &Secrets,
) -> Result<()> {
    let answers = block_on(answers(organization))?;
    ensure!(answers.len() > 30, "only {} answers of REST were read", answers.len());
    ensure!(answers.iter().any(|(_, text)| text.contains(VISIBLE)), "REST does not even tell names");
    for (path, text) in &answers {
        none(secrets, text.as_bytes(), path)?;
    }
    let log = context.work.path(&format!("logs/{NAME}.log"));
    let said = fs::read(&log).with_context(|| format!("reading {}", log.display()))?;
    ensure!(said.len() > 10_000, "the log has {} bytes only: it does not log everything", said.len());
    none(secrets, &said, "the log")?;
    let backup = context.work.path("canary.backup");
    drop(fs::remove_file(&backup));
    installation.order(&["backup", &backup.to_string_lossy()])?;
    let mut seen = false;
    let mut files = files(&installation.data)?;
    files.push(backup);
    for file in files {
        let bytes = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        seen |= holds(&bytes, VISIBLE);
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        none(secrets, &bytes, &name)?;
    }
    ensure!(seen, "the data does not even hold names");
    Ok(())
}

/// What REST answers to everything that can be read without an id, the journal among it.
async fn answers(organization: &Organization) -> Result<Vec<(String, String)>> {
    let known = organization.openapi().await?;
    let paths = known["paths"].as_object().context("no paths")?;
    let plain = paths.iter().filter(|(path, verbs)| !path.contains('{') && verbs.get("get").is_some());
    let mut all = Vec::new();
    for (path, _) in plain {
        let Some(path) = path.strip_prefix("/api/v1") else { continue };
        // Not everything is for an organization's administrator, and not everything answers JSON.
        let text = match organization.rest.get(path).await {
            Ok(answer) => answer.to_string(),
            Err(error) => format!("{error:#}"),
        };
        all.push((format!("GET {path}"), text));
    }
    let journal: Value = organization.rest.get("/journal?limit=500").await?;
    all.push(("the journal".into(), journal.to_string()));
    Ok(all)
}

fn none(secrets: &Secrets, bytes: &[u8], place: &str) -> Result<()> {
    for (what, secret) in secrets {
        ensure!(!holds(bytes, secret), "{what} is in {place}");
    }
    Ok(())
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Every file below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            all.extend(files(&entry.path())?);
        } else if kind.is_file() {
            all.push(entry.path());
        }
    }
    Ok(all)
}
