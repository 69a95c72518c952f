//! Fresh stores, and empty places for stores.

use crate::{
    TestClock,
    cluster::{Cluster, cluster},
};
use std::{ops::Deref, sync::Arc};
use store::{Location, Options, SecretKey, Store};
use tempfile::TempDir;

/// The key of all test stores.
pub fn secret_key() -> SecretKey {
    SecretKey::from_bytes(&[0x5A; 32]).expect("32 bytes make a key")
}

/// A place where a store can be: a temporary directory or a database of the private PostgreSQL. Removed when
/// dropped.
pub struct Place {
    location: Location,
    clock: TestClock,
    directory: TempDir,
    database: Option<Arc<Database>>,
}

/// A database that is dropped with the last that uses it.
struct Database {
    name: String,
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A runtime cannot be entered twice on a thread, and this may be inside one.
        let cleaner = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let (Ok(runtime), Some(cluster)) = (runtime, cluster())
                && let Err(error) = runtime.block_on(cluster.administer(&statement))
            {
                eprintln!("{statement}: {error}");
            }
        });
        drop(cleaner.join());
    }
}

impl Place {
    fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let location = Location::Sqlite(directory.path().join("data"));
        Self { location, clock: TestClock::default(), directory, database: None }
    }

    /// An empty database, or one with this version's tables.
    async fn postgres(migrated: bool) -> Option<Self> {
        let cluster = tokio::task::spawn_blocking(cluster).await.expect("the cluster starts")?;
        let template = if migrated {
            let make = async |url: String| {
                let options = Options::new(Location::Postgres(url), secret_key());
                drop(Store::open(options).await?);
                Ok(())
            };
            cluster.template(make).await.expect("the template is made")
        } else {
            "template0".to_owned()
        };
        let random = store::seal::random::<8>().expect("random bytes");
        let name = format!("test_{}", hex::encode(random));
        cluster
            .administer(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await
            .expect("a database is made");
        Some(Self {
            location: Location::Postgres(cluster.url(&name)),
            clock: TestClock::default(),
            directory: tempfile::tempdir().expect("a temporary directory"),
            database: Some(Arc::new(Database { name })),
        })
    }

    /// `SQLite` or `PostgreSQL`, for messages.
    pub fn name(&self) -> &'static str {
        if self.database.is_some() { "PostgreSQL" } else { "SQLite" }
    }

    /// Options for opening a store here; the clock is [`clock`](Self::clock).
    pub fn options(&self) -> Options {
        let mut options = Options::new(self.location.clone(), secret_key());
        options.clock = self.clock.as_clock();
        options
    }

    /// The certificate of the private PostgreSQL, for `sslrootcert`; it also speaks TLS.
    pub fn postgres_certificate() -> std::path::PathBuf {
        Cluster::certificate()
    }

    /// The clock of stores opened here.
    pub fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// A directory for files of the test.
    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }
}

/// A fresh store. It derefs to [`Store`].
pub struct TestStore {
    // Before `place`: the store must be closed when the place is removed.
    store: Option<Store>,
    place: Place,
}

impl TestStore {
    async fn at(place: Place) -> Self {
        let store = Store::open(place.options()).await.expect("the store opens");
        Self { store: Some(store), place }
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// `SQLite` or `PostgreSQL`, for messages.
    pub fn name(&self) -> &'static str {
        self.place.name()
    }

    /// Its clock.
    pub fn clock(&self) -> &TestClock {
        self.place.clock()
    }

    /// Closes the store (if the test holds no clone of it) and opens it again.
    pub async fn reopen(&mut self) {
        self.store = None;
        self.store = Some(Store::open(self.place.options()).await.expect("the store opens again"));
    }

    /// Closes the store and keeps its place.
    pub fn close(self) -> Place {
        drop(self.store);
        self.place
    }
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        self.store.as_ref().expect("only empty while reopening")
    }
}

/// A fresh store on SQLite.
pub async fn sqlite() -> TestStore {
    TestStore::at(Place::sqlite()).await
}

/// A fresh store on PostgreSQL; `None` where it is not installed.
pub async fn postgres() -> Option<TestStore> {
    Some(TestStore::at(Place::postgres(true).await?).await)
}

/// A fresh store on each engine.
pub async fn stores() -> Vec<TestStore> {
    let mut stores = vec![sqlite().await];
    stores.extend(postgres().await);
    stores
}

/// An empty place on each engine, for tests that open, restore or copy stores themselves.
pub async fn places() -> Vec<Place> {
    let mut places = vec![Place::sqlite()];
    places.extend(Place::postgres(false).await);
    places
}
