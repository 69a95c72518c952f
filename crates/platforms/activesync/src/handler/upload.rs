//! The body of a request: small ones are read, large ones flow, and both can be sent a second time.
//!
//! A mail server may refuse a request only after it has seen it (its policy key is old, the mailbox has moved), and
//! the device must not notice. So what flows is also written to a file without a name, as far as it was sent.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use parking_lot::Mutex;
use transport::body::BodyError;
use transport::{Body, RequestBody};

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

impl Source {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        if !self.ahead.is_empty() {
            let data = std::mem::take(&mut self.ahead);
            return Poll::Ready(Some(self.pass(data)));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        loop {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                None => {
                    self.ended = true;
                    return Poll::Ready(None);
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Poll::Ready(Some(self.pass(data))),
                    _ => {}
                },
            }
        }
    }

    /// Counts and keeps what goes out.
    fn pass(&mut self, data: Bytes) -> Result<Bytes, BodyError> {
        self.taken += data.len() as u64;
        if self.taken > self.limit {
            self.too_long = true;
            return Err("the body is longer than the server allows".into());
        }
        if self.whole && self.keep(&data).is_err() {
            // Without the copy the request can still be sent, only not repeated.
            self.whole = false;
        }
        Ok(data)
    }

    fn keep(&mut self, data: &[u8]) -> std::io::Result<()> {
        if self.kept + data.len() as u64 > KEPT {
            self.file = None;
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(match &self.spool {
                Some(folder) => tempfile::tempfile_in(folder)?,
                None => tempfile::tempfile()?,
            }),
        };
        file.write_all(data)?;
        self.kept += data.len() as u64;
        Ok(())
    }

    /// A second handle on the file, at its beginning.
    fn rewind(&mut self) -> Option<Again> {
        if !self.whole {
            return None;
        }
        let left = self.kept;
        let file = match &mut self.file {
            None => None,
            Some(file) => {
                let mut copy = file.try_clone().ok()?;
                // Handles share their place: what is added later goes behind the part that is read back here.
                copy.seek(SeekFrom::Start(0)).ok()?;
                Some(copy)
            }
        };
        Some(Again { file, left })
    }
}

/// The part of a repeated body that comes from the file.
struct Again {
    file: Option<File>,
    left: u64,
}

impl Again {
    fn next(&mut self) -> Option<std::io::Result<Bytes>> {
        let file = self.file.as_mut().filter(|_| self.left > 0)?;
        let mut piece = vec![0; PIECE.min(usize::try_from(self.left).unwrap_or(PIECE))];
        Some(file.read_exact(&mut piece).map(|()| {
            self.left -= piece.len() as u64;
            Bytes::from(piece)
        }))
    }
}

/// The body as the transport takes it.
struct Passing {
    source: Arc<Mutex<Source>>,
    again: Option<Again>,
}

impl HttpBody for Passing {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(kept) = self.again.as_mut().and_then(Again::next) {
            return Poll::Ready(Some(kept.map(Frame::data).map_err(Into::into)));
        }
        self.again = None;
        let next = ready!(self.source.lock().poll_next(cx));
        Poll::Ready(next.map(|data| data.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.source.lock().length;
        length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
