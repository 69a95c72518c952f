//! OPTIONS: which versions and commands there are, for whoever proves who he is.

use std::net::SocketAddr;

use engine::eas;
use http::{HeaderName, HeaderValue, header, request};
use transport::Reply;
use wire_eas::command::Command;
use wire_eas::options::{write_commands, write_versions};
use wire_eas::version::Version;

use super::{ActiveSync, Credentials, NoCredentials, host_of};
use crate::answer::{Said, Who};
use crate::gateway::Offer;
use crate::refuse;
use crate::standin;

pub(crate) const VERSIONS: HeaderName = HeaderName::from_static("ms-asprotocolversions");
pub(crate) const COMMANDS: HeaderName = HeaderName::from_static("ms-asprotocolcommands");
/// Stands for whoever did not say his name.
pub(crate) const NOBODY: &str = "nobody";
const SERVER: HeaderName = HeaderName::from_static("ms-server-activesync");
const PUBLIC: HeaderName = HeaderName::from_static("public");

impl ActiveSync {
    /// Answers OPTIONS.
    pub(crate) async fn offer(&self, mut parts: request::Parts, peer: SocketAddr, _secure: bool) -> Reply {
        let named = named_user(&parts);
        let read = match Credentials::of(&parts.headers) {
            Ok(read) => read,
            Err(NoCredentials::Unusable) => return self.count(refuse::unauthenticated()).response().into(),
            Err(NoCredentials::Absent | NoCredentials::Nameless) => {
                let said = self.challenge(host_of(&parts.headers), named.as_deref(), peer).await;
                return self.count(said).response().into();
            }
        };
        let Ok(credentials) = self.whose(read.clone(), named.as_deref()) else {
            return self.offer_to_token(&parts, &read, peer).await;
        };
        parts.headers.remove(header::AUTHORIZATION);
        let login = eas::resolve_confirmed(&self.engine, host_of(&parts.headers), credentials.user()).await;
        let Some(login) = login else { return self.count(self.nobody(peer)).response().into() };
        let key = eas::credential_hash(&self.engine, &login, "", credentials.secret());
        let now = self.engine.now();
        let Some(server) = login.server.clone() else {
            return self.count(self.offer_locally(&login, &credentials, key).await).response().into();
        };
        if self.attempts.was_wrong(&key, now) {
            self.metrics.spared_sign_ins.up();
            return self.count(self.gateway.challenge_of(&server)).response().into();
        }
        match self.ask_offer(&server, &login, &credentials, peer).await {
            Offer::Made(response) => {
                if response.status().is_success() && self.gateway.proves(&server) {
                    self.attempts.right(key, now);
                }
                response.into()
            }
            Offer::Wrong(said) => {
                self.attempts.wrong(key, now);
                self.count(said).response().into()
            }
            Offer::None(said) => self.count(said).response().into(),
        }
    }

    /// OPTIONS with a token that nobody says the owner of: the server that he probably has may answer it. Nothing is
    /// learnt from that about anybody.
    async fn offer_to_token(&self, parts: &request::Parts, token: &Credentials, peer: SocketAddr) -> Reply {
        let host = host_of(&parts.headers);
        let server = self.likely_server(host, None).filter(|server| server.bearer);
        let login = eas::resolve(&self.engine, host, NOBODY).map(|login| eas::Login { user: None, ..login });
        let (Some(server), Some(login)) = (server, login) else {
            return self.count(refuse::unauthenticated()).response().into();
        };
        let (key, now) = (eas::token_hash(&self.engine, token.secret()), self.engine.now());
        if self.attempts.was_wrong(&key, now) {
            self.metrics.spared_sign_ins.up();
            return self.count(self.gateway.challenge_of(&server)).response().into();
        }
        match self.ask_offer(&server, &login, token, peer).await {
            Offer::Made(response) => response.into(),
            Offer::Wrong(said) => {
                self.attempts.wrong(key, now);
                self.count(said).response().into()
            }
            Offer::None(said) => self.count(said).response().into(),
        }
    }

    async fn offer_locally(&self, login: &eas::Login, credentials: &Credentials, key: [u8; 32]) -> Said {
        let now = self.engine.now();
        if self.attempts.was_wrong(&key, now) {
            self.metrics.spared_sign_ins.up();
            return refuse::unauthenticated();
        }
        let Credentials::Basic { password, .. } = credentials else { return refuse::unauthenticated() };
        match eas::verify_login(&self.engine, login, password).await {
            Ok(Some(_)) => standin_offer(),
            Ok(None) => {
                if !login.user_is_disabled() {
                    self.attempts.wrong(key, now);
                }
                refuse::unauthenticated()
            }
            Err(_) => self.later(),
        }
    }
}

/// The user in the query, if it says one; OPTIONS often has none.
fn named_user(parts: &request::Parts) -> Option<String> {
    wire_eas::query::Query::parse(parts.uri.query()?).ok()?.user
}

/// What the stand-in offers.
fn standin_offer() -> Said {
    let versions: Vec<Version> = Version::ALL.into_iter().filter(|v| standin::VERSIONS.contains(v)).collect();
    let commands: Vec<Command> = Command::ALL.into_iter().filter(|c| *c != Command::Find).collect();
    let value = |text: String| HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    let highest = versions.iter().max().map_or("", |v| v.as_str());
    Said::bare(200)
        .by(Who::StandIn)
        .header(VERSIONS, value(write_versions(&versions)))
        .header(COMMANDS, value(write_commands(&commands, &[], &versions)))
        .header(SERVER, HeaderValue::from_static(highest))
        .header(PUBLIC, HeaderValue::from_static("OPTIONS,POST"))
        .header(header::ALLOW, HeaderValue::from_static("OPTIONS,POST"))
}
