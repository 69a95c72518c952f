//! Feed and journal rows as units leave them.

use crate::facade::*;
use aws_lc_rs::digest::{SHA256, digest};
use domain::model::{Actor, JournalEntry, Organization};
use store::{StoreError, Tx};

#[tokio::test]
async fn records_are_numbered_per_organization_without_gaps() {
    for store in testkit::stores().await {
        for who in [2, 1, 2] {
            store
                .write(organization(who), Actor::CommandLine, async move |tx: &mut Tx| {
                    tx.journal(entry("one"));
                    tx.changed(news(who));
                    tx.journal(entry("two"));
                    Ok::<_, StoreError>(())
                })
                .await
                .unwrap();
        }
        assert_eq!(store.heads().await.unwrap(), [(organization(1), 1), (organization(2), 2)]);
        let page = store.changes_since(organization(2), 0, 10).await.unwrap();
        let seen: Vec<_> =
            page.entries.iter().map(|entry| (entry.sequence, entry.subject.as_str())).collect();
        assert_eq!(seen, [(1, "02"), (2, "02")], "{}", store.name());
        assert_eq!(page.entries[0].kind, Some(domain::ChangeKind::Session));
        assert_eq!(page.entries[0].at, store.clock().now());
        let journal = rows(
            &store,
            "SELECT sequence, at, actor, event, subject, body FROM journal WHERE organization_id = $1 \
             ORDER BY sequence",
            vec![organization(2).into()],
        )
        .await;
        assert_eq!(journal.len(), 4);
        let row = &journal[3];
        assert_eq!(row.int(0), Ok(4));
        assert_eq!(row.int(1), Ok(store.clock().now()));
        assert_eq!(row.str(2), Ok("command line"));
        assert_eq!(row.str(3), Ok("test.happened"));
        assert_eq!(row.str(4), Ok("two"));
        assert_eq!(row.json::<serde_json::Value>(5).unwrap(), entry("two").body);
    }
}

/// Computes the hash from the documentation alone.
#[tokio::test]
async fn the_documented_encoding_gives_the_stored_hash() {
    for store in testkit::stores().await {
        store
            .write(organization(7), Actor::Stranger("192.0.2.1".to_owned()), async |tx: &mut Tx| {
                tx.journal(JournalEntry {
                    event: "a.b",
                    subject: "ü".to_owned(),
                    body: serde_json::json!([1]),
                });
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        let row = &rows(&store, "SELECT body_salt, body, body_digest, hash FROM journal", vec![]).await[0];
        let body = digest(&SHA256, &[row.blob(0).unwrap(), b"[1]".to_vec()].concat());
        assert_eq!(row.str(1), Ok("[1]"));
        assert_eq!(row.blob(2).unwrap(), body.as_ref(), "{}", store.name());
        let mut encoding = Vec::new();
        for piece in [
            b"notifymdm journal 1".as_slice(),
            &[7; 16],
            &1_i64.to_be_bytes(),
            &store.clock().now().to_be_bytes(),
            b"stranger 192.0.2.1",
            b"a.b",
            "ü".as_bytes(),
            body.as_ref(),
            &[0; 32],
        ] {
            encoding.extend((piece.len() as u64).to_be_bytes());
            encoding.extend(piece);
        }
        assert_eq!(row.blob(3).unwrap(), digest(&SHA256, &encoding).as_ref(), "{}", store.name());
    }
}

#[tokio::test]
async fn a_forgotten_organization_leaves_a_sound_journal() {
    for store in testkit::stores().await {
        for who in [1, 2] {
            store
                .write(organization(who), Actor::System, async |tx: &mut Tx| {
                    tx.journal(entry("x"));
                    tx.changed(news(1));
                    Ok::<_, StoreError>(())
                })
                .await
                .unwrap();
        }
        let key = testkit::secret_key();
        write(&store, async move |tx: &mut Tx| {
            tx.journal_installation(entry("removed"));
            store::journal::forget_organization(tx, &key).await
        })
        .await
        .unwrap();
        assert_eq!(store.heads().await.unwrap(), [(Organization::SYSTEM, 0), (organization(2), 1)]);
        let report = store::verify_journal(&store).await.unwrap();
        assert!(report.is_sound(), "{}: {:?}", store.name(), report.problems);
        assert_eq!(report.entries, 2, "one of organization 2, one of the installation");
    }
}
