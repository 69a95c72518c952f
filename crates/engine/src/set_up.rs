//! The set-up of an organization by the wizard: how far it is, so that it can be left and gone on with.

use catalog::{Permission, SET_UP, SetUpStep};
use domain::model::JournalEntry;
use serde_json::json;
use store::repo;

use crate::{Engine, Error, OrgIndex, Result, Scope};

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetUpState {
    /// It shows in what is configured.
    Done,
    /// An administrator went on: it is right as it came, or not wanted.
    Passed,
    /// To do.
    Open,
}

/// A step with its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUpReport {
    /// The step.
    pub step: SetUpStep,
    /// How far it is.
    pub state: SetUpState,
    /// What there is, one sentence.
    pub detail: String,
}

/// All steps, in order.
///
/// # Errors
/// [`Error::Denied`].
pub fn steps(engine: &Engine, scope: &Scope) -> Result<Vec<SetUpReport>> {
    scope.require(Permission::OrganizationView)?;
    let id = scope.organization();
    let lock = engine.directory.organization(id).ok_or(Error::NotFound("organization"))?;
    let administrators = engine.directory.administrators(id).iter().filter(|admin| admin.enabled).count();
    let org = lock.read();
    let passed = &org.organization.settings.set_up_passed;
    let report = |step| {
        let (done, detail) = seen(&org, step, administrators);
        let state = match (done, passed.contains(&step)) {
            (true, _) => SetUpState::Done,
            (false, true) => SetUpState::Passed,
            (false, false) => SetUpState::Open,
        };
        SetUpReport { step, state, detail }
    };
    Ok(SET_UP.iter().map(|info| report(info.step)).collect())
}

/// Whether a step shows in what is configured, and what there is.
fn seen(org: &OrgIndex, step: SetUpStep, administrators: usize) -> (bool, String) {
    let settings = &org.organization.settings;
    let named = |names: Vec<&str>, none: &str| {
        let said = if names.is_empty() { none.to_owned() } else { format!("{}.", names.join(", ")) };
        (!names.is_empty(), said)
    };
    match step {
        SetUpStep::Parameters if settings.contact.is_empty() => {
            (false, format!("No contact yet; time zone {}.", settings.time_zone))
        }
        SetUpStep::Parameters => (true, format!("Contact is set; time zone {}.", settings.time_zone)),
        SetUpStep::ActiveSyncServer => {
            let servers = org.servers();
            named(servers.iter().map(|s| s.name.as_str()).collect(), "None: the stand-in serves all users.")
        }
        SetUpStep::LdapServer => {
            let servers = org.directories();
            named(
                servers.iter().map(|s| s.name.as_str()).collect(),
                "None: users come by hand, file or REST.",
            )
        }
        SetUpStep::SmtpServer => match &org.messaging.smtp {
            Some(server) => (true, format!("{}.", server.host)),
            None => (false, "None of your own: mail goes by the installation’s, if it has one.".into()),
        },
        SetUpStep::AdministratorSignIn => {
            let factor = if settings.require_second_factor { "must have" } else { "may have" };
            let many = administrators > 1 && settings.require_second_factor;
            (many, format!("{administrators} can sign in, and {factor} a second factor."))
        }
        SetUpStep::DefaultSuite => match settings.default_suite.and_then(|id| org.suite(id)) {
            Some(suite) => {
                let revision = suite.published.as_ref().map_or(0, |revision| revision.number);
                (revision > 1 || org.suites().len() > 1, format!("{} in revision {revision}.", suite.name))
            }
            None => (false, "None: devices get a neutral policy.".into()),
        },
        SetUpStep::DefaultSchedule => match settings.default_schedule.and_then(|id| org.schedule(id)) {
            Some(schedule) => (schedule.rev > 1 || org.schedules().len() > 1, format!("{}.", schedule.name)),
            None => (false, "None.".into()),
        },
    }
}

/// Goes on from a step; it is remembered, so that the wizard begins behind it the next time. Answers the next step that
/// is still to do, if there is one.
///
/// # Errors
/// [`Error::Denied`].
pub async fn pass(engine: &Engine, scope: &Scope, step: SetUpStep) -> Result<Option<SetUpStep>> {
    scope.require(Permission::OrganizationEdit)?;
    let id = scope.organization();
    let unit = async move |tx: &mut store::Tx| {
        let mut organization =
            repo::organizations::get(tx, id).await?.ok_or(Error::NotFound("organization"))?;
        if organization.settings.set_up_passed.insert(step) {
            repo::organizations::put(tx, &mut organization).await?;
            let body = json!({ "name": step.info().label, "step": step });
            tx.journal(JournalEntry { event: "organization.set_up_passed", subject: id.to_string(), body });
        }
        Ok::<_, Error>(())
    };
    engine.store.write(id, scope.actor().clone(), unit).await?;
    let all = steps(engine, scope)?;
    let later = all.iter().skip_while(|report| report.step != step).skip(1);
    let open = later.chain(&all).find(|report| report.state == SetUpState::Open);
    Ok(open.map(|report| report.step))
}
