//! Leases and the job queue.

use crate::facade::*;
use domain::{
    Id,
    model::{Actor, Organization},
};
use std::collections::BTreeSet;
use store::{
    Result, Store, Tx,
    job::{self, Claimed, JobId},
    lease,
};

fn id(number: u8) -> JobId {
    Id::from_uuid(uuid::Uuid::from_bytes([number; 16]))
}

async fn enqueue(store: &Store, number: u8, dedup: Option<&'static str>, run_at: i64) -> bool {
    write(store, async move |tx: &mut Tx| {
        job::enqueue(tx, id(number), "mail", dedup, &serde_json::json!({"n": number}), run_at).await
    })
    .await
    .unwrap()
}

async fn claim(store: &Store, worker: &'static str, limit: u32) -> Vec<Claimed> {
    store
        .write(Organization::SYSTEM, Actor::System, async move |tx: &mut Tx| {
            job::claim(tx, worker, limit, 60_000).await
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn a_lease_has_one_holder_until_it_ends() {
    for store in testkit::stores().await {
        let acquire = async |who: &'static str| {
            write(&store, async move |tx: &mut Tx| lease::acquire(tx, "sweep", who, 1000).await)
                .await
                .unwrap()
        };
        let holder = async || -> Result<_> {
            write(&store, async |tx: &mut Tx| lease::holder(tx, "sweep").await).await
        };
        assert!(acquire("a").await);
        assert!(!acquire("b").await, "{}", store.name());
        assert!(acquire("a").await, "the holder extends it");
        assert_eq!(holder().await, Ok(Some("a".to_owned())));
        store.clock().advance(1000);
        assert_eq!(holder().await, Ok(None));
        assert!(acquire("b").await);
        write(&store, async |tx: &mut Tx| lease::release(tx, "sweep", "a").await).await.unwrap();
        assert!(!acquire("a").await, "only its holder gives it back");
        write(&store, async |tx: &mut Tx| lease::release(tx, "sweep", "b").await).await.unwrap();
        assert!(acquire("a").await);
    }
}

#[tokio::test]
async fn jobs_are_claimed_when_due_in_order_and_done_once() {
    for store in testkit::stores().await {
        let now = store.clock().now();
        assert!(enqueue(&store, 1, None, now - 10).await);
        assert!(enqueue(&store, 2, None, now - 20).await);
        assert!(enqueue(&store, 3, None, now + 10).await);
        let due = write(&store, async |tx: &mut Tx| job::next_due(tx).await).await;
        assert_eq!(due, Ok(Some(now - 20)));
        let claimed = claim(&store, "w", 10).await;
        assert_eq!(claimed.iter().map(|job| job.id).collect::<Vec<_>>(), [id(2), id(1)], "{}", store.name());
        assert_eq!(claimed[0].organization, organization(1));
        assert_eq!(claimed[0].payload, r#"{"n":2}"#);
        assert_eq!(claimed[0].attempt, 1);
        assert!(claim(&store, "v", 10).await.is_empty());
        let first = claimed[0].clone();
        assert_eq!(
            write(&store, async move |tx: &mut Tx| job::finish(tx, &first, "w").await).await,
            Ok(true)
        );
        // The worker of the other died: the claim runs out.
        store.clock().advance(60_000);
        let again = claim(&store, "v", 10).await;
        assert_eq!(
            again.iter().map(|job| (job.id, job.attempt)).collect::<Vec<_>>(),
            [(id(1), 2), (id(3), 1)]
        );
        let late = claimed[1].clone();
        let outcome = write(&store, async move |tx: &mut Tx| job::finish(tx, &late, "w").await).await;
        assert_eq!(outcome, Ok(false), "somebody else has it now");
    }
}

#[tokio::test]
async fn equal_jobs_are_queued_once() {
    for store in testkit::stores().await {
        assert!(enqueue(&store, 1, Some("k"), 0).await);
        assert!(!enqueue(&store, 2, Some("k"), 0).await, "{}", store.name());
        assert!(enqueue(&store, 3, Some("l"), 0).await);
        let job = claim(&store, "w", 1).await.remove(0);
        write(&store, async move |tx: &mut Tx| job::finish(tx, &job, "w").await).await.unwrap();
        assert!(enqueue(&store, 4, Some("k"), 0).await);
    }
}

#[tokio::test]
async fn failing_jobs_come_back_later_and_are_put_aside_in_the_end() {
    for store in testkit::stores().await {
        enqueue(&store, 1, Some("k"), store.clock().now()).await;
        for attempt in 1..=job::ATTEMPTS {
            let job = claim(&store, "w", 5).await.remove(0);
            assert_eq!(job.attempt, attempt);
            let failed = job.clone();
            let outcome =
                write(&store, async move |tx: &mut Tx| job::fail(tx, &failed, "w", "refused").await).await;
            assert_eq!(outcome, Ok(true));
            store.clock().advance(job::wait_after(attempt) - 1);
            assert!(claim(&store, "w", 5).await.is_empty(), "{}: too early", store.name());
            store.clock().advance(1);
        }
        assert!(claim(&store, "w", 5).await.is_empty());
        let failed = write(&store, async |tx: &mut Tx| job::failed(tx, 10).await).await.unwrap();
        assert_eq!(failed.len(), 1);
        assert_eq!((failed[0].kind.as_str(), failed[0].error.as_str()), ("mail", "refused"));
        assert!(enqueue(&store, 2, Some("k"), 0).await, "a job put aside does not stand in the way");
        let purged = write(&store, async |tx: &mut Tx| job::purge_failed(tx, i64::MAX).await).await;
        assert_eq!(purged, Ok(1));
    }
}

#[tokio::test]
async fn workers_never_get_the_same_job() {
    for store in testkit::stores().await {
        for number in 0..60 {
            enqueue(&store, number, None, 0).await;
        }
        let mut stores = vec![(*store).clone()];
        if store.name() == "PostgreSQL" {
            stores.push(Store::open(store.place().options()).await.unwrap());
        }
        let mut workers = Vec::new();
        for round in 0..20 {
            let store = stores[round % stores.len()].clone();
            workers.push(tokio::spawn(async move { claim(&store, "w", 3).await }));
        }
        let mut seen = BTreeSet::new();
        for worker in workers {
            for job in worker.await.unwrap() {
                assert!(seen.insert(job.id), "{}: claimed twice", store.name());
            }
        }
        seen.extend(claim(&store, "w", 100).await.into_iter().map(|job| job.id));
        assert_eq!(seen.len(), 60);
    }
}
