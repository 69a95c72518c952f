//! Rules by which groups find their members: dynamic groups and sites.

use axum::Json;
use catalog::Permission;
use domain::model::{
    Comparison, CustomColumn, CustomScope, Group, MemberCondition, MemberQuery, MemberRule, Site, User,
};
use door::{Access, Path};
use engine::groups::{self, Offered};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Done, Page};
use super::endpoint::{Endpoint, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::{Ref, Word};

/// People named in a preview, of those who join and of those who leave.
const NAMED: usize = 100;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (view, change) = (Access::Needs(Permission::GroupsView), Access::Needs(Permission::GroupsEdit));
    vec![
        endpoint(Method::GET, "/api/v1/group-fields", view, fields, "List what a rule can look at")
            .says("Of users, of their devices, and the organization's own columns.")
            .gives::<Page<FieldInfo>>(),
        endpoint(Method::PUT, "/api/v1/groups/{group}/rule", change, put, "Let a group find its members by a rule")
            .says(
                "Its members are those that the rule finds, from the answer on, and stay so while users and devices \
                 change. Held for a second person when that would withdraw much.",
            )
            .body::<Rule>(),
        endpoint(
            Method::DELETE,
            "/api/v1/groups/{group}/rule",
            change,
            delete,
            "Choose the members of a group by hand again",
        )
        .says("Who is in it then stays in it."),
        endpoint(
            Method::POST,
            "/api/v1/groups/{group}/rule/preview",
            Access::Needs(Permission::DevicesView),
            preview,
            "Who would be in a group by a rule",
        )
        .says("Nothing is stored. Needs the permission `groups.view`, too.")
        .body::<Rule>()
        .gives::<Preview>(),
    ]
}

/// How a group finds its members.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(rename = "MemberRule")]
pub(super) enum Rule {
    /// Whoever meets all conditions; those on devices must be met by the same device.
    All {
        /// 1 to 20.
        conditions: Vec<Condition>,
    },
    /// Whoever meets one of the conditions.
    Any {
        /// 1 to 20.
        conditions: Vec<Condition>,
    },
    /// Whoever has a device that was last seen at this site.
    Site {
        /// Its networks, such as `192.0.2.0/24`, as this server sees them; 1 to 100.
        networks: Vec<String>,
    },
}

/// One condition.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MemberCondition")]
pub(super) struct Condition {
    /// What is looked at: a name from `/group-fields`.
    field: String,
    /// How it is compared.
    is: Word<Comparison>,
    /// With what; several values of `is_one_of` are separated by `;`.
    #[serde(default)]
    value: String,
}

/// Something that a rule can look at.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MemberField")]
struct FieldInfo {
    /// Its name in conditions.
    name: String,
    /// What it is called.
    label: String,
    /// Whether it is one of a device; otherwise of the user.
    of_device: bool,
    /// The comparisons that it knows.
    comparisons: Vec<Word<Comparison>>,
}

/// Who would be in a group.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MemberPreview")]
struct Preview {
    /// How many would be in it.
    members: usize,
    /// How many would join.
    joining: usize,
    /// How many would leave.
    leaving: usize,
    /// The first hundred who would join, by name.
    join: Vec<Ref<User>>,
    /// The first hundred who would leave, by name.
    leave: Vec<Ref<User>>,
}

impl Rule {
    /// As it is shown; a condition on something that is gone has an empty field.
    pub(super) fn of(rule: &MemberRule, columns: &[CustomColumn]) -> Self {
        match rule {
            MemberRule::Site(site) => {
                Self::Site { networks: site.networks.iter().map(ToString::to_string).collect() }
            }
            MemberRule::Query(query) => {
                let offered = groups::fields(columns);
                let one = |condition: &MemberCondition| Condition {
                    field: offered
                        .iter()
                        .find(|one| one.field == condition.field)
                        .map(|one| one.name.clone())
                        .unwrap_or_default(),
                    is: Word(condition.is),
                    value: condition.value.clone(),
                };
                let conditions = query.conditions.iter().map(one).collect();
                if query.any { Self::Any { conditions } } else { Self::All { conditions } }
            }
        }
    }

    fn into_model(self, call: &Call) -> Result<MemberRule, Problem> {
        let (any, conditions) = match self {
            Self::Site { networks } => {
                let networks = groups::networks(networks.iter().map(String::as_str))?;
                return Ok(MemberRule::Site(Site { networks }));
            }
            Self::All { conditions } => (false, conditions),
            Self::Any { conditions } => (true, conditions),
        };
        let offered = offered(call)?;
        let mut read = Vec::with_capacity(conditions.len());
        for (at, condition) in conditions.into_iter().enumerate() {
            let known = offered.iter().find(|one| one.name == condition.field);
            let field = known.map(|one| one.field.clone()).ok_or_else(|| {
                let words =
                    format!("There is nothing called “{}” to look at; see /group-fields.", condition.field);
                engine::Error::invalid(format!("conditions.{at}.field"), words)
            })?;
            read.push(MemberCondition { field, is: condition.is.0, value: condition.value });
        }
        Ok(MemberRule::Query(MemberQuery { any, conditions: read }))
    }
}

fn offered(call: &Call) -> Result<Vec<Offered>, Problem> {
    Ok(groups::fields(&call.organization()?.read().organization.columns))
}

async fn fields(call: Call) -> Result<Json<Page<FieldInfo>>, Problem> {
    let info = |one: Offered| FieldInfo {
        comparisons: Comparison::ALL
            .iter()
            .filter(|is| one.compared.allows(**is))
            .map(|is| Word(*is))
            .collect(),
        of_device: one.of == CustomScope::Device,
        name: one.name,
        label: one.label,
    };
    Ok(Page::whole(offered(&call)?.into_iter().map(info).collect()))
}

async fn put(call: Call, Path(id): Path<Ref<Group>>, Body(rule): Body<Rule>) -> Result<Done, Problem> {
    groups::get(&call.engine, &call.scope, id.0)?;
    let rule = rule.into_model(&call)?;
    groups::set_rule(&call.engine, &call.scope, id.0, Some(rule)).await?;
    Ok(Done)
}

async fn delete(call: Call, Path(id): Path<Ref<Group>>) -> Result<Done, Problem> {
    groups::set_rule(&call.engine, &call.scope, id.0, None).await?;
    Ok(Done)
}

async fn preview(
    call: Call,
    Path(id): Path<Ref<Group>>,
    Body(rule): Body<Rule>,
) -> Result<Json<Preview>, Problem> {
    groups::get(&call.engine, &call.scope, id.0)?;
    let rule = rule.into_model(&call)?;
    let found = groups::foresee(&call.engine, &call.scope, id.0, rule).await?;
    let named =
        |users: &[std::sync::Arc<User>]| users.iter().take(NAMED).map(|user| user.id.into()).collect();
    Ok(Json(Preview {
        members: found.members,
        joining: found.join.len(),
        leaving: found.leave.len(),
        join: named(&found.join),
        leave: named(&found.leave),
    }))
}
