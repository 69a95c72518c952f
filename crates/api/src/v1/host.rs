//! What REST needs from the server around it: real connections, and its own certificate.

use std::future::Future;
use std::pin::Pin;

use domain::model::ActiveSyncServer;
use engine::Scope;
use engine::ise::{Credentials, SelfTestRow};
use schemars::JsonSchema;
use serde::Serialize;

/// A future behind a trait object.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Implemented by the server, which knows its listeners, certificates and mail clients.
pub trait Host: Send + Sync + 'static {
    /// `https://mdm.example.com`, as devices and Cisco ISE reach this server.
    fn base_url(&self) -> String;
    /// The root certificate that ISE must trust, PEM; `None` behind a proxy that has its own.
    fn root_certificate_pem(&self) -> Option<String>;
    /// Tests the way to a mail server, with a user's name and password if they were given. What cannot be reached
    /// is a check, never an error.
    fn check_server<'a>(
        &'a self,
        server: &'a ActiveSyncServer,
        login: Option<(&'a str, &'a str)>,
    ) -> Later<'a, Vec<ServerCheck>>;
    /// Runs Cisco ISE's Test Connection table against our own listener; `own` adds a row with those credentials.
    ///
    /// # Errors
    /// Those of [`engine::ise::self_test`].
    fn run_ise_self_test<'a>(
        &'a self,
        scope: &'a Scope,
        own: Option<Credentials>,
    ) -> Later<'a, engine::Result<Vec<SelfTestRow>>>;
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ServerCheck {
    /// What: connection, certificate, versions, Autodiscover, way around us …
    pub what: String,
    /// How it is.
    pub outcome: CheckOutcome,
    /// What was found, in one or two sentences, with what to do about it.
    pub detail: String,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// In order.
    Good,
    /// Works, but somebody should look.
    Notice,
    /// Does not work.
    Bad,
}
