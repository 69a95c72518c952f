//! Whose certificates are believed: the public authorities, or roots that an administrator pasted.

use std::sync::{Arc, OnceLock};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

fn client_config(roots: RootCertStore) -> Result<Arc<ClientConfig>, String> {
    transport::tls::client_config(roots).map_err(|error| error.to_string())
}

/// The public certificate authorities; one configuration for all, so that connections are shared.
///
/// # Errors
/// When the cryptography of this build does not fit, in words.
pub fn public() -> Result<Arc<ClientConfig>, String> {
    static PUBLIC: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(known) = PUBLIC.get() {
        return Ok(Arc::clone(known));
    }
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let made = client_config(roots)?;
    Ok(Arc::clone(PUBLIC.get_or_init(|| made)))
}

/// Only these roots, in PEM form.
///
/// # Errors
/// What is wrong with the text.
pub fn pinned(pem: &str) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    if roots.is_empty() {
        return Err("there is no certificate in the text".into());
    }
    client_config(roots)
}
