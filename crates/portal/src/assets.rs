//! The static files of the portal.

use std::sync::LazyLock;

use look::{File, Shelf};

/// Where the files are mounted; the version and the name follow.
pub const MOUNT: &str = "/portal/assets";

const OWN: &[File] = &[
    ("portal.css", "text/css; charset=utf-8", include_bytes!("../assets/portal.css")),
    ("portal.js", "text/javascript; charset=utf-8", include_bytes!("../assets/portal.js")),
    ("icon-180.png", "image/png", include_bytes!("../assets/icon-180.png")),
    ("icon-192.png", "image/png", include_bytes!("../assets/icon-192.png")),
    ("icon-512.png", "image/png", include_bytes!("../assets/icon-512.png")),
];

/// Everything that a browser may keep.
pub static SHELF: LazyLock<Shelf> = LazyLock::new(|| Shelf::new(MOUNT, OWN));

/// The address of a file. An unknown name gives an address that answers 404; a test walks the pages so that none is
/// shipped.
pub fn url(name: &str) -> &'static str {
    SHELF.get(name).map_or("/portal/assets/unknown", |asset| asset.url.as_str())
}
