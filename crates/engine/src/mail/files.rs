//! Files that go out with mail: kept once for all recipients, and sealed while they wait.

use domain::model::{Mail, MailFile, MailFileId, OrganizationId};
use store::{Tx, repo};

use crate::{Engine, Error, Result};

/// A file that goes with a mail.
pub(crate) struct Attachment {
    /// Its name, ASCII without what a header could not hold.
    pub name: String,
    /// Media type.
    pub media: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Attachment {
    /// As it is kept; [`repo::mail::insert_file`] stores it in the unit that queues its mails.
    pub fn sealed(self, engine: &Engine, organization: OrganizationId) -> Result<MailFile> {
        let id = engine.entropy.id(engine.now());
        let sealed = engine.secret_key.seal(&context(organization, id), &self.bytes)?;
        let sealed = domain::model::Sealed(sealed);
        Ok(MailFile { organization, id, name: self.name, media: self.media, sealed })
    }
}

/// What the bytes of a file are sealed for.
fn context(organization: OrganizationId, id: MailFileId) -> String {
    format!("mail-file/{organization}/{id}")
}

/// The file that a mail carries, still sealed; `None` if it carries none.
pub(super) async fn of(engine: &Engine, mail: &Mail) -> Result<Option<MailFile>> {
    let Some(id) = mail.file else { return Ok(None) };
    let read = async move |tx: &mut Tx| Ok::<_, Error>(repo::mail::file(tx, id).await?);
    engine.store.read(mail.organization, read).await
}

/// Opens it.
pub(super) fn unseal(engine: &Engine, file: MailFile) -> Result<Attachment> {
    let bytes = engine.secret_key.unseal(&context(file.organization, file.id), &file.sealed.0)?;
    Ok(Attachment { name: file.name, media: file.media, bytes })
}
