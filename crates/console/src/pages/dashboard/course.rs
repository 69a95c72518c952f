//! Compliance over time.

use domain::model::ComplianceDay;
use engine::dashboard::{self, Dashboard};
use engine::devices::Posture;

use super::super::frame::{Cx, Oops};
use super::super::words;
use crate::parts::{Card, Html, Series, Stacked, Tone};

/// Days shown.
const DAYS: i64 = 30;
/// The layers, the good one at the bottom.
const LAYERS: [Posture; 5] =
    [Posture::Compliant, Posture::OutOfDate, Posture::Waiting, Posture::Restricted, Posture::Blocked];

/// How the devices stood on each of the last days.
pub async fn card(cx: &Cx, sums: &Dashboard) -> Result<Html, Oops> {
    let kept = dashboard::course(&cx.engine, &cx.scope, DAYS, sums).await?;
    Ok(Card::new("Compliance over time", chart(&kept)).aside(format!("last {DAYS} days")).into())
}

fn chart(kept: &[ComplianceDay]) -> Stacked {
    let last = kept.last().map_or(0, |day| day.day);
    let days: Vec<i64> = (last - DAYS + 1..=last).collect();
    let of = |day: i64, posture: Posture| {
        let count = kept.iter().find(|kept| kept.day == day);
        count.and_then(|count| count.by_posture.get(posture.key())).copied().unwrap_or(0)
    };
    let layer = |posture: Posture| Series {
        label: posture.label().into(),
        tone: if posture == Posture::OutOfDate { Tone::Plum } else { words::status(posture).tone() },
        values: days.iter().map(|day| of(*day, posture)).collect(),
    };
    let mut series: Vec<_> = LAYERS.into_iter().map(layer).collect();
    series.retain(|layer| layer.values.iter().any(|value| *value > 0));
    Stacked {
        title: "Devices by state, per day".into(),
        labels: days.iter().map(|day| words::day(*day)).collect(),
        series,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_its_column_also_those_without_a_count() {
        let day = |day, compliant, restricted| ComplianceDay {
            day,
            by_posture: [("compliant", compliant), ("restricted", restricted)]
                .map(|(key, n)| (key.to_owned(), n))
                .into(),
            ..ComplianceDay::default()
        };
        let chart = chart(&[day(20_778, 5, 0), day(20_780, 4, 1)]);
        assert_eq!((chart.labels.len(), chart.series.len()), (30, 2));
        assert_eq!(&chart.labels[27..], ["21 Nov", "22 Nov", "23 Nov"]);
        assert_eq!(&chart.series[0].values[27..], [5, 0, 4]);
        assert_eq!(&chart.series[1].values[27..], [0, 0, 1]);
    }
}
