//! A portal over an engine, with two organizations, and two users in each.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use domain::model::{Device, GovernorSettings, Organization, OrganizationId, OrganizationSettings};
use door::{Cookies, Face, Peer, TrustedProxies};
use engine::eas::{self, Admission, Hello, Login};
use engine::organizations::{self, NewOrganization};
use engine::sign_in::{self, Asked, MailServers, Taken};
use engine::users::{self, UserInput};
use engine::{Engine, Options, Scope, approvals};
use http::{HeaderMap, Method, Request, header};
use http_body_util::BodyExt;
use testkit::{TestClock, TestStore};
use tower::ServiceExt;

pub const PASSWORD: &str = "a password of theirs";
pub const PEER: &str = "192.0.2.10:40000";

pub struct House {
    pub engine: Arc<Engine>,
    pub clock: TestClock,
    router: Router,
    pub acme: OrganizationId,
    _store: TestStore,
}

pub struct Page {
    pub status: u16,
    pub location: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    /// The token of the first form.
    pub fn csrf(&self) -> String {
        let (_, rest) =
            self.body.split_once("name=\"csrf\" value=\"").unwrap_or_else(|| panic!("{}", self.body));
        rest.split_once('"').unwrap().0.to_owned()
    }
    pub fn cookie(&self, name: &str) -> Option<String> {
        let mut cookies = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|v| v.to_str().ok());
        let start = format!("{name}=");
        let value = |cookie: &str| cookie.strip_prefix(&start)?.split(';').next().map(str::to_owned);
        cookies.find_map(value)
    }
}

struct EngineClock(TestClock);
impl engine::Clock for EngineClock {
    fn now(&self) -> i64 {
        self.0.now()
    }
}

struct Stage;
impl MailServers for Stage {
    fn takes<'a>(&'a self, _: &'a Login, _: &'a str, _: IpAddr) -> Asked<'a> {
        Box::pin(async { Taken::Unknown })
    }
}
impl portal::Host for Stage {
    fn base_url(&self) -> String {
        "https://mdm.example.test".into()
    }
    fn mail_servers(&self) -> &dyn MailServers {
        self
    }
}

/// Houses on each storage engine.
pub async fn houses() -> Vec<House> {
    let mut houses = Vec::new();
    for store in testkit::stores().await {
        houses.push(House::on(store).await);
    }
    houses
}

pub fn face(engine: &Arc<Engine>) -> Face {
    Face { engine: Arc::clone(engine), cookies: Cookies::Users, tokens: false, refuse: portal::refuse }
}

impl House {
    async fn on(store: TestStore) -> Self {
        let clock = store.clock().clone();
        let options = Options {
            store: store::Store::clone(&store),
            clock: Arc::new(EngineClock(clock.clone())),
            secret_key: testkit::secret_key(),
        };
        let engine = Engine::open(options).await.unwrap();
        let mut made = Vec::new();
        for slug in ["acme", "globex"] {
            let new = NewOrganization {
                slug: slug.into(),
                name: format!("{slug} & Söhne"),
                mail_domains: vec![format!("{slug}.test")],
                host_names: vec![format!("mdm.{slug}.test")],
                ..NewOrganization::default()
            };
            let system = sign_in::command_line(Organization::SYSTEM);
            let id = organizations::create(&engine, &system, new).await.unwrap().id;
            let all = sign_in::command_line(id);
            let most = GovernorSettings { limit: Some(1_000), ..GovernorSettings::default() };
            approvals::edit_limits(&engine, &all, most).await.unwrap();
            for name in ["anna", "bert"] {
                let input = UserInput {
                    username: name.into(),
                    email: format!("{name}@{slug}.test"),
                    password: PASSWORD.into(),
                    ..UserInput::default()
                };
                users::create(&engine, &all, input).await.unwrap();
            }
            made.push(id);
        }
        let router = portal::router(face(&engine), Arc::new(Stage), TrustedProxies::default());
        Self { engine, clock, router, acme: made[0], _store: store }
    }

    /// Everything in an organization.
    #[expect(clippy::unused_self, reason = "reads better where it is used")]
    pub fn all(&self, organization: OrganizationId) -> Scope {
        sign_in::command_line(organization)
    }

    /// A phone of a user, by its first contact.
    pub async fn phone(&self, email: &str, device_id: &str) -> Arc<Device> {
        let login = eas::resolve(&self.engine, None, email).unwrap();
        let hello = Hello {
            device_id: device_id.into(),
            device_type: "iPhone".into(),
            user_agent: "Apple-iPhone14C2/2106.88".into(),
            version: "16.1".into(),
            from: None,
        };
        match eas::admit(&self.engine, &login, &hello).await.unwrap() {
            Admission::Device(device) => device,
            other => panic!("{other:?}"),
        }
    }

    /// A device as memory has it now.
    pub fn device(&self, device: &Device) -> Option<Arc<Device>> {
        let org = self.engine.directory().organization(device.organization)?;
        org.read().devices.get(device.id).cloned()
    }

    pub async fn settings(&self, id: OrganizationId, change: impl FnOnce(&mut OrganizationSettings)) {
        let all = self.all(id);
        let mut settings = organizations::current(&self.engine, &all).unwrap().settings.clone();
        change(&mut settings);
        organizations::edit_settings(&self.engine, &all, settings).await.unwrap();
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Page {
        let mut request = Request::builder().method(method.clone()).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if method == Method::POST {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(Peer(PEER.parse::<SocketAddr>().unwrap()));
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let location = parts.headers.get(header::LOCATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
        Page {
            status: parts.status.as_u16(),
            location: location.to_owned(),
            body: String::from_utf8_lossy(&bytes).into_owned(),
            headers: parts.headers,
        }
    }

    /// A browser of a user who has signed in.
    pub async fn sign_in(&self, email: &str) -> Browser<'_> {
        let form = [("name", email), ("password", PASSWORD), ("next", "/portal")];
        let page = self.send(Method::POST, "/portal/sign-in", &[], fields(&form)).await;
        assert_eq!((page.status, page.location.as_str()), (303, "/portal"), "{}", page.body);
        let token = page.cookie(door::USER_COOKIE).unwrap();
        let mut browser =
            Browser { house: self, cookie: format!("{}={token}", door::USER_COOKIE), csrf: String::new() };
        browser.csrf = browser.get("/portal").await.csrf();
        browser
    }
}

/// Fields of a form.
pub fn fields(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A browser with a session.
pub struct Browser<'h> {
    house: &'h House,
    pub cookie: String,
    pub csrf: String,
}

impl Browser<'_> {
    pub async fn get(&self, path: &str) -> Page {
        self.in_language(path, "en").await
    }
    pub async fn in_language(&self, path: &str, language: &str) -> Page {
        let headers = [("cookie", self.cookie.as_str()), ("accept-language", language)];
        self.house.send(Method::GET, path, &headers, String::new()).await
    }
    pub async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Page {
        let all = [&[("csrf", self.csrf.as_str())], pairs].concat();
        let headers = [("cookie", self.cookie.as_str())];
        self.house.send(Method::POST, path, &headers, fields(&all)).await
    }
}
