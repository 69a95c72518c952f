//! A console over a real engine on SQLite, with two organizations and an administrator of every role.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use catalog::{ClientKind, Facts, Platform};
use console::host::{Host, Outcome, Promise, ServerCheck};
use domain::Id;
use domain::model::{
    ActiveSyncServer, Actor, AdministratorId, Channel, ChannelKind, Device, DeviceId, DeviceState, EasState,
    GroupId, OrganizationId, RoleRef, UserId, Verdict,
};
use door::{Cookies, Face, Peer, TrustedProxies};
use engine::administrators::{self, NewAdministrator};
use engine::groups::{self, GroupInput};
use engine::ise::{Credentials, SelfTestRow};
use engine::organizations::{self, NewOrganization};
use engine::sign_in::{self, Caller};
use engine::users::{self, UserInput};
use engine::{Engine, Options, Scope};
use http::{Method, Request, header};
use http_body_util::BodyExt;
use testkit::{TestClock, TestStore};
use uuid::Uuid;

pub const PASSWORD: &str = "correct horse battery staple";
pub const PEER: &str = "192.0.2.10:40000";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Nobody,
    ReadOnly,
    HelpDesk,
    Full,
    /// Full administrator of the other organization.
    Foreign,
    /// System administrator outside every organization.
    System,
}

impl Who {
    pub const ALL: [Who; 6] =
        [Who::Nobody, Who::ReadOnly, Who::HelpDesk, Who::Full, Who::Foreign, Who::System];
}

pub struct House {
    pub engine: Arc<Engine>,
    pub clock: TestClock,
    router: Router,
    sessions: BTreeMap<Who, String>,
    pub acme: OrganizationId,
    pub user: UserId,
    pub device: DeviceId,
    pub group: GroupId,
    pub desk: AdministratorId,
    /// A file of users that was sent, once there is one.
    pub import: std::sync::Mutex<String>,
    /// The report by mail of the first organization, once it was made.
    pub report_mail: std::sync::Mutex<String>,
    phones: AtomicU32,
    _store: TestStore,
}

pub struct Page {
    pub status: u16,
    pub location: String,
    pub cookies: Vec<String>,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Page {
    /// The token of the first form.
    pub fn csrf(&self) -> String {
        self.between("name=\"csrf\" value=\"", "\"")
    }

    pub fn between(&self, start: &str, end: &str) -> String {
        let (_, rest) = self.body.split_once(start).unwrap_or_else(|| panic!("no {start} in {}", self.body));
        rest.split_once(end).expect("an end").0.to_owned()
    }
}

struct EngineClock(TestClock);
impl engine::Clock for EngineClock {
    fn now(&self) -> i64 {
        self.0.now()
    }
}

struct Stage;
impl Host for Stage {
    fn base_url(&self) -> String {
        "https://mdm.example.test".into()
    }
    fn root_pem(&self) -> Vec<u8> {
        b"-----BEGIN CERTIFICATE-----\n".to_vec()
    }
    fn root_der(&self) -> Vec<u8> {
        vec![0x30, 0x82]
    }
    fn ise_self_test<'a>(
        &'a self,
        _: &'a Scope,
        _: Option<Credentials>,
    ) -> Promise<'a, engine::Result<Vec<SelfTestRow>>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn test_server<'a>(
        &'a self,
        server: &'a ActiveSyncServer,
        _: Option<(&'a str, &'a str)>,
    ) -> Promise<'a, Vec<ServerCheck>> {
        let detail = format!("looked at {}", server.url);
        Box::pin(
            async move { vec![ServerCheck { what: "Versions".into(), outcome: Outcome::Notice, detail }] },
        )
    }
}

fn caller() -> Caller {
    Caller { address: "192.0.2.10".parse().expect("an address"), user_agent: "test".into() }
}

impl House {
    /// The default connection schedule of an organization.
    pub fn schedule(&self, organization: OrganizationId) -> domain::model::ScheduleId {
        let org = self.engine.directory().organization(organization).expect("an organization");
        let id = org.read().organization.settings.default_schedule;
        id.expect("a default schedule")
    }

    pub async fn build() -> Self {
        let store = testkit::sqlite().await;
        let clock = store.place().clock().clone();
        let options = Options {
            store: store::Store::clone(&store),
            clock: Arc::new(EngineClock(clock.clone())),
            secret_key: testkit::secret_key(),
        };
        let engine = Engine::open(options).await.expect("an engine");
        let token = sign_in::setup_token(&engine).await.expect("a token");
        let (root, _) = sign_in::create_first_administrator(&engine, &token, "root", PASSWORD, &caller())
            .await
            .expect("root");
        let scope =
            async || sign_in::scope_of_session(&engine, &root, caller().address).await.expect("a scope");
        let mut sessions = BTreeMap::from([(Who::System, root.clone())]);
        let mut made = Vec::new();
        for slug in ["acme", "globex"] {
            let new = NewOrganization {
                slug: slug.into(),
                name: format!("{slug} & Sons"),
                mail_domains: vec![format!("{slug}.test")],
                ..NewOrganization::default()
            };
            let organization =
                organizations::create(&engine, &scope().await, new).await.expect("an organization");
            made.push(organization.id);
        }
        let mut desk = None;
        let admins = [
            (made[0], Who::Full, "mara", "full"),
            (made[0], Who::HelpDesk, "dora", "help_desk"),
            (made[0], Who::ReadOnly, "rolf", "read_only"),
            (made[1], Who::Foreign, "greta", "full"),
        ];
        for (organization, who, username, role) in admins {
            sign_in::switch_organization(&engine, &scope().await, Some(organization)).await.expect("inside");
            let new = NewAdministrator {
                username: username.into(),
                role: Some(RoleRef::Predefined(role.into())),
                password: PASSWORD.into(),
                ..NewAdministrator::default()
            };
            let (admin, _) =
                administrators::create(&engine, &scope().await, new).await.expect("an administrator");
            if who == Who::HelpDesk {
                desk = Some(admin.id);
            }
            let (session, _) =
                sign_in::sign_in(&engine, username, PASSWORD, &caller()).await.expect("a session");
            sessions.insert(who, session);
        }
        sign_in::switch_organization(&engine, &scope().await, Some(made[0])).await.expect("inside");
        let lena = UserInput {
            username: "lena".into(),
            display_name: "Lena Brandt".into(),
            email: "lena@acme.test".into(),
            ..UserInput::default()
        };
        let user = users::create(&engine, &scope().await, lena).await.expect("a user").id;
        let sales = GroupInput { name: "Sales".into(), ..GroupInput::default() };
        let group = groups::create(&engine, &scope().await, sales).await.expect("a group");
        sign_in::switch_organization(&engine, &scope().await, None).await.expect("outside");
        let face = Face {
            engine: Arc::clone(&engine),
            cookies: Cookies::Administrators,
            tokens: false,
            refuse: console::refuse,
        };
        let router = console::router(face, Arc::new(Stage), TrustedProxies::default());
        let mut house = Self {
            engine,
            clock,
            router,
            sessions,
            acme: made[0],
            user,
            device: Id::from_uuid(Uuid::nil()),
            group,
            desk: desk.expect("the help desk"),
            import: std::sync::Mutex::default(),
            report_mail: std::sync::Mutex::default(),
            phones: AtomicU32::new(1),
            _store: store,
        };
        house.device = house.phone("Lena’s phone").await;
        house
    }

    pub fn face(&self) -> Face {
        Face {
            engine: Arc::clone(&self.engine),
            cookies: Cookies::Administrators,
            tokens: false,
            refuse: console::refuse,
        }
    }

    /// The scope of somebody, for what a test prepares without the pages.
    pub async fn scope(&self, who: Who) -> Scope {
        let session = &self.sessions[&who];
        sign_in::scope_of_session(&self.engine, session, caller().address).await.expect("a scope")
    }

    /// A phone of Lena's, heard of over ActiveSync.
    pub async fn phone(&self, name: &str) -> DeviceId {
        let number = self.phones.fetch_add(1, Ordering::Relaxed);
        let id =
            Id::from_uuid(Uuid::from_u128(0x0026_B424_0000_7000_8000_0000_0000_0000 | u128::from(number)));
        let now = self.clock.now();
        let device = Device {
            organization: self.acme,
            id,
            rev: 0,
            guid: id.uuid(),
            number: 1_000_000 + i64::from(number),
            user: self.user,
            name: name.into(),
            liability: None,
            platform: Platform::Android,
            client: ClientKind::Gmail,
            state: DeviceState::Enrolled,
            state_since: now,
            block: None,
            suite: None,
            schedule: None,
            macs: vec![format!("0026B4{number:06X}")],
            facts: Facts::default(),
            verdict: Verdict::default(),
            aliases: Vec::new(),
            custom: domain::model::CustomValues::new(),
            site: None,
            channels: vec![Channel {
                id: Id::from_uuid(id.uuid()),
                kind: ChannelKind::Activesync,
                external_id: hex::encode(id.uuid().as_bytes()),
                eas: EasState { version: "16.1".into(), ..EasState::default() },
            }],
            created_at: now,
            enrolled_at: Some(now),
            last_contact_at: Some(now),
        };
        self.engine
            .store()
            .write(self.acme, Actor::System, async move |tx| {
                store::repo::devices::put(tx, &mut device.clone()).await?;
                Ok::<_, store::StoreError>(())
            })
            .await
            .expect("a device");
        id
    }

    pub async fn get(&self, who: Who, path: &str) -> Page {
        self.send(who, Method::GET, path, "", &[]).await
    }

    /// Posts a form with the session's own token.
    pub async fn post(&self, who: Who, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.get(who, "/dashboard/account").await.csrf();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        self.post_as_is(who, path, &all).await
    }

    pub async fn post_as_is(&self, who: Who, path: &str, fields: &[(&str, &str)]) -> Page {
        self.send(who, Method::POST, path, &form(fields), &[]).await
    }

    pub async fn send(
        &self,
        who: Who,
        method: Method,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Page {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "mdm.example.test")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(session) = self.sessions.get(&who) {
            request = request.header(header::COOKIE, format!("{}={session}", door::SESSION_COOKIE));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_owned())).expect("a request");
        let peer: SocketAddr = PEER.parse().expect("an address");
        request.extensions_mut().insert(Peer(peer));
        use tower::ServiceExt;
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let text = |value: &http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Page {
            status: parts.status.as_u16(),
            location: parts.headers.get(header::LOCATION).map(text).unwrap_or_default(),
            cookies: parts.headers.get_all(header::SET_COOKIE).iter().map(text).collect(),
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

/// Fields as a browser posts them.
pub fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            if byte.is_ascii_alphanumeric() {
                out.push(byte.into());
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
            out
        })
    };
    fields.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect::<Vec<_>>().join("&")
}
