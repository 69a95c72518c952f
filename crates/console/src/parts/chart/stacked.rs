//! Columns over time, in layers.
use std::fmt::Write as _;

use askama::Template;

use super::{Tone, grouped, parts};

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
                let (x, width, height_text) =
                    (x.clone(), width.clone(), format!("{:.2}", (height - 0.5).max(0.4)));
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

parts!(Stacked);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_round_and_holds_the_largest_column() {
        let top = |values: Vec<u64>| {
            let labels = values.iter().map(ToString::to_string).collect();
            Stacked { labels, series: vec![Series { values, ..Series::default() }], ..Stacked::default() }
                .top()
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
}
