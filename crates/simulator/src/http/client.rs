//! A client with one kept-alive connection, as a phone has towards its mail server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::body::{self, gunzip};
use super::error::Error;
use super::headers::Headers;
use super::url::BaseUrl;
use super::wire::Wire;

/// Largest answer that is taken.
const MAX_BODY: usize = 256 * 1024 * 1024;
/// Time to connect and shake hands.
const CONNECT: Duration = Duration::from_secs(20);

/// What to send.
#[derive(Clone, Debug)]
pub struct Request {
    /// `POST`, `OPTIONS`, …
    pub method: String,
    /// Path and query, put behind the prefix of the address.
    pub target: String,
    /// Header fields besides Host and the framing ones.
    pub headers: Headers,
    /// Body; a GET or OPTIONS with an empty one sends no framing.
    pub body: Vec<u8>,
    /// Send the body in chunks of this many bytes instead of with a Content-Length.
    pub chunk: Option<usize>,
    /// Send the head first and the body only after `100 Continue`.
    pub expect_continue: bool,
    /// Longest time from sending to the last byte of the answer.
    pub timeout: Duration,
}

impl Request {
    /// A request without header fields, framed by Content-Length, to be answered within 120 s.
    pub fn new(method: &str, target: impl Into<String>, body: Vec<u8>) -> Request {
        Request {
            method: method.to_owned(),
            target: target.into(),
            headers: Headers::new(),
            body,
            chunk: None,
            expect_continue: false,
            timeout: Duration::from_mins(2),
        }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header fields.
    pub headers: Headers,
    /// Body, unpacked if it was gzip.
    pub body: Vec<u8>,
    /// From sending to the last byte.
    pub took: Duration,
}

/// A client of one server; requests go one after another over one connection.
pub struct Client {
    base: BaseUrl,
    tls: Option<Arc<ClientConfig>>,
    idle: Option<Wire>,
}

impl Client {
    /// A client that is not connected yet. TLS settings are needed for `https` addresses only.
    pub fn new(base: BaseUrl, tls: Option<Arc<ClientConfig>>) -> Client {
        Client { base, tls, idle: None }
    }

    /// The address of the server.
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// Forgets the kept connection, as a phone does when it changes networks.
    pub fn disconnect(&mut self) {
        self.idle = None;
    }

    /// Whether a connection is being kept.
    pub fn is_connected(&self) -> bool {
        self.idle.is_some()
    }

    /// Sends a request and reads the whole answer. A kept connection that turns out closed is replaced once.
    /// Dropping the future closes the connection.
    ///
    /// # Errors
    /// See [`Error`]; HTTP error statuses are answers, not errors.
    pub async fn send(&mut self, request: &Request) -> Result<Response, Error> {
        let started = Instant::now();
        let exchange = async {
            if let Some(kept) = self.idle.take() {
                match self.exchange(kept, request).await {
                    Err(Error::Closed | Error::Io(_)) => {}
                    other => return other,
                }
            }
            let fresh = self.connect().await?;
            self.exchange(fresh, request).await
        };
        let answer = tokio::time::timeout(request.timeout, exchange).await;
        let mut answer = answer.map_err(|_| Error::Timeout(request.timeout))??;
        answer.took = started.elapsed();
        Ok(answer)
    }

    async fn connect(&self) -> Result<Wire, Error> {
        let connect = async {
            let address = (self.base.host.as_str(), self.base.port);
            let tcp = TcpStream::connect(address).await.map_err(Error::Connect)?;
            tcp.set_nodelay(true)?;
            if !self.base.tls {
                return Ok(Wire::new(tcp));
            }
            let config =
                self.tls.clone().ok_or_else(|| Error::Tls("no trusted root was given".to_owned()))?;
            let name = ServerName::try_from(self.base.host.clone())
                .map_err(|_| Error::Address(self.base.host.clone()))?;
            let tls = TlsConnector::from(config).connect(name, tcp).await;
            Ok(Wire::new(tls.map_err(|e| Error::Tls(e.to_string()))?))
        };
        tokio::time::timeout(CONNECT, connect).await.map_err(|_| Error::Timeout(CONNECT))?
    }

    async fn exchange(&mut self, mut wire: Wire, request: &Request) -> Result<Response, Error> {
        let mut out = self.head_of(request).into_bytes();
        let mut early = None;
        if request.expect_continue {
            wire.send(&out).await?;
            out.clear();
            // Anything but 100 is the final answer, and the body stays here.
            early = Some(answer_head(&mut wire).await?).filter(|(status, _)| *status != 100);
        }
        let refused_early = early.is_some();
        let (status, headers) = if let Some(answered) = early {
            answered
        } else {
            match request.chunk {
                Some(size) => out.extend(body::in_chunks(&request.body, size)),
                None => out.extend_from_slice(&request.body),
            }
            let sent = wire.send(&out).await;
            drop(out);
            // A server may answer and close before it has read a large body: its answer counts.
            match (final_head(&mut wire).await, sent) {
                (Ok(head), _) => head,
                (Err(_), Err(e)) | (Err(e), Ok(())) => return Err(e),
            }
        };
        let bodyless = request.method == "HEAD" || status == 204 || status == 304;
        let mut body = Vec::new();
        let framed = headers.get("Content-Length").is_some()
            || headers.has_word("Transfer-Encoding", "chunked")
            || bodyless;
        if !bodyless {
            body = body::read(&mut wire, &headers, true, MAX_BODY).await?;
        }
        if headers.has_word("Content-Encoding", "gzip") {
            body = gunzip(&body, MAX_BODY)?;
        }
        if framed && !refused_early && !headers.has_word("Connection", "close") {
            self.idle = Some(wire);
        }
        Ok(Response { status, headers, body, took: Duration::ZERO })
    }

    fn head_of(&self, request: &Request) -> String {
        let mut head = format!(
            "{} {}{} HTTP/1.1\r\nHost: {}\r\n",
            request.method,
            self.base.prefix,
            request.target,
            self.base.authority()
        );
        for (name, value) in request.headers.iter() {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if request.expect_continue {
            head.push_str("Expect: 100-continue\r\n");
        }
        if request.chunk.is_some() {
            head.push_str("Transfer-Encoding: chunked\r\n");
        } else if !request.body.is_empty() || request.method == "POST" || request.method == "PUT" {
            head.push_str(&format!("Content-Length: {}\r\n", request.body.len()));
        }
        head.push_str("\r\n");
        head
    }
}

/// The head of the final answer, interim ones skipped.
async fn final_head(wire: &mut Wire) -> Result<(u16, Headers), Error> {
    loop {
        let head = answer_head(wire).await?;
        if !(100..200).contains(&head.0) {
            return Ok(head);
        }
    }
}

async fn answer_head(wire: &mut Wire) -> Result<(u16, Headers), Error> {
    let bytes = wire.head().await?;
    let mut fields = [httparse::EMPTY_HEADER; 100];
    let mut parsed = httparse::Response::new(&mut fields);
    parsed.parse(&bytes).map_err(|_| Error::Protocol("unreadable answer head"))?;
    let status = parsed.code.ok_or(Error::Protocol("no status"))?;
    let mut headers = Headers::new();
    for field in parsed.headers.iter() {
        headers.add(field.name, String::from_utf8_lossy(field.value));
    }
    Ok((status, headers))
}
