//! How soon everybody sees that a device fell out of compliance: the gateway, Cisco ISE, REST and the console; and how
//! soon the network is told by CoA after the check-in that said so.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use md5::{Digest as _, Md5};
use serde_json::{Value, json};
use simulator::eas::{Credentials, Device, Model, Setup, Version};
use simulator::http::{BaseUrl, Client, Request, percent_encode};
use simulator::ise;

use super::Context;
use super::gauge::percentile;
use super::report::Figure;
use super::stage::{PASSWORD, block_on};
use crate::product::{Installation, Organization};

const NAME: &str = "bench-flip";
const FLIPS: usize = 300;
const MAC: &str = "0026B424FEB4";
const SECRET: &str = "a secret of the bench";

/// Everything that looks at the device.
struct Eyes {
    organization: Organization,
    phone: Device,
    device: String,
    ise: ise::Client,
    console: Console,
}

/// A signed-in browser, as far as a GET needs one.
struct Console {
    client: Client,
    cookie: String,
}

impl Console {
    async fn sign_in(installation: &Installation, organization: &Organization) -> Result<Console> {
        let input =
            json!({ "username": "console.flip", "password": PASSWORD, "role": { "predefined": "full" } });
        organization.rest.post("/administrators", &input).await?;
        let mut client = Client::new(BaseUrl::parse(&installation.base_url)?, Some(installation.trust()?));
        let form = format!("account=console.flip&password={}", percent_encode(PASSWORD));
        let mut request = Request::new("POST", "/dashboard/sign-in", form.into_bytes());
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        let answer = client.send(&request).await?;
        let cookie = answer.headers.get("Set-Cookie").and_then(|cookie| cookie.split(';').next());
        let cookie = cookie.with_context(|| format!("no session after signing in: {}", answer.status))?;
        Ok(Console { client, cookie: cookie.to_owned() })
    }

    async fn says(&mut self, path: &str, word: &str) -> Result<bool> {
        let mut request = Request::new("GET", path, Vec::new());
        request.headers.add("Cookie", &*self.cookie);
        let answer = self.client.send(&request).await?;
        ensure!(answer.status == 200, "{path} answered {}", answer.status);
        Ok(String::from_utf8_lossy(&answer.body).contains(word))
    }
}

impl Eyes {
    async fn open(installation: &Installation) -> Result<Eyes> {
        let organization = installation.organization("flip")?;
        organization.suite("Flip", "low", &json!({})).await?;
        organization.user("rita", PASSWORD).await?;
        let model = Model::named("samsung").context("the make is known")?;
        let user = organization.address("rita");
        let mut phone = Device::new(Setup {
            base_url: installation.base_url.clone(),
            tls: Some(installation.trust()?),
            credentials: Credentials::basic(&user, PASSWORD),
            user,
            device_id: model.device_id(1),
            model,
            version: Version::V14_1,
        })?;
        ensure!(phone.connect().await?.done().is_some(), "the phone connects");
        let record = organization.device(&phone).await?;
        let device = format!("/devices/{}", record["id"].as_str().context("an id")?);
        organization.rest.patch(&device, &json!({ "macs": [MAC] })).await?;
        let rule = |rule: &str, params: Value| json!({ "edit": "rule", "rule": rule, "config": { "on": true, "params": params } });
        let level = json!({ "edit": "level", "level": { "level": "organization" }, "restrictions": {
            "compromised": ["activesync_connections", "network_access"], "os_below_minimum": ["network_access"],
        } });
        let rules =
            [rule("compromised", json!({})), rule("os_below_minimum", json!({ "android": "9" })), level];
        organization.rest.post("/access-restrictions/edits", &json!({ "edits": rules })).await?;
        let said = installation.order(&[
            "admin",
            "create",
            "ise.flip",
            "--org",
            "flip",
            "--role",
            "none",
            "--ise-admin",
        ])?;
        let settings = ise::Settings {
            base_url: installation.base_url.clone(),
            instance: "flip".into(),
            user: "ise.flip".into(),
            password: said.split_whitespace().last().context("no password")?.to_owned(),
            version: 3,
            tls: Some(installation.trust()?),
        };
        let mut ise = ise::Client::new(settings)?;
        ise.test_connection().await.map_err(anyhow::Error::msg)?;
        let console = Console::sign_in(installation, &organization).await?;
        Ok(Eyes { organization, phone, device, ise, console })
    }

    /// Whether everybody sees the device as it is; asks each until it does.
    async fn see(&mut self, closed: bool) -> Result<()> {
        let Eyes { organization, phone, device, ise, console } = self;
        let mail = async {
            loop {
                if (phone.folder_sync().await?.status() == Some(1)) != closed {
                    return Ok::<_, anyhow::Error>(());
                }
            }
        };
        let network = async {
            loop {
                let (found, _) = ise.look_up("macaddress", MAC).await?;
                if found.devices.first().and_then(|device| device.compliant) == Some(!closed) {
                    return Ok(());
                }
            }
        };
        let rest = async {
            loop {
                let seen = organization.rest.get(device).await?;
                if (seen["posture"] == "restricted") == closed {
                    return Ok(());
                }
            }
        };
        let page = async {
            loop {
                if console.says(&format!("/dashboard{device}"), "jailbroken or rooted").await? == closed {
                    return Ok(());
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), async { tokio::try_join!(mail, network, rest, page) })
            .await
            .context("not everybody sees it")??;
        Ok(())
    }
}

/// From the report of an integration to the last of the four that shows what follows.
pub fn flip(context: &Context<'_>) -> Result<Vec<Figure>> {
    let installation = Installation::start(context.work, context.binary()?, NAME, None)?;
    let mut took = Vec::with_capacity(FLIPS);
    block_on(async {
        let mut eyes = Eyes::open(&installation).await?;
        eyes.see(false).await?;
        for flip in 0..FLIPS {
            let closed = flip % 2 == 0;
            let began = Instant::now();
            let fact = format!("{}/facts/jail_broken", eyes.device);
            eyes.organization.rest.put(&fact, &json!({ "value": closed })).await?;
            eyes.see(closed).await?;
            took.push(began.elapsed().as_secs_f64() * 1e3);
        }
        Ok(())
    })?;
    Ok(vec![Figure::alone(
        "flip of one device",
        format!(
            "from the beginning of a REST report to the last of gateway, ISE, REST and console that shows it, {FLIPS} \
             flips; median {:.1} ms, longest {:.1} ms; with a TLS handshake for each call of REST",
            percentile(&took, 0.5),
            percentile(&took, 1.0)
        ),
        format!("{:.1} ms", percentile(&took, 0.99)),
    )])
}

/// From the check-in of the phone to the CoA packet at the RADIUS server.
pub fn coa(context: &Context<'_>) -> Result<Vec<Figure>> {
    let installation = Installation::start(context.work, context.binary()?, NAME, None)?;
    let server = UdpSocket::bind("127.0.0.1:0")?;
    server.set_read_timeout(Some(Duration::from_secs(20)))?;
    let port = server.local_addr()?.port();
    let mut took = Vec::with_capacity(FLIPS);
    block_on(async {
        let mut eyes = Eyes::open(&installation).await?;
        let input = json!({
            "name": "Campus", "host": "127.0.0.1", "port": port, "secret": SECRET, "request": "cisco_reauthenticate",
            "per_second": 100,
        });
        eyes.organization.rest.post("/radius-servers", &input).await?;
        for flip in 0..FLIPS {
            let os = if flip % 2 == 0 { "Android 8" } else { "Android 15" };
            for row in eyes.phone.information.iter_mut().filter(|(name, _)| *name == "Settings:OS") {
                os.clone_into(&mut row.1);
            }
            let began = Instant::now();
            let (asked, reply) = {
                let server = server.try_clone()?;
                let asked =
                    tokio::task::spawn_blocking(move || acknowledge(&server).map(|()| Instant::now()));
                (asked, eyes.phone.settings_device_information().await?)
            };
            ensure!(reply.is_ok(), "the phone was refused: {reply:?}");
            took.push((asked.await?? - began).as_secs_f64() * 1e3);
        }
        Ok(())
    })?;
    Ok(vec![Figure::alone(
        "check-in that makes a device not compliant",
        format!(
            "from the beginning of a phone's Settings request over TLS to the CoA packet at the RADIUS server, {FLIPS} \
             changes; median {:.1} ms, longest {:.1} ms",
            percentile(&took, 0.5),
            percentile(&took, 1.0)
        ),
        format!("{:.1} ms", percentile(&took, 0.99)),
    )])
}

/// Takes a CoA-Request and acknowledges it (RFC 5176 section 2.3, response authenticator of RFC 2865 section 3).
fn acknowledge(server: &UdpSocket) -> Result<()> {
    let mut packet = [0; 4096];
    let (length, from) = server.recv_from(&mut packet).context("no CoA-Request came")?;
    ensure!(length >= 20 && packet[0] == 43, "not a CoA-Request");
    let mut answer = vec![44, packet[1], 0, 20];
    let mut proof = Md5::new();
    proof.update(&answer);
    proof.update(&packet[4..20]);
    proof.update(SECRET.as_bytes());
    answer.extend_from_slice(&proof.finalize());
    server.send_to(&answer, from)?;
    Ok(())
}
