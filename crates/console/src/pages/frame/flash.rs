//! What has just happened, carried over a redirect by a cookie that lives for seconds.

use door::cookie;
use http::HeaderMap;

use crate::parts::{Html, Toast, Tone};

const COOKIE: &str = "__Host-said";

/// Longest sentence carried, in characters.
const LONGEST: usize = 300;

/// `Set-Cookie` for a sentence.
pub fn set(tone: Tone, text: &str) -> String {
    let mut value = format!("{}.", tone.class());
    for byte in text.chars().take(LONGEST).collect::<String>().bytes() {
        if byte.is_ascii_alphanumeric() {
            value.push(byte.into());
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=30")
}

/// `Set-Cookie` that removes it.
pub fn clear() -> String {
    format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// The sentence that came with a request.
pub fn get(headers: &HeaderMap) -> Option<Toast> {
    let (tone, text) = cookie(headers, COOKIE)?.split_once('.')?;
    let tone = [Tone::Ok, Tone::Warn, Tone::Bad].into_iter().find(|t| t.class() == tone)?;
    Some(Toast { tone, text: Html::text(decode(text)?) })
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let hex = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_survives_the_cookie_and_junk_is_ignored() {
        let set = set(Tone::Ok, "Łukasz’s <b>phone</b>; 100 %");
        let mut headers = HeaderMap::new();
        let pair = set.split(';').next().expect("a pair");
        headers.insert("cookie", pair.parse().expect("a header"));
        let toast = get(&headers).expect("a sentence");
        assert_eq!(toast.text.to_string(), "Łukasz’s &#60;b&#62;phone&#60;/b&#62;; 100 %");
        for junk in ["x.%zz", "ok.%", "nothing", "plum.a"] {
            headers.insert("cookie", format!("{COOKIE}={junk}").parse().expect("a header"));
            assert!(get(&headers).is_none(), "{junk}");
        }
    }
}
