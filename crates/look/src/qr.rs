//! QR codes as one path of dark modules.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of quiet zone on each side, as the standard asks.
const QUIET: i32 = 4;

/// Width and height in modules, quiet zone included, and the dark modules as the path of an SVG. A text of more than
/// about 2,000 letters gives an empty picture.
pub fn qr(text: &str) -> (i32, String) {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else {
        return (2 * QUIET, String::new());
    };
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    (code.size() + 2 * QUIET, path)
}
