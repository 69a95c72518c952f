//! Forms: fields drawn from plain descriptions, so that the catalogue can describe its own.
mod settings;

use askama::Template;

pub use settings::{SaveBar, SettingGroup, SettingValue, SettingView};

use super::{Button, Html, Icon, html::parts};

/// One thing to choose.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Value sent.
    pub value: String,
    /// Its name.
    pub label: String,
    /// A quiet explanation, drawn by radio buttons and tick boxes.
    pub help: String,
    /// Chosen now.
    pub on: bool,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>, on: bool) -> Self {
        Self { value: value.into(), label: label.into(), on, help: String::new() }
    }
}

/// How a value is entered.
#[derive(Debug, Clone)]
pub enum Control {
    /// One line of text; the string is the type of the input (`text`, `email`, `url`, `search`).
    Text(String, &'static str),
    /// A password or token; never filled in. Holds the `autocomplete` word.
    Secret(&'static str),
    /// Several lines.
    Area(String),
    /// A whole number; empty is *not set*.
    Number {
        /// As typed, so that nothing typed is lost.
        value: String,
        /// Smallest allowed.
        min: Option<i64>,
        /// Largest allowed.
        max: Option<i64>,
        /// Shown after it: *days*, *minutes*.
        unit: String,
    },
    /// On or off.
    Switch(bool),
    /// A list that opens.
    Select(Vec<Choice>),
    /// Two or three short choices side by side.
    Segments(Vec<Choice>),
    /// One of several, each with its explanation.
    Radio(Vec<Choice>),
    /// Any of several.
    Ticks(Vec<Choice>),
}

/// The entry itself, without its label.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/input.html")]
pub struct Input {
    /// Name sent.
    pub name: String,
    /// Unique in the page.
    pub id: String,
    /// Name for screen readers where no visible label belongs to it alone.
    pub label: String,
    /// How it is entered.
    pub control: Control,
    /// Ids of what explains it.
    pub described_by: String,
    /// Something is wrong with it.
    pub invalid: bool,
    /// Cannot be changed.
    pub read_only: bool,
    /// Must be given.
    pub required: bool,
    /// Text in the empty field.
    pub placeholder: String,
}

impl Input {
    /// An entry whose id is its name.
    pub fn new(name: impl Into<String>, label: impl Into<String>, control: Control) -> Self {
        let name = name.into();
        Self {
            // Blanks would part an id in two where it is named, the rest would have to be escaped in styles.
            id: name.replace(|c: char| !c.is_alphanumeric() && c != '-' && c != '_', "-"),
            name,
            label: label.into(),
            control,
            described_by: String::new(),
            invalid: false,
            read_only: false,
            required: false,
            placeholder: String::new(),
        }
    }

    fn is_group(&self) -> bool {
        matches!(self.control, Control::Segments(_) | Control::Radio(_) | Control::Ticks(_))
    }
}

/// A remark on a field: a platform that enforces or ignores it, or a mark of ours.
#[derive(Debug, Clone)]
pub struct Badge {
    /// Icon.
    pub icon: Option<Icon>,
    /// The word.
    pub word: String,
    /// Why, on hover and for screen readers.
    pub why: String,
    /// Ignored there (struck through) or honoured.
    pub ignored: bool,
    /// Drawn in the accent colour.
    pub marked: bool,
}

impl Badge {
    /// A platform that honours the setting.
    pub fn honoured(icon: Icon, word: impl Into<String>, why: impl Into<String>) -> Self {
        Self { icon: Some(icon), word: word.into(), why: why.into(), ignored: false, marked: false }
    }

    /// A platform that ignores it.
    pub fn ignored(icon: Icon, word: impl Into<String>, why: impl Into<String>) -> Self {
        Self { ignored: true, ..Self::honoured(icon, word, why) }
    }

    /// A mark of ours.
    pub fn mark(word: impl Into<String>) -> Self {
        Self { icon: None, marked: true, ..Self::honoured(Icon::Info, word, "") }
    }
}

/// A field with its label, help and error.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/field.html")]
pub struct FieldView {
    /// The entry. Its label is the field's.
    pub input: Input,
    /// What it is for; may be empty.
    pub help: Html,
    /// What is wrong, in plain words; empty when nothing is.
    pub error: String,
    /// Need not be given.
    pub optional: bool,
    /// Remarks.
    pub badges: Vec<Badge>,
    /// *Default: 10 attempts*, when the value is another; may be empty.
    pub changed_from: String,
}

impl FieldView {
    /// A field that must be given.
    pub fn new(name: impl Into<String>, label: impl Into<String>, control: Control) -> Self {
        let mut input = Input::new(name, label, control);
        input.required =
            !matches!(input.control, Control::Switch(_) | Control::Ticks(_) | Control::Segments(_));
        Self {
            input,
            help: Html::default(),
            error: String::new(),
            optional: false,
            badges: Vec::new(),
            changed_from: String::new(),
        }
    }

    /// With help.
    pub fn help(mut self, help: impl Into<Html>) -> Self {
        self.help = help.into();
        self.describe()
    }

    /// With an error.
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.error = error.into();
        self.input.invalid = !self.error.is_empty();
        self.describe()
    }

    /// Need not be given.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self.input.required = false;
        self
    }

    /// Cannot be changed.
    pub fn read_only(mut self) -> Self {
        self.input.read_only = true;
        self.input.required = false;
        self
    }

    fn describe(mut self) -> Self {
        let id = &self.input.id;
        let help = (!self.help.is_empty()).then(|| format!("{id}-help"));
        let error = (!self.error.is_empty()).then(|| format!("{id}-err"));
        self.input.described_by = help.into_iter().chain(error).collect::<Vec<_>>().join(" ");
        self
    }

    /// The entry as drawn inside the field, whose own label names it.
    fn entry(&self) -> Input {
        let label = if self.input.is_group() { self.input.label.clone() } else { String::new() };
        Input { label, ..self.input.clone() }
    }

    fn has_own_label(&self) -> bool {
        matches!(self.input.control, Control::Switch(_))
    }
}

/// A form of fields one under the other. Errors are listed on top as well, each leading to its field.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/form.html")]
pub struct Form {
    /// Unique in the page.
    pub id: String,
    /// Where to post.
    pub action: String,
    /// Hidden values, the token `csrf` among them.
    pub hidden: Vec<(String, String)>,
    /// An error that belongs to no field.
    pub error: String,
    /// The fields, or notes between them.
    pub fields: Vec<FieldView>,
    /// The buttons.
    pub buttons: Vec<Button>,
}

impl Form {
    fn wrong(&self) -> Vec<&FieldView> {
        self.fields.iter().filter(|field| !field.error.is_empty()).collect()
    }
}

parts!(Input, FieldView, Form);
