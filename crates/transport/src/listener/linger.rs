//! Closing without losing the last answer.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::stream::Stream;

/// How long, and how many bytes, a client may still send.
const PATIENCE: Duration = Duration::from_secs(2);
const APPETITE: usize = 1024 * 1024;

/// Says that we send no more, then reads what the client is still sending. Closing a socket with unread bytes makes
/// the kernel reset the connection, and the client might never see the answer that refused its upload.
pub(crate) async fn linger(mut stream: Stream) {
    let closing = async {
        if stream.shutdown().await.is_err() {
            return;
        }
        let mut space = vec![0; 8 * 1024];
        let mut total = 0;
        while total < APPETITE {
            match stream.read(&mut space).await {
                Ok(0) | Err(_) => return,
                Ok(n) => total += n,
            }
        }
    };
    // Whether the client took the hint in time makes no difference.
    let _ = tokio::time::timeout(PATIENCE, closing).await;
}
