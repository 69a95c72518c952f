//! A week of peak times: one field of text a day, with a bar that draws it and, with script, can be drawn on.
use askama::Template;

use super::{Icon, Input, html::parts};

/// One day of a week.
#[derive(Debug, Clone)]
pub struct WeekDay {
    /// The field; its label is the day's name.
    pub input: Input,
    /// What is wrong with it; empty when nothing is.
    pub error: String,
    /// Ranges as drawn, minutes of the day from and until.
    pub ranges: Vec<(u16, u16)>,
}

/// The seven days, Monday first. The text of each day is the truth; the bars follow it.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/week.html")]
pub struct Week {
    /// Name of the whole, for screen readers.
    pub label: String,
    /// The days.
    pub days: Vec<WeekDay>,
    /// Cannot be changed.
    pub read_only: bool,
}

impl WeekDay {
    /// The day in words, for who does not see the bar.
    fn says(&self) -> String {
        let clock = |minutes: &u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let ranges: Vec<_> =
            self.ranges.iter().map(|(from, until)| format!("{} to {}", clock(from), clock(until))).collect();
        if ranges.is_empty() {
            format!("{}: off-peak all day", self.input.label)
        } else {
            format!("{}: peak time {}", self.input.label, ranges.join(", "))
        }
    }
    /// The entry without a label of its own: the row has one.
    fn entry(&self) -> Input {
        Input { label: String::new(), ..self.input.clone() }
    }
}

/// A stretch of a [`Strip`], in thousandths of its length.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// Where it begins.
    pub from: f64,
    /// How long it is.
    pub length: f64,
    /// Drawn strongly.
    pub strong: bool,
    /// What it says on hover.
    pub says: String,
}

/// A stretch of time: what holds when, and moments on it.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/strip.html")]
pub struct Strip {
    /// All of it in words, for who does not see it.
    pub label: String,
    /// What holds when.
    pub stretches: Vec<Stretch>,
    /// Moments, in thousandths.
    pub moments: Vec<f64>,
    /// Words beneath, evenly spaced from the beginning to the end.
    pub marks: Vec<String>,
}

parts!(Week, Strip);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::Control;

    #[test]
    fn a_day_is_drawn_and_said() {
        let input =
            Input::new("corporate.peak.monday", "Monday", Control::Text("07:00-19:00".into(), "text"));
        let day = WeekDay { input, error: String::new(), ranges: vec![(420, 1_140)] };
        assert_eq!(day.says(), "Monday: peak time 07:00 to 19:00");
        let week = Week { label: "Peak times <corporate>".into(), days: vec![day], read_only: false };
        let html = week.to_string();
        assert!(html.contains(r#"<rect class="peak" x="420" width="720" height="24"/>"#), "{html}");
        assert!(
            html.contains("Peak times &#60;corporate&#62;")
                && html.contains(r#"name="corporate.peak.monday""#)
        );
    }
}
