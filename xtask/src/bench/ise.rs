//! Cisco ISE's questions to an installation with 100,000 devices: single look-ups, the poll, and the first answer
//! after a start from cold.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use simulator::http::{BaseUrl, Client, Request};

use super::gauge::{median, percentile};
use super::report::Figure;
use super::stage::{self, Seeded, block_on};
use super::{Context, load};
use crate::process;
use crate::product::Server;

const DEVICES: usize = 100_000;
const NAME: &str = "bench-ise";
/// Open loop: look-ups a second.
const RATE: u64 = 2_000;
const SECONDS: u64 = 20;

/// Look-ups by MAC address, closed loop and at a fixed rate.
pub fn look_ups(context: &Context<'_>) -> Result<Vec<Figure>> {
    let seeded = Seeded::open(context.work, DEVICES)?;
    let server = start(context, &seeded)?;
    let (user, password) = seeded.ise()?;
    let authorization = super::basic(&user, &password);
    let script = format!(
        "local headers = {{ ['Authorization'] = '{authorization}', ['Accept'] = 'application/xml' }}\n\
         function request()\n  local mac = string.format('02%010X', math.random(0, {}))\n\
         return wrk.format('GET', '{}' .. mac .. '{}', headers)\nend\n",
        DEVICES - 1,
        ISE_PATH.0,
        ISE_PATH.1
    );
    let side = stage::side(context.work, NAME)?;
    load::wrk(context.work, &server.base_url, &script, 32, 2)?;
    let (mut rates, mut costs, mut late) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..context.rounds {
        let before = side.micros()?;
        let seen = load::wrk(context.work, &server.base_url, &script, 32, 5)?;
        costs.push((side.micros()? - before) as f64 / seen.requests as f64);
        rates.push(seen.rate);
        late.push(seen.p99);
        println!("  {:.0}/s, p99 {:.1} ms, {:.1} µs", seen.rate, seen.p99, costs[costs.len() - 1]);
    }
    let trust = server.trust()?;
    let base = BaseUrl::parse(&server.base_url)?;
    let latencies = block_on(load::open_loop(
        || Ok(Client::new(base.clone(), Some(std::sync::Arc::clone(&trust)))),
        |n| {
            // A walk through all devices that does not follow their order.
            let mac = seeded.mac(n * 7_919);
            (question(&authorization, &mac), format!("<macaddress>{mac}</macaddress>"))
        },
        RATE,
        SECONDS,
    ))?;
    Ok(vec![
        Figure::alone(
            "ISE look-up among 100,000 devices",
            format!(
                "look-ups by MAC over 32 kept-alive TLS connections, wrk on the same machine, median of {} runs of 5 s; \
                 {:.1} µs each, p99 {:.1} ms",
                rates.len(),
                median(&costs),
                median(&late)
            ),
            format!("{:.0}/s", median(&rates)),
        ),
        Figure::alone(
            "ISE look-up at 2,000/s",
            format!(
                "{RATE} look-ups a second for {SECONDS} s, every answer checked, counted from when each was due: p50 \
                 {:.2} ms, longest {:.1} ms; the client's timer alone is 1 ms",
                percentile(&latencies, 0.5),
                percentile(&latencies, 1.0)
            ),
            format!("{:.1} ms", percentile(&latencies, 0.99)),
        ),
    ])
}

/// All pages of all devices, none of which is compliant.
pub fn poll(context: &Context<'_>) -> Result<Vec<Figure>> {
    let seeded = Seeded::open(context.work, DEVICES)?;
    let server = start(context, &seeded)?;
    let side = stage::side(context.work, NAME)?;
    let (user, password) = seeded.ise()?;
    let authorization = super::basic(&user, &password);
    let before = side.resident()?;
    let mut client = Client::new(BaseUrl::parse(&server.base_url)?, Some(server.trust()?));
    let (took, pages, bytes, devices) = block_on(async {
        let (start, mut token, mut pages) = (Instant::now(), "0".to_owned(), Vec::new());
        loop {
            let target = format!(
                "/ciscoise/mdmapi/v3/devices/?paging={token}&querycriteria=compliance&value=false&filter=all"
            );
            let mut request = Request::new("GET", target, Vec::new());
            request.headers.add("Authorization", &*authorization).add("Accept", "application/xml");
            request.timeout = Duration::from_mins(1);
            let answer = client.send(&request).await?;
            ensure!(answer.status == 200, "HTTP {}", answer.status);
            pages.push(String::from_utf8(answer.body)?);
            let page = &pages[pages.len() - 1];
            let next = between(page, "<paging_info>", "</paging_info>").context("no paging_info")?;
            if next == "0" {
                break;
            }
            ensure!(pages.len() < 1_000, "the pages do not end");
            token = next.to_owned();
        }
        let took = start.elapsed();
        let devices: usize = pages.iter().map(|p| p.matches("<macaddress>").count()).sum();
        Ok((took, pages.len(), pages.iter().map(String::len).sum::<usize>(), devices))
    })?;
    ensure!(devices == DEVICES, "{devices} devices in {pages} pages");
    let extra = server.peak_memory()?.saturating_sub(before);
    Ok(vec![
        Figure::alone(
            "ISE poll, 100,000",
            format!("{pages} pages, {:.1} MB, every device counted", bytes as f64 / 1e6),
            format!("{:.2} s", took.as_secs_f64()),
        ),
        Figure::alone(
            "ISE poll, extra memory",
            "peak resident memory above that before the poll".to_owned(),
            format!("{:.1} MiB", extra as f64 / 1024.0),
        ),
    ])
}

/// From starting the process to the first correct look-up, after a kill.
pub fn cold_start(context: &Context<'_>) -> Result<Vec<Figure>> {
    let seeded = Seeded::open(context.work, DEVICES)?;
    // The first start makes the certificates.
    let trust = start(context, &seeded)?.trust()?;
    let (user, password) = seeded.ise()?;
    let authorization = super::basic(&user, &password);
    let mut took = Vec::new();
    for round in 0..context.rounds {
        let port = process::free_port()?;
        let mut command = Command::new(context.binary()?);
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"]).arg(&seeded.data);
        let base = BaseUrl::parse(&format!("https://127.0.0.1:{port}"))?;
        let mac = seeded.mac(round as u64 * 17_017);
        let start = Instant::now();
        process::start(context.work, NAME, &mut command)?;
        block_on(async {
            loop {
                let mut client = Client::new(base.clone(), Some(std::sync::Arc::clone(&trust)));
                match client.send(&question(&authorization, &mac)).await {
                    Ok(answer)
                        if answer.status == 200 && String::from_utf8_lossy(&answer.body).contains(&mac) =>
                    {
                        return Ok(());
                    }
                    Ok(answer) => bail!("a wrong first answer: HTTP {}", answer.status),
                    Err(_) if start.elapsed() > Duration::from_mins(2) => bail!("no answer in two minutes"),
                    Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            }
        })?;
        took.push(start.elapsed().as_secs_f64());
        println!("  {:.2} s", took[took.len() - 1]);
        process::kill(context.work, NAME)?;
    }
    Ok(vec![Figure::alone(
        "cold start with 100,000 devices",
        format!("kill -9, start, first correct look-up over new TLS; median of {} on warm files", took.len()),
        format!("{:.2} s", median(&took)),
    )])
}

/// Before and after the MAC address of a look-up.
const ISE_PATH: (&str, &str) =
    ("/ciscoise/mdmapi/v3/devices/?paging=0&querycriteria=macaddress&value=", "&filter=all");

fn question(authorization: &str, mac: &str) -> Request {
    let mut request = Request::new("GET", format!("{}{mac}{}", ISE_PATH.0, ISE_PATH.1), Vec::new());
    request.headers.add("Authorization", authorization).add("Accept", "application/xml");
    request.timeout = Duration::from_secs(30);
    request
}

fn start(context: &Context<'_>, seeded: &Seeded) -> Result<Server> {
    process::stop(context.work, NAME)?;
    Server::start(context.work, context.binary()?, NAME, &seeded.data, &[])
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0.trim())
}
