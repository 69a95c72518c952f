//! Charts, drawn here as SVG, each with the same figures as text.
mod donut;
mod stacked;

use std::fmt::Write as _;

use askama::Template;

pub use donut::{Donut, Slice};
pub use stacked::{Series, Stacked};

use super::{Tone, html::parts};

/// A figure with its thousands apart: 61,204.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

/// `part` of `sum` in per cent, never rounding something to nothing.
fn percent(part: u64, sum: u64) -> String {
    match (part, sum) {
        (0, _) | (_, 0) => "0 %".into(),
        _ if part * 200 < sum => "< 1 %".into(),
        _ => format!("{:.0} %", part as f64 / sum as f64 * 100.0),
    }
}

/// One bar.
#[derive(Debug, Clone, Default)]
pub struct Bar {
    /// Its name.
    pub label: String,
    /// How many.
    pub value: u64,
    /// What it means.
    pub note: String,
    /// Colour.
    pub tone: Tone,
    /// Where they are listed.
    pub href: Option<String>,
}

/// Bars with their names and figures, longest for the largest.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/bars.html")]
pub struct Bars {
    /// The bars.
    pub bars: Vec<Bar>,
}

impl Bars {
    fn figure(value: u64) -> String {
        grouped(value)
    }

    fn length(&self, value: u64) -> String {
        let max = self.bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
        format!("{:.1}%", value as f64 / max as f64 * 100.0)
    }
}

/// The course of one figure, small.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/spark.html")]
pub struct Spark {
    /// What it shows, for screen readers: *last 14 days: from 9 to 14*.
    pub label: String,
    /// The values, oldest first.
    pub values: Vec<u64>,
    /// Colour.
    pub tone: Tone,
}

impl Spark {
    /// Points of the line in a box of 100 by 30.
    fn points(&self) -> String {
        let (min, max) =
            (self.values.iter().min().copied().unwrap_or(0), self.values.iter().max().copied().unwrap_or(0));
        // A range of at least a tenth keeps small wobbles of large figures small.
        let range = (max - min).max(max / 10).max(1) as f64;
        let step = 100.0 / (self.values.len().max(2) - 1) as f64;
        self.values.iter().enumerate().fold(String::new(), |mut out, (i, value)| {
            let _ = write!(out, "{:.1},{:.1} ", i as f64 * step, 28.0 - (value - min) as f64 / range * 26.0);
            out
        })
    }
}

parts!(Bars, Spark);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 1_061_204].map(grouped), ["0", "999", "1,000", "1,061,204"]);
    }

    #[test]
    fn a_flat_line_stays_inside_its_box() {
        let points = Spark { values: vec![7, 7, 7], ..Spark::default() }.points();
        assert_eq!(points, "0.0,28.0 50.0,28.0 100.0,28.0 ");
    }
}
