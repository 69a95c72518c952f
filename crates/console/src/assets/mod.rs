//! The static files of the console, embedded in the binary: style sheet, script, icons, fonts.
//!
//! Every file is served below `/dashboard/assets/{version}/`, where the version is a digest over all of
//! them, so that they may be cached for ever and relative addresses inside the style sheet just work.
//! Text is compressed once, on first use. Nothing here depends on who is asking.
use std::{collections::BTreeMap, fmt::Write as _, io::Write as _, sync::LazyLock};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, Response, StatusCode, header};
use sha2::{Digest, Sha256};

/// Where the files are mounted; the version and the name follow.
pub const MOUNT: &str = "/dashboard/assets";

/// Name, content type, content. The style sheet refers to fonts by their bare names.
const FILES: &[(&str, &str, &[u8])] = &[
    ("theme.css", "text/css; charset=utf-8", include_bytes!("../../assets/theme.css")),
    ("app.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/app.js")),
    ("icons.svg", "image/svg+xml", include_bytes!("../../assets/icons.svg")),
    ("mark.svg", "image/svg+xml", include_bytes!("../../assets/mark.svg")),
    ("inter-latin.woff2", "font/woff2", include_bytes!("../../assets/inter-latin.woff2")),
    ("inter-latin-ext.woff2", "font/woff2", include_bytes!("../../assets/inter-latin-ext.woff2")),
    ("LICENSES.txt", "text/plain; charset=utf-8", include_bytes!("../../assets/LICENSES.txt")),
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

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for (name, _, bytes) in FILES {
        digest.update(name.as_bytes());
        digest.update(bytes.len().to_be_bytes());
        digest.update(bytes);
    }
    digest.finalize().iter().take(6).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
});

static ASSETS: LazyLock<BTreeMap<&'static str, Asset>> = LazyLock::new(|| {
    let asset = |&(name, mime, bytes): &(&'static str, &'static str, &'static [u8])| {
        let packed = gzip(bytes);
        let gzip = (packed.len() * 10 < bytes.len() * 9).then_some(packed);
        let url = format!("{MOUNT}/{}/{name}", *VERSION);
        (name, Asset { url, mime, plain: Bytes::from_static(bytes), gzip })
    };
    FILES.iter().map(asset).collect()
});

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

/// All files by name, in alphabetical order.
pub fn all() -> impl Iterator<Item = (&'static str, &'static Asset)> {
    ASSETS.iter().map(|(name, asset)| (*name, asset))
}

/// The address of a file, with its version. An unknown name gives an address that answers 404; a test
/// walks the templates so that none is shipped.
pub fn url(name: &str) -> &'static str {
    ASSETS.get(name).map_or("/dashboard/assets/unknown", |asset| asset.url.as_str())
}

/// Answers `GET {MOUNT}/{version}/{name}`. A version other than ours still gets the file (a page of the
/// previous release may be open), but must not keep it.
pub fn serve(version: &str, name: &str, headers: &HeaderMap) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    let Some(asset) = ASSETS.get(name) else {
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let out = response.headers_mut();
    let cache = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-cache" };
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
        let name = url("theme.css").rsplit('/').next().expect("a name");
        let packed = serve(&VERSION, name, &accepting("gzip"));
        let plain = serve(&VERSION, name, &HeaderMap::new());
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert!(packed.body().len() * 3 < plain.body().len());
    }

    #[test]
    fn an_old_version_gets_the_file_but_does_not_keep_it() {
        assert_eq!(serve("0ld", "app.js", &HeaderMap::new()).headers()[header::CACHE_CONTROL], "no-cache");
        assert_eq!(serve("0ld", "../lib.rs", &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn the_first_view_stays_light() {
        let first = ["theme.css", "app.js", "icons.svg", "mark.svg", "inter-latin.woff2"];
        let sum: usize = first
            .iter()
            .map(|name| ASSETS[name].gzip.as_ref().map_or(ASSETS[name].plain.len(), Bytes::len))
            .sum();
        assert!(sum < 70 * 1024, "the files of a first view weigh {sum} bytes; the page comes on top");
    }

    #[test]
    fn the_style_sheet_refers_only_to_files_we_have() {
        let css = std::str::from_utf8(&ASSETS["theme.css"].plain).expect("text");
        let mut found = 0;
        for part in css.split("url(").skip(1) {
            let name = part.split(')').next().expect("closed");
            assert!(ASSETS.contains_key(name), "{name} is not embedded");
            found += 1;
        }
        assert_eq!(found, 2);
    }
}
