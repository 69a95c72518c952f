//! The client half, against scripted servers.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Method, Request};
use transport::{Body, Origin, Reach, Resolver, UpstreamConfig, UpstreamError, Upstreams, read_all, tls};

/// A server that runs `script` for each connection, in a thread; the script gets the connection's number.
pub fn upstream(script: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let script = Arc::new(script);
    thread::spawn(move || {
        for (number, stream) in listener.incoming().flatten().enumerate() {
            let script = Arc::clone(&script);
            thread::spawn(move || script(stream, number));
        }
    });
    address
}

/// Reads the head of a request; none at the end of the connection.
pub fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

pub fn origin(address: SocketAddr) -> Origin {
    Origin::plain(address.ip().to_string(), address.port())
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

const PATIENCE: Duration = Duration::from_secs(10);

/// Sends a request to a server that answers every request with `answer` and then closes if `closes`.
async fn answered(
    answer: &'static str,
    closes: bool,
    method: Method,
) -> (Result<Bytes, UpstreamError>, usize) {
    let address = upstream(move |mut stream, _| {
        while read_head(&mut stream).is_some() {
            stream.write_all(answer.as_bytes()).unwrap();
            if closes {
                return;
            }
        }
    });
    let upstreams =
        Upstreams::new(UpstreamConfig { between: Duration::from_millis(500), ..UpstreamConfig::default() });
    let request = Request::builder().method(method).uri("/").body(Body::empty()).unwrap();
    let body = match upstreams.exchange(&origin(address), request, PATIENCE).await {
        Ok(response) => response.body.collect(1 << 20).await,
        Err(error) => Err(error),
    };
    (body, upstreams.idle_connections())
}

#[tokio::test]
async fn answers_of_every_framing_are_read_and_pooled_only_if_they_may() {
    let cases = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, "hello", 1),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
            false,
            "hello",
            1,
        ),
        ("HTTP/1.1 200 OK\r\n\r\nhello", true, "hello", 0),
        ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, "hello", 0),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", false, "hello", 0),
        ("HTTP/1.1 204 No Content\r\n\r\n", false, "", 1),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", false, "", 1),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            false,
            "hello",
            1,
        ),
        // More than the answer: whatever it is, it is not the answer to our next request.
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n", false, "hello", 0),
    ];
    for (answer, closes, expected, pooled) in cases {
        let (body, idle) = answered(answer, closes, Method::GET).await;
        assert_eq!(body.expect(answer), expected, "{answer}");
        assert_eq!(idle, pooled, "{answer}");
    }
    let to_head = answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, Method::HEAD).await;
    assert_eq!((to_head.0.unwrap(), to_head.1), (Bytes::new(), 1));
}

#[tokio::test]
async fn broken_answers_are_errors() {
    for (answer, closes) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", false),
        ("HTTP/1.1 200 OK\r\nContent-Len", true),
        ("SSH-2.0-OpenSSH\r\n\r\n", false),
        ("", true),
        // Stops in the middle.
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", false),
    ] {
        let (body, idle) = answered(answer, closes, Method::GET).await;
        assert!(body.is_err(), "{answer}");
        assert_eq!(idle, 0);
    }
}

#[tokio::test]
async fn a_connection_is_used_again_and_peeking_consumes_nothing() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let address = upstream(move |mut stream, _| {
        counted.fetch_add(1, SeqCst);
        while read_head(&mut stream).is_some() {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n").unwrap();
            stream.write_all(b"4\r\ndefg\r\n0\r\n\r\n").unwrap();
        }
    });
    let (upstreams, origin) = (Upstreams::default(), origin(address));
    for _ in 0..5 {
        let mut answer = upstreams.exchange(&origin, get("/"), PATIENCE).await.unwrap();
        assert_eq!(answer.body.peek(2).await.unwrap().first_chunk(), Some(b"ab"));
        assert_eq!(answer.body.peek(5).await.unwrap().first_chunk(), Some(b"abcde"));
        assert_eq!(answer.body.peek(100).await.unwrap(), b"abcdefg");
        assert_eq!(answer.body.collect(100).await.unwrap(), "abcdefg");
        assert_eq!(upstreams.idle_connections(), 1);
    }
    assert_eq!(connections.load(SeqCst), 1);
    let mut pending = upstreams.send(&origin, get("/")).await.unwrap();
    pending.forbid_reuse();
    let answer = pending.response(PATIENCE).await.unwrap();
    assert!(matches!(answer.body.collect(3).await, Err(UpstreamError::TooLong(3))));
    assert_eq!(upstreams.idle_connections(), 0);
}

#[tokio::test]
async fn connections_that_carry_an_authentication_are_not_shared() {
    let offers =
        "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic\r\nWWW-Authenticate: ntlm\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(answered(offers, false, Method::GET).await.1, 0);
    let basic = "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(answered(basic, false, Method::GET).await.1, 1);
    let address = upstream(|mut stream, _| {
        while read_head(&mut stream).is_some() {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        }
    });
    for (authorization, kept) in [("Negotiate abc", 0), ("Basic abc", 1)] {
        let upstreams = Upstreams::default();
        let request = Request::get("/").header("Authorization", authorization).body(Body::empty()).unwrap();
        upstreams.exchange(&origin(address), request, PATIENCE).await.unwrap();
        assert_eq!(upstreams.idle_connections(), kept, "{authorization}");
    }
}

#[tokio::test]
async fn a_stale_connection_is_replaced_once() {
    // Each connection answers one request, promises to stay, and reads another one before it closes.
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&seen);
    let address = upstream(move |mut stream, _| {
        for turn in 0..2 {
            if read_head(&mut stream).is_none() {
                return;
            }
            counted.fetch_add(1, SeqCst);
            if turn == 0 {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
            }
        }
    });
    let (upstreams, origin) = (Upstreams::default(), origin(address));
    for _ in 0..3 {
        let request = Request::post("/").body(Body::full("again")).unwrap();
        let answer = upstreams.exchange(&origin, request, PATIENCE).await.unwrap();
        assert_eq!(answer.body.collect(10).await.unwrap(), "ok");
    }
    assert_eq!(upstreams.idle_connections(), 1);
    // A fresh connection that does the same is an error, not a loop.
    let silent = upstream(|mut stream, _| drop(read_head(&mut stream)));
    let error = upstreams.exchange(&super::upstream::origin(silent), get("/"), PATIENCE).await.unwrap_err();
    assert!(matches!(error, UpstreamError::NoAnswer), "{error}");
}

#[tokio::test]
async fn silence_and_absence_are_told_apart() {
    let silent = upstream(|mut stream, _| {
        read_head(&mut stream);
        thread::sleep(Duration::from_secs(5));
    });
    let upstreams = Upstreams::default();
    let start = Instant::now();
    let error = upstreams.exchange(&origin(silent), get("/"), Duration::from_millis(300)).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Silent(_)) && !error.nothing_sent(), "{error}");
    assert!(start.elapsed() < Duration::from_secs(2));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = upstreams.exchange(&origin(closed), get("/"), PATIENCE).await.unwrap_err();
    assert!(error.nothing_sent(), "{error}");
}

#[tokio::test]
async fn expect_and_hop_headers_are_not_forwarded() {
    let (told, heads) = std::sync::mpsc::channel();
    let address = upstream(move |mut stream, _| {
        while let Some(head) = read_head(&mut stream) {
            told.send(head).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        }
    });
    let request = Request::post("/x?y=z")
        .header("Expect", "100-continue")
        .header("TE", "trailers")
        .header("X-MS-PolicyKey", "42")
        .body(Body::full("abc"))
        .unwrap();
    Upstreams::default().exchange(&origin(address), request, PATIENCE).await.unwrap();
    let head = heads.recv().unwrap();
    assert_eq!(
        head,
        format!("POST /x?y=z HTTP/1.1\r\nhost: {address}\r\nx-ms-policykey: 42\r\ncontent-length: 3\r\n\r\n")
    );
}

#[tokio::test]
async fn a_server_that_answers_before_it_took_the_body_is_heard() {
    let address = upstream(|mut stream, _| {
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig").unwrap();
        thread::sleep(Duration::from_secs(2));
    });
    let upstreams = Upstreams::default();
    for body in [Body::full(vec![0; 20 << 20]), Body::stream(Endless)] {
        let request = Request::post("/").body(body).unwrap();
        let answer =
            tokio::time::timeout(PATIENCE, upstreams.exchange(&origin(address), request, PATIENCE)).await;
        let answer = answer.unwrap().unwrap();
        assert_eq!(answer.status, 413);
        assert_eq!(answer.body.collect(10).await.unwrap(), "big");
        assert_eq!(upstreams.idle_connections(), 0, "the rest of the request was not sent");
    }
}

/// A body without end.
struct Endless;

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(&[7; 8192])))))
    }
}

#[tokio::test]
async fn tls_upstreams_are_verified_and_their_connections_kept() {
    let made = super::tls::make("localhost");
    let server = super::tls::serve(&Arc::new(tls::CertStore::new(made.certificate.clone())));
    let upstreams = Upstreams::default();
    let trusted = tls::client_config(made.roots).unwrap();
    let origin = Origin::tls("localhost", server.address.port(), trusted).unwrap();
    for _ in 0..3 {
        let request = Request::post("/echo").body(Body::full(vec![9; 100_000])).unwrap();
        let answer = upstreams.exchange(&origin, request, PATIENCE).await.unwrap();
        assert_eq!(answer.body.collect(1 << 20).await.unwrap(), vec![9; 100_000]);
    }
    assert_eq!(server.metrics().accepted.get(), 1);
    let stranger = tls::client_config(super::tls::make("localhost").roots).unwrap();
    let origin = Origin::tls("localhost", server.address.port(), stranger).unwrap();
    let error = upstreams.exchange(&origin, get("/who"), PATIENCE).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Connect { .. }), "{error}");
}

#[tokio::test]
async fn request_bodies_of_the_wrong_length_are_errors() {
    let address = upstream(|mut stream, _| {
        read_head(&mut stream);
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    });
    struct Liar;
    impl http_body::Body for Liar {
        type Data = Bytes;
        type Error = std::convert::Infallible;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
            std::task::Poll::Ready(None)
        }
        fn size_hint(&self) -> http_body::SizeHint {
            http_body::SizeHint::with_exact(5)
        }
    }
    let request = Request::post("/").body(Body::stream(Liar)).unwrap();
    let error = Upstreams::default().exchange(&origin(address), request, PATIENCE).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Request(_)), "{error}");
    assert!(read_all(Body::full("too long"), 3).await.is_err());
}

#[test]
fn an_idle_upstream_connection_is_closed_after_its_time() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (told, closed) = std::sync::mpsc::channel();
        let address = upstream(move |mut stream, _| {
            while read_head(&mut stream).is_some() {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
            }
            told.send(()).unwrap();
        });
        let upstreams =
            Upstreams::new(UpstreamConfig { idle: Duration::from_millis(200), ..UpstreamConfig::default() });
        upstreams.exchange(&origin(address), get("/"), PATIENCE).await.unwrap();
        assert_eq!(upstreams.idle_connections(), 1);
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(upstreams.idle_connections(), 0);
        closed.recv_timeout(PATIENCE).unwrap();
    });
}

#[tokio::test]
async fn a_connection_goes_to_the_addresses_that_were_checked() {
    let server = upstream(|mut stream, _| {
        while read_head(&mut stream).is_some() {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        }
    });
    let looked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&looked);
    let lookup = move |host: &str, port: u16| {
        count.fetch_add(1, SeqCst);
        match host {
            "mail.test" => Ok(vec![SocketAddr::new(server.ip(), port)]),
            "mixed.test" => Ok(vec![([93, 184, 216, 34], port).into(), SocketAddr::new(server.ip(), port)]),
            _ => Ok(Vec::new()),
        }
    };
    let config = UpstreamConfig { resolver: Resolver::Custom(Arc::new(lookup)), ..UpstreamConfig::default() };
    let upstreams = Upstreams::new(config);
    let at = |host: &str| Origin::plain(host, server.port());
    let ask = async |origin: &Origin| upstreams.exchange(origin, get("/"), PATIENCE).await;
    for _ in 0..2 {
        let answer = ask(&at("mail.test")).await.unwrap();
        assert_eq!(answer.status, 200);
        answer.body.collect(0).await.unwrap();
    }
    assert_eq!(looked.load(SeqCst), 1, "looked up once for a connection");
    for host in ["mail.test", "mixed.test"] {
        let refused = ask(&at(host).within(Reach::Public)).await.unwrap_err();
        assert!(
            matches!(&refused, UpstreamError::Forbidden { address, .. } if address.is_loopback()),
            "{refused}"
        );
        assert!(refused.nothing_sent());
    }
    let nowhere = ask(&at("nowhere.test")).await.unwrap_err();
    assert!(matches!(nowhere, UpstreamError::Connect { .. }), "{nowhere}");
}
