//! What a relayed request costs: POST Sync of 300 bytes over kept-alive TLS, ours with the policy decided, nginx's
//! with nothing decided.

use anyhow::{Result, ensure};
use simulator::eas::Device;
use simulator::wbxml::{el, encode};

use super::gauge::{Side, median};
use super::report::Figure;
use super::stage::{self, Road, Stage, block_on};
use super::{Context, load, proxies};

/// Bytes of the request's body.
const BODY: usize = 300;
const PHONES: usize = 16;
const SECONDS: u32 = 5;

pub fn run(context: &Context<'_>) -> Result<Vec<Figure>> {
    let stage = Stage::start(context.work, context.binary()?)?;
    let address = stage.address(Road::Tls)?;
    let phones = stage.phones(&address, "m", PHONES, 40_000)?;
    let phones = block_on(stage::provision(phones))?;
    let script = script(&phones)?;
    let nginx = proxies::nginx(context.work, &stage.upstream)?;
    let sides = [
        (address.url.clone(), stage.side()?),
        (format!("https://127.0.0.1:{}", nginx.tls), nginx.side.clone()),
    ];
    let once = |(url, side): &(String, Side), seconds: u32| -> Result<(f64, load::Wrk)> {
        let before = side.micros()?;
        let seen = load::wrk(context.work, url, &script, 32, seconds)?;
        Ok(((side.micros()? - before) as f64 / seen.requests as f64, seen))
    };
    for side in &sides {
        once(side, 2)?;
    }
    let mut rounds = Vec::new();
    for _ in 0..context.rounds {
        let (ours, theirs) = (once(&sides[0], SECONDS)?, once(&sides[1], SECONDS)?);
        println!(
            "  ours {:.1} µs, {:.0}/s, p99 {:.1} ms; nginx {:.1} µs, {:.0}/s, p99 {:.1} ms",
            ours.0, ours.1.rate, ours.1.p99, theirs.0, theirs.1.rate, theirs.1.p99
        );
        rounds.push((ours, theirs));
    }
    let of = |pick: fn(&Round) -> f64| median(&rounds.iter().map(pick).collect::<Vec<_>>());
    Ok(vec![Figure {
        row: "gateway, POST Sync 300 bytes",
        what: format!(
            "relayed Sync over TLS, median of {} pairs of {SECONDS} s; p99 {:.1} ms and {:.1} ms",
            rounds.len(),
            of(|r| r.0.1.p99),
            of(|r| r.1.1.p99)
        ),
        ours: format!("{:.1} µs, {:.0}/s", of(|r| r.0.0), of(|r| r.0.1.rate)),
        peer: format!("nginx {:.1} µs, {:.0}/s", of(|r| r.1.0), of(|r| r.1.1.rate)),
        ratio: format!("{:.2} ×", of(|r| r.0.0 / r.1.0)),
    }])
}

/// One pair: CPU per request and the load's own figures, ours and the peer's.
type Round = ((f64, load::Wrk), (f64, load::Wrk));

/// Requests of all phones in turn.
fn script(phones: &[Device]) -> Result<String> {
    let body = sync_body()?;
    let mut bytes = String::new();
    for byte in body {
        bytes += &format!("\\{byte:03}");
    }
    let mut requests = String::new();
    for phone in phones {
        requests += &format!(
            "requests[#requests + 1] = wrk.format('POST', '/Microsoft-Server-ActiveSync?Cmd=Sync&User={}&DeviceId={}\
             &DeviceType={}', {{ ['Authorization'] = '{}', ['User-Agent'] = '{}', ['MS-ASProtocolVersion'] = '14.1', \
             ['X-MS-PolicyKey'] = '{}', ['Content-Type'] = 'application/vnd.ms-sync.wbxml', ['Accept'] = '*/*' }}, body)\n",
            phone.user,
            phone.device_id,
            phone.device_type,
            super::basic(&phone.user, stage::PASSWORD),
            phone.user_agent,
            phone.policy_key,
        );
    }
    Ok(format!(
        "local body = '{bytes}'\nlocal requests = {{}}\nlocal at = 0\nfunction init()\n{requests}end\n\
         function request()\n  at = at % #requests + 1\n  return requests[at]\nend\n"
    ))
}

/// A Sync of exactly [`BODY`] bytes: a long key, which the backend makes up anyway.
fn sync_body() -> Result<Vec<u8>> {
    let document = |key: &str| {
        encode(
            &el("AirSync:Sync").with(
                el("AirSync:Collections").with(
                    el("AirSync:Collection")
                        .with(el("AirSync:SyncKey").text(key))
                        .with(el("AirSync:CollectionId").text("5"))
                        .with(el("AirSync:GetChanges").text("1"))
                        .with(el("AirSync:WindowSize").text("25")),
                ),
            ),
        )
    };
    let short = document("").len();
    let body = document(&"k".repeat(BODY - short));
    // An empty text is encoded without its two marks, so the first guess may be a little long.
    let body = if body.len() == BODY { body } else { document(&"k".repeat(2 * BODY - short - body.len())) };
    ensure!(body.len() == BODY, "the body has {} bytes", body.len());
    Ok(body)
}
