//! Two small parts that only whole pages need: a form around other parts, and a form of one button.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::parts::{Button, ButtonKind, Html, Icon, Part};

/// A form of one button.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/post_button.html")]
pub struct PostButton {
    /// Where to post.
    pub action: String,
    /// Hidden values, the token among them.
    pub hidden: Vec<(String, String)>,
    /// The button.
    pub button: Button,
}

impl HtmlSafe for PostButton {}

impl PostButton {
    /// Removes the object that the page is about.
    pub fn remove(action: String, hidden: Vec<(String, String)>) -> Self {
        let button = Button {
            label: "Remove".into(),
            icon: Some(Icon::Trash),
            kind: ButtonKind::Danger,
            ..Button::default()
        };
        Self { action, hidden, button }
    }
}

impl From<PostButton> for Html {
    fn from(part: PostButton) -> Self {
        part.html()
    }
}

/// A form around parts that hold fields of their own (settings, a matrix).
#[derive(Debug, Clone, Template)]
#[template(path = "pages/form_around.html")]
pub struct FormAround {
    /// Unique in the page.
    pub id: String,
    /// Where to post.
    pub action: String,
    /// Hidden values, the token among them.
    pub hidden: Vec<(String, String)>,
    /// The parts.
    pub body: Vec<Html>,
}

impl HtmlSafe for FormAround {}

impl From<FormAround> for Html {
    fn from(part: FormAround) -> Self {
        part.html()
    }
}

/// A box to tick in a row of a table.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/tick.html")]
pub struct Tick {
    /// Name of the field.
    pub name: &'static str,
    /// What is sent.
    pub value: String,
    /// What it chooses, for screen readers.
    pub label: String,
    /// Whether it is ticked.
    pub checked: bool,
}

impl HtmlSafe for Tick {}

impl From<Tick> for Html {
    fn from(part: Tick) -> Self {
        part.html()
    }
}

/// A hidden value.
pub fn hidden_value(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// A form that only asks.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/search_form.html")]
pub struct SearchForm {
    /// Where to ask.
    pub action: String,
    /// The field.
    pub field: Html,
    /// What the button says.
    pub button: &'static str,
}

impl HtmlSafe for SearchForm {}

impl From<SearchForm> for Html {
    fn from(part: SearchForm) -> Self {
        part.html()
    }
}
