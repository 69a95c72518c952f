//! What it takes to write letters for an organization.

use std::sync::Arc;

use catalog::{CUSTOM_PLACEHOLDER, LetterKind};
use domain::letter::{Filling, Letter, Reader};
use domain::mail::MailAddress;
use domain::model::{
    Administrator, CustomScope, Mail, MailId, MailState, MailingId, Messaging, Organization, OrganizationId,
    OrganizationSettings, Sealed, User, UserId,
};
use serde::{Deserialize, Serialize};
use store::{SecretKey, Tx, repo};

use crate::enrollment::Issued;
use crate::{Engine, Entropy, Error, Result};

/// What is known of an organization while its letters are written. Cheap to clone; reads no index.
#[derive(Clone)]
pub(crate) struct Desk {
    /// `None` at the installation.
    organization: Option<Arc<Organization>>,
    messaging: Arc<Messaging>,
    server: String,
    key: SecretKey,
}

/// The body of a letter while it waits.
#[derive(Serialize, Deserialize)]
pub(crate) struct Body {
    pub text: String,
    pub html: String,
    pub qr: Option<String>,
}

impl Desk {
    /// The desk of an organization, or of the installation.
    pub fn of(engine: &Engine, id: OrganizationId) -> Result<Self> {
        let organization = if id == Organization::SYSTEM {
            None
        } else {
            let org = engine.directory.organization(id).ok_or(Error::NotFound("organization"))?;
            Some(Arc::clone(&org.read().organization))
        };
        Ok(Self {
            organization,
            messaging: engine.directory.messaging(id).unwrap_or_else(|| Arc::new(Messaging::new(id))),
            server: engine.public_url.read().clone(),
            key: engine.secret_key.clone(),
        })
    }

    pub fn settings(&self) -> OrganizationSettings {
        self.organization.as_ref().map(|found| found.settings.clone()).unwrap_or_default()
    }

    pub fn messaging(&self) -> &Messaging {
        &self.messaging
    }

    /// Where this server is reached.
    pub fn server(&self) -> &str {
        &self.server
    }

    fn language(&self) -> &str {
        self.organization.as_ref().map_or("en", |found| found.settings.language.as_str())
    }

    /// What placeholders stand for in a letter to a user.
    pub fn filling(&self, user: &User, issued: Option<&Issued>) -> Filling {
        let mut filling = self.common(self.organization.as_deref());
        let login = match user.domain.as_str() {
            "" => user.username.clone(),
            domain => format!("{domain}\\{}", user.username),
        };
        filling.set_reader(&Reader {
            name: &user.display_name,
            first_name: &user.first_name,
            last_name: &user.last_name,
            email: &user.email,
            login: &login,
        });
        for column in self.organization.iter().flat_map(|found| &found.columns) {
            if column.scope == CustomScope::User {
                let value = crate::custom_columns::shown(column, &user.custom);
                filling.set(format!("{CUSTOM_PLACEHOLDER}{}", column.name), value);
            }
        }
        if let Some(issued) = issued {
            self.fill_invitation(&mut filling, issued);
        }
        filling
    }

    /// What placeholders of letters with an enrolment code stand for.
    pub fn fill_invitation(&self, filling: &mut Filling, issued: &Issued) {
        let zone = &self.settings().time_zone;
        let ends = crate::notifications::local(zone, issued.expires_at).unwrap_or_default();
        filling.set_invitation(&issued.link, &issued.code, &ends);
    }

    /// What they stand for in a letter to an administrator of an organization (`None`: of the installation).
    pub fn filling_for(&self, administrator: &Administrator, of: Option<&Organization>) -> Filling {
        let mut filling = self.common(of);
        let name = match administrator.display_name.as_str() {
            "" => administrator.username.as_str(),
            name => name,
        };
        let login = &administrator.username;
        filling.set_reader(&Reader { name, email: &administrator.email, login, ..Reader::default() });
        filling
    }

    fn common(&self, organization: Option<&Organization>) -> Filling {
        let mut filling = Filling::default();
        let name = self.server.split_once("://").map_or(self.server.as_str(), |(_, rest)| rest);
        filling.set_server(name, &self.server);
        filling.set_organization(
            organization.map_or(name, |found| found.name.as_str()),
            organization.map_or("", |found| found.settings.contact.trim()),
        );
        filling
    }

    /// The letter in the language of its reader (empty: the organization's).
    pub fn letter(&self, kind: LetterKind, language: &str, filling: &Filling) -> Letter {
        let (language, template) = self.messaging.letters.templates.choose(kind, language, self.language());
        filling.letter(&template, &language)
    }

    /// Queues a letter in the unit of its organization.
    pub async fn queue(
        &self,
        tx: &mut Tx,
        purpose: LetterKind,
        recipient: MailAddress,
        letter: Letter,
        (user, mailing): (Option<UserId>, Option<MailingId>),
    ) -> store::Result<MailId> {
        let now = tx.now();
        let id: MailId = Entropy.id(now);
        let body = Body { text: letter.text, html: letter.html, qr: letter.qr };
        let body = serde_json::to_vec(&body)
            .map_err(|error| store::StoreError::Other(format!("a letter cannot be written: {error}")))?;
        let sealed = self.key.seal(&context(tx.organization(), id), &body)?;
        let mail = Mail {
            organization: tx.organization(),
            id,
            purpose: purpose.info().key.to_owned(),
            recipient,
            subject: letter.subject,
            text: None,
            sealed: Some(Sealed(sealed)),
            user,
            mailing,
            report: None,
            file: None,
            state: MailState::Waiting,
            attempts: 0,
            outcome: String::new(),
            created_at: now,
            due_at: Some(now),
            finished_at: None,
        };
        repo::mail::insert(tx, &mail).await?;
        Ok(id)
    }
}

/// What the body of a mail is sealed for.
fn context(organization: OrganizationId, id: MailId) -> String {
    format!("mail/{organization}/{id}")
}

/// The body of a letter that waits; `None` for a mail in plain text.
pub(crate) fn unseal(engine: &Engine, mail: &Mail) -> Result<Option<Body>> {
    let Some(sealed) = &mail.sealed else { return Ok(None) };
    let opened = engine.secret_key.unseal(&context(mail.organization, mail.id), &sealed.0)?;
    serde_json::from_slice(&opened).map(Some).map_err(Error::internal)
}
