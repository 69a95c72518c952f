//! Credentials of requests that are not forwarded: the mail server is asked by OPTIONS, which refuses a wrong password
//! everywhere (decision 4); where OPTIONS asks for none, by Provision.

use std::net::SocketAddr;
use std::sync::Arc;

use clients::mail::{MailServer, Place};
use domain::model::ActiveSyncServer;
use engine::eas::{self, Login};
use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use transport::{Body, UpstreamResponse};
use wire_eas::command::Command;
use wire_eas::provision::client::{ServerAnswer, initial};
use wire_eas::version::Version;

use super::answer::pass;
use super::headers::{add_origin, complete_offer, keep_challenges};
use super::inquiry::{Inquiry, MAX_ANSWER, PATIENCE};
use super::redirect::{lead, place_of};
use super::trip::HOPS;
use super::versions;
use crate::answer::Said;
use crate::handler::{ActiveSync, Credentials};
use crate::refuse;

/// What the mail server says to credentials.
pub(crate) enum Verified {
    /// Good.
    Good,
    /// Wrong; the answer for the device.
    Wrong(Said),
    /// It could not be asked, or refuses the user for another reason.
    Unknown(Said),
}

/// What became of a device's own OPTIONS.
pub(crate) enum Offer {
    /// The mail server's answer, rewritten.
    Made(Response<Body>),
    /// The credentials are wrong.
    Wrong(Said),
    /// No answer.
    None(Said),
}

impl ActiveSync {
    /// Asks the mail server about credentials.
    pub(crate) async fn verify(
        &self,
        server: &Arc<ActiveSyncServer>,
        login: &Login,
        credentials: &Credentials,
        peer: SocketAddr,
    ) -> Verified {
        let Some(proves) = self.probe(server, peer).await else { return Verified::Unknown(self.silent()) };
        let answer = if proves {
            self.ask_options(server, login, credentials, peer).await.map(|(answer, ..)| answer)
        } else {
            self.ask_provision(server, login, credentials, peer).await
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(said) => return Verified::Unknown(said),
        };
        match answer.status.as_u16() {
            200..=299 if proves => Verified::Good,
            200 => match answer.body.collect(MAX_ANSWER).await {
                Ok(body) if ServerAnswer::parse(&body).is_ok() => Verified::Good,
                _ => Verified::Unknown(self.silent()),
            },
            _ => self.refused(server, answer),
        }
    }

    /// What an answer says that is no success.
    pub(super) fn refused(&self, server: &ActiveSyncServer, answer: UpstreamResponse) -> Verified {
        match answer.status.as_u16() {
            401 => Verified::Wrong(self.wrong(server, answer.headers)),
            status @ (403 | 404 | 456 | 457) => {
                let said = Said::bare(status).because(format!("The mail server answers with HTTP {status}."));
                Verified::Unknown(said)
            }
            _ => Verified::Unknown(self.silent()),
        }
    }

    /// Passes a device's OPTIONS on.
    pub(crate) async fn ask_offer(
        &self,
        server: &Arc<ActiveSyncServer>,
        login: &Login,
        credentials: &Credentials,
        peer: SocketAddr,
    ) -> Offer {
        // For the challenge, and for knowing what a success is worth.
        self.probe(server, peer).await;
        match self.ask_options(server, login, credentials, peer).await {
            Ok((answer, ..)) if answer.status.as_u16() == 401 => {
                Offer::Wrong(self.wrong(server, answer.headers))
            }
            Ok((answer, ..)) if matches!(answer.status.as_u16(), 502 | 504) => {
                Offer::None(self.down(server, answer.status))
            }
            Ok((answer, ..)) => {
                let mut response = pass(answer, &versions(server));
                if response.status().is_success() {
                    complete_offer(response.headers_mut());
                }
                Offer::Made(response)
            }
            Err(said) => Offer::None(said),
        }
    }

    fn wrong(&self, server: &ActiveSyncServer, mut headers: HeaderMap) -> Said {
        keep_challenges(&mut headers);
        self.gateway.challenges.learn(server, &headers);
        self.gateway.challenge_of(server)
    }

    pub(super) fn silent(&self) -> Said {
        self.metrics.upstream_failures.up();
        self.later().because("The mail server could not say whether the password is right.")
    }

    /// OPTIONS with credentials, following redirects: the answer, where it came from, and the credentials as the mail
    /// server wants them.
    pub(super) async fn ask_options(
        &self,
        server: &Arc<ActiveSyncServer>,
        login: &Login,
        credentials: &Credentials,
        peer: SocketAddr,
    ) -> Result<(UpstreamResponse, Place, HeaderValue), Said> {
        let (mail, mut place, authorization) = self.prepare(server, login, credentials)?;
        for _ in 0..=HOPS {
            let mut request = Request::new(Body::empty());
            *request.method_mut() = Method::OPTIONS;
            *request.uri_mut() = place.path.parse().map_err(|_| self.silent())?;
            request.headers_mut().insert(header::AUTHORIZATION, authorization.clone());
            add_origin(request.headers_mut(), peer, true);
            let answer = match self.gateway.upstreams.exchange(&place.origin, request, PATIENCE).await {
                Ok(answer) => answer,
                Err(error) if error.nothing_sent() && place.url != mail.home().url => {
                    place = mail.home().clone();
                    continue;
                }
                Err(error) => {
                    tracing::warn!(server = %server.name, %error, "a mail server did not answer OPTIONS");
                    return Err(self.silent());
                }
            };
            let Some(url) = lead(answer.status, &answer.headers) else {
                return Ok((answer, place, authorization));
            };
            place = place_of(&mail, &place.url, url).await.map_err(|error| {
                tracing::warn!(server = %server.name, %error, "a redirect of a mail server was refused");
                self.silent()
            })?;
            self.metrics.redirects.up();
            // Where a token without a name leads to is not this user's address before it is proved to be his.
            if let Some(user) = login.user.as_ref().filter(|_| credentials.names_its_owner()) {
                let learnt = eas::learn_url(&self.engine, user, server.id, &place.url).await;
                self.grace.learn(&learnt, self.engine.now());
            }
        }
        Err(self.silent())
    }

    /// The first phase of Provision, for a device that does not exist: needs a password everywhere.
    async fn ask_provision(
        &self,
        server: &Arc<ActiveSyncServer>,
        login: &Login,
        credentials: &Credentials,
        peer: SocketAddr,
    ) -> Result<UpstreamResponse, Said> {
        let (_, place, authorization) = self.prepare(server, login, credentials)?;
        let version = Version::V12_1.max(*versions(server).start());
        let inquiry = Inquiry { place, authorization, user: login.presented.clone(), version, peer };
        let answer = inquiry.say(&self.gateway, Command::Provision, None, initial(version, None)).await;
        answer.map_err(|_| self.silent())
    }

    fn prepare(
        &self,
        server: &Arc<ActiveSyncServer>,
        login: &Login,
        credentials: &Credentials,
    ) -> Result<(Arc<MailServer>, Place, HeaderValue), Said> {
        if !server.enabled {
            return Err(self.later().because("The user's mail server is out of use."));
        }
        if matches!(credentials, Credentials::Bearer { .. }) && !server.bearer {
            return Err(refuse::unauthenticated());
        }
        let mail = self.gateway.mail(server).map_err(|error| {
            tracing::error!(server = %server.name, %error, "a mail server cannot be used");
            self.silent()
        })?;
        let learnt = login.user.as_ref().and_then(|user| user.learnt_at(server.id));
        let place = learnt.and_then(|url| mail.place(url).ok()).unwrap_or_else(|| mail.home().clone());
        let name = mail.login_name(&login.presented, &login.username);
        let authorization = credentials.header(&name).ok_or_else(refuse::unauthenticated)?;
        Ok((mail, place, authorization))
    }
}
