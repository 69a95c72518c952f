//! ActiveSync servers: the mail servers that the gateway stands in front of.

mod check;
mod health;

pub(crate) use health::Health;
pub use health::{answered, did_not_answer, tell_health};

use std::sync::Arc;

use catalog::Permission;
use domain::model::{
    ActiveSyncServer, BlockForm, JournalEntry, LoginForm, ServerId, ServerTrust, UserId, WipeAckStatus,
};
use serde_json::json;
use store::repo;

use check::assemble;

use crate::approvals::{self, Edit, Pass};
use crate::issues::unchanged;
use crate::{Engine, Error, Result, Scope};

/// What an administrator enters.
#[derive(Debug, Clone, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerInput {
    /// Name, unique in the organization.
    pub name: String,
    /// `https://mail.example.com/Microsoft-Server-ActiveSync`; a bare host name is completed.
    pub url: String,
    /// Accepted certificates.
    pub trust: ServerTrust,
    /// Form of the user name towards the server.
    pub login_form: LoginForm,
    /// Domain for that form.
    pub login_domain: String,
    /// Mail domains of hands-off users.
    pub mail_domains: Vec<String>,
    /// Learn each user's address by Autodiscover.
    pub use_autodiscover: bool,
    /// Address of Autodiscover, empty derives it.
    pub autodiscover_url: String,
    /// Hosts that redirects may lead to.
    pub redirect_hosts: Vec<String>,
    /// Hands-off enrolment.
    pub hands_off: bool,
    /// New devices wait in quarantine.
    pub quarantine: bool,
    /// Lowest and highest version.
    pub versions: (String, String),
    /// Refusal form from 14.0.
    pub block_form: BlockForm,
    /// Acknowledgement to the backend.
    pub acknowledge: WipeAckStatus,
    /// Pass Bearer through.
    pub bearer: bool,
    /// Largest body, bytes: 1 MiB to 1 GiB.
    pub max_body: u64,
    /// In use.
    pub enabled: bool,
}

impl Default for ServerInput {
    fn default() -> Self {
        Self {
            name: String::new(),
            url: String::new(),
            trust: ServerTrust::Public,
            login_form: LoginForm::AsSent,
            login_domain: String::new(),
            mail_domains: Vec::new(),
            use_autodiscover: false,
            autodiscover_url: String::new(),
            redirect_hosts: Vec::new(),
            hands_off: false,
            quarantine: true,
            versions: ("12.1".into(), "16.1".into()),
            block_form: BlockForm::Http403,
            acknowledge: WipeAckStatus::Full,
            bearer: true,
            max_body: 64 << 20,
            enabled: true,
        }
    }
}

/// Versions that can be offered.
pub const VERSIONS: [&str; 7] = ["2.5", "12.0", "12.1", "14.0", "14.1", "16.0", "16.1"];

/// The organization's servers, by name.
///
/// # Errors
/// [`Error::Denied`].
pub fn list(engine: &Engine, scope: &Scope) -> Result<Vec<Arc<ActiveSyncServer>>> {
    scope.require(Permission::ServersView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let servers = org.read().servers();
    Ok(servers)
}

/// One server.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(engine: &Engine, scope: &Scope, id: ServerId) -> Result<Arc<ActiveSyncServer>> {
    scope.require(Permission::ServersView)?;
    known(engine, scope, id)
}

fn known(engine: &Engine, scope: &Scope, id: ServerId) -> Result<Arc<ActiveSyncServer>> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let server = org.read().server(id).cloned();
    server.ok_or(Error::NotFound("ActiveSync server"))
}

/// Makes a server.
///
/// # Errors
/// [`Error::Invalid`] by field.
pub async fn create(engine: &Engine, scope: &Scope, input: ServerInput) -> Result<ServerId> {
    scope.require(Permission::ServersEdit)?;
    let id = engine.entropy.id(engine.now());
    let server = assemble(scope.organization(), id, 0, input)?;
    put(engine, scope, server, "server.created", serde_json::Value::Null, Pass::PART).await?;
    Ok(id)
}

/// Replaces a server's settings.
///
/// # Errors
/// As [`create`].
pub async fn edit(engine: &Engine, scope: &Scope, id: ServerId, input: ServerInput) -> Result<()> {
    edit_seen(engine, scope, id, None, input).await
}

/// The same, only if the server is still at the `rev` that the author of the edit saw.
///
/// # Errors
/// As [`edit`]; [`Error::Conflict`] for another `rev`.
pub async fn edit_seen(
    engine: &Engine,
    scope: &Scope,
    id: ServerId,
    seen: Option<i64>,
    input: ServerInput,
) -> Result<()> {
    let old = get(engine, scope, id)?;
    scope.require(Permission::ServersEdit)?;
    unchanged(seen, old.rev)?;
    let edit = Edit::Server { server: id, input: Box::new(input.clone()) };
    let pass = approvals::ask(engine, scope, edit).await?;
    carry_out(engine, scope, id, input, pass).await
}

/// Stores what was entered for a server.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    id: ServerId,
    input: ServerInput,
    pass: Pass,
) -> Result<()> {
    let old = known(engine, scope, id)?;
    let new = filled(&old, input)?;
    let is_elsewhere = new.url != old.url;
    put(engine, scope, new, "server.updated", json!(*old), pass).await?;
    if is_elsewhere {
        forget_learnt(engine, scope, id).await?;
    }
    Ok(())
}

/// A server with what was entered for it.
///
/// # Errors
/// As [`create`].
pub(crate) fn filled(old: &ActiveSyncServer, input: ServerInput) -> Result<ActiveSyncServer> {
    assemble(old.organization, old.id, old.rev, input)
}

/// Users' own addresses were learnt from the old server; at the new one they may be others.
async fn forget_learnt(engine: &Engine, scope: &Scope, id: ServerId) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let learnt = |u: &&Arc<domain::model::User>| u.learnt_at(id).is_some();
    let users: Vec<UserId> = org.read().users().filter(learnt).map(|u| u.id).collect();
    for chunk in users.chunks(250) {
        let chunk = chunk.to_vec();
        engine
            .store
            .write(scope.organization(), scope.actor().clone(), async move |tx| {
                for user in &chunk {
                    let found = repo::users::get(tx, *user).await?.filter(|u| u.learnt_at(id).is_some());
                    let Some(mut user) = found else { continue };
                    (user.learnt_url, user.learnt_from) = (None, None);
                    repo::users::put(tx, &mut user).await?;
                    tx.journal(JournalEntry {
                        event: "user.server_learnt",
                        subject: user.id.to_string(),
                        body: json!({ "url": null }),
                    });
                }
                Ok::<_, Error>(())
            })
            .await?;
    }
    Ok(())
}

async fn put(
    engine: &Engine,
    scope: &Scope,
    server: ActiveSyncServer,
    event: &'static str,
    before: serde_json::Value,
    pass: Pass,
) -> Result<()> {
    let id = server.id;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            pass.take(tx).await?;
            let mut server = server.clone();
            repo::servers::put(tx, &mut server).await?;
            let after = json!(server);
            tx.journal(JournalEntry {
                event,
                subject: id.to_string(),
                body: json!({ "before": before, "after": after }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    // What was seen of it was seen of other settings.
    health::forget(engine, id);
    Ok(())
}

/// Removes a server that no user and no group is assigned to and that is not the default.
///
/// # Errors
/// [`Error::Conflict`] with the number of its users, the names of its groups, or for the default server.
pub async fn remove(engine: &Engine, scope: &Scope, id: ServerId) -> Result<()> {
    scope.require(Permission::ServersEdit)?;
    let old = get(engine, scope, id)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let (users, groups) = {
        let org = org.read();
        let users = org.users().filter(|u| u.server == Some(id)).count();
        let groups = org.groups().into_iter().filter(|g| g.settings.server == Some(id));
        (users, groups.map(|g| g.name.clone()).collect::<Vec<_>>())
    };
    if !groups.is_empty() {
        return Err(Error::conflict(format!(
            "The members of these groups get this server: {}. Give the groups another one first.",
            groups.join(", ")
        )));
    }
    if users > 0 {
        return Err(Error::conflict(format!(
            "{users} users are assigned to this server. Assign them to another first."
        )));
    }
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let organization = repo::organizations::get(tx, tx.organization()).await?;
            if organization.is_some_and(|o| o.settings.default_server == Some(id)) {
                return Err(Error::conflict(
                    "This is the organization's default server. Choose another default first.",
                ));
            }
            repo::servers::remove(tx, id).await?;
            let before = json!(*old);
            tx.journal(JournalEntry {
                event: "server.deleted",
                subject: id.to_string(),
                body: json!({ "before": before }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    health::forget(engine, id);
    Ok(())
}

/// Journals that a server was tested, with the checks that failed. Nothing of the login that it was tested with is
/// kept.
///
/// # Errors
/// Storage errors.
pub async fn tested(
    engine: &Engine,
    scope: &Scope,
    server: &ActiveSyncServer,
    failed: &[&str],
) -> Result<()> {
    let body = json!({ "name": server.name, "url": server.url, "failed": failed });
    let subject = server.id.to_string();
    engine
        .store
        .write(server.organization, scope.actor().clone(), async move |tx| {
            let entry = JournalEntry { event: "server.tested", subject: subject.clone(), body: body.clone() };
            tx.journal(entry);
            Ok::<_, Error>(())
        })
        .await
}
