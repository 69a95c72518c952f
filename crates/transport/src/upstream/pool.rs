//! Connections that wait for their next request, per runtime and origin. A socket belongs to the runtime it was made
//! on, so workers do not share.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tokio::runtime::{Handle, Id};

use super::{Origin, Resolver, UpstreamError, connection::Connection};

/// Settings of the client half.
#[derive(Clone, Debug)]
pub struct UpstreamConfig {
    /// For resolving the name, connecting and the TLS handshake together.
    pub connect: Duration,
    /// The longest silence in the middle of an answer, and of a server that takes no more of a request.
    pub between: Duration,
    /// How long a connection is kept without a request. Shorter than what servers usually allow (60 s and more).
    pub idle: Duration,
    /// How many connections without a request are kept for each origin and worker.
    pub idle_connections: usize,
    /// Who turns names into addresses.
    pub resolver: Resolver,
}

impl Default for UpstreamConfig {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            between: Duration::from_mins(1),
            idle: Duration::from_secs(50),
            idle_connections: 256,
            resolver: Resolver::System,
        }
    }
}

/// The client half with its pool; clone it freely.
#[derive(Clone, Default)]
pub struct Upstreams(Arc<Inner>);

#[derive(Default)]
struct Inner {
    config: UpstreamConfig,
    idle: Mutex<HashMap<Id, Shelf>>,
}

/// The idle connections of one runtime.
#[derive(Default)]
struct Shelf {
    origins: HashMap<Origin, Vec<Connection>>,
    /// A task removes connections that nobody used for long.
    is_swept: bool,
}

impl Upstreams {
    /// A client half with an empty pool.
    pub fn new(config: UpstreamConfig) -> Self {
        Self(Arc::new(Inner { config, idle: Mutex::default() }))
    }

    /// The settings.
    pub fn config(&self) -> &UpstreamConfig {
        &self.0.config
    }

    /// The number of connections without a request, of all runtimes.
    pub fn idle_connections(&self) -> usize {
        self.0.idle.lock().values().flat_map(|shelf| shelf.origins.values()).map(Vec::len).sum()
    }

    /// A connection from the pool that was used within `max_idle`, if there is one, or else a new one.
    pub(crate) async fn connection(
        &self,
        origin: &Origin,
        max_idle: Duration,
    ) -> Result<Connection, UpstreamError> {
        if let Some(connection) = self.take(origin, max_idle) {
            return Ok(connection);
        }
        // Boxed, because a future is as large as its largest branch.
        Box::pin(self.fresh(origin)).await
    }

    /// A new connection.
    pub(crate) async fn fresh(&self, origin: &Origin) -> Result<Connection, UpstreamError> {
        Connection::open(origin, &self.0.config).await
    }

    fn take(&self, origin: &Origin, max_idle: Duration) -> Option<Connection> {
        let mut shelves = self.0.idle.lock();
        let idle = shelves.get_mut(&Handle::current().id())?.origins.get_mut(origin)?;
        while let Some(mut connection) = idle.pop() {
            if connection.idle_since.elapsed() > max_idle.min(self.0.config.idle) {
                // Those below it are older still, but may serve a more patient request.
                idle.push(connection);
                return None;
            }
            if connection.is_quiet() {
                connection.reused = true;
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection whose answer was read exactly to its end.
    pub(crate) fn put_back(&self, mut connection: Connection) {
        let Ok(runtime) = Handle::try_current() else { return };
        connection.idle_since = Instant::now();
        let mut shelves = self.0.idle.lock();
        let shelf = shelves.entry(runtime.id()).or_default();
        let idle = shelf.origins.entry(connection.origin.clone()).or_default();
        if idle.len() < self.0.config.idle_connections {
            idle.push(connection);
        }
        if !shelf.is_swept {
            shelf.is_swept = true;
            runtime.spawn(self.clone().sweep());
        }
    }

    /// Closes what nobody used for long; ends when this runtime's shelf is empty.
    async fn sweep(self) {
        let runtime = Handle::current().id();
        loop {
            tokio::time::sleep(self.0.config.idle / 4 + Duration::from_millis(10)).await;
            let mut shelves = self.0.idle.lock();
            let Some(shelf) = shelves.get_mut(&runtime) else { return };
            shelf.origins.retain(|_, idle| {
                idle.retain(|connection| connection.idle_since.elapsed() <= self.0.config.idle);
                !idle.is_empty()
            });
            if shelf.origins.is_empty() {
                shelves.remove(&runtime);
                return;
            }
        }
    }
}

impl std::fmt::Debug for Upstreams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstreams").field("idle", &self.idle_connections()).finish_non_exhaustive()
    }
}
