//! The phone itself: what it is, what it remembers, and how a request of it looks.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConfig;

use super::call::Call;
use super::models::Model;
use super::provision::WipeKind;
use super::query::Query;
use super::reply::Reply;
use super::version::Version;
use crate::http::{BaseUrl, Client, Error, Headers, Request};
use crate::wbxml::Element;

/// Path of ActiveSync on every server.
pub(super) const PATH: &str = "/Microsoft-Server-ActiveSync";

/// How a phone signs in.
#[derive(Clone)]
pub enum Credentials {
    /// User name as typed, and password.
    Basic {
        /// Name, possibly `DOMAIN\user` or an address.
        user: String,
        /// Password.
        password: String,
    },
    /// An OAuth access token.
    Bearer(String),
    /// Nothing.
    None,
}

impl Credentials {
    /// Name and password.
    pub fn basic(user: &str, password: &str) -> Credentials {
        Credentials::Basic { user: user.to_owned(), password: password.to_owned() }
    }

    fn header(&self) -> Option<String> {
        match self {
            Credentials::Basic { user, password } => {
                Some(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
            }
            Credentials::Bearer(token) => Some(format!("Bearer {token}")),
            Credentials::None => None,
        }
    }
}

/// What is needed to make a phone.
#[derive(Clone)]
pub struct Setup {
    /// `http[s]://host:port` of the server.
    pub base_url: String,
    /// TLS settings, for `https`.
    pub tls: Option<Arc<ClientConfig>>,
    /// `User` of the query.
    pub user: String,
    /// How it signs in.
    pub credentials: Credentials,
    /// Its identifier.
    pub device_id: String,
    /// Make and mail program.
    pub model: &'static Model,
    /// Version it speaks.
    pub version: Version,
}

/// A folder of the hierarchy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Identifier for Sync and Ping.
    pub id: String,
    /// Name shown.
    pub name: String,
    /// Type number (MS-ASCMD 2.2.3.186.3): 2 Inbox, 3 Drafts, 8 Calendar, 9 Contacts, …
    pub kind: u32,
}

/// A simulated phone. The public fields may be changed at any time, to misbehave on purpose.
pub struct Device {
    pub(super) client: Client,
    /// `User` of the query.
    pub user: String,
    /// How it signs in.
    pub credentials: Credentials,
    /// Its identifier.
    pub device_id: String,
    /// `DeviceType` of the query.
    pub device_type: String,
    /// `User-Agent` header.
    pub user_agent: String,
    /// What it reports about itself: `(element of Settings, value)`.
    pub information: Vec<(&'static str, String)>,
    /// Whether device information is put into Provision at 14.1 and later, as it must be.
    pub tells_information: bool,
    /// Version it speaks.
    pub version: Version,
    /// Whether its queries are base64 (12.1 and later).
    pub base64_query: bool,
    /// Whether it claims no policy key header when it has none, instead of `0`.
    pub omits_zero_key: bool,
    /// Whether it takes gzip answers.
    pub accept_gzip: bool,
    /// Send bodies in chunks of this size.
    pub chunk: Option<usize>,
    /// Ask with `Expect: 100-continue` before bodies.
    pub expect_continue: bool,
    /// Current policy key; 0 is none.
    pub policy_key: u32,
    /// The policy document last given, element → value; lists are joined by commas.
    pub policy: BTreeMap<String, String>,
    /// Status it acknowledges policies with: 1 applied, 2 partly, 3 not, 4 managed elsewhere.
    pub acknowledges: u32,
    /// Status it acknowledges wipes with: 1 done, 2 failed.
    pub wipe_status: u32,
    /// What wiped it, if anything; a wiped phone sends nothing more by itself.
    pub wiped: Option<WipeKind>,
    /// Folders learned by FolderSync.
    pub folders: Vec<Folder>,
    /// Key of the folder hierarchy.
    pub hierarchy_key: String,
    /// Sync key per folder.
    pub sync_keys: HashMap<String, String>,
    /// Header fields added to each request.
    pub extra_headers: Vec<(String, String)>,
    pub(super) mails_sent: u32,
}

impl Device {
    /// A phone that has never spoken to its server.
    ///
    /// # Errors
    /// If the address cannot be read.
    pub fn new(setup: Setup) -> Result<Device, Error> {
        let Setup { base_url, tls, user, credentials, device_id, model, version } = setup;
        let information = model.information(&device_id);
        Ok(Device {
            client: Client::new(BaseUrl::parse(&base_url)?, tls),
            user,
            credentials,
            device_id,
            device_type: model.device_type.to_owned(),
            user_agent: model.user_agent.to_owned(),
            information,
            tells_information: true,
            version,
            base64_query: false,
            omits_zero_key: false,
            accept_gzip: false,
            chunk: None,
            expect_continue: false,
            policy_key: 0,
            policy: BTreeMap::new(),
            acknowledges: 1,
            wipe_status: 1,
            wiped: None,
            folders: Vec::new(),
            hierarchy_key: "0".to_owned(),
            sync_keys: HashMap::new(),
            extra_headers: Vec::new(),
            mails_sent: 0,
        })
    }

    /// Changes networks: the connection is gone, what was parked on it too.
    pub fn disconnect(&mut self) {
        self.client.disconnect();
    }

    /// Forgets keys, folders and policy, as after removing and adding the account.
    pub fn forget(&mut self) {
        self.policy_key = 0;
        self.policy.clear();
        self.folders.clear();
        "0".clone_into(&mut self.hierarchy_key);
        self.sync_keys.clear();
        self.wiped = None;
    }

    /// The folder of a type.
    pub fn folder(&self, kind: u32) -> Option<&Folder> {
        self.folders.iter().find(|f| f.kind == kind)
    }

    /// Sends a command with these body bytes, strictly: no reaction of any kind.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn raw(&mut self, cmd: &str, body: Vec<u8>) -> Result<Reply, Error> {
        self.send(Call::with_body(cmd, body)).await
    }

    /// Sends a document, strictly.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn exchange(&mut self, cmd: &str, root: &Element) -> Result<Reply, Error> {
        self.send(Call::new(cmd, root)).await
    }

    /// Sends a call, strictly.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn send(&mut self, call: Call) -> Result<Reply, Error> {
        let request = self.request(call);
        Ok(Reply::new(self.client.send(&request).await?))
    }

    fn request(&self, call: Call) -> Request {
        let key = call.policy_key.unwrap_or(self.policy_key);
        let base64 = self.base64_query && self.version >= Version::V12_1;
        let mut params = call.params;
        if call.multipart && base64 {
            params.push(("AcceptMultiPart".to_owned(), "T".to_owned()));
        }
        let query = Query {
            cmd: call.cmd,
            user: self.user.clone(),
            device_id: self.device_id.clone(),
            device_type: self.device_type.clone(),
            version: base64.then_some(self.version),
            locale: None,
            policy_key: (base64 && key != 0).then_some(key),
            params,
            base64,
        };
        let mut headers = self.common_headers();
        if !base64 {
            headers.add("MS-ASProtocolVersion", self.version.to_string());
            if key != 0 || !self.omits_zero_key {
                headers.add("X-MS-PolicyKey", key.to_string());
            }
            if call.multipart {
                headers.add("MS-ASAcceptMultiPart", "T");
            }
        }
        if !call.body.is_empty() {
            headers.add("Content-Type", call.content_type);
        }
        let mut request = Request::new("POST", format!("{PATH}?{}", query.to_text()), call.body);
        request.headers = headers;
        request.chunk = self.chunk.filter(|_| !request.body.is_empty());
        request.expect_continue = self.expect_continue && !request.body.is_empty();
        request.timeout = call.timeout;
        request
    }

    /// Header fields of every request.
    pub(super) fn common_headers(&self) -> Headers {
        let mut headers = Headers::new();
        if let Some(value) = self.credentials.header() {
            headers.add("Authorization", value);
        }
        headers.add("User-Agent", &*self.user_agent).add("Accept", "*/*");
        if self.accept_gzip {
            headers.add("Accept-Encoding", "gzip, deflate");
        }
        for (name, value) in &self.extra_headers {
            headers.add(name, &**value);
        }
        headers
    }
}
