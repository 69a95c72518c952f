//! Headers in both directions: what is passed on, what stays here, what is written anew.

use std::net::SocketAddr;
use std::ops::RangeInclusive;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use wire_eas::options::{intersect, rewrite_commands, write_versions};
use wire_eas::version::Version;

use crate::handler::Flow;

const VERSION: HeaderName = HeaderName::from_static("ms-asprotocolversion");
const VERSIONS: HeaderName = HeaderName::from_static("ms-asprotocolversions");
const COMMANDS: HeaderName = HeaderName::from_static("ms-asprotocolcommands");
const NEW_VERSIONS: HeaderName = HeaderName::from_static("x-ms-rp");
const POLICY_KEY: HeaderName = HeaderName::from_static("x-ms-policykey");
const MULTIPART: HeaderName = HeaderName::from_static("ms-asacceptmultipart");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Requests must not bring these: they are between us and the mail server, or between its own machines.
const NOT_FROM_OUTSIDE: [HeaderName; 8] = [
    VERSION,
    POLICY_KEY,
    MULTIPART,
    FORWARDED_FOR,
    FORWARDED_PROTO,
    HeaderName::from_static("x-eas-proxy"),
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("x-real-ip"),
];

/// Answers must not carry these: they name machines inside.
const NOT_TO_OUTSIDE: [HeaderName; 9] = [
    header::SERVER,
    HeaderName::from_static("x-beserver"),
    HeaderName::from_static("x-feserver"),
    HeaderName::from_static("x-calculatedbetarget"),
    HeaderName::from_static("x-targetbeserver"),
    HeaderName::from_static("x-backendhttpstatus"),
    HeaderName::from_static("x-powered-by"),
    HeaderName::from_static("x-aspnet-version"),
    HeaderName::from_static("x-ms-location"),
];

/// The headers of a forwarded command.
pub(super) fn of_request(flow: &Flow, policy_key: Option<u32>, authorization: &HeaderValue) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(flow.ask.headers.len() + 6);
    for (name, value) in &flow.ask.headers {
        let ours =
            [header::HOST, header::AUTHORIZATION, header::ACCEPT_ENCODING, header::USER_AGENT].contains(name);
        if !ours && !NOT_FROM_OUTSIDE.contains(name) {
            headers.append(name.clone(), value.clone());
        }
    }
    add_identity(&mut headers, flow, policy_key, authorization);
    if flow.ask.accepts_multipart() {
        headers.insert(MULTIPART, HeaderValue::from_static("T"));
    }
    let coding = if flow.ask.accepts_gzip() { "gzip" } else { "identity" };
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(coding));
    headers
}

/// The headers of a Provision of our own.
pub(super) fn of_provision(flow: &Flow, policy_key: Option<&str>, authorization: &HeaderValue) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    add_identity(&mut headers, flow, None, authorization);
    // Key 0 says that a new partnership begins.
    if let Ok(key) = HeaderValue::from_str(policy_key.unwrap_or("0")) {
        headers.insert(POLICY_KEY, key);
    }
    headers.insert(header::CONTENT_TYPE, crate::answer::WBXML);
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers
}

fn add_identity(headers: &mut HeaderMap, flow: &Flow, policy_key: Option<u32>, authorization: &HeaderValue) {
    headers.insert(header::AUTHORIZATION, authorization.clone());
    headers.insert(VERSION, HeaderValue::from_static(flow.ask.version.as_str()));
    if let Ok(agent) = HeaderValue::from_bytes(flow.ask.hello.user_agent.as_bytes())
        && !agent.is_empty()
    {
        headers.insert(header::USER_AGENT, agent);
    }
    if let Some(key) = policy_key {
        headers.insert(POLICY_KEY, key.into());
    }
    add_origin(headers, flow.peer, flow.secure);
}

/// Who asked us, for the mail server's log.
pub(super) fn add_origin(headers: &mut HeaderMap, peer: SocketAddr, secure: bool) {
    if let Ok(value) = HeaderValue::from_str(&peer.ip().to_canonical().to_string()) {
        headers.insert(FORWARDED_FOR, value);
    }
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(if secure { "https" } else { "http" }));
}

/// Makes a mail server's headers fit for the device. Versions and commands are rewritten wherever they occur.
pub(super) fn clean_answer(headers: &mut HeaderMap, allowed: &RangeInclusive<Version>) {
    for name in &NOT_TO_OUTSIDE {
        headers.remove(name);
    }
    // The body says how long it is.
    headers.remove(header::CONTENT_LENGTH);
    keep_challenges(headers);
    let offered = text(headers, &VERSIONS).map(|list| intersect(&list, allowed));
    if let Some(versions) = &offered {
        put(headers, VERSIONS, &write_versions(versions));
    }
    if let Some(news) = text(headers, &NEW_VERSIONS) {
        put(headers, NEW_VERSIONS, &write_versions(&intersect(&news, allowed)));
    }
    if let Some(commands) = text(headers, &COMMANDS) {
        let versions = offered.unwrap_or_else(|| vec![*allowed.end()]);
        put(headers, COMMANDS, &rewrite_commands(&commands, &[], &versions));
    }
}

/// Adds to an answer to OPTIONS what mail servers leave out: methods, and that it is for this user alone (MS-ASHTTP 2.2.4).
pub(super) fn complete_offer(headers: &mut HeaderMap) {
    const METHODS: HeaderValue = HeaderValue::from_static("OPTIONS,POST");
    headers.entry(HeaderName::from_static("public")).or_insert(METHODS);
    headers.entry(header::ALLOW).or_insert(METHODS);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private"));
}

/// Challenges for Basic and Bearer are passed on as they are; NTLM and Negotiate belong to a connection that the
/// device does not have.
pub(super) fn keep_challenges(headers: &mut HeaderMap) {
    let all: Vec<HeaderValue> = headers.get_all(header::WWW_AUTHENTICATE).iter().cloned().collect();
    headers.remove(header::WWW_AUTHENTICATE);
    for value in all {
        let scheme = value.to_str().ok().and_then(|v| v.split_whitespace().next()).unwrap_or_default();
        if scheme.eq_ignore_ascii_case("basic") || scheme.eq_ignore_ascii_case("bearer") {
            headers.append(header::WWW_AUTHENTICATE, value);
        }
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_lose_what_is_internal_and_keep_what_devices_need() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("X-BEServer", "EX01"),
            ("Server", "Microsoft-IIS/10.0"),
            ("Set-Cookie", "X-BackEndCookie=1"),
            ("MS-ASProtocolVersions", "2.5,12.1,14.1,16.1"),
            ("X-MS-RP", "2.5,14.1,16.1"),
            ("MS-ASProtocolCommands", "Sync,FolderSync,Find"),
            ("WWW-Authenticate", "NTLM"),
            ("Content-Length", "5"),
        ] {
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).expect("a name"),
                HeaderValue::from_static(value),
            );
        }
        headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer authorization_uri=\"x\""));
        clean_answer(&mut headers, &(Version::V12_1..=Version::V14_1));
        let get = |name: &str| headers.get(name).map(|v| v.to_str().expect("text"));
        assert_eq!(get("ms-asprotocolversions"), Some("12.1,14.1"));
        assert_eq!(get("x-ms-rp"), Some("14.1"));
        assert_eq!(get("ms-asprotocolcommands"), Some("Sync,FolderSync,Provision"));
        assert_eq!(get("set-cookie"), Some("X-BackEndCookie=1"));
        assert_eq!(get("www-authenticate"), Some("Bearer authorization_uri=\"x\""));
        assert_eq!((get("x-beserver"), get("server"), get("content-length")), (None, None, None));
    }

    #[test]
    fn an_offer_says_its_methods_once() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ALLOW, HeaderValue::from_static("OPTIONS, POST"));
        complete_offer(&mut headers);
        let get =
            |name: &str| headers.get_all(name).iter().map(|v| v.to_str().expect("text")).collect::<Vec<_>>();
        assert_eq!((get("public"), get("allow")), (vec!["OPTIONS,POST"], vec!["OPTIONS, POST"]));
        assert_eq!(get("cache-control"), ["private"]);
    }
}
