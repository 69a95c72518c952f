//! Users from a directory: the first import of 50,000 entries of OpenLDAP, and the refresh without changes.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::Context;
use super::report::Figure;
use super::stage::block_on;
use crate::interop::ldap::{add, input, link, refresh};
use crate::peers::slapd::{self, SUFFIX};
use crate::product::Installation;

/// Entries.
const PEOPLE: usize = 50_000;

/// `bench ldap`.
pub fn run(context: &Context<'_>) -> Result<Vec<Figure>> {
    crate::shell::apt_install(slapd::PEER.packages)?;
    slapd::stop(context.work)?;
    slapd::with_people(context.work, PEOPLE)?;
    let figures = measure(context);
    slapd::stop(context.work)?;
    figures
}

fn measure(context: &Context<'_>) -> Result<Vec<Figure>> {
    let more = ["--internal-target", "127.0.0.0/8", "--internal-target", "::1/128"];
    let installation = Installation::with(context.work, context.binary()?, "bench-ldap", &more)?;
    let organization = installation.organization("ldap")?;
    let (mut first, mut again) = (0.0, Vec::new());
    block_on(async {
        let server = add(&organization, &input(context.work, "Staff", "tls")?).await?;
        link(&organization, &server, &format!("ou=people,{SUFFIX}")).await?;
        link(&organization, &server, &format!("cn=sales,ou=groups,{SUFFIX}")).await?;
        let (run, took) = refresh(&organization, &server).await?;
        ensure!(run["done"] == true && run["created"] == PEOPLE, "{run}");
        first = took.as_secs_f64();
        for _ in 0..context.rounds {
            let (run, took) = refresh(&organization, &server).await?;
            ensure!(run["done"] == true && run["created"] == 0 && run["changed"] == 0, "{run}");
            again.push(took.as_secs_f64());
        }
        let all = organization.rest.get("/users?limit=1&q=u49999").await?;
        ensure!(all["items"][0]["username"] == json!("u49999"), "{all}");
        Ok(())
    })?;
    let longest = again.iter().copied().reduce(f64::max).context("at least one round")?;
    let what = format!(
        "{PEOPLE} entries of OpenLDAP, a folder with all of them and a group with half of them linked"
    );
    Ok(vec![
        Figure::alone("first import from LDAP", what.clone(), format!("{first:.1} s")),
        Figure::alone(
            "refresh from LDAP",
            format!("{what}; nothing changed; longest of {}", again.len()),
            format!("{longest:.1} s"),
        ),
    ])
}
