//! What claims make of somebody.

use domain::Millis;
use domain::model::{IdentityProvider, RoleRef};
use serde_json::Value;
use wire_jose::Claims;

/// The role of the first rule that fits.
pub(super) fn role(provider: &IdentityProvider, claims: &Claims) -> Option<RoleRef> {
    let fits = |claim: &str, value: &str| find(claims, claim).is_some_and(|found| holds(found, value));
    provider.rules.iter().find(|rule| fits(&rule.claim, &rule.value)).map(|rule| rule.role.clone())
}

/// A claim by its name, or by the names of objects and members with dots between them.
pub(super) fn find<'c>(claims: &'c Claims, name: &str) -> Option<&'c Value> {
    if let Some(found) = claims.get(name) {
        return Some(found);
    }
    let mut names = name.split('.');
    let first = claims.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name))
}

fn holds(found: &Value, wanted: &str) -> bool {
    match found {
        Value::String(text) => text == wanted,
        Value::Bool(true) => wanted == "true",
        Value::Bool(false) => wanted == "false",
        Value::Number(number) => number.to_string().as_str() == wanted,
        Value::Array(items) => items.iter().any(|item| !item.is_array() && holds(item, wanted)),
        Value::Null | Value::Object(_) => false,
    }
}

/// Claims that decide something, and that the token does not have.
pub(super) fn missing(provider: &IdentityProvider, claims: &Claims) -> bool {
    let lacks = |name: &str| find(claims, name).is_none();
    provider.rules.iter().any(|rule| lacks(&rule.claim))
        || provider.users.as_ref().is_some_and(|rule| lacks(&rule.claim))
        || lacks("email")
        || lacks("name")
}

/// When the person showed at the provider to be it, in milliseconds; never later than now.
pub(super) fn proved_at(claims: &Claims, now: Millis) -> Option<Millis> {
    let seconds = claims.get("auth_time").and_then(Value::as_i64).filter(|seconds| *seconds > 0)?;
    Some(seconds.saturating_mul(1000).min(now))
}

/// Whether an address of an allowed domain was verified by the provider.
pub(super) fn domain_allowed(provider: &IdentityProvider, claims: &Claims) -> bool {
    if provider.email_domains.is_empty() {
        return true;
    }
    let verified = claims.get("email_verified") == Some(&Value::Bool(true));
    let domain = claims.text("email").and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain);
    verified
        && domain.is_some_and(|domain| {
            provider.email_domains.iter().any(|allowed| allowed.eq_ignore_ascii_case(domain))
        })
}

/// A sign-in name for a new account: from what the provider calls the person, marked with the zone, so that it cannot
/// be taken for a name that was given here.
pub(super) fn username(claims: &Claims, mark: &str) -> String {
    let called = claims.text("preferred_username").or(claims.text("email")).unwrap_or("user");
    let local = called.split('@').next().unwrap_or_default().to_lowercase();
    let good = |c: &char| c.is_ascii_alphanumeric() || ".-_".contains(*c);
    let local: String = local.chars().filter(good).take(24).collect();
    format!("{}@{mark}", if local.is_empty() { "user" } else { &local })
}

/// The name shown, and the address.
pub(super) fn person(claims: &Claims, username: &str) -> (String, String) {
    let clean = |text: &str, most: usize| -> String {
        text.trim().chars().filter(|c| !c.is_control()).take(most).collect()
    };
    let name = claims.text("name").map(|name| clean(name, 100)).filter(|name| !name.is_empty());
    let email = claims.text("email").map(|email| clean(email, 254)).unwrap_or_default();
    (name.unwrap_or_else(|| username.to_owned()), email)
}
