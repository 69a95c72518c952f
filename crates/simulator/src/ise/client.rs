//! The calls.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConfig;

use super::read::{Devices, Info, Outcome, read_devices, read_info, read_outcomes};
use crate::http::{self, BaseUrl, Error, Request, Response, percent_encode};

/// Pages of one poll beyond this are taken for an endless loop.
const MAX_PAGES: usize = 10_000;

/// What an administrator enters in ISE's form.
#[derive(Clone)]
pub struct Settings {
    /// `https://host:port`.
    pub base_url: String,
    /// Instance name; empty for none.
    pub instance: String,
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
    /// Highest version of the API this ISE knows: 1, 2 or 3.
    pub version: u32,
    /// Settings that trust the imported root, for `https`.
    pub tls: Option<Arc<ClientConfig>>,
}

/// An action on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Everything on the device.
    FullWipe,
    /// What the company put there.
    CorporateWipe,
    /// Lock the screen.
    PinLock,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Action::FullWipe => "full_wipe",
            Action::CorporateWipe => "corporate_wipe",
            Action::PinLock => "pin_lock",
        }
    }
}

/// How a device is named in actions and messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Twelve hex digits.
    Mac(String),
    /// Version 3.
    Guid(String),
}

impl Target {
    fn xml(&self) -> String {
        match self {
            Target::Mac(mac) => format!("<macaddress>{}</macaddress>", escape(mac)),
            Target::Guid(guid) => format!("<guid>{}</guid>", escape(guid)),
        }
    }
}

/// An ISE node.
pub struct Client {
    http: http::Client,
    settings: Settings,
    info: Option<Info>,
}

impl Client {
    /// A node with these settings; nothing is sent yet.
    ///
    /// # Errors
    /// If the address cannot be read.
    pub fn new(settings: Settings) -> Result<Client, Error> {
        let mut base = BaseUrl::parse(&settings.base_url)?;
        if !settings.instance.is_empty() {
            base.prefix.push_str(&format!("/{}", settings.instance));
        }
        Ok(Client { http: http::Client::new(base, settings.tls.clone()), settings, info: None })
    }

    /// What mdminfo said, after a successful Test Connection.
    pub fn info(&self) -> Option<&Info> {
        self.info.as_ref()
    }

    /// Presses *Test Connection*: `Ok` with what the server said about itself, or `Err` with the message that
    /// ISE shows.
    ///
    /// # Errors
    /// ISE's message.
    pub async fn test_connection(&mut self) -> Result<Info, String> {
        let target = match self.settings.version {
            1 => "/ciscoise/mdminfo".to_owned(),
            n => format!("/ciscoise/mdminfo/?ise_api_version={n}"),
        };
        let answer = match self.request("GET", &target, String::new()).await {
            Ok(answer) => answer,
            Err(Error::Tls(_)) => {
                return Err(
                    "Connection Failed: There is a problem with the server Certificate or ISE trust store."
                        .to_owned(),
                );
            }
            Err(_) => return Err("Connection failed: Please check connection parameters".to_owned()),
        };
        match answer.status {
            200 => {}
            401 => return Err("Connection Failed 401: Unauthorized".to_owned()),
            403 => return Err("Connection Failed 403: Forbidden".to_owned()),
            404 => return Err("Connection Failed 404: Not Found".to_owned()),
            code => return Err(format!("Connection Failed {code}")),
        }
        let info = read_info(&String::from_utf8_lossy(&answer.body))?;
        if info.api_version.is_some_and(|v| v > self.settings.version) {
            return Err(format!("the server answers with a version above {}", self.settings.version));
        }
        self.info = Some(info.clone());
        Ok(info)
    }

    /// Looks devices up by one criterion (`macaddress`, `guid`, `username`, …).
    ///
    /// # Errors
    /// If there is no answer, not 200, or not such an answer.
    pub async fn look_up(&mut self, criterion: &str, value: &str) -> anyhow::Result<(Devices, Duration)> {
        let started = Instant::now();
        let value = percent_encode(value);
        let path = match self.version() {
            1 => format!("/devices/0/{criterion}/{value}/all"),
            _ => format!("/devices/?paging=0&querycriteria={criterion}&value={value}&filter=all"),
        };
        let answer = self.ok("GET", &path, String::new()).await?;
        let devices = read_devices(&answer).map_err(anyhow::Error::msg)?;
        Ok((devices, started.elapsed()))
    }

    /// Polls for all non-compliant devices, page after page; the pages.
    ///
    /// # Errors
    /// If there is no answer, not 200, not such an answer, or no end.
    pub async fn poll(&mut self) -> anyhow::Result<Vec<Devices>> {
        let mut pages = Vec::new();
        let mut token = 0;
        loop {
            let path = match self.version() {
                1 => format!("/devices/{token}/compliance/false/all"),
                2 => format!("/devices/?paging={token}&querycriteria=compliance&value=false&filter=all"),
                _ => format!(
                    "/devices/?paging={token}&querycriteria=compliance&value=false&filter=all&deviceidentifier=guid"
                ),
            };
            let page =
                read_devices(&self.ok("GET", &path, String::new()).await?).map_err(anyhow::Error::msg)?;
            let next = page.paging_info;
            pages.push(page);
            if next == 0 {
                return Ok(pages);
            }
            anyhow::ensure!(next != token && pages.len() < MAX_PAGES, "paging does not end");
            token = next;
        }
    }

    /// Looks several devices up at once (version 2).
    ///
    /// # Errors
    /// If there is no answer, not 200, or not such an answer.
    pub async fn batch(&mut self, criterion: &str, values: &[&str]) -> anyhow::Result<Devices> {
        let list =
            values.iter().fold(String::new(), |list, v| list + &format!("<value>{}</value>", escape(v)));
        let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ise_api>{list}</ise_api>");
        let path = format!("/batchdevices/?paging=0&querycriteria={criterion}&filter=all");
        read_devices(&self.ok("POST", &path, body).await?).map_err(anyhow::Error::msg)
    }

    /// Orders an action on devices. The odd address without a question mark is how Cisco prints it.
    ///
    /// # Errors
    /// If there is no answer, not 200, or not such an answer.
    pub async fn action(&mut self, action: Action, targets: &[Target]) -> anyhow::Result<Vec<Outcome>> {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ise_api><identifier>{}</identifier></ise_api>",
            targets.iter().map(Target::xml).collect::<String>()
        );
        let path = format!("/action/actionType={}", action.name());
        read_outcomes(&self.ok("POST", &path, body).await?, "action").map_err(anyhow::Error::msg)
    }

    /// Sends a message to devices.
    ///
    /// # Errors
    /// If there is no answer, not 200, or not such an answer.
    pub async fn message(
        &mut self,
        targets: &[Target],
        header: &str,
        text: &str,
    ) -> anyhow::Result<Vec<Outcome>> {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ise_api><identifier>{}</identifier><message>\
             <message_type>Alert</message_type><message_header>{}</message_header>\
             <message_body>{}</message_body></message></ise_api>",
            targets.iter().map(Target::xml).collect::<String>(),
            escape(header),
            escape(text)
        );
        read_outcomes(&self.ok("PUT", "/sendmessage", body).await?, "sendmessage").map_err(anyhow::Error::msg)
    }

    /// Any request of this node: path and query behind the instance, as they are.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn request(&mut self, method: &str, target: &str, body: String) -> Result<Response, Error> {
        let mut request = Request::new(method, target, body.into_bytes());
        request.timeout = Duration::from_secs(30);
        let token = STANDARD.encode(format!("{}:{}", self.settings.user, self.settings.password));
        request.headers.add("Authorization", format!("Basic {token}")).add("Accept", "application/xml");
        if !request.body.is_empty() {
            request.headers.add("Content-Type", "application/xml");
        }
        self.http.send(&request).await
    }

    /// The version settled on; the oldest servers do not name one and mean 1.
    fn version(&self) -> u32 {
        self.info.as_ref().and_then(|i| i.api_version).unwrap_or(1)
    }

    async fn ok(&mut self, method: &str, path: &str, body: String) -> anyhow::Result<String> {
        let prefix = self.info.as_ref().map(|i| i.api_path.clone());
        let prefix = prefix.ok_or_else(|| anyhow::anyhow!("Test Connection has not succeeded yet"))?;
        let answer = self.request(method, &format!("{prefix}{path}"), body).await?;
        anyhow::ensure!(answer.status == 200, "{method} {path}: HTTP {}", answer.status);
        Ok(String::from_utf8(answer.body)?)
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
