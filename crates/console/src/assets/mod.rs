//! The static files of the console: the common ones of [`look`] and its script.
use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderMap, Response};
use look::{Asset, Shelf};

pub use look::{gzip, takes_gzip};

/// Where the files are mounted; the version and the name follow.
pub const MOUNT: &str = "/dashboard/assets";

static SHELF: LazyLock<Shelf> = LazyLock::new(|| {
    let script = include_bytes!("../../assets/app.js");
    Shelf::new(MOUNT, &[("app.js", "text/javascript; charset=utf-8", script)])
});

/// All files by name, in alphabetical order.
pub fn all() -> impl Iterator<Item = (&'static str, &'static Asset)> {
    SHELF.all()
}

/// The address of a file, with its version. An unknown name gives an address that answers 404; a test
/// walks the templates so that none is shipped.
pub fn url(name: &str) -> &'static str {
    SHELF.get(name).map_or("/dashboard/assets/unknown", |asset| asset.url.as_str())
}

/// Answers `GET {MOUNT}/{version}/{name}`.
pub fn serve(version: &str, name: &str, headers: &HeaderMap) -> Response<Bytes> {
    SHELF.serve(version, name, headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_view_stays_light() {
        let first = ["theme.css", "app.js", "icons.svg", "mark.svg", "inter-latin.woff2"];
        let weight = |name| SHELF.get(name).map_or(0, |a| a.gzip.as_ref().map_or(a.plain.len(), Bytes::len));
        let sum: usize = first.into_iter().map(weight).sum();
        assert!(sum < 70 * 1024, "the files of a first view weigh {sum} bytes; the page comes on top");
    }
}
