//! TLS 1.2 and 1.3 with rustls, for thousands of connections that mostly wait.
//!
//! [`TlsStream`](stream) drives rustls' unbuffered interface with scratch buffers that belong to the thread, so that a
//! connection owns no buffers while nothing moves: about 3.4 KiB of keys and state remain. [`CertStore`] chooses
//! certificates by server name and can be replaced while the server runs.

mod certificate;
mod session;
mod store;
mod stream;

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, ServerConfig, crypto::CryptoProvider};

pub use certificate::{CertError, Certificate};
pub use store::CertStore;
pub(crate) use stream::TlsStream;

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// The configuration of a TLS listener: TLS 1.2 and 1.3, HTTP/1.1 only, sessions resumed by ticket (so that a phone
/// that comes back does not cost a signature).
///
/// Clients are not asked for certificates. Whoever wants that takes the configuration apart and gives rustls a
/// client verifier; the listener accepts any `ServerConfig`.
pub fn server_config(certificates: Arc<CertStore>) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new()?;
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

/// The configuration towards servers that are to be trusted by `roots`: TLS 1.2 and 1.3, HTTP/1.1 only.
pub fn client_config(roots: RootCertStore) -> Result<Arc<ClientConfig>, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
