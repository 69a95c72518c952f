//! A QR code, drawn on the server.
use askama::Template;

use super::html::parts;

/// A QR code as a picture of vectors; dark on light whatever the theme, as cameras want it.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/qr.html")]
pub struct Qr {
    /// What it is, for who cannot see it.
    pub label: String,
    /// Width and height in modules, quiet zone included.
    pub size: i32,
    /// The dark modules, as a path.
    pub path: String,
}

impl Qr {
    /// Draws a text of at most 2,000 letters; a longer one gives an empty picture.
    pub fn new(label: impl Into<String>, text: &str) -> Self {
        let (size, path) = look::qr(text);
        Self { label: label.into(), size, path }
    }
}

parts!(Qr);
