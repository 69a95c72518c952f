//! What-if from outside: random edits of rules, restrictions, suites, assignments and groups. REST is asked before what
//! each would do; it is done; and what ActiveSync and Cisco ISE answer then is compared with what they answered before.

mod edits;
mod fleet;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use simulator::dice::Dice;

use super::{Context, Proved, seed};
use crate::bench::stage::block_on;
use crate::product::{FakeClock, Installation};
use crate::work::Work;
use edits::Edits;
use fleet::{Fleet, MAIL, NETWORK};

const EDITS: usize = 500;
const DEVICES: usize = 2_000;
/// Devices that an edit does not concern and that are asked at ActiveSync all the same. At ISE all are.
const OTHERS: usize = 20;
/// Devices that are asked at ActiveSync for one edit, at most; of those concerned a random choice.
const ASKED: usize = 80;

/// What was seen.
#[derive(Default)]
struct Seen {
    lost: usize,
    regained: usize,
    asked: usize,
    moved_nobody: usize,
}

/// What an edit is said to do to one device.
struct Predicted {
    device: String,
    loses: Vec<String>,
    regains: Vec<String>,
}

pub fn run(context: &Context<'_>) -> Result<Proved> {
    prove(context.work, context.binary()?, context.rounds.unwrap_or(EDITS), seed()?)
}

/// The same with so many edits, and as many devices as befits them; chance begins at `seed`.
pub fn prove(work: &Work, binary: &Path, edits: usize, seed: u64) -> Result<Proved> {
    let devices = (edits * 8).clamp(60, DEVICES);
    let clock = FakeClock::new(work, "prove-what-if")?;
    let installation = Installation::by_clock(work, binary, "prove-what-if", &clock)?;
    let mut seen = Seen::default();
    block_on(async {
        let mut dice = Dice::new(seed);
        let mut fleet = Fleet::make(&installation, &mut dice, devices).await?;
        let mut random = Edits::make(&fleet, &mut dice).await?;
        for n in 0..edits {
            fleet.rest_if_tired(&clock).await?;
            one(&mut fleet, &mut random, &mut dice, &mut seen)
                .await
                .with_context(|| format!("NOTIFYMDM_DICE={seed}, edit {n}"))?;
            if (n + 1) % 25 == 0 {
                println!(
                    "  {} of {edits} edits; {} lost, {} regained something",
                    n + 1,
                    seen.lost,
                    seen.regained
                );
            }
        }
        Ok(())
    })?;
    Ok(Proved {
        count: format!("{edits} edits over {devices} devices, seed {seed}"),
        seen: format!(
            "every prediction came true: {} times a device lost something, {} times one got something back, {} edits \
             moved nobody; all devices were compared at Cisco ISE, {} answers at ActiveSync",
            seen.lost, seen.regained, seen.moved_nobody, seen.asked
        ),
    })
}

/// One edit: foretold, done, compared.
async fn one(fleet: &mut Fleet, random: &mut Edits, dice: &mut Dice, seen: &mut Seen) -> Result<()> {
    let edit = random.next(fleet, dice).await.context("preparing")?;
    let asked = chosen(dice, fleet, &foretold(fleet, &edit.proposal).await?);
    // Who is asked may fetch a policy by that, so what counts is foretold afterwards.
    let mail_before = fleet.served(&asked).await?;
    let (network_before, predicted) = still(fleet, &edit.proposal).await?;
    random.carry_out(fleet, &edit).await.with_context(|| format!("doing {}", edit.proposal))?;
    let of = |target: &str, list: fn(&Predicted) -> &Vec<String>| -> BTreeSet<String> {
        let hit = predicted.iter().filter(|p| list(p).iter().any(|t| t == target));
        hit.map(|p| p.device.clone()).collect()
    };
    let (lost, back) = (of(NETWORK, |p| &p.loses), of(NETWORK, |p| &p.regains));
    let mut expected: BTreeSet<String> = network_before.difference(&back).cloned().collect();
    expected.extend(lost.iter().cloned());
    let wrong = differs(fleet, &expected).await?;
    ensure!(wrong.is_empty(), "{}: not as foretold at ISE: {wrong:?}", edit.proposal);
    let (lost, back) = (of(MAIL, |p| &p.loses), of(MAIL, |p| &p.regains));
    let expected = |id: &String| (mail_before.contains(id) && !lost.contains(id)) || back.contains(id);
    for id in &asked {
        let served = fleet.asks(id, expected(id)).await?;
        ensure!(served == expected(id), "{}: {id} is served: {served}, foretold otherwise", edit.proposal);
    }
    seen.asked += asked.len();
    seen.lost += predicted.iter().filter(|p| !p.loses.is_empty()).count();
    seen.regained += predicted.iter().filter(|p| !p.regains.is_empty()).count();
    seen.moved_nobody += usize::from(predicted.is_empty());
    Ok(())
}

/// Who is not compliant, and what is foretold, at one moment: time alone moves devices as well.
async fn still(fleet: &mut Fleet, proposal: &Value) -> Result<(BTreeSet<String>, Vec<Predicted>)> {
    let mut before = fleet.not_compliant().await?;
    loop {
        let predicted = foretold(fleet, proposal).await?;
        let after = fleet.not_compliant().await?;
        if before == after {
            return Ok((before, predicted));
        }
        before = after;
    }
}

/// Who is otherwise at ISE than expected: an edit that is answered is in force.
async fn differs(fleet: &mut Fleet, expected: &BTreeSet<String>) -> Result<Vec<String>> {
    let seen = fleet.not_compliant().await?;
    Ok(expected.symmetric_difference(&seen).cloned().collect())
}

/// What REST says that a change would do at once.
async fn foretold(fleet: &Fleet, proposal: &Value) -> Result<Vec<Predicted>> {
    let answer = fleet.site.organization.rest.post("/what-if?limit=5000", proposal).await?;
    ensure!(answer["next"].is_null(), "more than one page");
    let texts = |list: &Value| -> Vec<String> {
        let all = list.as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let items = answer["items"].as_array().context("no outcomes")?;
    let each = items.iter().map(|item| Predicted {
        device: item["device"].as_str().unwrap_or_default().to_owned(),
        loses: texts(&item["loses"]),
        regains: texts(&item["regains"]),
    });
    Ok(each.filter(|p| !p.loses.is_empty() || !p.regains.is_empty()).collect())
}

/// Those who would be concerned, and some others.
fn chosen(dice: &mut Dice, fleet: &Fleet, predicted: &[Predicted]) -> Vec<String> {
    let mut concerned: Vec<String> = predicted.iter().map(|p| p.device.clone()).collect();
    while concerned.len() > ASKED - OTHERS {
        concerned.swap_remove(dice.below(concerned.len() as u64) as usize);
    }
    let mut all: BTreeSet<String> = concerned.into_iter().collect();
    let ids: Vec<&String> = fleet.ids().collect();
    for _ in 0..OTHERS {
        all.insert(ids[dice.below(ids.len() as u64) as usize].clone());
    }
    all.into_iter().collect()
}
