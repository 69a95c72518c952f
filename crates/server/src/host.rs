//! What console and REST need from the server around them: addresses, certificates, and clients of the outside world.

use std::net::SocketAddr;
use std::sync::Arc;

use clients::ise_probe::IseProbe;
use clients::mail::{Check, Grade, TestCredentials};
use console::host::{Host, Outcome, Promise, ServerCheck};
use domain::model::ActiveSyncServer;
use engine::ise::{Credentials, SelfTestRow, self_test};
use engine::sign_in::MailServers;
use engine::{Engine, Scope};
use platform_activesync::ActiveSync;
use transport::{UpstreamConfig, Upstreams};

use crate::config::Config;
use crate::identity::Root;

/// This server.
pub struct ServerHost {
    engine: Arc<Engine>,
    root: Root,
    base_url: String,
    name: String,
    address: SocketAddr,
}

impl ServerHost {
    pub fn new(config: &Config, engine: Arc<Engine>, root: Root) -> Self {
        // What the world calls us: the first configured name, else the address.
        let name = config.names.first().cloned().unwrap_or_else(|| match config.listen.ip() {
            ip if ip.is_unspecified() => "localhost".to_owned(),
            ip => ip.to_string(),
        });
        let port = config.listen.port();
        let base_url = match config.names.first() {
            Some(name) => config.url_of(name),
            None if config.listen.ip().is_unspecified() => format!("https://{name}:{port}"),
            // Written so, an address of IPv6 has its brackets.
            None => format!("https://{}", config.listen),
        };
        let address = if config.listen.ip().is_unspecified() {
            SocketAddr::from(([127, 0, 0, 1], port))
        } else {
            config.listen
        };
        Self { engine, root, base_url, name, address }
    }
}

impl ServerHost {
    /// Looks at a mail server with connections of its own: what the pool holds belongs to the worker threads.
    async fn look_at(&self, server: &ActiveSyncServer, login: Option<(&str, &str)>) -> Vec<Check> {
        let upstreams = Upstreams::new(UpstreamConfig::default());
        let credentials = login.map(|(user, password)| TestCredentials {
            user: user.to_owned(),
            password: password.to_owned(),
            email: if user.contains('@') { user.to_owned() } else { String::new() },
        });
        let server = Arc::new(server.clone());
        clients::mail::test(&upstreams, server, credentials.as_ref(), self.engine.now()).await.checks
    }
}

impl Host for ServerHost {
    fn base_url(&self) -> String {
        self.base_url.clone()
    }
    fn root_pem(&self) -> Vec<u8> {
        self.root.pem.clone().into_bytes()
    }
    fn root_der(&self) -> Vec<u8> {
        self.root.der.clone()
    }
    fn ise_self_test<'a>(
        &'a self,
        scope: &'a Scope,
        own: Option<Credentials>,
    ) -> Promise<'a, engine::Result<Vec<SelfTestRow>>> {
        Box::pin(async move {
            let probe =
                IseProbe { address: self.address, host: self.name.clone(), root: self.root.der.clone() };
            self_test(&self.engine, scope, &probe, own).await
        })
    }
    fn test_server<'a>(
        &'a self,
        server: &'a ActiveSyncServer,
        login: Option<(&'a str, &'a str)>,
    ) -> Promise<'a, Vec<ServerCheck>> {
        Box::pin(async move {
            let found = self.look_at(server, login).await;
            let outcome = |grade| match grade {
                Grade::Good => Outcome::Good,
                Grade::Warning => Outcome::Notice,
                Grade::Failed => Outcome::Bad,
            };
            found
                .into_iter()
                .map(|check| ServerCheck {
                    what: check.name.to_owned(),
                    outcome: outcome(check.grade),
                    detail: check.words,
                })
                .collect()
        })
    }
}

impl api::v1::Host for ServerHost {
    fn base_url(&self) -> String {
        self.base_url.clone()
    }
    fn root_certificate_pem(&self) -> Option<String> {
        Some(self.root.pem.clone())
    }
    fn check_server<'a>(
        &'a self,
        server: &'a ActiveSyncServer,
        login: Option<(&'a str, &'a str)>,
    ) -> Promise<'a, Vec<api::v1::ServerCheck>> {
        Box::pin(async move {
            let found = self.look_at(server, login).await;
            let outcome = |grade| match grade {
                Grade::Good => api::v1::CheckOutcome::Good,
                Grade::Warning => api::v1::CheckOutcome::Notice,
                Grade::Failed => api::v1::CheckOutcome::Bad,
            };
            found
                .into_iter()
                .map(|check| api::v1::ServerCheck {
                    what: check.name.to_owned(),
                    outcome: outcome(check.grade),
                    detail: check.words,
                })
                .collect()
        })
    }
    fn run_ise_self_test<'a>(
        &'a self,
        scope: &'a Scope,
        own: Option<Credentials>,
    ) -> Promise<'a, engine::Result<Vec<SelfTestRow>>> {
        Host::ise_self_test(self, scope, own)
    }
}

/// The same for the pages of users.
pub struct UserHost {
    pub base_url: String,
    pub activesync: ActiveSync,
}

impl portal::Host for UserHost {
    fn base_url(&self) -> String {
        self.base_url.clone()
    }
    fn mail_servers(&self) -> &dyn MailServers {
        &self.activesync
    }
}
