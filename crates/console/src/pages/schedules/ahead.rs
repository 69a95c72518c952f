//! What a schedule means in the next 48 hours, and who goes by it.

use domain::Millis;
use domain::model::Schedule;
use engine::schedules::{self, Outlook};

use super::super::frame::{Cx, Oops};
use super::super::words;
use super::list;
use crate::parts::{Card, Fact, Facts, Html, Stretch, Strip, cell};

/// How far ahead is shown.
const HOURS: u16 = 48;
/// Words beneath the strip: one for every so many hours.
const MARK: u16 = 12;

/// The cards beneath the form.
pub fn cards(cx: &Cx, schedule: &Schedule) -> Result<Vec<Html>, Oops> {
    let halves = schedules::outlook(&cx.engine, &cx.scope, schedule, HOURS)?;
    let rows = halves.iter().flat_map(|half| {
        let title = cell::lines(format!("{} devices", half.liability.label()), summary(half));
        [title, strip(cx, half).into()]
    });
    let lead =
        "For a device that is heard of now and then not any more. Strong is peak time, lines are check-ins.";
    let ahead = Html::stack(std::iter::once(Html::text(lead)).chain(rows));
    let used = schedules::list(&cx.engine, &cx.scope)?.into_iter().find(|(s, _)| s.id == schedule.id);
    let used = used.map(|(_, used)| used).unwrap_or_default();
    let grid = format!("/dashboard/devices?schedule={}", schedule.id);
    let facts = Facts::new([
        Fact::new("Assigned by", list::used(&used)),
        Fact::new("Corporate devices", used.corporate.to_string()),
        Fact::new("Individual devices", used.individual.to_string()),
        Fact::new("All of them", cell::link(&grid, words::count(used.devices(), "device", "devices"))),
        Fact::new("Overdue", cell::link(format!("{grid}&overdue=1"), "Devices that missed a check-in")),
    ]);
    Ok(vec![
        Card::new(format!("The next {HOURS} hours"), ahead).into(),
        Card::new("Who goes by it", facts).into(),
    ])
}

fn summary(half: &Outlook) -> String {
    match half.due.len() {
        0 => "No check-in is expected.".into(),
        count => format!("{}, about {} a day.", words::count(count, "check-in", "check-ins"), half.per_day),
    }
}

fn strip(cx: &Cx, half: &Outlook) -> Strip {
    let start = cx.now;
    let length = Millis::from(HOURS) * 3_600_000;
    let place = |at: Millis| (at - start) as f64 * 1_000.0 / length as f64;
    let clock = |at: Millis| cx.clock(at);
    let stretch = |s: &schedules::Stretch| Stretch {
        from: place(s.from),
        length: place(s.until) - place(s.from),
        strong: s.peak,
        says: format!(
            "{} from {} to {}, {}",
            if s.peak { "Peak" } else { "Off-peak" },
            clock(s.from),
            clock(s.until),
            if s.pushed { "direct push" } else { "no direct push" },
        ),
    };
    let stretches: Vec<_> = half.stretches.iter().map(stretch).collect();
    let said: Vec<_> = stretches.iter().map(|s| s.says.clone()).collect();
    Strip {
        label: format!("{} {}.", summary(half), said.join("; ")),
        moments: half.due.iter().map(|at| place(*at)).collect(),
        marks: (0..=HOURS / MARK).map(|n| clock(start + Millis::from(n * MARK) * 3_600_000)).collect(),
        stretches,
    }
}
