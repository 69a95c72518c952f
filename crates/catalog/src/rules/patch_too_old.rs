//! C16: the security patch of the operating system is older than allowed (Android names it by its date).

use super::words::{HOUR, broken, good_until};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Target, Value};

const DAY: Millis = 24 * HOUR;

pub(super) static RULE: Rule = Rule {
    id: RuleId::PatchTooOld,
    number: "C16",
    label: "Security patch too old",
    help: "The date of the security patch is longer ago than allowed.",
    remedy: "Install the update of the operating system in the settings of the device.",
    severity: Severity::Warning,
    fields: &[Field {
        key: "days",
        label: "Oldest patch",
        help: "Days that may have passed since the date of the security patch.",
        kind: Kind::Int { min: 1, max: 3650, unit: "days", optional: false },
        default: || Value::Int(90),
    }],
    needs: &["security_patch"],
    default_targets: &[Target::ActivesyncConnections, Target::NetworkAccess],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

fn check(facts: &Facts, params: &Params, now: Millis) -> Check {
    let patch = facts.text("security_patch");
    let Some((text, date)) = patch.and_then(|text| Some((text, date(text)?))) else {
        return Check::Unknown { missing: "security_patch" };
    };
    let allowed = RULE.param(params, "days").as_int().unwrap_or(90);
    let due = date.saturating_add(allowed.saturating_add(1).saturating_mul(DAY));
    if now < due {
        return good_until(due);
    }
    broken(
        format!("The security patch is of {}; at most {allowed} days are allowed.", text.trim()),
        &["security_patch"],
        Some(due),
    )
}

/// The beginning of a day that is written as 2026-11-05, in UTC; nothing for what is no date.
fn date(text: &str) -> Option<Millis> {
    let mut parts = text.trim().splitn(3, '-');
    let mut next =
        |least: i64, most: i64| parts.next()?.parse::<i64>().ok().filter(|n| (least..=most).contains(n));
    let (year, month, day) = (next(2000, 2199)?, next(1, 12)?, next(1, 31)?);
    // Days from the civil calendar, counted in eras of 400 years that begin in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year / 400, year % 400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
    Some((era * 146_097 + day_of_era - 719_468) * DAY)
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    #[test]
    fn dates_are_days_since_1970() {
        assert_eq!(date("2000-03-01"), Some(11_017 * DAY));
        assert_eq!(date("2024-02-29"), Some(19_782 * DAY));
        assert_eq!(date(" 2026-11-05 "), Some(20_762 * DAY));
        for bad in ["", "2026", "2026-13-01", "2026-11-0x", "1999-01-01", "05-11-2026"] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_patch_grows_old_by_itself() {
        let month = params(&[("days", Value::Int(30))]);
        let facts = known(&[("security_patch", V::Text("2026-11-05".into()))]);
        let due = (20_762 + 31) * DAY;
        assert_eq!(check(&facts, &month, due - 1), Check::Good { next_look: Some(due) });
        assert_eq!(
            detail(check(&facts, &month, due)),
            "The security patch is of 2026-11-05; at most 30 days are allowed."
        );
        assert_eq!(check(&known(&[]), &month, 0), Check::Unknown { missing: "security_patch" });
    }
}
