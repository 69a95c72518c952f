//! The life of a connection: handshake, requests through the HTTP library, and the moments at which the library is
//! taken off it again: a request parks, or nothing happens for a while.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::Poll,
};

use bytes::{Bytes, BytesMut};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{
    Handler, Limits, ListenerConfig,
    framing::Scanner,
    linger::linger,
    service::Requests,
    watch::{Order, Phase, Watch},
    wire::Wire,
    worker::Worker,
};
use crate::{
    Body, WakeAnswer,
    metrics::Metrics,
    stream::{Stream, tune},
    tls::TlsStream,
};

/// The number of headers that the HTTP library allows by itself.
const LIBRARY_HEADERS: usize = 100;

/// What the workers need to know about a listener.
pub(crate) struct Core {
    pub(crate) id: u64,
    pub(crate) limits: Limits,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) open: AtomicUsize,
    pub(crate) draining: AtomicBool,
}

/// A listener with its handler.
pub(crate) struct Listening<H> {
    pub(crate) core: Core,
    pub(crate) handler: H,
    tls: Option<Arc<rustls::ServerConfig>>,
    http: http1::Builder,
}

/// A listener of any handler, as connections and the lot know it.
pub(crate) trait Serve: Send + Sync {
    fn core(&self) -> &Core;
    fn on_drain(&self) -> WakeAnswer;
    fn on_panic(&self) -> http::Response<Body>;
    /// Starts to serve an accepted socket, on this worker's thread.
    fn adopt(self: Arc<Self>, worker: &Rc<Worker>, socket: TcpStream, peer: SocketAddr);
    /// Serves on: `rewound` are bytes of the next request that were read already.
    fn resume(self: Arc<Self>, worker: &Rc<Worker>, client: Client, stream: Stream, rewound: Bytes);
}

/// What stays the same over the life of a connection. While one exists, the connection is counted as open.
pub(crate) struct Client {
    pub(crate) peer: SocketAddr,
    pub(crate) listener: Arc<dyn Serve>,
}

impl Client {
    pub(crate) fn new(peer: SocketAddr, listener: Arc<dyn Serve>) -> Self {
        listener.core().open.fetch_add(1, Relaxed);
        listener.core().metrics.open.up();
        Self { peer, listener }
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.listener.core().draining.load(Relaxed)
    }

    /// Serves the connection's next request.
    pub(crate) fn resume(self, worker: &Rc<Worker>, stream: Stream, rewound: Bytes) {
        Arc::clone(&self.listener).resume(worker, self, stream, rewound);
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let core = self.listener.core();
        core.open.fetch_sub(1, Relaxed);
        core.metrics.open.down();
        if std::thread::panicking() {
            // In a body's stream, for example; the runtime catches it at the end of this connection's task.
            core.metrics.panics.up();
        }
    }
}

/// Why the HTTP library was taken off a connection.
enum End {
    /// Its last request is answered, or the client left, or sent nonsense.
    Over,
    /// A request waits.
    Park,
    /// No request for a while.
    Idle,
    /// Too slow, or the server stops.
    Cut,
}

impl<H: Handler> Listening<H> {
    pub(crate) fn new(config: ListenerConfig, id: u64, metrics: Arc<Metrics>, handler: H) -> Self {
        let mut http = http1::Builder::new();
        // Time limits are kept by the worker's sweep.
        http.max_header_size(config.limits.header_bytes).header_read_timeout(None);
        // The library has a faster way for its own limit.
        if config.limits.headers != LIBRARY_HEADERS {
            http.max_headers(config.limits.headers);
        }
        let core = Core {
            id,
            limits: config.limits,
            metrics,
            open: AtomicUsize::new(0),
            draining: AtomicBool::new(false),
        };
        Self { core, handler, tls: config.tls, http }
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    async fn open(&self, socket: TcpStream) -> Option<Stream> {
        let Some(config) = &self.tls else { return Some(Stream::Plain(socket)) };
        let accepting = TlsStream::accept(socket, Arc::clone(config));
        match tokio::time::timeout(self.core.limits.header_time, accepting).await {
            Ok(Ok(stream)) => Some(Stream::Server(Box::new(stream))),
            Ok(Err(error)) => {
                self.core.metrics.tls_failures.up();
                tracing::debug!(%error, "a TLS handshake failed");
                None
            }
            Err(_) => {
                self.core.metrics.timeouts.up();
                None
            }
        }
    }

    async fn serve(self: Arc<Self>, worker: Rc<Worker>, client: Client, stream: Stream, rewound: Bytes) {
        let watch = Rc::new(Watch::new(Rc::clone(&worker.clock)));
        let registered = worker.watch(&watch, &client);
        let scanner = Rc::new(RefCell::new(Scanner::new()));
        let wire = Wire::new(
            stream,
            rewound,
            Rc::clone(&scanner),
            Rc::clone(&watch),
            Arc::clone(&self.core.metrics),
        );
        let service = Requests {
            listening: Arc::clone(&self),
            watch: Rc::clone(&watch),
            scanner: Rc::clone(&scanner),
            peer: client.peer,
            count: Cell::new(0),
        };
        let mut http = self.http.serve_connection(TokioIo::new(wire), service);
        let end = poll_fn(|cx| {
            watch.register(cx.waker());
            match watch.order() {
                Order::Close => return Poll::Ready(End::Cut),
                Order::Drain => Pin::new(&mut http).graceful_shutdown(),
                Order::Eject | Order::None => {}
            }
            if http.poll_without_shutdown(cx).is_ready() {
                return Poll::Ready(End::Over);
            }
            // What the library wants to write has to be out before it can be taken off.
            if watch.is_write_blocked.get() {
                return Poll::Pending;
            }
            if watch.park.borrow().is_some() {
                return Poll::Ready(End::Park);
            }
            if watch.order() == Order::Eject && watch.phase() == Phase::Idle && scanner.borrow().is_between()
            {
                return Poll::Ready(End::Idle);
            }
            watch.forget_eject();
            Poll::Pending
        })
        .await;
        drop(registered);
        let parts = http.into_parts();
        let (stream, unread) = parts.io.into_inner().into_parts();
        let rewound = joined(parts.read_buf, unread);
        let parking = watch.park.borrow_mut().take();
        match (end, parking) {
            (End::Park, Some(parking)) => worker.lot.park(&worker, client, stream, rewound, parking),
            (End::Idle, _) => worker.lot.settle(&worker, client, stream, rewound, true),
            // Boxed, because a future is as large as its largest branch.
            (End::Over, _) => Box::pin(linger(stream)).await,
            (End::Cut | End::Park, _) => {}
        }
    }
}

/// Bytes the library read and did not use, and bytes it did not read.
fn joined(first: Bytes, second: Bytes) -> Bytes {
    if second.is_empty() {
        return first;
    }
    let mut all = BytesMut::from(&first[..]);
    all.extend_from_slice(&second);
    all.freeze()
}

impl<H: Handler> Serve for Listening<H> {
    fn core(&self) -> &Core {
        &self.core
    }

    fn on_drain(&self) -> WakeAnswer {
        self.handler.on_drain()
    }

    fn on_panic(&self) -> http::Response<Body> {
        self.handler.on_panic()
    }

    fn adopt(self: Arc<Self>, worker: &Rc<Worker>, socket: TcpStream, peer: SocketAddr) {
        let client = Client::new(peer, Arc::clone(&self) as Arc<dyn Serve>);
        let worker = Rc::clone(worker);
        if let Err(error) = tune(&socket) {
            tracing::debug!(%error, "a new connection was lost");
            return;
        }
        tokio::task::spawn_local(async move {
            if let Some(stream) = Box::pin(self.open(socket)).await {
                self.serve(worker, client, stream, Bytes::new()).await;
            }
        });
    }

    fn resume(self: Arc<Self>, worker: &Rc<Worker>, client: Client, stream: Stream, rewound: Bytes) {
        tokio::task::spawn_local(self.serve(Rc::clone(worker), client, stream, rewound));
    }
}
