//! What the console needs from the server it runs in: addresses, certificates, and clients of the outside world.

use std::future::Future;
use std::pin::Pin;

use domain::model::ActiveSyncServer;
use engine::Scope;
use engine::ise::{Credentials, SelfTestRow};

/// A future of a trait object.
pub type Promise<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How a check of a mail server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Good,
    /// It works, but somebody should know.
    Notice,
    /// It does not work.
    Bad,
}

/// One line of the test of a mail server.
#[derive(Debug, Clone)]
pub struct ServerCheck {
    /// What was looked at, e.g. *Certificate*.
    pub what: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What was found, and what to do about it.
    pub detail: String,
}

/// The server around the console.
pub trait Host: Send + Sync {
    /// Address under which devices, administrators and ISE reach this server, without a trailing slash.
    fn base_url(&self) -> String;
    /// The root certificate for ISE, PEM.
    fn root_pem(&self) -> Vec<u8>;
    /// The same, DER.
    fn root_der(&self) -> Vec<u8>;
    /// Runs the table of ISE's *Test Connection* through a real TLS client that trusts only the exported root.
    fn ise_self_test<'a>(
        &'a self,
        scope: &'a Scope,
        own: Option<Credentials>,
    ) -> Promise<'a, engine::Result<Vec<SelfTestRow>>>;
    /// Looks at a mail server: versions, certificate, Autodiscover, whether it can be reached around us. `login` is a
    /// name and password to try; they are not kept.
    fn test_server<'a>(
        &'a self,
        server: &'a ActiveSyncServer,
        login: Option<(&'a str, &'a str)>,
    ) -> Promise<'a, Vec<ServerCheck>>;
}
