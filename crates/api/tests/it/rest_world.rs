//! The REST router over a real engine on SQLite: two organizations, and a token for each kind of caller. Every
//! answer is checked against the OpenAPI document before a test sees it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use api::v1::{CheckOutcome, Host, Later, ServerCheck};
use axum::Router;
use axum::body::Body;
use catalog::Powers;
use domain::model::{ActiveSyncServer, DeviceId, OrganizationId, RoleRef, UserId};
use door::{Cookies, Face, Peer, TrustedProxies};
use engine::administrators::{self, AdministratorEdit, NewAdministrator};
use engine::eas::{self, Admission, Hello};
use engine::ise::{Credentials, SelfTestRow};
use engine::organizations::{self, NewOrganization};
use engine::sign_in::{self, Caller};
use engine::tokens::{self, NewToken};
use engine::users::{self, UserInput};
use engine::{Engine, Options, Scope};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use testkit::{TestClock, TestStore};
use tower::ServiceExt;

use crate::rest_schema::Document;

pub const PASSWORD: &str = "correct horse battery";
const HOUR: i64 = 3_600_000;

pub struct World {
    pub engine: Arc<Engine>,
    pub clock: TestClock,
    pub document: Document,
    pub acme: OrganizationId,
    /// A user of acme.
    pub anna: UserId,
    /// A user of globex.
    pub greta: UserId,
    /// The system administrator at the installation, and inside acme.
    pub root: Scope,
    pub root_in_acme: Scope,
    pub tokens: Tokens,
    router: Router,
    _store: TestStore,
}

/// Tokens by kind of caller.
pub struct Tokens {
    pub read_only: String,
    pub help_desk: String,
    pub full: String,
    /// Of an account that lost its role and keeps the ISE Admin mark.
    pub ise_only: String,
    /// Full, of the other organization.
    pub foreign: String,
    pub system: String,
}

pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    pub json: Value,
}

impl Reply {
    /// The answer, which must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self.json
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("")
    }
}

struct EngineClock(TestClock);
impl engine::Clock for EngineClock {
    fn now(&self) -> i64 {
        self.0.now()
    }
}

/// A server around REST that has no listeners.
struct Nowhere;
impl Host for Nowhere {
    fn base_url(&self) -> String {
        "https://mdm.example.test:8443".into()
    }
    fn root_certificate_pem(&self) -> Option<String> {
        Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".into())
    }
    fn check_server<'a>(
        &'a self,
        server: &'a ActiveSyncServer,
        login: Option<(&'a str, &'a str)>,
    ) -> Later<'a, Vec<ServerCheck>> {
        Box::pin(async move {
            let detail = format!("{} does not answer {}.", server.url, login.map_or("anybody", |l| l.0));
            vec![ServerCheck { what: "connection".into(), outcome: CheckOutcome::Bad, detail }]
        })
    }
    fn run_ise_self_test<'a>(
        &'a self,
        scope: &'a Scope,
        own: Option<Credentials>,
    ) -> Later<'a, engine::Result<Vec<SelfTestRow>>> {
        Box::pin(async move {
            scope.require(catalog::Permission::IseEdit)?;
            let shown = own.map_or_else(|| "Success".to_owned(), |own| own.user);
            Ok(vec![SelfTestRow { name: "Right", expected: "Success", shown, passed: true, hint: "" }])
        })
    }
}

pub fn caller() -> Caller {
    Caller { address: IpAddr::from([192, 0, 2, 1]), user_agent: "test".into() }
}

impl World {
    pub async fn build() -> Self {
        let store = testkit::sqlite().await;
        let clock = store.place().clock().clone();
        let options = Options {
            store: store::Store::clone(&store),
            clock: Arc::new(EngineClock(clock.clone())),
            secret_key: testkit::secret_key(),
        };
        let engine = Engine::open(options).await.unwrap();
        let setup = sign_in::setup_token(&engine).await.unwrap();
        let (session, _) =
            sign_in::create_first_administrator(&engine, &setup, "root", PASSWORD, &caller()).await.unwrap();
        let root = scope_of(&engine, &session).await;
        let acme = organization(&engine, &root, "acme").await;
        let globex = organization(&engine, &root, "globex").await;
        let root_in_globex = switch(&engine, &session, globex).await;
        let greta = user(&engine, &root_in_globex, "greta").await;
        let foreign = token(&engine, &root_in_globex, "gfull", "full", false).await;
        let root_in_acme = switch(&engine, &session, acme).await;
        let anna = user(&engine, &root_in_acme, "anna").await;
        let all = NewToken { name: "system".into(), powers: Powers::all(), days: 90, code: String::new() };
        let tokens = Tokens {
            read_only: token(&engine, &root_in_acme, "reader", "read_only", false).await,
            help_desk: token(&engine, &root_in_acme, "helper", "help_desk", false).await,
            full: token(&engine, &root_in_acme, "fuller", "full", false).await,
            ise_only: token(&engine, &root_in_acme, "former", "help_desk", true).await,
            foreign,
            system: tokens::create(&engine, &root_in_acme, all).await.unwrap().1,
        };
        // New accounts may not approve what others order: let them be old ones.
        clock.advance(25 * HOUR);
        let face = Face {
            engine: Arc::clone(&engine),
            cookies: Cookies::Administrators,
            tokens: false,
            refuse: api::v1::refuse,
        };
        let router = api::v1::router(face, Arc::new(Nowhere), TrustedProxies::default());
        let document = Document::new(api::openapi());
        Self { engine, clock, document, acme, anna, greta, root, root_in_acme, tokens, router, _store: store }
    }

    /// Sends a request; the answer must be what the document says.
    pub async fn send(&self, method: &str, target: &str, token: Option<&str>, body: &Value) -> Reply {
        let mut request = Request::builder().method(method).uri(target);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = if body.is_null() {
            Body::empty()
        } else if let Value::String(text) = body {
            // The one kind of body that is not JSON.
            request = request.header("content-type", "text/csv");
            Body::from(text.clone())
        } else {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        };
        self.raw(request.body(body).unwrap()).await
    }

    /// Sends any request; the answer must be what the document says.
    pub async fn raw(&self, mut request: Request<Body>) -> Reply {
        let peer: SocketAddr = "192.0.2.1:40000".parse().unwrap();
        request.extensions_mut().insert(Peer(peer));
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let reply = Reply { status: head.status.as_u16(), headers: head.headers, bytes, json };
        self.document.check_answer(&method, &path, &reply);
        reply
    }

    /// A request of acme's administrator with the role Full.
    pub async fn full(&self, method: &str, target: &str, body: Value) -> Reply {
        self.send(method, target, Some(&self.tokens.full), &body).await
    }

    pub async fn get(&self, target: &str) -> Value {
        self.full("GET", target, Value::Null).await.expect(200)
    }

    /// A device that showed up with a mail client, released from any quarantine.
    pub async fn phone(&self, login: &str, device_id: &str) -> DeviceId {
        let login = eas::resolve(&self.engine, None, login).expect("a login");
        let hello = Hello {
            device_id: device_id.into(),
            device_type: "iPhone".into(),
            user_agent: "Apple-iPhone14C2/2004.52".into(),
            version: "16.1".into(),
            from: None,
        };
        match eas::admit(&self.engine, &login, &hello).await.unwrap() {
            Admission::Device(device) => device.id,
            other => panic!("{other:?}"),
        }
    }
}

async fn scope_of(engine: &Engine, session: &str) -> Scope {
    sign_in::scope_of_session(engine, session, caller().address).await.unwrap()
}

async fn switch(engine: &Engine, session: &str, to: OrganizationId) -> Scope {
    let scope = scope_of(engine, session).await;
    sign_in::switch_organization(engine, &scope, Some(to)).await.unwrap();
    scope_of(engine, session).await
}

async fn organization(engine: &Engine, root: &Scope, slug: &str) -> OrganizationId {
    let new = NewOrganization {
        slug: slug.into(),
        name: slug.to_uppercase(),
        mail_domains: vec![format!("{slug}.test")],
        ..NewOrganization::default()
    };
    organizations::create(engine, root, new).await.unwrap().id
}

async fn user(engine: &Engine, scope: &Scope, name: &str) -> UserId {
    let input = UserInput { username: name.into(), ..UserInput::default() };
    users::create(engine, scope, input).await.unwrap().id
}

/// The token of a new administrator with all powers of the role; the role is taken away again if `lost`.
async fn token(engine: &Engine, scope: &Scope, name: &str, role: &str, lost: bool) -> String {
    let new = NewAdministrator {
        username: name.into(),
        role: Some(RoleRef::Predefined(role.into())),
        ise_admin: lost,
        password: PASSWORD.into(),
        ..NewAdministrator::default()
    };
    let (admin, _) = administrators::create(engine, scope, new).await.unwrap();
    let (session, _) = sign_in::sign_in(engine, name, PASSWORD, &caller()).await.unwrap();
    let own = scope_of(engine, &session).await;
    let new = NewToken { name: "test".into(), powers: own.powers().clone(), days: 90, code: String::new() };
    let (_, secret) = tokens::create(engine, &own, new).await.unwrap();
    if lost {
        let edit = AdministratorEdit { role: Some(None), ..AdministratorEdit::default() };
        administrators::edit(engine, scope, admin.id, edit).await.unwrap();
    }
    secret
}
