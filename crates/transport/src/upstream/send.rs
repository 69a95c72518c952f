//! Sending a request: from memory (and then repeatable), or streamed as the body arrives.

use std::{pin::Pin, task::Poll, time::Duration};

use bytes::Bytes;
use http_body::{Body as _, Frame};

use super::{Origin, Pending, UpstreamError, Upstreams, head, pending::Replay};
use crate::{
    Body,
    body::BodyError,
    http1::encode::{LAST_CHUNK, chunk},
};

/// A streamed body cannot be repeated, so only a connection that was in use just now is good enough for it.
const FRESH_ENOUGH: Duration = Duration::from_secs(1);

impl Upstreams {
    /// Sends a request; the answer is awaited with [`Pending::response`], or by a
    /// [relayed park](crate::Park::relay).
    ///
    /// Of the URI only path and query are used. `Host` is taken from the origin unless the request has one. A body of
    /// known length is sent with Content-Length, any other chunked; it is pulled as fast as the server takes it. If
    /// the server answers before it took the whole body, the rest is not sent.
    pub async fn send(
        &self,
        origin: &Origin,
        request: http::Request<Body>,
    ) -> Result<Pending, UpstreamError> {
        let (parts, body) = request.into_parts();
        let head = head::encode_request(&parts, origin, body.length())?;
        let to_head = parts.method == http::Method::HEAD;
        let is_bound = head::binds_connection(&parts.headers, http::header::AUTHORIZATION);
        let Some(bytes) = body.as_full() else {
            let connection = self.connection(origin, FRESH_ENOUGH).await?;
            let mut pending =
                Pending { connection, upstreams: self.clone(), replay: None, to_head, reusable: !is_bound };
            pending.reusable = Box::pin(pending.send_stream(&head, body)).await? && !is_bound;
            return Ok(pending);
        };
        let (head, bytes) = head::join(head, &bytes);
        let connection = self.connection(origin, Duration::MAX).await?;
        let replay = connection.reused.then(|| Box::new(Replay { head: head.clone(), body: bytes.clone() }));
        let mut pending =
            Pending { connection, upstreams: self.clone(), replay, to_head, reusable: !is_bound };
        match pending.send_all(&[&head, &bytes]).await {
            Ok(whole) => pending.reusable &= whole,
            Err(_) if pending.replay.is_some() => return Box::pin(pending.repeat()).await,
            Err(error) => return Err(error),
        }
        Ok(pending)
    }
}

impl Pending {
    /// Sends all parts. False if the server began to answer (or closed) meanwhile.
    pub(crate) async fn send_all(&mut self, parts: &[&[u8]]) -> Result<bool, UpstreamError> {
        let limit = self.upstreams.config().between;
        for part in parts.iter().filter(|part| !part.is_empty()) {
            let mut rest = *part;
            let sent = std::future::poll_fn(|cx| self.connection.poll_send(cx, &mut rest));
            match tokio::time::timeout(limit, sent).await {
                Err(_) => return Err(UpstreamError::Silent(limit)),
                Ok(Err(error)) => return Err(UpstreamError::Broken(error)),
                Ok(Ok(false)) => return Ok(false),
                Ok(Ok(true)) => {}
            }
        }
        Ok(true)
    }

    /// Sends the head and then the body as it comes. False if the server began to answer meanwhile.
    async fn send_stream(&mut self, head: &[u8], mut body: Body) -> Result<bool, UpstreamError> {
        let mut left = body.length();
        let is_chunked = left.is_none();
        if !self.send_all(&[head]).await? {
            return Ok(false);
        }
        loop {
            let Some(next) = self.next_frame(&mut body).await else { return Ok(false) };
            let data = match next {
                None => break,
                Some(Err(error)) => return Err(UpstreamError::RequestBody(error)),
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            };
            if let Some(left) = &mut left {
                *left = left.checked_sub(data.len() as u64).ok_or_else(wrong_length)?;
            }
            let whole = match () {
                () if data.is_empty() => true,
                () if is_chunked => self.send_all(&[&chunk(&data)]).await?,
                () => self.send_all(&[&data]).await?,
            };
            if !whole {
                return Ok(false);
            }
        }
        match left {
            None => self.send_all(&[LAST_CHUNK]).await,
            Some(0) => Ok(true),
            Some(_) => Err(wrong_length()),
        }
    }

    /// The next frame of the caller's body (none at its end); nothing if the server began to answer first.
    async fn next_frame(&mut self, body: &mut Body) -> Option<Option<Result<Frame<Bytes>, BodyError>>> {
        std::future::poll_fn(|cx| {
            if let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(cx) {
                return Poll::Ready(Some(frame));
            }
            self.poll_readable(cx).map(|()| None)
        })
        .await
    }
}

fn wrong_length() -> UpstreamError {
    UpstreamError::Request("its body is not as long as it says".into())
}
