//! One connection to a directory. Nothing that the server sends is believed: messages, their number and the time they
//! may take are bounded.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use domain::model::DirectorySecurity;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use wire_ldap::{Answer, Request, Response, ResultCode, message_length};

use super::Place;
use super::error::{LdapError, of_bind};
use crate::trust;

/// Largest message: a group of 100,000 members in one piece is smaller.
const MOST_BYTES: usize = 16 << 20;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection behind TLS.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    buffer: BytesMut,
    last_id: i32,
    patience: Duration,
    /// Nothing more can be asked: something was left unread, or it is gone.
    pub broken: bool,
}

/// What ended a request.
pub(super) struct Done {
    pub code: ResultCode,
    pub matched: String,
    pub words: String,
    pub cookie: Option<Vec<u8>>,
}

impl Connection {
    /// Connects and protects.
    pub async fn open(place: &Place) -> Result<Self, LdapError> {
        let config =
            if place.roots.trim().is_empty() { trust::public() } else { trust::pinned(&place.roots) };
        let config = config.map_err(|why| LdapError::Setup(format!("The root certificates: {why}.")))?;
        let name = ServerName::try_from(place.host.clone())
            .map_err(|_| LdapError::Setup(format!("{} cannot be in a certificate.", place.host)))?;
        let mut tcp = place.reach.connect(&place.host, place.port).await?;
        if place.security == DirectorySecurity::Starttls {
            start_tls(&mut tcp, place.patience).await?;
        }
        let connected = TlsConnector::from(Arc::clone(&config)).connect(name, tcp);
        let stream = match tokio::time::timeout(place.patience, connected).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(of_tls(&error.to_string())),
            Err(_) => {
                return Err(LdapError::Tls(
                    "Nothing was said about TLS in time. Port 636 begins with TLS; 389 wants StartTLS."
                        .into(),
                ));
            }
        };
        Ok(Self {
            stream: Box::new(stream),
            buffer: BytesMut::new(),
            last_id: 0,
            patience: place.patience,
            broken: false,
        })
    }

    /// Signs in. An empty password would be taken for nobody by the server and prove nothing: it is refused here.
    pub async fn bind(&mut self, name: &str, password: &str) -> Result<(), LdapError> {
        if password.is_empty() || name.is_empty() {
            return Err(LdapError::Bind("name or password are empty".into()));
        }
        let id = self.ask(&Request::Bind { name, password }).await?;
        let done = self.done(id).await?;
        match done.code {
            ResultCode::SUCCESS => Ok(()),
            code => Err(of_bind(code, name, &done.words)),
        }
    }

    /// Sends a request; answers its number.
    pub async fn ask(&mut self, request: &Request<'_>) -> Result<i32, LdapError> {
        if self.broken {
            return Err(lost("it was given up before"));
        }
        self.broken = true;
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        let bytes = request.encode(self.last_id);
        let sent = async {
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await
        };
        match tokio::time::timeout(self.patience, sent).await {
            Ok(Ok(())) => Ok(self.last_id),
            Ok(Err(error)) => Err(lost(&error.to_string())),
            Err(_) => Err(LdapError::Late),
        }
    }

    /// The next answer to a request. The connection can be used for another one once it is over.
    pub async fn hear(&mut self, id: i32) -> Result<Answer, LdapError> {
        let heard = read(&mut self.stream, &mut self.buffer);
        let response = tokio::time::timeout(self.patience, heard).await.map_err(|_| LdapError::Late)??;
        match response.answer {
            Answer::Unasked => Err(lost("the server ends it")),
            _ if response.id != i64::from(id) => {
                Err(LdapError::Nonsense("it answers what nobody asked".into()))
            }
            answer => {
                self.broken = !matches!(answer, Answer::Done { .. });
                Ok(answer)
            }
        }
    }

    /// The end of a request that has nothing but an end.
    pub async fn done(&mut self, id: i32) -> Result<Done, LdapError> {
        match self.hear(id).await? {
            Answer::Done { code, matched, words, cookie } => Ok(Done { code, matched, words, cookie }),
            _ => Err(LdapError::Nonsense("it answers something else than what was asked".into())),
        }
    }

    /// Whether the server hung up, or spoke without being asked, since the last request.
    pub async fn is_stale(&mut self) -> bool {
        let read = self.stream.read_buf(&mut self.buffer);
        self.broken || tokio::time::timeout(Duration::ZERO, read).await.is_ok()
    }

    /// Says good-bye, if that takes no time.
    pub async fn close(mut self) {
        let bytes = Request::Unbind.encode(self.last_id.wrapping_add(1).max(1));
        let bye = async {
            self.stream.write_all(&bytes).await?;
            self.stream.shutdown().await
        };
        // Nobody waits for a server that does not even take a good-bye.
        let _ = tokio::time::timeout(Duration::from_secs(1), bye).await;
    }
}

fn lost(why: &str) -> LdapError {
    LdapError::Unreachable(format!("The connection to the directory was lost: {why}"))
}

/// Reads one whole message.
async fn read<S: AsyncRead + Unpin + ?Sized>(
    stream: &mut S,
    buffer: &mut BytesMut,
) -> Result<Response, LdapError> {
    loop {
        if let Some(length) = message_length(buffer)? {
            if length > MOST_BYTES {
                return Err(LdapError::Nonsense(format!("one message has {length} bytes")));
            }
            if buffer.len() >= length {
                return Ok(Response::decode(&buffer.split_to(length))?);
            }
        }
        buffer.reserve(16 << 10);
        match stream.read_buf(buffer).await {
            Ok(0) => return Err(lost("the server hung up")),
            Ok(_) => {}
            Err(error) => return Err(lost(&error.to_string())),
        }
    }
}

/// Agrees on TLS. What came behind the answer, and so before TLS, would be anybody's: then it is over.
async fn start_tls(tcp: &mut TcpStream, patience: Duration) -> Result<(), LdapError> {
    let mut buffer = BytesMut::new();
    let exchange = async {
        tcp.write_all(&Request::StartTls.encode(1)).await.map_err(|error| lost(&error.to_string()))?;
        read(tcp, &mut buffer).await
    };
    let response = tokio::time::timeout(patience, exchange).await.map_err(|_| LdapError::Late)?;
    let response = response.map_err(|error| {
        match error {
        LdapError::Unreachable(_) => LdapError::Tls(
            "The server hung up when it was asked for StartTLS. Port 389 wants StartTLS; 636 begins with TLS."
                .into(),
        ),
        other => other,
    }
    })?;
    match response.answer {
        Answer::Done { code: ResultCode::SUCCESS, .. } if response.id == 1 && buffer.is_empty() => Ok(()),
        Answer::Done { code, words, .. } if code != ResultCode::SUCCESS => {
            let words = super::error::short(&words);
            Err(LdapError::Tls(format!("The server does not offer StartTLS ({}): {words}.", code.words())))
        }
        _ => Err(LdapError::Nonsense("its answer to StartTLS makes no sense".into())),
    }
}

fn of_tls(error: &str) -> LdapError {
    if error.contains("certificate") {
        return LdapError::Tls(format!(
            "The certificate is not accepted: {error}. Check its name, its dates and the trusted roots."
        ));
    }
    LdapError::Tls(format!(
        "The TLS handshake failed: {error}. Port 636 begins with TLS; 389 wants StartTLS."
    ))
}
