//! A private PostgreSQL server for the tests of this machine's user.
//!
//! All test processes share one server: each holds a shared lock on a file as long as it lives (the kernel gives it
//! back however the process ends), and a watchdog stops the server and removes its files once nobody holds it. Tests
//! get databases of their own, cloned from a template that the store has migrated.

use anyhow::{Context, Result, bail};
use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

/// The running server.
pub(crate) struct Cluster {
    port: u16,
    /// Held shared until the process ends.
    _in_use: File,
}

static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();

/// The server, started at the first call; `None` where PostgreSQL is not installed. Blocks.
pub(crate) fn cluster() -> Option<&'static Cluster> {
    let required = std::env::var("NOTIFYMDM_REQUIRE_ALL").is_ok_and(|value| value == "1");
    let start = || {
        let Some(tools) = Tools::find() else {
            assert!(!required, "PostgreSQL (initdb, pg_ctl) and flock are required but not installed");
            eprintln!(
                "\n*** PostgreSQL (initdb, pg_ctl) or flock is not installed: \
                 THE POSTGRESQL HALF OF THE STORE TESTS IS SKIPPED ***\n"
            );
            return None;
        };
        match Cluster::start(&tools) {
            Ok(cluster) => Some(cluster),
            Err(error) => panic!("the private PostgreSQL does not start: {error:#}"),
        }
    };
    CLUSTER.get_or_init(start).as_ref()
}

/// The programs that are needed.
struct Tools {
    initdb: PathBuf,
    pg_ctl: PathBuf,
    flock: PathBuf,
    /// What puts another user's hat on, if this is root: PostgreSQL refuses to run as root.
    drop_root: Vec<String>,
    user: Option<&'static str>,
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders.into_iter().map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn succeeds(command: &str, arguments: &[&str]) -> bool {
    Command::new(command)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

impl Tools {
    fn find() -> Option<Self> {
        let root = fs::metadata("/proc/self").ok().is_some_and(|meta| {
            use std::os::unix::fs::MetadataExt;
            meta.uid() == 0
        });
        let user = root.then(|| {
            ["postgres", "nobody"].into_iter().find(|user| succeeds("id", &[user])).unwrap_or("nobody")
        });
        let drop_root = user.map_or_else(Vec::new, |user| {
            let group = Command::new("id").args(["-gn", user]).output().ok();
            let group = group.and_then(|found| String::from_utf8(found.stdout).ok()).unwrap_or_default();
            vec![
                "setpriv".to_owned(),
                format!("--reuid={user}"),
                format!("--regid={}", group.trim()),
                "--clear-groups".to_owned(),
            ]
        });
        Some(Self {
            initdb: find("initdb")?,
            pg_ctl: find("pg_ctl")?,
            flock: find("flock")?,
            drop_root,
            user,
        })
    }

    /// Runs a PostgreSQL program to its end. Its output goes to a file: a server started by it would keep a pipe
    /// open for ever.
    fn run(&self, program: &Path, arguments: &[&str], folder: &Path) -> Result<()> {
        let log = folder.join("log");
        let output = || File::options().create(true).append(true).open(&log);
        let mut words: Vec<String> = self.drop_root.clone();
        words.push(program.display().to_string());
        words.extend(arguments.iter().map(|&argument| argument.to_owned()));
        let status = Command::new(&words[0])
            .args(&words[1..])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(output()?)
            .stderr(output()?)
            .status()
            .with_context(|| words.join(" "))?;
        if status.success() {
            return Ok(());
        }
        let text = fs::read_to_string(&log).unwrap_or_default();
        bail!("{} failed ({status}):\n{text}", words.join(" "))
    }
}

impl Cluster {
    fn start(tools: &Tools) -> Result<Self> {
        let name =
            format!("notifymdm-testkit-{}", std::env::var("USER").unwrap_or_else(|_| "root".to_owned()));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        let starting = lock_file(&folder, "starting.lock")?;
        starting.lock().context("waiting for another test process to start PostgreSQL")?;
        let in_use = lock_file(&folder, "in-use.lock")?;
        in_use.lock_shared().context("waiting for PostgreSQL to stop")?;
        let port = match running(&folder) {
            Some(port) => port,
            None => Self::make(tools, &folder)?,
        };
        Ok(Self { port, _in_use: in_use })
    }

    fn make(tools: &Tools, folder: &Path) -> Result<u16> {
        let data = folder.join("data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        fs::create_dir(&data)?;
        if let Some(user) = tools.user {
            std::os::unix::fs::chown(&data, Some(id_of(user)?), None)?;
        }
        let place = data.display().to_string();
        tools.run(
            &tools.initdb,
            &["--no-sync", "--auth=trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-D", &place],
            folder,
        )?;
        certify(tools, folder, &data)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        // Not durable, but otherwise as in production: durability is proved elsewhere, and flushing is slow.
        let settings = format!(
            "-F -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place} \
             -c max_connections=400 -c shared_buffers=64MB -c full_page_writes=off -c autovacuum=off \
             -c max_wal_size=256MB -c wal_level=minimal -c max_wal_senders=0 \
             -c ssl=on -c ssl_cert_file=server.pem -c ssl_key_file=server.key"
        );
        let log = data.join("server.log").display().to_string();
        tools.run(&tools.pg_ctl, &["start", "-w", "-D", &place, "-l", &log, "-o", &settings], folder)?;
        fs::write(folder.join("port"), port.to_string())?;
        watchdog(tools, folder, &place)?;
        Ok(port)
    }

    /// The certificate the server shows, for `sslrootcert`.
    pub fn certificate() -> PathBuf {
        folder().join(CERTIFICATE)
    }

    /// The address of a database of this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs a statement for which no transaction may be open, such as CREATE DATABASE.
    pub async fn administer(&self, sql: &str) -> Result<u64> {
        let (client, connection) =
            tokio_postgres::connect(&self.url("postgres"), tokio_postgres::NoTls).await?;
        let driver = tokio::spawn(connection);
        let outcome = client.execute(sql, &[]).await;
        drop(client);
        driver.await??;
        Ok(outcome?)
    }

    /// The name of the template with this version's tables, made by the first who needs it.
    pub async fn template(&self, make: impl AsyncFnOnce(String) -> Result<()>) -> Result<String> {
        static MADE: tokio::sync::Mutex<bool> = tokio::sync::Mutex::const_new(false);
        let name = format!("template_{}", &store::schema_checksum()[..16]);
        let mut made = MADE.lock().await;
        if *made {
            return Ok(name);
        }
        let (client, connection) =
            tokio_postgres::connect(&self.url("postgres"), tokio_postgres::NoTls).await?;
        let driver = tokio::spawn(connection);
        // Other test processes wait here.
        client.batch_execute("SELECT pg_advisory_lock(1)").await?;
        let finished = client
            .query_opt("SELECT 1 FROM pg_database WHERE datname = $1 AND NOT datallowconn", &[&name])
            .await?;
        if finished.is_none() {
            client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
            client.batch_execute(&format!("CREATE DATABASE {name}")).await?;
            make(self.url(&name)).await?;
            client.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await?;
        }
        drop(client);
        driver.await??;
        *made = true;
        Ok(name)
    }
}

/// Where the server lives; one for each user of the machine.
fn folder() -> PathBuf {
    let user = std::env::var("USER").unwrap_or_else(|_| "root".to_owned());
    std::env::temp_dir().join(format!("notifymdm-testkit-{user}"))
}

/// Name of the certificate in the server's folder.
const CERTIFICATE: &str = "certificate.pem";

/// Gives the server a key and a certificate for loopback that nobody trusts who is not told to.
fn certify(tools: &Tools, folder: &Path, data: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    fs::write(folder.join(CERTIFICATE), made.cert.pem())?;
    let contents = [("server.pem", made.cert.pem()), ("server.key", made.signing_key.serialize_pem())];
    for (name, content) in contents {
        let file = data.join(name);
        fs::write(&file, content)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        if let Some(user) = tools.user {
            std::os::unix::fs::chown(&file, Some(id_of(user)?), None)?;
        }
    }
    Ok(())
}

/// The number of a user.
fn id_of(user: &str) -> Result<u32> {
    let output = Command::new("id").args(["-u", user]).output()?;
    String::from_utf8(output.stdout)?.trim().parse().context("the number of a user")
}

fn lock_file(folder: &Path, name: &str) -> Result<File> {
    Ok(File::options().create(true).truncate(false).write(true).open(folder.join(name))?)
}

/// The port of the server if it runs.
fn running(folder: &Path) -> Option<u16> {
    let port: u16 = fs::read_to_string(folder.join("port")).ok()?.trim().parse().ok()?;
    let lives = folder.join("data/postmaster.pid").exists();
    (lives && TcpStream::connect(("127.0.0.1", port)).is_ok()).then_some(port)
}

/// Starts the process that stops the server when no test process uses it any more. It looks every ten seconds, so
/// that the next test binary of a run finds the server still there.
fn watchdog(tools: &Tools, folder: &Path, data: &str) -> Result<()> {
    let stop =
        format!("{} '{}' stop -m immediate -D '{data}'", tools.drop_root.join(" "), tools.pg_ctl.display());
    let script = format!(
        "while sleep 10; do '{flock}' -n -x in-use.lock -c \"{stop}; rm -rf data port\" && exit; done",
        flock = tools.flock.display()
    );
    Command::new("setsid")
        .args(["sh", "-c", &script])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("starting the watchdog")?;
    Ok(())
}
