//! What needs somebody, and what is wrong.

use engine::dashboard::Dashboard;
use engine::devices::Posture;

use super::super::words;
use super::of;
use crate::parts::{Bar, Bars, Button, Card, Chip, EmptyState, Html, Icon, Table, Tone, cell};

pub fn needs(sums: &Dashboard) -> Html {
    let mut table = Table::new("Things that need somebody", &["What", "State", ""]).tall();
    let mut add = |count: usize, what: String, detail: &str, chip: Chip, href: &str| {
        if count > 0 {
            let button = Button::link("Show", href).small();
            table.rows.push(crate::parts::TableRow {
                cells: vec![cell::lines(what, detail), chip.into(), button.into()],
            });
        }
    };
    add(
        sums.awaiting_approval,
        words::count(sums.awaiting_approval, "command waits", "commands wait")
            + " for a second administrator",
        "above the hourly limit of destructive commands",
        Chip::new("Held", Tone::Bad),
        "/dashboard/approvals",
    );
    add(
        sums.quarantined,
        words::count(sums.quarantined, "new device waits", "new devices wait") + " in quarantine",
        "unknown until somebody releases them",
        Chip::new("Waiting", Tone::Warn).icon(Icon::Waiting),
        "/dashboard/devices?state=quarantined",
    );
    add(
        sums.policy[3],
        words::count(sums.policy[3], "device has", "devices have") + " refused the policy",
        "they get no mail until a policy they accept is published",
        Chip::new("Refused", Tone::Bad),
        "/dashboard/devices?finding=policy_refused",
    );
    add(
        of(sums, Posture::Blocked),
        words::count(of(sums, Posture::Blocked), "device is", "devices are") + " blocked by hand",
        "until somebody allows them again",
        Chip::new("Blocked", Tone::Bad).icon(Icon::Ban),
        "/dashboard/devices?status=blocked",
    );
    add(
        sums.commands_waiting,
        words::count(sums.commands_waiting, "command waits", "commands wait") + " for a device",
        "delivered at its next contact",
        Chip::new("Waiting", Tone::Idle).icon(Icon::Clock),
        "/dashboard/approvals",
    );
    if table.rows.is_empty() {
        let empty = EmptyState {
            icon: Icon::Ok,
            title: "Nothing needs you".into(),
            text: "Approvals, quarantine and refused policies are listed here when there are any.".into(),
            actions: Vec::new(),
        };
        return Card::new("Needs somebody", empty).into();
    }
    Card::flush("Needs somebody", table).into()
}

pub fn reasons(sums: &Dashboard) -> Html {
    let bars = sums.by_rule.iter().map(|(rule, n)| Bar {
        label: rule.entry().label.into(),
        value: *n as u64,
        note: rule.entry().remedy.into(),
        tone: match rule.entry().severity {
            catalog::Severity::Critical => Tone::Bad,
            catalog::Severity::Warning => Tone::Warn,
            catalog::Severity::Informational => Tone::Info,
        },
        href: Some(format!("/dashboard/devices?finding={}", rule.key())),
    });
    let bars: Vec<_> = bars.collect();
    let total: u64 = bars.iter().map(|b| b.value).sum();
    if bars.is_empty() {
        let empty = EmptyState {
            icon: Icon::Shield,
            title: "No rule is broken".into(),
            text: "What is wrong with devices is counted here by rule.".into(),
            actions: Vec::new(),
        };
        return Card::new("What is wrong", empty).into();
    }
    Card::new("What is wrong", Bars { bars }).aside(format!("{total} findings")).into()
}
