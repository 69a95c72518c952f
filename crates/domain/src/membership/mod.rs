//! Who is in a group by its rule: pure.
//!
//! Conditions look at the user and at the user's devices. Where all must hold, those on devices must hold of the same
//! device: "platform is ios" and "OS version is at least 18" finds users with an iPhone of that version, not users
//! with an old iPhone and a new tablet of somebody else's make.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cmp::Ordering;

use catalog::{Fact, FactType, FactValue, Liability, fact};

use crate::model::{
    Comparison, CustomColumn, CustomKind, CustomScope, Device, DeviceState, GroupId, MemberCondition,
    MemberField, MemberRule, User, UserState,
};

/// Something that is known of a user and that a condition can look at.
pub struct UserField {
    /// Stored name.
    pub key: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What it is for a user; empty is no value.
    pub read: fn(&User) -> Cow<'_, str>,
}

const fn field(key: &'static str, label: &'static str, read: fn(&User) -> Cow<'_, str>) -> UserField {
    UserField { key, label, read }
}

/// Everything of a user that conditions can look at; the keys are stored.
pub static USER_FIELDS: &[UserField] = &[
    field("username", "Sign-in name", |user| Cow::Borrowed(&user.username)),
    field("domain", "Login domain", |user| Cow::Borrowed(&user.domain)),
    field("email", "E-mail address", |user| Cow::Borrowed(&user.email)),
    field("mail_domain", "Mail domain", |user| {
        Cow::Borrowed(user.email.rsplit_once('@').map_or("", |(_, domain)| domain))
    }),
    field("display_name", "Name", |user| Cow::Borrowed(&user.display_name)),
    field("first_name", "First name", |user| Cow::Borrowed(&user.first_name)),
    field("last_name", "Last name", |user| Cow::Borrowed(&user.last_name)),
    field("phone", "Phone number", |user| Cow::Borrowed(&user.phone)),
    field("language", "Language", |user| Cow::Borrowed(&user.language)),
    field("liability", "Liability of the user's own", |user| {
        Cow::Borrowed(user.liability.map_or("", Liability::key))
    }),
    field("enabled", "May sign in", |user| yes_no(user.state == UserState::Active)),
    field("shared", "Shared account", |user| yes_no(user.shared)),
    field("hands_off", "Came by hands-off enrolment", |user| yes_no(user.hands_off)),
    field("directory", "Name in the directory (DN)", |user| {
        Cow::Borrowed(user.directory.as_ref().map_or("", |identity| identity.dn.as_str()))
    }),
];

fn yes_no(yes: bool) -> Cow<'static, str> {
    Cow::Borrowed(if yes { "yes" } else { "no" })
}

/// A field of users by its key.
pub fn user_field(key: &str) -> Option<&'static UserField> {
    USER_FIELDS.iter().find(|field| field.key == key)
}

/// The facts of devices that conditions can look at: those that do not follow from groups themselves, and no times.
pub fn device_facts() -> impl Iterator<Item = &'static Fact> {
    catalog::FACTS.iter().filter(|fact| is_for_rules(fact))
}

fn is_for_rules(fact: &Fact) -> bool {
    /// Facts of the server's own that no group decides.
    const OWN: &[&str] = &["management", "site"];
    fact.kind != FactType::Time && (fact.reported_by != "the server" || OWN.contains(&fact.key))
}

/// How the values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// As text, in any letter case.
    Text,
    /// As numbers.
    Number,
    /// As versions, number by number.
    Version,
    /// As days.
    Day,
    /// `yes` or `no`.
    YesNo,
}

impl Compared {
    /// The comparisons that make sense.
    pub fn allows(self, is: Comparison) -> bool {
        match is {
            Comparison::Is | Comparison::IsNot | Comparison::IsKnown | Comparison::IsUnknown => true,
            Comparison::IsOneOf => self != Self::YesNo,
            Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith => {
                matches!(self, Self::Text | Self::Version)
            }
            Comparison::AtLeast | Comparison::Below => {
                matches!(self, Self::Number | Self::Version | Self::Day)
            }
        }
    }
}

/// How a field is compared; `None` for one that does not exist (any more), or that conditions cannot look at.
pub fn compared(field: &MemberField, columns: &[CustomColumn]) -> Option<Compared> {
    match field {
        MemberField::User(key) => Some(match user_field(key)?.key {
            "enabled" | "shared" | "hands_off" => Compared::YesNo,
            _ => Compared::Text,
        }),
        MemberField::Device(key) => {
            let fact = fact(key)?.entry();
            is_for_rules(fact).then_some(match fact.kind {
                FactType::Bool => Compared::YesNo,
                FactType::Int => Compared::Number,
                FactType::Version => Compared::Version,
                FactType::Text | FactType::Time => Compared::Text,
            })
        }
        MemberField::Column(id) => {
            let column = columns.iter().find(|column| column.id == *id)?;
            Some(match column.kind {
                CustomKind::Text | CustomKind::List(_) => Compared::Text,
                CustomKind::Number => Compared::Number,
                CustomKind::Date => Compared::Day,
                CustomKind::YesNo => Compared::YesNo,
            })
        }
    }
}

/// Whether a user is in the group that has this rule. `group` is that group, `columns` are the organization's own.
pub fn is_member(
    rule: &MemberRule,
    group: GroupId,
    user: &User,
    devices: &[&Device],
    columns: &[CustomColumn],
) -> bool {
    let there = |device: &&&Device| device.state != DeviceState::Retired;
    match rule {
        MemberRule::Site(_) => devices.iter().filter(there).any(|device| device.site == Some(group)),
        MemberRule::Query(query) => {
            let mut devices = devices.iter().filter(there);
            let (of_devices, of_user): (Vec<_>, Vec<_>) =
                query.conditions.iter().partition(|condition| is_of_device(condition, columns));
            let user_has = |condition: &&MemberCondition| holds(condition, Holder::User(user), columns);
            let has = |device: &Device, condition: &&MemberCondition| {
                holds(condition, Holder::Device(device), columns)
            };
            if query.any {
                of_user.iter().any(user_has)
                    || devices.any(|device| of_devices.iter().any(|condition| has(device, condition)))
            } else {
                of_user.iter().all(user_has)
                    && (of_devices.is_empty()
                        || devices.any(|device| of_devices.iter().all(|condition| has(device, condition))))
                    && !query.conditions.is_empty()
            }
        }
    }
}

fn is_of_device(condition: &MemberCondition, columns: &[CustomColumn]) -> bool {
    match &condition.field {
        MemberField::User(_) => false,
        MemberField::Device(_) => true,
        MemberField::Column(id) => {
            columns.iter().any(|column| column.id == *id && column.scope == CustomScope::Device)
        }
    }
}

#[derive(Clone, Copy)]
enum Holder<'a> {
    User(&'a User),
    Device(&'a Device),
}

/// Whether a condition holds. One on something that does not exist any more holds for nobody.
fn holds(condition: &MemberCondition, holder: Holder<'_>, columns: &[CustomColumn]) -> bool {
    let Some(how) = compared(&condition.field, columns) else { return false };
    let value = match (&condition.field, holder) {
        (MemberField::User(key), Holder::User(user)) => user_field(key).map(|field| (field.read)(user)),
        (MemberField::Device(key), Holder::Device(device)) => {
            device.facts.by_key(key).map(|known| told(&known.value))
        }
        (MemberField::Column(id), holder) => {
            let values = match holder {
                Holder::User(user) => &user.custom,
                Holder::Device(device) => &device.custom,
            };
            let default = columns.iter().find(|column| column.id == *id).map(|column| &column.default);
            values.get(id).or(default).map(|value| Cow::Borrowed(value.as_str()))
        }
        _ => None,
    };
    let value = value.filter(|value| !value.is_empty());
    // What a person has not is something else than what is asked for; what nobody knows of a device is not.
    let unknown_differs = matches!(holder, Holder::User(_));
    compare(condition.is, value.as_deref(), &condition.value, how, unknown_differs)
}

fn told(value: &FactValue) -> Cow<'_, str> {
    match value {
        FactValue::Bool(yes) => yes_no(*yes),
        FactValue::Int(number) => Cow::Owned(number.to_string()),
        FactValue::Text(text) => Cow::Borrowed(text),
    }
}

fn compare(is: Comparison, value: Option<&str>, with: &str, how: Compared, unknown_differs: bool) -> bool {
    let Some(value) = value else {
        return is == Comparison::IsUnknown || (is == Comparison::IsNot && unknown_differs);
    };
    let lower = |text: &str| text.trim().to_lowercase();
    match is {
        Comparison::IsKnown => true,
        Comparison::IsUnknown => false,
        Comparison::Is => order(value, with, how) == Some(Ordering::Equal),
        Comparison::IsNot => order(value, with, how) != Some(Ordering::Equal),
        Comparison::IsOneOf => several(with).any(|one| order(value, one, how) == Some(Ordering::Equal)),
        Comparison::Contains => lower(value).contains(&lower(with)),
        Comparison::StartsWith => lower(value).starts_with(&lower(with)),
        Comparison::EndsWith => lower(value).ends_with(&lower(with)),
        Comparison::AtLeast => order(value, with, how).is_some_and(Ordering::is_ge),
        Comparison::Below => order(value, with, how).is_some_and(Ordering::is_lt),
    }
}

/// The values of [`Comparison::IsOneOf`].
pub fn several(values: &str) -> impl Iterator<Item = &str> {
    values.split([';', '\n']).map(str::trim).filter(|value| !value.is_empty())
}

/// How two values are ordered; `None` where they cannot be compared.
fn order(one: &str, other: &str, how: Compared) -> Option<Ordering> {
    let (one, other) = (one.trim(), other.trim());
    match how {
        Compared::Text | Compared::YesNo => Some(one.to_lowercase().cmp(&other.to_lowercase())),
        Compared::Day => Some(one.cmp(other)),
        Compared::Version => catalog::compare_versions(one, other),
        Compared::Number => {
            let order =
                |text: &str| CustomKind::Number.read(text).ok().map(|text| CustomKind::Number.order(&text));
            Some(order(one)?.cmp(&order(other)?))
        }
    }
}

/// The canonical form of a condition's value.
///
/// # Errors
/// What to write instead.
pub fn read_value(is: Comparison, text: &str, how: Compared) -> Result<String, String> {
    if !is.needs_value() {
        return Ok(String::new());
    }
    let text = text.trim();
    if text.is_empty() {
        return Err("Enter a value to compare with.".into());
    }
    if text.chars().count() > crate::model::CONDITION_VALUE_MAX {
        return Err(format!("Use at most {} characters.", crate::model::CONDITION_VALUE_MAX));
    }
    let one = |text: &str| match how {
        Compared::Text => Ok(text.to_owned()),
        Compared::Number => CustomKind::Number.read(text),
        Compared::Day => CustomKind::Date.read(text),
        Compared::YesNo => CustomKind::YesNo.read(text),
        Compared::Version if matches!(is, Comparison::AtLeast | Comparison::Below) => {
            catalog::version_numbers(text)
                .map(|_| text.to_owned())
                .ok_or_else(|| "Enter a version such as 18.1.".into())
        }
        Compared::Version => Ok(text.to_owned()),
    };
    if is == Comparison::IsOneOf {
        let all: Vec<String> = several(text).map(one).collect::<Result<_, _>>()?;
        return Ok(all.join("; "));
    }
    one(text)
}
