//! The counts as figures and charts.

use engine::dashboard::Dashboard;
use engine::devices::Posture;

use super::super::frame::Cx;
use super::super::words;
use super::of;
use crate::parts::{Bar, Bars, Columns, Donut, Html, Series, Slice, Stacked, Stat, Tone, Widths};

pub fn stats(sums: &Dashboard) -> Html {
    let stat = |label: &str, value: usize, note: String, tone, href: &str| -> Html {
        Stat {
            label: label.into(),
            value: words::grouped(value),
            note,
            tone,
            spark: None,
            href: Some(href.into()),
        }
        .into()
    };
    let good = of(sums, Posture::Compliant);
    let share = (good * 100).checked_div(sums.devices).unwrap_or(0);
    Columns::new(
        Widths::Four,
        [
            stat(
                "Devices under management",
                sums.devices,
                format!("of {}", words::count(sums.users, "user", "users")),
                Tone::Info,
                "/dashboard/devices",
            ),
            stat(
                "Compliant",
                good,
                format!("{share} % of all"),
                Tone::Ok,
                "/dashboard/devices?status=compliant",
            ),
            stat(
                "Restricted now",
                of(sums, Posture::Restricted) + of(sums, Posture::Blocked),
                format!("{} without mail, {} without network", sums.mail_stopped, sums.network_stopped),
                Tone::Bad,
                "/dashboard/devices?status=restricted&status=blocked",
            ),
            stat(
                "Waiting",
                of(sums, Posture::Waiting),
                format!("{} in quarantine", sums.quarantined),
                Tone::Warn,
                "/dashboard/devices?status=waiting",
            ),
        ],
    )
    .into()
}

pub fn donut(sums: &Dashboard) -> Donut {
    let slices = sums.by_posture.iter().filter(|(_, n)| *n > 0).map(|(posture, n)| Slice {
        label: posture.label().into(),
        value: *n as u64,
        tone: if *posture == Posture::OutOfDate { Tone::Plum } else { words::status(*posture).tone() },
        href: Some(format!("/dashboard/devices?status={}", posture.key())),
    });
    Donut { title: "Devices by state".into(), unit: "devices".into(), slices: slices.collect() }
}

pub fn enrolments(cx: &Cx, sums: &Dashboard) -> Stacked {
    let days = sums.enrolments.len() as i64;
    let label = |index: usize| {
        let at = cx.now - (days - 1 - index as i64) * 86_400_000;
        jiff::Timestamp::from_millisecond(at)
            .map(|t| t.to_zoned(cx.zone().clone()).strftime("%-d %b").to_string())
            .unwrap_or_default()
    };
    Stacked {
        title: "New devices per day".into(),
        labels: (0..sums.enrolments.len()).map(label).collect(),
        series: vec![Series {
            label: "Enrolled".into(),
            tone: Tone::Info,
            values: sums.enrolments.iter().map(|n| *n as u64).collect(),
        }],
    }
}

fn bars(lines: impl IntoIterator<Item = (String, usize, Tone, Option<String>)>) -> Bars {
    let bar = |(label, value, tone, href): (String, usize, Tone, Option<String>)| Bar {
        label,
        value: value as u64,
        note: String::new(),
        tone,
        href,
    };
    Bars { bars: lines.into_iter().map(bar).collect() }
}

pub fn platforms(sums: &Dashboard) -> Bars {
    bars(sums.by_platform.iter().map(|(platform, n)| {
        let href = format!("/dashboard/devices?platform={}", platform.key());
        (platform.label().to_owned(), *n, Tone::Info, Some(href))
    }))
}

pub fn contact(sums: &Dashboard) -> Bars {
    let silent = |hours: u32| Some(format!("/dashboard/devices?silent={hours}"));
    let [hour, day, week, longer, never] = sums.contact;
    bars([
        ("Within an hour".into(), hour, Tone::Ok, None),
        ("Within a day".into(), day, Tone::Ok, None),
        ("Within a week".into(), week, Tone::Warn, silent(24)),
        ("Longer ago".into(), longer, Tone::Bad, silent(168)),
        ("Never".into(), never, Tone::Idle, silent(168)),
    ])
}

pub fn policy(sums: &Dashboard) -> Bars {
    let [current, outdated, missing, refused] = sums.policy;
    let list = |state: &str| Some(format!("/dashboard/devices?policy={state}"));
    bars([
        ("Current".into(), current, Tone::Ok, list("current")),
        ("Out of date".into(), outdated, Tone::Warn, list("outdated")),
        ("Not taken yet".into(), missing, Tone::Idle, list("missing")),
        ("Refused".into(), refused, Tone::Bad, list("refused")),
    ])
}
