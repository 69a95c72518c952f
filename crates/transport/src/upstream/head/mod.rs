//! Heads of messages: a request as we write it, an answer as we read it. Plain functions, so that the parser's
//! tables never live across an await.

use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request};

use super::{Origin, UpstreamError};
use crate::http1::{chunked::ChunkedDecoder, encode};

/// The longest head of an answer, in bytes.
const MAX_HEAD: usize = 64 * 1024;
/// The largest number of headers of an answer.
const MAX_HEADERS: usize = 100;

/// Room for a usual request, head and body.
const HEAD_ROOM: usize = 2048;

/// How the end of an answer is found (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Framing {
    /// So many bytes are left.
    Length(u64),
    /// Chunked coding.
    Chunked(ChunkedDecoder),
    /// The end of the connection.
    Close,
}

/// The parsed head of an answer.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) framing: Framing,
    pub(crate) keep_alive: bool,
}

/// Writes a request's head. `length` is none for a chunked body.
pub(crate) fn encode_request(
    parts: &request::Parts,
    origin: &Origin,
    length: Option<u64>,
) -> Result<BytesMut, UpstreamError> {
    let Some(target) = parts.uri.path_and_query() else {
        return Err(UpstreamError::Request("it has no path".into()));
    };
    let mut out = BytesMut::with_capacity(HEAD_ROOM);
    out.put_slice(parts.method.as_str().as_bytes());
    out.put_slice(b" ");
    out.put_slice(if target.as_str().is_empty() { b"/" } else { target.as_str().as_bytes() });
    out.put_slice(b" HTTP/1.1\r\n");
    if !parts.headers.contains_key(header::HOST) {
        out.put_slice(b"host: ");
        out.put_slice(origin.authority().as_bytes());
        out.put_slice(b"\r\n");
    }
    let listed = connection_options(&parts.headers);
    for (name, value) in &parts.headers {
        let ours = name == header::EXPECT || name == header::CONTENT_LENGTH;
        if !ours && !encode::is_hop_by_hop(name) && !is_listed(&listed, name) {
            encode::header(&mut out, name, value);
        }
    }
    let has_meaning = ![Method::GET, Method::HEAD, Method::OPTIONS, Method::DELETE].contains(&parts.method);
    match length {
        Some(0) if !has_meaning => {}
        Some(length) => encode::content_length(&mut out, length),
        None => out.put_slice(encode::CHUNKED),
    }
    out.put_slice(b"\r\n");
    Ok(out)
}

/// Takes the head of an answer off the buffer, if it is all there. 1xx answers are returned like any other.
pub(crate) fn parse_response(buffer: &mut BytesMut, to_head: bool) -> Result<Option<Head>, UpstreamError> {
    let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Response::new(&mut slots);
    let length = match parsed.parse(buffer) {
        Ok(httparse::Status::Complete(length)) if length <= MAX_HEAD => length,
        Ok(httparse::Status::Partial) if buffer.len() <= MAX_HEAD => return Ok(None),
        Ok(_) => return Err(UpstreamError::Answer("its head is longer than 64 KiB")),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(UpstreamError::Answer("it has more than 100 headers"));
        }
        Err(_) => return Err(UpstreamError::Answer("its head is not HTTP/1.1")),
    };
    let is_1_1 = parsed.version == Some(1);
    let status = parsed
        .code
        .and_then(|code| StatusCode::from_u16(code).ok())
        .ok_or(UpstreamError::Answer("its status is out of range"))?;
    // Remember where the values are, then let go of the buffer to share it with them.
    let base = buffer.as_ptr().addr();
    let mut places = Vec::with_capacity(parsed.headers.len());
    for header in parsed.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|_| UpstreamError::Answer("it has a header name that is not valid"))?;
        let start = header.value.as_ptr().addr() - base;
        // An empty value has no place of its own.
        places.push((name, if header.value.is_empty() { 0..0 } else { start..start + header.value.len() }));
    }
    let bytes = buffer.split_to(length).freeze();
    let mut headers = HeaderMap::with_capacity(places.len());
    for (name, place) in places {
        let value = HeaderValue::from_maybe_shared(bytes.slice(place))
            .map_err(|_| UpstreamError::Answer("it has a header value that is not valid"))?;
        headers.append(name, value);
    }
    let framing = framing(&headers, status, to_head, is_1_1)?;
    let options = connection_options(&headers);
    let keep_alive = keeps_alive(&options, is_1_1) && !matches!(framing, Framing::Close);
    strip(&mut headers, &options);
    Ok(Some(Head { status, headers, framing, keep_alive }))
}

fn framing(
    headers: &HeaderMap,
    status: StatusCode,
    to_head: bool,
    is_1_1: bool,
) -> Result<Framing, UpstreamError> {
    let coded = headers.contains_key(header::TRANSFER_ENCODING);
    let length = content_length(headers)?;
    if coded && length.is_some() {
        return Err(UpstreamError::Answer("it has both a length and a transfer coding"));
    }
    if to_head
        || status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED
    {
        return Ok(Framing::Length(0));
    }
    if coded {
        let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
        let only = codings.next().is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"chunked"));
        if !is_1_1 || !only || codings.next().is_some() {
            return Err(UpstreamError::Answer("it has a transfer coding other than chunked"));
        }
        return Ok(Framing::Chunked(ChunkedDecoder::new()));
    }
    Ok(length.map_or(Framing::Close, Framing::Length))
}

fn content_length(headers: &HeaderMap) -> Result<Option<u64>, UpstreamError> {
    let mut found = None;
    for value in headers.get_all(header::CONTENT_LENGTH) {
        let digits = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let length = digits.and_then(|text| text.parse::<u64>().ok());
        match (found, length) {
            (None, Some(length)) => found = Some(length),
            (Some(first), Some(length)) if first == length => {}
            _ => return Err(UpstreamError::Answer("its Content-Length is not valid")),
        }
    }
    Ok(found)
}

fn keeps_alive(options: &[String], is_1_1: bool) -> bool {
    let has = |option: &str| options.iter().any(|listed| listed.eq_ignore_ascii_case(option));
    !has("close") && (is_1_1 || has("keep-alive"))
}

/// The options of all `Connection` headers.
fn connection_options(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|option| option.trim().to_owned())
        .collect()
}

fn is_listed(listed: &[String], name: &HeaderName) -> bool {
    listed.iter().any(|option| option.eq_ignore_ascii_case(name.as_str()))
}

/// Removes what belongs to the connection.
fn strip(headers: &mut HeaderMap, options: &[String]) {
    for option in options {
        headers.remove(option.as_str());
    }
    while let Some(name) = headers.keys().find(|name| encode::is_hop_by_hop(name)).cloned() {
        headers.remove(name);
    }
}

/// True if one of these headers speaks of NTLM or Negotiate, which authenticate the connection instead of the request
/// (RFC 4559 section 6): such a connection must not carry anybody else's request.
pub(crate) fn binds_connection(headers: &HeaderMap, name: HeaderName) -> bool {
    headers.get_all(name).iter().any(|value| {
        let scheme = value.as_bytes().split(|&byte| byte == b' ').next().unwrap_or_default();
        scheme.eq_ignore_ascii_case(b"ntlm") || scheme.eq_ignore_ascii_case(b"negotiate")
    })
}

/// Head and body in one piece if the body is small: one packet for most requests.
pub(crate) fn join(mut head: BytesMut, body: &Bytes) -> (Bytes, Bytes) {
    if body.len() <= 16 * 1024 {
        head.put_slice(body);
        (head.freeze(), Bytes::new())
    } else {
        (head.freeze(), body.clone())
    }
}

#[cfg(test)]
mod tests;
