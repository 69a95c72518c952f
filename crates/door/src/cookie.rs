//! The session cookie.

use http::HeaderMap;
use http::header::COOKIE;

use crate::access::Cookies;

/// Name of an administrator's session cookie: `__Host-` binds it to this host, the whole site, and TLS.
pub const SESSION_COOKIE: &str = "__Host-notifymdm";
/// Name of a user's session cookie.
pub const USER_COOKIE: &str = "__Host-notifymdm-user";

impl Cookies {
    /// The cookie's name; empty where none is accepted.
    fn name(self) -> &'static str {
        match self {
            Cookies::None => "",
            Cookies::Administrators => SESSION_COOKIE,
            Cookies::Users => USER_COOKIE,
        }
    }
}

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
pub fn session_cookie(headers: &HeaderMap, whose: Cookies) -> Option<String> {
    let value = cookie(headers, whose.name())?;
    let good = (32..=64).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    good.then(|| value.to_owned())
}

/// `Set-Cookie` for a new session.
pub fn set_session_cookie(whose: Cookies, token: &str) -> String {
    format!("{}={token}; Path=/; Secure; HttpOnly; SameSite=Lax", whose.name())
}

/// `Set-Cookie` that removes it.
pub fn clear_session_cookie(whose: Cookies) -> String {
    format!("{}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0", whose.name())
}
