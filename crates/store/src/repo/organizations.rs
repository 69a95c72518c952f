//! Organizations: a unit sees and writes only its own; making one is a unit opened for the new id.
//!
//! Mail domains, login domains and host names are also rows of `organization_name`, which is installation-wide,
//! so that no two organizations can have the same. Removal is [`Store::remove_organization`](crate::Store::remove_organization).

use super::{
    constraint,
    entity::{self, Entity, Statements},
    text,
};
use crate::{Result, Tx};
use domain::{
    Change,
    model::{Organization, OrganizationId},
};
use std::{collections::BTreeSet, sync::Arc};

impl Entity for Organization {
    const CHANGED: &'static str = constraint::ORGANIZATION_CHANGED;
    fn organization(&self) -> OrganizationId {
        self.id
    }
    fn rev(&mut self) -> &mut i64 {
        &mut self.rev
    }
}

/// What a name of an organization is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// The part of an address behind the `@`.
    MailDomain,
    /// `DOMAIN` of `DOMAIN\user`.
    LoginDomain,
    /// Host name of a request.
    HostName,
}

impl NameKind {
    /// Stored word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::MailDomain => "mail_domain",
            Self::LoginDomain => "login_domain",
            Self::HostName => "host_name",
        }
    }
}

/// The slug is in the condition because it is immutable.
const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO organization (organization_id, rev, doc, slug) VALUES ($1, $2, $3, $4)",
    update: "UPDATE organization SET rev = $2, doc = $3 \
             WHERE organization_id = $1 AND rev + 1 = $2 AND slug = $4",
};

/// The organization, if it is the unit's own and exists.
pub async fn get(tx: &mut Tx, id: OrganizationId) -> Result<Option<Organization>> {
    if id != tx.organization() {
        return Ok(None);
    }
    let sql = "SELECT doc FROM organization WHERE organization_id = $1";
    entity::one(tx.fetch_optional(sql, &[id.into()]).await?)
}

/// Inserts or updates. Conflicts: [`constraint::ORGANIZATION_SLUG`], [`constraint::ORGANIZATION_NAME`],
/// [`constraint::ORGANIZATION_CHANGED`] (also when the slug differs from the stored one).
pub async fn put(tx: &mut Tx, organization: &mut Organization) -> Result<()> {
    let slug = text::lower(&organization.slug);
    entity::put(tx, organization, &STATEMENTS, &[slug]).await?;
    put_names(tx, organization).await?;
    tx.changed(Change::Organization(Arc::new(organization.clone())));
    Ok(())
}

/// Makes the rows of `organization_name` equal to the lists of the organization.
async fn put_names(tx: &mut Tx, organization: &Organization) -> Result<()> {
    let wanted: BTreeSet<(String, String)> = [
        (NameKind::MailDomain, &organization.mail_domains),
        (NameKind::LoginDomain, &organization.login_domains),
        (NameKind::HostName, &organization.host_names),
    ]
    .into_iter()
    .flat_map(|(kind, names)| names.iter().map(move |name| (kind.word().to_owned(), name.to_lowercase())))
    .collect();
    let sql = "SELECT kind, name FROM organization_name WHERE organization_id = $1";
    let mut stored = BTreeSet::new();
    for row in tx.fetch(sql, &[organization.id.into()]).await? {
        stored.insert((row.text(0)?, row.text(1)?));
    }
    for (kind, name) in stored.difference(&wanted) {
        let sql = "DELETE FROM organization_name WHERE organization_id = $1 AND kind = $2 AND name = $3";
        tx.execute(sql, &[organization.id.into(), kind.into(), name.into()]).await?;
    }
    for (kind, name) in wanted.difference(&stored) {
        let sql = "INSERT INTO organization_name (organization_id, kind, name) VALUES ($1, $2, $3)";
        tx.execute(sql, &[organization.id.into(), kind.into(), name.into()]).await?;
    }
    Ok(())
}
