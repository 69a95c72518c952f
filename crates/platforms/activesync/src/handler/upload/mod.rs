//! The body of a request: small ones are read, large ones flow, and both can be sent a second time.
//!
//! A mail server may refuse a request only after it has seen it (its policy key is old, the mailbox has moved), and
//! the device must not notice. So what flows is also written to a file without a name, as far as it was sent.

mod flow;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use parking_lot::Mutex;
use transport::{Body, RequestBody};

use flow::Passing;

/// Bodies up to this size are read as a whole.
pub(crate) const SMALL: usize = 256 * 1024;
/// Enough of a body to see its root.
const GLANCE: usize = 64;
/// What of a flowing body is kept for a second try.
const KEPT: u64 = 64 << 20;
/// Piece in which the file is read back.
const PIECE: usize = 64 * 1024;

/// A body.
#[derive(Debug)]
pub(crate) enum Upload {
    /// In memory.
    Small(Bytes),
    /// Flowing.
    Large(Arc<Mutex<Source>>),
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UploadError {
    /// Longer than the server's limit.
    TooLong,
    /// The device stopped in the middle.
    Broken,
}

/// A flowing body with what has flowed already.
#[derive(Debug)]
pub(crate) struct Source {
    body: RequestBody,
    /// Read for the glance, not sent yet.
    ahead: Bytes,
    /// What the request said, or nothing for a chunked one.
    length: Option<u64>,
    taken: u64,
    limit: u64,
    ended: bool,
    file: Option<File>,
    spool: Option<PathBuf>,
    kept: u64,
    /// Nothing is missing in the file.
    whole: bool,
    too_long: bool,
}

impl Upload {
    /// Reads a small body, or the beginning of a large one. `limit` is the largest body in bytes, `spool` where a
    /// large one is kept.
    pub(crate) async fn read(
        mut body: RequestBody,
        limit: u64,
        spool: Option<&Path>,
    ) -> Result<Upload, UploadError> {
        let length = body.size_hint().exact();
        if length.is_some_and(|l| l > limit) {
            return Err(UploadError::TooLong);
        }
        let small = length.is_none_or(|l| l <= SMALL as u64);
        let (first, ended) = read_some(&mut body, if small { SMALL + 1 } else { GLANCE }).await?;
        if ended {
            return if first.len() as u64 > limit {
                Err(UploadError::TooLong)
            } else {
                Ok(Upload::Small(first))
            };
        }
        let source = Source {
            body,
            ahead: first,
            length,
            taken: 0,
            limit,
            ended: false,
            file: None,
            spool: spool.map(Path::to_owned),
            kept: 0,
            whole: true,
            too_long: false,
        };
        Ok(Upload::Large(Arc::new(Mutex::new(source))))
    }

    /// The beginning, and whether nothing follows it.
    pub(crate) fn glance(&self) -> (Bytes, bool) {
        match self {
            Upload::Small(bytes) => (bytes.clone(), true),
            Upload::Large(source) => (source.lock().ahead.clone(), false),
        }
    }

    /// Bytes received so far.
    pub(crate) fn received(&self) -> u64 {
        match self {
            Upload::Small(bytes) => bytes.len() as u64,
            Upload::Large(source) => source.lock().taken,
        }
    }

    /// For the first time it is sent.
    pub(crate) fn first(&self) -> Body {
        match self {
            Upload::Small(bytes) => Body::full(bytes.clone()),
            Upload::Large(source) => Body::stream(Passing { source: Arc::clone(source), again: None }),
        }
    }

    /// For another time: what has flowed already comes from the file. `None` if it was too much to keep.
    pub(crate) fn again(&self) -> Option<Body> {
        match self {
            Upload::Small(bytes) => Some(Body::full(bytes.clone())),
            Upload::Large(source) => {
                let again = source.lock().rewind()?;
                Some(Body::stream(Passing { source: Arc::clone(source), again: Some(again) }))
            }
        }
    }

    /// Whether sending failed because the body is longer than the limit.
    pub(crate) fn was_too_long(&self) -> bool {
        matches!(self, Upload::Large(source) if source.lock().too_long)
    }
}

/// Reads at least `least` bytes, or to the end.
async fn read_some(body: &mut RequestBody, least: usize) -> Result<(Bytes, bool), UploadError> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while first.len() + rest.len() < least {
        match body.frame().await {
            None => return Ok((joined(first, rest), true)),
            Some(Err(_)) => return Err(UploadError::Broken),
            Some(Ok(frame)) => {
                let data = frame.into_data().unwrap_or_default();
                // Most bodies come in one piece: no copy then.
                if first.is_empty() {
                    first = data;
                } else {
                    rest.extend_from_slice(&data);
                }
            }
        }
    }
    Ok((joined(first, rest), body.is_end_stream()))
}

fn joined(first: Bytes, rest: BytesMut) -> Bytes {
    if rest.is_empty() {
        return first;
    }
    let mut all = BytesMut::with_capacity(first.len() + rest.len());
    all.extend_from_slice(&first);
    all.extend_from_slice(&rest);
    all.freeze()
}
