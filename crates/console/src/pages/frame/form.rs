//! Forms: fields drawn from what was entered, with what is wrong beside them.

use door::FormData;
use engine::{Error, FieldIssue};

use super::Oops;
use crate::parts::{Choice, Control, FieldView};

/// What is wrong with a form.
#[derive(Debug, Clone, Default)]
pub struct Wrong {
    /// By field.
    pub issues: Vec<FieldIssue>,
    /// What belongs to no field.
    pub general: String,
}

impl Wrong {
    /// Turns a refusal into words beside the fields; anything that is not about the form is an error page.
    ///
    /// # Errors
    /// The error itself when it has nothing to do with what was entered.
    pub fn of(error: Error) -> Result<Self, Oops> {
        match error {
            Error::Invalid(issues) => Ok(Self { issues, general: String::new() }),
            Error::Conflict(why) | Error::Upstream(why) | Error::Denied(why) => {
                Ok(Self { issues: Vec::new(), general: why })
            }
            other => Err(Oops::Error(other)),
        }
    }

    /// The words for a field; empty when it is in order.
    pub fn on(&self, field: &str) -> &str {
        self.issues.iter().find(|i| i.field == field).map_or("", |i| i.message.as_str())
    }

    /// Issues of fields that are not drawn, so that none is lost: goes to the head of the form.
    pub fn rest(&self, drawn: &[FieldView]) -> String {
        let hidden = self.issues.iter().filter(|i| !drawn.iter().any(|f| f.input.name == i.field));
        let words: Vec<&str> = hidden.map(|i| i.message.as_str()).collect();
        let mut all = self.general.clone();
        for word in words {
            all.push_str(if all.is_empty() { "" } else { " " });
            all.push_str(word);
        }
        all
    }
}

/// What was entered (or is stored), and what is wrong with it: makes the fields of a form.
#[derive(Debug)]
pub struct Entered<'a> {
    /// Values by name.
    pub data: &'a FormData,
    /// What is wrong.
    pub wrong: &'a Wrong,
}

impl Entered<'_> {
    fn field(&self, name: &str, label: &str, control: Control) -> FieldView {
        FieldView::new(name, label, control).error(self.wrong.on(name))
    }

    /// One line of text.
    pub fn text(&self, name: &str, label: &str) -> FieldView {
        self.field(name, label, Control::Text(self.data.text(name).into(), "text"))
    }

    /// A day, year first; the browser's own picker.
    pub fn date(&self, name: &str, label: &str) -> FieldView {
        self.field(name, label, Control::Text(self.data.text(name).into(), "date"))
    }

    /// Day and time of the day, in the reader's zone; the browser's own picker.
    pub fn moment(&self, name: &str, label: &str) -> FieldView {
        self.field(name, label, Control::Text(self.data.text(name).into(), "datetime-local"))
    }

    /// An e-mail address.
    pub fn email(&self, name: &str, label: &str) -> FieldView {
        self.field(name, label, Control::Text(self.data.text(name).into(), "email"))
    }

    /// A password; never filled in again.
    pub fn secret(&self, name: &str, label: &str, autocomplete: &'static str) -> FieldView {
        self.field(name, label, Control::Secret(autocomplete))
    }

    /// A code that counts once; never filled in again.
    pub fn code(&self, name: &str, label: &str) -> FieldView {
        self.field(name, label, Control::Secret("one-time-code"))
    }

    /// Several lines.
    pub fn area(&self, name: &str, label: &str) -> FieldView {
        self.field(name, label, Control::Area(self.data.text(name).into()))
    }

    /// A whole number.
    pub fn number(&self, name: &str, label: &str, range: (i64, i64), unit: &str) -> FieldView {
        let value = self.data.text(name).to_owned();
        let control =
            Control::Number { value, min: Some(range.0), max: Some(range.1), unit: unit.to_owned() };
        self.field(name, label, control)
    }

    /// On or off.
    pub fn switch(&self, name: &str, label: &str) -> FieldView {
        self.field(name, label, Control::Switch(self.data.ticked(name)))
    }

    fn choices(&self, name: &str, of: &[(String, String)]) -> Vec<Choice> {
        let now = self.data.text(name);
        of.iter().map(|(value, label)| Choice::new(value, label, value == now)).collect()
    }

    /// One of a list.
    pub fn select(&self, name: &str, label: &str, of: &[(String, String)]) -> FieldView {
        self.field(name, label, Control::Select(self.choices(name, of)))
    }

    /// One of two or three, side by side.
    pub fn segments(&self, name: &str, label: &str, of: &[(String, String)]) -> FieldView {
        self.field(name, label, Control::Segments(self.choices(name, of)))
    }

    /// One of several with explanations: value, label, help.
    pub fn radio(&self, name: &str, label: &str, of: &[(String, String, String)]) -> FieldView {
        let now = self.data.text(name);
        let choices = of
            .iter()
            .map(|(value, label, help)| Choice {
                help: help.clone(),
                ..Choice::new(value, label, value == now)
            })
            .collect();
        self.field(name, label, Control::Radio(choices))
    }

    /// Any of several with explanations.
    pub fn ticks(&self, name: &str, label: &str, of: &[(String, String, String)]) -> FieldView {
        let now = self.data.all(name);
        let choices = of
            .iter()
            .map(|(value, label, help)| Choice {
                help: help.clone(),
                ..Choice::new(value, label, now.contains(&value.as_str()))
            })
            .collect();
        self.field(name, label, Control::Ticks(choices))
    }
}
