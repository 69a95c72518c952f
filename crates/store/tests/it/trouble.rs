//! What the engines can do to a batch: deadlocks, lost connections, a full disk.

use crate::facade::*;
use std::sync::{
    Arc, Barrier,
    atomic::{AtomicUsize, Ordering},
};
use store::{Location, Result, Store, StoreError, Tx};

/// Touches two rows with a meeting in between, on the first run only.
async fn lock_both(store: Store, first: i64, second: i64, meet: Arc<Barrier>) -> Result<usize> {
    let mut runs = 0;
    write(&store, async move |tx: &mut Tx| {
        runs += 1;
        let lock = "UPDATE probe SET name = name || 'x' WHERE id = $1";
        tx.execute(lock, &[first.into()]).await?;
        if runs == 1 {
            meet.wait();
        }
        tx.execute(lock, &[second.into()]).await?;
        tx.changed(news(1));
        Ok(runs)
    })
    .await
}

#[tokio::test]
async fn nodes_that_deadlock_both_succeed() {
    let Some(store) = testkit::postgres().await else { return };
    make_probe(&store).await;
    write(&store, async |tx: &mut Tx| {
        insert(tx, 1).await?;
        insert(tx, 2).await
    })
    .await
    .unwrap();
    let other = Store::open(store.place().options()).await.unwrap();
    let meet = Arc::new(Barrier::new(2));
    let one = tokio::spawn(lock_both((*store).clone(), 1, 2, meet.clone()));
    let two = tokio::spawn(lock_both(other, 2, 1, meet));
    let runs = one.await.unwrap().unwrap() + two.await.unwrap().unwrap();
    assert!(runs >= 3, "one of them was run again");
    let names = rows(&store, "SELECT name FROM probe", vec![]).await;
    assert!(names.iter().all(|row| row.str(0) == Ok("xxx")), "each ran exactly once in effect");
    assert_eq!(ints(&store, "SELECT sequence FROM change ORDER BY sequence").await, [1, 2]);
}

/// Ends every other session of the database, as a restart of the server would.
async fn cut_all(store: &Store) {
    write(store, async |tx: &mut Tx| {
        tx.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
            &[],
        )
        .await
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_connection_lost_while_idle_is_not_noticed() {
    let Some(store) = testkit::postgres().await else { return };
    make_probe(&store).await;
    let other = Store::open(store.place().options()).await.unwrap();
    for round in 0..3 {
        assert_eq!(ints(&store, "SELECT count(*) FROM probe").await, [round]);
        cut_all(&other).await;
        write(&store, async move |tx: &mut Tx| insert(tx, round).await).await.unwrap();
        cut_all(&other).await;
        assert_eq!(ints(&store, "SELECT count(*) FROM probe").await, [round + 1]);
    }
}

#[tokio::test]
async fn a_connection_lost_in_a_unit_runs_it_again_once() {
    let Some(store) = testkit::postgres().await else { return };
    make_probe(&store).await;
    for deaths in 1..=2 {
        let runs = Arc::new(AtomicUsize::new(0));
        let counter = runs.clone();
        let outcome = write(&store, async move |tx: &mut Tx| {
            insert(tx, deaths).await?;
            if counter.fetch_add(1, Ordering::SeqCst) < deaths as usize {
                tx.fetch("SELECT pg_terminate_backend(pg_backend_pid())", &[]).await?;
            }
            Ok(())
        })
        .await;
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        match deaths {
            1 => assert_eq!(outcome, Ok(())),
            _ => assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}"),
        }
    }
    assert_eq!(ints(&store, "SELECT id FROM probe").await, [1]);
    write(&store, async |tx: &mut Tx| insert(tx, 9).await).await.expect("the writer goes on");
}

/// Takes a database away from its users, or gives it back, by renaming it.
async fn rename(server: &str, from: &str, to: &str) {
    let maintenance = format!("{server}/postgres");
    let (client, connection) = tokio_postgres::connect(&maintenance, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{from}'");
    client.batch_execute(&cut).await.unwrap();
    client.batch_execute(&format!("ALTER DATABASE {from} RENAME TO {to}")).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_database_that_is_away_is_said_so_and_comes_back_by_itself() {
    let Some(store) = testkit::postgres().await else { return };
    make_probe(&store).await;
    let Location::Postgres(url) = store.place().options().location else { panic!("a PostgreSQL store") };
    let (server, name) = url.rsplit_once('/').unwrap();
    let away = format!("{name}_away");
    rename(server, name, &away).await;
    let units: Vec<_> = (0..20)
        .map(|id| {
            let store = (*store).clone();
            tokio::spawn(async move { write(&store, async move |tx: &mut Tx| insert(tx, id).await).await })
        })
        .collect();
    for unit in units {
        let outcome = unit.await.unwrap();
        assert!(outcome.is_err(), "{outcome:?}");
    }
    let read: Result<_> =
        store.read(organization(1), async |tx: &mut Tx| tx.fetch("SELECT 1", &[]).await).await;
    assert!(read.is_err());
    rename(server, &away, name).await;
    write(&store, async |tx: &mut Tx| insert(tx, 1).await).await.expect("it comes back by itself");
    assert_eq!(ints(&store, "SELECT count(*) FROM probe").await, [1]);
}

#[tokio::test]
async fn a_connection_lost_during_the_commit_leaves_the_outcome_open_and_says_so() {
    let Some(store) = testkit::postgres().await else { return };
    make_probe(&store).await;
    run(
        &store,
        &[
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END'",
            "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON probe DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW WHEN (NEW.id = 13) EXECUTE FUNCTION die()",
        ],
    )
    .await;
    let runs = Arc::new(AtomicUsize::new(0));
    let counter = runs.clone();
    let outcome = write(&store, async move |tx: &mut Tx| {
        counter.fetch_add(1, Ordering::SeqCst);
        insert(tx, 13).await
    })
    .await;
    let text = outcome.unwrap_err().to_string();
    assert!(text.contains("may or may not have been stored"), "{text}");
    assert_eq!(runs.load(Ordering::SeqCst), 1, "what may be stored is not written again");
    write(&store, async |tx: &mut Tx| insert(tx, 14).await).await.expect("the writer goes on");
}

#[tokio::test]
async fn a_full_disk_harms_only_the_unit_that_met_it() {
    let store = testkit::sqlite().await;
    make_probe(&store).await;
    write(&store, async |tx: &mut Tx| {
        let pages = tx.fetch_one("PRAGMA page_count", &[]).await?.int(0)?;
        let limit = sql(format!("PRAGMA max_page_count = {}", pages + 40));
        tx.fetch(limit, &[]).await.map(drop)
    })
    .await
    .unwrap();
    let gate = Gate::shut(&store).await;
    let units: Vec<_> = (0..9_i64)
        .map(|number| {
            let store = (*store).clone();
            tokio::spawn(async move {
                write(&store, async move |tx: &mut Tx| {
                    let name = "x".repeat(if number == 4 { 1 << 20 } else { 10 });
                    tx.journal(entry("small"));
                    tx.execute("INSERT INTO probe (id, name) VALUES ($1, $2)", &[number.into(), name.into()])
                        .await
                })
                .await
            })
        })
        .collect();
    gate.open().await;
    for (number, unit) in (0..).zip(units) {
        let outcome = unit.await.unwrap();
        if number == 4 {
            assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
        } else {
            assert_eq!(outcome, Ok(1), "unit {number}");
        }
    }
    assert_eq!(ints(&store, "SELECT count(*) FROM probe").await, [8]);
    assert!(store::verify_journal(&store).await.unwrap().is_sound());
}
