//! Settings with one value for corporate and one for individual liability, side by side.
use askama::Template;

use super::{Badge, Button, Html, Icon, Input, parts};

/// One setting: what it does on the left, its two values on the right.
#[derive(Debug, Clone)]
pub struct SettingView {
    /// Its key; the id of its row, to be linked to.
    pub key: String,
    /// Its name.
    pub label: String,
    /// What it does.
    pub help: Html,
    /// Smallest, largest, unit, in words; may be empty.
    pub range: String,
    /// Which platforms enforce it, which ignore it and why.
    pub badges: Vec<Badge>,
    /// The values, one for each column of the group.
    pub values: Vec<SettingValue>,
}

/// One value of a setting.
#[derive(Debug, Clone)]
pub struct SettingValue {
    /// The entry.
    pub input: Input,
    /// The default in words, when the value is another one; empty otherwise.
    pub changed_from: String,
    /// What is wrong; empty when nothing is.
    pub error: String,
}

impl SettingView {
    /// A setting with a corporate and an individual value.
    pub fn new(key: impl Into<String>, label: impl Into<String>, help: impl Into<Html>) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            help: help.into(),
            range: String::new(),
            badges: Vec::new(),
            values: Vec::new(),
        }
    }

    /// With its range in words.
    pub fn range(self, range: impl Into<String>) -> Self {
        Self { range: range.into(), ..self }
    }

    /// With a remark on a platform.
    pub fn badge(mut self, badge: Badge) -> Self {
        self.badges.push(badge);
        self
    }

    /// With its next value: the entry, the default it differs from, what is wrong.
    pub fn value(mut self, input: Input, changed_from: impl Into<String>, error: impl Into<String>) -> Self {
        let (changed_from, error) = (changed_from.into(), error.into());
        let described_by =
            if error.is_empty() { format!("{}-help", self.key) } else { format!("{}-err", input.id) };
        let input = Input { invalid: !error.is_empty(), described_by, ..input };
        self.values.push(SettingValue { input, changed_from, error });
        self
    }

    fn changed(&self) -> bool {
        self.values.iter().any(|value| !value.changed_from.is_empty())
    }
}

/// Settings of one category.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/settings.html")]
pub struct SettingGroup {
    /// Unique in the page, to be linked to.
    pub id: String,
    /// The category.
    pub title: String,
    /// What it is about.
    pub lead: Html,
    /// Heads of the value columns: *Corporate*, *Individual*.
    pub columns: Vec<String>,
    /// The settings.
    pub settings: Vec<SettingView>,
}

impl SettingGroup {
    fn column(&self, index: usize) -> &str {
        self.columns.get(index).map_or("", String::as_str)
    }
}

/// The bar at the foot of a long form: what is not saved yet, what saving does, the buttons.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/savebar.html")]
pub struct SaveBar {
    /// What saving does.
    pub text: Html,
    /// The buttons, the primary one last.
    pub buttons: Vec<Button>,
}

parts!(SettingGroup, SaveBar);
