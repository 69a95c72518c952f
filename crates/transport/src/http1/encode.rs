//! Header lines and chunked bodies as they are written.

use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderName, HeaderValue};

/// Headers that belong to one connection and are never passed on (RFC 9110 section 7.6.1).
pub(crate) fn is_hop_by_hop(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "transfer-encoding"
            | "upgrade"
            | "te"
            | "trailer"
            | "keep-alive"
            | "proxy-connection"
            | "proxy-authenticate"
            | "proxy-authorization"
    )
}

/// One header line.
pub(crate) fn header(out: &mut BytesMut, name: &HeaderName, value: &HeaderValue) {
    out.put_slice(name.as_str().as_bytes());
    out.put_slice(b": ");
    out.put_slice(value.as_bytes());
    out.put_slice(b"\r\n");
}

/// The Content-Length line.
pub(crate) fn content_length(out: &mut BytesMut, length: u64) {
    out.put_slice(b"content-length: ");
    out.put_slice(length.to_string().as_bytes());
    out.put_slice(b"\r\n");
}

/// The Transfer-Encoding line.
pub(crate) const CHUNKED: &[u8] = b"transfer-encoding: chunked\r\n";

/// The end of a chunked body.
pub(crate) const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// One chunk, ready to be written. An empty one would end the body: callers skip those.
pub(crate) fn chunk(data: &Bytes) -> Bytes {
    debug_assert!(!data.is_empty(), "an empty chunk ends the body");
    let mut out = BytesMut::with_capacity(data.len() + 12);
    out.put_slice(format!("{:x}\r\n", data.len()).as_bytes());
    out.put_slice(data);
    out.put_slice(b"\r\n");
    out.freeze()
}
