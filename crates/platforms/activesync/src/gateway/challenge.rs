//! How a mail server asks for credentials: remembered, so that a device that brings none (or wrong ones that were
//! wrong a moment ago) sees the server's own challenge without a question to it. OAuth clients find their sign-in
//! page in it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::Millis;
use domain::model::{ActiveSyncServer, ServerId};
use engine::eas;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use parking_lot::Mutex;
use transport::Body;

use super::Gateway;
use super::headers::keep_challenges;
use crate::answer::Said;
use crate::handler::{ActiveSync, NOBODY};
use crate::refuse;

/// A remembered challenge is asked for again after so long.
const FRESH: Millis = 10 * 60_000;
const PATIENCE: Duration = Duration::from_secs(20);

/// What is known of a server's sign-in.
#[derive(Clone)]
struct Known {
    rev: i64,
    at: Millis,
    challenges: Vec<HeaderValue>,
    /// OPTIONS without credentials is refused, so OPTIONS with credentials proves them.
    proves: Option<bool>,
}

#[derive(Default)]
pub(super) struct Challenges(Mutex<HashMap<ServerId, Known>>);

impl Challenges {
    /// Remembers the challenge of a 401.
    pub(super) fn learn(&self, server: &ActiveSyncServer, headers: &HeaderMap) {
        let challenges: Vec<HeaderValue> = headers
            .get_all(header::WWW_AUTHENTICATE)
            .iter()
            // Copies: a slice would keep the whole answer alive.
            .filter_map(|value| HeaderValue::from_bytes(value.as_bytes()).ok())
            .collect();
        if challenges.is_empty() {
            return;
        }
        let mut all = self.0.lock();
        let known = all.entry(server.id).or_insert(Known {
            rev: server.rev,
            at: 0,
            challenges: Vec::new(),
            proves: None,
        });
        if known.rev != server.rev {
            known.proves = None;
            known.rev = server.rev;
        }
        known.challenges = challenges;
    }

    fn probed(&self, server: &ActiveSyncServer, proves: bool, at: Millis) {
        let mut all = self.0.lock();
        let known = all.entry(server.id).or_insert(Known {
            rev: server.rev,
            at,
            challenges: Vec::new(),
            proves: None,
        });
        (known.rev, known.at, known.proves) = (server.rev, at, Some(proves));
    }

    fn get(&self, server: &ActiveSyncServer) -> Option<Known> {
        self.0.lock().get(&server.id).filter(|known| known.rev == server.rev).cloned()
    }
}

impl Gateway {
    /// 401 as the server says it, from memory; our own Basic challenge before anything is known.
    pub(crate) fn challenge_of(&self, server: &ActiveSyncServer) -> Said {
        let known = self.challenges.get(server).map(|known| known.challenges).unwrap_or_default();
        if known.is_empty() {
            return refuse::unauthenticated();
        }
        let mut said = Said::bare(401).because("The user name or password is wrong.");
        for value in known {
            said = said.header(header::WWW_AUTHENTICATE, value);
        }
        said
    }

    /// Whether OPTIONS proves credentials at this server, as far as is known.
    pub(crate) fn proves(&self, server: &ActiveSyncServer) -> bool {
        self.challenges.get(server).and_then(|known| known.proves) == Some(true)
    }
}

impl ActiveSync {
    /// 401 for a request without credentials: of the named user's server, or the one that a new user would get.
    pub(crate) async fn challenge(&self, host: Option<&str>, named: Option<&str>, peer: SocketAddr) -> Said {
        match self.likely_server(host, named) {
            Some(server) if server.enabled => {
                self.probe(&server, peer).await;
                self.gateway.challenge_of(&server)
            }
            _ => refuse::unauthenticated(),
        }
    }

    /// Which server a request without credentials is about. An unknown name gets the same as a known one's default.
    pub(crate) fn likely_server(
        &self,
        host: Option<&str>,
        named: Option<&str>,
    ) -> Option<Arc<ActiveSyncServer>> {
        let presented = named.filter(|name| !name.trim().is_empty()).unwrap_or(NOBODY);
        let login = eas::resolve(&self.engine, host, presented)?;
        if login.server.is_some() {
            return login.server;
        }
        if login.user.is_some() {
            return None;
        }
        let org = self.engine.directory().organization(login.organization.id)?;
        let mut servers = org.read().servers();
        if servers.len() == 1 { servers.pop() } else { None }
    }

    /// Asks OPTIONS without credentials: the challenge, and whether OPTIONS proves anything. `None` without an answer.
    pub(super) async fn probe(&self, server: &Arc<ActiveSyncServer>, peer: SocketAddr) -> Option<bool> {
        let now = self.engine.now();
        if let Some(known) = self.gateway.challenges.get(server)
            && let Some(proves) = known.proves
            && now - known.at < FRESH
        {
            return Some(proves);
        }
        let mail = self.gateway.mail(server).ok()?;
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::OPTIONS;
        *request.uri_mut() = mail.home().path.parse().ok()?;
        super::headers::add_origin(request.headers_mut(), peer, true);
        let answer = self.gateway.upstreams.exchange(&mail.home().origin, request, PATIENCE).await.ok()?;
        let mut headers = answer.headers;
        keep_challenges(&mut headers);
        self.gateway.challenges.learn(server, &headers);
        // Anything but a success shows that somebody is asked for; redirects come before the question at some servers.
        let proves = !answer.status.is_success();
        self.gateway.challenges.probed(server, proves, now);
        Some(proves)
    }
}
