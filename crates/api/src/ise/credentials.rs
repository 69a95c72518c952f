//! HTTP Basic (RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// Longest header value that is looked at.
const MAX_HEADER: usize = 2_048;

/// A name and a password. Not `Debug`, so that it cannot be logged.
pub(super) struct Basic {
    pub user: String,
    pub password: String,
}

/// Reads the credentials; `None` for none, another scheme, or what is not Basic. Text that is not UTF-8 is Latin-1,
/// which is what older Java clients send.
pub(super) fn basic(headers: &HeaderMap) -> Option<Basic> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    if value.len() > MAX_HEADER {
        return None;
    }
    let (scheme, token) = std::str::from_utf8(value).ok()?.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(token.trim()).ok()?;
    let text = String::from_utf8(decoded)
        .unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect());
    let (user, password) = text.split_once(':')?;
    Some(Basic { user: user.to_owned(), password: password.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &[u8]) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, http::HeaderValue::from_bytes(value).expect("a header value"));
        basic(&headers).map(|b| (b.user, b.password))
    }

    #[test]
    fn names_and_passwords_are_read_in_both_alphabets() {
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        assert_eq!(read(b"Basic aXNlOnBhOnNz"), pair("ise", "pa:ss"));
        assert_eq!(read(b"basic  aXNlOg=="), pair("ise", ""));
        let latin = STANDARD.encode([b'u', b':', 0xE4]);
        assert_eq!(read(format!("Basic {latin}").as_bytes()), pair("u", "ä"));
        let utf8 = STANDARD.encode("u:ä");
        assert_eq!(read(format!("Basic {utf8}").as_bytes()), pair("u", "ä"));
    }

    #[test]
    fn anything_else_is_no_credential() {
        for value in [&b"Basic"[..], b"Basic !!!", b"Bearer aXNlOnBhc3M=", b"Basic aXNl", b"\xFF", b""] {
            assert_eq!(read(value), None);
        }
        assert_eq!(read(format!("Basic {}", "A".repeat(4_000)).as_bytes()), None);
    }
}
