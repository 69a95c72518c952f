//! Access restrictions: which broken rule takes what away, at which level.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use catalog::{CommandKind, Permission, Platform, RuleId, Target, TargetSet};
use domain::model::{
    AccessConfig, Device, Exception, ExceptionKind, Group, Level, Remediation, Restrictions, RuleConfig, User,
};
use door::Access;
use engine::compliance::{self, AccessEdit};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::Page;
use super::endpoint::{Endpoint, Family, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::{Ref, RuleParams, Word};

/// Edits in one request.
const MANY: usize = 1_000;

pub(super) fn family() -> Family {
    Family {
        name: "Access restrictions",
        about: "Rules, the ticks of each level, and exceptions. The most specific level decides, rule by rule.",
        endpoints: own().into_iter().chain(super::what_if::endpoints()).collect(),
    }
}

fn own() -> Vec<Endpoint> {
    vec![
        endpoint(
            Method::GET,
            "/api/v1/access-restrictions",
            Access::Needs(Permission::ComplianceView),
            show,
            "Show the settings",
        )
        .gives::<Settings>(),
        endpoint(
            Method::POST,
            "/api/v1/access-restrictions/edits",
            Access::Needs(Permission::ComplianceEdit),
            edit,
            "Change the settings",
        )
        .says("All edits or none; every device is evaluated again before the answer.")
        .body::<Edits>()
        .gives::<Settings>(),
        endpoint(
            Method::POST,
            "/api/v1/access-restrictions/preview",
            Access::Needs(Permission::ComplianceView),
            preview,
            "Who would lose or get back what",
        )
        .says("Nothing is stored. At most 1000 changes are listed; the total counts all.")
        .body::<Edits>()
        .gives::<Page<Change>>(),
    ]
}

/// A level.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "level", content = "subject", deny_unknown_fields)]
pub(super) enum LevelName {
    /// The organization.
    Organization,
    /// All devices of a platform.
    Platform(Word<Platform>),
    /// All devices of a group's members.
    Group(Ref<Group>),
    /// All devices of a user.
    User(Ref<User>),
    /// One device.
    Device(Ref<Device>),
}

impl From<&Level> for LevelName {
    fn from(level: &Level) -> Self {
        match level {
            Level::Organization => Self::Organization,
            Level::Platform(platform) => Self::Platform(Word(*platform)),
            Level::Group(id) => Self::Group((*id).into()),
            Level::User(id) => Self::User((*id).into()),
            Level::Device(id) => Self::Device((*id).into()),
        }
    }
}

impl From<LevelName> for Level {
    fn from(level: LevelName) -> Self {
        match level {
            LevelName::Organization => Self::Organization,
            LevelName::Platform(platform) => Self::Platform(platform.0),
            LevelName::Group(id) => Self::Group(id.0),
            LevelName::User(id) => Self::User(id.0),
            LevelName::Device(id) => Self::Device(id.0),
        }
    }
}

/// A rule as an organization has set it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleSettings {
    /// Checked at all.
    on: bool,
    /// Parameters; missing ones take their defaults.
    #[serde(default)]
    params: RuleParams,
    /// Unknown facts count as a violation.
    #[serde(default)]
    unknown_is_violation: bool,
    /// Minutes between violation and restriction.
    #[serde(default)]
    grace_minutes: u32,
    /// What is ordered when the violation lasts even longer; null for nothing.
    #[serde(default)]
    remediation: Option<RemediationInfo>,
}

/// The end of a rule's ladder.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Remediation")]
pub(super) struct RemediationInfo {
    /// `forget_partnership`, `account_wipe`, or `full_wipe`, which is milder on a device that is not the company's.
    command: Word<CommandKind>,
    /// Minutes between violation and order: not before the restriction, at most 527040.
    after_minutes: u32,
}

impl From<&RuleConfig> for RuleSettings {
    fn from(c: &RuleConfig) -> Self {
        let params = RuleParams(c.params.clone());
        let remediation = c
            .remediation
            .map(|r| RemediationInfo { command: Word(r.command), after_minutes: r.after_minutes });
        let RuleConfig { on, unknown_is_violation, grace_minutes, .. } = *c;
        Self { on, params, unknown_is_violation, grace_minutes, remediation }
    }
}

impl From<RuleSettings> for RuleConfig {
    fn from(s: RuleSettings) -> Self {
        let RuleSettings { on, params, unknown_is_violation, grace_minutes, remediation } = s;
        let remediation =
            remediation.map(|r| Remediation { command: r.command.0, after_minutes: r.after_minutes });
        Self { on, params: params.0, unknown_is_violation, grace_minutes, remediation }
    }
}

/// An exception of a user or device.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AccessException")]
pub(super) struct ExceptionInfo {
    /// Never restricted, the level's ticks on top of what the levels above take away, or its own ticks alone.
    kind: Word<ExceptionKind>,
    /// When it ends by itself.
    expires_at: Option<i64>,
    /// Why it was made.
    #[serde(default)]
    note: String,
    /// Who made it; what is sent is not read.
    #[serde(default)]
    by: String,
}

impl From<&Exception> for ExceptionInfo {
    fn from(e: &Exception) -> Self {
        Self { kind: Word(e.kind.clone()), expires_at: e.expires_at, note: e.note.clone(), by: e.by.clone() }
    }
}

impl From<ExceptionInfo> for Exception {
    fn from(e: ExceptionInfo) -> Self {
        Self { kind: e.kind.0, expires_at: e.expires_at, note: e.note, by: String::new() }
    }
}

/// The ticks of a level: rule by rule the targets taken away. A rule that is missing is inherited.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct Ticks(BTreeMap<String, BTreeSet<Word<Target>>>);

impl From<&Restrictions> for Ticks {
    fn from(r: &Restrictions) -> Self {
        let row = |(rule, targets): (&RuleId, &TargetSet)| {
            (rule.key().to_owned(), targets.iter().map(Word).collect())
        };
        Self(r.0.iter().map(row).collect())
    }
}

impl Ticks {
    fn into_model(self) -> Result<Restrictions, Problem> {
        let mut rules = BTreeMap::new();
        for (key, targets) in self.0 {
            let rule = RuleId::from_key(&key)
                .ok_or_else(|| Problem::invalid(format!("restrictions.{key}"), "There is no such rule."))?;
            rules.insert(rule, targets.into_iter().map(|t| t.0).collect());
        }
        Ok(Restrictions(rules))
    }
}

/// All access settings.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccessSettings")]
struct Settings {
    /// Rules that were changed, by key; a rule that is missing is as in the catalogue.
    rules: BTreeMap<String, RuleSettings>,
    /// Levels with ticks of their own.
    levels: Vec<LevelSettings>,
    /// Exceptions.
    exceptions: Vec<LevelException>,
    /// Grows with every change.
    rev: i64,
}

/// A level with its ticks.
#[derive(Serialize, JsonSchema)]
struct LevelSettings {
    /// The level.
    level: LevelName,
    /// Its ticks.
    restrictions: Ticks,
}

/// A level with its exception.
#[derive(Serialize, JsonSchema)]
struct LevelException {
    /// The level.
    level: LevelName,
    /// Its exception.
    exception: ExceptionInfo,
}

impl From<&AccessConfig> for Settings {
    fn from(config: &AccessConfig) -> Self {
        Self {
            rules: config.rules.iter().map(|(rule, c)| (rule.key().to_owned(), c.into())).collect(),
            levels: config
                .levels
                .iter()
                .map(|(level, ticks)| LevelSettings { level: level.into(), restrictions: ticks.into() })
                .collect(),
            exceptions: config
                .exceptions
                .iter()
                .map(|(level, e)| LevelException { level: level.into(), exception: e.into() })
                .collect(),
            rev: config.rev,
        }
    }
}

/// Edits that are made together.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AccessEdits")]
struct Edits {
    /// In this order, at most 1000.
    edits: Vec<Edit>,
}

/// One edit.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "edit", deny_unknown_fields)]
#[schemars(rename = "AccessEdit")]
pub(super) enum Edit {
    /// A rule: on or off, parameters, grace.
    Rule {
        /// The rule.
        rule: Word<RuleId>,
        /// Its settings; null goes back to the catalogue's.
        config: Option<RuleSettings>,
    },
    /// The ticks of a level.
    Level {
        /// The level.
        level: LevelName,
        /// Its ticks; null inherits everything.
        restrictions: Option<Ticks>,
    },
    /// An exception of a user or device.
    Exception {
        /// A user or device level.
        level: LevelName,
        /// The exception; null ends it.
        exception: Option<ExceptionInfo>,
    },
}

/// Edits as the engine takes them.
pub(super) fn into_model(edits: Vec<Edit>) -> Result<Vec<AccessEdit>, Problem> {
    if edits.is_empty() || edits.len() > MANY {
        return Err(Problem::invalid("edits", format!("Send 1 to {MANY} edits.")));
    }
    edits
        .into_iter()
        .map(|edit| {
            Ok(match edit {
                Edit::Rule { rule, config } => {
                    AccessEdit::Rule { rule: rule.0, config: config.map(Into::into) }
                }
                Edit::Level { level, restrictions } => AccessEdit::Level {
                    level: level.into(),
                    restrictions: restrictions.map(Ticks::into_model).transpose()?,
                },
                Edit::Exception { level, exception } => {
                    AccessEdit::Exception { level: level.into(), exception: exception.map(Into::into) }
                }
            })
        })
        .collect()
}

/// A device whose access would change.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccessChange")]
struct Change {
    /// The device.
    device: Ref<Device>,
    /// The target.
    target: Word<Target>,
    /// It would close; else it would open.
    closes: bool,
}

async fn show(call: Call) -> Result<Json<Settings>, Problem> {
    Ok(Json(compliance::access(&call.engine, &call.scope)?.as_ref().into()))
}

async fn edit(call: Call, Body(input): Body<Edits>) -> Result<Json<Settings>, Problem> {
    compliance::edit_access(&call.engine, &call.scope, into_model(input.edits)?).await?;
    show(call).await
}

async fn preview(call: Call, Body(input): Body<Edits>) -> Result<Json<Page<Change>>, Problem> {
    let all = compliance::preview(&call.engine, &call.scope, &into_model(input.edits)?).await?;
    let total = Some(all.len());
    let items = all.into_iter().take(1_000).map(|(device, target, closes)| Change {
        device: device.into(),
        target: Word(target),
        closes,
    });
    Ok(Json(Page { items: items.collect(), next: None, total }))
}
