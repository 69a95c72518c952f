//! The house that the tests live in.

use std::sync::Arc;
use std::time::Duration;

use catalog::CommandKind;
use domain::model::{Device as Known, OrganizationId, ServerId, ServerTrust};
use engine::commands::{self, Order};
use engine::organizations::{self, NewOrganization};
use engine::policy::{self, SuiteInput};
use engine::servers::{self, ServerInput};
use engine::users::{self, UserInput};
use engine::{Engine, Scope, sign_in};
use http::{Request, Response};
use platform_activesync::{ActiveSync, Options};
use simulator::eas::{Credentials, Device, Handled, Model, Setup, Version};
use simulator::mailserver::{Control, MailServer, Options as MailOptions, Script};
use testkit::{TestClock, TestStore};
use transport::{
    Body, Handler, ListenerConfig, Peer, Reply, RequestBody, Running, Secure, Upstreams, WakeAnswer, Workers,
    WorkersConfig,
};

pub const VERSIONS: [Version; 4] = [Version::V12_1, Version::V14_0, Version::V14_1, Version::V16_1];
pub const LOCAL_PASSWORD: &str = "correct horse battery";

struct EngineClock(TestClock);
impl engine::Clock for EngineClock {
    fn now(&self) -> i64 {
        self.0.now()
    }
}

struct Face(ActiveSync);
impl Handler for Face {
    async fn handle(&self, request: Request<RequestBody>) -> Reply {
        let peer = request.extensions().get::<Peer>().unwrap().0;
        let secure = request.extensions().get::<Secure>().unwrap().0;
        self.0.handle(request, peer, secure).await
    }
    fn on_panic(&self) -> Response<Body> {
        self.0.on_panic()
    }
    fn on_drain(&self) -> WakeAnswer {
        self.0.on_drain()
    }
}

pub struct House {
    pub engine: Arc<Engine>,
    pub eas: ActiveSync,
    pub mail: Control,
    pub mail_server: MailServer,
    pub clock: TestClock,
    pub acme: Scope,
    pub beta: Scope,
    pub server: ServerId,
    _workers: Workers,
    running: Running,
    _store: TestStore,
}

impl House {
    pub async fn new() -> House {
        House::with(|_| {}).await
    }

    /// With another configuration of the mail server's entry.
    pub async fn with(change: impl FnOnce(&mut ServerInput)) -> House {
        let mail_server =
            MailServer::start(MailOptions { script: Script::default(), ..MailOptions::default() });
        let mail_server = mail_server.await.unwrap();
        let mail = mail_server.control();
        let store = testkit::sqlite().await;
        let clock = store.place().clock().clone();
        let options = engine::Options {
            store: store::Store::clone(&store),
            clock: Arc::new(EngineClock(clock.clone())),
            secret_key: testkit::secret_key(),
        };
        let engine = Engine::open(options).await.unwrap();
        let acme = organization(&engine, "acme").await;
        let beta = organization(&engine, "beta").await;
        let mut input = ServerInput {
            name: "Mail".into(),
            url: format!("{}/Microsoft-Server-ActiveSync", mail_server.url()),
            trust: ServerTrust::Plain,
            mail_domains: vec!["acme.test".into()],
            hands_off: true,
            quarantine: false,
            ..ServerInput::default()
        };
        change(&mut input);
        let server = servers::create(&engine, &acme, input).await.unwrap();
        for n in 1..=3 {
            mail.add_user(&format!("u{n}"), &format!("pw{n}"), &format!("u{n}@acme.test"));
            let user = |domain: &str| UserInput {
                username: format!("u{n}"),
                email: format!("u{n}@{domain}"),
                display_name: format!("User {n}"),
                ..UserInput::default()
            };
            let gateway = UserInput { server: Some(server), ..user("acme.test") };
            users::create(&engine, &acme, gateway).await.unwrap();
            let local = UserInput { password: LOCAL_PASSWORD.into(), ..user("beta.test") };
            users::create(&engine, &beta, local).await.unwrap();
        }
        let options = Options { heartbeat: (1, 3540), ..Options::default() };
        let eas = ActiveSync::new(Arc::clone(&engine), Upstreams::default(), options);
        let workers = Workers::start(WorkersConfig { threads: 2, ..WorkersConfig::default() }).unwrap();
        let listen = ListenerConfig::plain(([127, 0, 0, 1], 0).into());
        let running = workers.serve(listen, Face(eas.clone())).unwrap();
        House {
            engine,
            eas,
            mail,
            mail_server,
            clock,
            acme,
            beta,
            server,
            _workers: workers,
            running,
            _store: store,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.running.local_addr())
    }

    /// A phone of acme's user, whose mail is behind the gateway.
    pub fn phone(&self, user: usize, version: Version) -> Device {
        self.make(user, "iphone", version, "acme.test", &format!("pw{user}"))
    }

    /// A phone of beta's user, who has the stand-in.
    pub fn stand_in(&self, user: usize, version: Version) -> Device {
        self.make(user, "iphone", version, "beta.test", LOCAL_PASSWORD)
    }

    pub fn make(&self, user: usize, model: &str, version: Version, domain: &str, password: &str) -> Device {
        let model = Model::named(model).unwrap();
        let name = format!("u{user}@{domain}");
        Device::new(Setup {
            base_url: self.url(),
            tls: None,
            user: name.clone(),
            credentials: Credentials::basic(&name, password),
            device_id: model.device_id(user as u64),
            model,
            version,
        })
        .unwrap()
    }

    /// What the engine knows of a phone.
    pub fn known(&self, phone: &Device) -> Option<Arc<Known>> {
        let login = engine::eas::resolve(&self.engine, None, &phone.user)?;
        engine::eas::find(&self.engine, login.organization.id, login.user?.id, &phone.device_id)
    }

    pub async fn order(&self, phone: &Device, kind: CommandKind) {
        let device = self.known(phone).unwrap();
        let scope = if device.organization == self.acme.organization() { &self.acme } else { &self.beta };
        let order = Order { device: device.id, kind, note: "test".into() };
        commands::order(&self.engine, scope, order).await.unwrap();
    }

    /// Makes another suite the default of an organization; its document differs from every one before.
    pub async fn change_policy(&self, scope: &Scope, template: &str) {
        let input =
            SuiteInput { name: format!("Suite {template}"), template: Some(template.into()), ..empty() };
        let id = policy::create(&self.engine, scope, input).await.unwrap();
        policy::publish(&self.engine, scope, id, "").await.unwrap();
        policy::assign_default(&self.engine, scope, id).await.unwrap();
    }

    pub async fn change_server(&self, change: impl FnOnce(&mut ServerInput)) {
        let old = servers::get(&self.engine, &self.acme, self.server).unwrap();
        let json = serde_json::to_value(&*old).unwrap();
        let keep = serde_json::to_value(ServerInput::default()).unwrap();
        let fields = keep.as_object().unwrap().keys().map(|key| (key.clone(), json[key].clone())).collect();
        let mut input: ServerInput = serde_json::from_value(serde_json::Value::Object(fields)).unwrap();
        change(&mut input);
        servers::edit(&self.engine, &self.acme, self.server, input).await.unwrap();
    }

    /// Storage is away until the lock is dropped: somebody else holds the database.
    pub fn lock_storage(&self) -> rusqlite::Connection {
        let store::Location::Sqlite(folder) = self.engine.store().options().location.clone() else {
            unreachable!()
        };
        let lock = rusqlite::Connection::open(folder.join("notifymdm.db")).unwrap();
        lock.execute_batch("BEGIN IMMEDIATE").unwrap();
        lock
    }

    /// Waits until something is true, at most ten seconds.
    pub async fn until(&self, what: &str, check: impl Fn() -> bool) {
        for _ in 0..1000 {
            if check() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("never: {what}");
    }

    pub async fn until_parked(&self, count: u64) {
        self.until("parked", || self.eas.metrics().parked.get() == count).await;
    }
}

fn empty() -> SuiteInput {
    SuiteInput { name: String::new(), description: String::new(), draft: None, template: None }
}

async fn organization(engine: &Engine, slug: &str) -> Scope {
    let system = sign_in::command_line(domain::model::Organization::SYSTEM);
    let new = NewOrganization {
        slug: slug.into(),
        name: slug.into(),
        mail_domains: vec![format!("{slug}.test")],
        login_domains: vec![slug.into()],
        ..NewOrganization::default()
    };
    let id: OrganizationId = organizations::create(engine, &system, new).await.unwrap().id;
    sign_in::command_line(id)
}

/// Connects a phone, which provisions itself.
pub async fn connect(phone: &mut Device) {
    let handled = phone.connect().await.unwrap();
    let Handled::Done(reply) = handled else { panic!("not connected: {handled:?}") };
    assert_eq!(reply.status(), Some(1), "{}", phone.version);
}
