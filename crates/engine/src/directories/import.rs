//! Importing once: users from folders and groups that are not linked.

use std::sync::Arc;

use catalog::Permission;
use domain::directory::{Plan, Terms, plan};
use domain::model::{DirectoryRun, DirectoryServer, DirectoryServerId, User};

use super::desk::{UnderWay, directory, noted};
use super::gather::gather;
use super::get;
use super::preview::imagined;
use super::refresh::{begun, keep, told, write_plan};
use crate::{Engine, Error, Result, Scope};

/// Folders and groups of one import.
const MOST_NAMES: usize = 50;

/// Makes users of everybody in some folders and groups, and brings those up to date who are there. Nothing is linked: a
/// later refresh looks at them only if a linked folder or group holds them, too. What was done already is found again, so
/// that an import that was interrupted is simply begun anew.
///
/// # Errors
/// [`Error::Invalid`] on `dns`; [`Error::Conflict`] while a refresh is under way; otherwise what went wrong is kept in the
/// answer.
pub async fn import(
    engine: &Engine,
    scope: &Scope,
    id: DirectoryServerId,
    names: &[String],
) -> Result<DirectoryRun> {
    scope.require(Permission::UsersEdit)?;
    let server = get(engine, scope, id)?;
    if !(1..=MOST_NAMES).contains(&names.len()) {
        return Err(Error::invalid("dns", format!("Choose 1 to {MOST_NAMES} folders and groups.")));
    }
    let under_way = UnderWay::begin(engine, id)?;
    let mut run = DirectoryRun { import: true, ..begun(engine) };
    let read = decide(engine, &server, names, &|read| under_way.tell(|progress| progress.read = read)).await;
    let outcome = match read {
        Ok((plan, incomplete)) => {
            let plan = told(&mut run, plan, incomplete);
            write_plan(engine, scope, &server, plan, &[], &under_way, &mut run).await
        }
        Err(error) => Err(error),
    };
    if let Err(error) = outcome {
        run.words = error.to_string();
    }
    run.ended_at = engine.now();
    keep(engine, scope, &server, run.clone()).await?;
    Ok(run)
}

async fn decide(
    engine: &Engine,
    server: &DirectoryServer,
    names: &[String],
    tell: &(dyn Fn(usize) + Send + Sync),
) -> Result<(Plan, Vec<String>)> {
    let client = directory(engine, server)?;
    let mut chosen = Vec::with_capacity(names.len());
    for name in names {
        let node = noted(engine, server, client.node(name).await)?;
        chosen.push(Arc::new(imagined(engine, server, node)));
    }
    let mut gathered = noted(engine, server, gather(&client, &chosen, &server.bases, tell).await)?;
    for entry in &mut gathered.entries {
        entry.groups.clear();
    }
    let org = engine.directory.organization(server.organization).ok_or(Error::NotFound("organization"))?;
    let (users, mail_domains) = {
        let org = org.read();
        (org.users().cloned().collect::<Vec<Arc<User>>>(), org.organization.mail_domains.clone())
    };
    let terms =
        Terms { server: server.id, vanished: server.vanished, links: &[], mail_domains: &mail_domains };
    Ok((plan(users.iter(), gathered.entries, terms), gathered.incomplete))
}
