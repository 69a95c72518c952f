//! A QR code, drawn on the server.
use std::fmt::Write;

use askama::Template;
use qrcodegen::{QrCode, QrCodeEcc};

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

/// Modules of quiet zone on each side, as the standard asks.
const QUIET: i32 = 4;

impl Qr {
    /// Draws a text of at most 2,000 letters; a longer one gives an empty picture.
    pub fn new(label: impl Into<String>, text: &str) -> Self {
        let label = label.into();
        let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else {
            return Self { label, size: 2 * QUIET, path: String::new() };
        };
        let mut path = String::new();
        for y in 0..code.size() {
            for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
                let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
            }
        }
        Self { label, size: code.size() + 2 * QUIET, path }
    }
}

parts!(Qr);
