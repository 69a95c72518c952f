//! Getting started: how far an organization is with the steps of the guide. Most are seen from what is configured; any
//! can be ticked off by hand, since what comes with the product may be right as it is.

use catalog::{Permission, STEPS, Step};
use domain::model::JournalEntry;
use serde_json::json;
use store::repo;

use crate::{Engine, Error, OrgIndex, Result, Scope};

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It shows in what is configured.
    Done,
    /// An administrator ticked it off.
    Confirmed,
    /// To do.
    Open,
    /// This version of the product cannot do it.
    Unavailable,
}

/// A step with its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// The step.
    pub step: Step,
    /// How far it is.
    pub state: StepState,
    /// What there is, one sentence.
    pub detail: String,
}

/// All steps, in order.
///
/// # Errors
/// [`Error::Denied`].
pub fn steps(engine: &Engine, scope: &Scope) -> Result<Vec<StepReport>> {
    scope.require(Permission::OrganizationView)?;
    let lock = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let administrators =
        engine.directory.administrators(scope.organization()).iter().filter(|a| a.enabled).count();
    let org = lock.read();
    let report = |step| {
        let (seen, detail) = seen(&org, step, administrators);
        let confirmed = org.organization.settings.confirmed_steps.contains(&step);
        let state = match (seen, confirmed) {
            (None, _) => StepState::Unavailable,
            (Some(true), _) => StepState::Done,
            (Some(false), true) => StepState::Confirmed,
            (Some(false), false) => StepState::Open,
        };
        StepReport { step, state, detail }
    };
    Ok(STEPS.iter().map(|info| report(info.step)).collect())
}

/// Whether a step shows in what is configured (`None`: it cannot be done yet), and what there is.
fn seen(org: &OrgIndex, step: Step, administrators: usize) -> (Option<bool>, String) {
    let settings = &org.organization.settings;
    match step {
        Step::Configuration => (Some(false), "Tick it off when you have read it.".into()),
        Step::Organization if settings.contact.is_empty() => (
            Some(false),
            "There is no contact yet: users whom something is refused do not know whom to ask.".into(),
        ),
        Step::Organization => (Some(true), format!("Contact and time zone {} are set.", settings.time_zone)),
        Step::Apns => {
            (None, "This version manages iPhones, iPads and Macs by their mail account only.".into())
        }
        Step::GoogleEmm => (None, "This version manages Android devices by their mail account only.".into()),
        Step::PolicySuites => suites(org),
        Step::ConnectionSchedules => {
            let all = org.schedules();
            let own = all.len() > 1 || all.iter().any(|schedule| schedule.rev > 1);
            let words = if own { "changed or added to" } else { "as it came" };
            (Some(own), format!("{} {words}.", counted(all.len(), "schedule,", "schedules,")))
        }
        Step::ComplianceManager => {
            let on = org.access.rules.values().filter(|rule| rule.on).count();
            let words = match (on, org.access.rev) {
                (0, 0) => "Nothing was decided yet: the rules are as they came.".into(),
                _ => format!("{} set by your organization.", counted(on, "rule is on,", "rules are on,")),
            };
            (Some(org.access.rev > 0), words)
        }
        Step::Administrators => {
            let words = counted(administrators, "administrator", "administrators");
            (Some(administrators > 1), format!("{words} of this organization can sign in."))
        }
        Step::Devices => {
            let (users, devices) = (org.user_count(), org.devices.iter().count());
            let words =
                format!("{}, {}.", counted(users, "user", "users"), counted(devices, "device", "devices"));
            (Some(users > 0 && devices > 0), words)
        }
    }
}

fn suites(org: &OrgIndex) -> (Option<bool>, String) {
    let all = org.suites();
    let revised = all.iter().any(|s| s.published.as_ref().is_some_and(|revision| revision.number > 1));
    let own = all.len() > 1 || revised;
    let default = org.organization.settings.default_suite.and_then(|id| org.suite(id));
    let words = match default {
        Some(suite) => {
            let revision = suite.published.as_ref().map_or(0, |revision| revision.number);
            let count = counted(all.len(), "suite", "suites");
            format!("{count}; by default {} in revision {revision}.", suite.name)
        }
        None => "There is no default suite: devices get a neutral policy.".into(),
    };
    (Some(own), words)
}

fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Ticks a step off, or opens it again.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Conflict`] for a step that cannot be done yet.
pub async fn confirm(engine: &Engine, scope: &Scope, step: Step, confirmed: bool) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    let found = steps(engine, scope)?.into_iter().find(|report| report.step == step);
    if found.is_some_and(|report| report.state == StepState::Unavailable) {
        return Err(Error::conflict("This version of the product cannot do that step yet."));
    }
    let id = scope.organization();
    engine
        .store
        .write(id, scope.actor().clone(), async move |tx| {
            let mut organization =
                repo::organizations::get(tx, id).await?.ok_or(Error::NotFound("organization"))?;
            let steps = &mut organization.settings.confirmed_steps;
            let news = if confirmed { steps.insert(step) } else { steps.remove(&step) };
            if news {
                repo::organizations::put(tx, &mut organization).await?;
                let event =
                    if confirmed { "organization.step_confirmed" } else { "organization.step_reopened" };
                let body = json!({ "name": step.info().label, "step": step });
                tx.journal(JournalEntry { event, subject: id.to_string(), body });
            }
            Ok::<_, Error>(())
        })
        .await
}
