//! Reading a body, after everything that could refuse the request without it.

use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use wire_ise::body::{BodyError, MAX_BYTES};

/// The whole body, at most [`MAX_BYTES`].
pub(super) async fn read<B>(body: B) -> Result<Bytes, BodyError>
where
    B: http_body::Body<Data = Bytes> + Send,
    B::Error: Into<axum::BoxError>,
{
    if body.size_hint().lower() > MAX_BYTES as u64 {
        return Err(BodyError::TooLarge);
    }
    match Box::pin(Limited::new(body, MAX_BYTES).collect()).await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge),
        // The client stopped in the middle; nobody is left to read why.
        Err(_) => Err(BodyError::Empty),
    }
}
