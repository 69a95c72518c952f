//! A few connections to one directory, kept for the next question.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Place;
use super::connection::Connection;
use super::error::LdapError;

/// Connections for questions at the same time. A server that hangs holds these up and nothing else.
const MOST: usize = 4;
/// Sign-ins at the same time.
const MOST_SIGN_INS: usize = 8;
/// A connection that was not used for so long is closed: servers and firewalls drop it then anyhow.
const IDLE: Duration = Duration::from_mins(1);

/// A directory, ready to be asked.
pub struct Directory {
    pub(super) place: Place,
    free: Mutex<Vec<(Connection, Instant)>>,
    turns: Arc<Semaphore>,
    sign_ins: Arc<Semaphore>,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "directory at {}:{}", self.place.host, self.place.port)
    }
}

/// A connection on loan; it goes back unless it is broken.
pub(super) struct Lease<'d> {
    directory: &'d Directory,
    connection: Option<Connection>,
    _turn: OwnedSemaphorePermit,
}

impl Directory {
    /// Nothing is connected before the first question.
    pub fn new(place: Place) -> Self {
        let turns = Arc::new(Semaphore::new(MOST));
        Self { place, free: Mutex::default(), turns, sign_ins: Arc::new(Semaphore::new(MOST_SIGN_INS)) }
    }

    /// A connection that is signed in as the server's own account.
    pub(super) async fn lease(&self) -> Result<Lease<'_>, LdapError> {
        let turn = self.wait(&self.turns).await?;
        loop {
            let Some((mut connection, since)) = self.free.lock().pop() else { break };
            if since.elapsed() < IDLE && !connection.is_stale().await {
                return Ok(Lease { directory: self, connection: Some(connection), _turn: turn });
            }
        }
        let mut connection = Connection::open(&self.place).await?;
        connection.bind(&self.place.bind_dn, &self.place.password).await?;
        Ok(Lease { directory: self, connection: Some(connection), _turn: turn })
    }

    /// Whether name and password are good, tried on a connection of its own that nobody else uses: whoever it is
    /// signed in as could see something else.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn verify(&self, dn: &str, password: &str) -> Result<bool, LdapError> {
        if dn.is_empty() || password.is_empty() {
            return Ok(false);
        }
        let _turn = self.wait(&self.sign_ins).await?;
        let mut connection = Connection::open(&self.place).await?;
        let outcome = connection.bind(dn, password).await;
        connection.close().await;
        match outcome {
            Ok(()) => Ok(true),
            Err(LdapError::Bind(_) | LdapError::Missing { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A turn; who waits too long for it hears that the server is busy.
    async fn wait(&self, turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, LdapError> {
        let turn = tokio::time::timeout(self.place.patience / 3, Arc::clone(turns).acquire_owned()).await;
        turn.map_err(|_| LdapError::Busy)?.map_err(|_| LdapError::Busy)
    }
}

impl Deref for Lease<'_> {
    type Target = Connection;
    #[expect(clippy::expect_used, reason = "it is taken by drop alone")]
    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("a lease has its connection until it ends")
    }
}

impl DerefMut for Lease<'_> {
    #[expect(clippy::expect_used, reason = "it is taken by drop alone")]
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a lease has its connection until it ends")
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|connection| !connection.broken) {
            self.directory.free.lock().push((connection, Instant::now()));
        }
    }
}
