//! 100,000 devices under 20 rules: how long a change of a rule takes until it is in force for all of them, and how long
//! the answer to "what if" takes.

use std::fs;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::Context;
use super::gauge::median;
use super::report::Figure;
use super::stage::{Seeded, block_on};
use crate::process;
use crate::product::{Rest, Server};
use crate::shell::finish;

const DEVICES: usize = 100_000;
const NAME: &str = "bench-evaluate";

/// Rules that are on beside the one that is changed: together 20.
const OTHERS: usize = 19;

pub fn run(context: &Context<'_>) -> Result<Vec<Figure>> {
    let seeded = Seeded::open(context.work, DEVICES)?;
    // A copy: the others count on the seeded devices as they are.
    let data = context.work.path(NAME);
    if data.exists() {
        fs::remove_dir_all(&data)?;
    }
    finish(std::process::Command::new("cp").arg("-r").arg(&seeded.data).arg(&data))?;
    process::stop(context.work, NAME)?;
    let server = Server::start(context.work, context.binary()?, NAME, &data, &[])?;
    let token = seeded.facts["token"].as_str().context("no token")?;
    let rest = Rest::new(&server.base_url, server.trust()?, token)?;
    let (mut asked, mut same, mut turned) = (Vec::new(), Vec::new(), Vec::new());
    block_on(async {
        let known = rest.get("/catalogue/rules").await?;
        let known = known["items"].as_array().context("no rules")?;
        // One that is fixed cannot be set; it is on by itself.
        let settable =
            known.iter().filter(|rule| rule["fixed"] == false).filter_map(|rule| rule["key"].as_str());
        let on: Vec<&str> = settable.filter(|rule| *rule != CHANGED).take(OTHERS).collect();
        let edits: Vec<Value> =
            on.iter().map(|rule| json!({ "edit": "rule", "rule": rule, "config": { "on": true } })).collect();
        ensure!(edits.len() == OTHERS, "{} rules", edits.len());
        rest.post("/access-restrictions/edits", &json!({ "edits": edits })).await?;
        for round in 0..context.rounds {
            let version = |n: usize| format!("{n}.0");
            // Every device is found by the rule whatever the version: nothing turns, everything is looked at.
            same.push(edit(&rest, minimum(&version(90 + round), true)).await?);
            let began = Instant::now();
            let answer = rest
                .post("/what-if?limit=1", &json!({ "change": "access", "edits": [minimum("99.0", false)] }))
                .await?;
            asked.push(began.elapsed().as_secs_f64());
            ensure!(
                answer["total"] == DEVICES && answer["looked_at"].as_u64() >= Some(DEVICES as u64),
                "{answer}"
            );
            // All get their network back, and all lose it again: every verdict is written.
            turned.push(edit(&rest, minimum("99.0", false)).await?);
            let network = rest.get("/dashboard").await?["network_stopped"].clone();
            ensure!(network == 0, "{network} devices are still without network");
            edit(&rest, minimum("99.0", true)).await?;
            println!(
                "  {:.2} s, what-if {:.2} s, all turned {:.2} s",
                same[round], asked[round], turned[round]
            );
        }
        Ok(())
    })?;
    drop(server);
    fs::remove_dir_all(&data)?;
    Ok(vec![
        Figure::alone(
            "100,000 devices, 20 rules",
            format!(
                "REST edit of a rule that turns no device, until its answer: in force for all; median of {}",
                same.len()
            ),
            format!("{:.2} s", median(&same)),
        ),
        Figure::alone(
            "the same, every device turned",
            format!(
                "REST edit that gives all devices their network back: 100,000 verdicts stored with their history and journal; median of {}",
                turned.len()
            ),
            format!("{:.2} s", median(&turned)),
        ),
        Figure::alone(
            "what-if over 100,000 devices",
            format!(
                "POST /what-if of that edit, all devices in the answer's counts; median of {}",
                asked.len()
            ),
            format!("{:.2} s", median(&asked)),
        ),
    ])
}

/// The rule that is changed.
const CHANGED: &str = "os_below_minimum";

/// Nobody knows the system of the seeded phones; whether that counts as a violation decides for all of them.
fn minimum(version: &str, unknown_is_violation: bool) -> Value {
    json!({ "edit": "rule", "rule": CHANGED, "config": {
        "on": true, "params": { "android": version }, "unknown_is_violation": unknown_is_violation,
    } })
}

/// Seconds until an edit is in force.
async fn edit(rest: &Rest, edit: Value) -> Result<f64> {
    let began = Instant::now();
    rest.post("/access-restrictions/edits", &json!({ "edits": [edit] })).await?;
    Ok(began.elapsed().as_secs_f64())
}
