//! The XML form, with a password (MS-OXDSCLI; MS-ASCMD, Autodiscover).

use std::net::SocketAddr;

use engine::eas;
use http::{HeaderValue, header, request};
use transport::RequestBody;
use wire_eas::autodiscover::pox::{Answer, MAX_DOCUMENT, Request, Server, User};

use crate::answer::Said;
use crate::gateway::Verified;
use crate::handler::{ActiveSync, Credentials, NoCredentials, host_of};
use crate::refuse;

const XML: HeaderValue = HeaderValue::from_static("text/xml; charset=utf-8");

/// What is asked for, before or after it was read.
enum Question {
    Read(Request),
    Unread(RequestBody),
}

impl ActiveSync {
    /// Answers `POST /autodiscover/autodiscover.xml`.
    pub(crate) async fn autodiscover_xml(
        &self,
        parts: request::Parts,
        body: RequestBody,
        peer: SocketAddr,
        _secure: bool,
    ) -> Said {
        self.metrics.autodiscover.up();
        match self.answer_xml(parts, body, peer).await {
            Ok(said) | Err(said) => said,
        }
    }

    async fn answer_xml(
        &self,
        parts: request::Parts,
        body: RequestBody,
        peer: SocketAddr,
    ) -> Result<Said, Said> {
        let host = host_of(&parts.headers);
        let read = match Credentials::of(&parts.headers) {
            Ok(read) => read,
            Err(NoCredentials::Unusable) => return Err(refuse::unauthenticated()),
            Err(NoCredentials::Absent | NoCredentials::Nameless) => {
                return Err(self.challenge(host, None, peer).await);
            }
        };
        // A token that does not say whose it is leaves that to the question.
        let (credentials, question) = if read.user().is_empty() {
            let asked = self.asked(body).await?;
            let credentials = self.whose(read, Some(&asked.email));
            (credentials.map_err(|_| refuse::unauthenticated())?, Question::Read(asked))
        } else {
            (read, Question::Unread(body))
        };
        let login = eas::resolve_confirmed(&self.engine, host, credentials.user()).await;
        let login = login.ok_or_else(|| self.nobody(peer))?;
        self.sign_in(&login, &credentials, peer).await?;
        let asked = match question {
            Question::Read(asked) => asked,
            Question::Unread(body) => self.asked(body).await?,
        };
        if !asked.is_mobile() {
            return Err(self.framework(601, "Only the answer for mobile devices is provided here."));
        }
        // The address belongs to the organization of the credentials, or it is nobody's here.
        let same = eas::resolve_address(&self.engine, host, &asked.email)
            .is_some_and(|other| other.organization.id == login.organization.id);
        let url = self.own_url(&parts.headers).filter(|_| same);
        let url = url.ok_or_else(|| self.framework(600, "This mail domain is not served here."))?;
        let user = self.discover_user(&login, &credentials, &asked.email).await;
        let user = user.unwrap_or_else(|| User {
            display_name: login
                .user
                .as_ref()
                .map_or_else(|| login.username.clone(), |u| u.display_name.clone()),
            email: asked.email.clone(),
        });
        let settings = Answer::Settings { user, servers: vec![Server::mobile_sync(&url)] };
        Ok(xml(settings.encode("", 0)))
    }

    /// Reads the question.
    async fn asked(&self, body: RequestBody) -> Result<Request, Said> {
        let bytes = transport::read_all(body, MAX_DOCUMENT).await;
        let bytes =
            bytes.map_err(|_| self.framework(600, "The request is larger than 64 KiB or was cut off."))?;
        Request::parse(&bytes).map_err(|error| self.framework(600, &format!("Invalid request: {error}.")))
    }

    /// Proves credentials without a device.
    async fn sign_in(
        &self,
        login: &eas::Login,
        credentials: &Credentials,
        peer: SocketAddr,
    ) -> Result<(), Said> {
        let now = self.engine.now();
        let key = eas::credential_hash(&self.engine, login, "", credentials.secret());
        let challenge = || match &login.server {
            Some(server) => self.gateway.challenge_of(server),
            None => refuse::unauthenticated(),
        };
        if self.attempts.was_wrong(&key, now) {
            self.metrics.spared_sign_ins.up();
            return Err(challenge());
        }
        let Some(server) = &login.server else {
            let Credentials::Basic { password, .. } = credentials else { return Err(challenge()) };
            return match eas::verify_login(&self.engine, login, password).await {
                Ok(Some(_)) => Ok(()),
                Ok(None) => {
                    if !login.user_is_disabled() {
                        self.attempts.wrong(key, now);
                    }
                    Err(challenge())
                }
                Err(_) => Err(self.later()),
            };
        };
        let verified = match self.prove_owner(server, login, credentials, peer).await {
            Verified::Good if self.attempts.was_right(&key, now) => return Ok(()),
            Verified::Good => self.verify(server, login, credentials, peer).await,
            other => other,
        };
        match verified {
            Verified::Good => {
                self.attempts.right(key, now);
                Ok(())
            }
            Verified::Wrong(said) => {
                self.attempts.wrong(key, now);
                Err(said)
            }
            Verified::Unknown(said) => Err(said),
        }
    }

    fn framework(&self, code: u16, message: &str) -> Said {
        let now = self.engine.now().rem_euclid(86_400_000);
        let time = format!(
            "{:02}:{:02}:{:02}.{:03}0000",
            now / 3_600_000,
            now / 60_000 % 60,
            now / 1000 % 60,
            now % 1000
        );
        let id = self.engine.entropy().policy_key();
        xml(Answer::Framework { code, message: message.to_owned() }.encode(&time, id))
            .because(message.to_owned())
    }
}

fn xml(body: String) -> Said {
    let mut said = Said::bare(200).header(header::CONTENT_TYPE, XML);
    said.body = body.into();
    said
}
