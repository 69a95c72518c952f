//! The session cookie.

use http::HeaderMap;
use http::header::COOKIE;

/// Name of the session cookie: `__Host-` binds it to this host, the whole site, and TLS.
pub const SESSION_COOKIE: &str = "__Host-notifymdm";

/// A cookie by name.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The session's token, if its cookie came and looks like one.
pub fn session_cookie(headers: &HeaderMap) -> Option<String> {
    let value = cookie(headers, SESSION_COOKIE)?;
    let good = (32..=64).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    good.then(|| value.to_owned())
}

/// `Set-Cookie` for a new session.
pub fn set_session_cookie(token: &str) -> String {
    format!("{SESSION_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

/// `Set-Cookie` that removes it.
pub fn clear_session_cookie() -> String {
    format!("{SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}
