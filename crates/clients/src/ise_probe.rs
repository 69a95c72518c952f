//! A client as Cisco ISE is one, for the self-test of the ISE page: TLS 1.2, HTTP/1.1, HTTP Basic, trust in nothing
//! but the root it is given. Every request has a connection of its own, as in *Test Connection*.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, WWW_AUTHENTICATE};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::{TcpListener, TcpStream};

/// For connecting, and again for the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// An answer to a test is a few hundred bytes.
const MAX_ANSWER: usize = 1 << 20;
/// A name that no certificate has (RFC 2606 2).
const NOBODYS_NAME: &str = "wrong-name.invalid";

/// Where the server listens, what it is called, and the root that is exported for ISE.
#[derive(Debug, Clone)]
pub struct IseProbe {
    /// Address of the listener.
    pub address: SocketAddr,
    /// Host name or address that is entered in ISE; it must be in the certificate.
    pub host: String,
    /// The root in DER.
    pub root: Vec<u8>,
}

/// Which roots are trusted, and what the server is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// As it should be.
    Right,
    /// No root is trusted.
    NoRoot,
    /// Another host name.
    WrongName,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// No connection, or no answer: why.
    Unreachable(String),
    /// The TLS handshake failed: why.
    Untrusted(String),
    /// An answer.
    Answer {
        /// HTTP status.
        status: u16,
        /// `WWW-Authenticate` asks for Basic.
        challenged: bool,
        /// The body.
        body: String,
    },
}

impl IseProbe {
    /// Sends `GET target` with HTTP Basic, if a name and password are given.
    pub async fn get(&self, check: Check, credentials: Option<(&str, &str)>, target: &str) -> Seen {
        let socket = match tokio::time::timeout(PATIENCE, TcpStream::connect(self.address)).await {
            Ok(Ok(socket)) => socket,
            Ok(Err(error)) => return Seen::Unreachable(error.to_string()),
            Err(_) => return Seen::Unreachable("no answer in time".into()),
        };
        let stream = match tokio::time::timeout(PATIENCE, self.handshake(socket, check)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(why)) => return Seen::Untrusted(why),
            Err(_) => return Seen::Unreachable("the handshake did not end in time".into()),
        };
        match tokio::time::timeout(PATIENCE, self.exchange(stream, credentials, target)).await {
            Ok(Ok(seen)) => seen,
            Ok(Err(why)) => Seen::Unreachable(why),
            Err(_) => Seen::Unreachable("no answer in time".into()),
        }
    }

    /// The same towards a port where nobody listens.
    pub async fn get_from_nobody(&self, target: &str) -> Seen {
        match closed_port(self.address.ip()).await {
            Ok(address) => Self { address, ..self.clone() }.get(Check::Right, None, target).await,
            Err(error) => Seen::Unreachable(error.to_string()),
        }
    }

    async fn handshake(
        &self,
        socket: TcpStream,
        check: Check,
    ) -> Result<tokio_rustls::client::TlsStream<TcpStream>, String> {
        let name = if check == Check::WrongName { NOBODYS_NAME } else { self.host.as_str() };
        let name =
            ServerName::try_from(name.to_owned()).map_err(|_| format!("{name:?} is not a host name"))?;
        let connector = tokio_rustls::TlsConnector::from(Arc::new(self.config(check)?));
        connector.connect(name, socket).await.map_err(|error| error.to_string())
    }

    /// TLS 1.2 alone: what every ISE certainly speaks as a client.
    fn config(&self, check: Check) -> Result<ClientConfig, String> {
        let mut roots = RootCertStore::empty();
        if check != Check::NoRoot {
            roots.add(CertificateDer::from(self.root.clone())).map_err(|error| error.to_string())?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS12])
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(config)
    }

    async fn exchange(
        &self,
        stream: tokio_rustls::client::TlsStream<TcpStream>,
        credentials: Option<(&str, &str)>,
        target: &str,
    ) -> Result<Seen, String> {
        let mut request = http::Request::get(target).header(HOST, self.authority());
        if let Some((user, password)) = credentials {
            let token = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
            request = request.header(AUTHORIZATION, format!("Basic {token}"));
        }
        let request = request.body(Empty::<Bytes>::new()).map_err(|error| error.to_string())?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|e| e.to_string())?;
        let answered = async move {
            let response = sender.send_request(request).await.map_err(|e| e.to_string())?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(|e| e.to_string())?.to_bytes();
            let challenged = head
                .headers
                .get_all(WWW_AUTHENTICATE)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .any(|value| value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic ")));
            let body = String::from_utf8_lossy(&body).into_owned();
            Ok(Seen::Answer { status: head.status.as_u16(), challenged, body })
        };
        let driven = async {
            match connection.await {
                // The connection ends only after the answer, which is then what counts.
                Ok(()) => std::future::pending().await,
                Err(error) => Err(error.to_string()),
            }
        };
        tokio::select! {
            biased;
            seen = answered => seen,
            failed = driven => failed,
        }
    }

    fn authority(&self) -> String {
        let host = if self.host.parse::<std::net::Ipv6Addr>().is_ok() {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        if self.address.port() == 443 { host } else { format!("{host}:{}", self.address.port()) }
    }
}

/// A port that was free a moment ago.
async fn closed_port(ip: IpAddr) -> std::io::Result<SocketAddr> {
    TcpListener::bind((ip, 0)).await?.local_addr()
}
