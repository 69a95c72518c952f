//! A letter as its reader will see it: in the light, in the dark, and as plain text.
use askama::Template;

use super::{Html, Qr, html::parts};

/// A preview. With `live` it is fetched anew while somebody types in the form of that id.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/letter.html")]
pub struct LetterPreview {
    /// Title of the card.
    pub title: String,
    /// Who reads it.
    pub aside: Html,
    /// Id of the form that it follows; may be empty.
    pub live: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// Why there is nothing to see; else empty.
    pub error: String,
    /// The page: made of a closed set of elements by `domain::letter`, which escapes everything that was written.
    page: String,
}

impl LetterPreview {
    /// A letter; the picture in it is drawn here.
    pub fn new(title: impl Into<String>, letter: &domain::letter::Letter) -> Self {
        let picture = letter.qr.as_ref().map(|link| Html::from(Qr::new("QR code", link)).into_string());
        Self {
            title: title.into(),
            subject: letter.subject.as_str().to_owned(),
            text: letter.text.clone(),
            page: letter.fragment(picture.as_deref().unwrap_or_default()),
            ..Self::default()
        }
    }

    /// Says who reads it.
    pub fn aside(self, aside: impl Into<Html>) -> Self {
        Self { aside: aside.into(), ..self }
    }

    /// Is drawn anew while somebody types in the form of this id.
    pub fn follows(self, form: impl Into<String>) -> Self {
        Self { live: form.into(), ..self }
    }

    /// Nothing to see, and why.
    pub fn none(title: impl Into<String>, error: impl Into<String>) -> Self {
        Self { title: title.into(), error: error.into(), ..Self::default() }
    }
}

parts!(LetterPreview);
