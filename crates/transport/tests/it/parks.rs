//! Requests that wait in the lot.

use std::time::{Duration, Instant};

use http::StatusCode;
use transport::WakeAnswer;

use super::{
    client::{Client, post},
    server::{Server, wait_until},
};

fn answer(text: &str) -> WakeAnswer {
    WakeAnswer::new(StatusCode::OK).body(text.to_owned())
}

#[test]
fn a_parked_request_is_woken_and_the_connection_serves_on() {
    let server = Server::start();
    let mut client = Client::plain(server.address);
    for round in 0..3 {
        let id = round.to_string();
        client.send(post(&format!("/park?{id}"), b"body"));
        let waker = server.notes.waker(&id);
        wait_until(|| server.metrics().parked.get() == 1);
        assert!(waker.answer(answer(&format!("woken {round}"))));
        assert!(!waker.answer(answer("too late")));
        assert_eq!(client.answer().text(), format!("woken {round}"));
        assert_eq!(client.post("/echo", b"next").text(), "next");
    }
    assert_eq!(server.metrics().accepted.get(), 1);
    assert_eq!(server.metrics().parks_woken.get(), 3);
    assert_eq!(server.metrics().parked.get(), 0);
}

#[test]
fn every_framing_can_park() {
    let server = Server::start();
    let mut client = Client::plain(server.address);
    let heads = [
        "POST /park?a HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc",
        "POST /park?a HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "POST /park?a HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n",
        "GET /park?a HTTP/1.1\r\nHost: t\r\n\r\n",
        "GET /park?a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    ];
    for head in heads {
        client.send(head);
        wait_until(|| server.metrics().parked.get() == 1);
        assert!(server.notes.waker("a").answer(answer(head)));
        assert_eq!(client.answer().text(), head);
    }
    client.send("POST /park?a HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(client.answer().status, 100);
    client.send("abc");
    wait_until(|| server.metrics().parked.get() == 1);
    assert!(server.notes.waker("a").answer(answer("continued")));
    assert_eq!(client.answer().text(), "continued");
}

#[test]
fn close_is_honoured_after_a_park() {
    let server = Server::start();
    for head in [
        "GET /park?c HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
        "GET /park?c HTTP/1.0\r\n\r\n",
        // Parked without reading the body: what follows cannot be trusted.
        "POST /park-unread?c HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\n",
    ] {
        let mut client = Client::plain(server.address);
        client.send(head);
        wait_until(|| server.metrics().parked.get() == 1);
        assert!(server.notes.waker("c").answer(answer("bye")));
        let last = client.answer();
        assert_eq!((last.text().as_str(), last.headers["connection"].as_str()), ("bye", "close"));
        assert!(client.is_closed());
        drop(client);
        wait_until(|| server.running.open_connections() == 0);
    }
}

#[test]
fn an_answer_given_before_the_request_is_parked_is_not_lost() {
    let server = Server::start();
    let mut client = Client::plain(server.address);
    for round in 0..200 {
        let id = format!("early{round}");
        client.send(post(&format!("/park?{id}"), b""));
        assert!(server.notes.waker(&id).answer(answer(&id)));
        assert_eq!(client.answer().text(), id);
    }
}

#[test]
fn the_deadline_answers_not_much_late_and_never_early() {
    let server = Server::start();
    let mut client = Client::plain(server.address);
    let start = Instant::now();
    client.send(post("/park?d&400", b""));
    assert_eq!(client.answer().text(), "expired d");
    assert!(start.elapsed() >= Duration::from_millis(400) && start.elapsed() < Duration::from_millis(1500));
    assert!(server.notes.waker("d").is_gone());
    assert!(!server.notes.waker("d").answer(answer("too late")));
    assert_eq!(client.post("/echo", b"on").text(), "on");
    assert_eq!(server.metrics().parks_expired.get(), 1);
}

#[test]
fn a_later_request_of_the_device_supersedes_the_parked_one() {
    let server = Server::start();
    let (mut old, mut new) = (Client::plain(server.address), Client::plain(server.address));
    old.send(post("/park?device", b""));
    wait_until(|| server.metrics().parked.get() == 1);
    let first = server.notes.waker("device");
    new.send(post("/park?device", b""));
    wait_until(|| server.metrics().parked.get() == 2);
    let second = server.notes.waker("device");
    assert!(!first.same_request(&second));
    assert!(first.answer(answer("superseded")));
    assert_eq!(old.answer().text(), "superseded");
    assert!(!second.is_gone());
    assert!(second.answer(answer("mine")));
    assert_eq!(new.answer().text(), "mine");
}

#[test]
fn pipelined_requests_wait_for_the_answer() {
    let server = Server::start();
    let mut client = Client::plain(server.address);
    // One request in the same packet, another one later, half of a third.
    client.send([post("/park?p", b"x"), post("/echo", b"same packet")].concat());
    wait_until(|| server.metrics().parked.get() == 1);
    client.send(post("/echo", b"while parked"));
    client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Le");
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(server.metrics().requests.get(), 1);
    assert!(server.notes.waker("p").answer(answer("parked")));
    assert_eq!(client.answer().text(), "parked");
    assert_eq!(client.answer().text(), "same packet");
    assert_eq!(client.answer().text(), "while parked");
    client.send("ngth: 3\r\n\r\nend");
    assert_eq!(client.answer().text(), "end");
}

#[test]
fn a_client_that_floods_a_parked_connection_is_cut() {
    let server = Server::start();
    let mut client = Client::plain(server.address);
    client.send(post("/park?flood", b""));
    wait_until(|| server.metrics().parked.get() == 1);
    let _ = client.try_send(vec![b'x'; 20_000]);
    wait_until(|| *server.notes.gone.lock().unwrap() == ["flood"]);
    assert!(client.is_closed());
}

#[test]
fn a_thousand_are_woken_from_another_thread_each_with_its_own_answer() {
    let server = Server::start();
    let mut clients: Vec<Client> = (0..1000).map(|_| Client::plain(server.address)).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.send(post(&format!("/park?{number}"), b"some body"));
    }
    wait_until(|| server.metrics().parked.get() == 1000);
    let start = Instant::now();
    for number in 0..1000 {
        assert!(server.notes.waker(&number.to_string()).answer(answer(&format!("for {number}"))));
    }
    for (number, client) in clients.iter_mut().enumerate() {
        assert_eq!(client.answer().text(), format!("for {number}"));
    }
    println!("1,000 woken in {:?}", start.elapsed());
    for client in &mut clients {
        assert_eq!(client.post("/echo", b"on").text(), "on");
    }
}

#[test]
fn a_shutdown_answers_parked_requests() {
    let server = Server::start();
    let mut clients: Vec<Client> = (0..20).map(|_| Client::plain(server.address)).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.send(post(&format!("/park?{number}"), b""));
    }
    wait_until(|| server.metrics().parked.get() == 20);
    let leaving = std::thread::spawn(move || {
        for client in &mut clients {
            let answer = client.answer();
            assert_eq!((answer.status, answer.text().as_str()), (503, "draining"));
            assert_eq!(answer.headers["retry-after"], "7");
            assert!(client.is_closed());
        }
    });
    let start = Instant::now();
    server.shutdown(Duration::from_secs(10));
    leaving.join().unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_panic_in_a_closure_ends_one_wait() {
    let server = Server::start();
    let mut client = Client::plain(server.address);
    client.send(post("/park-panic?x&50", b""));
    assert_eq!(client.answer().status, 503);
    assert_eq!(server.metrics().panics.get(), 1);
    client.send(post("/park?y", b""));
    assert!(server.notes.waker("y").answer(answer("alive")));
    assert_eq!(client.answer().text(), "alive");
}
