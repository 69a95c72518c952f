//! A minimal relay to measure with wrk or h2load: `relay_bench LISTEN UPSTREAM [CHAIN.pem KEY.pem]`.
//!
//! Reads the request's body, sends the request on over a pooled connection, streams the answer back. One worker thread,
//! no policy, no logging: what the transport itself costs.

use std::{env, error::Error, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use http::{Request, Response, StatusCode};
use transport::{
    Body, Handler, ListenerConfig, Origin, Reply, RequestBody, Upstreams, WakeAnswer, Workers, WorkersConfig,
    read_all,
    tls::{CertStore, Certificate, server_config},
};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

struct Relay {
    upstreams: Upstreams,
    origin: Origin,
}

impl Handler for Relay {
    async fn handle(&self, request: Request<RequestBody>) -> Reply {
        let (parts, body) = request.into_parts();
        let Ok(body) = read_all(body, 256 * 1024).await else { return unavailable().into() };
        let request = Request::from_parts(parts, Body::full(body));
        let Ok(answer) = self.upstreams.exchange(&self.origin, request, Duration::from_mins(2)).await else {
            return unavailable().into();
        };
        let mut response = Response::new(Body::from(answer.body));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        response.into()
    }

    fn on_panic(&self) -> Response<Body> {
        unavailable()
    }

    fn on_drain(&self) -> WakeAnswer {
        WakeAnswer::new(StatusCode::SERVICE_UNAVAILABLE)
    }
}

fn unavailable() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (Some(listen), Some(upstream)) = (arguments.first(), arguments.get(1)) else {
        return Err("usage: relay_bench LISTEN UPSTREAM [CHAIN.pem KEY.pem]".into());
    };
    let upstream: SocketAddr = upstream.parse()?;
    let mut config = ListenerConfig::plain(listen.parse()?);
    if let (Some(chain), Some(key)) = (arguments.get(2), arguments.get(3)) {
        let certificate = Certificate::from_files(Path::new(chain), Path::new(key))?;
        config.tls = Some(server_config(Arc::new(CertStore::new(certificate)))?);
    }
    let workers = Workers::start(WorkersConfig { threads: 1, ..WorkersConfig::default() })?;
    let origin = Origin::plain(upstream.ip().to_string(), upstream.port());
    let running = workers.serve(config, Relay { upstreams: Upstreams::default(), origin })?;
    println!("{}", running.local_addr());
    loop {
        std::thread::park();
    }
}
