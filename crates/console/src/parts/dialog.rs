//! The question before a dangerous act.
use std::fmt::Write as _;

use askama::Template;

use super::{Fact, FieldView, Html, Icon, Note, html::parts};

/// One thing that will be lost, or kept.
#[derive(Debug, Clone)]
pub struct Loss {
    /// What.
    pub text: Html,
    /// It stays.
    pub kept: bool,
}

/// Names what is meant, says what is lost and whether it can be called back, asks to type the name.
/// Drawn as a dialog in the page that offers the act, and as a card on a page of its own for readers
/// without script (`standalone`).
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/danger.html")]
pub struct Danger {
    /// Unique in the page.
    pub id: String,
    /// The question: *Wipe Lena's Galaxy S24?*
    pub title: String,
    /// What it means, in a sentence.
    pub lead: Html,
    /// Whom and what it is about.
    pub facts: Vec<Fact>,
    /// What will be lost, and what not.
    pub losses: Vec<Loss>,
    /// Whether and until when it can be called back.
    pub recall: Html,
    /// The approval that is still needed.
    pub approval: Option<Note>,
    /// The name to be typed; empty when none is asked for.
    pub name: String,
    /// Further fields: a reason, options.
    pub fields: Vec<FieldView>,
    /// Where to post; the typed name goes as `confirm`.
    pub action: String,
    /// Hidden values, the token `csrf` among them.
    pub hidden: Vec<(String, String)>,
    /// The verb on the button.
    pub verb: String,
    /// Where *Cancel* leads on a page of its own.
    pub cancel: String,
    /// As a card of a page, not as a dialog.
    pub standalone: bool,
    /// What went wrong last time.
    pub error: String,
}

impl Danger {
    /// The name as a pattern of HTML (a regular expression with the `v` flag), so that browsers check it
    /// without script.
    fn pattern(&self) -> String {
        self.name.chars().fold(String::new(), |mut out, c| {
            if c.is_ascii_punctuation() || c.is_whitespace() {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            } else {
                out.push(c);
            }
            out
        })
    }
}

parts!(Danger);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_not_read_as_an_expression() {
        let danger = Danger { name: "Lena's (old) A+".into(), ..Danger::default() };
        assert_eq!(danger.pattern(), r"Lena\u{27}s\u{20}\u{28}old\u{29}\u{20}A\u{2b}");
    }
}
