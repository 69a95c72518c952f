//! The records of a batch on PostgreSQL: three statements with arrays, sent without waiting in between. The one
//! place where SQL of its own pays (a third of the cost of a small batch).

use super::{
    postgres::{Pipeline, PostgresConnection, flush},
    postgres_value,
};
use crate::{
    Result, Row,
    writer::records::{ChangeRow, Head, JournalRow},
};
use domain::model::OrganizationId;
use std::sync::Arc;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

const LOCK_HEADS: &str = "SELECT organization_id, change_sequence, journal_sequence, journal_hash, mac \
    FROM organization_head WHERE organization_id = ANY($1) ORDER BY organization_id FOR UPDATE";

const INSERT_CHANGES: &str = "INSERT INTO change (organization_id, sequence, at, kind, subject, origin) \
    SELECT t.o, t.s, t.a, t.k, t.j, $6::uuid \
    FROM unnest($1::uuid[], $2::int8[], $3::int8[], $4::text[], $5::text[]) AS t(o, s, a, k, j)";

const INSERT_JOURNAL: &str = "INSERT INTO journal (organization_id, sequence, at, actor, event, subject, \
    body_digest, body_salt, body, previous_hash, hash) \
    SELECT * FROM unnest($1::uuid[], $2::int8[], $3::int8[], $4::text[], $5::text[], $6::text[], \
    $7::bytea[], $8::bytea[], $9::text[], $10::bytea[], $11::bytea[])";

const UPDATE_HEADS: &str = "UPDATE organization_head AS h \
    SET change_sequence = t.c, journal_sequence = t.j, journal_hash = t.h, mac = t.m \
    FROM unnest($1::uuid[], $2::int8[], $3::int8[], $4::bytea[], $5::bytea[]) AS t(o, c, j, h, m) \
    WHERE h.organization_id = t.o";

/// Reads and locks the heads that exist, in order.
pub(crate) async fn lock_heads(
    postgres: &mut PostgresConnection,
    organizations: &[OrganizationId],
) -> Result<Vec<Row>> {
    let ids: Vec<Uuid> = organizations.iter().map(|id| id.uuid()).collect();
    let Pipeline { client, control, statements: [statement] } = postgres.pipeline([LOCK_HEADS]).await?;
    let params: [&(dyn ToSql + Sync); 1] = [&ids];
    let (before, rows) = tokio::join!(flush(client, &control), client.query(&statement, &params));
    let rows = before.and(rows).map_err(|error| postgres.failed(&error))?;
    let columns: Arc<[String]> = statement.columns().iter().map(|column| column.name().to_owned()).collect();
    rows.iter().map(|row| Ok(Row::new(columns.clone(), postgres_value::values(row)?))).collect()
}

/// Collects one column of a list of rows.
macro_rules! column {
    ($rows:expr, $row:ident => $value:expr) => {
        $rows.iter().map(|$row| $value).collect::<Vec<_>>()
    };
}

/// Writes feed, journal and heads.
pub(crate) async fn insert(
    postgres: &mut PostgresConnection,
    changes: &[ChangeRow],
    entries: &[JournalRow],
    heads: &[Head],
    origin: Uuid,
) -> Result<()> {
    let Pipeline { client, control, statements: [insert_changes, insert_journal, update_heads] } =
        postgres.pipeline([INSERT_CHANGES, INSERT_JOURNAL, UPDATE_HEADS]).await?;
    let write_changes = async {
        if changes.is_empty() {
            return Ok(0);
        }
        let params: [&(dyn ToSql + Sync); 6] = [
            &column!(changes, c => c.organization.uuid()),
            &column!(changes, c => c.sequence),
            &column!(changes, c => c.at),
            &column!(changes, c => c.kind),
            &column!(changes, c => c.subject.as_str()),
            &origin,
        ];
        client.execute(&insert_changes, &params).await
    };
    let write_journal = async {
        if entries.is_empty() {
            return Ok(0);
        }
        let params: [&(dyn ToSql + Sync); 11] = [
            &column!(entries, e => e.link.organization.uuid()),
            &column!(entries, e => e.link.sequence),
            &column!(entries, e => e.link.at),
            &column!(entries, e => e.link.actor.as_str()),
            &column!(entries, e => e.link.event.as_str()),
            &column!(entries, e => e.link.subject.as_str()),
            &column!(entries, e => e.link.body_digest.as_slice()),
            &column!(entries, e => e.salt.as_slice()),
            &column!(entries, e => e.body.as_str()),
            &column!(entries, e => e.link.previous.as_slice()),
            &column!(entries, e => e.hash.as_slice()),
        ];
        client.execute(&insert_journal, &params).await
    };
    let head_params: [&(dyn ToSql + Sync); 5] = [
        &column!(heads, h => h.organization.uuid()),
        &column!(heads, h => h.change_sequence),
        &column!(heads, h => h.journal_sequence),
        &column!(heads, h => h.journal_hash.as_slice()),
        &column!(heads, h => h.mac.as_slice()),
    ];
    let write_heads = client.execute(&update_heads, &head_params);
    let (before, one, two, three) =
        tokio::join!(flush(client, &control), write_changes, write_journal, write_heads);
    before.and(one).and(two).and(three).map(drop).map_err(|error| postgres.failed(&error))
}
