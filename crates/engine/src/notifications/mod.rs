//! Telling users when access of their device is about to be taken away, is taken away, and comes back.
//!
//! [`NotificationFollower`] reads the journal; the mail and how far the journal was read are one write. While access
//! stays restricted [`tick`] tells again. Reasons and remedies of an organization's own are Cisco ISE's as well.

mod cause;
mod follow;
mod settings;

use catalog::RuleId;
use domain::Millis;
use domain::mail::{Line, MailAddress};
use domain::model::{Device, User};
use domain::notification::{Filling, NotificationSettings};
use jiff::{Timestamp, tz::TimeZone};

use crate::OrgIndex;
use crate::mail::Letter;
use cause::Cause;

pub use follow::{NotificationFollower, tick};
pub use settings::{Preview, edit_settings, preview, settings, without_address};

/// What a broken rule is called and what helps: in the organization's own words if it has any, else what was found and
/// the rule's remedy.
pub(crate) fn words<'a>(
    settings: &'a NotificationSettings,
    rule: RuleId,
    detail: &'a str,
) -> (&'a str, &'a str) {
    let own = settings.rules.get(&rule);
    let reason = own.map(|texts| texts.reason.as_str()).filter(|text| !text.is_empty());
    let remedy = own.map(|texts| texts.remediation.as_str()).filter(|text| !text.is_empty());
    (reason.unwrap_or(detail), remedy.unwrap_or(rule.entry().remedy))
}

/// The mail to the user of a device; `None` if nobody is to be told, or has no address.
fn letter_of(org: &OrgIndex, device: &Device, cause: &Cause) -> Option<Letter> {
    let settings = &org.messaging.notifications;
    let user = org.user(device.user).filter(|_| cause.is_told(settings))?;
    let recipient: MailAddress = user.email.parse().ok()?;
    let (subject, text) = written(org, settings, device, user, cause);
    Some(Letter { purpose: "notification", recipient, subject, text })
}

/// Subject and text.
fn written(
    org: &OrgIndex,
    settings: &NotificationSettings,
    device: &Device,
    user: &User,
    cause: &Cause,
) -> (Line, String) {
    let organization = &org.organization.settings;
    let contact = organization.contact.trim();
    let (reason, remediation) = cause.words(settings);
    let filling = Filling {
        user: Line::from(user.display_name.as_str()).into(),
        device: Line::from(device.name.as_str()).into(),
        reason,
        remediation,
        admin_contact: if contact.is_empty() { "your administrator".into() } else { contact.to_owned() },
        deadline: cause.deadline.and_then(|at| local(&organization.time_zone, at)).unwrap_or_default(),
    };
    (Line::from(filling.fill(cause.occasion.subject())), filling.fill(cause.text(settings)))
}

/// A moment in the organization's zone, for a reader.
pub(crate) fn local(zone: &str, at: Millis) -> Option<String> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let at = Timestamp::from_millisecond(at).ok()?;
    Some(at.to_zoned(zone).strftime("%Y-%m-%d %H:%M %Z").to_string())
}
