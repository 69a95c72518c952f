//! Simulated phones, a scripted mail server and an ISE client, from the command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use simulator::eas::{Credentials, Device, Handled, Model, Setup};
use simulator::fleet::{Fleet, Mischief, Plan};
use simulator::http::trust;
use simulator::ise;
use simulator::mailserver::{Mail, MailServer, Options};

#[derive(Parser)]
#[command(name = "notifymdm-simulator", about = "Devices and partners that speak over real sockets")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// One phone: signs in, provisions, lists folders, then parks a Ping.
    Phone {
        #[command(flatten)]
        server: Server,
        /// User name.
        #[arg(long)]
        user: String,
        /// Password.
        #[arg(long, env = "NOTIFYMDM_SIMULATOR_PASSWORD", hide_env_values = true)]
        password: String,
        /// Make: iphone, ipad, samsung, pixel, outlook, windows-phone, blackberry, …
        #[arg(long, default_value = "iphone")]
        model: String,
        /// Device identifier; one that suits the make by default.
        #[arg(long)]
        device_id: Option<String>,
        /// Seconds to park the Ping; 0 for none.
        #[arg(long, default_value_t = 0)]
        ping: u32,
    },
    /// Many phones for users PREFIX1, PREFIX2, …, until interrupted.
    Fleet {
        #[command(flatten)]
        server: Server,
        /// Number of phones.
        #[arg(long, default_value_t = 100)]
        phones: usize,
        /// Number of users.
        #[arg(long, default_value_t = 100)]
        users: usize,
        /// User names are this and a number.
        #[arg(long, default_value = "u")]
        user_prefix: String,
        /// Passwords are this and the same number.
        #[arg(long, default_value = "pw")]
        password_prefix: String,
        /// Ping interval in seconds.
        #[arg(long, default_value_t = 480)]
        heartbeat: u32,
        /// Seconds over which the phones sign in.
        #[arg(long, default_value_t = 30)]
        ramp: u64,
        /// Misbehave now and then.
        #[arg(long)]
        lively: bool,
        /// Seed of identifiers and chance.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// A scripted mail server with users u1/pw1, u2/pw2, …, until interrupted.
    Mailserver {
        /// Address to listen on (plain HTTP).
        #[arg(long, default_value = "127.0.0.1:8025")]
        listen: SocketAddr,
        /// Number of users.
        #[arg(long, default_value_t = 20)]
        users: usize,
    },
    /// ISE's Test Connection, and a look-up if a MAC address is given.
    Ise {
        #[command(flatten)]
        server: Server,
        /// Account.
        #[arg(long)]
        user: String,
        /// Password.
        #[arg(long, env = "NOTIFYMDM_SIMULATOR_PASSWORD", hide_env_values = true)]
        password: String,
        /// Instance name.
        #[arg(long, default_value = "")]
        instance: String,
        /// Highest version of the API: 1, 2 or 3.
        #[arg(long, default_value_t = 3)]
        api_version: u32,
        /// MAC address to look up.
        #[arg(long)]
        mac: Option<String>,
    },
}

#[derive(clap::Args)]
struct Server {
    /// Address of the server, `http[s]://host:port`.
    #[arg(long)]
    url: String,
    /// PEM file with the root certificate to trust, for https.
    #[arg(long)]
    root: Option<PathBuf>,
}

impl Server {
    fn tls(&self) -> anyhow::Result<Option<std::sync::Arc<rustls::ClientConfig>>> {
        let Some(path) = &self.root else { return Ok(None) };
        let pem = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        Ok(Some(trust(&pem)?))
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().what {
        What::Phone { server, user, password, model, device_id, ping } => {
            let model = Model::named(&model).with_context(|| format!("there is no make {model:?}"))?;
            let setup = Setup {
                base_url: server.url.clone(),
                tls: server.tls()?,
                credentials: Credentials::basic(&user, &password),
                user,
                device_id: device_id.unwrap_or_else(|| model.device_id(1)),
                model,
                version: model.version,
            };
            phone(Device::new(setup)?, ping).await
        }
        What::Fleet {
            server,
            phones,
            users,
            user_prefix,
            password_prefix,
            heartbeat,
            ramp,
            lively,
            seed,
        } => {
            let users: Vec<(String, String)> =
                (1..=users).map(|n| (format!("{user_prefix}{n}"), format!("{password_prefix}{n}"))).collect();
            let mut plan = Plan::new(&server.url, server.tls()?, Plan::mixed_phones(&users, phones, seed));
            plan.heartbeat = heartbeat;
            plan.ramp = Duration::from_secs(ramp);
            plan.seed = seed;
            if lively {
                plan.mischief = Mischief::lively();
            }
            fleet(plan).await
        }
        What::Mailserver { listen, users } => mailserver(listen, users).await,
        What::Ise { server, user, password, instance, api_version, mac } => {
            let settings = ise::Settings {
                base_url: server.url.clone(),
                instance,
                user,
                password,
                version: api_version,
                tls: server.tls()?,
            };
            ask_as_ise(settings, mac).await
        }
    }
}

async fn phone(mut device: Device, ping: u32) -> anyhow::Result<()> {
    let offer = device.negotiate(device.version).await?;
    println!("OPTIONS {} {:?}, speaking {}", offer.http, offer.versions, device.version);
    match device.connect().await? {
        Handled::Done(reply) => println!("FolderSync {} status {:?}", reply.http, reply.status()),
        Handled::Refused(reply) => anyhow::bail!("refused: HTTP {} status {:?}", reply.http, reply.status()),
        Handled::Wiped(kind) => anyhow::bail!("wiped: {kind:?}"),
    }
    println!("policy key {}", device.policy_key);
    for (name, value) in &device.policy {
        println!("  {name} = {value}");
    }
    for folder in &device.folders {
        println!("folder {} {:?} type {}", folder.id, folder.name, folder.kind);
    }
    if ping > 0 {
        let answer = device.ping(ping).await?;
        println!(
            "Ping status {:?} after {:?}, changed {:?}",
            answer.status, answer.reply.took, answer.changed
        );
    }
    Ok(())
}

async fn fleet(plan: Plan) -> anyhow::Result<()> {
    let fleet = Fleet::start(plan);
    let mut tick = tokio::time::interval(Duration::from_secs(5));
    loop {
        tokio::select! {
            _ = tick.tick() => println!("{:?}", fleet.stats()),
            interrupted = tokio::signal::ctrl_c() => {
                interrupted?;
                println!("{:?}", fleet.stop().await);
                return Ok(());
            }
        }
    }
}

async fn mailserver(listen: SocketAddr, users: usize) -> anyhow::Result<()> {
    let server = MailServer::start(Options { listen: Some(listen), ..Options::default() }).await?;
    let control = server.control();
    for n in 1..=users {
        let name = format!("u{n}");
        control.add_user(&name, &format!("pw{n}"), &format!("{name}@example.test"));
        control.deliver(&name, Mail::new("welcome@example.test", "Welcome", "This mailbox is only a stage."));
    }
    println!("listening on {}", server.url());
    tokio::signal::ctrl_c().await?;
    Ok(())
}

async fn ask_as_ise(settings: ise::Settings, mac: Option<String>) -> anyhow::Result<()> {
    let mut client = ise::Client::new(settings)?;
    let info = client.test_connection().await.map_err(anyhow::Error::msg)?;
    println!("The MDM Server details are valid and the connectivity was successful.\n{info:#?}");
    if let Some(mac) = mac {
        let (found, took) = client.look_up("macaddress", &mac).await?;
        println!("{found:#?}\nin {took:?}");
    }
    Ok(())
}
