//! The audit trail is checked all the time, a part of it in each run, on one node; what does not verify is journaled,
//! and so becomes an alert.
//!
//! A pass goes through a whole chain and begins anew a day after the last one, so that damage to what was checked
//! already is found too. How far it came is kept with a code that only the key file can make.

use std::collections::BTreeSet;

use domain::Millis;
use domain::model::{Actor, JournalEntry, Organization, OrganizationId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::journal::{Position, Problem, Stretch, verify_stretch};
use store::repo::installation::settings;

use crate::{Engine, Error, Result, lease};

/// Whose turn it is; longer than the time between two runs, so that the same node goes on.
const LEASE: (&str, Millis) = ("journal check", 900_000);

/// Entries of one organization that are checked in a run: a hundred a second would be needed to outrun it.
const MOST: u64 = 60_000;

/// Time from one pass to the next.
const PASS: Millis = 86_400_000;

/// Problems that an entry names; of more only the number is said.
const NAMED: usize = 20;

/// Problems that a pass tells: a chain that was rewritten has one in every row.
const TOLD: usize = 1_000;

/// How far a pass came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Pass {
    began_at: Millis,
    /// Sealed.
    position: String,
    /// The end was reached once; since then only what is new is checked.
    is_through: bool,
    /// What was told in this pass: the same is told once.
    told: BTreeSet<String>,
}

/// Checks the next part of every chain, if no other node does. To be called every few minutes.
///
/// # Errors
/// Storage errors.
pub async fn run(engine: &Engine) -> Result<()> {
    if !lease::hold_for(engine, LEASE.0, LEASE.1).await? {
        return Ok(());
    }
    check(engine, Organization::SYSTEM).await?;
    for organization in engine.directory.organizations() {
        check(engine, organization.id).await?;
    }
    Ok(())
}

fn name(organization: OrganizationId) -> String {
    format!("journal_check/{organization}")
}

async fn check(engine: &Engine, organization: OrganizationId) -> Result<()> {
    let (key, now) = (engine.secret_key.clone(), engine.now());
    let (old, stretch) = engine
        .store
        .read(organization, async move |tx| {
            let kept = settings::get(tx, &name(organization)).await?;
            let old: Option<Pass> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            let pass = old.clone().filter(|pass| !is_over(pass, now));
            let from = pass.and_then(|pass| Position::open(&key, organization, &pass.position));
            let stretch = verify_stretch(tx, &key, from, MOST).await?;
            Ok::<_, Error>((old, stretch))
        })
        .await?;
    let current = old.clone().filter(|pass| !is_over(pass, now));
    let mut pass = current.unwrap_or_else(|| Pass { began_at: now, ..Pass::default() });
    pass.position = stretch.position.seal(&engine.secret_key, organization);
    pass.is_through |= stretch.is_end;
    let news = news(&mut pass, &stretch);
    if old.as_ref() == Some(&pass) {
        return Ok(());
    }
    keep(engine, organization, &pass, &news).await
}

/// A clock that was set back must not put the next pass off for ever.
fn is_over(pass: &Pass, now: Millis) -> bool {
    pass.is_through && !(0..PASS).contains(&(now - pass.began_at))
}

/// What was found that was not told in this pass.
fn news<'s>(pass: &mut Pass, stretch: &'s Stretch) -> Vec<&'s Problem> {
    let mut is_news = |problem: &&Problem| pass.told.len() < TOLD && pass.told.insert(problem.to_string());
    stretch.report.problems.iter().filter(|problem| is_news(problem)).collect()
}

/// Keeps how far the pass came, and journals what was found: for the organization, and for the installation, whose
/// system administrators look after the database.
async fn keep(engine: &Engine, organization: OrganizationId, pass: &Pass, news: &[&Problem]) -> Result<()> {
    let text = serde_json::to_vec(pass).map_err(Error::internal)?;
    let named =
        news.iter().take(NAMED).map(|problem| json!({ "sequence": problem.sequence, "what": problem.what }));
    let said = |problem: &&Problem| match problem.sequence {
        Some(sequence) => format!("entry {sequence}: {}", problem.what),
        None => problem.what.clone(),
    };
    let detail = news.iter().take(NAMED).map(said).collect::<Vec<_>>().join("; ");
    let entry = (!news.is_empty()).then(|| JournalEntry {
        event: "journal.damaged",
        subject: organization.to_string(),
        body: json!({ "count": news.len(), "detail": detail, "problems": named.collect::<Vec<_>>() }),
    });
    engine
        .store
        .write(organization, Actor::System, async move |tx| {
            settings::put(tx, &name(organization), &text).await?;
            if let Some(entry) = &entry {
                tx.journal(entry.clone());
                if organization != Organization::SYSTEM {
                    tx.journal_installation(entry.clone());
                }
            }
            Ok::<_, Error>(())
        })
        .await
}
