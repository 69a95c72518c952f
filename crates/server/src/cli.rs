//! The command line. It is a contract: scripts and tests use it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;

use crate::config::Config;
use crate::control::{self, Operation};
use crate::{doctor, serve, stores};

/// An open mobile device management server.
#[derive(Parser)]
#[command(name = "notifymdm", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Where things are. Command line first, then `NOTIFYMDM_…`, then the configuration file.
#[derive(Args, Clone, Default)]
pub struct Common {
    /// Directory of database, keys and certificates
    #[arg(long, global = true, value_name = "DIR", env = "NOTIFYMDM_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Configuration file (TOML)
    #[arg(long, global = true, value_name = "FILE", env = "NOTIFYMDM_CONFIG")]
    pub config: Option<PathBuf>,
    /// PostgreSQL instead of the SQLite file in the data directory
    #[arg(long, global = true, value_name = "URL", env = "NOTIFYMDM_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(ServeArgs),
    /// Administrators of the installation or of an organization
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Organizations
    #[command(subcommand)]
    Org(OrgCommand),
    /// Write a backup: one file, whatever the database is. The key file is not in it
    Backup { file: PathBuf },
    /// Restore a backup into an empty data directory or database
    Restore { file: PathBuf },
    /// Copy this installation into another database
    MigrateStore {
        /// Where to: postgres://user:password@host/database
        #[arg(long, value_name = "URL")]
        to: String,
    },
    /// Check that nothing in the journal was changed, removed or cut off
    VerifyJournal,
    /// Check certificates, names, ports, upstream servers and the clock, and say what to fix
    Doctor,
    /// Print the description of the REST API (OpenAPI 3.1)
    Openapi,
}

/// Arguments of `serve`.
#[derive(Args, Clone, Default)]
pub struct ServeArgs {
    /// Address for devices; a loopback address serves everything [default: 127.0.0.1:8443]
    #[arg(long, value_name = "ADDR", env = "NOTIFYMDM_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Plain HTTP behind a proxy that ends TLS (needs --trusted-proxy)
    #[arg(long, value_name = "ADDR", env = "NOTIFYMDM_PLAIN_LISTEN")]
    pub plain_listen: Option<SocketAddr>,
    /// Network of the proxy whose X-Forwarded-For is believed; may be given several times
    #[arg(long, value_name = "CIDR", env = "NOTIFYMDM_TRUSTED_PROXY", value_delimiter = ',')]
    pub trusted_proxy: Vec<IpNet>,
    /// Internal network in which organizations may name SMTP servers; may be given several times
    #[arg(long, value_name = "CIDR", env = "NOTIFYMDM_INTERNAL_TARGET", value_delimiter = ',')]
    pub internal_target: Vec<IpNet>,
    /// Address for console, REST, health and metrics
    #[arg(long, value_name = "ADDR", env = "NOTIFYMDM_ADMIN_LISTEN")]
    pub admin_listen: Option<SocketAddr>,
    /// Serve the console and REST on --listen too, although it is public
    #[arg(long, env = "NOTIFYMDM_CONSOLE_ON_LISTEN")]
    pub console_on_listen: bool,
    /// Certificate chain (PEM); without it the installation's own authority signs one
    #[arg(long, value_name = "FILE", env = "NOTIFYMDM_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", env = "NOTIFYMDM_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Fill an empty data directory with two organizations and simulated devices (loopback only)
    #[arg(long)]
    pub demo: bool,
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Make an administrator; prints the password if none is given
    Create {
        username: String,
        /// Short name of the organization; without it, an administrator of the installation
        #[arg(long)]
        org: Option<String>,
        /// full, help_desk, read_only or the id of a role; "none" for an account that only ISE uses
        #[arg(long, default_value = "full")]
        role: String,
        /// Mark the account as ISE Admin
        #[arg(long)]
        ise_admin: bool,
        /// Let Cisco ISE order full wipes through this account
        #[arg(long, requires = "ise_admin")]
        ise_full_wipe: bool,
        /// Read the password from this environment variable instead of making one
        #[arg(long, value_name = "VARIABLE")]
        password_env: Option<String>,
    },
    /// Give an administrator a new password; prints it
    ResetPassword { username: String },
    /// Take the second factor away from an administrator who has lost it
    ResetSecondFactor { username: String },
    /// Make an API token for an administrator of an organization; prints it, this once
    Token {
        username: String,
        /// Days until it ends: 1 to 730
        #[arg(long, default_value_t = 30)]
        days: u32,
    },
    /// List administrators
    List,
}

#[derive(Subcommand)]
enum OrgCommand {
    /// Make an organization
    Create {
        /// Short name in addresses: 2 to 32 of a-z, 0-9 and -
        slug: String,
        #[arg(long)]
        name: Option<String>,
        /// Mail domain granted to it; may be given several times
        #[arg(long = "mail-domain")]
        mail_domains: Vec<String>,
        /// Login domain (DOMAIN\user) granted to it
        #[arg(long = "login-domain")]
        login_domains: Vec<String>,
        /// Host name that leads to it
        #[arg(long = "host")]
        hosts: Vec<String>,
    },
    /// List organizations
    List,
}

/// Runs a command.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = Config::load(&cli.common)?;
    match cli.command {
        Command::Serve(args) => return serve::serve(config.with_arguments(&args)?, args.demo).await,
        Command::Admin(command) => control::run(&config, admin(command)?).await?,
        Command::Org(command) => control::run(&config, org(command)).await?,
        Command::Backup { file } => {
            control::run(&config, Operation::Backup { file: std::path::absolute(file)? }).await?;
        }
        Command::Restore { file } => stores::restore(&config, &file).await?,
        Command::MigrateStore { to } => stores::migrate(&config, &to).await?,
        Command::VerifyJournal => return stores::verify_journal(&config).await,
        Command::Doctor => return doctor::run(&config).await,
        Command::Openapi => println!("{:#}", api::v1::openapi()),
    }
    Ok(ExitCode::SUCCESS)
}

fn admin(command: AdminCommand) -> anyhow::Result<Operation> {
    Ok(match command {
        AdminCommand::Create { username, org, role, ise_admin, ise_full_wipe, password_env } => {
            let password = match password_env {
                Some(name) => {
                    std::env::var(&name).map_err(|_| anyhow::anyhow!("the variable {name} is not set"))?
                }
                None => String::new(),
            };
            Operation::AdminCreate { username, org, role, ise_admin, ise_full_wipe, password }
        }
        AdminCommand::ResetPassword { username } => Operation::AdminResetPassword { username },
        AdminCommand::ResetSecondFactor { username } => Operation::AdminResetSecondFactor { username },
        AdminCommand::Token { username, days } => Operation::AdminToken { username, days },
        AdminCommand::List => Operation::AdminList,
    })
}

fn org(command: OrgCommand) -> Operation {
    match command {
        OrgCommand::Create { slug, name, mail_domains, login_domains, hosts } => Operation::OrgCreate {
            name: name.unwrap_or_else(|| slug.clone()),
            slug,
            mail_domains,
            login_domains,
            hosts,
        },
        OrgCommand::List => Operation::OrgList,
    }
}
