//! Two nodes on one PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use catalog::CommandKind;
use domain::gate::{Authentication, Gate, GateCommand, RefusalReason};
use domain::model::Device;
use engine::eas::{self, Acknowledgement, Admission, GateRequest, Login};
use engine::{Engine, commands, devices, groups, sign_in};
use store::Store;
use store::feed::{News, Watch};

use crate::commands::ordered;
use crate::house::{House, MINUTE, PASSWORD, caller, hello, home, open};

/// Another server on the same database.
struct Node {
    engine: Arc<Engine>,
    // Kept until the end: dropping it ends the watch.
    _watch: Option<Watch>,
}

async fn house() -> Option<House> {
    Some(House::on(testkit::postgres().await?).await)
}

async fn another(house: &House, follows: bool) -> Node {
    let store = Store::open(house.database().place().options()).await.unwrap();
    let heads = store.heads().await.unwrap();
    let engine = open(&store, &house.clock).await;
    let watch = follows.then(|| follow(&engine, heads));
    Node { engine, _watch: watch }
}

/// The first node follows, too.
async fn follow_others(house: &House) -> Watch {
    follow(&house.engine, house.database().heads().await.unwrap())
}

/// As the server does it.
fn follow(engine: &Arc<Engine>, heads: Vec<(domain::model::OrganizationId, i64)>) -> Watch {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let watch = engine
        .store()
        .watch_feed(
            heads,
            Arc::new(move |news| {
                let entries = match news {
                    News::Changes(entries) => entries,
                    News::Journaled(..) => return,
                    News::Gap(_) => panic!("nothing was purged"),
                };
                for entry in entries {
                    if let Some(kind) = entry.kind {
                        // The receiver goes with the test.
                        let _ = sender.send((entry.organization, kind, entry.subject.clone()));
                    }
                }
            }),
        )
        .unwrap();
    let engine = Arc::downgrade(engine);
    tokio::spawn(async move {
        while let Some(first) = receiver.recv().await {
            let mut batch = vec![first];
            while let Ok(next) = receiver.try_recv() {
                batch.push(next);
            }
            let Some(engine) = engine.upgrade() else { return };
            engine::feed::apply_entries(&engine, batch).await.unwrap();
        }
    });
    watch
}

fn anna(engine: &Engine) -> Login {
    eas::resolve(engine, None, "anna@acme.test").unwrap()
}

fn found(engine: &Engine, id: &str) -> Option<Arc<Device>> {
    let login = anna(engine);
    eas::find(engine, login.organization.id, login.user.unwrap().id, id)
}

/// The next command of a phone, at this node.
async fn next_command(engine: &Engine, id: &str, key: u32) -> Gate {
    let request = GateRequest {
        command: GateCommand::Other,
        policy_key: Some(key),
        version: "16.1",
        authentication: Authentication::Verified,
    };
    let device = found(engine, id);
    eas::gate_confirmed(engine, &anna(engine), device.as_ref(), id, &request).await.0
}

/// Both phases of Provision at this node; a phone that is new to it is admitted first.
async fn provision(engine: &Engine, id: &str) -> u32 {
    let device = match found(engine, id) {
        Some(device) => device,
        None => match eas::admit(engine, &anna(engine), &hello(id, "16.1")).await.unwrap() {
            Admission::Device(device) => device,
            other => panic!("{other:?}"),
        },
    };
    let offer = eas::send_policy(engine, &device, "16.1").await.unwrap();
    let key = offer.temporary_key.to_string();
    match eas::acknowledge(engine, &device, &key, 1).await.unwrap() {
        Acknowledgement::Key(key) => key,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn provision_on_one_next_command_on_the_other_a_thousand_times() {
    let Some(house) = house().await else { return };
    let (other, _watch) = (another(&house, true).await, follow_others(&house).await);
    let nodes = [&house.engine, &other.engine];
    let mut refused = Vec::new();
    for round in 0..1_000 {
        house.clock.advance(MINUTE);
        // Every phone comes four times, so that it is new at first and has an old key later.
        let id = format!("PHONE{}", round % 250);
        let key = provision(nodes[round % 2], &id).await;
        let gate = next_command(nodes[(round + 1) % 2], &id, key).await;
        if gate != Gate::Serve {
            refused.push((round, gate));
        }
    }
    assert!(refused.is_empty(), "{} of 1,000 refused: {:?}", refused.len(), refused.first());
    house.finish().await;
}

/// Without the feed at all: the store alone decides, also when policy, user or block changed on the other node.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_confirmed_in_the_store_before_it_stands() {
    let Some(house) = house().await else { return };
    let other = another(&house, false).await;
    let (here, there) = (&house.engine, &other.engine);
    let key = provision(here, "PHONE1").await;
    assert_eq!(next_command(there, "PHONE1", key).await, Gate::Serve, "a phone it never heard of");

    let id = found(here, "PHONE1").unwrap().id;
    ordered(&house, &house.acme.all, id, CommandKind::Block).await;
    let learnt = next_command(there, "PHONE1", key.wrapping_add(1)).await;
    assert!(matches!(learnt, Gate::Refuse(RefusalReason::Blocked { .. })), "{learnt:?}");
    ordered(&house, &house.acme.all, id, CommandKind::Allow).await;
    assert_eq!(next_command(there, "PHONE1", key).await, Gate::Serve, "allowed a moment ago");

    let all = &house.acme.all;
    let suite = engine::organizations::current(here, all).unwrap().settings.default_suite.unwrap();
    let old = engine::policy::get(here, all, suite).unwrap();
    let mut draft = old.draft.clone();
    draft.corporate.0.insert("device.allow_camera".into(), catalog::Value::Bool(false));
    let input =
        engine::policy::SuiteInput { name: old.name.clone(), draft: Some(draft), ..Default::default() };
    engine::policy::edit(here, all, suite, input).await.unwrap();
    engine::policy::publish(here, all, suite, "").await.unwrap();
    let key = provision(here, "PHONE1").await;
    assert_eq!(next_command(there, "PHONE1", key).await, Gate::Serve, "a key for a policy it never heard of");

    house.clock.advance(10_000);
    let sales = group_with_suite(&house).await;
    groups::change_members(here, all, sales, &[house.acme.anna.id], &[]).await.unwrap();
    let key = provision(here, "PHONE1").await;
    assert_eq!(next_command(there, "PHONE1", key).await, Gate::Serve, "a group it never heard of");

    devices::remove(here, all, id).await.unwrap();
    assert_eq!(next_command(there, "PHONE1", key + 1).await, Gate::Admit, "gone there as well");
    house.finish().await;
}

/// A group of acme's that gives a strict suite.
async fn group_with_suite(house: &House) -> domain::model::GroupId {
    let all = &house.acme.all;
    let strict = engine::policy::SuiteInput {
        name: "Strict".into(),
        template: Some("strict".into()),
        ..Default::default()
    };
    let suite = engine::policy::create(house, all, strict).await.unwrap();
    engine::policy::publish(house, all, suite, "").await.unwrap();
    let settings = domain::model::GroupSettings { suite: Some(suite), ..Default::default() };
    let input = groups::GroupInput { name: "Sales".into(), note: String::new(), settings };
    groups::create(house, all, input).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_and_their_members_reach_the_other_node() {
    let Some(house) = house().await else { return };
    let other = another(&house, true).await;
    let key = provision(&house.engine, "PHONE1").await;
    let sales = group_with_suite(&house).await;
    groups::change_members(&house, &house.acme.all, sales, &[house.acme.anna.id], &[]).await.unwrap();
    let known = || groups::list(&other.engine, &house.acme.all).unwrap();
    eventually("the member is known", || {
        known().iter().any(|(group, count)| group.id == sales && *count == 1)
    })
    .await;
    assert!(matches!(next_command(&other.engine, "PHONE1", key).await, Gate::NeedProvision(_)));
    groups::remove(&house, &house.acme.all, sales).await.unwrap();
    eventually("the group is gone", || known().is_empty()).await;
    assert_eq!(next_command(&other.engine, "PHONE1", key).await, Gate::Serve);
    house.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_is_refused_for_good_does_not_read_the_store_every_time() {
    let Some(house) = house().await else { return };
    let other = another(&house, false).await;
    provision(&house.engine, "PHONE1").await;
    for _ in 0..50 {
        assert!(matches!(next_command(&other.engine, "PHONE1", 1).await, Gate::NeedProvision(_)));
    }
    // Its ration is used up, so this news is not seen until some time has passed.
    let key = provision(&house.engine, "PHONE1").await;
    assert!(matches!(next_command(&other.engine, "PHONE1", key).await, Gate::NeedProvision(_)));
    house.clock.advance(10_000);
    assert_eq!(next_command(&other.engine, "PHONE1", key).await, Gate::Serve);
    house.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_wipes_and_removals_reach_the_other_node() {
    let Some(house) = house().await else { return };
    let (other, _watch) = (another(&house, true).await, follow_others(&house).await);
    house.administrator(&house.acme, "boss", domain::model::RoleRef::Predefined("full".into())).await;
    let (cookie, _) = sign_in::sign_in(&house, "boss", PASSWORD, &caller("192.0.2.1")).await.unwrap();
    eventually("the session is known", || other.engine.directory().administrator_by_name("boss").is_some())
        .await;
    let scope = sign_in::scope_of_session(&other.engine, &cookie, home()).await.unwrap();
    let key = provision(&house.engine, "PHONE1").await;
    assert_eq!(next_command(&other.engine, "PHONE1", key).await, Gate::Serve);
    let id = found(&house.engine, "PHONE1").unwrap().id;
    let order = commands::Order { device: id, kind: CommandKind::FullWipe, note: String::new() };
    let wipe = commands::order(&other.engine, &scope, order).await.unwrap();
    let waits = |engine: &Engine| {
        found(engine, "PHONE1").is_some_and(|d| d.eas().is_some_and(|c| c.eas.wipe.is_some()))
    };
    eventually("the wipe is known", || waits(&house.engine)).await;
    assert!(matches!(next_command(&house.engine, "PHONE1", key).await, Gate::WipeNow { .. }));
    commands::cancel(&house.engine, &house.acme.all, wipe.id).await.unwrap();
    eventually("the wipe is taken back", || !waits(&other.engine)).await;
    devices::remove(&other.engine, &scope, id).await.unwrap();
    eventually("the device is gone", || found(&house.engine, "PHONE1").is_none()).await;
    sign_in::sign_out(&other.engine, &scope).await.unwrap();
    let first = &house.engine;
    eventually("the session has ended", || {
        first.directory().sessions_of(scope.administrator().unwrap().id).len() == 1
    })
    .await;
    house.finish().await;
}

/// After a gap in the feed everything is read anew: what was removed meanwhile must go, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_brings_what_is_new_and_drops_what_is_gone() {
    let Some(house) = house().await else { return };
    let (gone, kept) = (house.enrol(&house.acme, "GONE").await, house.enrol(&house.acme, "KEPT").await);
    let wipe = ordered(&house, &house.acme.all, kept.id, CommandKind::FullWipe).await;
    house.administrator(&house.acme, "boss", domain::model::RoleRef::Predefined("full".into())).await;
    let other = another(&house, false).await;
    assert_eq!(commands::live(&other.engine, &house.acme.all).unwrap().len(), 1);
    let boss = other.engine.directory().administrator_by_name("boss").unwrap();
    devices::remove(&house, &house.acme.all, gone.id).await.unwrap();
    commands::cancel(&house, &house.acme.all, wipe.id).await.unwrap();
    sign_in::end_all(&house, &house.acme.all, boss.id).await.unwrap();
    house.enrol(&house.acme, "NEW").await;
    other.engine.reload().await.unwrap();
    assert!(found(&other.engine, "GONE").is_none());
    assert!(found(&other.engine, "NEW").is_some());
    assert!(found(&other.engine, "KEPT").is_some_and(|d| d.eas().unwrap().eas.wipe.is_none()));
    assert!(commands::live(&other.engine, &house.acme.all).unwrap().is_empty());
    assert!(other.engine.directory().sessions_of(boss.id).is_empty());
    house.finish().await;
}

/// Without the feed at all: a name that is unknown is looked for once, and strangers cost next to nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_made_on_one_node_is_known_at_the_other_at_once() {
    use crate::house::user;
    use engine::users::{self, UserInput};
    let Some(house) = house().await else { return };
    let other = another(&house, false).await;
    let there = &other.engine;
    let found = async |name: &str| {
        let login = eas::resolve_confirmed(there, None, name).await.unwrap();
        login.user.map(|user| user.username.clone())
    };
    let make = async |name: &str, email: &str| {
        let new = UserInput { email: email.into(), ..user(name, "acme.test") };
        users::create(&house, &house.acme.all, new).await.unwrap();
    };
    make("bert", "bert@acme.test").await;
    assert_eq!(found("bert@acme.test").await.as_deref(), Some("bert"));
    house.clock.advance(250);
    make("cora", "c.smith@acme.test").await;
    assert_eq!(found("c.smith@acme.test").await.as_deref(), Some("cora"), "also by an address of her own");
    for n in 0..50 {
        assert_eq!(found(&format!("stranger{n}@acme.test")).await, None);
    }
    make("dora", "dora@acme.test").await;
    assert_eq!(found("dora@acme.test").await, None, "the ration is used up");
    assert!(eas::resolve_confirmed(there, None, "x@globex.test").await.unwrap().user.is_none());
    house.clock.advance(250);
    assert_eq!(found("ACME\\dora").await.as_deref(), Some("dora"));
    assert!(eas::resolve_confirmed(there, None, "anna@nobody.test").await.is_none());
    house.finish().await;
}

async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not within ten seconds: {what}");
}
