//! What the tests of the facade share.

use domain::{
    Change, Id,
    model::{Actor, JournalEntry, OrganizationId},
};
use std::sync::mpsc;
use store::{Result, Row, Store, StoreError, Tx, Value};
use tokio::task::JoinHandle;
use uuid::Uuid;

pub fn organization(number: u8) -> OrganizationId {
    Id::from_uuid(Uuid::from_bytes([number; 16]))
}

pub fn entry(subject: &str) -> JournalEntry {
    JournalEntry {
        event: "test.happened",
        subject: subject.to_owned(),
        body: serde_json::json!({"before": 1, "after": subject}),
    }
}

pub fn news(number: u8) -> Change {
    Change::SessionEnded(vec![number])
}

/// SQL made by a test, as the statement text that `Tx` wants.
pub fn sql(text: impl Into<String>) -> &'static str {
    Box::leak(text.into().into_boxed_str())
}

/// Runs statements outside any repository, in one unit.
pub async fn run(store: &Store, statements: &[&'static str]) {
    let statements = statements.to_vec();
    write(store, async move |tx: &mut Tx| {
        for statement in &statements {
            tx.execute(statement, &[]).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

/// A write unit of organization 1.
pub async fn write<T, F>(store: &Store, unit: F) -> Result<T>
where
    F: AsyncFnMut(&mut Tx) -> Result<T> + Send + 'static,
    T: Send + 'static,
{
    store.write(organization(1), Actor::System, unit).await
}

pub async fn rows(store: &Store, text: impl Into<String>, params: Vec<Value>) -> Vec<Row> {
    let text = sql(text);
    store.read(organization(1), async move |tx: &mut Tx| tx.fetch(text, &params).await).await.unwrap()
}

/// The integers of one column.
pub async fn ints(store: &Store, text: impl Into<String>) -> Vec<i64> {
    rows(store, text, vec![]).await.iter().map(|row| row.int(0).unwrap()).collect()
}

/// A table for units to work on.
pub async fn make_probe(store: &Store) {
    run(store, &["CREATE TABLE probe (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)"]).await;
}

pub async fn insert(tx: &mut Tx, id: i64) -> Result<u64> {
    tx.execute("INSERT INTO probe (id, name) VALUES ($1, $2)", &[id.into(), "x".into()]).await
}

/// Keeps the writer of organization 1 busy until it is opened, so that what is queued meanwhile makes one batch.
pub struct Gate {
    open: mpsc::Sender<()>,
    unit: JoinHandle<Result<()>>,
}

impl Gate {
    pub async fn shut(store: &Store) -> Self {
        let (open, opened) = mpsc::channel();
        let (entered, inside) = tokio::sync::oneshot::channel();
        let mut once = Some((entered, opened));
        let store = store.clone();
        let unit = tokio::spawn(async move {
            write(&store, async move |_: &mut Tx| {
                if let Some((entered, opened)) = once.take() {
                    entered.send(()).unwrap();
                    // A blocked thread, not a pending future: the unit only looks slow.
                    opened.recv().unwrap();
                }
                Ok(())
            })
            .await
        });
        inside.await.unwrap();
        Self { open, unit }
    }

    pub async fn open(self) {
        // Whatever was spawned before this gets its place in the queue.
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        self.open.send(()).unwrap();
        self.unit.await.unwrap().unwrap();
    }
}

pub fn is_poisoned<T: std::fmt::Debug>(outcome: &Result<T>) -> bool {
    matches!(outcome, Err(StoreError::Poisoned(_)))
}
