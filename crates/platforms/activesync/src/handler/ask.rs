//! A request as far as its head says: command, version, keys, device. Contradictions are refused here.

use domain::names::LoginName;
use engine::eas::Hello;
use http::{HeaderMap, header, request};
use wire_eas::command::Command;
use wire_eas::query::{Error as QueryError, Query};
use wire_eas::refusal::{Form, Refusal, Style, status_body};
use wire_eas::status::common;
use wire_eas::version::Version;

use crate::answer::Said;

/// Longest DeviceType that is taken, in bytes.
const MAX_DEVICE_TYPE: usize = 128;
/// How much of a User-Agent is kept, in characters.
const MAX_USER_AGENT: usize = 256;

/// A request's head, understood.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) command: Command,
    pub(crate) version: Version,
    /// 0 and absent are both none.
    pub(crate) policy_key: Option<u32>,
    /// What the device says of itself.
    pub(crate) hello: Hello,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
}

impl Ask {
    /// Reads query and headers.
    pub(crate) fn read(parts: request::Parts) -> Result<Ask, Said> {
        let query = Query::parse(parts.uri.query().unwrap_or_default()).map_err(|error| {
            // A command that we do not have; without its root there is no body to say it in.
            let status = if error == QueryError::UnknownCommand { 501 } else { 400 };
            Said::bare(status).because(format!("The request line is not understood: {error}."))
        })?;
        let command =
            query.command.ok_or_else(|| Said::bare(400).because("The request names no command."))?;
        let headers = parts.headers;
        let version = version(&query, &headers, command)?;
        let wrong = |status, why: &'static str| {
            let body = status_body(command, status).filter(|_| version >= Version::V14_0);
            Said::form(body.map_or_else(|| Form::bare(400), Form::ok)).because(why)
        };
        let device_id = query.device_id.as_ref().map(|id| id.as_str().to_owned());
        let device_id = device_id
            .ok_or_else(|| wrong(common::DEVICE_ID_MISSING_OR_INVALID, "The request names no device."))?;
        let device_type = query.device_type.clone().filter(|t| (1..=MAX_DEVICE_TYPE).contains(&t.len()));
        let device_type = device_type.ok_or_else(|| {
            wrong(common::DEVICE_TYPE_MISSING_OR_INVALID, "The device type is missing or too long.")
        })?;
        let policy_key =
            query.policy_key.or_else(|| header_text(&headers, "x-ms-policykey")?.trim().parse().ok());
        let hello = Hello {
            device_id,
            device_type,
            user_agent: user_agent(&headers),
            version: version.as_str().to_owned(),
            from: None,
        };
        Ok(Ask { command, version, policy_key: policy_key.filter(|key| *key != 0), hello, query, headers })
    }

    /// Whether the name in the query can be the one of the credentials; a query without a name always can.
    pub(crate) fn names(&self, presented: &str) -> bool {
        let Some(named) = self.query.user.as_deref().filter(|name| !name.trim().is_empty()) else {
            return true;
        };
        if named == presented {
            return true;
        }
        match (named.parse::<LoginName>(), presented.parse::<LoginName>()) {
            (Ok(named), Ok(presented)) => named.may_be(&presented),
            _ => false,
        }
    }

    /// Whether the client waits for our `100 Continue` before it sends the body.
    pub(crate) fn expects_continue(&self) -> bool {
        self.headers.contains_key(header::EXPECT)
    }

    /// Whether a multipart answer is welcome.
    pub(crate) fn accepts_multipart(&self) -> bool {
        let by_header =
            header_text(&self.headers, "ms-asacceptmultipart").is_some_and(|v| v.eq_ignore_ascii_case("t"));
        by_header || self.query.params.accept_multipart
    }

    /// Whether the client takes gzip.
    pub(crate) fn accepts_gzip(&self) -> bool {
        let values = self.headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
        values.flat_map(|v| v.split(',')).any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
            is_gzip
                && !parts.any(|p| {
                    matches!(p.to_ascii_lowercase().as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
                })
        })
    }
}

/// The text of a header, if it is one.
pub(crate) fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// What the device calls its program, bounded.
pub(crate) fn user_agent(headers: &HeaderMap) -> String {
    let Some(value) = headers.get(header::USER_AGENT) else { return String::new() };
    match value.to_str() {
        // Visible ASCII, as nearly always.
        Ok(text) if text.len() <= MAX_USER_AGENT && !text.contains('\t') => text.to_owned(),
        _ => {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT).collect()
        }
    }
}

/// The version of the base64 query or of the header; they must not differ (MS-ASHTTP 2.2.1.1.2.6).
fn version(query: &Query, headers: &HeaderMap, command: Command) -> Result<Version, Said> {
    let unknown = |text: &str| {
        // A later version than we know wants a status in the body; older ones, and nonsense, an HTTP status.
        let later = text.split('.').next().and_then(|n| n.trim().parse().ok()).is_some_and(|n: u32| n >= 14);
        let like = if later { Version::V14_0 } else { Version::V2_5 };
        let form = Refusal::VersionNotSupported.form(Some(command), like, Style::default());
        Said::form(form).because("The protocol version is not known.")
    };
    let text = header_text(headers, "ms-asprotocolversion");
    let said = text.map(str::parse::<Version>);
    match (query.version, said) {
        (Some(version), Some(Ok(said))) if version != said => {
            Err(Said::bare(400).because("Query and header name different protocol versions."))
        }
        (Some(version), _) | (None, Some(Ok(version))) => Ok(version),
        (None, Some(Err(_))) => Err(unknown(text.unwrap_or_default())),
        // Only 2.5 and older went without the header.
        (None, None) => Ok(Version::V2_5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &str, headers: &[(&'static str, &'static str)]) -> Result<Ask, Said> {
        let mut request = http::Request::post(format!("/Microsoft-Server-ActiveSync?{query}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Ask::read(request.body(()).expect("a request").into_parts().0)
    }

    const PLAIN: &str = "Cmd=Sync&User=jo&DeviceId=D1&DeviceType=iPhone";

    #[test]
    fn a_plain_request_is_read() {
        let ask = ask(
            PLAIN,
            &[("MS-ASProtocolVersion", "14.1"), ("X-MS-PolicyKey", " 7 "), ("Accept-Encoding", "br, gzip")],
        )
        .expect("good");
        assert_eq!((ask.command, ask.version, ask.policy_key), (Command::Sync, Version::V14_1, Some(7)));
        assert!(ask.accepts_gzip() && !ask.accepts_multipart() && !ask.expects_continue());
        assert!(ask.names("CORP\\Jo") && !ask.names("ann"));
    }

    #[test]
    fn zero_is_no_key_and_gzip_can_be_declined() {
        let headers =
            [("MS-ASProtocolVersion", "14.1"), ("X-MS-PolicyKey", "0"), ("Accept-Encoding", "gzip;q=0")];
        let ask = ask(PLAIN, &headers).expect("good");
        assert_eq!(ask.policy_key, None);
        assert!(!ask.accepts_gzip());
    }

    #[test]
    fn contradictions_and_gaps_are_refused_in_the_form_of_the_version() {
        let status = |query: &str, version| {
            let said = ask(query, &[("MS-ASProtocolVersion", version)]).expect_err("refused");
            (said.http.as_u16(), said.note.status)
        };
        assert_eq!(status("Cmd=Sync&Cmd=Ping&DeviceId=D1&DeviceType=x", "14.1"), (400, None));
        assert_eq!(status("DeviceId=D1&DeviceType=x", "14.1"), (400, None));
        assert_eq!(status("Cmd=Sync&DeviceType=x", "14.1"), (200, Some(108)));
        assert_eq!(status("Cmd=Sync&DeviceType=x", "12.1"), (400, None));
        assert_eq!(status("Cmd=Sync&DeviceId=D1", "16.1"), (200, Some(109)));
        assert_eq!(status(PLAIN, "17.3"), (200, Some(138)));
        assert_eq!(status(PLAIN, "1.0"), (400, None));
        assert_eq!(status(PLAIN, "new"), (400, None));
        assert_eq!(status("Cmd=Bogus&DeviceId=D1&DeviceType=x", "14.1"), (501, None));
        // The version of this query is 14.0.
        assert_eq!(status("jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l", "12.1"), (400, None));
    }
}
