//! The certificates of a listener, chosen by server name.

use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::Certificate;

/// Certificates by server name, with one for everybody else. Share it in an `Arc`; replaced certificates are used from
/// the next handshake on, connections that exist are not touched.
#[derive(Debug)]
pub struct CertStore(RwLock<Chosen>);

#[derive(Debug)]
struct Chosen {
    default: Arc<CertifiedKey>,
    /// By lower-case name; `*.example.com` is kept as `.example.com`.
    named: HashMap<String, Arc<CertifiedKey>>,
}

impl Chosen {
    fn new(default: Certificate, named: Vec<(String, Certificate)>) -> Self {
        let named = named.into_iter().map(|(name, certificate)| {
            let name = name.to_ascii_lowercase();
            (name.strip_prefix('*').map(str::to_owned).unwrap_or(name), certificate.0)
        });
        Self { default: default.0, named: named.collect() }
    }

    fn choose(&self, name: Option<&str>) -> Arc<CertifiedKey> {
        let named = name.filter(|_| !self.named.is_empty()).and_then(|name| {
            let name = name.to_ascii_lowercase();
            let parent = || name.find('.').and_then(|dot| self.named.get(&name[dot..]));
            self.named.get(&name).or_else(parent)
        });
        Arc::clone(named.unwrap_or(&self.default))
    }
}

impl CertStore {
    /// One certificate for every name.
    pub fn new(default: Certificate) -> Self {
        Self::with_names(default, Vec::new())
    }

    /// Certificates for some names (`mail.example.com` or `*.example.com`, which covers one label) and one for
    /// clients that name another or none.
    pub fn with_names(default: Certificate, named: Vec<(String, Certificate)>) -> Self {
        Self(RwLock::new(Chosen::new(default, named)))
    }

    /// Replaces everything.
    pub fn replace(&self, default: Certificate, named: Vec<(String, Certificate)>) {
        *self.0.write() = Chosen::new(default, named);
    }
}

impl ResolvesServerCert for CertStore {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().choose(hello.server_name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(name: &str) -> Certificate {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        Certificate::from_pem(made.cert.pem().as_bytes(), made.signing_key.serialize_pem().as_bytes())
            .unwrap()
    }

    #[test]
    fn the_most_exact_name_wins_and_replacing_takes_effect() {
        let (default, exact, wild) = (certificate("d.test"), certificate("e.test"), certificate("w.test"));
        let named =
            vec![("Mail.Example.com".to_owned(), exact.clone()), ("*.example.com".to_owned(), wild.clone())];
        let store = CertStore::with_names(default.clone(), named);
        let is = |name: Option<&str>, expected: &Certificate| {
            Arc::ptr_eq(&store.0.read().choose(name), &expected.0)
        };
        assert!(is(None, &default));
        assert!(is(Some("other.test"), &default));
        assert!(is(Some("mail.example.COM"), &exact));
        assert!(is(Some("as.example.com"), &wild));
        assert!(is(Some("a.b.example.com"), &default));
        assert!(is(Some("example.com"), &default));
        store.replace(wild.clone(), Vec::new());
        assert!(is(Some("mail.example.com"), &wild));
    }
}
