//! Groups that find their members by a rule: dynamic groups and sites.

use std::sync::Arc;

use catalog::Permission;
use domain::membership::{self, Compared};
use domain::model::{
    CONDITIONS_MAX, Comparison, CustomColumn, CustomScope, Device, GroupId, JournalEntry, MemberField,
    MemberQuery, MemberRule, NETWORKS_MAX, Site, User, UserId,
};
use serde_json::json;
use store::repo;

use super::{get, members};
use crate::approvals::{self, Edit, Pass};
use crate::issues::Issues;
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// Users looked at under one lock.
const STEP: usize = 256;

/// Something that conditions can look at, as it is offered.
#[derive(Debug, Clone)]
pub struct Offered {
    /// The field.
    pub field: MemberField,
    /// Its name in forms and REST: `user.email`, `device.os_version`, `custom:Department`.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// Whether it is one of users or of their devices.
    pub of: CustomScope,
    /// How it is compared.
    pub compared: Compared,
}

/// Everything that conditions can look at: of users, of devices, and the organization's own columns.
pub fn fields(columns: &[CustomColumn]) -> Vec<Offered> {
    let user = membership::USER_FIELDS.iter().map(|field| {
        (MemberField::User(field.key.into()), format!("user.{}", field.key), field.label, CustomScope::User)
    });
    let device = membership::device_facts().map(|fact| {
        (
            MemberField::Device(fact.key.into()),
            format!("device.{}", fact.key),
            fact.label,
            CustomScope::Device,
        )
    });
    let own = columns.iter().map(|column| {
        let name = match column.scope {
            CustomScope::User => format!("custom:{}", column.name),
            CustomScope::Device => format!("device.custom:{}", column.name),
        };
        (MemberField::Column(column.id), name, column.name.as_str(), column.scope)
    });
    let all = user.chain(own.clone().filter(|own| own.3 == CustomScope::User));
    let all = all.chain(device).chain(own.filter(|own| own.3 == CustomScope::Device));
    all.filter_map(|(field, name, label, of)| {
        let compared = membership::compared(&field, columns)?;
        Some(Offered { field, name, label: label.to_owned(), of, compared })
    })
    .collect()
}

/// A rule in words: "E-mail address ends with “@acme.example” and device: Platform is “ios”".
pub fn words(rule: &MemberRule, columns: &[CustomColumn]) -> String {
    match rule {
        MemberRule::Site(site) => {
            let networks: Vec<String> = site.networks.iter().map(ToString::to_string).collect();
            format!("a device was last seen in {}", networks.join(", "))
        }
        MemberRule::Query(query) => {
            let offered = fields(columns);
            let one = |condition: &domain::model::MemberCondition| {
                let known = offered.iter().find(|one| one.field == condition.field);
                let label = known.map_or_else(
                    || "something that is gone".to_owned(),
                    |one| match one.of {
                        CustomScope::User => one.label.clone(),
                        CustomScope::Device => format!("device: {}", one.label),
                    },
                );
                let value = if condition.is.needs_value() {
                    format!(" “{}”", condition.value)
                } else {
                    String::new()
                };
                format!("{label} {}{value}", condition.is.label())
            };
            let all: Vec<String> = query.conditions.iter().map(one).collect();
            all.join(if query.any { " or " } else { " and " })
        }
    }
}

/// Who would join a group and who would leave it.
#[derive(Debug, Clone, Default)]
pub struct Foreseen {
    /// Who is not in it yet, by name.
    pub join: Vec<Arc<User>>,
    /// Who is in it, by name.
    pub leave: Vec<Arc<User>>,
    /// How many are in it then.
    pub members: usize,
}

/// Whom a rule would bring into a group and take out of it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`] for a rule that cannot be.
pub async fn foresee(engine: &Engine, scope: &Scope, id: GroupId, rule: MemberRule) -> Result<Foreseen> {
    scope.require(Permission::DevicesView)?;
    let group = get(engine, scope, id)?;
    let rule = checked(engine, scope, rule)?;
    let moves = moves(engine, scope, id, &rule).await?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let of = |wanted: bool| {
        let ids = moves.iter().filter(|(_, is_in)| *is_in == wanted);
        let mut users: Vec<Arc<User>> = ids.filter_map(|(user, _)| org.user(*user).cloned()).collect();
        users.sort_by_key(|user| user.display_name.to_lowercase());
        users
    };
    let (join, leave) = (of(true), of(false));
    let members = (org.member_count(group.id) + join.len()).saturating_sub(leave.len());
    Ok(Foreseen { join, leave, members })
}

/// Gives a group a rule, by which it finds its members from now on, or takes the rule away: who is in it then stays in
/// it, and is chosen by hand.
///
/// # Errors
/// [`Error::Invalid`]; [`Error::Conflict`] for a group of a directory; [`Error::Held`] when the change of members would
/// withdraw too much.
pub async fn set_rule(engine: &Engine, scope: &Scope, id: GroupId, rule: Option<MemberRule>) -> Result<()> {
    scope.require(Permission::GroupsEdit)?;
    if get(engine, scope, id)?.directory.is_some() {
        return Err(Error::conflict(
            "The members of this group are taken from its directory. It can have no rule.",
        ));
    }
    let rule = rule.map(|rule| checked(engine, scope, rule)).transpose()?;
    let pass = approvals::ask(engine, scope, Edit::GroupRule { group: id, rule: rule.clone().map(Box::new) })
        .await?;
    carry_out(engine, scope, id, rule, pass).await
}

/// Stores the rule and moves users by it.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    id: GroupId,
    rule: Option<MemberRule>,
    pass: Pass,
) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let columns = org.read().organization.columns.clone();
    let stored = rule.clone();
    let unit = async move |tx: &mut store::Tx| {
        pass.take(tx).await?;
        let mut group = repo::groups::get(tx, id).await?.ok_or(Error::NotFound("group"))?;
        if group.directory.is_some() {
            return Err(Error::conflict("The members of this group are taken from its directory."));
        }
        let said = |rule: &Option<MemberRule>| {
            rule.as_ref().map_or_else(|| "chosen by hand".to_owned(), |rule| words(rule, &columns))
        };
        let before = said(&group.rule);
        group.rule.clone_from(&stored);
        repo::groups::put(tx, &mut group).await?;
        tx.journal(JournalEntry {
            event: "group.rule_changed",
            subject: id.to_string(),
            body: json!({ "name": group.name, "before": before, "after": said(&group.rule) }),
        });
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await?;
    if let Some(rule) = rule {
        let moves = moves(engine, scope, id, &rule).await?;
        members::carry_out(engine, scope, id, &moves, Pass::PART).await?;
    }
    Ok(())
}

/// Who must move so that the members of a group are those that a rule finds; looks at all users, some under each lock.
pub(super) async fn moves(
    engine: &Engine,
    scope: &Scope,
    id: GroupId,
    rule: &MemberRule,
) -> Result<Vec<(UserId, bool)>> {
    let lock = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let users: Vec<UserId> = lock.read().users().map(|user| user.id).collect();
    let mut moves = Vec::new();
    for chunk in users.chunks(STEP) {
        {
            let org = lock.read();
            moves.extend(chunk.iter().filter_map(|user| moved(&org, id, rule, *user)));
        }
        tokio::task::yield_now().await;
    }
    moves.sort_unstable();
    Ok(moves)
}

/// Whether a user must move, and whether into the group.
pub(super) fn moved(org: &OrgIndex, id: GroupId, rule: &MemberRule, user: UserId) -> Option<(UserId, bool)> {
    let user = org.user(user)?;
    let devices = org.devices.of_user(user.id);
    let devices: Vec<&Device> = devices.into_iter().map(Arc::as_ref).collect();
    let wanted = membership::is_member(rule, id, user, &devices, &org.organization.columns);
    (user.groups.binary_search(&id).is_ok() != wanted).then_some((user.id, wanted))
}

/// All moves at once, for a change that is only thought of.
pub(crate) fn imagined_moves(org: &OrgIndex, id: GroupId, rule: &MemberRule) -> Vec<(UserId, bool)> {
    org.users().filter_map(|user| moved(org, id, rule, user.id)).collect()
}

/// The rule in its canonical form.
pub(crate) fn checked(engine: &Engine, scope: &Scope, rule: MemberRule) -> Result<MemberRule> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let columns = org.read().organization.columns.clone();
    match rule {
        MemberRule::Site(site) => checked_site(site).map(MemberRule::Site),
        MemberRule::Query(query) => checked_query(query, &columns).map(MemberRule::Query),
    }
}

fn checked_site(site: Site) -> Result<Site> {
    let mut networks: Vec<_> = site.networks.iter().map(ipnet::IpNet::trunc).collect();
    networks.sort_unstable();
    networks.dedup();
    if networks.is_empty() {
        return Err(Error::invalid("networks", "Enter at least one network, such as 192.0.2.0/24."));
    }
    if networks.len() > NETWORKS_MAX {
        return Err(Error::invalid("networks", format!("Enter at most {NETWORKS_MAX} networks.")));
    }
    if networks.iter().any(|network| network.prefix_len() == 0) {
        return Err(Error::invalid(
            "networks",
            "The whole Internet is no site: enter the networks of the place.",
        ));
    }
    Ok(Site { networks })
}

fn checked_query(mut query: MemberQuery, columns: &[CustomColumn]) -> Result<MemberQuery> {
    if query.conditions.is_empty() {
        return Err(Error::invalid(
            "conditions",
            "Enter at least one condition: without one nobody is meant.",
        ));
    }
    if query.conditions.len() > CONDITIONS_MAX {
        return Err(Error::invalid("conditions", format!("Enter at most {CONDITIONS_MAX} conditions.")));
    }
    let mut issues = Issues::default();
    for (at, condition) in query.conditions.iter_mut().enumerate() {
        let field = format!("conditions.{at}");
        let Some(how) = membership::compared(&condition.field, columns) else {
            issues.add(field, "There is nothing of that name that a condition can look at.");
            continue;
        };
        if !how.allows(condition.is) {
            issues
                .add(field, format!("It cannot be asked whether this “{}” something.", condition.is.label()));
            continue;
        }
        match membership::read_value(condition.is, &condition.value, how) {
            Ok(value) => condition.value = value,
            Err(words) => issues.add(field, words),
        }
    }
    issues.done()?;
    Ok(query)
}

/// A comparison by its word.
///
/// # Errors
/// [`Error::Invalid`] that names those there are.
pub fn comparison(field: &str, word: &str) -> Result<Comparison> {
    Comparison::from_key(word).ok_or_else(|| {
        let all: Vec<&str> = Comparison::ALL.iter().map(|one| one.key()).collect();
        Error::invalid(field, format!("Use one of: {}.", all.join(", ")))
    })
}

/// Networks from lines; an address alone is a network of one.
///
/// # Errors
/// [`Error::Invalid`] that names the line.
pub fn networks<'l>(lines: impl IntoIterator<Item = &'l str>) -> Result<Vec<ipnet::IpNet>> {
    let read = |line: &str| {
        line.parse::<ipnet::IpNet>()
            .or_else(|_| line.parse::<std::net::IpAddr>().map(ipnet::IpNet::from))
            .map_err(|_| {
                Error::invalid(
                    "networks",
                    format!("“{line}” is no network: write 192.0.2.0/24 or 2001:db8::/32."),
                )
            })
    };
    lines.into_iter().map(str::trim).filter(|line| !line.is_empty()).map(read).collect()
}
