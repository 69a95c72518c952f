//! Clients that are programs of their own: `xtask/interop/ise/`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::{Context, Site, mac};
use crate::shell::{finish, project};

pub(super) fn run(context: &Context<'_>, site: &Site<'_>) -> Result<()> {
    perl(context, site)?;
    java(context, site)
}

fn program(name: &str) -> PathBuf {
    project().join("xtask/interop/ise").join(name)
}

/// PacketFence's way: XML::Simple, and comparison with the literal words.
fn perl(context: &Context<'_>, site: &Site<'_>) -> Result<()> {
    let good = |compliant: bool| {
        site.devices
            .iter()
            .find(|d| d["macs"][0].is_string() && d["compliant"] == compliant)
            .with_context(|| format!("no device with a MAC that is compliant: {compliant}"))
            .and_then(mac)
    };
    let (compliant, restricted) = (good(true)?, good(false)?);
    let mut command = Command::new("perl");
    command.arg(program("client.pl")).arg(&site.product.base_url).arg(&site.root);
    command.args([site.marked.0, site.marked.1, compliant, restricted]);
    let said = finish(&mut command)?;
    // What the demonstration wrote down may have changed since: phones come and go out of compliance.
    ensure!(said.contains(&format!("{compliant} true ")), "Perl: {said}");
    ensure!(said.contains(&format!("{restricted} true ")), "Perl: {said}");
    let polled = said.lines().last().unwrap_or_default();
    context.step(format!("Perl with XML::Simple looks devices up after a challenge, and {polled}"));
    Ok(())
}

/// Java's TLS with a trust store of one root, its Basic after a challenge, and its XML parser.
fn java(context: &Context<'_>, site: &Site<'_>) -> Result<()> {
    let mut command = Command::new("java");
    command.arg(program("IseClient.java")).arg(&site.product.base_url).arg(&site.root);
    command.args([site.marked.0, site.marked.1, mac(site.known()?)?]);
    let said = finish(&mut command)?;
    ensure!(said.trim() == "ok", "Java: {said}");
    context
        .step("Java (HttpClient, HttpsURLConnection) trusts only the root, is challenged, looks up, posts");
    Ok(())
}
