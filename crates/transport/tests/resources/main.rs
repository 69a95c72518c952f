//! What the transport costs: memory and descriptors, measured on this very process. A binary of its own, because other
//! tests running beside these would be measured with them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

#[expect(dead_code, reason = "shared with the other tests")]
#[path = "../it/client.rs"]
mod client;
#[expect(dead_code, reason = "shared with the other tests")]
#[path = "../it/server.rs"]
mod server;

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use client::{Client, post};
use parking_lot::Mutex;
use server::{Server, wait_until};
use transport::Origin;

/// One test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// A server for one connection.
fn upstream(script: impl FnOnce(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || script(listener.accept().unwrap().0));
    address
}

fn origin(address: SocketAddr) -> Origin {
    Origin::plain(address.ip().to_string(), address.port())
}

fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").expect("proc is mounted").count()
}

/// Resident memory of this process in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn twenty_five_megabytes_are_downloaded_in_constant_memory() {
    const PIECE: usize = 64 * 1024;
    const PIECES: usize = 400;
    let _alone = ALONE.lock();
    // Through two of us, one behind the other.
    let back = Server::start();
    let front = Server::start();
    front.notes.origin.set(origin(back.address)).unwrap();
    let download = upstream(|mut stream| {
        read_head(&mut stream);
        stream
            .write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", PIECE * PIECES).as_bytes())
            .unwrap();
        for number in 0..PIECES {
            stream.write_all(&vec![number as u8; PIECE]).unwrap();
        }
    });
    back.notes.origin.set(origin(download)).unwrap();

    let before = resident();
    let mut client = Client::plain(front.address);
    client.send("GET /proxy HTTP/1.1\r\nHost: t\r\n\r\n");
    // Let it pile up wherever it wants to before anybody reads.
    thread::sleep(Duration::from_millis(700));
    let held = resident() - before;
    assert!(held < 12 * 1024, "{held} KiB for a download that nobody reads");
    let body = client.answer().body;
    assert_eq!(body.len(), PIECE * PIECES);
    assert!(
        body.chunks(PIECE).enumerate().all(|(number, piece)| piece.iter().all(|&byte| byte == number as u8))
    );
}

#[test]
fn twenty_five_megabytes_are_uploaded_in_constant_memory() {
    const PIECE: usize = 64 * 1024;
    const PIECES: usize = 400;
    let _alone = ALONE.lock();
    for framing in ["length", "chunked"] {
        let (told, total) = std::sync::mpsc::channel();
        let sink = upstream(move |mut stream| {
            let head = read_head(&mut stream);
            assert!(!head.contains("expect"), "{head}");
            // Slow at first, so that back-pressure has to reach the client.
            thread::sleep(Duration::from_millis(700));
            let (mut sum, mut space, mut tail) = (0_usize, vec![0; PIECE], Vec::new());
            let is_chunked = head.contains("chunked");
            loop {
                let n = stream.read(&mut space).unwrap();
                sum += space[..n].iter().map(|&byte| usize::from(byte == 200)).sum::<usize>();
                tail.extend_from_slice(&space[..n]);
                tail.drain(..tail.len().saturating_sub(5));
                let ended = if is_chunked { tail == b"0\r\n\r\n" } else { sum == PIECE * PIECES };
                if ended || n == 0 {
                    break;
                }
            }
            told.send(sum).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone").unwrap();
        });
        let server = Server::start();
        server.notes.origin.set(origin(sink)).unwrap();
        let mut client = Client::plain(server.address);
        let piece = vec![200; PIECE];
        let before = resident();
        let mut most = 0;
        let is_chunked = framing == "chunked";
        let header = if is_chunked {
            "Transfer-Encoding: chunked".into()
        } else {
            format!("Content-Length: {}", PIECE * PIECES)
        };
        client.send(format!("POST /proxy HTTP/1.1\r\nHost: t\r\n{header}\r\n\r\n"));
        for _ in 0..PIECES {
            if is_chunked {
                client.send(format!("{PIECE:x}\r\n"));
            }
            client.send(&piece);
            if is_chunked {
                client.send("\r\n");
            }
            most = most.max(resident().saturating_sub(before));
        }
        if is_chunked {
            client.send("0\r\n\r\n");
        }
        assert_eq!(client.answer().text(), "done", "{framing}");
        assert_eq!(total.recv().unwrap(), PIECE * PIECES);
        assert!(most < 12 * 1024, "{most} KiB for an upload ({framing})");
    }
}

#[test]
fn clients_that_leave_give_their_descriptors_back() {
    let _alone = ALONE.lock();
    let server = Server::start();
    let mut clients: Vec<Client> = (0..50).map(|_| Client::plain(server.address)).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.send(post(&format!("/park?{number}"), b""));
    }
    wait_until(|| server.metrics().parked.get() == 50);
    let before = descriptors();
    clients.clear();
    wait_until(|| server.notes.gone.lock().unwrap().len() == 50);
    wait_until(|| server.running.open_connections() == 0);
    // Both ends were in this process.
    wait_until(|| descriptors() <= before - 100);
    assert!(server.notes.waker("7").is_gone());
    assert_eq!(server.metrics().parks_gone.get(), 50);
}
