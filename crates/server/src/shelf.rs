//! The certificates that the listeners use: our own (signed by the built-in authority, or the operator's files), and
//! one from an ACME authority when there is one.

use std::sync::Arc;

use domain::Millis;
use parking_lot::Mutex;
use transport::tls::{CertStore, Certificate};

use crate::config::Config;
use crate::identity;

/// Both certificates; either can be replaced while the server runs.
pub struct Shelf {
    listeners: Arc<CertStore>,
    /// Names that keep our own certificate beside a public one: clients that trust the built-in authority use them.
    own_names: Vec<String>,
    chosen: Mutex<Chosen>,
}

struct Chosen {
    own: Certificate,
    public: Option<(Certificate, Millis)>,
}

impl Shelf {
    /// With our own certificate.
    pub fn new(config: &Config) -> anyhow::Result<Shelf> {
        let own = identity::server_certificate(config)?;
        let public = config.acme.as_ref().map(|acme| acme.names.as_slice()).unwrap_or_default();
        let is_public = |name: &String| public.iter().any(|other| other.eq_ignore_ascii_case(name));
        Ok(Shelf {
            listeners: Arc::new(CertStore::new(own.clone())),
            own_names: identity::host_names(config).into_iter().filter(|name| !is_public(name)).collect(),
            chosen: Mutex::new(Chosen { own, public: None }),
        })
    }

    /// For the listeners.
    pub fn listeners(&self) -> Arc<CertStore> {
        Arc::clone(&self.listeners)
    }

    /// Another certificate of our own.
    pub fn put_own(&self, certificate: Certificate) {
        self.change(|chosen| chosen.own = certificate);
    }

    /// A certificate of an ACME authority, valid until a time: for its names, and for clients that name none.
    pub fn put_public(&self, certificate: Certificate, until: Millis) {
        self.change(|chosen| chosen.public = Some((certificate, until)));
    }

    /// Until when the public certificate is valid, if there is one.
    pub fn public_until(&self) -> Option<Millis> {
        let chosen = self.chosen.lock();
        chosen.public.as_ref().map(|(_, until)| *until)
    }

    fn change(&self, change: impl FnOnce(&mut Chosen)) {
        let mut chosen = self.chosen.lock();
        change(&mut chosen);
        let own = || self.own_names.iter().map(|name| (name.clone(), chosen.own.clone())).collect();
        match &chosen.public {
            Some((public, _)) => self.listeners.replace(public.clone(), own()),
            None => self.listeners.replace(chosen.own.clone(), Vec::new()),
        }
    }
}
