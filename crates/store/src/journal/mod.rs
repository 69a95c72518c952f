//! The audit trail: a hash chain per organization, and what makes it tamper-evident.
//!
//! Each row's hash covers the row and the hash of the row before it. The organization's head row holds the
//! sequence and hash of the newest row and is authenticated with the installation's key, as are the checkpoints
//! that a purge leaves and the number of heads; so a change, a gap, a cut at either end, and the removal of a whole
//! chain are found even if somebody with access to the database, but not to the key file, recomputes hashes.
//! What remains possible is putting back an old copy of the whole database: keep the heads that
//! [`verify_journal`] reports somewhere else to notice that.
//!
//! # Canonical encoding
//!
//! The hash of a row is SHA-256 over these pieces, each preceded by its length as 8 bytes, big-endian:
//! `notifymdm journal 1`, organization (16 bytes), sequence (8, big-endian), time in milliseconds since 1970
//! (8, big-endian), actor, event, subject (UTF-8), body digest (32), previous hash (32; zeros for the first).
//! The body digest is SHA-256 over the 16 bytes of salt and the JSON text. Salt and body are erased together, so
//! the digest that remains does not allow to guess a short body.

mod purge;
mod verify;

pub use purge::{purge_journal_before, purge_journal_bodies};
pub use verify::{HeadReport, Position, Problem, Report, Stretch, verify_journal, verify_stretch};

use crate::{Result, Row, SecretKey, StoreError, connection::Connection, writer::records::Head};
use aws_lc_rs::digest::{Context, SHA256};
use domain::{Millis, model::OrganizationId};

/// Stands before the first hash of a chain.
pub(crate) const NO_HASH: [u8; 32] = [0; 32];

/// An entry of this process that has just become durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Journaled {
    /// Whose journal.
    pub organization: OrganizationId,
    /// Its place there.
    pub sequence: i64,
    /// Key of the event.
    pub event: &'static str,
}

/// The part of a journal row that its hash covers.
pub(crate) struct Link {
    pub organization: OrganizationId,
    pub sequence: i64,
    pub at: Millis,
    pub actor: String,
    pub event: String,
    pub subject: String,
    pub body_digest: [u8; 32],
    pub previous: [u8; 32],
}

impl Link {
    /// The columns that [`Link::read`] expects first, in order.
    pub const COLUMNS: usize = 8;

    /// Reads organization_id, sequence, at, actor, event, subject, body_digest, previous_hash.
    pub fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            organization: row.id(0)?,
            sequence: row.int(1)?,
            at: row.int(2)?,
            actor: row.text(3)?,
            event: row.text(4)?,
            subject: row.text(5)?,
            body_digest: row.bytes(6)?,
            previous: row.bytes(7)?,
        })
    }

    /// The row's hash, as the module describes it.
    pub fn hash(&self) -> [u8; 32] {
        digest(&[
            b"notifymdm journal 1",
            self.organization.uuid().as_bytes(),
            &self.sequence.to_be_bytes(),
            &self.at.to_be_bytes(),
            self.actor.as_bytes(),
            self.event.as_bytes(),
            self.subject.as_bytes(),
            &self.body_digest,
            &self.previous,
        ])
    }
}

/// SHA-256 over pieces with their lengths.
fn digest(pieces: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for piece in pieces {
        context.update(&(piece.len() as u64).to_be_bytes());
        context.update(piece);
    }
    finished(context)
}

fn finished(context: Context) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The digest that stays when the body is erased.
pub(crate) fn body_digest(salt: &[u8], body: &str) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(salt);
    context.update(body.as_bytes());
    finished(context)
}

/// Authenticates a head: which organization, how far, which hash.
pub(crate) fn head_mac(key: &SecretKey, head: &Head) -> [u8; 32] {
    key.keyed_hash(
        "journal head",
        &end_of_chain(head.organization, head.journal_sequence, &head.journal_hash),
    )
}

/// Authenticates a checkpoint.
pub(crate) fn checkpoint_mac(
    key: &SecretKey,
    organization: OrganizationId,
    sequence: i64,
    hash: &[u8; 32],
) -> [u8; 32] {
    key.keyed_hash("journal checkpoint", &end_of_chain(organization, sequence, hash))
}

fn end_of_chain(organization: OrganizationId, sequence: i64, hash: &[u8; 32]) -> Vec<u8> {
    [organization.uuid().as_bytes().as_slice(), &sequence.to_be_bytes(), hash].concat()
}

/// How many chains there are, authenticated: else a chain that vanished together with its head would leave no
/// trace. The row `journal_heads` holds the number and its code.
pub(crate) struct HeadCount;

impl HeadCount {
    fn mac(key: &SecretKey, count: i64) -> String {
        hex::encode(key.keyed_hash("journal heads", &count.to_be_bytes()))
    }

    fn text(key: &SecretKey, count: i64) -> String {
        format!("{count} {}", Self::mac(key, count))
    }

    /// The number, if the text is authentic.
    fn parse(key: &SecretKey, text: &str) -> Option<i64> {
        let (count, mac) = text.split_once(' ')?;
        let count: i64 = count.parse().ok()?;
        (mac == Self::mac(key, count)).then_some(count)
    }

    /// Starts counting in a new database.
    pub async fn create(connection: &mut Connection, key: &SecretKey) -> Result<()> {
        let text = Self::text(key, 0);
        connection
            .execute("INSERT INTO installation (name, value) VALUES ('journal_heads', $1)", &[text.into()])
            .await
            .map(drop)
    }

    /// Counts new heads (or removed ones, if negative). A count that is not authentic is left alone, so that
    /// verification goes on reporting it.
    pub async fn add(connection: &mut Connection, key: &SecretKey, change: i64) -> Result<()> {
        // The update that changes nothing takes the lock on PostgreSQL before the value is read.
        let rows = connection
            .fetch("UPDATE installation SET value = value WHERE name = 'journal_heads' RETURNING value", &[])
            .await?;
        let Some(row) = rows.first() else { return Ok(()) };
        let Some(count) = Self::parse(key, row.str(0)?) else { return Ok(()) };
        let text = Self::text(key, count + change);
        connection
            .execute("UPDATE installation SET value = $1 WHERE name = 'journal_heads'", &[text.into()])
            .await
            .map(drop)
    }
}

/// Removes all records of an organization that is being deleted. To be called in a unit of that organization;
/// whatever the unit itself records there would start a new chain, so it records with
/// [`Tx::journal_installation`](crate::Tx::journal_installation).
pub async fn forget_organization(tx: &mut crate::Tx, key: &SecretKey) -> Result<()> {
    let organization = tx.organization();
    for sql in [
        "DELETE FROM journal WHERE organization_id = $1",
        "DELETE FROM journal_checkpoint WHERE organization_id = $1",
        "DELETE FROM change WHERE organization_id = $1",
    ] {
        tx.execute(sql, &[organization.into()]).await?;
    }
    let heads = tx
        .execute("DELETE FROM organization_head WHERE organization_id = $1", &[organization.into()])
        .await?;
    let heads = i64::try_from(heads).map_err(|_| StoreError::Corrupt("too many heads".to_owned()))?;
    HeadCount::add(&mut tx.connection, key, -heads).await
}
