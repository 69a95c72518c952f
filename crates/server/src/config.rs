//! Configuration: command line, then environment (both through the command line's parser), then a TOML file.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use engine::backups::Plan;
use ipnet::IpNet;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use store::{Location, Options, SecretKey};

use crate::cli::{Common, ServeArgs};

/// The configuration file. Everything in it is optional.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    #[serde(deserialize_with = "address")]
    listen: Option<SocketAddr>,
    #[serde(deserialize_with = "address")]
    plain_listen: Option<SocketAddr>,
    #[serde(deserialize_with = "networks")]
    trusted_proxies: Vec<IpNet>,
    #[serde(deserialize_with = "address")]
    admin_listen: Option<SocketAddr>,
    console_on_listen: bool,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    data_dir: Option<PathBuf>,
    database_url: Option<String>,
    /// A file that holds the database URL, so that the password is not in the configuration.
    database_url_file: Option<PathBuf>,
    /// Further names for the certificate that the installation's own authority signs.
    names: Vec<String>,
    /// Internal networks in which organizations may name hosts.
    #[serde(deserialize_with = "networks")]
    internal_targets: Vec<IpNet>,
    /// Addresses that this server's own connections come from.
    #[serde(deserialize_with = "networks")]
    egress_addresses: Vec<IpNet>,
    /// Devices called to a second when their check-ins are due.
    check_ins_per_second: Option<std::num::NonZeroU32>,
    /// Settings of ACME.
    acme: Option<Acme>,
    /// Scheduled backups.
    backup: Option<Backup>,
}

/// Scheduled backups of the embedded database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Backup {
    /// The folder; it must exist.
    folder: PathBuf,
    /// How many are kept.
    #[serde(default = "a_week")]
    keep: std::num::NonZeroU32,
    /// Time of the day, UTC.
    #[serde(default = "at_night", deserialize_with = "minute")]
    time: u16,
}

const fn a_week() -> std::num::NonZeroU32 {
    std::num::NonZeroU32::MIN.saturating_add(6)
}

const fn at_night() -> u16 {
    150
}

/// Certificates from a public authority (RFC 8555).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acme {
    /// Public names to be certified.
    pub names: Vec<String>,
    /// Contact address for the authority.
    pub email: String,
    /// Directory of the authority.
    pub directory: String,
    /// Where the authority's HTTP-01 check arrives; port 80 as the world sees it.
    pub http_listen: SocketAddr,
    /// Further roots (PEM) for a private authority.
    #[serde(default)]
    pub roots: Option<PathBuf>,
}

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Config {
    /// Data directory.
    pub data_dir: PathBuf,
    /// Whether the data directory was named by the operator.
    pub data_dir_chosen: bool,
    /// PostgreSQL, if any.
    pub database_url: Option<String>,
    /// Device listener.
    pub listen: SocketAddr,
    /// Plain listener behind a proxy.
    pub plain_listen: Option<SocketAddr>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Listener for console, REST and operations.
    pub admin_listen: Option<SocketAddr>,
    /// Console and REST on the public device listener too.
    pub console_on_listen: bool,
    /// Certificate and key files.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Names for our own certificate.
    pub names: Vec<String>,
    /// Internal networks in which organizations may name SMTP servers.
    pub internal_targets: Vec<IpNet>,
    /// Addresses that this server's own connections come from, as others see them.
    pub egress_addresses: Vec<IpNet>,
    /// Devices called to a second when their check-ins are due; at least one, if it is set.
    pub check_ins_per_second: Option<std::num::NonZeroU32>,
    /// ACME.
    pub acme: Option<Acme>,
    /// Scheduled backups.
    pub backup: Option<Plan>,
}

impl Config {
    /// Reads the configuration file and overlays the command line.
    pub fn load(common: &Common) -> anyhow::Result<Self> {
        let file = match &common.config {
            Some(path) => read(path)?,
            None => File::default(),
        };
        let url_file = match &file.database_url_file {
            Some(path) => Some(
                std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read database_url_file {}", path.display()))?
                    .trim()
                    .to_owned(),
            ),
            None => None,
        };
        let chosen = common.data_dir.clone().or(file.data_dir);
        let tls = match (file.tls_cert, file.tls_key) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            _ => {
                bail!("tls_cert and tls_key belong together: set both in the configuration file, or neither")
            }
        };
        Ok(Self {
            data_dir_chosen: chosen.is_some(),
            data_dir: chosen.unwrap_or_else(|| "notifymdm-data".into()),
            database_url: common.database_url.clone().or(file.database_url).or(url_file),
            listen: file.listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 8443).into()),
            plain_listen: file.plain_listen,
            trusted_proxies: file.trusted_proxies,
            admin_listen: file.admin_listen,
            console_on_listen: file.console_on_listen,
            tls,
            names: file.names,
            internal_targets: file.internal_targets,
            egress_addresses: file.egress_addresses,
            check_ins_per_second: file.check_ins_per_second,
            acme: file.acme,
            backup: file.backup.map(|backup| Plan {
                folder: backup.folder,
                keep: backup.keep.get(),
                minute: backup.time,
            }),
        })
    }

    /// Overlays the arguments of `serve` and checks that they fit together.
    pub fn with_arguments(mut self, args: &ServeArgs) -> anyhow::Result<Self> {
        self.listen = args.listen.unwrap_or(self.listen);
        self.plain_listen = args.plain_listen.or(self.plain_listen);
        self.admin_listen = args.admin_listen.or(self.admin_listen);
        self.console_on_listen |= args.console_on_listen;
        if !args.trusted_proxy.is_empty() {
            self.trusted_proxies.clone_from(&args.trusted_proxy);
        }
        if !args.internal_target.is_empty() {
            self.internal_targets.clone_from(&args.internal_target);
        }
        if let (Some(cert), Some(key)) = (&args.tls_cert, &args.tls_key) {
            self.tls = Some((cert.clone(), key.clone()));
        }
        if let Some(address) = self.plain_listen {
            ensure!(
                !self.trusted_proxies.is_empty(),
                "--plain-listen {address} carries passwords without TLS: name the proxy in front with --trusted-proxy, \
                 for example --trusted-proxy 127.0.0.1/32"
            );
        }
        ensure!(
            self.backup.is_none() || self.database_url.is_none(),
            "the section [backup] is for the embedded database: back PostgreSQL up with its own tools (pg_dump, snapshots), \
             and take the section out of the configuration"
        );
        if args.demo {
            ensure!(
                self.listen.ip().is_loopback(),
                "--demo serves on a loopback address only; use --listen 127.0.0.1:8443"
            );
            ensure!(
                self.admin_listen.is_none_or(|address| address.ip().is_loopback()),
                "--demo serves on a loopback address only; use --admin-listen 127.0.0.1:8444, or leave it out"
            );
            ensure!(self.plain_listen.is_none(), "--demo has no plain listener; leave --plain-listen out");
            if !self.data_dir_chosen {
                self.data_dir = "notifymdm-demo".into();
            }
        }
        Ok(self)
    }

    /// `https://…` of a name under which the world finds the device listener. The proxy in front of a plain listener is
    /// on the usual port.
    pub fn url_of(&self, name: &str) -> String {
        match (self.plain_listen, self.listen.port()) {
            (Some(_), _) | (None, 443) => format!("https://{name}"),
            (None, port) => format!("https://{name}:{port}"),
        }
    }

    /// How the store is opened.
    pub fn store_options(&self, key: SecretKey) -> Options {
        let location = match &self.database_url {
            Some(url) => Location::Postgres(url.clone()),
            None => Location::Sqlite(self.data_dir.clone()),
        };
        Options::new(location, key)
    }

    /// Whether the device listener also serves console and REST.
    pub fn listen_serves_console(&self) -> bool {
        self.console_on_listen || (self.listen.ip().is_loopback() && self.admin_listen.is_none())
    }
}

/// An address, or words that say what one looks like.
fn address<'de, D: Deserializer<'de>>(value: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(value)?;
    let wrong =
        |_| D::Error::custom(format!("\"{text}\" is no address; write \"127.0.0.1:8443\" or \"[::]:443\""));
    text.parse().map(Some).map_err(wrong)
}

/// A time of the day as its minute, or words that say what one looks like.
fn minute<'de, D: Deserializer<'de>>(value: D) -> Result<u16, D::Error> {
    let text = String::deserialize(value)?;
    let time = text.parse::<domain::schedule::TimeOfDay>().ok().map(domain::schedule::TimeOfDay::minutes);
    time.filter(|minute| *minute < 1_440)
        .ok_or_else(|| D::Error::custom(format!("\"{text}\" is no time of the day; write \"02:30\"")))
}

/// Networks, or words that say what one looks like.
fn networks<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<IpNet>, D::Error> {
    let network = |text: String| {
        let wrong = |_| {
            D::Error::custom(format!("\"{text}\" is no network; write \"10.0.0.0/8\" or \"127.0.0.1/32\""))
        };
        text.parse().map_err(wrong)
    };
    Vec::<String>::deserialize(value)?.into_iter().map(network).collect()
}

fn read(path: &Path) -> anyhow::Result<File> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the configuration {}", path.display()))?;
    // The parser's message names line, column and what was expected.
    toml::from_str(&text)
        .map_err(|error| anyhow::anyhow!("the configuration {} is not right:\n{error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_file_says_the_line_and_what_to_write() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("notifymdm.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:8443\"\nadmin_listn = \"127.0.0.1:9\"\n")
            .expect("written");
        let error = read(&path).expect_err("a misspelt key").to_string();
        assert!(
            error.contains("line 2") && error.contains("admin_listn") && error.contains("admin_listen"),
            "{error}"
        );
    }

    #[test]
    fn a_wrong_value_says_what_one_looks_like() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("notifymdm.toml");
        for (text, hint) in [
            ("listen = \"mdm.example.com\"", "127.0.0.1:8443"),
            ("\nadmin_listen = \"8444\"", "127.0.0.1:8443"),
            ("trusted_proxies = [\"10.0.0.1\"]", "10.0.0.0/8"),
            ("[backup]\nfolder = \"/b\"\ntime = \"24:00\"", "02:30"),
            ("[backup]\nfolder = \"/b\"\nkeep = 0", "nonzero"),
        ] {
            std::fs::write(&path, text).expect("written");
            let error = read(&path).expect_err(text).to_string();
            assert!(error.contains("line ") && error.contains(hint), "{error}");
        }
        std::fs::write(&path, "listen = \"[::1]:1\"\ntrusted_proxies = [\"::1/128\"]\n").expect("written");
        let file = read(&path).expect("good");
        assert!(file.listen.is_some() && file.admin_listen.is_none() && file.trusted_proxies.len() == 1);
    }

    #[test]
    fn behind_a_proxy_the_world_sees_the_usual_port() {
        let mut config = Config::load(&Common::default()).expect("defaults");
        assert_eq!(config.url_of("mdm.test"), "https://mdm.test:8443");
        config.plain_listen = Some((Ipv4Addr::LOCALHOST, 8080).into());
        assert_eq!(config.url_of("mdm.test"), "https://mdm.test");
        config.plain_listen = None;
        config.listen.set_port(443);
        assert_eq!(config.url_of("mdm.test"), "https://mdm.test");
    }

    #[test]
    fn the_demo_is_not_for_the_world() {
        let refused = |change: fn(&mut ServeArgs)| {
            let config = Config::load(&Common::default()).expect("defaults");
            let mut args = ServeArgs { demo: true, ..ServeArgs::default() };
            change(&mut args);
            config.with_arguments(&args).err().map(|error| error.to_string())
        };
        assert_eq!(refused(|_| ()), None);
        assert!(refused(|args| args.admin_listen = Some((Ipv4Addr::LOCALHOST, 1).into())).is_none());
        let error = refused(|args| args.listen = Some((Ipv4Addr::UNSPECIFIED, 8443).into()));
        assert!(error.is_some_and(|e| e.contains("--listen 127.0.0.1")));
        let error = refused(|args| args.admin_listen = Some((Ipv4Addr::UNSPECIFIED, 8443).into()));
        assert!(error.is_some_and(|e| e.contains("--admin-listen 127.0.0.1")));
    }

    #[test]
    fn backups_are_of_the_embedded_database() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("notifymdm.toml");
        std::fs::write(&path, "[backup]\nfolder = \"/b\"\n").expect("written");
        let common = Common { config: Some(path), ..Common::default() };
        let config = Config::load(&common).expect("good");
        let plan = Plan { folder: "/b".into(), keep: 7, minute: 150 };
        assert_eq!(config.backup, Some(plan));
        assert!(config.clone().with_arguments(&ServeArgs::default()).is_ok());
        let config = Config { database_url: Some("postgres://db".into()), ..config };
        let error = config.with_arguments(&ServeArgs::default()).expect_err("refused").to_string();
        assert!(error.contains("pg_dump"), "{error}");
    }

    #[test]
    fn a_plain_listener_needs_a_proxy() {
        let config = Config::load(&Common::default()).expect("defaults");
        let plain_listen = Some((Ipv4Addr::LOCALHOST, 80).into());
        let args = ServeArgs { plain_listen, ..ServeArgs::default() };
        let error = config.with_arguments(&args).expect_err("no proxy").to_string();
        assert!(error.contains("--trusted-proxy"), "{error}");
    }
}
