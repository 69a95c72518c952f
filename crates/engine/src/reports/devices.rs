//! Reports over the devices as they are now.

use std::collections::{BTreeMap, HashMap};

use catalog::{RULES, Report, TARGETS};
use domain::Millis;
use domain::model::Device;

use super::{Cell, DAY, Fleet, Narrowed, Sheet, bars};
use crate::devices::posture;

/// Silent for so long by default: for a list to act on, and for records that are perhaps over.
const SILENT_DAYS: u32 = 7;
const STALE_DAYS: u32 = 90;

pub(super) fn users_and_devices(fleet: &Fleet<'_>) -> Sheet {
    let (mut rows, mut by_posture) = (Vec::new(), BTreeMap::<String, u64>::new());
    fleet.each(|org, device| {
        let word = posture(org, device).label();
        *by_posture.entry(word.to_owned()).or_default() += 1;
        let user = org.user(device.user);
        rows.push(vec![
            Fleet::user(org, device),
            user.map(|user| user.email.clone()).unwrap_or_default().into(),
            Fleet::device(device),
            device.platform.label().into(),
            Fleet::fact(device, "model").into(),
            Fleet::fact(device, "os_version").into(),
            word.into(),
            Cell::Time(fleet.last_contact(device)),
        ]);
    });
    let columns = ["User", "E-mail", "Device", "Platform", "Model", "System", "Status", "Last contact"];
    Sheet::new(Report::UsersAndDevices, &columns, rows).with(bars(by_posture))
}

pub(super) fn not_connected(fleet: &Fleet<'_>, narrowed: &Narrowed) -> Sheet {
    let days = narrowed.days.unwrap_or(SILENT_DAYS);
    let before = fleet.now - i64::from(days) * DAY;
    let (mut silent, mut by_platform) = (Vec::<(Option<Millis>, Vec<Cell>)>::new(), BTreeMap::new());
    fleet.each(|org, device| {
        let last = fleet.last_contact(device);
        if last.is_some_and(|at| at > before) {
            return;
        }
        *by_platform.entry(device.platform.label().to_owned()).or_default() += 1;
        let row = vec![
            Fleet::device(device),
            Fleet::user(org, device),
            device.platform.label().into(),
            Cell::Time(last),
            last.map_or(
                Cell::Text("never".into()),
                |at| Cell::Number(((fleet.now - at) / DAY).max(0) as u64),
            ),
            posture(org, device).label().into(),
        ];
        silent.push((last, row));
    });
    silent.sort_by_key(|(last, _)| *last);
    let rows = silent.into_iter().map(|(_, row)| row).collect();
    let columns = ["Device", "User", "Platform", "Last contact", "Days", "Status"];
    Sheet::new(Report::NotConnected, &columns, rows).with(bars(by_platform))
}

pub(super) fn platforms_and_models(fleet: &Fleet<'_>) -> Sheet {
    let mut counts = BTreeMap::<(&'static str, String, String), u64>::new();
    let mut by_system = BTreeMap::<String, u64>::new();
    fleet.each(|_, device| {
        let (platform, system) = (device.platform.label(), Fleet::fact(device, "os_version"));
        *by_system.entry(format!("{platform} {system}").trim().to_owned()).or_default() += 1;
        *counts.entry((platform, system, Fleet::fact(device, "model"))).or_default() += 1;
    });
    let row = |((platform, system, model), n): ((&str, String, String), u64)| {
        vec![platform.into(), system.into(), model.into(), Cell::Number(n)]
    };
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let rows = rows.into_iter().map(row).collect();
    Sheet::new(Report::PlatformsAndModels, &["Platform", "System", "Model", "Devices"], rows)
        .with(bars(by_system))
}

pub(super) fn compliance_now(fleet: &Fleet<'_>) -> Sheet {
    let mut counts = HashMap::new();
    let mut in_order = 0_u64;
    fleet.each(|_, device| {
        in_order += u64::from(device.verdict.findings.is_empty());
        for finding in &device.verdict.findings {
            let known: &mut (u64, u64) = counts.entry(finding.rule).or_default();
            known.0 += 1;
            let closed = device.verdict.closed_targets().carried();
            known.1 += u64::from(!finding.closes.carried().is_empty() && !closed.is_empty());
        }
    });
    let broken = |rule: &catalog::Rule| counts.get(&rule.id).copied().unwrap_or_default();
    let mut rules: Vec<_> = RULES.iter().map(|rule| (rule, broken(rule))).filter(|(_, n)| n.0 > 0).collect();
    rules.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.label.cmp(b.0.label)));
    let chart = bars(rules.iter().map(|(rule, n)| (rule.label.to_owned(), n.0)));
    let mut rows: Vec<Vec<Cell>> = rules
        .iter()
        .map(|(rule, n)| vec![rule.label.into(), Cell::Number(n.0), Cell::Number(n.1), rule.remedy.into()])
        .collect();
    rows.push(vec!["No rule broken".into(), Cell::Number(in_order), Cell::Number(0), "".into()]);
    Sheet::new(Report::ComplianceNow, &["Rule", "Devices", "Restricted", "What to do"], rows).with(chart)
}

pub(super) fn restricted(fleet: &Fleet<'_>) -> Sheet {
    let (mut rows, mut by_rule) = (Vec::new(), BTreeMap::<String, u64>::new());
    fleet.each(|org, device| {
        let closed = device.verdict.closed_targets().carried();
        if closed.is_empty() {
            return;
        }
        let causes: Vec<_> = device.verdict.findings.iter().filter(|f| closes_now(device, f)).collect();
        for cause in &causes {
            *by_rule.entry(cause.rule.entry().label.to_owned()).or_default() += 1;
        }
        let lost = TARGETS.iter().filter(|info| closed.contains(info.target)).map(|info| info.label);
        let why = causes.iter().map(|f| f.rule.entry().label);
        rows.push(vec![
            Fleet::device(device),
            Fleet::user(org, device),
            device.platform.label().into(),
            lost.collect::<Vec<_>>().join(", ").into(),
            why.collect::<Vec<_>>().join(", ").into(),
            Cell::Time(causes.iter().map(|f| f.since).min()),
        ]);
    });
    let columns = ["Device", "User", "Platform", "Lost", "Why", "Since"];
    Sheet::new(Report::RestrictedDevices, &columns, rows).with(bars(by_rule))
}

/// Whether a finding keeps something closed that could be had.
fn closes_now(device: &Device, finding: &domain::model::FindingRecord) -> bool {
    !finding.closes.carried().is_empty() && finding.restricts_at <= device.verdict.at
}

pub(super) fn policy_state(fleet: &Fleet<'_>) -> Sheet {
    let mut counts = BTreeMap::<(String, &'static str), u64>::new();
    let mut by_state = BTreeMap::<String, u64>::new();
    fleet.each(|org, device| {
        let Some(user) = org.user(device.user) else { return };
        let suite = crate::assignment::suite_of(org, user, Some(device)).0;
        let suite = suite.map_or_else(|| "None: a neutral policy".to_owned(), |suite| suite.name.clone());
        let state = crate::policy::state_of(org, device).label();
        *by_state.entry(state.to_owned()).or_default() += 1;
        *counts.entry((suite, state)).or_default() += 1;
    });
    let row = |((suite, state), n): ((String, &str), u64)| vec![suite.into(), state.into(), Cell::Number(n)];
    let rows = counts.into_iter().map(row).collect();
    Sheet::new(Report::PolicyState, &["Policy suite", "State", "Devices"], rows).with(bars(by_state))
}

/// Facts that two records of one device have in common.
const SAME: [(&str, &str); 4] =
    [("serial_number", "Serial number"), ("imei", "IMEI"), ("udid", "UDID"), ("meid", "MEID")];

pub(super) fn stale_and_duplicate(fleet: &Fleet<'_>, narrowed: &Narrowed) -> Sheet {
    let before = fleet.now - i64::from(narrowed.days.unwrap_or(STALE_DAYS)) * DAY;
    let mut stale = Vec::new();
    let mut alike = BTreeMap::<(&'static str, String), Vec<Vec<Cell>>>::new();
    fleet.each(|org, device| {
        let last = fleet.last_contact(device);
        let row = |reason: &str, value: &str| {
            vec![
                reason.into(),
                value.into(),
                Fleet::device(device),
                Fleet::user(org, device),
                device.platform.label().into(),
                Cell::Time(last),
            ]
        };
        if last.is_none_or(|at| at <= before) {
            stale.push(row("No contact", ""));
        }
        for (key, label) in SAME {
            let value = Fleet::fact(device, key);
            if !value.is_empty() {
                alike.entry((label, value.to_lowercase())).or_default().push(row(label, &value));
            }
        }
        for mac in &device.macs {
            alike.entry(("MAC address", mac.clone())).or_default().push(row("MAC address", mac));
        }
    });
    let mut counts = vec![("No contact".to_owned(), stale.len() as u64)];
    let mut rows = Vec::new();
    for ((label, _), same) in alike.into_iter().filter(|(_, same)| same.len() > 1) {
        match counts.iter_mut().find(|(known, _)| known == label) {
            Some((_, n)) => *n += same.len() as u64,
            None => counts.push((label.to_owned(), same.len() as u64)),
        }
        rows.extend(same);
    }
    rows.extend(stale);
    let columns = ["Why", "Same value", "Device", "User", "Platform", "Last contact"];
    Sheet::new(Report::StaleAndDuplicate, &columns, rows).with(bars(counts))
}
