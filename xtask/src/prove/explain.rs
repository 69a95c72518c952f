//! Explanations from outside: devices in random states under random rules, restrictions and exceptions. What REST says
//! of each is what ActiveSync and Cisco ISE do; who is shut out has a reason and a remedy; the remedies are followed as
//! users, integrations and administrators follow them, and the device is let in again at both.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use simulator::dice::Dice;
use simulator::eas::{Need, Version};
use simulator::ise;

use super::{Context, Proved, seed};
use crate::bench::stage::block_on;
use crate::compliance::{
    Explained, SYSTEMS, Site, Subject, no_levels, of_one_device, random_settings, rule_off,
};
use crate::product::{FakeClock, Installation};
use crate::work::Work;

const CASES: usize = 1_000;
/// Devices under the same settings.
const TOGETHER: usize = 20;
/// A phone that provisions more than five times in ten minutes is slowed down, and here they do: the clock goes on.
const REST_MINUTES: i64 = 11;
const MAIL: &str = "activesync_connections";

/// What was seen.
#[derive(Default)]
struct Seen {
    cases: usize,
    shut_out: usize,
    acts: usize,
    remedies: BTreeMap<String, usize>,
}

pub fn run(context: &Context<'_>) -> Result<Proved> {
    prove(context.work, context.binary()?, context.rounds.unwrap_or(CASES), seed()?)
}

/// The same with so many cases; chance begins at `seed`.
pub fn prove(work: &Work, binary: &Path, cases: usize, seed: u64) -> Result<Proved> {
    let clock = FakeClock::new(work, "prove-explain")?;
    let installation = Installation::by_clock(work, binary, "prove-explain", &clock)?;
    let mut seen = Seen::default();
    block_on(async {
        let site = Site::make(&installation, "explain", TOGETHER).await?;
        let mut ise = site.ise().await?;
        let mut round = 0;
        while seen.cases < cases {
            let mut dice = Dice::new(seed.wrapping_add(round));
            let count = TOGETHER.min(cases - seen.cases);
            clock.move_to(round as i64 * REST_MINUTES).await?;
            let mut subjects = Vec::new();
            for n in 0..count {
                let system = &SYSTEMS[dice.below(SYSTEMS.len() as u64) as usize];
                subjects.push(Subject::enrol(&site, system, n, round * 1_000 + n as u64).await?);
            }
            together(&site, &mut ise, &mut dice, &mut subjects, &mut seen)
                .await
                .with_context(|| format!("NOTIFYMDM_DICE={seed}, round {round}"))?;
            round += 1;
        }
        Ok(())
    })?;
    let kinds = seen.remedies.len();
    Ok(Proved {
        count: format!("{} cases, seed {seed}", seen.cases),
        seen: format!(
            "{} devices were shut out, each with a reason; after {} acts of {kinds} kinds every one was let in again at \
             ActiveSync and Cisco ISE; none was refused that the explanation let in",
            seen.shut_out, seen.acts
        ),
    })
}

/// Some devices under the same random settings; afterwards everything is in order again.
async fn together(
    site: &Site,
    ise: &mut ise::Client,
    dice: &mut Dice,
    subjects: &mut [Subject],
    seen: &mut Seen,
) -> Result<()> {
    let rules: Vec<&str> = of_one_device().filter(|_| dice.chance(35)).collect();
    site.edit(&random_settings(dice, &rules, subjects)?).await.context("the settings")?;
    if dice.chance(70) {
        site.another_policy().await?;
    }
    for subject in subjects.iter_mut() {
        let causes: Vec<&str> = rules.iter().copied().filter(|_| dice.chance(25)).collect();
        for rule in &causes {
            subject.break_rule(site, rule).await.with_context(|| format!("breaking {rule}"))?;
        }
        let obstacle = dice.chance(20).then(|| OBSTACLES[dice.below(OBSTACLES.len() as u64) as usize]);
        if let Some(obstacle) = obstacle {
            put_in_the_way(site, subject, obstacle).await.with_context(|| obstacle)?;
        }
        let state = format!("{} under {rules:?} with {causes:?} and {obstacle:?}", subject.system.platform);
        one(site, ise, dice, subject, seen).await.with_context(|| state)?;
        seen.cases += 1;
    }
    let rules = rules.iter().filter(|rule| **rule != "user_disabled");
    let back: Vec<Value> = rules.map(|rule| rule_off(rule)).chain(no_levels(subjects)).collect();
    site.edit(&back).await.context("taking the settings back")?;
    // Users are shared with those who come after.
    for subject in subjects.iter_mut().filter(|subject| subject.breaks("user_disabled")) {
        subject.put_right(site, "user_disabled").await?;
    }
    Ok(())
}

/// What stands in the way of a device besides rules.
const OBSTACLES: [&str; 4] = ["full_wipe", "account_wipe", "wiped", "forget_partnership"];

async fn put_in_the_way(site: &Site, subject: &mut Subject, obstacle: &str) -> Result<()> {
    match obstacle {
        // Older versions cannot carry it.
        "account_wipe" if subject.phone.version < Version::V16_1 => Ok(()),
        "wiped" => {
            subject.order(site, "full_wipe").await?;
            subject.answers().await
        }
        kind => subject.order(site, kind).await,
    }
}

/// One device: told, tried, mended, let in.
async fn one(
    site: &Site,
    ise: &mut ise::Client,
    dice: &mut Dice,
    subject: &mut Subject,
    seen: &mut Seen,
) -> Result<()> {
    let told = subject.explained(site).await?;
    agrees(site, ise, subject, &told).await.context("as it was explained")?;
    let shut: Vec<&Explained> = told.iter().filter(|line| !line.allowed).collect();
    if shut.is_empty() {
        return Ok(());
    }
    seen.shut_out += 1;
    subject.unsay(site).await?;
    for line in &shut {
        has_reason(line)?;
    }
    let mut acts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (remedy, cures) in shut.iter().flat_map(|line| &line.remedies) {
        let all = acts.entry(remedy.clone()).or_default();
        all.extend(cures.iter().filter(|rule| !all.contains(rule)).cloned().collect::<Vec<_>>());
    }
    // A phone whose password is refused asks its user for it, also where the rule takes nothing away.
    if subject.breaks("auth_failures") {
        acts.entry("enter_password".to_owned()).or_insert_with(|| vec!["auth_failures".to_owned()]);
    }
    let mut left: Vec<(String, Vec<String>)> = acts.into_iter().collect();
    // What keeps a device from provisioning comes first, since others may need that; the rest in any order.
    left.sort_by_key(|(remedy, _)| (rank(remedy), dice.throw()));
    while let Some((remedy, cures)) = (!left.is_empty()).then(|| left.remove(0)) {
        subject.follow(site, &remedy, &cures).await?;
        seen.acts += 1;
        *seen.remedies.entry(remedy).or_default() += 1;
    }
    // The phone takes what it was offered meanwhile, as phones do.
    subject.connects().await?;
    let after = subject.explained(site).await?;
    let still: Vec<&Explained> = after.iter().filter(|line| !line.allowed).collect();
    ensure!(still.is_empty(), "the remedies of {shut:?} were followed; still shut out: {still:?}");
    agrees(site, ise, subject, &after).await.context("after the remedies")
}

/// What takes a wipe or an end away, then who may sign in, then the rest.
fn rank(remedy: &str) -> u8 {
    match remedy {
        "cancel_wipe" => 0,
        "enable_user" | "allow" => 1,
        "enter_password" => 2,
        "readmit" | "release" => 3,
        _ => 4,
    }
}

/// ActiveSync and ISE do what was told.
async fn agrees(site: &Site, ise: &mut ise::Client, subject: &mut Subject, told: &[Explained]) -> Result<()> {
    // The network first: a phone that is let in to mail may fetch a policy there that opens the network.
    let (mail, network): (Vec<_>, Vec<_>) = told.iter().partition(|line| line.target == MAIL);
    let mut fetched = false;
    for line in network.into_iter().chain(mail) {
        if line.target == MAIL {
            let (served, need) = subject.asks().await?;
            if subject.breaks("auth_failures") {
                // Whatever the rules say, nobody is served by a wrong password.
                ensure!(!served && need != Need::Nothing, "a wrong password is served");
                continue;
            }
            // A phone that is let in may be told to fetch its policy first, and is served then.
            fetched = !served && line.allowed && need == Need::Provision;
            let in_the_end = served || (fetched && subject.connects().await?);
            if in_the_end != line.allowed {
                let said = subject.last_exchange(site).await?;
                bail!("served: {in_the_end} ({need:?}, {said}), told: {line:?}");
            }
        } else {
            let (compliant, reason) = subject.at_ise(ise).await?;
            ensure!(compliant == line.allowed, "compliant at ISE: {compliant} ({reason}), told: {line:?}");
        }
    }
    let again = subject.explained(site).await?;
    let open = |all: &[Explained]| all.iter().map(|line| line.allowed).collect::<Vec<_>>();
    ensure!(fetched || open(told) == open(&again), "asking changed it: {told:?}, {again:?}");
    Ok(())
}

fn has_reason(line: &Explained) -> Result<()> {
    ensure!(
        line.whole["why"].as_str().is_some_and(|why| !why.is_empty()),
        "shut out without a reason: {line:?}"
    );
    ensure!(!line.remedies.is_empty(), "nothing would open it: {line:?}");
    ensure!(line.rules.is_empty() || line.whole["decided_by"].is_object(), "nobody decided it: {line:?}");
    let cured = |rule: &String| line.remedies.iter().any(|(_, cures)| cures.contains(rule));
    ensure!(line.rules.iter().all(cured), "a rule without a remedy: {line:?}");
    let evidence = json!(line.whole["evidence"]);
    let leans = |rule: &String| {
        evidence.as_array().is_some_and(|all| all.iter().any(|fact| fact["rule"] == rule.as_str()))
    };
    let unknown = line.whole["why"].as_str().is_some_and(|why| why.contains("Not known"));
    ensure!(unknown || line.rules.iter().all(leans), "a rule without evidence: {line:?}");
    Ok(())
}
