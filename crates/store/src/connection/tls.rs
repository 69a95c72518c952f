//! TLS to PostgreSQL by rustls.
//!
//! `sslmode=require`, `verify-ca` and `verify-full` all check the certificate and the host name: encryption to
//! an unknown peer protects nothing. The roots are those of `sslrootcert=FILE`, else the public ones.

use crate::{Result, StoreError};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use std::{future::Future, io, path::PathBuf, pin::Pin, sync::Arc, task::Context, task::Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
    tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream},
};

/// Where a database address leads and how the connection is protected.
#[derive(Clone)]
pub(crate) struct Target {
    /// The driver's configuration.
    pub config: Config,
    /// Makes TLS connections.
    pub tls: Tls,
}

/// Reads an address. The driver knows neither `sslrootcert` nor `verify-…`, so they are taken out first.
pub(crate) fn parse(url: &str) -> Result<Target> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let mut root_file = None;
    let mut rest = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslrootcert", file)) => root_file = Some(PathBuf::from(percent_decoded(file))),
            Some(("sslmode", "verify-ca" | "verify-full")) => rest.push("sslmode=require"),
            _ => rest.push(pair),
        }
    }
    let plain = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    let mut config: Config = plain.parse().map_err(|error: tokio_postgres::Error| {
        let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        // The address itself holds a password and is not repeated.
        StoreError::Refused(format!("the database address cannot be used: {why}"))
    })?;
    config.connect_timeout(std::time::Duration::from_secs(5));
    config.keepalives_idle(std::time::Duration::from_secs(30));
    config.application_name("notifymdm");
    // Without a wish, local sockets and loopback stay plain; anything else uses TLS if the server has it.
    if config.get_ssl_mode() == SslMode::Prefer && config.get_hosts().iter().all(is_local) {
        config.ssl_mode(SslMode::Disable);
    }
    let tls = if config.get_ssl_mode() == SslMode::Disable { Tls { client: None } } else { tls(root_file)? };
    Ok(Target { config, tls })
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let Some((&first, rest)) = bytes.split_first() {
        let escape = (first == b'%').then(|| rest.get(..2)).flatten().and_then(|two| hex::decode(two).ok());
        if let Some(decoded) = escape {
            out.extend(decoded);
            bytes = &rest[2..];
        } else {
            out.push(first);
            bytes = rest;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn tls(root_file: Option<PathBuf>) -> Result<Tls> {
    let mut roots = RootCertStore::empty();
    match root_file {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(file) => {
            let unusable =
                |why: String| StoreError::Refused(format!("sslrootcert {}: {why}", file.display()));
            let pem = std::fs::read(&file).map_err(|error| unusable(error.to_string()))?;
            for certificate in rustls::pki_types::pem::PemObject::pem_slice_iter(&pem) {
                roots
                    .add(
                        certificate
                            .map_err(|error: rustls::pki_types::pem::Error| unusable(error.to_string()))?,
                    )
                    .map_err(|error| unusable(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(unusable("the file holds no certificate".to_owned()));
            }
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Other(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Tls { client: Some(Arc::new(client)) })
}

/// Makes TLS connections for the driver.
#[derive(Clone)]
pub(crate) struct Tls {
    client: Option<Arc<ClientConfig>>,
}

/// One handshake to be made.
pub(crate) struct Handshake {
    client: Option<Arc<ClientConfig>>,
    name: Option<ServerName<'static>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Tls {
    type Stream = Stream<S>;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Handshake> {
        // A Unix socket has no host name; the driver never asks for TLS there.
        Ok(Handshake { client: self.client.clone(), name: ServerName::try_from(host.to_owned()).ok() })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Handshake {
    type Stream = Stream<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let client =
                self.client.ok_or_else(|| io::Error::other("TLS is switched off by sslmode=disable"))?;
            let name = self.name.ok_or_else(|| io::Error::other("the database's host name is not valid"))?;
            tokio_rustls::TlsConnector::from(client).connect(name, stream).await.map(Stream)
        })
    }
}

/// A TLS connection to the database.
pub(crate) struct Stream<S>(tokio_rustls::client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Stream<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        parse(url).unwrap().config.get_ssl_mode()
    }

    #[test]
    fn the_mode_follows_the_address() {
        assert_eq!(mode("postgres://u@localhost/d"), SslMode::Disable);
        assert_eq!(mode("postgres://u@127.0.0.1/d?sslmode=require"), SslMode::Require);
        assert_eq!(mode("postgres://u@db.example/d"), SslMode::Prefer);
        assert_eq!(
            mode("postgres://u@db.example/d?sslmode=verify-full&application_name=x"),
            SslMode::Require
        );
    }

    #[test]
    fn a_bad_address_is_refused_without_repeating_the_password() {
        for url in ["postgres://u:geheim@h/d?nonsense=1", "nonsense geheim", "postgres://u:geheim@h:port/d"] {
            let text = parse(url).err().expect(url).to_string();
            assert!(text.contains("database address") && !text.contains("geheim"), "{text}");
        }
        let missing = parse("postgres://u@h/d?sslmode=require&sslrootcert=/no%20such/file").err().unwrap();
        assert!(missing.to_string().contains("/no such/file"), "{missing}");
    }
}
