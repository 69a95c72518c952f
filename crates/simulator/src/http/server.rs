//! The few lines of HTTP server that the scripted mail server needs.

use std::future::Future;

use super::body;
use super::error::Error;
use super::headers::Headers;
use super::wire::Wire;

/// Largest request body that is taken.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// Bytes sent ahead of an answer beyond this wait in the socket.
const MAX_AHEAD: usize = 1024 * 1024;

/// A request with its whole body.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Method in upper case.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// Header fields.
    pub headers: Headers,
    /// Body.
    pub body: Vec<u8>,
}

/// What is sent back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status; 0 hangs up without a word.
    pub status: u16,
    /// Header fields besides the framing ones.
    pub headers: Headers,
    /// Body.
    pub body: Vec<u8>,
    /// Send it in chunks of this many bytes.
    pub chunk: Option<usize>,
}

impl Answer {
    /// An answer without header fields.
    pub fn new(status: u16, body: Vec<u8>) -> Answer {
        Answer { status, headers: Headers::new(), body, chunk: None }
    }

    /// Adds a header field.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Answer {
        self.headers.add(name, value);
        self
    }
}

/// Serves one connection until it ends. A client that goes away while its request is being handled drops
/// the handler's future, which is how a parked request learns of it.
///
/// # Errors
/// When the connection breaks or the client does not speak HTTP; there is nobody left to tell.
pub async fn serve_connection<F, Fut>(mut wire: Wire, handler: F) -> Result<(), Error>
where
    F: Fn(Incoming) -> Fut,
    Fut: Future<Output = Answer>,
{
    loop {
        let Some((incoming, keep)) = read_request(&mut wire).await? else { return Ok(()) };
        let handling = handler(incoming);
        tokio::pin!(handling);
        let answer = loop {
            tokio::select! {
                answer = &mut handling => break answer,
                // Pipelined bytes stay in the buffer (up to a limit); only the end of the stream matters here.
                read = wire.fill(), if wire.buffered() < MAX_AHEAD => if read? == 0 { return Ok(()) },
            }
        };
        if answer.status == 0 {
            return Ok(());
        }
        wire.send(&bytes_of(&answer, keep)).await?;
        if !keep {
            wire.shutdown().await;
            return Ok(());
        }
    }
}

async fn read_request(wire: &mut Wire) -> Result<Option<(Incoming, bool)>, Error> {
    let head = match wire.head().await {
        Ok(head) => head,
        Err(Error::Closed) => return Ok(None),
        Err(e) => return Err(e),
    };
    let mut fields = [httparse::EMPTY_HEADER; 100];
    let mut parsed = httparse::Request::new(&mut fields);
    parsed.parse(&head).map_err(|_| Error::Protocol("unreadable request head"))?;
    let mut headers = Headers::new();
    for field in parsed.headers.iter() {
        headers.add(field.name, String::from_utf8_lossy(field.value));
    }
    let method = parsed.method.unwrap_or_default().to_ascii_uppercase();
    let target = parsed.path.unwrap_or_default().to_owned();
    let keep = parsed.version == Some(1) && !headers.has_word("Connection", "close");
    if headers.has_word("Expect", "100-continue") {
        wire.send(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let body = body::read(wire, &headers, false, MAX_BODY).await?;
    Ok(Some((Incoming { method, target, headers, body }, keep)))
}

fn bytes_of(answer: &Answer, keep: bool) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
    for (name, value) in answer.headers.iter() {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !keep {
        head.push_str("Connection: close\r\n");
    }
    match answer.chunk {
        Some(_) => head.push_str("Transfer-Encoding: chunked\r\n\r\n"),
        None => head.push_str(&format!("Content-Length: {}\r\n\r\n", answer.body.len())),
    }
    let mut out = head.into_bytes();
    match answer.chunk {
        Some(size) => out.extend(body::in_chunks(&answer.body, size)),
        None => out.extend_from_slice(&answer.body),
    }
    out
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        449 => "Retry after sending a PROVISION command",
        451 => "Redirect",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
