//! Following the writes of other nodes.

use super::{FeedEntry, HEADS, SELECT, entry, head, page};
use crate::{
    Location, Result, Store, StoreError,
    connection::{Connection, Purpose, postgres, postgres::PostgresConnection, runtime, tls},
};
use domain::model::OrganizationId;
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

/// Without a hint the feed is looked at so often.
const POLL: Duration = Duration::from_secs(2);

/// Entries read at a time.
const PAGE: i64 = 1000;

/// What another node did.
#[derive(Debug)]
pub enum News<'a> {
    /// Entries of one organization, oldest first.
    Changes(&'a [FeedEntry]),
    /// Entries were purged before this node saw them: load the organization anew.
    Gap(OrganizationId),
    /// The organization's journal has grown to this sequence, by whichever node.
    Journaled(OrganizationId, i64),
}

type Callback = Arc<dyn Fn(News<'_>) + Send + Sync>;

/// A running watch; dropping it ends it.
pub struct Watch {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("the thread that follows the feed panicked");
        }
    }
}

impl Store {
    /// Tells `callback`, on a thread of its own, what *other* nodes write after `since` (from
    /// [`heads`](Store::heads), taken before the caches were filled). On SQLite there are no other nodes and
    /// nothing runs.
    pub fn watch_feed(&self, since: Vec<(OrganizationId, i64)>, callback: Callback) -> Result<Watch> {
        let Location::Postgres(url) = &self.options().location else {
            return Ok(Watch { stop: None, thread: None });
        };
        let target = tls::parse(url)?;
        let runtime = runtime()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let known = since.into_iter().collect();
        let own = self.origin();
        let thread = std::thread::Builder::new()
            .name("store-feed".to_owned())
            .spawn(move || {
                // The connection belongs to the thread that drives it.
                let connection = Connection::Postgres(Box::new(PostgresConnection::new(target.clone())));
                let mut follower = Follower { connection, known, journals: HashMap::new(), own, callback };
                runtime.block_on(async {
                    tokio::select! {
                        () = follower.follow(&target) => {}
                        _ = stopped => {}
                    }
                });
            })
            .map_err(|error| StoreError::Unavailable(format!("no thread for the feed: {error}")))?;
        Ok(Watch { stop: Some(stop), thread: Some(thread) })
    }
}

struct Follower {
    connection: Connection,
    known: HashMap<OrganizationId, i64>,
    journals: HashMap<OrganizationId, i64>,
    own: Uuid,
    callback: Callback,
}

impl Follower {
    /// Reads the feed at every hint and every [`POLL`], for ever.
    async fn follow(&mut self, target: &tls::Target) {
        let hint = Arc::new(Notify::new());
        loop {
            let listener = match postgres::listen(target, "notifymdm_feed", hint.clone()).await {
                Ok(listener) => Some(listener),
                Err(error) => {
                    tracing::warn!(%error, "the feed is polled without hints");
                    None
                }
            };
            loop {
                if let Err(error) = self.catch_up().await {
                    tracing::warn!(%error, "the feed cannot be read");
                }
                tokio::select! {
                    () = hint.notified() => {}
                    () = tokio::time::sleep(POLL) => {}
                }
                if listener.as_ref().is_none_or(tokio_postgres::Client::is_closed) {
                    break;
                }
            }
        }
    }

    async fn catch_up(&mut self) -> Result<()> {
        self.connection.begin(Purpose::Read).await?;
        let outcome = self.read_news().await;
        self.connection.rollback().await;
        outcome
    }

    async fn read_news(&mut self) -> Result<()> {
        let heads = self.connection.fetch(HEADS, &[]).await?;
        for row in &heads {
            let (organization, newest) = head(row)?;
            let journal = row.int(2)?;
            if self.journals.insert(organization, journal) != Some(journal) {
                self.tell(News::Journaled(organization, journal));
            }
            let mut after = self.known.get(&organization).copied().unwrap_or(0);
            while after < newest {
                let rows =
                    self.connection.fetch(SELECT, &[organization.into(), after.into(), PAGE.into()]).await?;
                let entries = rows.iter().map(entry).collect::<Result<Vec<_>>>()?;
                let found = page(entries, after, newest);
                if found.gap {
                    self.tell(News::Gap(organization));
                    after = newest;
                } else {
                    after = found.entries.last().map_or(newest, |entry| entry.sequence);
                    let others: Vec<FeedEntry> =
                        found.entries.into_iter().filter(|entry| entry.origin != self.own).collect();
                    if !others.is_empty() {
                        self.tell(News::Changes(&others));
                    }
                }
                self.known.insert(organization, after);
            }
        }
        Ok(())
    }

    fn tell(&self, news: News<'_>) {
        if catch_unwind(AssertUnwindSafe(|| (self.callback)(news))).is_err() {
            tracing::error!("following the feed panicked; what it keeps may be stale");
        }
    }
}
