//! Checking the whole audit trail.

use super::{HeadCount, Link, NO_HASH, body_digest, checkpoint_mac, head_mac};
use crate::{Result, SecretKey, Store, StoreError, Tx, writer::records::Head};
use domain::model::{Organization, OrganizationId};
use std::fmt;

/// Rows read at a time.
const PAGE: i64 = 1000;

/// Problems kept; a chain that was rewritten has one in every row.
const MOST_PROBLEMS: usize = 1000;

/// What [`verify_journal`] found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Chains that were followed, with their ends.
    pub heads: Vec<HeadReport>,
    /// Rows that were checked.
    pub entries: u64,
    /// What is wrong; empty if nothing is. At most 1,000.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Is the whole trail unchanged?
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    fn problem(&mut self, organization: OrganizationId, sequence: Option<i64>, what: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem { organization, sequence, what: what.into() });
        }
    }
}

/// The end of one chain. Kept elsewhere, it shows later that nobody put back an old copy.
#[derive(Debug, Clone)]
pub struct HeadReport {
    /// Whose chain.
    pub organization: OrganizationId,
    /// Sequence of the newest row; 0 if there is none yet.
    pub sequence: i64,
    /// Hash of the newest row.
    pub hash: [u8; 32],
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Journal: {} entries in {} chains", self.entries, self.heads.len())?;
        if self.is_sound() {
            return write!(out, ", nothing changed, removed or cut off.");
        }
        write!(out, ", {} problems:", self.problems.len())?;
        self.problems.iter().try_for_each(|problem| write!(out, "\n  {problem}"))
    }
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whose chain; the system organization for problems of the installation.
    pub organization: OrganizationId,
    /// At which row, if one can be named.
    pub sequence: Option<i64>,
    /// What is wrong, in words.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.organization)?;
        if let Some(sequence) = self.sequence {
            write!(out, ", entry {sequence}")?;
        }
        write!(out, ": {}", self.what)
    }
}

/// How far a chain was checked: authenticated where it is kept, so that nobody can have rows left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    sequence: i64,
    hash: [u8; 32],
}

impl Position {
    /// As text, to be kept.
    pub fn seal(&self, key: &SecretKey, organization: OrganizationId) -> String {
        let mac = Self::mac(key, organization, self.sequence, &self.hash);
        format!("{} {} {}", self.sequence, hex::encode(self.hash), hex::encode(mac))
    }

    /// From such a text; `None` if it was changed, or is another organization's.
    pub fn open(key: &SecretKey, organization: OrganizationId, text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let (sequence, hash, mac) = (parts.next()?, parts.next()?, parts.next()?);
        let sequence: i64 = sequence.parse().ok()?;
        let hash: [u8; 32] = hex::decode(hash).ok()?.try_into().ok()?;
        let known = Self::mac(key, organization, sequence, &hash);
        (hex::decode(mac).ok()? == known).then_some(Self { sequence, hash })
    }

    fn mac(key: &SecretKey, organization: OrganizationId, sequence: i64, hash: &[u8; 32]) -> [u8; 32] {
        key.keyed_hash("journal checked", &super::end_of_chain(organization, sequence, hash))
    }
}

/// A part of a chain, checked.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// What was found.
    pub report: Report,
    /// Where the next part begins.
    pub position: Position,
    /// The end was reached, and compared with the head.
    pub is_end: bool,
}

/// Checks at most `most` rows of one chain behind a position; `None`: from its beginning. The number of chains is
/// checked with the installation's own. To be called in a read of the organization.
pub async fn verify_stretch(
    tx: &mut Tx,
    key: &SecretKey,
    from: Option<Position>,
    most: u64,
) -> Result<Stretch> {
    let mut report = Report::default();
    if tx.organization() == Organization::SYSTEM {
        organizations(tx, key, &mut report).await?;
    }
    let (sequence, hash) = beginning(tx, key, &mut report).await?;
    // What was checked may have been purged since.
    let from = from.filter(|from| from.sequence >= sequence);
    let after = from.map_or(i64::MIN, |from| from.sequence);
    let start = from.unwrap_or(Position { sequence, hash });
    let (position, is_end) = follow(tx, &mut report, start, after, most).await?;
    if is_end {
        end(tx, key, &mut report, position.sequence, position.hash).await?;
    }
    Ok(Stretch { report, position, is_end })
}

/// Follows every chain from its beginning (or checkpoint) to its head. Reads in bounded pages; each organization
/// in a snapshot of its own, so it can run beside a working server.
pub async fn verify_journal(store: &Store) -> Result<Report> {
    let key = store.options().secret_key.clone();
    let (mut report, organizations) = store
        .read(Organization::SYSTEM, {
            let key = key.clone();
            async move |tx: &mut Tx| {
                let mut report = Report::default();
                let organizations = organizations(tx, &key, &mut report).await?;
                Ok::<_, StoreError>((report, organizations))
            }
        })
        .await?;
    for organization in organizations {
        let key = key.clone();
        let part: Report = store
            .read(organization, async move |tx: &mut Tx| {
                let mut part = Report::default();
                chain(tx, &key, &mut part).await?;
                Ok::<_, StoreError>(part)
            })
            .await?;
        report.heads.extend(part.heads);
        report.entries += part.entries;
        let room = MOST_PROBLEMS.saturating_sub(report.problems.len());
        report.problems.extend(part.problems.into_iter().take(room));
    }
    Ok(report)
}

/// Everybody who has a chain or a piece of one; compares the number of heads with the authenticated count.
async fn organizations(tx: &mut Tx, key: &SecretKey, report: &mut Report) -> Result<Vec<OrganizationId>> {
    let rows = tx
        .fetch(
            "SELECT organization_id FROM organization_head UNION SELECT organization_id FROM journal_checkpoint \
             UNION SELECT DISTINCT organization_id FROM journal ORDER BY 1",
            &[],
        )
        .await?;
    let heads = tx.fetch_one("SELECT count(*) FROM organization_head", &[]).await?.int(0)?;
    let count = tx.fetch_optional("SELECT value FROM installation WHERE name = 'journal_heads'", &[]).await?;
    let count = match &count {
        Some(row) => HeadCount::parse(key, row.str(0)?),
        None => None,
    };
    match count {
        None => report.problem(Organization::SYSTEM, None, "the number of chains was changed"),
        Some(count) if count != heads => report.problem(
            Organization::SYSTEM,
            None,
            format!(
                "there should be {count} chains but there are {heads}: whole chains were removed or added"
            ),
        ),
        Some(_) => {}
    }
    rows.iter().map(|row| row.id(0)).collect()
}

/// Where a chain begins: sequence and hash before its first row.
async fn beginning(tx: &mut Tx, key: &SecretKey, report: &mut Report) -> Result<(i64, [u8; 32])> {
    let organization = tx.organization();
    let checkpoint = tx
        .fetch_optional(
            "SELECT sequence, hash, mac FROM journal_checkpoint WHERE organization_id = $1",
            &[organization.into()],
        )
        .await?;
    let Some(row) = checkpoint else { return Ok((0, NO_HASH)) };
    let (sequence, hash) = (row.int(0)?, row.bytes(1)?);
    if row.bytes(2)? != checkpoint_mac(key, organization, sequence, &hash) {
        report.problem(organization, Some(sequence), "the checkpoint of the purge was changed");
    }
    Ok((sequence, hash))
}

async fn chain(tx: &mut Tx, key: &SecretKey, report: &mut Report) -> Result<()> {
    let (sequence, hash) = beginning(tx, key, report).await?;
    let (reached, _) = follow(tx, report, Position { sequence, hash }, i64::MIN, u64::MAX).await?;
    end(tx, key, report, reached.sequence, reached.hash).await
}

/// Checks the rows behind a sequence, as going on from a position; at most `most`. Answers how far it came, and whether
/// that is the last row.
async fn follow(
    tx: &mut Tx,
    report: &mut Report,
    Position { mut sequence, mut hash }: Position,
    mut after: i64,
    most: u64,
) -> Result<(Position, bool)> {
    let organization = tx.organization();
    let before = report.entries;
    loop {
        let rows = tx
            .fetch(
                "SELECT organization_id, sequence, at, actor, event, subject, body_digest, previous_hash, hash, \
                 body_salt, body FROM journal WHERE organization_id = $1 AND sequence > $2 \
                 ORDER BY sequence LIMIT $3",
                &[organization.into(), after.into(), PAGE.into()],
            )
            .await?;
        for row in &rows {
            let at = row.int(1)?;
            after = at;
            if at != sequence + 1 {
                report.problem(organization, Some(at), format!("the entry before it should be {}", at - 1));
            }
            match entry(row, &hash) {
                Ok(None) => {}
                Ok(Some(what)) => report.problem(organization, Some(at), what),
                Err(error) => report.problem(organization, Some(at), error.to_string()),
            }
            // Going on from what is stored shows one problem for one change, not one for every later row.
            hash = row.bytes(Link::COLUMNS).unwrap_or(NO_HASH);
            sequence = at;
            report.entries += 1;
        }
        let is_end = (rows.len() as i64) < PAGE;
        if is_end || report.entries - before >= most {
            return Ok((Position { sequence, hash }, is_end));
        }
    }
}

/// What is wrong with one row, given the hash of the row before it.
fn entry(row: &crate::Row, before: &[u8; 32]) -> Result<Option<&'static str>> {
    let link = Link::read(row)?;
    let hash: [u8; 32] = row.bytes(Link::COLUMNS)?;
    Ok(if link.previous != *before {
        Some("it does not continue the entry before it")
    } else if link.hash() != hash {
        Some("it was changed")
    } else {
        match (row.opt_blob(Link::COLUMNS + 1)?, row.opt_text(Link::COLUMNS + 2)?) {
            (None, None) => None,
            (Some(salt), Some(body)) if body_digest(&salt, &body) == link.body_digest => None,
            _ => Some("its body was changed"),
        }
    })
}

/// Compares the last row with the head.
async fn end(tx: &mut Tx, key: &SecretKey, report: &mut Report, sequence: i64, hash: [u8; 32]) -> Result<()> {
    let organization = tx.organization();
    let head = tx
        .fetch_optional(
            "SELECT organization_id, change_sequence, journal_sequence, journal_hash, mac \
             FROM organization_head WHERE organization_id = $1",
            &[organization.into()],
        )
        .await?;
    let Some(head) = head else {
        report.problem(organization, None, "the head of the chain was removed");
        return Ok(());
    };
    let head = match Head::read(&head) {
        Ok(head) => head,
        Err(error) => {
            report.problem(organization, None, format!("the head of the chain was changed: {error}"));
            return Ok(());
        }
    };
    if head.mac != head_mac(key, &head) {
        report.problem(organization, None, "the head of the chain was changed");
    }
    if head.journal_sequence != sequence {
        report.problem(
            organization,
            Some(sequence),
            format!("the chain ends here but should end with entry {}", head.journal_sequence),
        );
    } else if head.journal_hash != hash {
        report.problem(organization, Some(sequence), "the last entry is not the one the head names");
    }
    report.heads.push(HeadReport { organization, sequence: head.journal_sequence, hash: head.journal_hash });
    Ok(())
}
