//! The JSON form: `GET /autodiscover/autodiscover.json`, without authentication.

use super::is_email;

/// Longest request target read, in bytes.
pub const MAX_TARGET: usize = 2048;

const PATH: &str = "/autodiscover/autodiscover.json";

/// Why a request target was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not the path of this protocol, or longer than [`MAX_TARGET`].
    #[error("not an Autodiscover request")]
    Target,
    /// Not percent-encoded UTF-8.
    #[error("not percent-encoded UTF-8")]
    Encoding,
    /// No mail address, or something that is none.
    #[error("mail address missing or wrong")]
    Email,
    /// No protocol named.
    #[error("protocol missing")]
    Protocol,
}

impl Error {
    /// The error code for [`error`].
    pub fn code(self) -> &'static str {
        match self {
            Error::Target | Error::Encoding => "InvalidRequest",
            Error::Email => "InvalidUserId",
            Error::Protocol => "MandatoryParameterMissing",
        }
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The mail address asked about.
    pub email: String,
    /// The protocol asked for, such as `ActiveSync`.
    pub protocol: String,
    /// How often the client was redirected already.
    pub redirect_count: u32,
}

impl Request {
    /// Reads a request target in either spelling: `…/autodiscover.json?Email=a%40b&Protocol=ActiveSync` and
    /// `…/autodiscover.json/v1.0/a@b?Protocol=ActiveSync`. Names and path count in any letter case.
    pub fn parse(target: &str) -> Result<Request, Error> {
        if target.len() > MAX_TARGET {
            return Err(Error::Target);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (head, rest) = path.split_at_checked(PATH.len()).ok_or(Error::Target)?;
        if !head.eq_ignore_ascii_case(PATH) {
            return Err(Error::Target);
        }
        let mut email = None;
        if let Some(rest) = rest.strip_prefix('/').filter(|rest| !rest.is_empty()) {
            let (version, address) = rest.split_once('/').ok_or(Error::Target)?;
            if !version.eq_ignore_ascii_case("v1.0") {
                return Err(Error::Target);
            }
            email = Some(decode(address)?);
        } else if !rest.is_empty() && rest != "/" {
            return Err(Error::Target);
        }
        let (mut protocol, mut redirect_count) = (None, 0);
        for part in query.split('&') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match name.to_ascii_lowercase().as_str() {
                "email" => email = Some(decode(value)?),
                "protocol" => protocol = Some(decode(value)?),
                "redirectcount" => redirect_count = value.parse().unwrap_or(0),
                _ => {}
            }
        }
        let email = email.filter(|email| is_email(email)).ok_or(Error::Email)?;
        let protocol = protocol.filter(|protocol| !protocol.is_empty()).ok_or(Error::Protocol)?;
        Ok(Request { email, protocol, redirect_count })
    }

    /// Whether ActiveSync is asked for.
    pub fn is_activesync(&self) -> bool {
        self.protocol.eq_ignore_ascii_case("ActiveSync")
    }
}

fn decode(text: &str) -> Result<String, Error> {
    crate::query::percent_decode(text).map_err(|_| Error::Encoding)
}

/// The answer that names the ActiveSync server.
///
/// ```
/// use wire_eas::autodiscover::v2;
/// assert_eq!(v2::answer("https://x/"), r#"{"Protocol":"ActiveSync","Url":"https://x/"}"#);
/// ```
pub fn answer(url: &str) -> String {
    format!("{{\"Protocol\":\"ActiveSync\",\"Url\":{}}}", quote(url))
}

/// An error answer, such as code `InvalidProtocol`; goes with HTTP 400 or 404.
pub fn error(code: &str, message: &str) -> String {
    format!("{{\"ErrorCode\":{},\"ErrorMessage\":{}}}", quote(code), quote(message))
}

/// A JSON string (RFC 8259 7).
fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_the_request_are_read() {
        let first = "/autodiscover/autodiscover.json?Email=a%40b.test&Protocol=ActiveSync&RedirectCount=2";
        let second = "/AutoDiscover/AutoDiscover.json/v1.0/a@b.test?Protocol=activesync&RedirectCount=2";
        for target in [first, second] {
            let request = Request::parse(target).unwrap();
            assert_eq!((request.email.as_str(), request.redirect_count), ("a@b.test", 2));
            assert!(request.is_activesync());
        }
        let ews = Request::parse("/autodiscover/autodiscover.json/?protocol=EWS&email=a@b").unwrap();
        assert!(!ews.is_activesync());
    }

    #[test]
    fn bad_targets_are_refused() {
        let cases = [
            ("/autodiscover/autodiscover.xml?Email=a@b&Protocol=ActiveSync", Error::Target),
            ("/autodiscover/autodiscover.jsonx?Email=a@b&Protocol=ActiveSync", Error::Target),
            ("/autodiscover/autodiscover.json/v2.0/a@b?Protocol=ActiveSync", Error::Target),
            ("/autodiscover/autodiscover.json/v1.0?Protocol=ActiveSync", Error::Target),
            ("/x", Error::Target),
            ("/autodiscover/autodiscover.json?Email=%ff&Protocol=ActiveSync", Error::Encoding),
            ("/autodiscover/autodiscover.json?Email=a&Protocol=ActiveSync", Error::Email),
            ("/autodiscover/autodiscover.json?Email=a@b%0d%0a&Protocol=ActiveSync", Error::Email),
            ("/autodiscover/autodiscover.json?Protocol=ActiveSync", Error::Email),
            ("/autodiscover/autodiscover.json?Email=a@b", Error::Protocol),
        ];
        for (target, error) in cases {
            assert_eq!(Request::parse(target), Err(error), "{target}");
        }
    }

    #[test]
    fn answers_are_json_whatever_is_in_them() {
        let message = "a \"b\" \\ \u{1}\n ü";
        let json: serde_json::Value = serde_json::from_str(&error("InvalidProtocol", message)).unwrap();
        assert_eq!(json["ErrorCode"], "InvalidProtocol");
        assert_eq!(json["ErrorMessage"], message);
    }
}
