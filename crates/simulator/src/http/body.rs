//! Bodies: how long they are, and gzip.

use std::io::{Read, Write};

use super::error::Error;
use super::headers::Headers;
use super::wire::Wire;

/// Reads a body as the header fields frame it. Without any framing a request has no body and an answer ends
/// with the connection (`until_close`).
pub(super) async fn read(
    wire: &mut Wire,
    headers: &Headers,
    until_close: bool,
    limit: usize,
) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    if headers.has_word("Transfer-Encoding", "chunked") {
        chunked(wire, limit, &mut body).await?;
    } else if let Some(length) = headers.get("Content-Length") {
        let length: usize = length.trim().parse().map_err(|_| Error::Protocol("bad Content-Length"))?;
        if length > limit {
            return Err(Error::TooLarge(limit));
        }
        wire.exactly(length, &mut body).await?;
    } else if until_close {
        wire.to_end(limit, &mut body).await?;
    }
    Ok(body)
}

async fn chunked(wire: &mut Wire, limit: usize, body: &mut Vec<u8>) -> Result<(), Error> {
    loop {
        let line = wire.line().await?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| Error::Protocol("bad chunk size"))?;
        if size > limit.saturating_sub(body.len()) {
            return Err(Error::TooLarge(limit));
        }
        if size == 0 {
            while !wire.line().await?.is_empty() {}
            return Ok(());
        }
        wire.exactly(size, body).await?;
        if !wire.line().await?.is_empty() {
            return Err(Error::Protocol("a chunk does not end where it should"));
        }
    }
}

/// A body in chunks of `size` bytes, ready to be sent.
pub(super) fn in_chunks(body: &[u8], size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 64);
    for chunk in body.chunks(size.max(1)) {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

/// Unpacks gzip, up to `limit` bytes.
///
/// # Errors
/// If it is not gzip, or grows beyond the limit.
pub fn gunzip(packed: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    let mut unpack = flate2::read::GzDecoder::new(packed).take(limit as u64 + 1);
    unpack.read_to_end(&mut out).map_err(|_| Error::Protocol("broken gzip body"))?;
    if out.len() > limit { Err(Error::TooLarge(limit)) } else { Ok(out) }
}

/// Packs with gzip.
pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut pack = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    pack.write_all(plain).and_then(|()| pack.finish()).expect("writing to memory does not fail")
}
