//! Requests that wait for an upstream server, both halves in the lot.

use std::{
    io::{Read, Write},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use http::StatusCode;
use transport::WakeAnswer;

use super::{
    client::{Client, post},
    server::{Server, wait_until},
    upstream::{origin, read_head, upstream},
};

fn policy_changed() -> WakeAnswer {
    WakeAnswer::new(StatusCode::OK).body("policy changed")
}

/// A server whose upstream answers with `answer` when told so, and tells when a connection to it ends.
fn relayed(answer: &'static [u8]) -> (Server, mpsc::Sender<()>, mpsc::Receiver<&'static str>) {
    let (go, told) = mpsc::channel::<()>();
    let (tell, events) = mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let address = upstream(move |mut stream, _| {
        while let Some(head) = read_head(&mut stream) {
            assert!(head.contains("content-length: 4"), "{head}");
            let mut body = [0; 4];
            stream.read_exact(&mut body).unwrap();
            tell.send("request").unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
            loop {
                if told.lock().unwrap().try_recv().is_ok() {
                    stream.write_all(answer).unwrap();
                    break;
                }
                if matches!(stream.read(&mut [0]), Ok(0)) {
                    tell.send("closed").unwrap();
                    return;
                }
            }
            stream.set_read_timeout(None).unwrap();
        }
    });
    let server = Server::start();
    server.notes.origin.set(origin(address)).unwrap();
    (server, go, events)
}

fn next(events: &mpsc::Receiver<&'static str>) -> &'static str {
    events.recv_timeout(Duration::from_secs(10)).expect("something happens")
}

#[test]
fn the_upstream_answer_reaches_the_device_and_both_connections_serve_on() {
    let (server, go, events) = relayed(b"HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 7\r\n\r\nchanges");
    let mut client = Client::plain(server.address);
    for _ in 0..3 {
        client.send(post("/relay?r", b"ping"));
        assert_eq!(next(&events), "request");
        wait_until(|| server.metrics().parked.get() == 1);
        go.send(()).unwrap();
        let answer = client.answer();
        assert_eq!((answer.text().as_str(), answer.headers["x-one"].as_str()), ("changes", "1"));
        assert_eq!(client.post("/echo", b"on").text(), "on");
    }
    assert_eq!(server.metrics().parks_relayed.get(), 3);
    assert!(!server.notes.waker("r").answer(policy_changed()));
}

#[test]
fn chunked_and_large_answers_are_streamed() {
    let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..100 {
        answer.extend_from_slice(b"4000\r\n");
        answer.extend_from_slice(&[b'z'; 0x4000]);
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"0\r\n\r\n");
    let (server, go, events) = relayed(answer.leak());
    for version in ["1.1", "1.0"] {
        let mut client = Client::plain(server.address);
        client.send(format!(
            "POST /relay?r HTTP/{version}\r\nHost: t\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\nping"
        ));
        assert_eq!(next(&events), "request");
        go.send(()).unwrap();
        let answer = client.answer();
        assert_eq!(answer.body.len(), 100 * 0x4000);
        // HTTP/1.0 knows no chunks, so the end of the connection is the end of the body.
        assert_eq!(answer.headers.contains_key("transfer-encoding"), version == "1.1");
        assert_eq!(
            client.try_send(post("/echo", b"on")).and_then(|()| client.try_answer()).is_ok(),
            version == "1.1"
        );
    }
}

#[test]
fn a_wake_answers_the_device_and_cancels_the_upstream_request() {
    let (server, _go, events) = relayed(b"");
    let mut client = Client::plain(server.address);
    client.send(post("/relay?w", b"ping"));
    assert_eq!(next(&events), "request");
    wait_until(|| server.metrics().parked.get() == 1);
    let start = Instant::now();
    assert!(server.notes.waker("w").answer(policy_changed()));
    assert_eq!(client.answer().text(), "policy changed");
    assert_eq!(next(&events), "closed");
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(client.post("/echo", b"on").text(), "on");
}

#[test]
fn a_device_that_leaves_cancels_the_upstream_request() {
    let (server, _go, events) = relayed(b"");
    let mut client = Client::plain(server.address);
    client.send(post("/relay?gone", b"ping"));
    assert_eq!(next(&events), "request");
    wait_until(|| server.metrics().parked.get() == 1);
    drop(client);
    assert_eq!(next(&events), "closed");
    wait_until(|| *server.notes.gone.lock().unwrap() == ["gone"]);
}

#[test]
fn a_device_that_leaves_before_its_request_is_parked_cancels_it_too() {
    let (server, _go, events) = relayed(b"");
    let mut client = Client::plain(server.address);
    client.send(post("/proxy", b"ping"));
    assert_eq!(next(&events), "request");
    drop(client);
    assert_eq!(next(&events), "closed");
    wait_until(|| server.running.open_connections() == 0);
}

#[test]
fn the_deadline_answers_and_cancels() {
    let (server, _go, events) = relayed(b"");
    let mut client = Client::plain(server.address);
    client.send(post("/relay?late&300", b"ping"));
    assert_eq!(client.answer().text(), "upstream too slow");
    assert_eq!((next(&events), next(&events)), ("request", "closed"));
    assert_eq!(client.post("/echo", b"on").text(), "on");
}

#[test]
fn an_upstream_that_closes_without_an_answer_is_an_error_for_the_continuation() {
    let address = upstream(|mut stream, _| {
        read_head(&mut stream);
        let _ = stream.read_exact(&mut [0; 4]);
    });
    let server = Server::start();
    server.notes.origin.set(origin(address)).unwrap();
    let mut client = Client::plain(server.address);
    let answer = client.post("/relay?x", b"ping");
    assert_eq!(answer.status, 502);
    assert_eq!(client.post("/echo", b"on").text(), "on");
}

#[test]
fn a_stale_pooled_connection_does_not_disturb_the_wait() {
    // The first request of a connection is answered, the second one only read.
    let (tell, seen) = mpsc::channel();
    let address = upstream(move |mut stream, number| {
        for turn in 0..2 {
            if read_head(&mut stream).is_none() {
                return;
            }
            stream.read_exact(&mut [0; 4]).unwrap();
            tell.send((number, turn)).unwrap();
            if turn == 0 {
                thread::sleep(Duration::from_millis(100));
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
            }
        }
    });
    // One worker, so that both requests find the same pool.
    let server = Server::start();
    server.notes.origin.set(origin(address)).unwrap();
    let mut client = Client::plain(server.address);
    assert_eq!(client.post("/relay?a", b"ping").text(), "ok");
    assert_eq!(client.post("/relay?b", b"ping").text(), "ok");
    assert_eq!(seen.iter().take(3).collect::<Vec<_>>(), [(0, 0), (0, 1), (1, 0)]);
    assert_eq!(server.metrics().parks_relayed.get(), 2);
}

#[test]
fn a_shutdown_answers_relayed_requests_too() {
    let (server, _go, events) = relayed(b"");
    let mut client = Client::plain(server.address);
    client.send(post("/relay?s", b"ping"));
    wait_until(|| server.metrics().parked.get() == 1);
    server.shutdown(Duration::from_secs(5));
    assert_eq!(client.answer().text(), "draining");
    assert_eq!((next(&events), next(&events)), ("request", "closed"));
}

#[test]
fn both_halves_may_be_tls() {
    let made = super::tls::make("localhost");
    let store = std::sync::Arc::new(transport::tls::CertStore::new(made.certificate.clone()));
    let (back, front) = (super::tls::serve(&store), super::tls::serve(&store));
    let trust = transport::tls::client_config(made.roots.clone()).unwrap();
    let origin = transport::Origin::tls("localhost", back.address.port(), trust).unwrap();
    front.notes.origin.set(origin).unwrap();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = super::tls::trusting(&made, version);
        let mut client = Client::tls(front.address, config, "localhost").unwrap();
        for _ in 0..2 {
            client.send("POST /relay?outer HTTP/1.1\r\nHost: t\r\nX-Path: /park?inner\r\nContent-Length: 4\r\n\r\nping");
            wait_until(|| front.metrics().parked.get() == 1 && back.metrics().parked.get() == 1);
            // Session tickets have arrived on both connections, and are not taken for an answer.
            std::thread::sleep(Duration::from_millis(50));
            assert_eq!(front.metrics().parked.get(), 1);
            assert!(back.notes.waker("inner").answer(WakeAnswer::new(StatusCode::OK).body("changes")));
            assert_eq!(client.answer().text(), "changes");
        }
        client.send(
            "POST /relay?outer HTTP/1.1\r\nHost: t\r\nX-Path: /park?inner\r\nContent-Length: 4\r\n\r\nping",
        );
        wait_until(|| front.metrics().parked.get() == 1 && back.metrics().parked.get() == 1);
        assert!(front.notes.waker("outer").answer(policy_changed()));
        assert_eq!(client.answer().text(), "policy changed");
        wait_until(|| back.metrics().parked.get() == 0);
    }
    assert_eq!((front.metrics().parks_relayed.get(), back.metrics().parks_gone.get()), (4, 2));
}
