//! What was entered for a user.

use domain::model::{CustomScope, User};

use super::UserInput;
use crate::custom_columns;
use crate::issues::Issues;
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// Checks what was entered, and gives values of custom columns their one form; `old` is the user that is edited.
pub(super) fn check(engine: &Engine, scope: &Scope, old: Option<&User>, input: &mut UserInput) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let issues = check_in(&org.read(), old, input);
    issues.done()
}

/// The same in an organization that is being looked at.
pub(crate) fn check_in(org: &OrgIndex, old: Option<&User>, input: &mut UserInput) -> Issues {
    let mut issues = Issues::default();
    custom_columns::read_values(org, CustomScope::User, &mut input.custom, &mut issues);
    if let Err(why) = domain::names::check_username(input.username.trim()) {
        issues.add("username", why.0);
    }
    check_email(org, old, input.email.trim(), &mut issues);
    let domain = input.domain.trim().to_lowercase();
    let known = domain.is_empty()
        || org.organization.login_domains.contains(&domain)
        || org.organization.mail_domains.contains(&domain);
    issues.check(known, "domain", || {
        "This domain is not granted to the organization. A system administrator can grant it.".into()
    });
    issues.check(input.server.is_none_or(|id| org.server(id).is_some()), "server", || {
        "There is no such ActiveSync server.".into()
    });
    if old.is_none_or(|old| old.suite != input.suite) {
        crate::policy::check_assignable(org, "suite", input.suite, &mut issues);
    }
    crate::schedules::check_assignable(org, "schedule", input.schedule, &mut issues);
    issues.check(input.display_name.chars().count() <= 200, "display_name", || {
        "Use at most 200 characters.".into()
    });
    for (field, text) in [("first_name", &input.first_name), ("last_name", &input.last_name)] {
        issues.check(text.chars().count() <= 100, field, || "Use at most 100 characters.".into());
    }
    for (field, text) in [("external_id", &input.external_id), ("user_name", &input.provisioned_as)] {
        let short = text.as_ref().is_none_or(|text| text.chars().count() <= 300);
        issues.check(short, field, || "Use at most 300 characters.".into());
    }
    let phone = input.phone.trim();
    let is_phone = phone.chars().count() <= 40 && !phone.chars().any(char::is_alphabetic);
    issues.check(is_phone, "phone", || "Enter a number such as +41 44 123 45 67.".into());
    issues.check(input.max_devices.is_none_or(|max| max <= 10_000), "max_devices", || {
        "Enter a number from 0 (no limit) to 10000, or leave it empty.".into()
    });
    let language = input.language.trim();
    issues.check(language.is_empty() || catalog::language_by_key(language).is_some(), "language", || {
        let known: Vec<_> = catalog::LANGUAGES.iter().map(|language| language.key).collect();
        format!("Enter one of {}, or leave it empty.", known.join(", "))
    });
    issues
}

fn check_email(org: &OrgIndex, old: Option<&User>, email: &str, issues: &mut Issues) {
    if email.is_empty() {
        return;
    }
    // Devices sign in with it: it must not be a matter of chance whose they are.
    let other = org.user_by_email(email).filter(|u| old.is_none_or(|old| old.id != u.id));
    issues.check(other.is_none(), "email", || "Another user has this address.".into());
    match domain::names::mail_address(email) {
        Ok((_, domain)) => {
            let granted = &org.organization.mail_domains;
            issues.check(granted.is_empty() || granted.contains(&domain), "email", || {
                format!(
                    "{domain} is not a mail domain of this organization. A system administrator can grant it."
                )
            });
        }
        Err(why) => issues.add("email", why.0),
    }
}
