//! Charts, drawn here as SVG, each with the same figures as text.
use std::fmt::Write as _;

use askama::Template;

use super::{Tone, html::parts};

/// A part of a whole.
#[derive(Debug, Clone, Default)]
pub struct Slice {
    /// Its name.
    pub label: String,
    /// How many.
    pub value: u64,
    /// Colour.
    pub tone: Tone,
    /// Where they are listed.
    pub href: Option<String>,
}

/// Parts of a whole as a ring; its legend is its table.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/donut.html")]
pub struct Donut {
    /// What is divided, for screen readers and the table's heads.
    pub title: String,
    /// Word under the sum in the middle.
    pub unit: String,
    /// The parts.
    pub slices: Vec<Slice>,
}

/// Length of the ring in user units, so that lengths are per mille.
const RING: f64 = 1000.0;

impl Donut {
    fn sum(&self) -> u64 {
        self.slices.iter().map(|slice| slice.value).sum()
    }

    /// Colour, length and offset of each arc; a small gap is left between arcs.
    fn arcs(&self) -> Vec<(Tone, String, String)> {
        let sum = self.sum().max(1) as f64;
        let shown = self.slices.iter().filter(|slice| slice.value > 0);
        let gap = if shown.clone().count() > 1 { 6.0 } else { 0.0 };
        let mut start = 0.0;
        let arcs = shown.map(|slice| {
            let length = slice.value as f64 / sum * RING;
            let drawn = (length - gap).max(2.0);
            let arc = (slice.tone, format!("{drawn:.1} {:.1}", RING - drawn), format!("{:.1}", -start));
            start += length;
            arc
        });
        arcs.collect()
    }

    fn figure(&self, value: u64) -> String {
        grouped(value)
    }

    fn percent(&self, value: &u64) -> String {
        percent(*value, self.sum())
    }
}

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
    fn figure(&self, value: &u64) -> String {
        grouped(*value)
    }

    fn length(&self, value: &u64) -> String {
        let max = self.bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
        format!("{:.1}%", *value as f64 / max as f64 * 100.0)
    }
}

/// One layer of a stacked chart.
#[derive(Debug, Clone, Default)]
pub struct Series {
    /// Its name.
    pub label: String,
    /// Colour.
    pub tone: Tone,
    /// One value for each column.
    pub values: Vec<u64>,
}

/// Columns over time, in layers, with the figures as a table beneath.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/stacked.html")]
pub struct Stacked {
    /// What it shows.
    pub title: String,
    /// Names of the columns, in order.
    pub labels: Vec<String>,
    /// The layers, lowest first.
    pub series: Vec<Series>,
}

/// One drawn rectangle of a stacked chart, in a box of 1000 by 100.
struct Block {
    x: String,
    y: String,
    width: String,
    height: String,
    tone: Tone,
}

/// One column: its rectangles and what it says on hover.
struct Pillar {
    x: String,
    width: String,
    blocks: Vec<Block>,
    says: String,
}

impl Stacked {
    fn at(series: &Series, column: usize) -> u64 {
        series.values.get(column).copied().unwrap_or(0)
    }

    fn total(&self, column: usize) -> u64 {
        self.series.iter().map(|series| Self::at(series, column)).sum()
    }

    /// Top of the scale: a round even number, at least 4, at or above the largest column.
    fn top(&self) -> u64 {
        let max = (0..self.labels.len()).map(|column| self.total(column)).max().unwrap_or(0).max(4);
        let mut step = 1;
        loop {
            let round = [1, 2, 3, 4, 5, 6, 8].map(|factor| factor * step);
            if let Some(top) = round.into_iter().find(|top| *top >= max && top % 2 == 0) {
                return top;
            }
            step *= 10;
        }
    }

    /// Marks of the scale, top first.
    fn scale(&self) -> [String; 3] {
        let top = self.top();
        [top, top / 2, 0].map(grouped)
    }

    fn pillars(&self) -> Vec<Pillar> {
        let slot = 1000.0 / self.labels.len().max(1) as f64;
        let (gap, top) = ((slot * 0.22).min(10.0), self.top() as f64);
        let pillar = |(column, label): (usize, &String)| {
            let x = format!("{:.2}", column as f64 * slot + gap / 2.0);
            let width = format!("{:.2}", slot - gap);
            let mut says = format!("{label}: {}", self.total(column));
            let mut below = 0.0;
            let mut blocks = Vec::new();
            for series in &self.series {
                let value = Self::at(series, column);
                if value == 0 {
                    continue;
                }
                let _ = write!(says, "\n{}: {value}", series.label);
                let height = value as f64 / top * 100.0;
                let y = format!("{:.2}", 100.0 - below - height);
                let (x, width, height_text) = (x.clone(), width.clone(), format!("{:.2}", (height - 0.5).max(0.4)));
                blocks.push(Block { x, y, width, height: height_text, tone: series.tone });
                below += height;
            }
            Pillar { x, width, blocks, says }
        };
        self.labels.iter().enumerate().map(pillar).collect()
    }

    /// First, middle and last name, for the axis.
    fn marks(&self) -> Vec<&String> {
        let last = self.labels.len().saturating_sub(1);
        let mut picks = vec![0, last / 2, last];
        picks.dedup();
        picks.into_iter().filter_map(|index| self.labels.get(index)).collect()
    }

    /// Lines of the table: name of the column, its values, their sum.
    fn lines(&self) -> Vec<(&String, Vec<String>, String)> {
        let line = |(column, label)| {
            let values = self.series.iter().map(|series| grouped(Self::at(series, column)));
            (label, values.collect(), grouped(self.total(column)))
        };
        self.labels.iter().enumerate().map(line).collect()
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
        let (min, max) = (self.values.iter().min().copied().unwrap_or(0), self.values.iter().max().copied().unwrap_or(0));
        // A range of at least a tenth keeps small wobbles of large figures small.
        let range = (max - min).max(max / 10).max(1) as f64;
        let step = 100.0 / (self.values.len().max(2) - 1) as f64;
        self.values.iter().enumerate().fold(String::new(), |mut out, (i, value)| {
            let _ = write!(out, "{:.1},{:.1} ", i as f64 * step, 28.0 - (value - min) as f64 / range * 26.0);
            out
        })
    }
}

parts!(Donut, Bars, Stacked, Spark);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arcs_fill_the_ring_and_small_parts_stay_visible() {
        let slice = |value| Slice { value, ..Slice::default() };
        let donut = Donut { slices: vec![slice(9_999), slice(1), slice(0)], ..Donut::default() };
        let arcs = donut.arcs();
        assert_eq!(arcs.len(), 2, "nothing is drawn for nothing");
        assert_eq!(arcs[1].1, "2.0 998.0");
        assert_eq!((donut.percent(&1), donut.percent(&9_999), donut.percent(&0)), ("< 1 %".into(), "100 %".into(), "0 %".into()));
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 1_061_204].map(grouped), ["0", "999", "1,000", "1,061,204"]);
    }

    #[test]
    fn the_scale_is_round_and_holds_the_largest_column() {
        let top = |values: Vec<u64>| {
            let labels = values.iter().map(ToString::to_string).collect();
            Stacked { labels, series: vec![Series { values, ..Series::default() }], ..Stacked::default() }.top()
        };
        assert_eq!(top(vec![]), 4);
        assert_eq!(top(vec![3, 17]), 20);
        assert_eq!(top(vec![24]), 30);
        assert_eq!(top(vec![41]), 50);
        assert_eq!(top(vec![100_000]), 100_000);
        assert_eq!(top(vec![100_001]), 200_000);
    }

    #[test]
    fn a_short_series_counts_as_nothing_where_it_ends() {
        let series = vec![Series { values: vec![5], ..Series::default() }];
        let chart = Stacked { labels: vec!["a".into(), "b".into()], series, ..Stacked::default() };
        assert_eq!(chart.lines()[1].2, "0");
        assert_eq!(chart.pillars()[1].blocks.len(), 0);
    }

    #[test]
    fn a_flat_line_stays_inside_its_box() {
        let points = Spark { values: vec![7, 7, 7], ..Spark::default() }.points();
        assert_eq!(points, "0.0,28.0 50.0,28.0 100.0,28.0 ");
    }
}
