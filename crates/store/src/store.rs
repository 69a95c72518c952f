//! The store: opening, writing, reading, hooks, closing.

use crate::{
    Location, Options, Result, StoreError, Tx,
    connection::{
        Connection, FILE_NAME, Purpose, postgres::PostgresConnection, runtime, sqlite::SqliteConnection, tls,
    },
    migrations, reader,
    tx::Principal,
    unit::{Job, Outcome, Unit, run_ready},
    writer::{
        Hook, Hooks, JournalHook, POSTGRES_BATCH, QUEUE, Queue, SQLITE_BATCH, Source, Writing,
        batch::Batches, records::Signature,
    },
};
use domain::model::{Actor, OrganizationId};
use parking_lot::Mutex;
use std::{fs::File, path::Path, sync::Arc, thread::JoinHandle, time::Duration};
use tokio::sync::mpsc;
use uuid::Uuid;

/// Where units are handed to a thread.
type Sender = mpsc::Sender<Box<dyn Unit>>;

/// How long a caller waits for a place in the queue before it is told that the database is busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open database. Cheap to clone; the last clone that is dropped closes it, after everything accepted has been
/// written.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    options: Options,
    origin: Uuid,
    hooks: Hooks,
    writers: Vec<Sender>,
    readers: Option<Sender>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Locked while this process may write the SQLite file.
    lock: Option<File>,
}

impl Store {
    /// Opens the database, makes it if it is new, and brings it to this version's tables.
    pub async fn open(options: Options) -> Result<Self> {
        let lock = match &options.location {
            Location::Sqlite(directory) => prepare_directory(directory, options.read_only)?,
            Location::Postgres(_) => None,
        };
        migrations::prepare(&options).await?;
        let origin = uuid::Builder::from_random_bytes(crate::seal::random()?).into_uuid();
        let mut inner = Inner {
            origin,
            hooks: Hooks::default(),
            writers: Vec::new(),
            readers: None,
            threads: Mutex::default(),
            lock,
            options,
        };
        inner.start_readers()?;
        if !inner.options.read_only {
            inner.start_writers()?;
        }
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Runs a write unit and answers once it is durable.
    ///
    /// The closure may run more than once (it is given the database as it then is), so it must have no effect
    /// outside `tx`, and it must not wait for anything but `tx`. Its error undoes only itself. Once accepted it is
    /// carried out even if the caller goes away.
    pub async fn write<T, E, F>(&self, organization: OrganizationId, actor: Actor, unit: F) -> Result<T, E>
    where
        F: AsyncFnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let writers = &self.inner.writers;
        let Some(queue) = writers.get(spread(organization) % writers.len().max(1)) else {
            return Err(StoreError::Refused("the database is open only for reading".to_owned()).into());
        };
        let (job, outcome) = Job::boxed(Principal { organization, actor: Some(actor) }, unit);
        answered(queue, job, outcome).await
    }

    /// Runs a read on a snapshot. Same rules as [`write`](Self::write); a statement that writes is refused.
    pub async fn read<T, E, F>(&self, organization: OrganizationId, query: F) -> Result<T, E>
    where
        F: AsyncFnMut(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let Some(queue) = &self.inner.readers else { return Err(reader::closed().into()) };
        let (job, outcome) = Job::boxed(Principal { organization, actor: None }, query);
        answered(queue, job, outcome).await
    }

    /// Adds a hook that is told on the writer thread what a batch added to the feed, after the commit and before
    /// the callers are answered. It must be quick and must not call the store.
    pub fn on_commit(&self, hook: Hook) {
        self.inner.hooks.feed.write().push(hook);
    }

    /// Adds a hook that is told on the writer thread what a batch added to the journals, after the hooks of the feed.
    /// It must be quick and must not call the store.
    pub fn on_journal(&self, hook: JournalHook) {
        self.inner.hooks.journal.write().push(hook);
    }

    /// Marks the feed rows that this process wrote.
    pub(crate) fn origin(&self) -> Uuid {
        self.inner.origin
    }

    /// What the store was opened with.
    pub fn options(&self) -> &Options {
        &self.inner.options
    }
}

/// Spreads organizations over writers. All units of one organization go to the same writer, one after the other.
fn spread(organization: OrganizationId) -> usize {
    let bytes = organization.uuid().into_bytes();
    bytes.iter().fold(0, |sum: usize, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)))
}

async fn answered<T, E: From<StoreError>>(
    queue: &Sender,
    job: Box<dyn Unit>,
    outcome: Outcome<T, E>,
) -> Result<T, E> {
    use mpsc::error::{SendTimeoutError, TrySendError};
    match queue.try_send(job) {
        Ok(()) => {}
        Err(TrySendError::Closed(_)) => return Err(reader::closed().into()),
        Err(TrySendError::Full(job)) => match queue.send_timeout(job, PATIENCE).await {
            Ok(()) => {}
            Err(SendTimeoutError::Timeout(_)) => return Err(StoreError::Busy.into()),
            Err(SendTimeoutError::Closed(_)) => return Err(reader::closed().into()),
        },
    }
    outcome.await.unwrap_or_else(|_| Err(reader::closed().into()))
}

/// How long a start waits for the lock of a process that is just ending: after a kill its memory is taken apart first.
const LOCK_PATIENCE: Duration = Duration::from_secs(3);

/// Makes the data directory and takes its lock, so that two servers never share one SQLite file.
fn prepare_directory(directory: &Path, read_only: bool) -> Result<Option<File>> {
    let refused = |what: &str, error: &std::io::Error| {
        StoreError::Refused(format!("cannot {what} the data directory {}: {error}", directory.display()))
    };
    if read_only {
        return if directory.join(FILE_NAME).exists() {
            Ok(None)
        } else {
            Err(StoreError::Refused(format!("there is no database in {}", directory.display())))
        };
    }
    crate::private_directory(directory).map_err(|error| refused("make", &error))?;
    let lock = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(directory.join("notifymdm.lock"))
        .map_err(|error| refused("use", &error))?;
    let start = std::time::Instant::now();
    let mut taken = lock.try_lock();
    while matches!(taken, Err(std::fs::TryLockError::WouldBlock)) && start.elapsed() < LOCK_PATIENCE {
        std::thread::sleep(Duration::from_millis(20));
        taken = lock.try_lock();
    }
    match taken {
        Ok(()) => Ok(Some(lock)),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::Refused(format!(
            "the data directory {} is in use by another NotifyMDM process; stop it first, or use another \
             directory with --data-dir",
            directory.display()
        ))),
        Err(std::fs::TryLockError::Error(error)) => Err(refused("lock", &error)),
    }
}

impl Inner {
    fn start_readers(&mut self) -> Result<()> {
        let (sender, queue) = mpsc::channel(QUEUE);
        let queue = Arc::new(tokio::sync::Mutex::new(queue));
        for number in 0..self.options.readers.max(1) {
            let queue = queue.clone();
            let clock = self.options.clock.clone();
            match &self.options.location {
                Location::Sqlite(directory) => {
                    let sqlite = SqliteConnection::open(&directory.join(FILE_NAME), Purpose::Read, false)?;
                    self.spawn(&format!("store-read-{number}"), move || {
                        let mut tx = Tx::new(Connection::Sqlite(sqlite), clock);
                        loop {
                            let unit = queue.blocking_lock().blocking_recv();
                            let Some(unit) = unit else { return };
                            if run_ready(reader::serve(&mut tx, unit)).is_none() {
                                tracing::error!("a read on SQLite waited");
                            }
                        }
                    })?;
                }
                Location::Postgres(url) => {
                    let target = tls::parse(url)?;
                    let runtime = runtime()?;
                    self.spawn(&format!("store-read-{number}"), move || {
                        let postgres = PostgresConnection::new(target);
                        let mut tx = Tx::new(Connection::Postgres(Box::new(postgres)), clock);
                        runtime.block_on(async {
                            loop {
                                let unit = queue.lock().await.recv().await;
                                let Some(unit) = unit else { return };
                                reader::serve(&mut tx, unit).await;
                            }
                        });
                    })?;
                }
            }
        }
        self.readers = Some(sender);
        Ok(())
    }

    fn start_writers(&mut self) -> Result<()> {
        let count = match &self.options.location {
            Location::Sqlite(_) => 1,
            Location::Postgres(_) => self.options.writers.max(1),
        };
        for number in 0..count {
            let (sender, queue) = mpsc::channel(QUEUE);
            let clock = self.options.clock.clone();
            let signature = Signature { key: self.options.secret_key.clone(), origin: self.origin };
            let hooks = self.hooks.clone();
            match &self.options.location {
                Location::Sqlite(directory) => {
                    let sqlite = SqliteConnection::open(&directory.join(FILE_NAME), Purpose::Write, false)?;
                    self.spawn("store-write", move || {
                        let tx = Tx::new(Connection::Sqlite(sqlite), clock);
                        write_sqlite(tx, Writing { signature, hooks, batch_size: SQLITE_BATCH }, queue);
                    })?;
                }
                Location::Postgres(url) => {
                    let target = tls::parse(url)?;
                    let runtime = runtime()?;
                    self.spawn(&format!("store-write-{number}"), move || {
                        let postgres = PostgresConnection::new(target);
                        let tx = Tx::new(Connection::Postgres(Box::new(postgres)), clock);
                        let writing = Writing { signature, hooks, batch_size: POSTGRES_BATCH };
                        runtime.block_on(write_postgres(tx, writing, queue));
                    })?;
                }
            }
            self.writers.push(sender);
        }
        Ok(())
    }

    fn spawn(&self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(work)
            .map_err(|error| StoreError::Unavailable(format!("no thread for the database: {error}")))?;
        self.threads.lock().push(thread);
        Ok(())
    }
}

fn write_sqlite(tx: Tx, writing: Writing, mut queue: Queue) {
    let size = writing.batch_size;
    let mut batches = Batches { tx, writing };
    while let Some(first) = queue.blocking_recv() {
        if run_ready(batches.run(first, Source::new(&mut queue, size))).is_none() {
            tracing::error!("a batch on SQLite waited");
        }
    }
}

async fn write_postgres(tx: Tx, writing: Writing, mut queue: Queue) {
    let size = writing.batch_size;
    let mut batches = Batches { tx, writing };
    while let Some(first) = queue.recv().await {
        batches.run(first, Source::new(&mut queue, size)).await;
    }
}

impl Drop for Inner {
    /// Closes the queues, so that the threads finish what they hold, and waits for them.
    fn drop(&mut self) {
        self.writers.clear();
        self.readers = None;
        let this = std::thread::current().id();
        for thread in self.threads.lock().drain(..) {
            // A unit may hold the last clone; its own thread then ends by itself.
            if thread.thread().id() != this && thread.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
        // Only closing the file would leave the lock to a child process that is just being started.
        if let Some(lock) = &self.lock
            && let Err(error) = lock.unlock()
        {
            tracing::warn!(%error, "the lock of the data directory cannot be given back");
        }
    }
}
