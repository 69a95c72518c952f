//! An organization's push certificate, ready for TLS.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It cannot be read.
    #[error("the push certificate cannot be read: {0}")]
    Unreadable(String),
    /// It has no topic.
    #[error(
        "it is no push certificate for device management: its subject has no user ID that begins with com.apple.mgmt."
    )]
    NoTopic,
}

/// A push certificate with its key.
#[derive(Clone)]
pub struct PushCertificate {
    id: [u8; 32],
    topic: String,
    chain: Vec<CertificateDer<'static>>,
    key: Arc<PrivateKeyDer<'static>>,
}

impl std::fmt::Debug for PushCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PushCertificate({}, …)", self.topic)
    }
}

impl PushCertificate {
    /// A certificate in DER, followed by others of its chain if need be, and its key in PKCS#8. `id` names it: a renewed
    /// certificate has another one (its SHA-256 will do).
    ///
    /// # Errors
    /// [`CertificateError`]. Whether the key belongs to it is seen when it connects.
    pub fn new(id: [u8; 32], chain: Vec<Vec<u8>>, key: &[u8]) -> Result<Self, CertificateError> {
        let unreadable = |words: &str| CertificateError::Unreadable(words.to_owned());
        let first = chain.first().ok_or_else(|| unreadable("there is none"))?;
        let (_, read) = X509Certificate::from_der(first).map_err(|error| unreadable(&error.to_string()))?;
        let user_id =
            read.subject().iter_attributes().find(|part| part.attr_type().to_id_string() == USER_ID);
        let topic =
            user_id.and_then(|part| part.as_str().ok()).filter(|topic| topic.starts_with("com.apple.mgmt."));
        let topic = topic.ok_or(CertificateError::NoTopic)?.to_owned();
        let chain = chain.into_iter().map(CertificateDer::from).collect();
        let key = Arc::new(PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.to_vec())));
        Ok(Self { id, topic, chain, key })
    }

    /// Its topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    pub(super) fn id(&self) -> [u8; 32] {
        self.id
    }

    /// TLS towards the push service: HTTP/2 alone, and this certificate.
    pub(super) fn tls(&self, roots: &Arc<RootCertStore>) -> Result<Arc<ClientConfig>, rustls::Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_root_certificates(Arc::clone(roots))
            .with_client_auth_cert(self.chain.clone(), self.key.clone_key())?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Arc::new(config))
    }
}

/// The attribute UID.
const USER_ID: &str = "0.9.2342.19200300.100.1.1";
