//! A real engine on SQLite with two organizations, each with an ISE Admin account and an ordinary administrator.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api::ise::Ise;
use base64::Engine as _;
use bytes::Bytes;
use catalog::{
    ClientKind, FactValue, Facts, Finding, KnownFact, Platform, RuleId, Source, Target, TargetSet,
};
use domain::Id;
use domain::model::{
    Actor, Closed, Device, DeviceId, DeviceState, FindingRecord, Level, OrganizationId, RoleRef, UserId,
    Verdict,
};
use door::TrustedProxies;
use engine::administrators::{self, NewAdministrator};
use engine::organizations::{self, NewOrganization};
use engine::sign_in::{self, Caller};
use engine::users::{self, UserInput};
use engine::{Engine, Options, Scope};
use http_body_util::{BodyExt, Full};
use testkit::{TestClock, TestStore};
use uuid::Uuid;

pub const PEER: &str = "192.0.2.10:40000";

pub struct House {
    pub engine: Arc<Engine>,
    pub clock: TestClock,
    pub ise: Arc<Ise>,
    pub acme: Tenant,
    pub globex: Tenant,
    numbers: AtomicI64,
    _store: TestStore,
}

pub struct Tenant {
    pub id: OrganizationId,
    pub admin: Scope,
    pub user: UserId,
    /// Marked as ISE Admin.
    pub ise: (String, String),
    /// Not marked.
    pub plain: (String, String),
}

pub struct Reply {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: String,
}

struct EngineClock(TestClock);
impl engine::Clock for EngineClock {
    fn now(&self) -> i64 {
        self.0.now()
    }
}

pub fn caller() -> Caller {
    Caller { address: "192.0.2.1".parse().unwrap(), user_agent: "test".into() }
}

impl House {
    pub async fn build() -> Self {
        let store = testkit::sqlite().await;
        let clock = store.place().clock().clone();
        let options = Options {
            store: store::Store::clone(&store),
            clock: Arc::new(EngineClock(clock.clone())),
            secret_key: testkit::secret_key(),
        };
        let engine = Engine::open(options).await.unwrap();
        let token = sign_in::setup_token(&engine).await.unwrap();
        let (session, _) =
            sign_in::create_first_administrator(&engine, &token, "root", "correct horse battery", &caller())
                .await
                .unwrap();
        let acme = tenant(&engine, &session, "acme").await;
        let globex = tenant(&engine, &session, "globex").await;
        let ise = Ise::new(Arc::clone(&engine), TrustedProxies::default());
        Self { engine, clock, ise, acme, globex, numbers: AtomicI64::new(1), _store: store }
    }

    /// Calls the face; the answer's body is read to its end.
    pub async fn call(
        &self,
        method: &str,
        target: &str,
        who: Option<&(String, String)>,
        body: &str,
    ) -> Reply {
        self.send(method, target, who, Full::new(Bytes::from(body.to_owned())), PEER).await
    }

    pub async fn send<B>(
        &self,
        method: &str,
        target: &str,
        who: Option<&(String, String)>,
        body: B,
        peer: &str,
    ) -> Reply
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut request =
            http::Request::builder().method(method).uri(target).header("host", "mdm.example.test:8443");
        if let Some((user, password)) = who {
            let token = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
            request = request.header("authorization", format!("Basic {token}"));
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let peer: SocketAddr = peer.parse().unwrap();
        let response = self.ise.handle(parts, body, peer).await;
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// A GET of the tenant's ISE account.
    pub async fn get(&self, tenant: &Tenant, target: &str) -> Reply {
        self.call("GET", target, Some(&tenant.ise), "").await
    }

    /// A device of the tenant's user, enrolled and in order unless changed.
    pub fn blank(&self, tenant: &Tenant) -> Device {
        let number = self.numbers.fetch_add(1, Ordering::SeqCst);
        Device {
            organization: tenant.id,
            id: Id::from_uuid(Uuid::from_u128(0xD0_0000 + number as u128)),
            rev: 0,
            guid: Uuid::from_u128(0x1f0e_5c2a_5a8c_4a53_9a64_0000_0000_0000 + number as u128),
            number,
            user: tenant.user,
            name: format!("Phone {number}"),
            liability: None,
            platform: Platform::Ios,
            client: ClientKind::IosMail,
            state: DeviceState::Enrolled,
            state_since: self.clock.now(),
            block: None,
            suite: None,
            schedule: None,
            macs: vec![format!("{number:012X}")],
            facts: Facts::default(),
            verdict: Verdict::default(),
            aliases: Vec::new(),
            custom: domain::model::CustomValues::new(),
            site: None,
            channels: Vec::new(),
            created_at: self.clock.now(),
            enrolled_at: Some(self.clock.now()),
            last_contact_at: Some(self.clock.now()),
        }
    }

    pub async fn put(&self, tenant: &Tenant, devices: Vec<Device>) -> Vec<DeviceId> {
        let ids = devices.iter().map(|d| d.id).collect();
        self.engine
            .store()
            .write(tenant.id, Actor::System, async move |tx| {
                for device in &devices {
                    store::repo::devices::put(tx, &mut device.clone()).await?;
                }
                Ok::<_, store::StoreError>(())
            })
            .await
            .unwrap();
        ids
    }

    pub async fn device(&self, tenant: &Tenant, change: impl FnOnce(&mut Device)) -> Device {
        let mut device = self.blank(tenant);
        change(&mut device);
        self.put(tenant, vec![device.clone()]).await;
        device
    }

    /// Writes a new version of a device.
    pub async fn change(&self, tenant: &Tenant, id: DeviceId, change: impl Fn(&mut Device) + Send + 'static) {
        self.engine
            .store()
            .write(tenant.id, Actor::System, async move |tx| {
                let mut device = store::repo::devices::get(tx, id).await?.unwrap();
                change(&mut device);
                store::repo::devices::put(tx, &mut device).await
            })
            .await
            .unwrap();
    }
}

async fn tenant(engine: &Arc<Engine>, session: &str, slug: &str) -> Tenant {
    let scope = async || sign_in::scope_of_session(engine, session, caller().address).await.unwrap();
    let new = NewOrganization {
        slug: slug.into(),
        name: format!("{slug} & Sons"),
        mail_domains: vec![format!("{slug}.test")],
        login_domains: vec![slug.to_owned()],
        ..NewOrganization::default()
    };
    let organization = organizations::create(engine, &scope().await, new).await.unwrap();
    sign_in::switch_organization(engine, &scope().await, Some(organization.id)).await.unwrap();
    let admin = scope().await;
    let marked =
        NewAdministrator { username: format!("ise-{slug}"), ise_admin: true, ..NewAdministrator::default() };
    let (account, password) = administrators::create(engine, &admin, marked).await.unwrap();
    let plain = NewAdministrator {
        username: format!("desk-{slug}"),
        role: Some(RoleRef::Predefined("help_desk".into())),
        ..NewAdministrator::default()
    };
    let (desk, desk_password) = administrators::create(engine, &admin, plain).await.unwrap();
    let user = UserInput {
        username: "anna".into(),
        email: format!("anna@{slug}.test"),
        domain: slug.to_uppercase(),
        ..UserInput::default()
    };
    let user = users::create(engine, &admin, user).await.unwrap();
    Tenant {
        id: organization.id,
        admin,
        user: user.id,
        ise: (account.username.clone(), password.unwrap()),
        plain: (desk.username.clone(), desk_password.unwrap()),
    }
}

/// A verdict with findings of these rules, and targets that some of them close.
pub fn verdict(findings: &[(RuleId, &str)], closed: &[(Target, RuleId)]) -> Verdict {
    Verdict {
        findings: findings
            .iter()
            .map(|(rule, detail)| FindingRecord {
                rule: *rule,
                finding: Finding {
                    detail: (*detail).to_owned(),
                    evidence: Vec::new(),
                    since: None,
                    until: None,
                },
                since: 0,
                restricts_at: 0,
                closes: TargetSet::EMPTY,
                level: Level::Organization,
                remediation: None,
            })
            .collect(),
        closed: closed
            .iter()
            .map(|(target, rule)| Closed {
                targets: (*target).into(),
                rules: vec![*rule],
                level: Level::Organization,
                since: 0,
            })
            .collect(),
        next_look: None,
        at: 0,
    }
}

/// A device that may not use the network.
pub fn restricted() -> Verdict {
    verdict(&[(RuleId::NoContact, "Silent for 90 hours.")], &[(Target::NetworkAccess, RuleId::NoContact)])
}

pub fn fact(device: &mut Device, key: &str, value: FactValue) {
    let id = catalog::fact(key).unwrap_or_else(|| panic!("{key} is a fact"));
    device.facts.set(id, KnownFact { value, source: Source::Administrator, at: 0 });
}

pub fn text(device: &mut Device, key: &str, value: &str) {
    fact(device, key, FactValue::Text(value.to_owned()));
}

/// The texts of all elements of this name.
pub fn texts(xml: &str, name: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(xml).unwrap_or_else(|e| panic!("{e}: {xml}"));
    document
        .descendants()
        .filter(|node| node.has_tag_name(name))
        .map(|node| node.text().unwrap_or_default().to_owned())
        .collect()
}

pub fn one(xml: &str, name: &str) -> String {
    let found = texts(xml, name);
    assert_eq!(found.len(), 1, "one {name} in {xml}");
    found.into_iter().next().unwrap()
}
