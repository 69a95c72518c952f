//! A large body on its way: what passes is kept in the file, and comes from there when it is sent again.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use parking_lot::Mutex;
use transport::body::BodyError;

use super::{KEPT, PIECE, Source};

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
    pub(super) fn rewind(&mut self) -> Option<Again> {
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
pub(super) struct Again {
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
pub(super) struct Passing {
    pub(super) source: Arc<Mutex<Source>>,
    pub(super) again: Option<Again>,
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
