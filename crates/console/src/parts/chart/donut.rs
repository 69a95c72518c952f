//! Parts of a whole, as a ring.
use askama::Template;

use super::{Tone, grouped, parts, percent};

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

    fn figure(value: u64) -> String {
        grouped(value)
    }

    fn percent(&self, value: u64) -> String {
        percent(value, self.sum())
    }
}

parts!(Donut);

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
        assert_eq!(
            (donut.percent(1), donut.percent(9_999), donut.percent(0)),
            ("< 1 %".into(), "100 %".into(), "0 %".into())
        );
    }
}
