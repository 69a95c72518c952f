//! How a device stands, in a chip and a sentence for its user.

use domain::model::{Device, DeviceState, WipeKind};
use engine::devices::TargetLine;
use engine::self_service::OwnDevice;

use crate::frame::Cx;

/// The state of a device.
pub struct State {
    /// Class of the chip.
    pub tone: &'static str,
    /// Icon of the chip.
    pub icon: &'static str,
    /// Word of the chip.
    pub word: String,
    /// A sentence about what it means.
    pub text: String,
}

/// Something that is closed, or will be.
pub struct Line {
    /// What.
    pub target: String,
    /// Why, a sentence each.
    pub reasons: Vec<String>,
    /// What opens it again.
    pub remedies: Vec<String>,
    /// Since when; empty if that is not known.
    pub since: String,
}

/// What comes first: what is under way, then who stopped it, then the rules.
fn key_of(own: &OwnDevice) -> (&'static str, &'static str, &'static str) {
    let device: &Device = &own.device;
    match device.eas().and_then(|channel| channel.eas.wipe.as_ref()) {
        Some(wipe) if wipe.kind == WipeKind::Device => return ("bad", "wiped", "erasing"),
        Some(_) => return ("warn", "wiped", "wiping"),
        None => {}
    }
    match device.state {
        DeviceState::Wiped => return ("idle", "wiped", "wiped"),
        DeviceState::Retired => return ("idle", "retired", "retired"),
        DeviceState::Quarantined => return ("warn", "waiting", "quarantined"),
        DeviceState::Enrolled => {}
    }
    if own.lost {
        return ("bad", "ban", "lost");
    }
    if device.block.is_some() {
        return ("bad", "ban", "blocked");
    }
    let closed = own.explanation.targets.iter().any(|line| !line.allowed && line.target.info().carried);
    let warned = !device.verdict.findings.is_empty();
    match (closed, warned) {
        (true, _) => ("bad", "stop", "restricted"),
        (false, true) => ("warn", "alert", "warned"),
        (false, false) => ("ok", "ok", "fine"),
    }
}

impl State {
    /// Of a device of the reader.
    pub fn of(cx: &Cx, own: &OwnDevice) -> Self {
        let (tone, icon, key) = key_of(own);
        let text = match &own.device.block {
            Some(block) if key == "blocked" && !block.reason.is_empty() => {
                cx.t.with("state-blocked-because", "reason", block.reason.clone())
            }
            _ => cx.t.say(&format!("state-{key}-text")),
        };
        Self { tone, icon, word: cx.t.say(&format!("state-{key}")), text }
    }
}

/// What rules close, with reasons and remedies.
pub fn closed(cx: &Cx, own: &OwnDevice) -> Vec<Line> {
    let lines = own.explanation.targets.iter().filter(|line| line.target.info().carried && !line.allowed);
    lines.filter(|line| !line.rules.is_empty()).map(|line| told(cx, line)).collect()
}

fn told(cx: &Cx, line: &TargetLine) -> Line {
    Line {
        target: cx.t.target(line.target).into_owned(),
        reasons: line.rules.iter().map(|rule| cx.t.rule(*rule)).collect(),
        remedies: line.remedies.iter().map(|act| cx.t.remedy(act.remedy).into_owned()).collect(),
        since: line.since.map(|at| cx.at(at)).unwrap_or_default(),
    }
}

/// What was found and closes nothing yet: the reason, and from when on it will.
pub fn warnings(cx: &Cx, own: &OwnDevice) -> Vec<Line> {
    let shut: Vec<_> = own.explanation.targets.iter().flat_map(|line| line.rules.iter().copied()).collect();
    let found = own.device.verdict.findings.iter().filter(|found| !shut.contains(&found.rule));
    found
        .map(|found| Line {
            target: String::new(),
            reasons: vec![cx.t.rule(found.rule)],
            remedies: catalog::Remedy::of(found.rule).take(1).map(|r| cx.t.remedy(r).into_owned()).collect(),
            since: if found.closes.iter().next().is_some() {
                cx.at(found.restricts_at)
            } else {
                String::new()
            },
        })
        .collect()
}
