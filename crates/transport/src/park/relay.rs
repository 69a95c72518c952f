//! The end of a relayed park: the upstream server answered (or closed), and the continuation makes the device's answer
//! of it. A task of its own; the device half has left the lot.

use std::{io, panic::AssertUnwindSafe, pin::Pin, rc::Rc, time::Duration};

use bytes::{BufMut as _, BytesMut};
use futures_util::FutureExt as _;
use http::Response;
use http_body_util::BodyExt as _;
use tokio::io::AsyncWriteExt as _;

use super::{
    Relay,
    answer::{bodiless, encode_head},
};
use crate::{
    Body,
    http1::encode,
    listener::{connection::Client, watch::Parking, worker::Worker},
    stream::Stream,
    upstream::UpstreamError,
};

/// Small bodies go out in one packet with their head.
const ONE_PACKET: u64 = 16 * 1024;

pub(crate) fn start(worker: &Rc<Worker>, client: Client, stream: Stream, kept: Vec<u8>, parking: Parking) {
    tokio::task::spawn_local(finish(Rc::clone(worker), client, stream, kept, parking));
}

async fn finish(worker: Rc<Worker>, client: Client, mut stream: Stream, kept: Vec<u8>, mut parking: Parking) {
    let Some(relay) = parking.park.relay.take() else { return };
    let Relay { pending, then } = *relay;
    let pending = if pending.is_stale() {
        // The pooled connection was dead already: wait on a new one.
        match Box::pin(pending.repeat()).await {
            Ok(pending) => {
                parking.park.relay = Some(Box::new(Relay { pending, then }));
                worker.lot.park(&worker, client, stream, kept.into(), parking);
                return;
            }
            Err(error) => Err(error),
        }
    } else {
        Ok(pending)
    };
    let metrics = &worker.lot.metrics;
    let limits = &client.listener.core().limits;
    let limit = limits.stall_time;
    let sent = if let Some(answer) = parking.park.ticket.close() {
        metrics.parks_woken.up();
        let bytes = answer.encode(parking.keep_alive);
        send(&mut stream, limit, &bytes).await.map(|()| parking.keep_alive)
    } else {
        metrics.parks_relayed.up();
        let answer = match pending {
            Ok(pending) => Box::pin(pending.response(limit)).await,
            Err(error) => Err(error),
        };
        let response = AssertUnwindSafe(continued(then, answer)).catch_unwind().await.unwrap_or_else(|_| {
            metrics.panics.up();
            tracing::error!("the continuation of a relayed request panicked");
            client.listener.on_panic()
        });
        respond(&mut stream, response, &parking, limit).await
    };
    if let Ok(keep_alive) = sent {
        worker.lot.settle(&worker, client, stream, kept.into(), keep_alive);
    }
}

/// In an async block of its own, so that a panic of the closure is caught as well as one of its future.
async fn continued(
    then: super::Continuation,
    answer: Result<crate::UpstreamResponse, UpstreamError>,
) -> Response<Body> {
    then(answer).await
}

/// Writes an answer without the HTTP library. Says whether the connection can be used again.
async fn respond(
    stream: &mut Stream,
    response: Response<Body>,
    parking: &Parking,
    limit: Duration,
) -> io::Result<bool> {
    let (parts, mut body) = response.into_parts();
    let length = if bodiless(parts.status) { Some(0) } else { body.length() };
    let is_chunked = length.is_none() && !parking.is_1_0;
    let keep_alive = parking.keep_alive && (length.is_some() || is_chunked);
    let mut out = BytesMut::with_capacity(1024);
    encode_head(&mut out, parts.status, &parts.headers, keep_alive);
    match length {
        Some(_) if bodiless(parts.status) => {}
        Some(length) => encode::content_length(&mut out, length),
        None if is_chunked => out.put_slice(encode::CHUNKED),
        None => {}
    }
    out.put_slice(b"\r\n");
    if bodiless(parts.status) {
        return send(stream, limit, &out).await.map(|()| keep_alive);
    }
    if length.is_none_or(|length| length > ONE_PACKET) {
        send(stream, limit, &out.split()).await?;
    }
    let mut left = length;
    while let Some(frame) = Pin::new(&mut body).frame().await {
        let data = frame.map_err(io::Error::other)?.into_data().unwrap_or_default();
        if let Some(left) = &mut left {
            // More than was promised would be read as the next answer.
            *left = left.checked_sub(data.len() as u64).ok_or(io::ErrorKind::InvalidData)?;
        }
        match () {
            () if data.is_empty() => {}
            () if is_chunked => send(stream, limit, &encode::chunk(&data)).await?,
            () if out.is_empty() => send(stream, limit, &data).await?,
            () => {
                out.put_slice(&data);
                send(stream, limit, &out.split()).await?;
            }
        }
    }
    match left {
        None if is_chunked => out.put_slice(encode::LAST_CHUNK),
        Some(1..) => return Err(io::ErrorKind::UnexpectedEof.into()),
        Some(0) | None => {}
    }
    send(stream, limit, &out).await?;
    Ok(keep_alive)
}

async fn send(stream: &mut Stream, limit: Duration, bytes: &[u8]) -> io::Result<()> {
    let writing = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    tokio::time::timeout(limit, writing).await?
}
