//! Reading a mail server's answer as far as it is meant for us, and making the device's answer of the rest.

use std::io::Read as _;
use std::ops::RangeInclusive;

use flate2::read::GzDecoder;
use http::{HeaderMap, Response, StatusCode, header};
use transport::{Body, UpstreamResponse};
use wire_eas::sniff::{Sniff, multipart_first_part, sniff};
use wire_eas::status::asks_for_provision;
use wire_eas::version::Version;

use super::headers;
use super::redirect::lead;
use crate::answer::{Note, Who};

/// Enough for every root with its status seen so far.
const GLANCE: usize = 64;
/// If that was not enough.
const LOOK: usize = 1024;
/// Compressed bytes that hold the beginning.
const PACKED: usize = 512;

/// What an answer means.
pub(super) enum Read {
    /// For the device.
    Pass(Response<Body>, Note),
    /// The credentials are wrong; the challenge is for the device.
    Wrong(Response<Body>, Note),
    /// The mail server wants us to provision, or has a wipe for the device.
    Provision,
    /// The mailbox is elsewhere.
    Moved(String),
    /// The mail server's own proxy could not reach it.
    Down(StatusCode),
}

/// Reads an answer.
pub(super) async fn read(mut answer: UpstreamResponse, allowed: &RangeInclusive<Version>) -> Read {
    let status = answer.status.as_u16();
    match status {
        449 => return Read::Provision,
        502 | 504 => return Read::Down(answer.status),
        _ => {}
    }
    if let Some(url) = lead(answer.status, &answer.headers) {
        return Read::Moved(url.to_owned());
    }
    if matches!(status, 300..=399 | 451) {
        // Elsewhere, but nobody says where: the device must not go and look.
        return Read::Down(answer.status);
    }
    let seen = if status == 200 { look(&mut answer).await } else { None };
    if seen.is_some_and(asks_for_provision) {
        return Read::Provision;
    }
    let mut note = Note { status: seen, ..Note::by(Who::MailServer) };
    if status >= 400 {
        note.why = format!("The mail server answers with HTTP {status}.").into();
    }
    let response = pass(answer, allowed);
    if status == 401 { Read::Wrong(response, note) } else { Read::Pass(response, note) }
}

/// The device's answer: the same, without what is internal.
pub(super) fn pass(answer: UpstreamResponse, allowed: &RangeInclusive<Version>) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    headers::clean_answer(response.headers_mut(), allowed);
    if response.status() == StatusCode::UNAUTHORIZED
        && !response.headers().contains_key(header::WWW_AUTHENTICATE)
    {
        let ours = crate::refuse::unauthenticated().headers;
        response.headers_mut().extend(ours);
    }
    response
}

/// The status in the root of a body, without consuming it.
async fn look(answer: &mut UpstreamResponse) -> Option<u16> {
    let packed = is(&answer.headers, &header::CONTENT_ENCODING, "gzip");
    let multipart = is(&answer.headers, &header::CONTENT_TYPE, "multipart");
    for length in [if packed { PACKED } else { GLANCE }, LOOK] {
        let bytes = answer.body.peek(length).await.ok()?;
        let all = bytes.len() < length;
        let unpacked;
        let mut bytes = bytes;
        if packed {
            unpacked = unpack(bytes);
            bytes = &unpacked;
        }
        if multipart {
            let part = multipart_first_part(bytes)?;
            // A part that begins far behind its table is nothing that a refusal would be.
            bytes = bytes.get(part.offset..).unwrap_or_default();
        }
        match sniff(bytes, all) {
            Sniff::Root { status, .. } => return status,
            Sniff::NotWbxml => return None,
            Sniff::NeedMore => {}
        }
    }
    None
}

fn is(headers: &HeaderMap, name: &header::HeaderName, word: &str) -> bool {
    headers.get(name).and_then(|v| v.to_str().ok()).is_some_and(|v| v.to_ascii_lowercase().contains(word))
}

/// The beginning of a packed body; what is cut off does not matter.
fn unpack(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0; LOOK];
    let mut reader = GzDecoder::new(bytes);
    let mut filled = 0;
    while filled < out.len() {
        match reader.read(&mut out[filled..]) {
            Ok(0) | Err(_) => break,
            Ok(n) => filled += n,
        }
    }
    out.truncate(filled);
    out
}
