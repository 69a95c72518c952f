//! Buttons and menus.
use askama::Template;

use super::{Icon, html::parts};

/// How a button looks and how loudly it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonKind {
    /// One of several.
    #[default]
    Plain,
    /// The one thing most people come for; at most one in a view.
    Primary,
    /// Leads towards something dangerous.
    Danger,
    /// Does something dangerous now.
    Destroy,
}

impl ButtonKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Primary => " pri",
            Self::Danger => " bad",
            Self::Destroy => " destroy",
        }
    }
}

/// A button or a link that looks like one.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/button.html")]
pub struct Button {
    /// What it does, as a verb.
    pub label: String,
    /// Look.
    pub kind: ButtonKind,
    /// Icon before the label.
    pub icon: Option<Icon>,
    /// Where it leads. Without it, the button submits the form around it.
    pub href: Option<String>,
    /// Id of the dialog it opens; `href` then is the same question as a page, for readers without script.
    pub dialog: Option<String>,
    /// Name and value sent with the form.
    pub send: Option<(String, String)>,
    /// Why it cannot be used now; it is drawn disabled and says so.
    pub disabled: Option<String>,
    /// Smaller, for rows of tables.
    pub small: bool,
}

impl Button {
    /// A link.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()), ..Self::default() }
    }

    /// A button that submits the form around it.
    pub fn submit(label: impl Into<String>) -> Self {
        Self { label: label.into(), kind: ButtonKind::Primary, ..Self::default() }
    }

    /// With another look.
    pub fn kind(self, kind: ButtonKind) -> Self {
        Self { kind, ..self }
    }

    /// With an icon.
    pub fn icon(self, icon: Icon) -> Self {
        Self { icon: Some(icon), ..self }
    }

    /// Opens a dialog.
    pub fn opens(self, dialog: impl Into<String>) -> Self {
        Self { dialog: Some(dialog.into()), ..self }
    }

    /// Small.
    pub fn small(self) -> Self {
        Self { small: true, ..self }
    }

    /// Cannot be used now, because.
    pub fn disabled(self, because: impl Into<String>) -> Self {
        Self { disabled: Some(because.into()), ..self }
    }
}

/// One line of a menu.
#[derive(Debug, Clone, Default)]
pub struct MenuItem {
    /// What it does.
    pub label: String,
    /// A second, quieter line.
    pub detail: String,
    /// Icon.
    pub icon: Option<Icon>,
    /// Where it leads.
    pub href: String,
    /// Id of the dialog it opens, as for [`Button`].
    pub dialog: Option<String>,
    /// Dangerous.
    pub danger: bool,
    /// Draws a line above it.
    pub apart: bool,
}

/// A button that opens a list of actions.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/menu.html")]
pub struct Menu {
    /// Unique in the page.
    pub id: String,
    /// Text of the button; drawn as three dots with this name when `icon_only`.
    pub label: String,
    /// Only the dots.
    pub icon_only: bool,
    /// The lines.
    pub items: Vec<MenuItem>,
}

parts!(Button, Menu);
