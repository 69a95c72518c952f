//! Sentences that stand out: notes, empty states, toasts.
use askama::Template;

use super::{Button, Html, Icon, Tone, html::parts};

/// A remark in the page: a consequence, a warning, what would fix it.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/note.html")]
pub struct Note {
    /// Unique in the page where it is linked to; may be empty.
    pub id: String,
    /// Colour and icon. `Bad` is announced at once by screen readers.
    pub tone: Tone,
    /// The point, in a few words.
    pub title: String,
    /// The rest.
    pub text: Html,
    /// What to do about it.
    pub actions: Vec<Button>,
}

impl Note {
    /// A remark.
    pub fn new(tone: Tone, title: impl Into<String>, text: impl Into<Html>) -> Self {
        Self { tone, title: title.into(), text: text.into(), ..Self::default() }
    }

    /// With something to do.
    pub fn action(mut self, button: Button) -> Self {
        self.actions.push(button);
        self
    }
}

/// What a list says when there is nothing in it: why, and what to do first.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/empty.html")]
pub struct EmptyState {
    /// Picture.
    pub icon: Icon,
    /// Nothing what.
    pub title: String,
    /// Why, and what would change it.
    pub text: Html,
    /// What to do first.
    pub actions: Vec<Button>,
}

/// What has just happened; leaves by itself, except bad news.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/toast.html")]
pub struct Toast {
    /// Colour and icon.
    pub tone: Tone,
    /// The sentence.
    pub text: Html,
}

parts!(Note, EmptyState, Toast);
