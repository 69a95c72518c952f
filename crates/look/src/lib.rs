//! What the pages of administrators and of users share: the style sheet with its tokens, fonts, the sprite of icons, and
//! QR codes. It knows nothing of the rest of the product.

mod qr;
mod shelf;

pub use qr::qr;
pub use shelf::{Asset, COMMON, File, Shelf, gzip, takes_gzip};
