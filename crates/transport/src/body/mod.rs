//! Bodies of messages in both directions.
//!
//! [`Body`] is what we send (an answer to a client or a request to an upstream), [`RequestBody`] what a client sends
//! us. Both implement [`http_body::Body`] with `Bytes` as data.

mod request;

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;

pub(crate) use request::BodyState;
pub use request::RequestBody;

use crate::upstream::UpstreamBody;

/// Why a body could not be read or produced.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a message we send. Streams are pulled only as fast as the peer takes them.
#[derive(Default)]
pub struct Body(Kind);

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    Full(Bytes),
    Upstream(Box<UpstreamBody>),
    Boxed(Pin<Box<dyn http_body::Body<Data = Bytes, Error = BodyError> + Send>>),
}

impl Body {
    /// No bytes at all.
    pub fn empty() -> Self {
        Self(Kind::Empty)
    }

    /// Bytes that are in memory; sent with a Content-Length.
    pub fn full(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self(if bytes.is_empty() { Kind::Empty } else { Kind::Full(bytes) })
    }

    /// Any other body: that of another library, or a generator. This is the conversion for routers that have their
    /// own body type.
    pub fn stream<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        if body.is_end_stream() {
            return Self::empty();
        }
        Self(Kind::Boxed(Box::pin(body.map_err(Into::into))))
    }

    /// The number of bytes if it is known beforehand.
    pub fn length(&self) -> Option<u64> {
        http_body::Body::size_hint(self).exact()
    }

    /// The bytes, if they are in memory.
    pub(crate) fn as_full(&self) -> Option<Bytes> {
        match &self.0 {
            Kind::Empty => Some(Bytes::new()),
            Kind::Full(bytes) => Some(bytes.clone()),
            Kind::Upstream(_) | Kind::Boxed(_) => None,
        }
    }
}

impl From<UpstreamBody> for Body {
    fn from(body: UpstreamBody) -> Self {
        match body.into_arrived() {
            Ok(bytes) => Self::full(bytes),
            Err(body) => Self(Kind::Upstream(Box::new(body))),
        }
    }
}

impl From<RequestBody> for Body {
    fn from(body: RequestBody) -> Self {
        Self::stream(body)
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Empty => f.write_str("Body(empty)"),
            Kind::Full(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Upstream(_) | Kind::Boxed(_) => f.write_str("Body(stream)"),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.0 {
            Kind::Empty => Poll::Ready(None),
            Kind::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Kind::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Kind::Upstream(body) => Pin::new(body.as_mut()).poll_frame(cx).map_err(Into::into),
            Kind::Boxed(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Empty => true,
            Kind::Full(_) => false,
            Kind::Upstream(body) => body.is_end_stream(),
            Kind::Boxed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Upstream(body) => body.size_hint(),
            Kind::Boxed(body) => body.size_hint(),
        }
    }
}

/// Why [`read_all`] gave up.
#[derive(Debug, thiserror::Error)]
pub enum ReadAllError {
    /// The body is longer than the caller allows.
    #[error("the body is longer than {0} bytes")]
    TooLong(usize),
    /// The peer stopped sending or sent nonsense.
    #[error("the body could not be read: {0}")]
    Broken(BodyError),
}

/// Reads a body to its end, at most `limit` bytes.
pub async fn read_all<B>(body: B, limit: usize) -> Result<Bytes, ReadAllError>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BodyError>,
{
    let mut body = std::pin::pin!(body);
    if body.size_hint().lower() > limit as u64 {
        return Err(ReadAllError::TooLong(limit));
    }
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| ReadAllError::Broken(error.into()))?.into_data() else {
            continue;
        };
        if first.len() + rest.len() + data.len() > limit {
            return Err(ReadAllError::TooLong(limit));
        }
        // Most bodies come in one piece: no copy then.
        if first.is_empty() {
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    let mut all = BytesMut::with_capacity(first.len() + rest.len());
    all.extend_from_slice(&first);
    all.extend_from_slice(&rest);
    Ok(all.freeze())
}
