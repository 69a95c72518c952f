//! Units in batches: what undoes what, and who is told when.

use crate::facade::*;
use domain::model::Actor;
use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Waker},
    time::Duration,
};
use store::{Result, StoreError, Tx};

#[tokio::test]
async fn a_unit_that_fails_undoes_only_itself() {
    for store in testkit::stores().await {
        make_probe(&store).await;
        let batches = Arc::new(Mutex::new(Vec::new()));
        let heard = batches.clone();
        store.on_commit(Arc::new(move |committed| {
            heard.lock().unwrap().push(committed.iter().map(|one| one.sequence).collect::<Vec<_>>());
        }));
        write(&store, async |tx: &mut Tx| insert(tx, 1000).await).await.unwrap();
        let gate = Gate::shut(&store).await;
        let units: Vec<_> = (0..40_i64)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move {
                    write(&store, async move |tx: &mut Tx| {
                        insert(tx, number).await?;
                        tx.changed(news(number as u8));
                        tx.journal(entry(&number.to_string()));
                        match number % 4 {
                            0 => Err(StoreError::Other("wanted".to_owned())),
                            1 => panic!("wanted"),
                            2 => {
                                // Swallows a database error.
                                assert!(insert(tx, 1000).await.is_err());
                                assert!(is_poisoned(&insert(tx, number + 100).await));
                                Ok(number)
                            }
                            _ => Ok(number),
                        }
                    })
                    .await
                })
            })
            .collect();
        gate.open().await;
        for (number, unit) in (0..40_i64).zip(units) {
            let outcome = unit.await.unwrap();
            match number % 4 {
                0 => assert_eq!(outcome, Err(StoreError::Other("wanted".to_owned()))),
                1 => assert!(outcome.unwrap_err().to_string().contains("panicked")),
                2 => assert!(is_poisoned(&outcome), "{}: {outcome:?}", store.name()),
                _ => assert_eq!(outcome, Ok(number)),
            }
        }
        let mut expected: Vec<i64> = (0..40).filter(|number| number % 4 == 3).collect();
        expected.push(1000);
        assert_eq!(ints(&store, "SELECT id FROM probe ORDER BY id").await, expected, "{}", store.name());
        let sequences: Vec<i64> = (1..=10).collect();
        assert_eq!(ints(&store, "SELECT sequence FROM change ORDER BY sequence").await, sequences);
        assert_eq!(ints(&store, "SELECT sequence FROM journal ORDER BY sequence").await, sequences);
        let batches = batches.lock().unwrap();
        assert_eq!(batches.concat(), sequences, "each change is told once, in order");
        assert!(batches.iter().any(|batch| batch.len() > 1), "{}: the units shared a batch", store.name());
    }
}

#[tokio::test]
async fn a_failed_commit_harms_only_the_unit_at_fault() {
    for store in testkit::stores().await {
        make_probe(&store).await;
        run(
            &store,
            &["CREATE TABLE child (id BIGINT NOT NULL PRIMARY KEY, parent BIGINT NOT NULL \
               REFERENCES probe (id) DEFERRABLE INITIALLY DEFERRED)"],
        )
        .await;
        let told = Arc::new(AtomicUsize::new(0));
        let counter = told.clone();
        store.on_commit(Arc::new(move |committed| {
            counter.fetch_add(committed.len(), Ordering::SeqCst);
        }));
        let runs = Arc::new(AtomicUsize::new(0));
        let gate = Gate::shut(&store).await;
        let units: Vec<_> = (0..9_i64)
            .map(|number| {
                let (store, runs) = (store.clone(), runs.clone());
                tokio::spawn(async move {
                    write(&store, async move |tx: &mut Tx| {
                        runs.fetch_add(1, Ordering::SeqCst);
                        if number != 4 {
                            insert(tx, number).await?;
                        }
                        tx.execute("INSERT INTO child (id, parent) VALUES ($1, $1)", &[number.into()])
                            .await?;
                        tx.changed(news(number as u8));
                        Ok(())
                    })
                    .await
                })
            })
            .collect();
        gate.open().await;
        for (number, unit) in (0..).zip(units) {
            let outcome = unit.await.unwrap();
            if number == 4 {
                assert!(outcome.unwrap_err().is_conflict("foreign_key"), "{}", store.name());
            } else {
                assert_eq!(outcome, Ok(()), "{}: unit {number}", store.name());
            }
        }
        assert!(runs.load(Ordering::SeqCst) > 9, "{}: the batch was run again", store.name());
        assert_eq!(told.load(Ordering::SeqCst), 8);
        assert_eq!(
            ints(&store, "SELECT sequence FROM change ORDER BY sequence").await,
            (1..=8).collect::<Vec<_>>()
        );
        write(&store, async |tx: &mut Tx| insert(tx, 77).await).await.expect("the writer goes on");
    }
}

#[tokio::test]
async fn a_unit_that_waits_for_something_else_fails() {
    for store in testkit::stores().await {
        make_probe(&store).await;
        let waits = write(&store, async |tx: &mut Tx| {
            insert(tx, 1).await?;
            std::future::pending::<()>().await;
            Ok(())
        })
        .await;
        assert!(waits.unwrap_err().to_string().contains("other than the database"), "{}", store.name());
        let sleeps = write(&store, async |tx: &mut Tx| {
            insert(tx, 2).await?;
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(())
        })
        .await;
        assert!(sleeps.is_err(), "{}", store.name());
        let reads: Result<()> = store
            .read(organization(1), async |_: &mut Tx| {
                std::future::pending::<()>().await;
                Ok(())
            })
            .await;
        assert!(reads.is_err());
        assert_eq!(ints(&store, "SELECT count(*) FROM probe").await, [0]);
    }
}

#[tokio::test]
async fn the_hooks_run_before_the_caller_is_answered() {
    for store in testkit::stores().await {
        let seen = Arc::new(AtomicU64::new(0));
        let sink = seen.clone();
        store.on_commit(Arc::new(|_| panic!("a hook that fails harms nobody")));
        store.on_commit(Arc::new(move |committed| {
            std::thread::sleep(Duration::from_millis(20));
            for one in committed {
                assert_eq!(one.organization, organization(1));
                assert_eq!(one.change.subject(), "2a");
                sink.store(one.sequence.cast_unsigned(), Ordering::SeqCst);
            }
        }));
        for wanted in 1..4 {
            write(&store, async |tx: &mut Tx| {
                tx.changed(news(0x2A));
                Ok(())
            })
            .await
            .unwrap();
            assert_eq!(seen.load(Ordering::SeqCst), wanted, "{}", store.name());
        }
    }
}

#[tokio::test]
async fn concurrent_writers_lose_nothing() {
    for store in testkit::stores().await {
        make_probe(&store).await;
        for id in 1..=3 {
            write(&store, async move |tx: &mut Tx| insert(tx, id).await).await.unwrap();
        }
        run(&store, &["UPDATE probe SET name = '0'"]).await;
        let mut units = Vec::new();
        for number in 0..90_u8 {
            let store = store.clone();
            let who = number % 3 + 1;
            units.push(tokio::spawn(async move {
                store
                    .write(organization(who), Actor::System, async move |tx: &mut Tx| {
                        let id = i64::from(who);
                        let row = tx.fetch_one("SELECT name FROM probe WHERE id = $1", &[id.into()]).await?;
                        let next = row.str(0)?.parse::<i64>().unwrap() + 1;
                        tx.execute(
                            "UPDATE probe SET name = $2 WHERE id = $1",
                            &[id.into(), next.to_string().into()],
                        )
                        .await?;
                        tx.changed(news(number));
                        tx.journal(entry("count"));
                        Ok::<_, StoreError>(())
                    })
                    .await
            }));
        }
        for unit in units {
            unit.await.unwrap().unwrap();
        }
        let names = rows(&store, "SELECT name FROM probe ORDER BY id", vec![]).await;
        let names: Vec<_> = names.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(names, ["30", "30", "30"], "{}", store.name());
        let heads = store.heads().await.unwrap();
        assert_eq!(heads, [(organization(1), 30), (organization(2), 30), (organization(3), 30)]);
        assert!(store::verify_journal(&store).await.unwrap().is_sound());
    }
}

#[tokio::test]
async fn an_accepted_unit_is_carried_out_though_its_caller_went_away() {
    for store in testkit::stores().await {
        make_probe(&store).await;
        {
            let unit = pin!(write(&store, async |tx: &mut Tx| insert(tx, 5).await));
            assert!(unit.poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        write(&store, async |tx: &mut Tx| insert(tx, 6).await).await.unwrap();
        assert_eq!(ints(&store, "SELECT id FROM probe ORDER BY id").await, [5, 6], "{}", store.name());
    }
}

#[tokio::test]
async fn closing_the_store_writes_what_was_accepted() {
    for mut store in testkit::stores().await {
        make_probe(&store).await;
        let gate = Gate::shut(&store).await;
        let mut units = Vec::new();
        for id in 0..100 {
            let handle = (*store).clone();
            let mut unit =
                Box::pin(async move { write(&handle, async move |tx: &mut Tx| insert(tx, id).await).await });
            assert!(unit.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            units.push(unit);
        }
        drop(units);
        gate.open().await;
        store.reopen().await;
        assert_eq!(ints(&store, "SELECT count(*) FROM probe").await, [100], "{}", store.name());
    }
}

#[tokio::test]
async fn a_unit_sees_its_own_writes_and_the_time_of_its_clock() {
    for store in testkit::stores().await {
        make_probe(&store).await;
        store.clock().set(4711);
        let seen = write(&store, async |tx: &mut Tx| {
            insert(tx, 1).await?;
            let count = tx.fetch_one("SELECT count(*) FROM probe", &[]).await?.int(0)?;
            Ok((count, tx.now(), tx.organization()))
        })
        .await;
        assert_eq!(seen, Ok((1, 4711, organization(1))));
    }
}
