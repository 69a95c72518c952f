//! Backup, restore, and copies between the engines.

use crate::facade::*;
use domain::{Id, model::Actor};
use std::path::Path;
use store::{Location, SecretKey, Store, StoreError, Tx, Value, backup, copy, restore, verify_journal};

/// Something in the tables that this room owns; the product's tables are filled by the tests of the repositories.
async fn fill(store: &Store) {
    for number in 0..50_u8 {
        store
            .write(organization(1 + number % 3), Actor::System, async move |tx: &mut Tx| {
                tx.journal(entry(&format!("ü{number}")));
                tx.changed(news(number));
                store::lease::acquire(tx, &format!("lease {number}"), "me", 1000).await?;
                let id = Id::from_uuid(uuid::Uuid::from_bytes([number; 16]));
                let payload = serde_json::json!({"text": "a\u{0}b\\u0000"});
                store::job::enqueue(tx, id, "kind", Some(&format!("d{number}")), &payload, 5).await?;
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }
    store::purge_journal_before(store, organization(2), Actor::System, 0, i64::MAX).await.unwrap();
    store::purge_journal_bodies(store, organization(3), Actor::System, i64::MAX, i64::MAX).await.unwrap();
}

/// Everything in a table, in an order and in forms that do not depend on the engine.
async fn contents(store: &Store, table: &str) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = rows(store, format!("SELECT * FROM {table}"), vec![])
        .await
        .iter()
        .map(|row| {
            (0..row.len())
                .map(|column| match row.value(column).unwrap() {
                    Value::Null => "null".to_owned(),
                    Value::Bool(value) => i64::from(*value).to_string(),
                    Value::Int(value) => value.to_string(),
                    Value::Text(value) => format!("text {value}"),
                    Value::Blob(value) => format!("{value:?}"),
                    Value::Uuid(value) => format!("{:?}", value.as_bytes()),
                })
                .collect()
        })
        .collect();
    found.sort();
    found
}

async fn assert_equal(one: &Store, two: &Store, tables: &[(String, u64)], what: &str) {
    assert!(tables.len() > 6, "{what}");
    for (table, count) in tables {
        let (here, there) = (contents(one, table).await, contents(two, table).await);
        assert_eq!(here.len() as u64, *count, "{what}: {table}");
        assert_eq!(here, there, "{what}: {table}");
    }
    assert!(tables.iter().any(|(table, count)| table == "journal" && *count == 50), "{what}");
}

#[tokio::test]
async fn a_backup_is_restored_on_either_engine_with_everything_in_it() {
    for store in testkit::stores().await {
        fill(&store).await;
        let file = store.place().directory().join("backup.db");
        let made = backup(&store, &file).await.unwrap();
        assert!(made.journal.is_sound(), "{}", store.name());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let left: Vec<_> = std::fs::read_dir(store.place().directory())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "data")
            .collect();
        assert_eq!(left, ["backup.db"], "nothing else stays behind");
        for place in testkit::places().await {
            let what = format!("{} to {}", store.name(), place.name());
            let report = restore(&file, place.options()).await.unwrap();
            assert!(report.journal.is_sound(), "{what}: {:?}", report.journal.problems);
            let restored = Store::open(place.options()).await.unwrap();
            assert_equal(&store, &restored, &report.tables, &what).await;
            // The copy works: sequences go on where they were.
            let heads = restored.heads().await.unwrap();
            fill_one_more(&restored).await;
            let after = restored.heads().await.unwrap();
            assert_eq!(after[0].1, heads[0].1 + 1, "{what}");
            assert!(verify_journal(&restored).await.unwrap().is_sound(), "{what}");
        }
    }
}

async fn fill_one_more(store: &Store) {
    write(store, async |tx: &mut Tx| {
        tx.journal(entry("more"));
        tx.changed(news(1));
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_store_is_copied_in_every_direction() {
    for store in testkit::stores().await {
        fill(&store).await;
        let source = store.close();
        for place in testkit::places().await {
            let what = format!("{} to {}", source.name(), place.name());
            let report = copy(source.options(), place.options()).await.unwrap();
            assert!(report.journal.is_sound(), "{what}: {:?}", report.journal.problems);
            let one = Store::open(source.options()).await.unwrap();
            let two = Store::open(place.options()).await.unwrap();
            assert_equal(&one, &two, &report.tables, &what).await;
            drop((one, two));
            let again = copy(source.options(), place.options()).await.unwrap_err().to_string();
            assert!(again.contains("already holds a database"), "{what}: {again}");
        }
    }
}

#[tokio::test]
async fn a_copy_keeps_foreign_keys_and_refuses_rows_that_break_them() {
    let source = testkit::sqlite().await.close();
    for place in testkit::places().await {
        copy(source.options(), place.options()).await.unwrap();
        let store = Store::open(place.options()).await.unwrap();
        let orphan = write(&store, async |tx: &mut Tx| {
            tx.execute(
                "INSERT INTO organization_name (kind, name, organization_id) VALUES ('x', 'y', $1)",
                &[tx.organization().into()],
            )
            .await
        })
        .await;
        assert!(orphan.unwrap_err().is_conflict("foreign_key"), "{}", place.name());
    }
    // A source whose keys were broken behind our back.
    let Location::Sqlite(directory) = source.options().location else { panic!("a SQLite store") };
    let raw = rusqlite::Connection::open(directory.join("notifymdm.db")).unwrap();
    raw.execute_batch(
        "PRAGMA foreign_keys=OFF; INSERT INTO organization_name VALUES ('x', 'y', x'00112233445566778899aabbccddeeff')",
    )
    .unwrap();
    drop(raw);
    for place in testkit::places().await {
        assert!(copy(source.options(), place.options()).await.is_err(), "{}", place.name());
        let store = Store::open(place.options()).await.unwrap();
        assert_eq!(ints(&store, "SELECT count(*) FROM organization_name").await, [0], "all or nothing");
    }
}

#[tokio::test]
async fn a_backup_that_is_not_one_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let store = testkit::sqlite().await;
    fill(&store).await;
    let good = directory.path().join("good");
    backup(&store, &good).await.unwrap();
    let text = backup(&store, &good).await.unwrap_err().to_string();
    assert!(text.contains("already exists"), "{text}");

    let mut bytes = std::fs::read(&good).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xFF);
    write_file(directory.path(), "damaged", &bytes);
    write_file(directory.path(), "cut", &bytes[..middle]);
    write_file(
        directory.path(),
        "text",
        b"not a database, only text that is long enough to be read as a header",
    );
    write_file(directory.path(), "empty", b"");
    rusqlite::Connection::open(directory.path().join("foreign"))
        .unwrap()
        .execute_batch("CREATE TABLE t (x)")
        .unwrap();
    for name in ["damaged", "cut", "text", "empty", "foreign", "missing"] {
        for place in testkit::places().await {
            let text = restore(&directory.path().join(name), place.options()).await.unwrap_err().to_string();
            assert!(text.contains("not a usable backup"), "{name}: {text}");
            Store::open(place.options()).await.expect("the place is still empty and usable");
        }
    }
}

fn write_file(directory: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(directory.join(name), bytes).unwrap();
}

#[tokio::test]
async fn a_backup_is_not_restored_with_another_key_or_over_data() {
    let store = testkit::sqlite().await;
    let file = store.place().directory().join("backup.db");
    backup(&store, &file).await.unwrap();
    for place in testkit::places().await {
        let mut options = place.options();
        options.secret_key = SecretKey::from_bytes(&[1; 32]).unwrap();
        let text = restore(&file, options).await.unwrap_err().to_string();
        assert!(text.contains("secret.key"), "{}: {text}", place.name());
        restore(&file, place.options()).await.expect("the right key does it");
        let text = restore(&file, place.options()).await.unwrap_err().to_string();
        assert!(text.contains("already holds a database"), "{}: {text}", place.name());
    }
}

#[tokio::test]
async fn a_backup_can_be_made_beside_a_working_server() {
    for store in testkit::stores().await {
        fill(&store).await;
        let mut options = store.place().options();
        options.read_only = true;
        let beside = Store::open(options).await.unwrap();
        let file = store.place().directory().join("beside.db");
        let writing = {
            let store = (*store).clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    fill_one_more(&store).await;
                }
            })
        };
        let report = backup(&beside, &file).await.unwrap();
        assert!(report.journal.is_sound(), "{}: {:?}", store.name(), report.journal.problems);
        writing.await.unwrap();
    }
}
