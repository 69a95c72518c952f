//! Random edits, each as REST is asked about it and as it is then done.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use simulator::dice::Dice;

use super::fleet::Fleet;
use crate::compliance::{exception, own_levels, random_rule, rule_off, ticks};

/// Rules that the facts of the fleet break or keep.
const RULES: [&str; 14] = [
    "policy_out_of_date",
    "liability_not_allowed",
    "pass_code_missing",
    "not_encrypted",
    "not_supervised",
    "attestation_failed",
    "terms_not_accepted",
    "sim_changed",
    "unwanted_app",
    "patch_too_old",
    "profile_missing",
    "data_usage",
    "os_below_minimum",
    "os_above_maximum",
];

/// An edit that is thought of.
pub struct Edit {
    /// As what-if takes it.
    pub proposal: Value,
    method: &'static str,
    path: String,
    body: Value,
}

/// What edits choose from.
pub struct Edits {
    suites: Vec<String>,
    groups: Vec<String>,
    made: usize,
}

impl Edits {
    /// Three suites and four groups.
    pub async fn make(fleet: &Fleet, dice: &mut Dice) -> Result<Edits> {
        let mut suites = vec![fleet.site.suite.clone()];
        for n in 0..2 {
            let rest = &fleet.site.organization.rest;
            let made = rest
                .post("/policy-suites", &json!({ "name": format!("Suite {n}"), "template": "low" }))
                .await?;
            let id = made["id"].as_str().context("a suite without id")?.to_owned();
            fleet
                .site
                .organization
                .publish(&id, &json!({ "password.required": true, "password.min_length": 5 + n }))
                .await?;
            suites.push(id);
        }
        let mut edits = Edits { suites, groups: Vec::new(), made: 0 };
        while edits.groups.len() < 4 {
            edits.new_group(fleet, dice).await?;
        }
        Ok(edits)
    }

    async fn new_group(&mut self, fleet: &Fleet, dice: &mut Dice) -> Result<()> {
        let rest = &fleet.site.organization.rest;
        self.made += 1;
        let made = rest.post("/groups", &json!({ "name": format!("Group {}", self.made) })).await?;
        let id = made["id"].as_str().context("a group without id")?.to_owned();
        let members = some(dice, &fleet.users, 40);
        rest.post(&format!("/groups/{id}/members"), &json!({ "add": members })).await?;
        self.groups.push(id);
        Ok(())
    }

    /// The next edit; what must be there for it is prepared.
    pub async fn next(&mut self, fleet: &Fleet, dice: &mut Dice) -> Result<Edit> {
        while self.groups.len() < 3 {
            self.new_group(fleet, dice).await?;
        }
        let group = one(dice, &self.groups).clone();
        let suite = one(dice, &self.suites).clone();
        let maybe = if dice.chance(70) { json!(suite) } else { Value::Null };
        Ok(match dice.below(100) {
            0..45 => access(access_edits(fleet, dice, &group)?),
            45..57 => self.publish(fleet, dice, &suite).await?,
            57..62 => edit(
                json!({ "change": "default_suite", "suite": suite }),
                "POST",
                format!("/policy-suites/{suite}/make-default"),
                Value::Null,
            ),
            62..70 => self.of_user(fleet, dice, &maybe).await?,
            70..76 => {
                let ids: Vec<&String> = fleet.ids().collect();
                let id = *one(dice, &ids);
                let liability = liability(dice);
                let body = json!({ "suite": maybe, "liability": liability });
                let proposal = json!({ "change": "device", "device": id, "gets": body });
                edit(proposal, "PATCH", format!("/devices/{id}"), body)
            }
            76..84 => self.members(fleet, dice, &group).await?,
            84..92 => self.settings(fleet, dice, &group, &maybe).await?,
            92..97 => {
                let place = 1 + dice.below(self.groups.len() as u64);
                let proposal = json!({ "change": "group_place", "group": group, "place": place });
                edit(proposal, "POST", format!("/groups/{group}/move"), json!({ "place": place }))
            }
            _ => {
                self.groups.retain(|other| *other != group);
                edit(
                    json!({ "change": "group_removed", "group": group }),
                    "DELETE",
                    format!("/groups/{group}"),
                    Value::Null,
                )
            }
        })
    }

    /// Does what was thought of.
    pub async fn carry_out(&self, fleet: &Fleet, edit: &Edit) -> Result<()> {
        let rest = &fleet.site.organization.rest;
        let (path, body) = (edit.path.as_str(), &edit.body);
        match edit.method {
            "PUT" => rest.put(path, body).await,
            "PATCH" => rest.patch(path, body).await,
            "DELETE" => rest.delete(path).await,
            _ => rest.post(path, body).await,
        }
        .map(drop)
    }

    /// Another length of the pass-code, drafted now and published when it is done.
    async fn publish(&self, fleet: &Fleet, dice: &mut Dice, suite: &str) -> Result<Edit> {
        let rest = &fleet.site.organization.rest;
        let path = format!("/policy-suites/{suite}");
        let read = rest.get(&path).await?;
        let mut draft = read["draft"].clone();
        let columns = if dice.chance(50) { &["corporate", "individual"][..] } else { &["individual"][..] };
        // Another one than now, or there would be nothing to publish.
        let now = draft["individual"]["password.min_length"].as_u64().unwrap_or(4);
        let length = 4 + (now.saturating_sub(4) + 1 + dice.below(7)) % 8;
        for column in columns {
            draft[*column]["password.required"] = json!(true);
            draft[*column]["password.min_length"] = json!(length);
        }
        let new = json!({ "name": read["name"], "description": read["description"], "draft": draft });
        rest.put(&path, &new).await?;
        Ok(edit(json!({ "change": "publish", "suite": suite }), "POST", format!("{path}/publish"), json!({})))
    }

    async fn of_user(&self, fleet: &Fleet, dice: &mut Dice, suite: &Value) -> Result<Edit> {
        let user = one(dice, &fleet.users);
        let path = format!("/users/{user}");
        let read = fleet.site.organization.rest.get(&path).await?;
        let mut body = serde_json::Map::new();
        for key in ["username", "domain", "email", "display_name", "server", "schedule", "state"] {
            body.insert(key.to_owned(), read[key].clone());
        }
        let liability = liability(dice);
        body.insert("suite".to_owned(), suite.clone());
        body.insert("liability".to_owned(), liability.clone());
        let gets = json!({ "suite": suite, "liability": liability });
        let proposal = json!({ "change": "user", "user": user, "gets": gets });
        Ok(edit(proposal, "PUT", path, body.into()))
    }

    async fn members(&self, fleet: &Fleet, dice: &mut Dice, group: &str) -> Result<Edit> {
        let path = format!("/groups/{group}/members");
        let now = fleet.site.organization.rest.get(&format!("{path}?limit=500")).await?;
        let now = now["items"].as_array().context("no members")?;
        let now: Vec<&str> = now.iter().filter_map(|user| user["id"].as_str()).collect();
        let wanted = some(dice, &fleet.users, 40);
        let add: Vec<_> = wanted.iter().filter(|id| !now.contains(&id.as_str())).collect();
        let remove: Vec<_> = now.iter().filter(|id| !wanted.iter().any(|wanted| wanted == *id)).collect();
        let body = json!({ "add": add, "remove": remove });
        Ok(edit(json!({ "change": "group_members", "group": group, "members": wanted }), "POST", path, body))
    }

    async fn settings(&self, fleet: &Fleet, dice: &mut Dice, group: &str, suite: &Value) -> Result<Edit> {
        let path = format!("/groups/{group}");
        let read = fleet.site.organization.rest.get(&path).await?;
        let liability = liability(dice);
        let proposal =
            json!({ "change": "group_settings", "group": group, "suite": suite, "liability": liability });
        let body =
            json!({ "name": read["name"], "note": read["note"], "suite": suite, "liability": liability });
        Ok(edit(proposal, "PUT", path, body))
    }
}

fn liability(dice: &mut Dice) -> Value {
    [Value::Null, json!("corporate"), json!("individual")][dice.below(3) as usize].clone()
}

/// One to three edits of rules, ticks and exceptions.
fn access_edits(fleet: &Fleet, dice: &mut Dice, group: &str) -> Result<Vec<Value>> {
    (0..=dice.below(3))
        .map(|_| {
            let ids: Vec<&String> = fleet.ids().collect();
            let id = ids[dice.below(ids.len() as u64) as usize];
            let device = fleet.device(id)?;
            let rule = RULES[dice.below(RULES.len() as u64) as usize];
            let [user, own] = own_levels(device);
            let group = json!({ "level": "group", "subject": group });
            let levels = [
                json!({ "level": "organization" }),
                json!({ "level": "platform", "subject": device.system.platform }),
                group.clone(),
                user.clone(),
                own.clone(),
            ];
            Ok(match dice.below(10) {
                0..4 => random_rule(dice, rule)?,
                4 => rule_off(rule),
                5..8 => {
                    let level = levels[dice.below(5) as usize].clone();
                    ticks(dice, &RULES, &level, 40)
                }
                8 => {
                    let level = [group, user, own][dice.below(3) as usize].clone();
                    exception(dice, &level)
                }
                _ => {
                    let level = [group, user, own][dice.below(3) as usize].clone();
                    json!({ "edit": "exception", "level": level, "exception": null })
                }
            })
        })
        .collect()
}

fn edit(proposal: Value, method: &'static str, path: String, body: Value) -> Edit {
    Edit { proposal, method, path, body }
}

fn access(edits: Vec<Value>) -> Edit {
    let body = json!({ "edits": edits });
    edit(
        json!({ "change": "access", "edits": body["edits"] }),
        "POST",
        "/access-restrictions/edits".to_owned(),
        body,
    )
}

fn one<'a, T>(dice: &mut Dice, all: &'a [T]) -> &'a T {
    &all[dice.below(all.len() as u64) as usize]
}

fn some(dice: &mut Dice, all: &[String], percent: u8) -> Vec<String> {
    all.iter().filter(|_| dice.chance(percent)).cloned().collect()
}
