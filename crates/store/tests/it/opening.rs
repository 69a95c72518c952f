//! Opening: who may, and what is said to those who may not.

use crate::facade::*;
use store::{Location, Options, Result, SecretKey, Store, Tx};

fn refusal(outcome: Result<Store>) -> String {
    match outcome {
        Ok(_) => panic!("the store should not open"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn an_empty_place_becomes_a_store_and_opens_again() {
    for place in testkit::places().await {
        for _ in 0..2 {
            let store = Store::open(place.options()).await.unwrap();
            assert!(store.heads().await.unwrap().is_empty(), "{}", place.name());
        }
    }
}

#[tokio::test]
async fn two_nodes_may_start_at_once_on_an_empty_database() {
    for place in testkit::places().await.into_iter().filter(|place| place.name() == "PostgreSQL") {
        let (one, two) = tokio::join!(Store::open(place.options()), Store::open(place.options()));
        assert!(one.is_ok() && two.is_ok());
    }
}

#[tokio::test]
async fn a_data_directory_in_use_is_refused() {
    let store = testkit::sqlite().await;
    let text = refusal(Store::open(store.place().options()).await);
    assert!(text.contains("in use by another NotifyMDM process"), "{text}");
    let place = store.close();
    Store::open(place.options()).await.expect("free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_waits_for_a_process_that_is_just_ending() {
    let store = testkit::sqlite().await;
    let options = store.place().options();
    let ending = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        store.close()
    });
    Store::open(options).await.expect("free a moment later");
    drop(ending.join().unwrap());
}

#[tokio::test]
async fn the_wrong_key_is_refused() {
    for store in testkit::stores().await {
        let place = store.close();
        let mut options = place.options();
        options.secret_key = SecretKey::from_bytes(&[1; 32]).unwrap();
        let text = refusal(Store::open(options).await);
        assert!(text.contains("secret.key is not the key"), "{}: {text}", place.name());
        Store::open(place.options()).await.expect("the right key still opens it");
    }
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    for store in testkit::stores().await {
        run(&store, &["INSERT INTO migration VALUES (9999, '9999_future', 'x', 0)"]).await;
        let place = store.close();
        let text = refusal(Store::open(place.options()).await);
        assert!(text.contains("newer version") && text.contains("9999_future"), "{}: {text}", place.name());
    }
}

#[tokio::test]
async fn reading_beside_a_running_server_is_possible_and_writing_is_not() {
    for store in testkit::stores().await {
        make_probe(&store).await;
        let mut options = store.place().options();
        options.read_only = true;
        let beside = Store::open(options.clone()).await.unwrap();
        write(&store, async |tx: &mut Tx| insert(tx, 3).await).await.unwrap();
        assert_eq!(ints(&beside, "SELECT id FROM probe").await, [3], "{}", store.name());
        let refused = write(&beside, async |tx: &mut Tx| insert(tx, 4).await).await;
        assert!(refused.unwrap_err().to_string().contains("only for reading"));
    }
    for place in testkit::places().await {
        let mut options = place.options();
        options.read_only = true;
        let text = refusal(Store::open(options).await);
        assert!(text.contains("no database") || text.contains("not been set up"), "{}: {text}", place.name());
    }
}

#[tokio::test]
async fn an_unreachable_or_unusable_place_says_what_is_wrong() {
    let key = testkit::secret_key;
    let gone = Options::new(Location::Postgres("postgres://u:geheim@127.0.0.1:1/d".to_owned()), key());
    let text = refusal(Store::open(gone).await);
    assert!(text.contains("cannot be reached") && !text.contains("geheim"), "{text}");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let text = refusal(Store::open(Options::new(Location::Sqlite(file), key())).await);
    assert!(text.contains("data directory"), "{text}");
    std::fs::write(directory.path().join("notifymdm.db"), vec![b'x'; 8192]).unwrap();
    let text = refusal(Store::open(Options::new(Location::Sqlite(directory.path().into()), key())).await);
    assert!(text.contains("not a database"), "{text}");
}

#[tokio::test]
async fn sqlite_is_durable_and_checked() {
    let store = testkit::sqlite().await;
    // The writer's own settings: 2 is FULL.
    let settings = write(&store, async |tx: &mut Tx| {
        let mut found = Vec::new();
        for pragma in ["PRAGMA synchronous", "PRAGMA foreign_keys"] {
            found.push(tx.fetch_one(pragma, &[]).await?.int(0)?);
        }
        let journal = tx.fetch_one("PRAGMA journal_mode", &[]).await?.text(0)?;
        Ok((found, journal))
    })
    .await;
    assert_eq!(settings, Ok((vec![2, 1], "wal".to_owned())));
}

#[tokio::test]
async fn postgres_commits_synchronously() {
    let Some(store) = testkit::postgres().await else { return };
    let setting =
        write(&store, async |tx: &mut Tx| tx.fetch_one("SHOW synchronous_commit", &[]).await?.text(0)).await;
    assert_eq!(setting, Ok("on".to_owned()));
}

#[tokio::test]
async fn tls_to_postgres_is_checked() {
    for place in testkit::places().await.into_iter().filter(|place| place.name() == "PostgreSQL") {
        let Location::Postgres(url) = place.options().location else { panic!("a PostgreSQL place") };
        let with = |query: String| {
            let mut options = place.options();
            options.location = Location::Postgres(format!("{url}?{query}"));
            options
        };
        let text = refusal(Store::open(with("sslmode=require".to_owned())).await);
        assert!(text.contains("certificate"), "nobody vouches for it: {text}");
        let certificate = testkit::Place::postgres_certificate().display().to_string();
        for mode in ["require", "verify-full"] {
            let options = with(format!("sslmode={mode}&sslrootcert={certificate}"));
            let store = Store::open(options).await.unwrap();
            let encrypted = "SELECT count(*) FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl";
            assert_eq!(ints(&store, encrypted).await, [1]);
        }
        let mut other_name = place.options();
        other_name.location = Location::Postgres(format!(
            "{}?hostaddr=127.0.0.1&sslmode=require&sslrootcert={certificate}",
            url.replace("127.0.0.1", "elsewhere.example")
        ));
        let text = refusal(Store::open(other_name).await);
        assert!(text.contains("not valid for name"), "{text}");
    }
}
