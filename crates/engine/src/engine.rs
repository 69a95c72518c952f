//! The engine itself: store, index, clock, caches; opening and following the feed.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use domain::Change;
use domain::model::OrganizationId;
use parking_lot::{Mutex, RwLock};
use store::{Committed, Journaled, Location, SecretKey, Store};

use crate::compliance::Asked;
use crate::eas::{Confirmations, Loops, Newcomers, Notices};
use crate::exchanges::Exchanges;
use crate::followers::Followers;
use crate::ise::Ise;
use crate::load;
use crate::mail::MailDesk;
use crate::presence::Presence;
use crate::proofs::Proofs;
use crate::running::Running;
use crate::schedules::{OnDue, Queue};
use crate::strangers::Strangers;
use crate::traces::Traces;
use crate::webhooks::WebhookDesk;
use crate::{Clock, Directory, Entropy, Result};

/// What the engine needs from outside.
pub struct Options {
    /// The opened store.
    pub store: Store,
    /// Clock; the same that the store uses.
    pub clock: Arc<dyn Clock>,
    /// Seals secrets and keys hashes.
    pub secret_key: SecretKey,
}

/// Told of every change after the index has it and before the writer's caller is answered. Must be quick.
pub type Listener = Arc<dyn Fn(OrganizationId, &Change) + Send + Sync>;

/// All use cases lean on this. Cheap to share as `Arc<Engine>`.
pub struct Engine {
    pub(crate) store: Store,
    pub(crate) directory: Arc<Directory>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Entropy,
    pub(crate) secret_key: SecretKey,
    pub(crate) proofs: Proofs,
    pub(crate) presence: Presence,
    pub(crate) exchanges: Exchanges,
    pub(crate) traces: Traces,
    pub(crate) loops: Loops,
    pub(crate) notices: Notices,
    pub(crate) confirmations: Confirmations,
    pub(crate) newcomers: Newcomers,
    pub(crate) asked: Arc<Mutex<Asked>>,
    pub(crate) ruled: Arc<Mutex<crate::groups::Ruled>>,
    /// When verdicts were last looked after, to notice a clock that is set back.
    pub(crate) ticked: AtomicI64,
    /// When an organization was last told that a device was not taken in.
    pub(crate) quota_told: Mutex<HashMap<OrganizationId, domain::Millis>>,
    /// Held while an archive of an organization is written.
    pub(crate) archiving: tokio::sync::Mutex<()>,
    pub(crate) tasks: crate::tasks::UnderWay,
    /// Where backups go; `None`: nowhere.
    pub(crate) backup_plan: RwLock<Option<crate::backups::Plan>>,
    pub(crate) check_ins: Arc<Queue>,
    pub(crate) on_due: RwLock<Vec<OnDue>>,
    pub(crate) ise: Ise,
    pub(crate) directories: crate::directories::Desk,
    pub(crate) radius: crate::radius::Desk,
    pub(crate) strangers: Strangers,
    pub(crate) followers: Arc<Followers>,
    pub(crate) mail: MailDesk,
    pub(crate) identity: crate::identity::Desk,
    pub(crate) storage: crate::jobs::Storage,
    pub(crate) server_health: crate::servers::Health,
    pub(crate) webhooks: Arc<WebhookDesk>,
    /// Networks of ours that organizations may name hosts in.
    pub(crate) internal_targets: RwLock<Vec<ipnet::IpNet>>,
    pub(crate) connections: crate::connections::Seen,
    pub(crate) surroundings: RwLock<crate::connections::Surroundings>,
    /// `https://mdm.example.com`, for links in letters.
    pub(crate) public_url: RwLock<String>,
    pub(crate) running: Running,
    /// Tells this process from other nodes, as the holder of a lease.
    pub(crate) node: String,
    listeners: Arc<RwLock<Vec<Listener>>>,
}

impl Engine {
    /// Fills the index and follows the store from then on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(options: Options) -> Result<Arc<Self>> {
        let Options { store, clock, secret_key } = options;
        let directory = Arc::new(Directory::default());
        let listeners = Arc::new(RwLock::new(Vec::<Listener>::new()));
        let asked = Arc::new(Mutex::new(Asked::default()));
        let ruled = Arc::new(Mutex::new(crate::groups::Ruled::default()));
        let check_ins = Arc::new(Queue::default());
        let hook = {
            let (directory, listeners, asked, check_ins) =
                (Arc::clone(&directory), Arc::clone(&listeners), Arc::clone(&asked), Arc::clone(&check_ins));
            Arc::new(move |committed: &[Committed]| {
                for one in committed {
                    apply(&directory, &listeners, &asked, &check_ins, one.organization, &one.change);
                }
            })
        };
        let noted = Arc::clone(&ruled);
        listeners.write().push(Arc::new(move |organization, change| noted.lock().note(organization, change)));
        // The hook comes first: what is committed while the index fills is applied twice, never missed.
        store.on_commit(hook);
        let followers = Arc::new(Followers::default());
        let webhooks = Arc::new(WebhookDesk::default());
        let told = (Arc::clone(&directory), Arc::clone(&followers), Arc::clone(&webhooks));
        store.on_journal(Arc::new(move |entries: &[Journaled]| {
            told.1.committed(&told.0, entries);
            told.2.woken.notify_one();
        }));
        let engine = Arc::new(Self {
            proofs: Proofs::new(Entropy),
            presence: Presence::default(),
            exchanges: Exchanges::default(),
            traces: Traces::default(),
            loops: Loops::default(),
            notices: Notices::default(),
            confirmations: Confirmations::default(),
            newcomers: Newcomers::default(),
            asked,
            ruled,
            ticked: AtomicI64::new(0),
            quota_told: Mutex::default(),
            archiving: tokio::sync::Mutex::default(),
            tasks: crate::tasks::UnderWay::default(),
            backup_plan: RwLock::default(),
            check_ins,
            on_due: RwLock::default(),
            ise: Ise::default(),
            directories: crate::directories::Desk::default(),
            radius: crate::radius::Desk::default(),
            strangers: Strangers::default(),
            followers,
            mail: MailDesk::default(),
            identity: crate::identity::Desk::default(),
            storage: crate::jobs::Storage::default(),
            server_health: crate::servers::Health::default(),
            connections: crate::connections::Seen::default(),
            surroundings: RwLock::default(),
            webhooks,
            internal_targets: RwLock::default(),
            public_url: RwLock::default(),
            running: Running::default(),
            node: hex::encode(Entropy.bytes::<8>()),
            store,
            directory,
            clock,
            entropy: Entropy,
            secret_key,
            listeners,
        });
        crate::running::load(&engine).await?;
        load::fill(&engine).await?;
        // A process that ended in the midst of re-evaluating left the rest to the next one.
        for organization in engine.directory.organizations() {
            engine.asked.lock().organization(organization.id);
            engine.ruled.lock().organization(organization.id);
            engine.check_ins.note_all(organization.id);
        }
        crate::schedules::complete(&engine).await?;
        Ok(engine)
    }

    /// Now, in milliseconds since 1970.
    pub fn now(&self) -> domain::Millis {
        self.clock.now()
    }
    /// What is in memory.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }
    /// The store, for operations (backup, verification, leases).
    pub fn store(&self) -> &Store {
        &self.store
    }
    /// Lets organizations name hosts (SMTP servers) in these internal networks, besides the public Internet.
    pub fn allow_internal_targets(&self, networks: Vec<ipnet::IpNet>) {
        *self.internal_targets.write() = networks;
    }
    /// Says where backups of the embedded database go, and when.
    pub fn backs_up(&self, plan: crate::backups::Plan) {
        *self.backup_plan.write() = Some(plan);
    }
    /// Says where this server stands, for the administrators of firewalls.
    pub fn stands(&self, surroundings: crate::connections::Surroundings) {
        *self.surroundings.write() = surroundings;
    }
    /// Says how people reach this server (`https://mdm.example.com`), for the links they are sent.
    pub fn is_reached_at(&self, url: &str) {
        url.trim_end_matches('/').clone_into(&mut self.public_url.write());
    }
    /// Random ids and keys.
    pub fn entropy(&self) -> Entropy {
        self.entropy
    }
    /// Adds a listener for changes, from this node and others.
    pub fn listen(&self, listener: Listener) {
        self.listeners.write().push(listener);
    }
    /// Reads everything anew, after the feed of other nodes had a gap. Newer versions in memory stay; what is not
    /// stored any more goes.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn reload(&self) -> Result<()> {
        load::refill(self).await
    }
    /// Whether no other node can write to the same database.
    pub(crate) fn is_alone(&self) -> bool {
        matches!(self.store.options().location, Location::Sqlite(_))
    }
    /// Applies a change that another node committed.
    pub(crate) fn apply_remote(&self, organization: OrganizationId, change: &Change) {
        apply(&self.directory, &self.listeners, &self.asked, &self.check_ins, organization, change);
    }
}

fn apply(
    directory: &Directory,
    listeners: &RwLock<Vec<Listener>>,
    asked: &Mutex<Asked>,
    check_ins: &Queue,
    organization: OrganizationId,
    change: &Change,
) {
    directory.apply(organization, change);
    asked.lock().note(organization, change);
    check_ins.note(organization, change);
    let told = listeners.read().clone();
    for listener in &told {
        listener(organization, change);
    }
}
