//! Load: wrk for as much as a server bears, and an open-loop client that asks at fixed times.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::time::Instant;

use crate::shell::finish;
use crate::work::Work;

/// What wrk counted.
#[derive(Clone, Copy, Debug)]
pub struct Wrk {
    /// Completed requests.
    pub requests: u64,
    /// Per second.
    pub rate: f64,
    /// 99th percentile of the latency, in milliseconds.
    pub p99: f64,
}

/// Runs `wrk -t1` with a script over a number of connections. Every answer must be a success.
pub fn wrk(work: &Work, url: &str, script: &str, connections: u32, seconds: u32) -> Result<Wrk> {
    // wrk itself prints times in changing units; the script's last word is plain numbers.
    let script = format!(
        "{script}\nfunction done(summary, latency)\n  io.write(string.format('RESULT %d %d %d %d\\n', \
         summary.requests, summary.duration, latency:percentile(99), summary.errors.connect + \
         summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout))\nend\n"
    );
    let file = work.write("bench.lua", &script)?;
    let said = finish(
        Command::new("wrk")
            .args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}"), "-s"])
            .arg(file)
            .arg(url),
    )?;
    let line = said.lines().find_map(|l| l.strip_prefix("RESULT ")).with_context(|| said.clone())?;
    let numbers: Vec<u64> = line.split(' ').filter_map(|n| n.parse().ok()).collect();
    let [requests, micros, p99, errors] = numbers[..] else { anyhow::bail!("wrk said {line}") };
    ensure!(errors == 0 && requests > 0, "the run is void: {errors} errors in {requests} requests\n{said}");
    Ok(Wrk { requests, rate: requests as f64 / (micros as f64 / 1e6), p99: p99 as f64 / 1e3 })
}

/// Sends GET requests at a fixed rate, whatever the answers do; latencies in milliseconds, counted from the moment
/// at which each request was due.
pub async fn open_loop(
    make: impl Fn() -> Result<simulator::http::Client>,
    request: impl Fn(u64) -> (simulator::http::Request, String),
    rate: u64,
    for_seconds: u64,
) -> Result<Vec<f64>> {
    const CONNECTIONS: u64 = 64;
    let start = Instant::now() + Duration::from_millis(500);
    let due = |n: u64| start + Duration::from_nanos(n * 1_000_000_000 / rate);
    let mut lanes = Vec::new();
    for lane in 0..CONNECTIONS {
        let mut client = make()?;
        let planned: Vec<_> =
            (lane..rate * for_seconds).step_by(CONNECTIONS as usize).map(|n| (due(n), request(n))).collect();
        lanes.push(async move {
            let mut latencies = Vec::with_capacity(planned.len());
            for (at, (request, expected)) in planned {
                tokio::time::sleep_until(at).await;
                let answer = client.send(&request).await?;
                latencies.push(at.elapsed().as_secs_f64() * 1e3);
                ensure!(answer.status == 200, "HTTP {}", answer.status);
                ensure!(
                    String::from_utf8_lossy(&answer.body).contains(&expected),
                    "an answer without {expected}"
                );
            }
            Ok(latencies)
        });
    }
    let lanes: Vec<_> = lanes.into_iter().map(tokio::spawn).collect();
    let mut all = Vec::new();
    for lane in lanes {
        all.extend(lane.await??);
    }
    Ok(all)
}
