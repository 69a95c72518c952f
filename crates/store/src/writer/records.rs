//! The two records of a batch: the change feed and the journal.
//!
//! Units only collect. The batch writes everything last, organizations in order (one lock order for all nodes):
//! one read and one write of each organization's head row, whose gap-free sequences number the rows and whose
//! hash continues the chain.

use crate::{
    Committed, Journaled, Result, SecretKey, StoreError, Value,
    connection::{Connection, postgres_records},
    journal::{HeadCount, Link, NO_HASH, body_digest, head_mac},
};
use domain::{
    Change, Millis,
    model::{JournalEntry, OrganizationId},
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What the units of the running batch want recorded, in order.
#[derive(Default)]
pub(crate) struct Records {
    collected: Vec<(OrganizationId, Millis, Record)>,
}

enum Record {
    Change(Change),
    Entry(String, JournalEntry),
}

impl Records {
    pub fn change(&mut self, organization: OrganizationId, at: Millis, change: Change) {
        self.collected.push((organization, at, Record::Change(change)));
    }

    pub fn journal(&mut self, organization: OrganizationId, at: Millis, actor: String, entry: JournalEntry) {
        self.collected.push((organization, at, Record::Entry(actor, entry)));
    }

    /// Where the next unit's records begin.
    pub fn mark(&self) -> usize {
        self.collected.len()
    }

    /// Forgets what a failed unit wanted.
    pub fn truncate(&mut self, mark: usize) {
        self.collected.truncate(mark);
    }
}

/// An organization's head row.
pub(crate) struct Head {
    pub organization: OrganizationId,
    pub change_sequence: i64,
    pub journal_sequence: i64,
    pub journal_hash: [u8; 32],
    pub mac: [u8; 32],
}

/// A row of the feed.
pub(crate) struct ChangeRow {
    pub organization: OrganizationId,
    pub sequence: i64,
    pub at: Millis,
    pub kind: &'static str,
    pub subject: String,
}

/// A row of the journal.
pub(crate) struct JournalRow {
    pub link: Link,
    pub body: String,
    pub salt: [u8; 16],
    pub hash: [u8; 32],
}

/// What identifies and authenticates this server's records.
pub(crate) struct Signature {
    /// Authenticates heads.
    pub key: SecretKey,
    /// This process, so that it can skip its own rows when it follows the feed.
    pub origin: Uuid,
}

/// What the hooks will be told once a batch is durable.
#[derive(Default)]
pub(crate) struct Written {
    pub changes: Vec<Committed>,
    pub entries: Vec<Journaled>,
}

impl Written {
    /// Nothing that anybody follows.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.entries.is_empty()
    }
}

/// Writes everything collected and answers what the hooks will be told.
pub(crate) async fn write(
    connection: &mut Connection,
    records: &mut Records,
    signature: &Signature,
) -> Result<Written> {
    let mut by_organization: BTreeMap<OrganizationId, Vec<(Millis, Record)>> = BTreeMap::new();
    for (organization, at, record) in records.collected.drain(..) {
        by_organization.entry(organization).or_default().push((at, record));
    }
    if by_organization.is_empty() {
        return Ok(Written::default());
    }
    let organizations: Vec<OrganizationId> = by_organization.keys().copied().collect();
    let mut heads = locked_heads(connection, &organizations, &signature.key).await?;
    let mut written = Written::default();
    let mut changes = Vec::new();
    let mut entries = Vec::new();
    for (head, (organization, list)) in heads.iter_mut().zip(by_organization) {
        if head.organization != organization {
            return Err(StoreError::Corrupt("the head rows came in another order".to_owned()));
        }
        // A head that somebody tampered with stays recognizable: it never gets a valid code again.
        let sound = head.mac == head_mac(&signature.key, head);
        for (at, record) in list {
            match record {
                Record::Change(change) => {
                    head.change_sequence += 1;
                    let sequence = head.change_sequence;
                    let (kind, subject) = (change.kind().name(), change.subject());
                    changes.push(ChangeRow { organization, sequence, at, kind, subject });
                    written.changes.push(Committed { organization, sequence, change });
                }
                Record::Entry(actor, entry) => {
                    let event = entry.event;
                    entries.push(chained(head, at, actor, entry)?);
                    written.entries.push(Journaled { organization, sequence: head.journal_sequence, event });
                }
            }
        }
        head.mac = if sound { head_mac(&signature.key, head) } else { NO_HASH };
    }
    match connection {
        Connection::Sqlite(_) => insert(connection, &changes, &entries, &heads, signature.origin).await?,
        Connection::Postgres(postgres) => {
            postgres_records::insert(postgres, &changes, &entries, &heads, signature.origin).await?;
        }
    }
    Ok(written)
}

/// The next row of an organization's chain.
fn chained(head: &mut Head, at: Millis, actor: String, entry: JournalEntry) -> Result<JournalRow> {
    let body = entry.body.to_string();
    let salt = crate::seal::random()?;
    head.journal_sequence += 1;
    let link = Link {
        organization: head.organization,
        sequence: head.journal_sequence,
        at,
        actor,
        event: entry.event.to_owned(),
        subject: entry.subject,
        body_digest: body_digest(&salt, &body),
        previous: head.journal_hash,
    };
    let hash = link.hash();
    head.journal_hash = hash;
    Ok(JournalRow { link, body, salt, hash })
}

const SELECT_HEAD: &str = "SELECT organization_id, change_sequence, journal_sequence, journal_hash, mac \
    FROM organization_head WHERE organization_id = $1";

/// The heads of these organizations, locked in order; heads that are missing are made and counted.
async fn locked_heads(
    connection: &mut Connection,
    organizations: &[OrganizationId],
    key: &SecretKey,
) -> Result<Vec<Head>> {
    let mut found = select_heads(connection, organizations).await?;
    if found.len() < organizations.len() {
        let mut made = 0;
        for organization in organizations {
            let mut head = Head {
                organization: *organization,
                change_sequence: 0,
                journal_sequence: 0,
                journal_hash: NO_HASH,
                mac: NO_HASH,
            };
            head.mac = head_mac(key, &head);
            made += connection
                .execute(
                    "INSERT INTO organization_head \
                     (organization_id, change_sequence, journal_sequence, journal_hash, mac) \
                     VALUES ($1, 0, 0, $2, $3) ON CONFLICT DO NOTHING",
                    &[head.organization.into(), head.journal_hash.into(), head.mac.into()],
                )
                .await?;
        }
        HeadCount::add(connection, key, made.cast_signed()).await?;
        found = select_heads(connection, organizations).await?;
    }
    if found.len() == organizations.len() {
        Ok(found)
    } else {
        Err(StoreError::Corrupt("a head row vanished".to_owned()))
    }
}

async fn select_heads(connection: &mut Connection, organizations: &[OrganizationId]) -> Result<Vec<Head>> {
    let mut heads = Vec::with_capacity(organizations.len());
    match connection {
        Connection::Sqlite(sqlite) => {
            for organization in organizations {
                for row in sqlite.fetch(SELECT_HEAD, &[(*organization).into()])? {
                    heads.push(Head::read(&row)?);
                }
            }
        }
        Connection::Postgres(postgres) => {
            for row in postgres_records::lock_heads(postgres, organizations).await? {
                heads.push(Head::read(&row)?);
            }
        }
    }
    Ok(heads)
}

impl Head {
    /// Reads the columns organization_id, change_sequence, journal_sequence, journal_hash, mac.
    pub fn read(row: &crate::Row) -> Result<Self> {
        Ok(Self {
            organization: row.id(0)?,
            change_sequence: row.int(1)?,
            journal_sequence: row.int(2)?,
            journal_hash: row.bytes(3)?,
            mac: row.bytes(4)?,
        })
    }
}

/// Row by row, for SQLite; PostgreSQL takes the arrays of `postgres_records`.
async fn insert(
    connection: &mut Connection,
    changes: &[ChangeRow],
    entries: &[JournalRow],
    heads: &[Head],
    origin: Uuid,
) -> Result<()> {
    for change in changes {
        let params: [Value; 6] = [
            change.organization.into(),
            change.sequence.into(),
            change.at.into(),
            change.kind.into(),
            change.subject.as_str().into(),
            origin.into(),
        ];
        connection
            .execute(
                "INSERT INTO change (organization_id, sequence, at, kind, subject, origin) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                &params,
            )
            .await?;
    }
    for entry in entries {
        let link = &entry.link;
        let params: [Value; 11] = [
            link.organization.into(),
            link.sequence.into(),
            link.at.into(),
            link.actor.as_str().into(),
            link.event.as_str().into(),
            link.subject.as_str().into(),
            link.body_digest.into(),
            entry.salt.into(),
            entry.body.as_str().into(),
            link.previous.into(),
            entry.hash.into(),
        ];
        connection
            .execute(
                "INSERT INTO journal (organization_id, sequence, at, actor, event, subject, body_digest, \
                 body_salt, body, previous_hash, hash) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                &params,
            )
            .await?;
    }
    for head in heads {
        let params: [Value; 5] = [
            head.organization.into(),
            head.change_sequence.into(),
            head.journal_sequence.into(),
            head.journal_hash.into(),
            head.mac.into(),
        ];
        connection
            .execute(
                "UPDATE organization_head SET change_sequence = $2, journal_sequence = $3, \
                 journal_hash = $4, mac = $5 WHERE organization_id = $1",
                &params,
            )
            .await?;
    }
    Ok(())
}
