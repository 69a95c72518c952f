//! Who is told of something by mail: as fields of a form, and read from it.

use domain::model::{AdministratorId, Recipients, RoleId, RoleRef};
use door::FormData;
use engine::FieldIssue;

use super::super::frame::{Cx, Entered};
use crate::parts::FieldView;

/// The fields: people by ticks, and addresses one to a line.
pub fn fields(cx: &Cx, entered: &Entered<'_>) -> [FieldView; 2] {
    [
        entered.ticks("who", "Mail goes to", &choices(cx)),
        entered.area("addresses", "And to these addresses").help("One to a line.").optional(),
    ]
}

/// What the fields hold for these recipients.
pub fn stored(to: &Recipients) -> Vec<(String, String)> {
    let addresses: Vec<_> = to.addresses.iter().map(ToString::to_string).collect();
    let mut pairs = vec![("addresses".to_owned(), addresses.join("\n"))];
    let mut who = |value: String| pairs.push(("who".to_owned(), value));
    if to.all_administrators {
        who("all".into());
    }
    if to.user {
        who("user".into());
    }
    for id in &to.administrators {
        who(id.to_string());
    }
    for role in &to.roles {
        who(role_value(role));
    }
    pairs
}

fn role_value(role: &RoleRef) -> String {
    match role {
        RoleRef::Predefined(key) => format!("role:{key}"),
        RoleRef::Custom(id) => id.to_string(),
    }
}

/// The recipients that were entered; what is wrong with them is added to the issues.
pub fn entered(data: &FormData, issues: &mut Vec<FieldIssue>) -> Recipients {
    let mut to = Recipients::default();
    for who in data.all("who") {
        if who == "all" {
            to.all_administrators = true;
        } else if who == "user" {
            to.user = true;
        } else if let Some(key) = who.strip_prefix("role:") {
            to.roles.push(RoleRef::Predefined(key.to_owned()));
        } else if let Ok(id) = who.parse::<RoleId>() {
            to.roles.push(RoleRef::Custom(id));
        } else if let Ok(id) = who.parse::<AdministratorId>() {
            to.administrators.push(id);
        }
    }
    for line in data.lines("addresses") {
        match line.parse() {
            Ok(address) => to.addresses.push(address),
            Err(domain::names::NameError(why)) => {
                issues.push(FieldIssue { field: "addresses".into(), message: format!("{line}: {why}") });
            }
        }
    }
    to
}

/// Everybody who can be told.
fn choices(cx: &Cx) -> Vec<(String, String, String)> {
    let inside = !cx.outside();
    let own = |value: &str, label: &str, help: &str| (value.to_owned(), label.to_owned(), help.to_owned());
    let all = if inside { "All administrators" } else { "All system administrators" };
    let mut choices = vec![own("all", all, "with an address")];
    if inside {
        choices.push(own("user", "The user", "whose device it is about"));
        choices.extend(catalog::PREDEFINED_ROLES.iter().map(|role| {
            (
                format!("role:{}", role.key),
                format!("Role {}", role.name),
                "administrators with this role".to_owned(),
            )
        }));
        let custom = cx.org(engine::OrgIndex::roles).unwrap_or_default();
        choices.extend(custom.iter().map(|role| {
            (role.id.to_string(), format!("Role {}", role.name), "administrators with this role".to_owned())
        }));
    }
    let admins = cx.engine.directory().administrators(cx.scope.organization());
    choices.extend(admins.iter().take(100).map(|admin| {
        let address = if admin.email.is_empty() { "has no address" } else { &admin.email };
        (admin.id.to_string(), admin.display_name.clone(), address.to_owned())
    }));
    choices
}

/// The recipients in a few words.
pub fn summary(to: &Recipients) -> String {
    let mut words = Vec::new();
    if to.all_administrators {
        words.push("all administrators".to_owned());
    }
    if to.user {
        words.push("the user".to_owned());
    }
    let named = to.administrators.len() + to.roles.len();
    if named > 0 {
        words.push(super::super::words::count(named, "administrator or role", "administrators and roles"));
    }
    words.extend(to.addresses.iter().map(ToString::to_string));
    words.join(", ")
}
