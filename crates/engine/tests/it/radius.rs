//! RADIUS dynamic authorization: the network hears of its verdict, and of nothing else, from whoever serves it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use catalog::{RuleId, Target};
use domain::model::{DeviceId, Level, RadiusRequestKind, RadiusServerId, RadiusState, StationForm};
use engine::compliance::{self, AccessEdit};
use engine::devices::{self, DeviceEdit};
use engine::radius::{self, RadiusFollower, RadiusInput};
use engine::{Engine, Error, followers};
use md5::{Digest as _, Md5};
use parking_lot::Mutex;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use crate::compliance::{level, rule};
use crate::house::{HOUR, House, Tenant, houses, open};

const SECRET: &str = "a shared secret";
const MAC: &str = "0026B424FEB4";

/// An access device of a few lines of its own: says yes to whatever is proved with the secret, and remembers it.
struct Nas {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<(u8, String)>>>,
    silent: Arc<AtomicBool>,
}

impl Nas {
    async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (heard, silent) = (Arc::<Mutex<Vec<_>>>::default(), Arc::new(AtomicBool::new(false)));
        let (noted, hangs) = (Arc::clone(&heard), Arc::clone(&silent));
        tokio::spawn(async move {
            let mut packet = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                let packet = &packet[..length];
                assert_eq!(packet[4..20], proof(&[&packet[..4], &[0; 16], &packet[20..], SECRET.as_bytes()]));
                if hangs.load(Ordering::SeqCst) {
                    continue;
                }
                noted.lock().push((packet[0], station(&packet[20..])));
                let mut answer = vec![packet[0] + 1, packet[1], 0, 20];
                let proof = proof(&[&answer, &packet[4..20], SECRET.as_bytes()]);
                answer.extend(proof);
                socket.send_to(&answer, from).await.unwrap();
            }
        });
        Self { address, heard, silent }
    }

    async fn hears(&self, count: usize) -> Vec<(u8, String)> {
        let begun = Instant::now();
        while self.heard.lock().len() < count {
            assert!(begun.elapsed() < Duration::from_secs(20), "{:?}, not {count}", self.heard.lock());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.heard.lock().clone()
    }

    fn input(&self, name: &str) -> RadiusInput {
        RadiusInput {
            name: name.into(),
            host: self.address.ip().to_string(),
            port: self.address.port(),
            secret: SECRET.into(),
            ..RadiusInput::default()
        }
    }
}

fn proof(parts: &[&[u8]]) -> [u8; 16] {
    let mut digest = Md5::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().into()
}

/// Calling-Station-Id.
fn station(mut attributes: &[u8]) -> String {
    while let [kind, length, ..] = *attributes {
        let (one, rest) = attributes.split_at(usize::from(length));
        if kind == 31 {
            return String::from_utf8(one[2..].to_vec()).unwrap();
        }
        attributes = rest;
    }
    String::new()
}

async fn following(engine: &Arc<Engine>) -> JoinHandle<()> {
    followers::register(engine, Arc::new(RadiusFollower));
    let running = tokio::spawn(followers::run(Arc::clone(engine)));
    // It follows from here on.
    for _ in 0..2_000 {
        let cursor = async |tx: &mut store::Tx| store::repo::installation::cursors::load(tx, "radius").await;
        let begun = engine.store().read(domain::model::Organization::SYSTEM, cursor).await.unwrap();
        if begun.is_some() {
            tokio::time::sleep(Duration::from_millis(50)).await;
            return running;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("the followers did not begin");
}

async fn phone(house: &House, tenant: &Tenant, name: &str, mac: &str) -> DeviceId {
    let (phone, _) = house.provisioned(tenant, name).await;
    let edit = DeviceEdit { macs: Some(vec![mac.into()]), ..DeviceEdit::default() };
    devices::edit(house, &tenant.all, phone.id, edit).await.unwrap();
    phone.id
}

/// Whether silence closes the network, the mail, or nothing.
async fn silence(house: &House, tenant: &Tenant, closes: Option<Target>) {
    let ticks = closes
        .map_or(AccessEdit::Level { level: Level::Organization, restrictions: None }, |target| {
            level(Level::Organization, RuleId::NoContact, &[target])
        });
    let edits = vec![rule(RuleId::NoContact, closes.is_some(), &[("hours", 1)], 0), ticks];
    compliance::edit_access(house, &tenant.all, edits).await.unwrap();
}

async fn settled(house: &House, tenant: &Tenant, device: DeviceId, state: RadiusState) {
    let begun = Instant::now();
    loop {
        let all = radius::requests(house, &tenant.all, Some(device), 10).await.unwrap();
        if all.first().is_some_and(|request| request.state == state) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{all:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_network_hears_of_its_own_verdict_only_and_at_once() {
    for house in houses().await {
        let running = following(&house.engine).await;
        let (nas, other) = (Nas::start().await, Nas::start().await);
        let cisco = RadiusInput {
            request: RadiusRequestKind::CiscoReauthenticate,
            station: StationForm::LowerDots,
            ..nas.input("Campus")
        };
        radius::create(&house, &house.acme.all, cisco).await.unwrap();
        radius::create(&house, &house.globex.all, other.input("Campus")).await.unwrap();
        let ours = phone(&house, &house.acme, "PHONE1", MAC).await;
        let theirs = phone(&house, &house.globex, "PHONE1", MAC).await;
        house.clock.advance(2 * HOUR);

        silence(&house, &house.acme, Some(Target::ActivesyncConnections)).await;
        silence(&house, &house.acme, Some(Target::NetworkAccess)).await;
        assert_eq!(nas.hears(1).await, [(43, "0026.b424.feb4".to_owned())], "not about mail");
        settled(&house, &house.acme, ours, RadiusState::Acknowledged).await;
        silence(&house, &house.acme, None).await;
        assert_eq!(nas.hears(2).await.len(), 2);
        settled(&house, &house.acme, ours, RadiusState::Acknowledged).await;
        let told = radius::requests(&house, &house.acme.all, None, 10).await.unwrap();
        assert_eq!(told.iter().map(|r| r.restored).collect::<Vec<_>>(), [true, false], "newest first");
        assert_eq!(house.journaled(&house.acme, "radius.acknowledged", ours).await, 2);
        assert!(other.heard.lock().is_empty(), "of another organization");
        assert!(radius::requests(&house, &house.globex.all, None, 10).await.unwrap().is_empty());

        silence(&house, &house.globex, Some(Target::NetworkAccess)).await;
        assert_eq!(other.hears(1).await, [(43, "00-26-B4-24-FE-B4".to_owned())]);
        settled(&house, &house.globex, theirs, RadiusState::Acknowledged).await;
        assert_eq!(nas.heard.lock().len(), 2);
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_holds_up_no_other_and_what_it_missed_is_said() {
    for house in houses().await {
        let running = following(&house.engine).await;
        let (good, hung) = (Nas::start().await, Nas::start().await);
        hung.silent.store(true, Ordering::SeqCst);
        let ends =
            RadiusInput { request: RadiusRequestKind::Disconnect, on_restore: false, ..good.input("A") };
        radius::create(&house, &house.acme.all, ends).await.unwrap();
        let silent = radius::create(&house, &house.acme.all, hung.input("B")).await.unwrap();
        let mut phones = Vec::new();
        for n in 0..5 {
            phones.push(phone(&house, &house.acme, &format!("PHONE{n}"), &format!("0026B424FE0{n}")).await);
        }
        house.clock.advance(2 * HOUR);
        silence(&house, &house.acme, Some(Target::NetworkAccess)).await;
        let heard = good.hears(5).await;
        assert!(heard.iter().all(|(code, _)| *code == 40), "{heard:?}");
        let waits = radius::requests(&house, &house.acme.all, None, 20).await.unwrap();
        assert_eq!(waits.iter().filter(|r| r.server == silent && r.state == RadiusState::Waiting).count(), 5);
        // The newest word replaces the one that waits, and the other server does not want to hear of restoring.
        silence(&house, &house.acme, None).await;
        for device in &phones {
            settled(&house, &house.acme, *device, RadiusState::Unanswered).await;
        }
        let over = radius::requests(&house, &house.acme.all, Some(phones[0]), 20).await.unwrap();
        assert_eq!(over.len(), 2, "{over:?}");
        assert!(over.iter().all(|r| r.state != RadiusState::Waiting), "{over:?}");
        assert!(over[0].restored && over[0].detail.starts_with("no answer from 127.0.0.1:"), "{over:?}");
        assert_eq!(good.heard.lock().len(), 5);
        running.abort();
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_sent_after_a_restart() {
    for house in houses().await {
        let running = following(&house.engine).await;
        let nas = Nas::start().await;
        nas.silent.store(true, Ordering::SeqCst);
        let server = radius::create(&house, &house.acme.all, nas.input("Campus")).await.unwrap();
        let device = phone(&house, &house.acme, "PHONE1", MAC).await;
        house.clock.advance(2 * HOUR);
        silence(&house, &house.acme, Some(Target::NetworkAccess)).await;
        settled(&house, &house.acme, device, RadiusState::Waiting).await;
        running.abort();
        followers::stop(&house).await.unwrap();
        nas.silent.store(false, Ordering::SeqCst);

        let again = open(house.database(), &house.clock).await;
        let running = following(&again).await;
        let begun = Instant::now();
        while nas.heard.lock().is_empty() {
            radius::resume(&again);
            assert!(begun.elapsed() < Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        settled(&house, &house.acme, device, RadiusState::Acknowledged).await;

        // A server that is switched off forgets what waits for it.
        let off = RadiusInput { enabled: false, secret: String::new(), ..nas.input("Campus") };
        radius::edit(&house, &house.acme.all, server, None, off).await.unwrap();
        silence(&house, &house.acme, None).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(radius::requests(&house, &house.acme.all, None, 10).await.unwrap().len(), 1);
        running.abort();
        drop(again);
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_checked_and_belong_to_their_organization() {
    for house in houses().await {
        let nas = Nas::start().await;
        let all = &house.acme.all;
        let refused = async |input: RadiusInput| match radius::create(&house, all, input).await {
            Err(Error::Invalid(issues)) => issues.into_iter().map(|i| i.field).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        let nothing = RadiusInput { port: 0, per_second: 0, ..RadiusInput::default() };
        assert_eq!(refused(nothing).await, ["name", "host", "port", "secret", "per_second"]);
        for host in ["10.0.0.1:3799", "http://nas", "a b", ""] {
            assert_eq!(
                refused(RadiusInput { host: host.into(), ..nas.input("x") }).await,
                ["host"],
                "{host}"
            );
        }
        let id: RadiusServerId = radius::create(&house, all, nas.input("Campus")).await.unwrap();
        assert!(matches!(radius::create(&house, all, nas.input("CAMPUS")).await, Err(Error::Conflict(_))));
        let foreign = &house.globex.all;
        assert!(matches!(radius::get(&house, foreign, id), Err(Error::NotFound(_))));
        assert!(matches!(radius::remove(&house, foreign, id).await, Err(Error::NotFound(_))));
        assert!(matches!(radius::test(&house, foreign, id, MAC).await, Err(Error::NotFound(_))));

        assert!(matches!(radius::test(&house, all, id, "hello").await, Err(Error::Invalid(_))));
        let told = radius::test(&house, all, id, "00:26:b4:24:fe:b4").await.unwrap();
        assert!(told.done && told.sends == 1);
        let seen = radius::get(&house, all, id).unwrap().rev;
        let kept = RadiusInput { secret: String::new(), port: 1, ..nas.input("Campus") };
        radius::edit(&house, all, id, Some(seen), kept.clone()).await.unwrap();
        assert!(matches!(radius::edit(&house, all, id, Some(seen), kept).await, Err(Error::Conflict(_))));
        radius::remove(&house, all, id).await.unwrap();
        assert!(radius::list(&house, all).unwrap().is_empty());
        assert!(!house.journal_text(house.acme.id).await.contains(SECRET), "secrets stay out of the journal");
        house.finish().await;
    }
}
