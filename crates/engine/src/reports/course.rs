//! Compliance over time, from the counts that are kept of each day.

use catalog::Report;

use super::{Cell, Chart, DAY, Narrowed, Sheet, period};
use crate::dashboard::{self, KEPT_DAYS};
use crate::devices::Posture;
use crate::{Engine, Result, Scope};

/// The layers, the good one first.
const LAYERS: [Posture; 5] =
    [Posture::Compliant, Posture::OutOfDate, Posture::Waiting, Posture::Restricted, Posture::Blocked];

pub(super) async fn compliance(engine: &Engine, scope: &Scope, narrowed: &Narrowed) -> Result<Sheet> {
    let (from, until) = period(engine, narrowed);
    let now = engine.now();
    let back = ((now - from).div_euclid(DAY) + 1).clamp(1, KEPT_DAYS);
    let sums = dashboard::dashboard(engine, scope)?;
    let mut kept = dashboard::course(engine, scope, back, &sums).await?;
    let (first, last) = (from.div_euclid(DAY), (until - 1).div_euclid(DAY));
    // Days are those of the organization's zone, half a day away from those of the clock at most.
    kept.retain(|day| (first - 1..=last + 1).contains(&day.day));
    let of = |day: &domain::model::ComplianceDay, posture: Posture| {
        day.by_posture.get(posture.key()).copied().unwrap_or(0)
    };
    let layer = |posture: Posture| {
        (posture.label().to_owned(), kept.iter().map(|day| of(day, posture)).collect::<Vec<_>>())
    };
    let mut layers: Vec<_> = LAYERS.into_iter().map(layer).collect();
    layers.retain(|(_, values)| values.iter().any(|n| *n > 0));
    let chart = Chart::Days { days: kept.iter().map(|day| day.day).collect(), layers };
    let rows = kept
        .iter()
        .rev()
        .map(|day| {
            let counts = LAYERS.into_iter().map(|posture| Cell::Number(of(day, posture)));
            let stopped = [Cell::Number(day.mail_stopped), Cell::Number(day.network_stopped)];
            std::iter::once(Cell::Text(date(day.day))).chain(counts).chain(stopped).collect()
        })
        .collect();
    let columns = [
        "Day",
        "Compliant",
        "Out of date",
        "Waiting",
        "Restricted",
        "Blocked",
        "Without mail",
        "Without network",
    ];
    Ok(Sheet::new(Report::ComplianceOverTime, &columns, rows).with(chart))
}

/// `2026-11-22`.
fn date(day: i64) -> String {
    let span = jiff::Span::new().try_days(day);
    let date = span.and_then(|span| jiff::civil::Date::constant(1970, 1, 1).checked_add(span));
    date.map(|date| date.to_string()).unwrap_or_default()
}
