//! Followers of the journal: nothing is skipped, order is kept, and one organization never waits for another.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::model::{Actor, JournalEntry, OrganizationId};
use engine::followers::{self, Batch, Cursor, Follower};
use engine::{Directory, Engine, Error, Result};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use store::Tx;
use tokio::task::JoinHandle;

use crate::house::{House, houses, open};

const WANTED: &str = "user.updated";
const OTHER: &str = "device.seen";

/// Remembers what it was told.
#[derive(Default)]
struct Recorder {
    heard: Mutex<HashMap<OrganizationId, Vec<String>>>,
    /// Fails for this organization.
    refuses: Mutex<Option<OrganizationId>>,
    in_own_unit: bool,
}

impl Recorder {
    fn of(&self, organization: OrganizationId) -> Vec<String> {
        self.heard.lock().get(&organization).cloned().unwrap_or_default()
    }

    async fn reaches(&self, organization: OrganizationId, count: usize) -> Vec<String> {
        let begun = Instant::now();
        while self.of(organization).len() < count {
            assert!(begun.elapsed() < Duration::from_secs(20), "{} of {count}", self.of(organization).len());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.of(organization)
    }
}

impl Follower for Recorder {
    fn name(&self) -> &'static str {
        "recorder"
    }
    fn wants(&self, _: &Directory, _: OrganizationId, event: &str) -> bool {
        event == WANTED
    }
    fn follow<'a>(&'a self, engine: &'a Arc<Engine>, batch: Batch) -> BoxFuture<'a, Result<Cursor>> {
        Box::pin(async move {
            let organization = batch.organization;
            if *self.refuses.lock() == Some(organization) {
                return Err(Error::conflict("not now"));
            }
            let subjects: Vec<_> = batch.entries.iter().map(|row| row.subject.clone()).collect();
            if self.in_own_unit {
                let store = engine.store();
                let unit = async move |tx: &mut Tx| Ok::<_, Error>(batch.done(tx).await?);
                store.write(organization, Actor::System, unit).await?;
            }
            self.heard.lock().entry(organization).or_default().extend(subjects);
            Ok(if self.in_own_unit { Cursor::Moved } else { Cursor::Behind })
        })
    }
}

fn start(engine: &Arc<Engine>, recorder: &Arc<Recorder>) -> JoinHandle<()> {
    followers::register(engine, Arc::clone(recorder) as Arc<dyn Follower>);
    tokio::spawn(followers::run(Arc::clone(engine)))
}

async fn happens(engine: &Engine, organization: OrganizationId, event: &'static str, subject: String) {
    let unit = async move |tx: &mut Tx| {
        tx.journal(JournalEntry { event, subject: subject.clone(), body: serde_json::Value::Null });
        Ok::<_, Error>(())
    };
    engine.store().write(organization, Actor::System, unit).await.unwrap();
}

fn numbered(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

/// What happened before the follower's first run is not its business; waits until it has begun.
async fn begun(house: &House) {
    for _ in 0..2_000 {
        let begun = house.database().read(domain::model::Organization::SYSTEM, async |tx: &mut Tx| {
            store::repo::installation::cursors::load(tx, "recorder").await
        });
        if begun.await.unwrap().is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("the followers did not begin");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_wanted_arrives_once_in_order_and_soon() {
    for house in houses().await {
        for in_own_unit in [false, true] {
            let recorder = Arc::new(Recorder { in_own_unit, ..Recorder::default() });
            let engine = open(house.database(), &house.clock).await;
            let running = start(&engine, &recorder);
            begun(&house).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            for n in 0..40 {
                happens(&engine, house.acme.id, WANTED, n.to_string()).await;
                happens(&engine, house.acme.id, OTHER, "x".into()).await;
                happens(&engine, house.globex.id, WANTED, format!("g{n}")).await;
            }
            assert_eq!(recorder.reaches(house.acme.id, 40).await, numbered(0..40));
            let globex = recorder.reaches(house.globex.id, 40).await;
            assert!(globex.iter().all(|subject| subject.starts_with('g')) && globex.len() == 40);
            let mut delays = Vec::new();
            for n in 40..60 {
                let begun = Instant::now();
                happens(&engine, house.acme.id, WANTED, n.to_string()).await;
                recorder.reaches(house.acme.id, n + 1).await;
                delays.push(begun.elapsed());
            }
            delays.sort();
            assert!(delays[10] < Duration::from_millis(250), "{delays:?}");
            running.abort();
            assert!(running.await.unwrap_err().is_cancelled());
            followers::stop(&engine).await.unwrap();
        }
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_holds_up_no_other_organization_and_goes_on_where_it_was() {
    for house in houses().await {
        let recorder = Arc::new(Recorder::default());
        *recorder.refuses.lock() = Some(house.acme.id);
        let running = start(&house.engine, &recorder);
        begun(&house).await;
        for n in 0..5 {
            happens(&house, house.acme.id, WANTED, n.to_string()).await;
            happens(&house, house.globex.id, WANTED, n.to_string()).await;
        }
        assert_eq!(recorder.reaches(house.globex.id, 5).await, numbered(0..5));
        assert!(recorder.of(house.acme.id).is_empty());
        *recorder.refuses.lock() = None;
        assert_eq!(recorder.reaches(house.acme.id, 5).await, numbered(0..5));
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_dies_leaves_nothing_out() {
    for house in houses().await {
        // The outside world, which lives on.
        let recorder = Arc::new(Recorder::default());
        let mut written = 0;
        for round in 0..6 {
            let engine = open(house.database(), &house.clock).await;
            let running = start(&engine, &recorder);
            begun(&house).await;
            for _ in 0..30 {
                happens(&engine, house.acme.id, WANTED, written.to_string()).await;
                written += 1;
            }
            if round < 5 {
                // In the midst of it, without giving anything back: the lease runs out.
                running.abort();
                drop(running.await);
                house.clock.advance(20_000);
            } else {
                let begun = Instant::now();
                while !recorder.of(house.acme.id).contains(&(written - 1).to_string()) {
                    assert!(begun.elapsed() < Duration::from_secs(20));
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                running.abort();
            }
        }
        // At least once, and each first time in order.
        let mut first = Vec::new();
        for subject in recorder.of(house.acme.id) {
            if !first.contains(&subject) {
                first.push(subject);
            }
        }
        assert_eq!(first, numbered(0..written));
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_is_not_purged_before_it_was_read() {
    for house in houses().await {
        let recorder = Arc::new(Recorder::default());
        *recorder.refuses.lock() = Some(house.acme.id);
        let running = start(&house.engine, &recorder);
        begun(&house).await;
        happens(&house, house.acme.id, WANTED, "0".into()).await;
        happens(&house, house.globex.id, WANTED, "0".into()).await;
        recorder.reaches(house.globex.id, 1).await;
        followers::stop(&house).await.unwrap();
        house.settings(&house.acme, |s| s.journal_days = 30).await;
        house.settings(&house.globex, |s| s.journal_days = 30).await;
        house.clock.advance(31 * 24 * crate::house::HOUR);
        engine::retention::run_if_due(&house).await.unwrap();
        let left = async |tenant: &crate::house::Tenant| house.journaled(tenant, WANTED, "0").await;
        assert_eq!(
            (left(&house.acme).await, left(&house.globex).await),
            (1, 0),
            "{}",
            house.database().name()
        );
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_follow_one_after_the_other() {
    let Some(store) = testkit::postgres().await else { return };
    let house = House::on(store).await;
    let (first, second) = (Arc::new(Recorder::default()), Arc::new(Recorder::default()));
    let store = store::Store::open(house.database().place().options()).await.unwrap();
    let other = open(&store, &house.clock).await;
    let running = start(&house.engine, &first);
    begun(&house).await;
    let waiting = start(&other, &second);
    for n in 0..10 {
        happens(&house, house.acme.id, WANTED, n.to_string()).await;
    }
    assert_eq!(first.reaches(house.acme.id, 10).await, numbered(0..10));
    // Written by a node that does not follow: the one that does is told by the feed.
    for n in 10..20 {
        happens(&other, house.acme.id, WANTED, n.to_string()).await;
    }
    let heads = store.journal_heads().await.unwrap();
    let head = heads.iter().find(|(id, _)| *id == house.acme.id).unwrap().1;
    followers::heard(&house, house.acme.id, head);
    assert_eq!(first.reaches(house.acme.id, 20).await, numbered(0..20));
    assert!(second.of(house.acme.id).is_empty());
    // The first one stops in order; the other goes on at the cursor.
    running.abort();
    drop(running.await);
    followers::stop(&house).await.unwrap();
    for n in 20..30 {
        happens(&house, house.acme.id, WANTED, n.to_string()).await;
    }
    assert_eq!(second.reaches(house.acme.id, 10).await, numbered(20..30));
    waiting.abort();
    house.finish().await;
}
