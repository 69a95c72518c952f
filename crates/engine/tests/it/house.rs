//! An engine on a fresh store, with two organizations that look the same.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use catalog::Permission;
use domain::gate::{Authentication, Gate, GateCommand};
use domain::mail::MailAddress;
use domain::model::{
    Device, DeviceId, GovernorSettings, Mail, Organization, OrganizationId, OrganizationSettings, RoleRef,
    User,
};
use engine::administrators::{self, NewAdministrator};
use engine::approvals::{self, HeldId, Witness};
use engine::eas::{self, Acknowledgement, Admission, GateRequest, Hello, Login};
use engine::followers::{self, Follower};
use engine::organizations::{self, NewOrganization};
use engine::roles::{self, RoleInput};
use engine::second_factor;
use engine::sign_in::{self, Caller};
use engine::users::{self, UserInput};
use engine::{Engine, Options, Scope};
use store::Store;
use testkit::{TestClock, TestStore};
use tokio::task::JoinHandle;

pub const PASSWORD: &str = "correct horse battery";
pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;

pub struct House {
    pub engine: Arc<Engine>,
    pub clock: TestClock,
    pub acme: Tenant,
    pub globex: Tenant,
    store: TestStore,
}

/// An organization with the user `anna`.
pub struct Tenant {
    pub id: OrganizationId,
    pub domain: &'static str,
    /// The command line, which may do everything here.
    pub all: Scope,
    pub anna: Arc<User>,
}

struct EngineClock(TestClock);
impl engine::Clock for EngineClock {
    fn now(&self) -> i64 {
        self.0.now()
    }
}

impl Deref for House {
    type Target = Engine;
    fn deref(&self) -> &Engine {
        &self.engine
    }
}

/// A house on each storage engine.
pub async fn houses() -> Vec<House> {
    let mut houses = Vec::new();
    for store in testkit::stores().await {
        houses.push(House::on(store).await);
    }
    houses
}

pub async fn open(store: &Store, clock: &TestClock) -> Arc<Engine> {
    let options = Options {
        store: store.clone(),
        clock: Arc::new(EngineClock(clock.clone())),
        secret_key: testkit::secret_key(),
    };
    Engine::open(options).await.unwrap()
}

pub fn caller(address: &str) -> Caller {
    Caller { address: address.parse().unwrap(), user_agent: "test".into() }
}

pub fn home() -> IpAddr {
    "192.0.2.1".parse().unwrap()
}

pub fn hello(device_id: &str, version: &str) -> Hello {
    Hello {
        device_id: device_id.into(),
        device_type: "iPhone".into(),
        user_agent: "Apple-iPhone14C2/2106.88".into(),
        version: version.into(),
        from: None,
    }
}

async fn tenant(engine: &Engine, slug: &str, domain: &'static str) -> Tenant {
    let system = sign_in::command_line(Organization::SYSTEM);
    let new = NewOrganization {
        slug: slug.into(),
        name: slug.to_uppercase(),
        mail_domains: vec![domain.into()],
        login_domains: vec![slug.to_uppercase()],
        host_names: vec![format!("{slug}.mdm.test")],
    };
    let id = organizations::create(engine, &system, new).await.unwrap().id;
    let all = sign_in::command_line(id);
    let anna = users::create(engine, &all, user("anna", domain)).await.unwrap();
    Tenant { id, domain, all, anna }
}

pub fn user(name: &str, domain: &str) -> UserInput {
    UserInput { username: name.into(), email: format!("{name}@{domain}"), ..UserInput::default() }
}

impl House {
    pub async fn on(store: TestStore) -> Self {
        let clock = store.clock().clone();
        let engine = open(&store, &clock).await;
        let acme = tenant(&engine, "acme", "acme.test").await;
        let globex = tenant(&engine, "globex", "globex.test").await;
        Self { engine, clock, acme, globex, store }
    }

    /// Nothing waits for a second person. To be called while there are no devices yet.
    pub async fn without_a_limit(&self) {
        for tenant in [&self.acme, &self.globex] {
            let most = GovernorSettings { limit: Some(1_000_000), ..GovernorSettings::default() };
            approvals::edit_limits(self, &tenant.all, most).await.unwrap();
        }
    }

    pub fn database(&self) -> &TestStore {
        &self.store
    }

    /// The sums that are kept are what a walk over all devices and users counts.
    fn sums_are_true(&self) {
        for tenant in [&self.acme, &self.globex] {
            // Asked first: these look at the index themselves.
            let suites: Vec<_> = engine::policy::list(self, &tenant.all)
                .unwrap()
                .into_iter()
                .map(|(suite, used)| {
                    let touched = engine::policy::affected(self, &tenant.all, suite.id).unwrap().len();
                    let counted = engine::policy::affected_count(self, &tenant.all, suite.id).unwrap();
                    assert_eq!(counted, touched, "{}", suite.name);
                    (Some(suite.id), used)
                })
                .collect();
            let org = self.directory().organization(tenant.id).unwrap();
            let org = org.read();
            for rule in catalog::RULES {
                let broken = |d: &&Arc<Device>| d.verdict.findings.iter().any(|f| f.rule == rule.id);
                assert_eq!(org.tally().breaking(rule.id), org.devices.iter().filter(broken).count());
            }
            let unreachable = org.users().filter(|u| u.email.parse::<MailAddress>().is_err()).count();
            assert_eq!(org.tally().without_address(), unreachable);
            let named: usize = org.tally().policies().map(|(_, count, _)| count).sum();
            assert_eq!(named, org.devices.len());
            for (id, used) in suites {
                let own = org.devices.iter().filter(|d| d.suite == id).count();
                let users = org.users().filter(|u| u.suite == id).count();
                assert_eq!((used.by_device, used.by_user), (own, users));
                let in_force = |d: &&Arc<Device>| {
                    org.user(d.user)
                        .and_then(|u| engine::assignment::suite_of(&org, u, Some(d)).0)
                        .is_some_and(|s| Some(s.id) == id)
                };
                assert_eq!(used.devices, org.devices.iter().filter(in_force).count());
            }
        }
    }

    /// Every test ends here: the audit trail is whole and says only what the catalogue knows, and sums are true.
    pub async fn finish(self) {
        self.sums_are_true();
        let report = store::verify_journal(&self.store).await.unwrap();
        assert!(report.is_sound(), "{report}");
        for organization in [Organization::SYSTEM, self.acme.id, self.globex.id] {
            for (event, _) in self.journal(organization).await {
                assert!(catalog::event_by_key(&event).is_some(), "{event}");
            }
        }
    }

    /// Events of an organization's journal with their subjects, oldest first.
    pub async fn journal(&self, organization: OrganizationId) -> Vec<(String, String)> {
        let rows = self.journal_rows(organization).await;
        rows.into_iter().map(|row| (row.event, row.subject)).collect()
    }

    pub async fn journal_rows(&self, organization: OrganizationId) -> Vec<domain::model::JournalRow> {
        let filter = store::repo::journal::Filter::default();
        let mut rows = self
            .store
            .read(organization, async move |tx| store::repo::journal::page(tx, None, &filter, 5_000).await)
            .await
            .unwrap();
        rows.reverse();
        rows
    }

    /// How often an event is in the journal about a subject.
    pub async fn journaled(&self, tenant: &Tenant, event: &str, subject: impl ToString) -> usize {
        let subject = subject.to_string();
        self.journal(tenant.id).await.iter().filter(|(e, s)| e == event && *s == subject).count()
    }

    /// Everything in the journal of an organization, as text: secrets must not be in it.
    pub async fn journal_text(&self, organization: OrganizationId) -> String {
        format!("{:?}", self.journal_rows(organization).await)
    }

    /// Somebody follows the journal from now on.
    pub async fn follow(&self, follower: Arc<dyn Follower>) -> JoinHandle<()> {
        let name = follower.name();
        followers::register(self, follower);
        let running = tokio::spawn(followers::run(Arc::clone(&self.engine)));
        // What happened before the first run is not followed.
        for _ in 0..20_000 {
            let begun = self.store.read(Organization::SYSTEM, async move |tx| {
                store::repo::installation::cursors::load(tx, name).await
            });
            if begun.await.unwrap().is_some() {
                return running;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("the followers did not begin");
    }

    /// Everything that was queued for sending, oldest first.
    pub async fn mails(&self, tenant: &Tenant) -> Vec<Mail> {
        let mut all = engine::mail::log(self, &tenant.all, None, 100).await.unwrap();
        all.reverse();
        all
    }

    pub async fn settings(&self, tenant: &Tenant, change: impl FnOnce(&mut OrganizationSettings)) {
        let mut settings = organizations::current(self, &tenant.all).unwrap().settings.clone();
        change(&mut settings);
        organizations::edit_settings(self, &tenant.all, settings).await.unwrap();
    }

    /// An administrator who has signed in.
    pub async fn administrator(&self, tenant: &Tenant, name: &str, role: RoleRef) -> Scope {
        let new = NewAdministrator {
            username: name.into(),
            role: Some(role),
            password: PASSWORD.into(),
            ..NewAdministrator::default()
        };
        administrators::create(self, &tenant.all, new).await.unwrap();
        self.signed_in(name).await
    }

    pub async fn signed_in(&self, name: &str) -> Scope {
        let (token, _) = sign_in::sign_in(self, name, PASSWORD, &caller("192.0.2.1")).await.unwrap();
        sign_in::scope_of_session(self, &token, home()).await.unwrap()
    }

    /// Approves one command.
    pub async fn approve(
        &self,
        scope: &Scope,
        id: domain::model::CommandId,
        code: &str,
    ) -> Result<(), engine::Error> {
        let witness = Witness { code: code.into(), ..Witness::default() };
        let mut outcomes = approvals::approve(self, scope, &[HeldId::Command(id)], &witness).await?;
        outcomes.remove(0).1
    }

    /// Sets up a second factor for the account; what to make its codes from.
    pub async fn second_factor(&self, scope: &Scope) -> Vec<u8> {
        let offer = second_factor::begin(self, scope, PASSWORD, "").await.unwrap();
        let secret = second_factor::from_base32(&offer.secret).unwrap();
        let code = second_factor::present_code(&secret, self.clock.now());
        second_factor::confirm(self, scope, &code).await.unwrap();
        secret
    }

    /// The same for an account without a password, which has just signed in.
    pub async fn second_factor_without_password(&self, scope: &Scope) {
        let offer = second_factor::begin(self, scope, "", "").await.unwrap();
        let secret = second_factor::from_base32(&offer.secret).unwrap();
        let code = second_factor::present_code(&secret, self.clock.now());
        second_factor::confirm(self, scope, &code).await.unwrap();
    }

    /// The next code of a second factor: the one of now may be used already.
    pub fn code(&self, secret: &[u8]) -> String {
        self.clock.advance(30_000);
        second_factor::present_code(secret, self.clock.now())
    }

    pub async fn role(&self, tenant: &Tenant, name: &str, powers: &[Permission]) -> RoleRef {
        let input = RoleInput { name: name.into(), powers: catalog::Powers::of(powers) };
        RoleRef::Custom(roles::create(self, &tenant.all, input).await.unwrap())
    }

    pub fn login(&self, tenant: &Tenant, name: &str) -> Login {
        eas::resolve(self, None, &format!("{name}@{}", tenant.domain)).unwrap()
    }

    /// First contact of a phone of anna's.
    pub async fn enrol(&self, tenant: &Tenant, device_id: &str) -> Arc<Device> {
        match eas::admit(self, &self.login(tenant, "anna"), &hello(device_id, "16.1")).await.unwrap() {
            Admission::Device(device) => device,
            other => panic!("{other:?}"),
        }
    }

    /// Both phases with a full acknowledgement; the final key.
    pub async fn provision(&self, device: DeviceId) -> u32 {
        let offer = eas::send_policy(self, &self.device(device), "16.1").await.unwrap();
        let key = offer.temporary_key.to_string();
        match eas::acknowledge(self, &self.device(device), &key, 1).await.unwrap() {
            Acknowledgement::Key(key) => key,
            other => panic!("{other:?}"),
        }
    }

    /// A phone that has its policy.
    pub async fn provisioned(&self, tenant: &Tenant, device_id: &str) -> (Arc<Device>, u32) {
        let device = self.enrol(tenant, device_id).await;
        let key = self.provision(device.id).await;
        (self.device(device.id), key)
    }

    /// A device as memory has it now.
    pub fn device(&self, id: DeviceId) -> Arc<Device> {
        let orgs = self.directory().all();
        orgs.iter().find_map(|org| org.read().devices.get(id).cloned()).unwrap()
    }

    pub fn gate(&self, device: &Device, key: u32) -> Gate {
        self.gate_with(device, key, GateCommand::Other, Authentication::Verified)
    }

    pub fn gate_with(
        &self,
        device: &Device,
        key: u32,
        command: GateCommand,
        authentication: Authentication,
    ) -> Gate {
        let device = self.device(device.id);
        let tenant = if device.organization == self.acme.id { &self.acme } else { &self.globex };
        let login = self.login(tenant, "anna");
        let request = GateRequest { command, policy_key: Some(key), version: "16.1", authentication };
        eas::gate(self, &login, Some(&device), &request)
    }
}
