//! Requests that are answered at once.

use std::time::Duration;

use super::{
    client::{Client, post},
    server::{Server, wait_until},
};

#[test]
fn bodies_with_a_length_and_chunked_ones_are_read() {
    let server = Server::start();
    let mut client = Client::plain(server.address);
    assert_eq!(client.post("/echo", b"hello").text(), "hello");
    client.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    assert_eq!(client.answer().text(), "abcde");
    assert_eq!(client.get("/echo").text(), "", "the connection is kept");
    assert_eq!(server.metrics().accepted.get(), 1);
}

#[test]
fn a_streamed_answer_arrives_whole() {
    let server = Server::start();
    let body: Vec<u8> = (0..300_000_u32).map(|n| n as u8).collect();
    let mut client = Client::plain(server.address);
    client.send("POST /stream-echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
    for piece in body.chunks(1000) {
        client.send(format!("{:x}\r\n", piece.len()));
        client.send(piece);
        client.send("\r\n");
    }
    client.send("0\r\n\r\n");
    assert!(client.answer().body == body);
}

#[test]
fn expect_continue_is_answered_when_the_body_is_read() {
    let server = Server::start();
    let mut client = Client::plain(server.address);
    client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(client.answer().status, 100);
    client.send("hello");
    assert_eq!(client.answer().text(), "hello");
    // A refusal comes without it.
    client.send("POST /refuse HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(client.answer().status, 401);
}

#[test]
fn a_request_names_its_host_once() {
    let server = Server::start();
    for head in ["", "Host: a\r\nHost: b\r\n"] {
        let mut client = Client::plain(server.address);
        client.send(format!("POST /echo HTTP/1.1\r\n{head}Content-Length: 0\r\n\r\n"));
        assert_eq!(client.answer().status, 400, "{head}");
    }
    let mut client = Client::plain(server.address);
    client.send("POST /echo HTTP/1.0\r\nContent-Length: 1\r\n\r\nx");
    assert_eq!(client.answer().text(), "x");
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = Server::start();
    let mut client = Client::plain(server.address);
    client.send([post("/echo", b"one"), post("/echo", b"two"), post("/echo", b"three")].concat());
    for expected in ["one", "two", "three"] {
        assert_eq!(client.answer().text(), expected);
    }
}

#[test]
fn http_1_0_closes_unless_it_asks_not_to() {
    let server = Server::start();
    let mut client = Client::plain(server.address);
    client.send("GET /who HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    client.send("GET /who HTTP/1.0\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    assert!(client.is_closed());
}

#[test]
fn the_peer_is_told_to_the_handler() {
    let server = Server::start();
    let answer = Client::plain(server.address).get("/who").text();
    assert!(answer.starts_with("127.0.0.1:") && answer.ends_with(" false"), "{answer}");
}

#[test]
fn an_idle_connection_leaves_the_http_library_and_serves_on() {
    let server = Server::start();
    let mut client = Client::plain(server.address);
    for round in 0..3 {
        assert_eq!(client.post("/echo", b"again").text(), "again", "round {round}");
        wait_until(|| server.metrics().idle.get() == 1);
    }
    drop(client);
    wait_until(|| server.running.open_connections() == 0);
    assert_eq!(server.metrics().idle.get(), 0);
}

#[test]
fn a_panic_ends_one_request_with_the_given_answer() {
    let server = Server::start();
    let mut client = Client::plain(server.address);
    let answer = client.get("/panic");
    assert_eq!((answer.status, answer.text().as_str()), (503, "panicked"));
    assert_eq!(server.metrics().panics.get(), 1);
    assert_eq!(client.post("/echo", b"alive").text(), "alive");
}

#[test]
fn a_refused_upload_still_sees_its_answer() {
    let server = Server::start();
    for _ in 0..20 {
        let mut client = Client::plain(server.address);
        client.send(post("/refuse", &vec![b'x'; 400_000]));
        assert_eq!(client.answer().status, 401);
    }
}

#[test]
fn a_shutdown_lets_requests_finish_and_refuses_new_connections() {
    let server = Server::start();
    let mut busy = Client::plain(server.address);
    busy.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhel");
    let mut idle = Client::plain(server.address);
    assert_eq!(idle.post("/echo", b"x").text(), "x");
    wait_until(|| server.metrics().requests.get() == 2);
    let address = server.address;
    let finishing = std::thread::spawn(move || {
        assert!(idle.is_closed());
        busy.send("lo");
        let answer = busy.answer();
        assert_eq!((answer.text().as_str(), answer.headers["connection"].as_str()), ("hello", "close"));
        assert!(busy.is_closed());
    });
    server.shutdown(Duration::from_secs(10));
    finishing.join().unwrap();
    let refused = std::net::TcpStream::connect(address);
    assert!(
        refused.is_err()
            || Client::plain(address).try_send("x").is_err()
            || Client::plain(address).is_closed()
    );
}
