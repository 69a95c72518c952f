//! The policy of a device: which suite, which revision, in which state, with which values it really honours.

use catalog::{Honour, Setting};
use engine::devices::DeviceDetail;
use engine::policy::{self, PolicyState};

use super::super::frame::{Cx, Oops};
use super::super::words;
use crate::parts::{Card, Chip, Columns, EmptyState, Fact, Facts, Html, Icon, Table, Tone, Widths, cell};

fn state_chip(state: PolicyState) -> Chip {
    match state {
        PolicyState::Current => Chip::new("Current", Tone::Ok),
        PolicyState::Outdated => Chip::new("Out of date", Tone::Warn).icon(Icon::Outdated),
        PolicyState::Missing => Chip::new("Not taken yet", Tone::Idle).icon(Icon::Clock),
        PolicyState::Refused => Chip::new("Refused", Tone::Bad),
    }
}

/// The tab.
pub fn tab(cx: &Cx, detail: &DeviceDetail) -> Result<Vec<Html>, Oops> {
    let device = &detail.device;
    let status = cx.org(|org| policy::status_of(org, device))?;
    let Some(suite) = &detail.suite else {
        let empty = EmptyState {
            icon: Icon::Shield,
            title: "No policy suite is assigned".into(),
            text: "The device gets a neutral policy. Assign a suite to the device, its user or the organization.".into(),
            actions: Vec::new(),
        };
        return Ok(vec![Card::new("", empty).into()]);
    };
    let applied = device.eas().and_then(|c| c.eas.applied.as_ref());
    let acknowledged = applied.map(|a| match a.status {
        1 => "applied in full",
        2 => "applied in part",
        4 => "managed by a third party",
        _ => "not applied",
    });
    let revision =
        |number: Option<i64>| number.map_or_else(Html::default, |n| Html::text(format!("Revision {n}")));
    let facts = Facts::rows([
        Fact::new("Suite", cell::link(format!("/dashboard/policy-suites/{}", suite.id), &suite.name))
            .source(format!("assigned by {}", words::assigned_from(cx, detail.suite_source))),
        Fact::new("State", status.map_or_else(Html::default, |s| state_chip(s.state).into())),
        Fact::new("In force", revision(suite.published.as_ref().map(|r| r.number))),
        Fact::new("On the device", revision(applied.and_then(|a| a.suite).map(|(_, n)| n)))
            .source(acknowledged.unwrap_or_default()),
        Fact::new("Acknowledged", applied.map_or_else(Html::default, |a| cx.ago(a.at).into())),
        Fact::new("Column", detail.liability.label()).source("chosen by liability"),
    ]);
    let empty = catalog::Values::default();
    let values = suite.published.as_ref().map_or(&empty, |r| r.values.column(detail.liability));
    let mut table = Table::new("Values", &["Setting", "Value", "On this platform"]).tall();
    let changed = |s: &&Setting| values.get(s) != (s.default)();
    let mut count = 0;
    for setting in catalog::settings().filter(changed) {
        count += 1;
        let honour = setting.honoured.iter().find(|(p, _)| *p == device.platform).map(|(_, h)| *h);
        let chip = match honour {
            Some(Honour::Enforces) => Chip::new("Enforced", Tone::Ok),
            Some(Honour::Always) => Chip::new("Always so", Tone::Ok),
            Some(Honour::Partly(_)) => Chip::new("Partly", Tone::Warn),
            Some(Honour::Ignores) => Chip::new("Ignored", Tone::Idle),
            None => Chip::new("Not known", Tone::Idle).icon(Icon::Unknown),
        };
        table = table.row([
            cell::lines(setting.label, setting.category.label()),
            Html::text(setting.kind.words(&values.get(setting))),
            match honour {
                Some(Honour::Partly(why)) => cell::prose(cell::lines(chip, why)),
                _ => chip.into(),
            },
        ]);
    }
    let values: Html = if count == 0 {
        "This suite asks for nothing beyond what devices do by themselves.".into()
    } else {
        table.into()
    };
    let side = [Some(Card::new("Policy", facts).into()), super::recovery::card(cx, detail)];
    Ok(vec![
        Columns::new(
            Widths::TwoToOne,
            [
                Card { flush: count > 0, ..Card::new("What the policy asks for", values) }
                    .aside("settings that differ from their defaults")
                    .into(),
                Html::stack(side.into_iter().flatten()),
            ],
        )
        .into(),
    ])
}
