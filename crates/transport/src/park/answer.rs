//! Answers that are written without the HTTP library.

use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::http1::{encode, http_date, reason};

/// A whole answer to a parked request. Framing, `Date` and `Connection` are added when it is written; do not set
/// `Content-Length` or `Transfer-Encoding`.
#[derive(Clone, Debug)]
pub struct WakeAnswer {
    /// The status line.
    pub status: StatusCode,
    /// Further headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl WakeAnswer {
    /// An answer with neither headers nor body.
    pub fn new(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The bytes on the wire.
    pub(crate) fn encode(&self, keep_alive: bool) -> Bytes {
        let mut out = BytesMut::with_capacity(256 + self.body.len());
        encode_head(&mut out, self.status, &self.headers, keep_alive);
        if !bodiless(self.status) {
            encode::content_length(&mut out, self.body.len() as u64);
        }
        out.put_slice(b"\r\n");
        if !bodiless(self.status) {
            out.put_slice(&self.body);
        }
        out.freeze()
    }
}

/// True for answers that never have a body (RFC 9110 section 6.4.1; the request was not a HEAD).
pub(crate) fn bodiless(status: StatusCode) -> bool {
    status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED
}

/// Status line and headers without framing and without the empty line.
pub(crate) fn encode_head(out: &mut BytesMut, status: StatusCode, headers: &HeaderMap, keep_alive: bool) {
    out.put_slice(b"HTTP/1.1 ");
    out.put_slice(status.as_str().as_bytes());
    out.put_slice(b" ");
    out.put_slice(reason(status).as_bytes());
    out.put_slice(b"\r\n");
    for (name, value) in headers {
        if !encode::is_hop_by_hop(name) && name != http::header::CONTENT_LENGTH && name != http::header::DATE
        {
            encode::header(out, name, value);
        }
    }
    out.put_slice(b"date: ");
    out.put_slice(&http_date());
    // HTTP/1.0 clients have to be told that we keep the connection, HTTP/1.1 clients that we do not.
    out.put_slice(if keep_alive { b"\r\nconnection: keep-alive\r\n" } else { b"\r\nconnection: close\r\n" });
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    #[test]
    fn an_answer_has_one_length_and_no_foreign_framing() {
        let answer = WakeAnswer::new(StatusCode::OK)
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.ms-sync.wbxml"))
            .header(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"))
            .body("abc");
        let bytes = answer.encode(true);
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        assert!(text.starts_with("http/1.1 200 ok\r\ncontent-type: application/vnd.ms-sync.wbxml\r\ndate: "));
        assert!(text.ends_with("connection: keep-alive\r\ncontent-length: 3\r\n\r\nabc"));
        assert!(!text.contains("chunked"));
    }

    #[test]
    fn no_content_has_no_length() {
        let text =
            String::from_utf8_lossy(&WakeAnswer::new(StatusCode::NO_CONTENT).encode(false)).into_owned();
        assert!(text.ends_with("connection: close\r\n\r\n"));
        assert!(!text.contains("content-length"));
    }

    #[test]
    fn a_status_without_a_name_is_written_with_one() {
        let text = WakeAnswer::new(StatusCode::from_u16(449).expect("in range")).encode(true);
        assert!(text.starts_with(b"HTTP/1.1 449 Retry after sending a PROVISION command\r\n"));
    }
}
