//! A certificate chain with its private key, read from PEM with errors that say what is wrong.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::sign::CertifiedKey;
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{self, PemObject as _},
};

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The chain holds no certificate.
    #[error("{0} holds no certificate; it must be PEM with at least one \"BEGIN CERTIFICATE\" section")]
    NoCertificate(String),
    /// The key file holds no private key.
    #[error("{0} holds no private key; it must be PEM with a \"BEGIN PRIVATE KEY\" section")]
    NoKey(String),
    /// The key is protected by a passphrase.
    #[error("the private key in {0} is encrypted; decrypt it first (openssl pkey -in … -out …)")]
    EncryptedKey(String),
    /// The PEM is damaged.
    #[error("{file} is damaged: {why}")]
    Malformed {
        /// Which.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// The key is of a kind we cannot use.
    #[error("the private key in {file} cannot be used: {why}")]
    UnsupportedKey {
        /// Which.
        file: String,
        /// Why.
        why: String,
    },
    /// Key and certificate do not belong together.
    #[error(
        "the private key in {key} does not belong to the first certificate in {chain}; \
         the server's own certificate must come first, its issuers after it"
    )]
    Mismatch {
        /// Where the chain is from.
        chain: String,
        /// Where the key is from.
        key: String,
    },
}

/// A certificate chain and its private key, known to match.
#[derive(Clone, Debug)]
pub struct Certificate(pub(crate) Arc<CertifiedKey>);

impl Certificate {
    /// Reads the chain (the server's certificate first) and the key from PEM files, which may be the same file.
    pub fn from_files(chain: &Path, key: &Path) -> Result<Self, CertError> {
        let read =
            |file: &Path| fs::read(file).map_err(|source| CertError::Read { file: file.to_owned(), source });
        Self::parse((&read(chain)?, &chain.display().to_string()), (&read(key)?, &key.display().to_string()))
    }

    /// The same from PEM in memory.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, CertError> {
        Self::parse((chain, "the certificate"), (key, "the key"))
    }

    fn parse((chain, chain_name): (&[u8], &str), (key, key_name): (&[u8], &str)) -> Result<Self, CertError> {
        let certificates = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| CertError::Malformed { file: chain_name.to_owned(), why: error.to_string() })?;
        if certificates.is_empty() {
            return Err(CertError::NoCertificate(chain_name.to_owned()));
        }
        let private = PrivateKeyDer::from_pem_slice(key).map_err(|error| key_error(&error, key, key_name))?;
        match CertifiedKey::from_der(certificates, private, &super::provider()) {
            Ok(certified) => Ok(Self(Arc::new(certified))),
            Err(rustls::Error::InconsistentKeys(_)) => {
                Err(CertError::Mismatch { chain: chain_name.to_owned(), key: key_name.to_owned() })
            }
            Err(rustls::Error::InvalidCertificate(error)) => {
                Err(CertError::Malformed { file: chain_name.to_owned(), why: format!("{error:?}") })
            }
            Err(error) => {
                Err(CertError::UnsupportedKey { file: key_name.to_owned(), why: error.to_string() })
            }
        }
    }

    /// The chain as DER, the server's certificate first.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.0.cert
    }
}

fn key_error(error: &pem::Error, text: &[u8], name: &str) -> CertError {
    let has = |marker: &[u8]| text.windows(marker.len()).any(|window| window == marker);
    if has(b"BEGIN ENCRYPTED PRIVATE KEY") || has(b"Proc-Type: 4,ENCRYPTED") {
        return CertError::EncryptedKey(name.to_owned());
    }
    match error {
        pem::Error::NoItemsFound => CertError::NoKey(name.to_owned()),
        other => CertError::Malformed { file: name.to_owned(), why: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["mail.test".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn errors_say_what_is_wrong() {
        let (chain, key) = pem();
        let (_, other_key) = pem();
        let error =
            |chain: &str, key: &str| Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap_err();
        assert!(Certificate::from_pem(chain.as_bytes(), key.as_bytes()).is_ok());
        assert!(matches!(error(&chain, &other_key), CertError::Mismatch { .. }));
        assert!(matches!(error(&key, &key), CertError::NoCertificate(_)));
        assert!(matches!(error(&chain, &chain), CertError::NoKey(_)));
        let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        assert!(matches!(error(&chain, &encrypted), CertError::EncryptedKey(_)));
        let cut = &chain[..chain.len() / 2];
        assert!(matches!(error(cut, &key), CertError::Malformed { .. } | CertError::NoCertificate(_)));
    }

    #[test]
    fn a_missing_file_is_named() {
        let missing = Path::new("does-not-exist.pem");
        let error = Certificate::from_files(missing, missing).unwrap_err();
        assert!(error.to_string().contains("does-not-exist.pem"));
    }
}
