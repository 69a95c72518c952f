//! Policy settings: one entry each, with its map to every platform that can carry it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Kind, Platform, Value};

mod device_control;
mod entry;
mod mail;
mod password;
mod schema;
mod smime;
mod stricter;
mod templates;
#[cfg(test)]
mod tests;

pub use schema::{EAS_SCHEMA, in_schema_order};
pub use templates::{Template, template};

/// The product's categories of a policy suite, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Security Settings.
    Security,
    /// Device Control.
    DeviceControl,
    /// Synchronization Settings.
    Sync,
    /// S/MIME Settings.
    Smime,
}

/// Every category, in the order of the page.
pub static CATEGORIES: &[Category] =
    &[Category::Security, Category::DeviceControl, Category::Sync, Category::Smime];

impl Category {
    /// Heading on the page.
    pub fn label(self) -> &'static str {
        match self {
            Category::Security => "Security Settings",
            Category::DeviceControl => "Device Control",
            Category::Sync => "Synchronization Settings",
            Category::Smime => "S/MIME Settings",
        }
    }
}

/// Which direction is stricter; decides merges and "weaker than policy".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stricter {
    /// Yes is stricter.
    True,
    /// No is stricter.
    False,
    /// A larger number is stricter; unset is weakest.
    Larger,
    /// A smaller number is stricter; unset is weakest.
    Smaller,
    /// A longer list is stricter.
    MoreItems,
    /// A shorter, non-empty list is stricter; an empty one allows all.
    FewerItems,
    /// The order given, weakest first.
    Order(&'static [i64]),
}

/// The first ActiveSync version that knows an element (MS-ASPROV 2.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EasMinimum {
    /// 12.0.
    V12_0,
    /// 12.1.
    V12_1,
}

/// The element of `EASProvisionDoc` that carries a setting.
#[derive(Debug, Clone, Copy)]
pub struct EasElement {
    /// Element name as in MS-ASPROV, e.g. `AllowCamera`.
    pub name: &'static str,
    /// First version that knows it.
    pub since: EasMinimum,
    /// The text to send; `None` sends the empty tag ("no limit"). Lists are sent item by item by the codec.
    pub text: fn(&Value) -> Option<String>,
}

/// What a mail client really does with a setting, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Honour {
    /// It enforces it.
    Enforces,
    /// It enforces a part of it; the text says which.
    Partly(&'static str),
    /// It acknowledges and ignores it.
    Ignores,
    /// Always so on this platform, whatever is sent.
    Always,
}

/// One policy setting.
#[derive(Debug)]
pub struct Setting {
    /// Stored name, `area.name`, e.g. `device.allow_camera`.
    pub key: &'static str,
    /// Label.
    pub label: &'static str,
    /// One or two sentences for the administrator.
    pub help: &'static str,
    /// Category.
    pub category: Category,
    /// Kind and range.
    pub kind: Kind,
    /// Neutral value: what a device does without any policy. Also the value of the template *None*.
    pub default: fn() -> Value,
    /// Stricter direction.
    pub stricter: Stricter,
    /// The ActiveSync element.
    pub eas: Option<EasElement>,
    /// What phones really honour.
    pub honoured: &'static [(Platform, Honour)],
    /// Values of the templates Low, Moderate, Strict for corporate devices; `None` keeps the neutral value.
    pub templates: [Option<fn() -> Value>; 3],
    /// The same for individual devices: never stricter than the corporate ones.
    pub individual_templates: [Option<fn() -> Value>; 3],
    /// The setting only matters when this one is on (greyed out otherwise).
    pub depends_on: Option<&'static str>,
}

/// Values of settings by key; a missing key means the setting's default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Values(pub BTreeMap<String, Value>);

/// Every setting, in the order of the pages.
pub static SETTINGS: &[&[Setting]] =
    &[password::PASSWORD, device_control::DEVICE_CONTROL, mail::MAIL, smime::SMIME];

/// All settings in one sequence.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().flat_map(|group| group.iter())
}

/// The setting with this key.
pub fn setting(key: &str) -> Option<&'static Setting> {
    all().find(|s| s.key == key)
}

impl Values {
    /// The value of a setting: stored, or its default.
    pub fn get(&self, setting: &Setting) -> Value {
        self.0.get(setting.key).cloned().unwrap_or_else(|| (setting.default)())
    }
}
