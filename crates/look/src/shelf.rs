//! The static files of a face, embedded in the binary.
//!
//! Every file is served below `{mount}/{version}/`, where the version is a digest over all of them, so that they may be
//! cached for ever and relative addresses inside the style sheet just work. Text is compressed once, on first use.
//! Nothing here depends on who is asking.
use std::{collections::BTreeMap, fmt::Write as _, io::Write as _};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, Response, StatusCode, header};
use sha2::{Digest, Sha256};

/// Name, content type, content. The style sheet refers to fonts by their bare names.
pub type File = (&'static str, &'static str, &'static [u8]);

/// The files that every face has.
pub const COMMON: [File; 6] = [
    ("theme.css", "text/css; charset=utf-8", include_bytes!("../assets/theme.css")),
    ("icons.svg", "image/svg+xml", include_bytes!("../assets/icons.svg")),
    ("mark.svg", "image/svg+xml", include_bytes!("../assets/mark.svg")),
    ("inter-latin.woff2", "font/woff2", include_bytes!("../assets/inter-latin.woff2")),
    ("inter-latin-ext.woff2", "font/woff2", include_bytes!("../assets/inter-latin-ext.woff2")),
    ("LICENSES.txt", "text/plain; charset=utf-8", include_bytes!("../assets/LICENSES.txt")),
];

/// One embedded file.
#[derive(Debug)]
pub struct Asset {
    /// Address with the version, absolute from the root of the host.
    pub url: String,
    /// Value of `Content-Type`.
    pub mime: &'static str,
    /// The file as it is.
    pub plain: Bytes,
    /// The file compressed with gzip; absent where that saves nothing (fonts).
    pub gzip: Option<Bytes>,
}

/// The files of one face.
#[derive(Debug)]
pub struct Shelf {
    version: String,
    assets: BTreeMap<&'static str, Asset>,
}

impl Shelf {
    /// The common files and a face's own, mounted at an address such as `/dashboard/assets`.
    pub fn new(mount: &str, own: &[File]) -> Self {
        let files = || COMMON.iter().chain(own);
        let version = version(files());
        let asset = |&(name, mime, bytes): &File| {
            let packed = gzip(bytes);
            let gzip = (packed.len() * 10 < bytes.len() * 9).then_some(packed);
            let url = format!("{mount}/{version}/{name}");
            (name, Asset { url, mime, plain: Bytes::from_static(bytes), gzip })
        };
        Self { assets: files().map(asset).collect(), version }
    }

    /// The part of the addresses that changes with any of the files.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// All files by name, in alphabetical order.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &Asset)> {
        self.assets.iter().map(|(name, asset)| (*name, asset))
    }

    /// A file by name.
    pub fn get(&self, name: &str) -> Option<&Asset> {
        self.assets.get(name)
    }

    /// Answers `GET {mount}/{version}/{name}`. A version other than ours still gets the file (a page of the previous
    /// release may be open), but must not keep it.
    pub fn serve(&self, version: &str, name: &str, headers: &HeaderMap) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        let Some(asset) = self.assets.get(name) else {
            *response.status_mut() = StatusCode::NOT_FOUND;
            return response;
        };
        let out = response.headers_mut();
        let cache = if version == self.version { "public, max-age=31536000, immutable" } else { "no-cache" };
        out.insert(header::CACHE_CONTROL, header::HeaderValue::from_static(cache));
        out.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(asset.mime));
        out.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
        out.insert(header::VARY, header::HeaderValue::from_static("accept-encoding"));
        let body = match &asset.gzip {
            Some(packed) if takes_gzip(headers) => {
                out.insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
                packed
            }
            _ => &asset.plain,
        };
        *response.body_mut() = body.clone();
        response
    }
}

fn version<'a>(files: impl Iterator<Item = &'a File>) -> String {
    let mut digest = Sha256::new();
    for (name, _, bytes) in files {
        digest.update(name.as_bytes());
        digest.update(bytes.len().to_be_bytes());
        digest.update(bytes);
    }
    digest.finalize().iter().take(6).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Compresses a body with gzip, at a level that suits pages made on request.
pub fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::new(6));
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory does not fail").into()
}

/// Whether a client takes gzip: an `Accept-Encoding` that names it and does not weigh it with zero
/// (RFC 9110, 12.5.3).
pub fn takes_gzip(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    offers.flat_map(|value| value.split(',')).any(|offer| {
        let mut words = offer.split(';').map(str::trim);
        words.next().is_some_and(|coding| coding.eq_ignore_ascii_case("gzip"))
            && !words.any(|word| {
                word.strip_prefix("q=").is_some_and(|q| q.bytes().all(|digit| matches!(digit, b'0' | b'.')))
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, header::HeaderValue::from_static(value))])
    }

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        assert!(takes_gzip(&accepting("br, gzip;q=0.5")));
        assert!(takes_gzip(&accepting("GZIP")));
        assert!(!takes_gzip(&accepting("gzip;q=0.0, br")));
        assert!(!takes_gzip(&accepting("br")));
        let shelf = Shelf::new("/x", &[]);
        let packed = shelf.serve(shelf.version(), "theme.css", &accepting("gzip"));
        let plain = shelf.serve(shelf.version(), "theme.css", &HeaderMap::new());
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert!(packed.body().len() * 3 < plain.body().len());
    }

    #[test]
    fn an_old_version_gets_the_file_but_does_not_keep_it() {
        let shelf = Shelf::new("/x", &[("own.js", "text/javascript", b"1")]);
        let old = shelf.serve("0ld", "own.js", &HeaderMap::new());
        assert_eq!(old.headers()[header::CACHE_CONTROL], "no-cache");
        assert_eq!(shelf.serve("0ld", "../lib.rs", &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
        assert_ne!(shelf.version(), Shelf::new("/x", &[]).version(), "another file is another version");
    }

    #[test]
    fn the_style_sheet_refers_only_to_files_we_have() {
        let shelf = Shelf::new("/x", &[]);
        let css = std::str::from_utf8(&shelf.get("theme.css").expect("is there").plain).expect("text");
        let mut found = 0;
        for part in css.split("url(").skip(1) {
            let name = part.split(')').next().expect("closed");
            assert!(shelf.get(name).is_some(), "{name} is not embedded");
            found += 1;
        }
        assert_eq!(found, 2);
    }
}
