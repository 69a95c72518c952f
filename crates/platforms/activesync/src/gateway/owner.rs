//! Whose mailbox a token opens.
//!
//! A token that does not say whose it is could be anybody's: a user might send an own one with another user's name,
//! and a mail server that goes by the token alone would answer 2xx. So the mail server is asked, with that token, for
//! the addresses of the mailbox (MS-ASCMD, UserInformation), and one of them has to be the user's.

use std::net::SocketAddr;
use std::sync::Arc;

use domain::model::ActiveSyncServer;
use engine::eas::{self, Login};
use http::HeaderMap;
use wire_eas::command::Command;
use wire_eas::device_information::DeviceInformation;
use wire_eas::options::intersect;
use wire_eas::provision::client as provision;
use wire_eas::settings::client::{self as settings, ask_for_addresses};
use wire_eas::status::{acknowledgement, asks_for_provision, policy};
use wire_eas::version::Version;

use super::inquiry::{Inquiry, MAX_ANSWER};
use super::{Verified, versions};
use crate::handler::{ActiveSync, Credentials, NoCredentials, header_text};

/// What came of the question.
enum Said {
    Addresses(Vec<String>),
    /// The mail server has no mailbox without a policy.
    Provision,
}

impl ActiveSync {
    /// Credentials with the name that they or the request say; a token that was proved before keeps its name.
    pub(crate) fn whose(
        &self,
        credentials: Credentials,
        said: Option<&str>,
    ) -> Result<Credentials, NoCredentials> {
        if credentials.names_its_owner() || said.is_some_and(|name| !name.trim().is_empty()) {
            return credentials.of_user(said);
        }
        let token = eas::token_hash(&self.engine, credentials.secret());
        let known = self.owners.name(&token, self.engine.now());
        credentials.of_user(known.as_deref())
    }

    /// Whether credentials belong to the user that they are said to be of. Says nothing about whether they are good,
    /// unless the mail server had to be asked.
    pub(crate) async fn prove_owner(
        &self,
        server: &Arc<ActiveSyncServer>,
        login: &Login,
        credentials: &Credentials,
        peer: SocketAddr,
    ) -> Verified {
        if credentials.names_its_owner() {
            return Verified::Good;
        }
        let token = eas::token_hash(&self.engine, credentials.secret());
        if self.owners.is(&token, login, server, self.engine.now()) {
            return Verified::Good;
        }
        let addresses = match self.ask_addresses(server, login, credentials, peer).await {
            Ok(addresses) => addresses,
            Err(verified) => return verified,
        };
        if !eas::is_mailbox_of(login, &addresses) {
            tracing::warn!(
                server = %server.name,
                user = %login.presented,
                mailbox = ?addresses,
                "a token was refused: the mail server does not say that it opens this user's mailbox; if it is right, \
                 enter one of the mailbox's addresses as the user's mail address"
            );
            return Verified::Wrong(self.gateway.challenge_of(server));
        }
        self.owners.remember(token, login, server, self.engine.now());
        Verified::Good
    }

    /// The addresses of the mailbox that the credentials open; none if the mail server does not say any.
    async fn ask_addresses(
        &self,
        server: &Arc<ActiveSyncServer>,
        login: &Login,
        credentials: &Credentials,
        peer: SocketAddr,
    ) -> Result<Vec<String>, Verified> {
        // For the challenge, should it come to one.
        self.probe(server, peer).await;
        let asked = self.ask_options(server, login, credentials, peer).await;
        let (answer, place, authorization) = asked.map_err(Verified::Unknown)?;
        if !answer.status.is_success() {
            return Err(self.refused(server, answer));
        }
        let version = highest(server, &answer.headers);
        let inquiry = Inquiry { place, authorization, user: login.presented.clone(), version, peer };
        if let Said::Addresses(addresses) = self.ask_settings(server, &inquiry, None).await? {
            return Ok(addresses);
        }
        let key = self.ask_key(server, &inquiry).await?;
        match self.ask_settings(server, &inquiry, key.as_deref()).await? {
            Said::Addresses(addresses) => Ok(addresses),
            Said::Provision => Err(Verified::Unknown(self.silent())),
        }
    }

    async fn ask_settings(
        &self,
        server: &ActiveSyncServer,
        inquiry: &Inquiry,
        key: Option<&str>,
    ) -> Result<Said, Verified> {
        let body = ask_for_addresses(inquiry.version);
        let Some(body) = self.answered(server, inquiry, Command::Settings, key, body).await? else {
            return Ok(Said::Provision);
        };
        match settings::ServerAnswer::parse(&body) {
            Ok(answer) if asks_for_provision(answer.status) => Ok(Said::Provision),
            Ok(answer) => Ok(Said::Addresses(answer.addresses.unwrap_or_default())),
            Err(error) => {
                tracing::warn!(server = %server.name, %error, "a mail server's answer to Settings cannot be read");
                Ok(Said::Addresses(Vec::new()))
            }
        }
    }

    /// The handshake of the device that does not exist. Its key is forgotten again.
    async fn ask_key(
        &self,
        server: &ActiveSyncServer,
        inquiry: &Inquiry,
    ) -> Result<Option<String>, Verified> {
        let information = DeviceInformation {
            model: Some("NotifyMDM".to_owned()),
            friendly_name: Some("NotifyMDM sign-in".to_owned()),
            ..DeviceInformation::default()
        };
        let version = inquiry.version;
        let first = provision::initial(version, Some(&information));
        let Some(offer) = self.provisioned(server, inquiry, "0", first).await?.filter(|o| o.key.is_some())
        else {
            return Ok(None);
        };
        let key = offer.key.unwrap_or_default();
        // It keeps no mail, so there is nothing that a policy could protect: it has applied all of it.
        let second = provision::acknowledge(version, &key, acknowledgement::APPLIED);
        Ok(self.provisioned(server, inquiry, &key, second).await?.and_then(|done| done.key))
    }

    /// One Provision; the policy in the answer if there is one.
    async fn provisioned(
        &self,
        server: &ActiveSyncServer,
        inquiry: &Inquiry,
        key: &str,
        body: Vec<u8>,
    ) -> Result<Option<provision::ServerPolicy>, Verified> {
        let body = self.answered(server, inquiry, Command::Provision, Some(key), body).await?;
        let answer = body.and_then(|body| provision::ServerAnswer::parse(&body).ok());
        let answer = answer.ok_or_else(|| Verified::Unknown(self.silent()))?;
        Ok(answer.policy.filter(|offer| offer.status == policy::SUCCESS))
    }

    /// The body of a 200; none for 449.
    async fn answered(
        &self,
        server: &ActiveSyncServer,
        inquiry: &Inquiry,
        command: Command,
        key: Option<&str>,
        body: Vec<u8>,
    ) -> Result<Option<Vec<u8>>, Verified> {
        let silent = || Verified::Unknown(self.silent());
        let answer = inquiry.say(&self.gateway, command, key, body).await.map_err(|error| {
            tracing::warn!(server = %server.name, %error, "a mail server did not answer");
            silent()
        })?;
        match answer.status.as_u16() {
            200 => Ok(Some(answer.body.collect(MAX_ANSWER).await.map_err(|_| silent())?.to_vec())),
            449 => Ok(None),
            _ => Err(self.refused(server, answer)),
        }
    }
}

/// The highest version that the mail server offers and an administrator allows; without an offer, the highest allowed.
fn highest(server: &ActiveSyncServer, headers: &HeaderMap) -> Version {
    let allowed = versions(server);
    let offered = header_text(headers, "ms-asprotocolversions").map(|list| intersect(list, &allowed));
    offered.and_then(|offered| offered.into_iter().max()).unwrap_or(*allowed.end())
}
