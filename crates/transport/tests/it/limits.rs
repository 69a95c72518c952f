//! What clients are not allowed to do.

use std::time::{Duration, Instant};

use transport::Limits;

use super::{
    client::{Client, post},
    server::{Server, wait_until},
};

#[test]
fn a_request_with_two_framings_is_refused() {
    let server = Server::start();
    for head in [
        "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: t\r\ntransfer-encoding:chunked\r\ncontent-length:0\r\n\r\n0\r\n\r\n",
    ] {
        let mut client = Client::plain(server.address);
        assert_eq!(client.post("/echo", b"first").text(), "first");
        // Behind another request, and in one packet with it.
        client.send([post("/echo", b"second"), head.into(), post("/echo", b"smuggled")].concat());
        assert_eq!(client.answer().text(), "second");
        assert_eq!(client.answer().status, 400);
        assert!(client.try_answer().is_err(), "what follows is not answered");
    }
    assert_eq!(server.metrics().bad_requests.get(), 3);
}

#[test]
fn malformed_and_oversized_heads_are_refused() {
    let server = Server::start();
    let status = |bytes: String| {
        let mut client = Client::plain(server.address);
        client.send(bytes);
        let answer = client.answer();
        assert!(client.is_closed());
        answer.status
    };
    assert_eq!(status("nonsense\r\n\r\n".into()), 400);
    assert_eq!(
        status("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".into()),
        400
    );
    assert_eq!(status(format!("GET / HTTP/1.1\r\nHost: t\r\nX: {}\r\n\r\n", "x".repeat(33 * 1024))), 431);
    assert_eq!(status(format!("GET / HTTP/1.1\r\nHost: t\r\n{}\r\n", "X: y\r\n".repeat(100))), 431);
}

#[test]
fn a_slow_head_is_cut() {
    let server = Server::with(|config| config.limits.header_time = Duration::from_millis(600));
    let start = Instant::now();
    let mut slow = Client::plain(server.address);
    slow.send("POST /echo HTTP/1.1\r\nHost:");
    let mut silent = Client::plain(server.address);
    assert!(slow.is_closed() && silent.is_closed());
    assert!(start.elapsed() >= Duration::from_millis(600) && start.elapsed() < Duration::from_secs(3));
    // Also the second head on a connection, and one that comes drop by drop.
    let mut again = Client::plain(server.address);
    assert_eq!(again.post("/echo", b"x").text(), "x");
    let start = Instant::now();
    while again.try_send("G").is_ok() && start.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_stalled_body_is_cut_but_a_moving_one_is_not() {
    let server = Server::with(|config| config.limits.stall_time = Duration::from_millis(700));
    let mut stalled = Client::plain(server.address);
    stalled.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nab");
    let mut moving = Client::plain(server.address);
    moving.send("POST /count HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n");
    for _ in 0..10 {
        std::thread::sleep(Duration::from_millis(200));
        moving.send("x");
    }
    assert_eq!(moving.answer().text(), "10");
    assert!(stalled.is_closed());
}

#[test]
fn connections_over_the_limit_are_closed() {
    let limits = Limits { connections: 2, ..Limits::default() };
    let server = Server::with(|config| config.limits = limits);
    let mut first = Client::plain(server.address);
    let mut second = Client::plain(server.address);
    assert_eq!(first.post("/echo", b"1").text() + &second.post("/echo", b"2").text(), "12");
    assert!(Client::plain(server.address).is_closed());
    assert_eq!(server.metrics().refused.get(), 1);
    drop(first);
    wait_until(|| server.running.open_connections() == 1);
    assert_eq!(Client::plain(server.address).post("/echo", b"3").text(), "3");
}
