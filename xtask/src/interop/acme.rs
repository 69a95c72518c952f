//! A certificate from an ACME authority: ordered by the running server, served without a restart, renewed in time,
//! and left alone while the authority is away.

use std::fs;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use simulator::http::{BaseUrl, Client, Request, Response, trust};

use super::{Context, Scenario, block_on};
use crate::peers::pebble;
use crate::product::{self, Server};
use crate::work::Work;

pub static SCENARIO: Scenario = Scenario {
    name: "acme",
    shows: "an ACME authority's certificate is served, renewed in time, and kept when the authority is away",
    peers: &["pebble"],
    run,
};

const NAME: &str = "acme-product";
/// For everything that is waited for: longer than a certificate lives.
const PATIENCE: Duration = Duration::from_secs(pebble::VALIDITY + 30);

fn run(context: &Context<'_>) -> Result<()> {
    let work = context.work;
    let file = configuration(work)?;
    let data = product::empty_folder(work, NAME)?;
    let config = file.display().to_string();
    let server = Server::start(work, context.binary()?, NAME, &data, &["--config", &config])?;
    block_on(async {
        let mut roots = server.root_pem.clone();
        roots.extend(authority_root(work).await?);
        let first = until_changed(&server, &roots, 0).await?;
        served(&server, work).await?;
        context.step("a certificate was ordered and is served without a restart");

        let second = until_changed(&server, &roots, first).await?;
        // By its own dates: how late we hear of it depends on what else this machine does.
        ensure!(second - pebble::VALIDITY < first, "the first one had ended before it was renewed");
        served(&server, work).await?;
        context.step("it was renewed before its end");

        pebble::stop(work)?;
        let said = until_said(&server, &config, "the last order failed").await?;
        let in_use = expires(&server, &roots).await;
        let over = seconds() >= second;
        ensure!(over || in_use.is_ok_and(|end| end == second), "the old certificate must stay in use");
        context.step(format!("with the authority away the old one stays, and doctor says: {}", said.trim()));

        // Its memory is gone: for this authority our account never existed.
        pebble::start(work)?;
        roots.extend(authority_root(work).await?);
        until_changed(&server, &roots, second).await?;
        served(&server, work).await?;
        let said = doctor(&server, &config);
        ensure!(said.contains("ok    certificate by ACME"), "{said}");
        context.step("when it is back, the next certificate comes by itself");
        Ok(())
    })
}

fn configuration(work: &Work) -> Result<std::path::PathBuf> {
    let text = format!(
        "[acme]\nnames = [\"localhost\"]\nemail = \"postmaster@example.test\"\ndirectory = \"{}\"\n\
         http_listen = \"127.0.0.1:{}\"\nroots = \"{}\"\n",
        pebble::directory(),
        pebble::HTTP_CHECK,
        pebble::roots_file(work).display()
    );
    work.write("acme.toml", &text)
}

/// The root certificate of the authority.
async fn authority_root(work: &Work) -> Result<Vec<u8>> {
    let (address, path) = pebble::root();
    let own = trust(&fs::read(pebble::roots_file(work))?)?;
    let mut client = Client::new(BaseUrl::parse(&address)?, Some(own));
    let answer = client.send(&Request::new("GET", path, Vec::new())).await;
    Ok(answer.context("asking the authority for its root")?.body)
}

async fn ask(server: &Server, roots: &[u8], path: &str) -> Result<Response> {
    let address = server.base_url.replace("127.0.0.1", "localhost");
    let mut client = Client::new(BaseUrl::parse(&address)?, Some(trust(roots)?));
    Ok(client.send(&Request::new("GET", path, Vec::new())).await?)
}

/// Asks the server by a client that trusts the authority's root alone.
async fn served(server: &Server, work: &Work) -> Result<()> {
    let answer = ask(server, &authority_root(work).await?, "/healthz").await;
    let answer = answer.context("a client that trusts the authority only")?;
    ensure!(answer.status == 200, "HTTP {}", answer.status);
    Ok(())
}

/// When the certificate ends, in seconds since 1970; 0 without one.
async fn expires(server: &Server, roots: &[u8]) -> Result<u64> {
    const METRIC: &str = "notifymdm_acme_certificate_expires_seconds ";
    let text = String::from_utf8(ask(server, roots, "/metrics").await?.body)?;
    let line = text.lines().find_map(|line| line.strip_prefix(METRIC));
    line.map_or(Ok(0), |value| Ok(value.parse()?))
}

/// Waits for another certificate.
async fn until_changed(server: &Server, roots: &[u8], known: u64) -> Result<u64> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        server.must_live()?;
        // It cannot be asked by a client that checks while its certificate is over.
        let now = expires(server, roots).await.unwrap_or(known);
        if now != known {
            return Ok(now);
        }
        if Instant::now() > deadline {
            bail!("no other certificate came; the server said:\n{}", server.said());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Waits until doctor says something; the line.
async fn until_said(server: &Server, config: &str, what: &str) -> Result<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let said = doctor(server, config);
        if let Some(line) = said.lines().find(|line| line.contains(what)) {
            return Ok(line.to_owned());
        }
        if Instant::now() > deadline {
            bail!("doctor never said {what:?}, but:\n{said}");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// What doctor says, good or bad.
fn doctor(server: &Server, config: &str) -> String {
    server.order(&["doctor", "--config", config]).unwrap_or_else(|error| format!("{error:#}"))
}

#[expect(clippy::disallowed_methods, reason = "certificates end by the time of day")]
fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs())
}
