//! What a parked connection costs: `parked_memory N plain|tls|relay|relay-tls`.
//!
//! The server runs in a child process (this program again), so that only its memory is counted: growth of its
//! proportional set size after 50 connections, divided by the connections. Clients, and the upstream server that holds
//! relayed requests, are in the parent. At the end all are woken at once, every answer is checked and timed.
//!
//! Needs about 2 N file descriptors in the parent for a relay.

use std::{
    env, fs,
    io::{self, BufRead as _, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use http::{Request, Response, StatusCode};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::pem::PemObject as _;
use transport::{
    Body, Handler, ListenerConfig, Origin, Park, ParkWaker, Reply, RequestBody, Ticket, Upstreams,
    WakeAnswer, Workers, WorkersConfig, read_all,
    tls::{CertStore, Certificate, server_config},
};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

type Failure = Box<dyn std::error::Error>;

/// Connections before the first measurement.
const WARM_UP: usize = 50;
const WAIT: Duration = Duration::from_mins(15);

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "server", kind, upstream] => server(kind, upstream.parse()?),
        [_, number, kind] => measure(number.parse()?, kind),
        _ => Err("usage: parked_memory N plain|tls|relay|relay-tls".into()),
    }
}

/// Parks everything; relays it before if there is an upstream server.
struct Parking {
    wakers: Mutex<Vec<(u32, ParkWaker)>>,
    relay: Option<(Upstreams, Origin)>,
}

impl Handler for Shared {
    async fn handle(&self, request: Request<RequestBody>) -> Reply {
        let number = request.uri().query().and_then(|text| text.parse().ok()).unwrap_or(0);
        let (parts, body) = request.into_parts();
        let body = read_all(body, 4096).await.unwrap_or_default();
        let (ticket, waker) = Ticket::new();
        let late = || WakeAnswer::new(StatusCode::OK);
        let park = match &self.0.relay {
            None => Park::wait(ticket, WAIT, late),
            Some((upstreams, origin)) => {
                let request = Request::from_parts(parts, Body::full(body));
                match upstreams.send(origin, request).await {
                    Ok(pending) => Park::relay(ticket, pending, WAIT, late, |answer| async move {
                        answer.map_or_else(|_| failed(), |answer| Response::new(answer.body.into()))
                    }),
                    Err(_) => return failed().into(),
                }
            }
        };
        self.0.wakers.lock().expect("nobody panics").push((number, waker));
        park.into()
    }

    fn on_panic(&self) -> Response<Body> {
        failed()
    }

    fn on_drain(&self) -> WakeAnswer {
        WakeAnswer::new(StatusCode::SERVICE_UNAVAILABLE)
    }
}

struct Shared(Arc<Parking>);

fn failed() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}

/// The child: says its address and certificate, then obeys lines on its standard input.
fn server(kind: &str, upstream: SocketAddr) -> Result<(), Failure> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let is_tls = kind.ends_with("tls");
    let certificate = Certificate::from_pem(chain.as_bytes(), key.as_bytes())?;
    let mut listener = ListenerConfig::plain(([127, 0, 0, 1], 0).into());
    if is_tls {
        listener.tls = Some(server_config(Arc::new(CertStore::new(certificate)))?);
    }
    let relay = kind
        .starts_with("relay")
        .then(|| (Upstreams::default(), Origin::plain(upstream.ip().to_string(), upstream.port())));
    let parking = Arc::new(Parking { wakers: Mutex::default(), relay });
    let workers = Workers::start(WorkersConfig { threads: 1, ..WorkersConfig::default() })?;
    let running = workers.serve(listener, Shared(Arc::clone(&parking)))?;
    println!("{}", running.local_addr());
    print!("{}", chain.replace('\n', "|"));
    println!();
    for line in io::stdin().lines() {
        match line?.as_str() {
            "pss" => println!("{}", proportional_set_size()?),
            "parked" => println!("{}", workers.metrics().parked.get()),
            "wake" => {
                let wakers = std::mem::take(&mut *parking.wakers.lock().expect("nobody panics"));
                for (number, waker) in wakers {
                    waker.answer(WakeAnswer::new(StatusCode::OK).body(number.to_string()));
                }
                println!("woken");
            }
            "cpu" => println!("{}", processor_time()?),
            _ => return Ok(()),
        }
    }
    Ok(())
}

/// In KiB.
fn proportional_set_size() -> Result<u64, Failure> {
    let text = fs::read_to_string("/proc/self/smaps_rollup")?;
    let line = text.lines().find(|line| line.starts_with("Pss:")).ok_or("no Pss")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number")?.parse()?)
}

/// In ticks of 10 ms.
fn processor_time() -> Result<u64, Failure> {
    let text = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = text.rsplit(')').next().ok_or("no stat")?.split_whitespace().collect();
    Ok(fields[11].parse::<u64>()? + fields[12].parse::<u64>()?)
}

struct ServerProcess {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl ServerProcess {
    fn start(kind: &str, upstream: SocketAddr) -> Result<Self, Failure> {
        let mut child = Command::new(env::current_exe()?)
            .args(["server", kind, &upstream.to_string()])
            .env("_RJEM_MALLOC_CONF", "narenas:1,dirty_decay_ms:500,muzzy_decay_ms:0,background_thread:true")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no standard input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        Ok(Self { child, input, output })
    }

    fn line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    fn ask(&mut self, what: &str) -> Result<String, Failure> {
        writeln!(self.input, "{what}")?;
        self.line()
    }

    fn wait_for_parked(&mut self, number: usize) -> Result<(), Failure> {
        while self.ask("parked")?.parse::<usize>()? < number {
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

trait Duplex: Read + Write {}
impl<T: Read + Write> Duplex for T {}

fn connect(address: SocketAddr, tls: Option<&Arc<ClientConfig>>) -> Result<Box<dyn Duplex>, Failure> {
    let socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    Ok(match tls {
        None => Box::new(socket),
        Some(config) => Box::new(StreamOwned::new(
            ClientConnection::new(Arc::clone(config), "localhost".try_into()?)?,
            socket,
        )),
    })
}

fn measure(number: usize, kind: &str) -> Result<(), Failure> {
    let upstream = TcpListener::bind("127.0.0.1:0")?;
    let upstream_address = upstream.local_addr()?;
    // Accepts, reads what comes at once, and never answers.
    thread::spawn(move || {
        let mut held = Vec::new();
        for mut stream in upstream.incoming().flatten() {
            let mut space = [0; 4096];
            let _ = stream.read(&mut space);
            held.push(stream);
        }
    });
    let mut server = ServerProcess::start(kind, upstream_address)?;
    let address: SocketAddr = server.line()?.parse()?;
    let chain = server.line()?.replace('|', "\n");
    let mut roots = RootCertStore::empty();
    roots.add(rustls_pki_types::CertificateDer::from_pem_slice(chain.as_bytes())?)?;
    let tls = Arc::new(
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth(),
    );
    let tls = kind.ends_with("tls").then_some(&tls);
    let mut clients = Vec::with_capacity(number);
    let mut before = 0;
    for index in 0..number {
        if index == WARM_UP {
            server.wait_for_parked(WARM_UP)?;
            thread::sleep(Duration::from_secs(2));
            before = server.ask("pss")?.parse::<u64>()?;
        }
        let mut client = connect(address, tls)?;
        write!(
            client,
            "POST /Microsoft-Server-ActiveSync?{index} HTTP/1.1\r\nHost: mail.example.com\r\n\
             User-Agent: Apple-iPhone16C2/2203.100\r\nMS-ASProtocolVersion: 16.1\r\nX-MS-PolicyKey: 1234567890\r\n\
             Authorization: Basic {}\r\nContent-Type: application/vnd.ms-sync.wbxml\r\nAccept: */*\r\n\
             Content-Length: 300\r\n\r\n{}",
            "x".repeat(60),
            "b".repeat(300)
        )?;
        client.flush()?;
        clients.push(client);
    }
    server.wait_for_parked(number)?;
    thread::sleep(Duration::from_secs(3));
    let after = server.ask("pss")?.parse::<u64>()?;
    let each = (after.saturating_sub(before)) as f64 / (number - WARM_UP) as f64;
    println!("{kind}: {number} parked, {each:.2} KiB each ({before} to {after} KiB in all)");

    let (start, cpu) = (Instant::now(), server.ask("cpu")?.parse::<u64>()?);
    server.ask("wake")?;
    for (index, client) in clients.iter_mut().enumerate() {
        let mut answer = Vec::new();
        let mut space = [0; 1024];
        let expected = format!("\r\n\r\n{index}");
        while !answer.ends_with(expected.as_bytes()) {
            let n = client.read(&mut space)?;
            assert!(n > 0, "connection {index} ended: {:?}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&space[..n]);
        }
    }
    let elapsed = start.elapsed();
    let cpu = server.ask("cpu")?.parse::<u64>()?.saturating_sub(cpu);
    println!("{kind}: all woken with the right answers in {elapsed:?}, {} ms of processor time", cpu * 10);
    thread::sleep(Duration::from_secs(3));
    let idle = server.ask("pss")?.parse::<u64>()?.saturating_sub(before) as f64 / (number - WARM_UP) as f64;
    println!("{kind}: {idle:.2} KiB each while they wait for their next request");
    drop(clients);
    thread::sleep(Duration::from_secs(3));
    println!("{kind}: {} KiB in all after everybody left", server.ask("pss")?);
    writeln!(server.input, "end")?;
    server.child.wait()?;
    Ok(())
}
