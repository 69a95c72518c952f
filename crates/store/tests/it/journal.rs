//! The journal as evidence: every tampering is found, and retention does not look like one.

use crate::facade::*;
use domain::model::Actor;
use store::{
    Store, StoreError, Tx, journal::HeadReport, purge_journal_before, purge_journal_bodies, verify_journal,
};

const TABLES: [&str; 4] = ["journal", "organization_head", "journal_checkpoint", "installation"];

/// Six entries of organization 1 and two of organization 2, a minute apart.
async fn fill(store: &testkit::TestStore) {
    for number in 0..8_u8 {
        store.clock().advance(60_000);
        store
            .write(organization(1 + number / 6), Actor::System, async move |tx: &mut Tx| {
                tx.journal(entry(&number.to_string()));
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }
}

async fn problems(store: &Store) -> Vec<String> {
    let report = verify_journal(store).await.unwrap();
    assert_eq!(report.is_sound(), report.problems.is_empty());
    report.problems.iter().map(ToString::to_string).collect()
}

/// Keeps the tables as they are, so that each tampering starts from the same.
async fn keep(store: &Store) {
    for table in TABLES {
        run(store, &[sql(format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"))]).await;
    }
}

async fn put_back(store: &Store) {
    for table in TABLES {
        let delete = sql(format!("DELETE FROM {table}"));
        run(store, &[delete, sql(format!("INSERT INTO {table} SELECT * FROM kept_{table}"))]).await;
    }
    assert_eq!(problems(store).await, [""; 0]);
}

#[tokio::test]
async fn every_flipped_column_of_every_row_is_found() {
    for store in testkit::stores().await {
        fill(&store).await;
        let sound = verify_journal(&store).await.unwrap();
        assert_eq!((sound.entries, sound.problems.as_slice()), (8, [].as_slice()), "{}", store.name());
        let ends: Vec<_> = sound.heads.iter().map(|HeadReport { sequence, .. }| *sequence).collect();
        assert_eq!(ends, [6, 2]);
        keep(&store).await;
        for change in [
            "at = at + 1",
            "actor = actor || ' '",
            "event = 'x'",
            "subject = subject || 'x'",
            "body = '{}'",
            "body = NULL",
            "body_salt = NULL",
            "body_digest = previous_hash",
            "body_salt = hash",
            "previous_hash = hash",
            "hash = body_digest",
            "sequence = sequence + 100",
        ] {
            for number in [0, 3, 5, 7] {
                let statement = format!("UPDATE journal SET {change} WHERE subject = '{number}'");
                // The body digest of the first row cannot become its own.
                run(&store, &[sql(statement.clone())]).await;
                assert!(!problems(&store).await.is_empty(), "{}: {statement}", store.name());
                put_back(&store).await;
            }
        }
    }
}

#[tokio::test]
async fn gaps_cuts_and_forged_ends_are_found() {
    for store in testkit::stores().await {
        fill(&store).await;
        keep(&store).await;
        let one = "organization_id IN (SELECT organization_id FROM journal WHERE subject = '0')";
        let hash_of_4 = "(SELECT hash FROM kept_journal WHERE subject = '4')";
        let cases: Vec<(&str, Vec<String>)> = vec![
            ("first row", vec!["DELETE FROM journal WHERE subject = '0'".into()]),
            ("a row within", vec!["DELETE FROM journal WHERE subject = '3'".into()]),
            ("last row", vec!["DELETE FROM journal WHERE subject = '5'".into()]),
            ("all rows", vec!["DELETE FROM journal WHERE sequence <= 2 AND subject IN ('6', '7')".into()]),
            (
                "last row, and the head told so without the key",
                vec![
                    format!("UPDATE organization_head SET journal_sequence = 5, journal_hash = {hash_of_4} WHERE {one}"),
                    "DELETE FROM journal WHERE subject = '5'".into(),
                ],
            ),
            ("the head", vec![format!("DELETE FROM organization_head WHERE {one}")]),
            (
                "a whole chain with its head",
                vec![
                    format!("DELETE FROM organization_head WHERE {one}"),
                    "DELETE FROM journal WHERE subject < '6'".into(),
                ],
            ),
            (
                "a whole chain, and the count told so without the key",
                vec![
                    format!("DELETE FROM organization_head WHERE {one}"),
                    "DELETE FROM journal WHERE subject < '6'".into(),
                    "UPDATE installation SET value = '1' || substr(value, 2) WHERE name = 'journal_heads'".into(),
                ],
            ),
            ("the count", vec!["DELETE FROM installation WHERE name = 'journal_heads'".into()]),
            (
                "the beginning, behind a checkpoint made without the key",
                vec![
                    "INSERT INTO journal_checkpoint SELECT organization_id, sequence, hash, at, hash FROM journal \
                     WHERE subject = '1'"
                        .into(),
                    "DELETE FROM journal WHERE subject < '2'".into(),
                ],
            ),
            (
                "an added row",
                vec![
                    "INSERT INTO journal SELECT organization_id, sequence + 1, at, actor, event, 'forged', \
                     body_digest, body_salt, body, hash, body_digest FROM journal WHERE subject = '5'"
                        .into(),
                ],
            ),
            (
                "two rows that changed places",
                vec![
                    "UPDATE journal SET sequence = 99 WHERE subject = '2'".into(),
                    "UPDATE journal SET sequence = 3 WHERE subject = '3'".into(),
                    "UPDATE journal SET sequence = 4 WHERE subject = '2'".into(),
                ],
            ),
        ];
        for (name, statements) in cases {
            let statements: Vec<_> = statements.into_iter().map(sql).collect();
            run(&store, &statements).await;
            assert!(!problems(&store).await.is_empty(), "{}: {name}", store.name());
            put_back(&store).await;
        }
    }
}

#[tokio::test]
async fn a_forged_head_is_not_made_good_by_the_next_entry() {
    for store in testkit::stores().await {
        fill(&store).await;
        let hash_of_4 = "(SELECT hash FROM journal WHERE subject = '4')";
        run(
            &store,
            &[
                sql(format!(
                    "UPDATE organization_head SET journal_sequence = 5, journal_hash = {hash_of_4} \
                     WHERE journal_sequence = 6"
                )),
                "DELETE FROM journal WHERE subject = '5'",
            ],
        )
        .await;
        fill(&store).await;
        let found = problems(&store).await;
        assert_eq!(found.len(), 1, "{}: {found:?}", store.name());
        assert!(found[0].contains("head of the chain was changed"), "{found:?}");
    }
}

#[tokio::test]
async fn retention_leaves_a_sound_journal() {
    for store in testkit::stores().await {
        let start = store.clock().now();
        fill(&store).await;
        let erased =
            purge_journal_bodies(&store, organization(1), Actor::System, start + 3 * 60_000 + 1, i64::MAX)
                .await;
        assert_eq!(erased, Ok(3), "{}", store.name());
        assert_eq!(problems(&store).await, [""; 0]);
        assert_eq!(ints(&store, "SELECT count(*) FROM journal WHERE body IS NULL").await, [3]);

        let removed =
            purge_journal_before(&store, organization(1), Actor::System, start + 4 * 60_000 + 1, i64::MAX)
                .await;
        assert_eq!(removed, Ok(4), "{}", store.name());
        assert_eq!(problems(&store).await, [""; 0]);
        assert_eq!(
            ints(&store, "SELECT sequence FROM journal ORDER BY sequence, subject").await,
            [1, 2, 5, 6]
        );
        let again =
            purge_journal_before(&store, organization(1), Actor::System, start + 4 * 60_000 + 1, i64::MAX)
                .await;
        assert_eq!(again, Ok(0));

        keep(&store).await;
        for tampering in [
            "DELETE FROM journal_checkpoint",
            "UPDATE journal_checkpoint SET sequence = 3",
            "UPDATE journal_checkpoint SET hash = mac",
            "UPDATE journal_checkpoint SET mac = hash",
            "DELETE FROM journal WHERE sequence = 5",
        ] {
            run(&store, &[tampering]).await;
            assert!(!problems(&store).await.is_empty(), "{}: {tampering}", store.name());
            put_back(&store).await;
        }

        purge_journal_before(&store, organization(1), Actor::System, i64::MAX, i64::MAX).await.unwrap();
        assert_eq!(problems(&store).await, [""; 0]);
        fill(&store).await;
        assert_eq!(problems(&store).await, [""; 0]);
        assert_eq!(ints(&store, "SELECT max(sequence) FROM journal").await, [12]);
    }
}

#[tokio::test]
async fn a_broken_chain_is_not_purged() {
    for store in testkit::stores().await {
        fill(&store).await;
        run(&store, &["DELETE FROM journal WHERE subject = '2'"]).await;
        let outcome = purge_journal_before(&store, organization(1), Actor::System, i64::MAX, i64::MAX).await;
        assert!(outcome.unwrap_err().to_string().contains("before entry 4"), "{}", store.name());
        assert_eq!(ints(&store, "SELECT count(*) FROM journal").await, [7]);
    }
}
