//! Every rule on every platform that speaks ActiveSync: its facts arrive as they really would, mail and network stop
//! with the reason, and come back when it is put right.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use simulator::ise;

use super::{Context, Scenario, block_on};
use crate::compliance::{CASES, Case, Cause, SYSTEMS, Site, Subject};
use crate::product::{FakeClock, Installation};

pub static SCENARIO: Scenario = Scenario {
    name: "rules",
    shows: "each rule of the catalogue on each platform: broken, mail and network stop; put right, they are back",
    peers: &[],
    run,
};

/// Minutes without a contact: more than the two hours that the case allows.
const SILENCE: i64 = 180;

/// Verdicts follow at once; what comes with time is looked at every second.
const PATIENCE: Duration = Duration::from_secs(15);

fn run(context: &Context<'_>) -> Result<()> {
    let clock = FakeClock::new(context.work, "rules")?;
    let installation = Installation::by_clock(context.work, context.binary()?, "rules", &clock)?;
    block_on(async {
        let site = Site::make(&installation, "rules", SYSTEMS.len()).await?;
        same_rules(&site).await?;
        let mut ise = site.ise().await?;
        let mut subjects = Vec::new();
        for (n, system) in SYSTEMS.iter().enumerate() {
            subjects.push(Subject::enrol(&site, system, n, n as u64).await?);
        }
        let mut minutes = 0;
        for case in &CASES {
            minutes += rest(case);
            clock.move_to(minutes).await?;
            site.only(case).await?;
            let (before, after) = (minutes, minutes + SILENCE);
            if case.cause == Cause::Silence {
                minutes = after;
            }
            let silence = || clock.ahead_by(after);
            tried(&site, silence, &mut ise, case, &mut subjects)
                .await
                .with_context(|| format!("{}, {before} minutes ahead", case.rule))?;
            site.off(case).await?;
        }
        context.step(format!(
            "{} rules stopped and let in devices of {} platforms",
            CASES.len(),
            SYSTEMS.len()
        ));
        Ok(())
    })
}

/// Minutes that are let pass before a case: a phone that provisions more than five times in ten minutes is slowed down.
fn rest(case: &Case) -> i64 {
    let provisions =
        matches!(case.cause, Cause::NewPolicy | Cause::Refusal | Cause::OldSystem | Cause::NewSystem);
    if provisions { 11 } else { 0 }
}

/// The table of cases is the catalogue's.
async fn same_rules(site: &Site) -> Result<()> {
    let all = site.organization.rest.get("/catalogue/rules").await?;
    let all = all["items"].as_array().context("no catalogue of rules")?;
    let there: BTreeSet<_> = all
        .iter()
        .map(|r| (r["key"].as_str().unwrap_or_default(), r["number"].as_str().unwrap_or_default()))
        .collect();
    let here: BTreeSet<_> = CASES.iter().map(|case| (case.rule, case.number)).collect();
    let missing: Vec<_> = there.symmetric_difference(&here).collect();
    ensure!(missing.is_empty(), "rules without a case, or cases without a rule: {missing:?}");
    Ok(())
}

/// Breaks a rule on each device in turn, or on all of them by one act of somebody else.
async fn tried(
    site: &Site,
    silence: impl Fn() -> Result<()>,
    ise: &mut ise::Client,
    case: &Case,
    all: &mut [Subject],
) -> Result<()> {
    for subject in all.iter_mut() {
        is_open(site, ise, subject).await.with_context(|| format!("before, {}", subject.system.label))?;
    }
    match case.cause {
        // What is refused must be another policy than the one that runs.
        Cause::NewPolicy | Cause::Refusal => site.another_policy().await?,
        Cause::Silence => silence()?,
        _ => {}
    }
    for subject in all.iter_mut() {
        let label = subject.system.label;
        if !case.applies_to(subject.system.platform) {
            continue;
        }
        subject.break_rule(site, case.rule).await.with_context(|| format!("breaking, {label}"))?;
        is_closed(site, ise, case, subject).await.with_context(|| format!("broken, {label}"))?;
        subject.put_right(site, case.rule).await.with_context(|| format!("mending, {label}"))?;
        is_open(site, ise, subject).await.with_context(|| format!("mended, {label}"))?;
    }
    Ok(())
}

async fn is_open(site: &Site, ise: &mut ise::Client, subject: &mut Subject) -> Result<()> {
    ensure!(subject.connects().await?, "ActiveSync refuses: {:?}", subject.explained(site).await?);
    let begun = Instant::now();
    loop {
        let explained = subject.explained(site).await?;
        let (compliant, why) = subject.at_ise(ise).await?;
        if compliant && explained.iter().all(|line| line.allowed) {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "still stopped: {why}; {explained:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn is_closed(site: &Site, ise: &mut ise::Client, case: &Case, subject: &mut Subject) -> Result<()> {
    let begun = Instant::now();
    let explained = loop {
        let explained = subject.explained(site).await?;
        let (compliant, _) = subject.at_ise(ise).await?;
        if !compliant && explained.iter().all(|line| !line.allowed) {
            break explained;
        }
        ensure!(begun.elapsed() < PATIENCE, "not stopped: {explained:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    for line in &explained {
        ensure!(line.rules == [case.rule], "stopped by {:?}", line.rules);
        ensure!(!line.remedies.is_empty(), "nothing would mend it: {line:?}");
        ensure!(
            line.whole["decided_by"]["level"] == "organization",
            "decided by {}",
            line.whole["decided_by"]
        );
    }
    // A contact is what ends silence, so there is nothing to be refused.
    if case.cause != Cause::Silence {
        let (served, _) = subject.asks().await?;
        ensure!(!served, "ActiveSync serves it");
    }
    Ok(())
}
