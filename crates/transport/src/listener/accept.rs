//! Accepting connections and dealing them out to the workers.

use std::{
    io,
    net::SocketAddr,
    rc::Rc,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::{
    connection::Serve,
    worker::{Worker, Workers},
};

/// Connections that the kernel holds for us while we are busy.
const BACKLOG: i32 = 4096;
/// The pause when there are no file descriptors left.
const BREATH: Duration = Duration::from_millis(50);
/// How many connections are accepted before other tasks get their turn.
const BATCH: usize = 64;

/// Opens a listening socket.
pub(crate) fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Accepts until told to stop.
pub(crate) async fn run(
    worker: Rc<Worker>,
    workers: Workers,
    socket: std::net::TcpListener,
    listening: Arc<dyn Serve>,
    stop: CancellationToken,
) {
    let socket = match TcpListener::from_std(socket) {
        Ok(socket) => socket,
        Err(error) => {
            tracing::error!(%error, "cannot wait for connections");
            return;
        }
    };
    let mut turn = 0;
    let accepting = async {
        loop {
            for _ in 0..BATCH {
                match socket.accept().await {
                    Ok((stream, peer)) => {
                        turn += 1;
                        deal(&worker, &workers, turn, stream, peer, &listening);
                    }
                    Err(error) => {
                        // A client that left already, or no descriptors: neither is a reason to stop.
                        tracing::debug!(%error, "a connection could not be accepted");
                        if error.kind() != io::ErrorKind::ConnectionAborted {
                            tokio::time::sleep(BREATH).await;
                        }
                    }
                }
            }
            tokio::task::yield_now().await;
        }
    };
    let _ = stop.run_until_cancelled(accepting).await;
}

/// Gives a connection to the worker whose turn it is. A socket belongs to one runtime, so it is taken off this one for
/// another worker.
fn deal(
    worker: &Rc<Worker>,
    workers: &Workers,
    turn: usize,
    stream: TcpStream,
    peer: SocketAddr,
    listening: &Arc<dyn Serve>,
) {
    let core = listening.core();
    core.metrics.accepted.up();
    if core.open.load(Relaxed) >= core.limits.connections {
        core.metrics.refused.up();
        return;
    }
    let listening = Arc::clone(listening);
    // The acceptor runs on worker 0.
    if turn.is_multiple_of(workers.count()) {
        return listening.adopt(worker, stream, peer);
    }
    match stream.into_std() {
        Ok(stream) => workers.send(
            turn,
            Box::new(move |worker| match TcpStream::from_std(stream) {
                Ok(stream) => listening.adopt(worker, stream, peer),
                Err(error) => tracing::debug!(%error, "a new connection was lost"),
            }),
        ),
        Err(error) => tracing::debug!(%error, "a new connection was lost"),
    }
}
