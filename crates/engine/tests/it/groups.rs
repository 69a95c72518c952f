//! Groups: what their members get, and whom a change concerns.

use std::collections::BTreeMap;

use catalog::{CommandKind, RuleId, Target, Value};
use domain::assignment::AssignedFrom;
use domain::gate::{Gate, ProvisionReason};
use domain::model::{
    DeviceId, Exception, ExceptionKind, GroupId, GroupSettings, Level, Liability, PolicySuiteId,
    Restrictions, RoleRef, User, UserId,
};
use engine::assignment::Choices;
use engine::compliance::{self, AccessEdit};
use engine::devices::{self, Assign, GridQuery};
use engine::groups::{self, GroupInput, MembersChanged};
use engine::policy::{self, SuiteInput};
use engine::servers::{self, ServerInput};
use engine::users::{self, UserInput};
use engine::{Error, assignment, commands, eas};

use crate::house::{House, Tenant, houses, user};

fn input(name: &str, settings: GroupSettings) -> GroupInput {
    GroupInput { name: name.into(), note: String::new(), settings }
}

pub async fn group(house: &House, tenant: &Tenant, name: &str, settings: GroupSettings) -> GroupId {
    groups::create(house, &tenant.all, input(name, settings)).await.unwrap()
}

pub async fn join(house: &House, tenant: &Tenant, group: GroupId, users: &[UserId]) -> MembersChanged {
    groups::change_members(house, &tenant.all, group, users, &[]).await.unwrap()
}

/// A published suite that asks for something else than the default.
async fn suite(house: &House, tenant: &Tenant, name: &str) -> PolicySuiteId {
    let new = SuiteInput { name: name.into(), ..SuiteInput::default() };
    let id = policy::create(house, &tenant.all, new).await.unwrap();
    let mut draft = policy::get(house, &tenant.all, id).unwrap().draft.clone();
    for column in [&mut draft.corporate, &mut draft.individual] {
        column.0.insert("device.allow_camera".into(), Value::Bool(false));
    }
    let edit = SuiteInput { name: name.into(), draft: Some(draft), ..SuiteInput::default() };
    policy::edit(house, &tenant.all, id, edit).await.unwrap();
    policy::publish(house, &tenant.all, id, "").await.unwrap();
    id
}

fn with_suite(suite: PolicySuiteId) -> GroupSettings {
    GroupSettings { suite: Some(suite), ..GroupSettings::default() }
}

/// The suite in force of a user and who chose it.
fn in_force(house: &House, tenant: &Tenant, id: UserId) -> (Option<PolicySuiteId>, AssignedFrom) {
    let org = house.directory().organization(tenant.id).unwrap();
    let org = org.read();
    let (suite, from) = assignment::suite_of(&org, org.user(id).unwrap(), None);
    (suite.map(|s| s.id), from)
}

#[tokio::test]
async fn the_suite_of_a_group_reaches_its_members_at_once_and_nobody_else() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        let (phone, key) = house.provisioned(acme, "PHONE1").await;
        let (twin, twin_key) = house.provisioned(globex, "PHONE1").await;
        let strict = suite(&house, acme, "Strict").await;
        let sales = group(&house, acme, "Sales", with_suite(strict)).await;
        assert_eq!(house.gate(&phone, key), Gate::Serve, "nobody is in it");
        let done = join(&house, acme, sales, &[acme.anna.id]).await;
        assert_eq!(done, MembersChanged { added: 1, removed: 0 });
        assert_eq!(house.gate(&phone, key), Gate::NeedProvision(ProvisionReason::PolicyRefresh));
        assert_eq!(house.device(phone.id).facts.text("policy_state"), Some("outdated"), "settled at once");
        assert_eq!(house.gate(&twin, twin_key), Gate::Serve, "another organization's");
        assert_eq!(in_force(&house, acme, acme.anna.id), (Some(strict), AssignedFrom::Group(sales)));
        let detail = engine::devices::detail(&house, &acme.all, phone.id).unwrap();
        assert_eq!(detail.suite_source, AssignedFrom::Group(sales));
        let again = join(&house, acme, sales, &[acme.anna.id]).await;
        assert_eq!(again, MembersChanged::default(), "she is in it");
        // What the group says changes for its members; her own choice is before it.
        let key = house.provision(phone.id).await;
        groups::edit(&house, &acme.all, sales, input("Sales", GroupSettings::default())).await.unwrap();
        assert_eq!(house.gate(&phone, key), Gate::NeedProvision(ProvisionReason::PolicyRefresh));
        groups::edit(&house, &acme.all, sales, input("Sales", with_suite(strict))).await.unwrap();
        let default = engine::organizations::current(&house, &acme.all).unwrap().settings.default_suite;
        let own = UserInput { suite: default, ..user("anna", "acme.test") };
        users::edit(&house, &acme.all, acme.anna.id, own).await.unwrap();
        assert_eq!(in_force(&house, acme, acme.anna.id), (default, AssignedFrom::User));
        let anna = users::get(&house, &acme.all, acme.anna.id).unwrap();
        assert_eq!(anna.groups, [sales], "an edit of the user keeps the groups");
        users::edit(&house, &acme.all, acme.anna.id, user("anna", "acme.test")).await.unwrap();
        let left = groups::change_members(&house, &acme.all, sales, &[], &[acme.anna.id]).await.unwrap();
        assert_eq!(left, MembersChanged { added: 0, removed: 1 });
        assert_eq!(in_force(&house, acme, acme.anna.id), (default, AssignedFrom::Organization));
        for (event, times) in [("user.joined_group", 1), ("user.left_group", 1)] {
            assert_eq!(house.journaled(acme, event, acme.anna.id).await, times, "{event}");
        }
        assert_eq!(house.journaled(acme, "group.members_changed", sales).await, 2);
        house.finish().await;
    }
}

#[tokio::test]
async fn of_several_groups_the_first_that_says_something_decides() {
    for house in houses().await {
        let acme = &house.acme;
        let anna = acme.anna.id;
        let (a, b) = (suite(&house, acme, "A").await, suite(&house, acme, "B").await);
        let silent = group(&house, acme, "Silent", GroupSettings::default()).await;
        let first = group(&house, acme, "First", with_suite(a)).await;
        let second = group(&house, acme, "Second", with_suite(b)).await;
        for id in [second, silent, first] {
            join(&house, acme, id, &[anna]).await;
        }
        let order = || {
            let list = groups::list(&house, &acme.all).unwrap();
            list.into_iter().map(|(group, _)| group.id).collect::<Vec<_>>()
        };
        assert_eq!(order(), [silent, first, second]);
        assert_eq!(in_force(&house, acme, anna), (Some(a), AssignedFrom::Group(first)));
        groups::move_to(&house, &acme.all, second, 1).await.unwrap();
        assert_eq!(order(), [second, silent, first]);
        assert_eq!(in_force(&house, acme, anna), (Some(b), AssignedFrom::Group(second)));
        groups::move_to(&house, &acme.all, second, 99).await.unwrap();
        assert_eq!(order(), [silent, first, second], "beyond the end is the end");
        assert_eq!(in_force(&house, acme, anna), (Some(a), AssignedFrom::Group(first)));
        let nowhere = groups::move_to(&house, &acme.all, second, 0).await;
        assert!(matches!(nowhere, Err(Error::Invalid(_))), "{nowhere:?}");
        assert_eq!(house.journaled(acme, "group.moved", second).await, 2);
        // The order is the same after a restart.
        let other = crate::house::open(house.database(), &house.clock).await;
        let list = groups::list(&other, &acme.all).unwrap();
        assert_eq!(
            list.iter().map(|(g, n)| (g.id, *n)).collect::<Vec<_>>(),
            [(silent, 1), (first, 1), (second, 1)]
        );
        // A copy comes last, so it decides nothing before it is moved.
        let copied = groups::copy(&house, &acme.all, second, "Second too", true).await.unwrap();
        assert_eq!(order().last(), Some(&copied));
        assert_eq!(in_force(&house, acme, anna), (Some(a), AssignedFrom::Group(first)));
        groups::remove(&house, &acme.all, first).await.unwrap();
        assert_eq!(in_force(&house, acme, anna), (Some(b), AssignedFrom::Group(second)));
        assert_eq!(house.journaled(acme, "group.deleted", first).await, 1);
        house.finish().await;
    }
}

#[tokio::test]
async fn a_user_or_setting_of_another_organization_never_gets_in() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        let foreign = suite(&house, globex, "Theirs").await;
        let theirs = group(&house, globex, "Sales", with_suite(foreign)).await;
        let sales = group(&house, acme, "Sales", GroupSettings::default()).await;
        for strangers in [&[globex.anna.id][..], &[acme.anna.id, globex.anna.id]] {
            let outcome = groups::change_members(&house, &acme.all, sales, strangers, &[]).await;
            let Err(Error::Invalid(issues)) = outcome else { panic!("{outcome:?}") };
            assert_eq!(issues[0].field, "add");
            assert_eq!(groups::members(&house, &acme.all, sales, "", None, 10).unwrap(), [], "nobody joined");
        }
        let outcome = groups::change_members(&house, &acme.all, theirs, &[acme.anna.id], &[]).await;
        assert_eq!(outcome, Err(Error::NotFound("group")));
        assert_eq!(groups::get(&house, &acme.all, theirs).err(), Some(Error::NotFound("group")));
        assert_eq!(groups::remove(&house, &acme.all, theirs).await, Err(Error::NotFound("group")));
        assert_eq!(groups::move_to(&house, &acme.all, theirs, 1).await, Err(Error::NotFound("group")));
        let outcome = groups::create(&house, &acme.all, input("Other", with_suite(foreign))).await;
        assert!(matches!(outcome, Err(Error::Invalid(_))), "{outcome:?}");
        let level = Level::Group(theirs);
        let never = Exception {
            kind: ExceptionKind::Never,
            expires_at: None,
            note: String::new(),
            by: String::new(),
        };
        let edit = AccessEdit::Exception { level, exception: Some(never) };
        let outcome = compliance::edit_access(&house, &acme.all, vec![edit]).await;
        assert_eq!(outcome, Err(Error::NotFound("level")));
        let twice = groups::create(&house, &acme.all, input("SALES", GroupSettings::default())).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        let both = [acme.anna.id];
        let outcome = groups::change_members(&house, &acme.all, sales, &both, &both).await;
        assert!(matches!(outcome, Err(Error::Invalid(_))), "in and out at once: {outcome:?}");
        let unnamed = groups::create(&house, &acme.all, input("  ", GroupSettings::default())).await;
        assert!(matches!(unnamed, Err(Error::Invalid(_))), "{unnamed:?}");
        house.finish().await;
    }
}

#[tokio::test]
async fn the_server_and_liability_of_a_group_count_for_its_members() {
    for house in houses().await {
        let acme = &house.acme;
        let new = |name: &str| ServerInput {
            name: name.into(),
            url: format!("{name}.acme.test"),
            quarantine: false,
            ..ServerInput::default()
        };
        let mail = servers::create(&house, &acme.all, new("mail")).await.unwrap();
        let other = servers::create(&house, &acme.all, new("other")).await.unwrap();
        let settings = GroupSettings {
            server: Some(mail),
            liability: Some(Liability::Individual),
            ..GroupSettings::default()
        };
        let sales = group(&house, acme, "Sales", settings).await;
        let server = || house.login(acme, "anna").server.as_ref().map(|s| s.id);
        assert_eq!(server(), None, "the stand-in");
        join(&house, acme, sales, &[acme.anna.id]).await;
        assert_eq!(server(), Some(mail));
        let phone = house.enrol(acme, "PHONE1").await;
        let detail = engine::devices::detail(&house, &acme.all, phone.id).unwrap();
        let by_group = AssignedFrom::Group(sales);
        assert_eq!((detail.liability, detail.liability_source), (Liability::Individual, by_group));
        assert_eq!((detail.server.map(|s| s.id), detail.server_source), (Some(mail), Some(by_group)));
        assert_eq!(phone.facts.text("liability"), Some("individual"));
        // A local password is good for users of the stand-in only.
        let password = UserInput { password: "correct horse".into(), ..user("anna", "acme.test") };
        users::edit(&house, &acme.all, acme.anna.id, password).await.unwrap();
        let anna = || users::get(&house, &acme.all, acme.anna.id).unwrap();
        assert_eq!(eas::verify_local(&house, Some(&anna()), "correct horse").await, Ok(false));
        // An address that was learnt from one server is nothing to another.
        eas::learn_url(&house, &anna(), mail, "https://node7.acme.test/x").await.unwrap();
        assert!(anna().learnt_at(mail).is_some() && anna().learnt_at(other).is_none());
        let in_use = servers::remove(&house, &acme.all, mail).await;
        assert!(matches!(&in_use, Err(Error::Conflict(why)) if why.contains("Sales")), "{in_use:?}");
        let settings = GroupSettings { server: Some(other), ..GroupSettings::default() };
        groups::edit(&house, &acme.all, sales, input("Sales", settings)).await.unwrap();
        assert_eq!(server(), Some(other));
        assert_eq!(house.device(phone.id).facts.text("liability"), Some("corporate"));
        let own = UserInput { server: Some(mail), ..user("anna", "acme.test") };
        users::edit(&house, &acme.all, acme.anna.id, own).await.unwrap();
        assert_eq!(server(), Some(mail), "her own");
        groups::remove(&house, &acme.all, sales).await.unwrap();
        servers::remove(&house, &acme.all, other).await.unwrap();
        house.finish().await;
    }
}

#[tokio::test]
async fn access_restrictions_of_a_group_hold_for_its_members_and_go_with_it() {
    for house in houses().await {
        let acme = &house.acme;
        let (phone, _) = house.provisioned(acme, "PHONE1").await;
        let sales = group(&house, acme, "Sales", GroupSettings::default()).await;
        let level = Level::Group(sales);
        let mail_only = [Target::ActivesyncConnections].into();
        let ticks = Restrictions(BTreeMap::from([(RuleId::BlockedByHand, mail_only)]));
        let edit = AccessEdit::Level { level: level.clone(), restrictions: Some(ticks) };
        compliance::edit_access(&house, &acme.all, vec![edit]).await.unwrap();
        let block = commands::Order { device: phone.id, kind: CommandKind::Block, note: "lost".into() };
        commands::order(&house, &acme.all, block).await.unwrap();
        let access = |target| house.device(phone.id).verdict.closed(target).cloned();
        let network = || access(Target::NetworkAccess);
        let decided = |closed: Option<domain::model::Closed>| closed.map(|closed| closed.level);
        assert_eq!(decided(network()), Some(Level::Organization), "she is not in it");
        join(&house, acme, sales, &[acme.anna.id]).await;
        assert_eq!(decided(network()), None, "at once");
        assert_eq!(decided(access(Target::ActivesyncConnections)), Some(level.clone()), "the group decides");
        assert_eq!(house.journaled(acme, "device.restored", phone.id).await, 1);
        let never =
            Exception { kind: ExceptionKind::Never, expires_at: None, note: "VIP".into(), by: String::new() };
        let edit = AccessEdit::Exception { level: level.clone(), exception: Some(never) };
        compliance::edit_access(&house, &acme.all, vec![edit]).await.unwrap();
        assert_eq!(decided(access(Target::ActivesyncConnections)), None);
        groups::remove(&house, &acme.all, sales).await.unwrap();
        assert_eq!(decided(network()), Some(Level::Organization), "the exception went with the group");
        let access = compliance::access(&house, &acme.all).unwrap();
        assert!(access.level(&level).is_none() && access.exception(&level).is_none());
        house.finish().await;
    }
}

#[tokio::test]
async fn a_suite_that_a_group_has_goes_only_with_a_replacement() {
    for house in houses().await {
        let acme = &house.acme;
        let (old, new) = (suite(&house, acme, "Old").await, suite(&house, acme, "New").await);
        let sales = group(&house, acme, "Sales", with_suite(old)).await;
        join(&house, acme, sales, &[acme.anna.id]).await;
        let used = policy::list(&house, &acme.all).unwrap();
        let used = used.iter().find(|(s, _)| s.id == old).unwrap().1;
        assert_eq!((used.by_group, used.by_user, used.is_in_use()), (1, 0, true));
        let outcome = policy::remove(&house, &acme.all, old, None).await;
        assert!(matches!(outcome, Err(Error::Conflict(_))), "{outcome:?}");
        policy::remove(&house, &acme.all, old, Some(new)).await.unwrap();
        assert_eq!(in_force(&house, acme, acme.anna.id), (Some(new), AssignedFrom::Group(sales)));
        house.finish().await;
    }
}

/// Two thousand members and two hundred groups: joining, changing and leaving stay quick enough for a person who waits
/// for a page. The bounds are wide: they are to notice a walk over everybody for each member, nothing finer.
#[tokio::test]
async fn large_groups_stay_quick() {
    let Some(house) = houses().await.into_iter().next() else { return };
    let acme = &house.acme;
    let all = two_thousand(&house).await;
    let mut made = Vec::new();
    for number in 0..200 {
        made.push(group(&house, acme, &format!("Group {number}"), GroupSettings::default()).await);
    }
    let started = std::time::Instant::now();
    let within = |what: &str, seconds: u64| {
        let took = started.elapsed();
        assert!(took.as_secs() < seconds, "{what}: {took:?}");
    };
    assert_eq!(join(&house, acme, made[0], &all).await.added, all.len());
    within("joined", 30);
    groups::move_to(&house, &acme.all, made[0], 200).await.unwrap();
    groups::edit(&house, &acme.all, made[0], input("Everybody", GroupSettings::default())).await.unwrap();
    within("moved and edited", 35);
    let found = groups::members(&house, &acme.all, made[0], "u199", None, 50).unwrap();
    assert_eq!(found.len(), 11, "u199 and u1990 to u1999");
    let listed = groups::list(&house, &acme.all).unwrap();
    assert_eq!((listed.len(), listed.last().map(|(_, members)| *members)), (200, Some(all.len())));
    within("listed", 36);
    groups::remove(&house, &acme.all, made[0]).await.unwrap();
    within("removed", 70);
    house.finish().await;
}

/// Users of acme, written in large units.
async fn two_thousand(house: &House) -> Vec<UserId> {
    let (anna, now) = (User::clone(&house.acme.anna), house.clock.now());
    let mut all = Vec::new();
    for chunk in 0..4 {
        let users: Vec<User> = (0..500)
            .map(|number| User {
                id: house.entropy().id(now),
                rev: 0,
                username: format!("u{}", chunk * 500 + number),
                email: String::new(),
                ..anna.clone()
            })
            .collect();
        all.extend(users.iter().map(|user| user.id));
        let unit = async move |tx: &mut store::Tx| {
            for user in &users {
                store::repo::users::put(tx, &mut user.clone()).await?;
            }
            Ok::<_, Error>(())
        };
        house.store().write(house.acme.id, domain::model::Actor::System, unit).await.unwrap();
    }
    all
}

#[tokio::test]
async fn the_same_is_assigned_to_many_in_one_call_and_only_where_it_is_new() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        let strict = suite(&house, acme, "Strict").await;
        let sales = group(&house, acme, "Sales", GroupSettings::default()).await;
        let mut phones = vec![house.enrol(acme, "PHONE0").await.id, house.enrol(acme, "PHONE1").await.id];
        let bert = users::create(&house, &acme.all, user("bert", "acme.test")).await.unwrap().id;
        let made = devices::NewDevice {
            user: bert,
            name: "Tablet".into(),
            platform: catalog::Platform::Android,
            liability: None,
            macs: Vec::new(),
            facts: BTreeMap::new(),
        };
        phones.push(devices::create(&house, &acme.all, made).await.unwrap().id);
        let stranger = house.enrol(globex, "PHONE0").await.id;
        let what = Assign {
            device: Choices::suite(Some(strict)),
            user: Choices::suite(Some(strict)),
            join: Some(sales),
            ..Assign::default()
        };
        let plan = |ids: &[DeviceId], what: &Assign| devices::plan_assignment(&house, &acme.all, ids, what);
        let planned = plan(&phones, &what).unwrap();
        assert_eq!((planned.devices, planned.users), (3, 2));
        assert_eq!((planned.device.suite.len(), planned.user.suite.len(), planned.join.len()), (3, 2, 2));
        assert_eq!(house.device(phones[0]).suite, None, "nothing is written for the numbers");
        let done = devices::assign(&house, &acme.all, &phones[..2], &what).await.unwrap();
        assert_eq!((done.device.suite.len(), done.join.len()), (2, 1));
        assert_eq!(house.device(phones[0]).suite, Some(strict));
        let anna = users::get(&house, &acme.all, acme.anna.id).unwrap();
        assert_eq!((anna.suite, &anna.groups[..]), (Some(strict), &[sales][..]));
        assert_eq!(house.journaled(acme, "device.updated", phones[0]).await, 1);
        // The rest, by what a filter finds; who has it is not written again.
        let everything = GridQuery { limit: 1, ..GridQuery::default() };
        let all = devices::found(&house, &acme.all, &everything).unwrap();
        assert_eq!(all.len(), 3, "whatever the page is");
        let done = devices::assign(&house, &acme.all, &all, &what).await.unwrap();
        assert_eq!((&done.device.suite[..], &done.join[..]), (&phones[2..], &[bert][..]));
        assert_eq!(house.journaled(acme, "device.updated", phones[0]).await, 1);
        assert!(plan(&all, &what).unwrap().is_empty());
        let undo = Assign { device: Choices::suite(None), leave: Some(sales), ..Assign::default() };
        let done = devices::assign(&house, &acme.all, &all, &undo).await.unwrap();
        assert_eq!((done.device.suite.len(), done.leave.len()), (3, 2));
        assert_eq!(house.device(phones[0]).suite, None);
        for (ids, what, field) in [
            (&phones[..], Assign::default(), "assign"),
            (&[stranger][..], what.clone(), "devices"),
            (&phones[..], Assign { join: Some(sales), leave: Some(sales), ..Assign::default() }, "leave"),
        ] {
            let Err(Error::Invalid(issues)) = plan(ids, &what) else { panic!("{what:?}") };
            assert_eq!(issues[0].field, field);
        }
        let foreign = devices::plan_assignment(&house, &globex.all, &[stranger], &what);
        let Err(Error::Invalid(issues)) = foreign else { panic!("{foreign:?}") };
        assert_eq!(issues.len(), 3, "suites and group of another organization: {issues:?}");
        let desk = house.administrator(acme, "desk", RoleRef::Predefined("help_desk".into())).await;
        let denied = devices::assign(&house, &desk, &phones, &what).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        house.finish().await;
    }
}
