//! A server with a handler that does a bit of everything.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};

use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use transport::{
    Body, Handler, Limits, ListenerConfig, Metrics, Origin, Park, ParkWaker, Peer, Reply, RequestBody,
    Running, Secure, Ticket, UpstreamConfig, Upstreams, WakeAnswer, Workers, WorkersConfig, read_all,
};

/// What a test sees of the handler.
#[derive(Default)]
pub struct Notes {
    pub wakers: Mutex<HashMap<String, ParkWaker>>,
    pub gone: Mutex<Vec<String>>,
    pub origin: OnceLock<Origin>,
    pub upstreams: Upstreams,
}

impl Notes {
    /// The waker of a parked request, as soon as it is there.
    pub fn waker(&self, id: &str) -> ParkWaker {
        wait_for(|| self.wakers.lock().unwrap().get(id).cloned())
    }
}

pub struct App(pub Arc<Notes>);

impl App {
    fn park(&self, id: &str, limit: Duration) -> Park {
        let (ticket, waker) = Ticket::new();
        self.0.wakers.lock().unwrap().insert(id.to_owned(), waker);
        let expired = format!("expired {id}");
        Park::wait(ticket, limit, move || WakeAnswer::new(StatusCode::OK).body(expired))
            .on_gone(self.on_gone(id))
    }

    fn on_gone(&self, id: &str) -> impl FnOnce() + use<> {
        let (notes, id) = (Arc::clone(&self.0), id.to_owned());
        move || notes.gone.lock().unwrap().push(id)
    }

    /// Sends the request on and waits in the lot for the answer.
    async fn relay(&self, id: &str, limit: Duration, request: Request<RequestBody>) -> Reply {
        let origin = self.0.origin.get().expect("the test sets it");
        let (mut parts, body) = request.into_parts();
        if let Some(path) = parts.headers.get("x-path") {
            parts.uri = path.to_str().unwrap().parse().unwrap();
        }
        let body = read_all(body, 1 << 20).await.expect("a body");
        let pending = match self.0.upstreams.send(origin, Request::from_parts(parts, Body::full(body))).await
        {
            Ok(pending) => pending,
            Err(error) => return text(StatusCode::BAD_GATEWAY, error.to_string()).into(),
        };
        let (ticket, waker) = Ticket::new();
        self.0.wakers.lock().unwrap().insert(id.to_owned(), waker);
        let expired = || WakeAnswer::new(StatusCode::SERVICE_UNAVAILABLE).body("upstream too slow");
        Park::relay(ticket, pending, limit, expired, |answer| async move {
            match answer {
                Ok(answer) => {
                    let mut response = Response::new(Body::from(answer.body));
                    *response.status_mut() = answer.status;
                    *response.headers_mut() = answer.headers;
                    response
                }
                Err(error) => text(StatusCode::BAD_GATEWAY, error.to_string()),
            }
        })
        .on_gone(self.on_gone(id))
        .into()
    }

    async fn proxy(&self, request: Request<RequestBody>) -> Response<Body> {
        let origin = self.0.origin.get().expect("the test sets it");
        let request = request.map(Body::from);
        match self.0.upstreams.exchange(origin, request, Duration::from_secs(20)).await {
            Ok(answer) => {
                let mut response = Response::new(Body::from(answer.body));
                *response.status_mut() = answer.status;
                *response.headers_mut() = answer.headers;
                response
            }
            Err(error) => text(StatusCode::BAD_GATEWAY, error.to_string()),
        }
    }
}

fn text(status: StatusCode, body: impl Into<bytes::Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::full(body));
    *response.status_mut() = status;
    response
}

impl Handler for App {
    async fn handle(&self, request: Request<RequestBody>) -> Reply {
        let path = request.uri().path().to_owned();
        let mut query = request.uri().query().unwrap_or_default().split('&');
        let id = query.next().unwrap_or_default().to_owned();
        let limit = Duration::from_millis(query.next().and_then(|text| text.parse().ok()).unwrap_or(20_000));
        match path.as_str() {
            "/echo" => match read_all(request.into_body(), 1 << 20).await {
                Ok(body) => text(StatusCode::OK, body).into(),
                Err(error) => text(StatusCode::PAYLOAD_TOO_LARGE, error.to_string()).into(),
            },
            "/refuse" => text(StatusCode::UNAUTHORIZED, "no").into(),
            "/stream-echo" => Response::new(Body::from(request.into_body())).into(),
            "/count" => {
                let mut body = request.into_body();
                let mut total = 0;
                while let Some(Ok(frame)) = body.frame().await {
                    total += frame.data_ref().map_or(0, bytes::Bytes::len);
                }
                text(StatusCode::OK, total.to_string()).into()
            }
            "/who" => {
                let (peer, secure) =
                    (request.extensions().get::<Peer>(), request.extensions().get::<Secure>());
                text(StatusCode::OK, format!("{} {}", peer.unwrap().0, secure.unwrap().0)).into()
            }
            "/park" => {
                let _ = read_all(request.into_body(), 1 << 20).await;
                self.park(&id, limit).into()
            }
            "/park-unread" => self.park(&id, limit).into(),
            "/park-panic" => {
                let (ticket, _) = Ticket::new();
                Park::wait(ticket, limit, || panic!("on purpose")).into()
            }
            "/relay" => self.relay(&id, limit, request).await,
            "/proxy" => self.proxy(request).await.into(),
            "/panic" => panic!("on purpose"),
            _ => text(StatusCode::NOT_FOUND, path).into(),
        }
    }

    fn on_panic(&self) -> Response<Body> {
        text(StatusCode::SERVICE_UNAVAILABLE, "panicked")
    }

    fn on_drain(&self) -> WakeAnswer {
        WakeAnswer::new(StatusCode::SERVICE_UNAVAILABLE)
            .header(header::RETRY_AFTER, HeaderValue::from_static("7"))
            .body("draining")
    }
}

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    pub notes: Arc<Notes>,
    pub workers: Workers,
    pub running: Running,
}

impl Server {
    pub fn start() -> Self {
        Self::with(|_| ())
    }

    pub fn with(change: impl FnOnce(&mut ListenerConfig)) -> Self {
        let mut config = ListenerConfig::plain(([127, 0, 0, 1], 0).into());
        config.limits = Limits { idle_eject: Duration::from_millis(300), ..Limits::default() };
        change(&mut config);
        let workers =
            Workers::start(WorkersConfig { threads: 2, ..WorkersConfig::default() }).expect("threads start");
        let notes =
            Arc::new(Notes { upstreams: Upstreams::new(UpstreamConfig::default()), ..Notes::default() });
        let running = workers.serve(config, App(Arc::clone(&notes))).expect("the port is free");
        Self { address: running.local_addr(), notes, workers, running }
    }

    pub fn metrics(&self) -> &Metrics {
        self.workers.metrics()
    }

    /// Shuts the listener down.
    pub fn shutdown(self, drain: Duration) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.running.shutdown(drain));
    }
}

/// Looks again and again until there is something, at most 10 s.
pub fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "it did not happen within 10 s");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until a condition holds.
pub fn wait_until(mut holds: impl FnMut() -> bool) {
    wait_for(|| holds().then_some(()));
}
