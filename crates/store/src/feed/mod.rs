//! The change feed: what became different, in a gap-free sequence per organization.
//!
//! A node hears of its own writes through [`Store::on_commit`], with whole entities, before its callers are
//! answered. Of other nodes' writes it hears through [`Store::watch_feed`]: PostgreSQL's NOTIFY is only a hint, the
//! feed itself is read by sequence, so nothing is lost when a hint is.

mod watch;

pub use watch::{News, Watch};

use crate::{Result, Store, Tx};
use domain::{
    Change, ChangeKind, Millis,
    model::{Actor, Organization, OrganizationId},
};
use uuid::Uuid;

/// A change of this process that has just become durable.
#[derive(Debug, Clone)]
pub struct Committed {
    /// Whose feed.
    pub organization: OrganizationId,
    /// Its place in that feed.
    pub sequence: i64,
    /// What became different, in whole.
    pub change: Change,
}

/// A row of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEntry {
    /// Whose feed.
    pub organization: OrganizationId,
    /// Its place, without gaps, from 1.
    pub sequence: i64,
    /// When it was written.
    pub at: Millis,
    /// Kind of the entity; `None` if a newer version of the program wrote a kind this one does not know.
    pub kind: Option<ChangeKind>,
    /// Id of the entity in text form.
    pub subject: String,
    /// The process that wrote it.
    pub(crate) origin: Uuid,
}

/// A piece of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedPage {
    /// The entries, oldest first.
    pub entries: Vec<FeedEntry>,
    /// Entries between the wanted sequence and the first of these have been purged: load everything anew.
    pub gap: bool,
}

const SELECT: &str = "SELECT organization_id, sequence, at, kind, subject, origin FROM change \
    WHERE organization_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";

const HEADS: &str = "SELECT organization_id, change_sequence, journal_sequence FROM organization_head ORDER BY organization_id";

fn entry(row: &crate::Row) -> Result<FeedEntry> {
    Ok(FeedEntry {
        organization: row.id(0)?,
        sequence: row.int(1)?,
        at: row.int(2)?,
        kind: ChangeKind::from_name(row.str(3)?),
        subject: row.text(4)?,
        origin: row.uuid(5)?,
    })
}

fn head(row: &crate::Row) -> Result<(OrganizationId, i64)> {
    Ok((row.id(0)?, row.int(1)?))
}

/// A page has a gap if its first entry is not the next one, or if it is empty although the head is further.
fn page(entries: Vec<FeedEntry>, after: i64, head: i64) -> FeedPage {
    let first = entries.first().map_or(head + 1, |entry| entry.sequence);
    FeedPage { gap: first > after + 1, entries }
}

impl Store {
    /// At most `limit` entries of an organization's feed after `after` (0 for all).
    pub async fn changes_since(
        &self,
        organization: OrganizationId,
        after: i64,
        limit: u32,
    ) -> Result<FeedPage> {
        self.read(organization, async move |tx: &mut Tx| {
            let organization = tx.organization();
            let head = tx
                .fetch_optional(
                    "SELECT change_sequence FROM organization_head WHERE organization_id = $1",
                    &[organization.into()],
                )
                .await?;
            let head = head.map_or(Ok(0), |row| row.int(0))?;
            let rows = tx.fetch(SELECT, &[organization.into(), after.into(), limit.into()]).await?;
            Ok(page(rows.iter().map(entry).collect::<Result<_>>()?, after, head))
        })
        .await
    }

    /// The newest entries of an organization's feed after `after`, newest first, at most `limit`. Whoever needs them
    /// all takes [`changes_since`](Self::changes_since).
    pub async fn latest_changes(
        &self,
        organization: OrganizationId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<FeedEntry>> {
        let sql = "SELECT organization_id, sequence, at, kind, subject, origin FROM change \
                   WHERE organization_id = $1 AND sequence > $2 ORDER BY sequence DESC LIMIT $3";
        self.read(organization, async move |tx: &mut Tx| {
            let rows = tx.fetch(sql, &[tx.organization().into(), after.into(), limit.into()]).await?;
            rows.iter().map(entry).collect()
        })
        .await
    }

    /// The newest sequence of every organization that has a feed.
    pub async fn heads(&self) -> Result<Vec<(OrganizationId, i64)>> {
        self.read(Organization::SYSTEM, async move |tx: &mut Tx| {
            tx.fetch(HEADS, &[]).await?.iter().map(head).collect()
        })
        .await
    }

    /// The newest sequence of every organization's journal.
    pub async fn journal_heads(&self) -> Result<Vec<(OrganizationId, i64)>> {
        self.read(Organization::SYSTEM, async move |tx: &mut Tx| {
            tx.fetch(HEADS, &[]).await?.iter().map(|row| Ok((row.id(0)?, row.int(2)?))).collect()
        })
        .await
    }

    /// Removes entries older than `before` from all feeds; answers how many.
    pub async fn purge_changes(&self, before: Millis) -> Result<u64> {
        const STEP: u32 = 5000;
        let mut total = 0;
        loop {
            let removed: u64 = self
                .write(Organization::SYSTEM, Actor::System, async move |tx: &mut Tx| {
                    tx.execute(
                        "DELETE FROM change WHERE (organization_id, sequence) IN \
                         (SELECT organization_id, sequence FROM change WHERE at < $1 ORDER BY at LIMIT $2)",
                        &[before.into(), STEP.into()],
                    )
                    .await
                })
                .await?;
            total += removed;
            if removed < u64::from(STEP) {
                return Ok(total);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sequence: i64) -> FeedEntry {
        FeedEntry {
            organization: Organization::SYSTEM,
            sequence,
            at: 0,
            kind: None,
            subject: String::new(),
            origin: Uuid::nil(),
        }
    }

    #[test]
    fn a_gap_is_seen_before_the_first_entry_and_in_an_empty_page() {
        assert!(!page(vec![], 0, 0).gap);
        assert!(!page(vec![], 7, 7).gap);
        assert!(page(vec![], 5, 7).gap);
        assert!(!page(vec![at(6), at(7)], 5, 7).gap);
        assert!(page(vec![at(7)], 5, 7).gap);
    }
}
