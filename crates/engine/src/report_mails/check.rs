//! What may be entered, and who may get a report: nobody outside the organization.

use catalog::ReportFilter;
use domain::mail::MailAddress;
use domain::model::OrganizationId;
use jiff::tz::TimeZone;

use super::{MOST_RECIPIENTS, ReportMailInput};
use crate::issues::Issues;
use crate::{Engine, Error, Result, Scope, reports};

/// The addresses, and the clocks that times are read by.
pub(super) fn checked(
    engine: &Engine,
    scope: &Scope,
    input: &ReportMailInput,
) -> Result<(Vec<MailAddress>, TimeZone)> {
    let (id, info) = (scope.organization(), input.report.info());
    let zone = reports::zone_of(engine, id)?;
    let org = engine.directory.organization(id).ok_or(Error::NotFound("organization"))?;
    let mut issues = Issues::default();
    let letters = input.name.trim().chars().count();
    let plain = !input.name.chars().any(char::is_control);
    issues
        .check((1..=100).contains(&letters) && plain, "name", || "Enter a name of 1 to 100 letters.".into());
    issues.check(input.when.is_possible(), "when", || {
        "Enter a weekday, a day of the month, and a time.".into()
    });
    issues.check((1..=366).contains(&input.period_days), "period_days", || "Enter 1 to 366 days.".into());
    let silent = input.silent_days.is_none_or(|days| (1..=3_650).contains(&days));
    issues.check(silent, "silent_days", || "Enter 1 to 3,650 days.".into());
    let there = input.group.is_none_or(|group| org.read().group(group).is_some());
    issues.check(there, "group", || "There is no such group.".into());
    for (field, filter, is_set) in [
        ("group", ReportFilter::Group, input.group.is_some()),
        ("platform", ReportFilter::Platform, input.platform.is_some()),
        ("silent_days", ReportFilter::Silence, input.silent_days.is_some()),
    ] {
        issues.check(!is_set || info.takes(filter), field, || {
            format!("The report “{}” cannot be narrowed by this.", info.label)
        });
    }
    let recipients = recipients(engine, id, &input.recipients, &mut issues);
    issues.done()?;
    Ok((recipients, zone))
}

fn recipients(
    engine: &Engine,
    id: OrganizationId,
    entered: &[String],
    issues: &mut Issues,
) -> Vec<MailAddress> {
    let many = (1..=MOST_RECIPIENTS).contains(&entered.len());
    issues.check(many, "recipients", || format!("Enter 1 to {MOST_RECIPIENTS} addresses."));
    let mut all: Vec<MailAddress> = Vec::new();
    for text in entered.iter().take(MOST_RECIPIENTS) {
        let Ok(address) = text.parse::<MailAddress>() else {
            let shown: String = text.trim().chars().take(60).collect();
            issues.add("recipients", format!("“{shown}” is no mail address."));
            continue;
        };
        issues.check(is_inside(engine, id, &address), "recipients", || {
            format!("{address} is neither in a mail domain of the organization nor an administrator’s.")
        });
        if !all.contains(&address) {
            all.push(address);
        }
    }
    all
}

/// Whether an address is in a mail domain of the organization, or that of one of its administrators who may sign in.
pub(super) fn is_inside(engine: &Engine, id: OrganizationId, address: &MailAddress) -> bool {
    let Some(org) = engine.directory.organization(id) else { return false };
    let in_domain = org.read().organization.mail_domains.iter().any(|d| d == address.domain());
    in_domain
        || engine
            .directory
            .administrators(id)
            .iter()
            .any(|admin| admin.enabled && admin.email.eq_ignore_ascii_case(address.as_str()))
}
