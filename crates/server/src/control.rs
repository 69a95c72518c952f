//! Administration from the host: carried out here, or by the running server through a socket in the data directory.
//!
//! The socket `control.sock` is readable by the server's user alone; whoever can open it could read the database too.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use domain::model::{Organization, OrganizationId, RoleRef};
use engine::administrators::{self, NewAdministrator};
use engine::organizations::{self, NewOrganization};
use engine::{Engine, sign_in};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use crate::config::Config;
use crate::stores;

/// What can be ordered from the host.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "operation")]
pub enum Operation {
    /// Make an administrator.
    AdminCreate {
        username: String,
        org: Option<String>,
        role: String,
        ise_admin: bool,
        ise_full_wipe: bool,
        password: String,
    },
    /// A new password.
    AdminResetPassword { username: String },
    /// Take the second factor away from who has lost it.
    AdminResetSecondFactor { username: String },
    /// Make an API token for an administrator.
    AdminToken { username: String, days: u32 },
    /// List administrators.
    AdminList,
    /// Make an organization.
    OrgCreate {
        slug: String,
        name: String,
        mail_domains: Vec<String>,
        login_domains: Vec<String>,
        hosts: Vec<String>,
    },
    /// List organizations.
    OrgList,
    /// Write a backup.
    Backup { file: PathBuf },
}

/// Runs an operation and prints what it says.
pub async fn run(config: &Config, operation: Operation) -> anyhow::Result<()> {
    let said = if let Ok(stream) = UnixStream::connect(socket(config)).await {
        ask(stream, &operation).await?
    } else {
        let engine = stores::open(config).await?;
        execute(&engine, operation).await?
    };
    print!("{said}");
    Ok(())
}

fn socket(config: &Config) -> PathBuf {
    config.data_dir.join("control.sock")
}

async fn ask(mut stream: UnixStream, operation: &Operation) -> anyhow::Result<String> {
    let mut line = serde_json::to_vec(operation)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.context("the running server did not answer")?;
    match serde_json::from_str::<Result<String, String>>(&answer)? {
        Ok(said) => Ok(said),
        Err(why) => bail!(why),
    }
}

/// Listens for operations until the server ends.
pub fn listen(config: &Config, engine: Arc<Engine>) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    let path = socket(config);
    let _ = std::fs::remove_file(&path);
    let listener =
        UnixListener::bind(&path).with_context(|| format!("cannot listen on {}", path.display()))?;
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let engine = Arc::clone(&engine);
            tokio::spawn(async move {
                if let Err(error) = serve(stream, &engine).await {
                    tracing::warn!(%error, "control connection");
                }
            });
        }
    }))
}

async fn serve(mut stream: UnixStream, engine: &Engine) -> anyhow::Result<()> {
    let mut line = String::new();
    BufReader::new((&mut stream).take(64 * 1024)).read_line(&mut line).await?;
    let outcome = match serde_json::from_str(&line) {
        Ok(operation) => execute(engine, operation).await.map_err(|error| format!("{error:#}")),
        Err(error) => Err(format!("not an operation: {error}")),
    };
    stream.write_all(&serde_json::to_vec(&outcome)?).await?;
    Ok(())
}

async fn execute(engine: &Engine, operation: Operation) -> anyhow::Result<String> {
    match operation {
        Operation::AdminCreate { username, org, role, ise_admin, ise_full_wipe, password } => {
            let organization = organization(engine, org.as_deref())?;
            let role = role_ref(&role)?;
            let new = NewAdministrator {
                username,
                role,
                ise_admin,
                ise_full_wipe,
                password,
                ..NewAdministrator::default()
            };
            let scope = sign_in::command_line(organization);
            let (admin, generated) =
                administrators::create(engine, &scope, new).await.map_err(anyhow::Error::msg)?;
            Ok(said_password(&admin.username, generated))
        }
        Operation::AdminResetPassword { username } => {
            let admin = engine
                .directory()
                .administrator_by_name(&username)
                .with_context(|| format!("there is no administrator {username}"))?;
            let scope = sign_in::command_line(admin.organization);
            let generated = administrators::reset_password(engine, &scope, admin.id, "")
                .await
                .map_err(anyhow::Error::msg)?;
            Ok(said_password(&admin.username, generated))
        }
        Operation::AdminResetSecondFactor { username } => {
            let admin = engine
                .directory()
                .administrator_by_name(&username)
                .with_context(|| format!("there is no administrator {username}"))?;
            let scope = sign_in::command_line(admin.organization);
            engine::second_factor::reset(engine, &scope, admin.id).await.map_err(anyhow::Error::msg)?;
            Ok(format!("administrator {}\nsecond factor removed\n", admin.username))
        }
        Operation::AdminToken { username, days } => {
            let admin = engine
                .directory()
                .administrator_by_name(&username)
                .with_context(|| format!("there is no administrator {username}"))?;
            let scope = sign_in::command_line(admin.organization);
            let (_, secret) = engine::tokens::create_for(engine, &scope, &username, days)
                .await
                .map_err(anyhow::Error::msg)?;
            Ok(format!("token {secret}\n"))
        }
        Operation::AdminList => Ok(admin_list(engine)),
        Operation::OrgCreate { slug, name, mail_domains, login_domains, hosts } => {
            let new = NewOrganization { slug, name, mail_domains, login_domains, host_names: hosts };
            let scope = sign_in::command_line(Organization::SYSTEM);
            let made = organizations::create(engine, &scope, new).await.map_err(anyhow::Error::msg)?;
            Ok(format!("organization {} ({})\n", made.slug, made.id))
        }
        Operation::OrgList => {
            let all = engine.directory().organizations();
            let mut said = String::new();
            for o in all {
                said += &format!("{}\t{}\t{}\t{}\n", o.slug, o.id, o.name, o.mail_domains.join(","));
            }
            Ok(said)
        }
        Operation::Backup { file } => {
            engine::presence::flush(engine).await.map_err(anyhow::Error::msg)?;
            let report = store::backup(engine.store(), &file).await?;
            Ok(format!(
                "{report}\nThe key file secret.key is not in the backup. Keep a copy of it apart from the backups: without it \
                 sealed secrets cannot be read.\n"
            ))
        }
    }
}

fn organization(engine: &Engine, slug: Option<&str>) -> anyhow::Result<OrganizationId> {
    match slug {
        None => Ok(Organization::SYSTEM),
        Some(slug) => {
            engine.directory().by_slug(slug).with_context(|| format!("there is no organization {slug}"))
        }
    }
}

fn role_ref(role: &str) -> anyhow::Result<Option<RoleRef>> {
    if role == "none" {
        return Ok(None);
    }
    if catalog::PREDEFINED_ROLES.iter().any(|r| r.key == role) {
        return Ok(Some(RoleRef::Predefined(role.to_owned())));
    }
    match role.parse() {
        Ok(id) => Ok(Some(RoleRef::Custom(id))),
        Err(_) => bail!("there is no role {role}; use full, help_desk, read_only, none, or the id of a role"),
    }
}

fn said_password(username: &str, generated: Option<String>) -> String {
    match generated {
        Some(password) => format!("administrator {username}\npassword {password}\n"),
        None => format!("administrator {username}\n"),
    }
}

fn admin_list(engine: &Engine) -> String {
    let mut out = String::new();
    let system = ("(installation)".to_owned(), Organization::SYSTEM);
    let organizations = engine.directory().organizations().into_iter().map(|o| (o.slug.clone(), o.id));
    for (slug, id) in std::iter::once(system).chain(organizations) {
        for admin in engine.directory().administrators(id) {
            let role = match &admin.role {
                None => "-".to_owned(),
                Some(RoleRef::Predefined(key)) => key.clone(),
                Some(RoleRef::Custom(id)) => id.to_string(),
            };
            let mark = if admin.ise_admin { "ISE Admin" } else { "" };
            let state = if admin.enabled { "" } else { "disabled" };
            out.push_str(&format!("{slug}\t{}\t{role}\t{mark}\t{state}\n", admin.username));
        }
    }
    out
}
