//! A listener at work.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::{accept, connection::Serve, watch::Order, worker::Workers};

/// How often a shutdown looks whether everybody has left.
const LOOK: Duration = Duration::from_millis(10);

/// A listener that accepts connections until it is shut down. Dropping it does not stop it.
pub struct Running {
    workers: Workers,
    local: SocketAddr,
    listening: Arc<dyn Serve>,
    stop: CancellationToken,
}

impl Running {
    pub(crate) fn start(
        workers: Workers,
        socket: TcpListener,
        local: SocketAddr,
        listening: Arc<dyn Serve>,
    ) -> Self {
        let stop = CancellationToken::new();
        let acceptor = {
            let (workers, listening, stop) = (workers.clone(), Arc::clone(&listening), stop.clone());
            move |worker: &_| {
                tokio::task::spawn_local(accept::run(
                    std::rc::Rc::clone(worker),
                    workers,
                    socket,
                    listening,
                    stop,
                ));
            }
        };
        workers.send(0, Box::new(acceptor));
        Self { workers, local, listening, stop }
    }

    /// The address, with the port that was found for port 0.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Connections of this listener that are open.
    pub fn open_connections(&self) -> usize {
        self.listening.core().open.load(Relaxed)
    }

    /// Stops accepting, answers parked requests with [`Handler::on_drain`](super::Handler::on_drain), lets requests
    /// that are being answered finish within `drain`, then closes what is left.
    pub async fn shutdown(self, drain: Duration) {
        let core = self.listening.core();
        self.stop.cancel();
        core.draining.store(true, Relaxed);
        self.end(Order::Drain);
        self.wait_until_empty(drain).await;
        self.end(Order::Close);
        self.wait_until_empty(Duration::from_secs(1)).await;
    }

    fn end(&self, order: Order) {
        let id = self.listening.core().id;
        self.workers.send_all(move |worker| worker.end(id, order));
    }

    async fn wait_until_empty(&self, limit: Duration) {
        let start = Instant::now();
        while self.open_connections() > 0 && start.elapsed() < limit {
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running")
            .field("local", &self.local)
            .field("open", &self.open_connections())
            .finish_non_exhaustive()
    }
}
