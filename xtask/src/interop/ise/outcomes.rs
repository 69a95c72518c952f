//! The table of *Test Connection*, by curl.

use anyhow::{Result, ensure};

use super::{Context, Site, curl_fails};

const INFO: &str = "/ciscoise/mdminfo/?ise_api_version=3";

pub(super) fn run(context: &Context<'_>, site: &Site<'_>) -> Result<()> {
    unreachable_and_untrusted(context, site)?;
    let wrong = (site.marked.0, "not the password");
    let own = format!("/{}{INFO}", site.slug);
    let other = site.product.demo["organizations"][1]["slug"].as_str().unwrap_or_default();
    ensure!(!other.is_empty(), "the demonstration has one organization only");
    let foreign = format!("/{other}{INFO}");
    for (what, target, account, status) in [
        ("no credentials", INFO, None, 401),
        ("a wrong password", INFO, Some(wrong), 401),
        ("an account without the mark", INFO, Some(site.unmarked), 403),
        ("an instance that does not exist, without credentials", "/no-such-org/ciscoise/mdminfo", None, 404),
        ("an instance that does not exist", "/no-such-org/ciscoise/mdminfo", Some(site.marked), 404),
        ("the instance of somebody else", foreign.as_str(), Some(site.marked), 404),
        ("an unknown path", "/ciscoise/devicess/0/all", Some(site.marked), 404),
        ("no instance", INFO, Some(site.marked), 200),
        ("the own instance", own.as_str(), Some(site.marked), 200),
        ("doubled slashes", "//ciscoise//mdminfo//?ise_api_version=3", Some(site.marked), 200),
        ("an unknown criterion", "/ciscoise/devices/?querycriteria=colour&value=red", Some(site.marked), 400),
    ] {
        let seen = site.curl("GET", target, account, "")?;
        ensure!(seen.status == status, "{what}: {} instead of {status}", seen.status);
        ensure!(
            seen.challenge.starts_with("Basic realm=") == (status == 401),
            "{what}: {:?}",
            seen.challenge
        );
        ensure!(seen.body.starts_with("<?xml"), "{what}: {}", seen.body);
        if status == 200 {
            site.validate(&seen)?;
        }
    }
    context.step("each outcome of Test Connection has its status, and a 401 its challenge");
    Ok(())
}

fn unreachable_and_untrusted(context: &Context<'_>, site: &Site<'_>) -> Result<()> {
    let closed = format!("https://127.0.0.1:{}{INFO}", crate::process::free_port()?);
    let refused = curl_fails(&closed, Some(&site.root))?;
    ensure!(refused == 7, "a closed port: curl ended with {refused}");
    let untrusted = curl_fails(&format!("{}{INFO}", site.product.base_url), None)?;
    ensure!(untrusted == 60, "without the root: curl ended with {untrusted}");
    context.step("a closed port refuses, and without the root there is no trust");
    Ok(())
}
