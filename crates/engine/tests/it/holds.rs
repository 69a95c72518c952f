//! Every kind of change that can take mail or network from many devices at once: held, shown, and made only after a
//! second person said yes.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use catalog::{CommandKind, RuleId, Target, Value};
use domain::model::{
    Comparison, DeviceId, Duplicates, Exception, ExceptionKind, GovernorSettings, GroupId, GroupSettings,
    Level, MemberCondition, MemberField, MemberQuery, MemberRule, PolicySuiteId, RoleRef, ScheduleId,
    UserState,
};
use engine::approvals::{self, HeldId, Line, Witness};
use engine::assignment::Choices;
use engine::compliance::AccessEdit;
use engine::devices::{self, Assign, DeviceEdit};
use engine::groups::{self, GroupInput};
use engine::imports::{self, Upload};
use engine::organizations::{self, OrganizationEdit};
use engine::schedules::{self, HalfInput, ScheduleInput};
use engine::users::{self, UserChange, UserInput};
use engine::{Engine, Error, Scope, commands, compliance, policy, running};
use store::repo;

use crate::compliance::{level, rule};
use crate::governor::another;
use crate::groups::{group, join};
use crate::house::{HOUR, House, Tenant, houses, user};
use crate::schedules::{default_of, interval};

const PHONES: usize = 7;

/// An organization in which every kind of change would take the network from all seven phones of its one user.
struct Stage {
    boss: Scope,
    vice: Scope,
    secret: Vec<u8>,
    phones: Vec<DeviceId>,
    /// Without a camera; published, nobody has it.
    strict: PolicySuiteId,
    /// Gives the strict suite, has no members.
    strict_group: GroupId,
    /// Expects a check-in every hour; nobody has it.
    hourly: ScheduleId,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Publish,
    DefaultSuite,
    ReplaceSuite,
    GroupSettings,
    Members,
    GroupRule,
    GroupsOfUser,
    MoveGroup,
    RemoveGroup,
    UserSuite,
    UserDisabled,
    Assign,
    Settings,
    Disable,
    Schedule,
    DefaultSchedule,
    ReplaceSchedule,
    RemoveUser,
}

const KINDS: &[Kind] = &[
    Kind::Publish,
    Kind::DefaultSuite,
    Kind::ReplaceSuite,
    Kind::GroupSettings,
    Kind::Members,
    Kind::GroupRule,
    Kind::GroupsOfUser,
    Kind::MoveGroup,
    Kind::RemoveGroup,
    Kind::UserSuite,
    Kind::UserDisabled,
    Kind::Assign,
    Kind::Settings,
    Kind::Disable,
    Kind::Schedule,
    Kind::DefaultSchedule,
    Kind::ReplaceSchedule,
    Kind::RemoveUser,
];

fn full() -> RoleRef {
    RoleRef::Predefined("full".into())
}

fn with_schedule(name: &str, key: &str) -> ScheduleInput {
    let every = interval(key);
    let half = HalfInput { peak_interval: every, off_peak_interval: every, ..HalfInput::default() };
    ScheduleInput { name: name.into(), corporate: half.clone(), individual: half, ..ScheduleInput::default() }
}

fn suite_settings(suite: Option<PolicySuiteId>) -> GroupSettings {
    GroupSettings { suite, ..GroupSettings::default() }
}

fn group_input(name: &str, suite: Option<PolicySuiteId>) -> GroupInput {
    GroupInput { name: name.into(), note: String::new(), settings: suite_settings(suite) }
}

async fn without_camera(house: &House, scope: &Scope, suite: PolicySuiteId, camera: bool) {
    let old = policy::get(house, scope, suite).unwrap();
    let mut draft = old.draft.clone();
    for values in [&mut draft.corporate, &mut draft.individual] {
        values.0.insert("device.allow_camera".into(), Value::Bool(camera));
    }
    let input = policy::SuiteInput { name: old.name.clone(), draft: Some(draft), ..Default::default() };
    policy::edit(house, scope, suite, input).await.unwrap();
}

impl Stage {
    async fn build(house: &House) -> Self {
        let acme = &house.acme;
        let boss = house.administrator(acme, "boss", full()).await;
        let vice = house.administrator(acme, "vice", full()).await;
        let secret = house.second_factor(&vice).await;
        let manual = with_schedule("First", "manual");
        schedules::edit(house, &acme.all, default_of(house, acme), manual).await.unwrap();
        let hourly = schedules::create(house, &acme.all, with_schedule("Hourly", "1h")).await.unwrap();
        house.clock.advance(24 * HOUR);
        let mut phones = Vec::new();
        for n in 0..PHONES {
            phones.push(house.provisioned(acme, &format!("P{n}")).await.0.id);
            house.provisioned(&house.globex, &format!("P{n}")).await;
        }
        let closes = [Target::NetworkAccess];
        let rules = vec![
            rule(RuleId::PolicyOutOfDate, true, &[("grace_hours", 0)], 0),
            rule(RuleId::NoContact, true, &[("hours", 8_000), ("check_ins", 2)], 0),
            level(Level::Organization, RuleId::NoContact, &closes),
        ];
        compliance::edit_access(house, &acme.all, rules).await.unwrap();
        let default = default_suite(house, acme);
        let strict = policy::copy(house, &acme.all, default, "Strict").await.unwrap();
        without_camera(house, &acme.all, strict, false).await;
        policy::publish(house, &acme.all, strict, "").await.unwrap();
        let strict_group = group(house, acme, "Strict ones", suite_settings(Some(strict))).await;
        house.clock.advance(4 * HOUR);
        Self { boss, vice, secret, phones, strict, strict_group, hourly }
    }

    fn restricted(&self, engine: &Engine, house: &House) -> usize {
        let org = engine.directory().organization(house.acme.id).unwrap();
        let org = org.read();
        let closed =
            |id: &&DeviceId| org.devices.get(**id).is_none_or(|d| !d.verdict.allows(Target::NetworkAccess));
        self.phones.iter().filter(closed).count()
    }

    /// Whatever must be so before the change would take something.
    async fn prepare(&self, house: &House, kind: Kind) {
        let acme = &house.acme;
        let all = &acme.all;
        match kind {
            Kind::Publish => without_camera(house, all, default_suite(house, acme), false).await,
            Kind::GroupSettings => {
                let plain = group(house, acme, "Plain", GroupSettings::default()).await;
                join(house, acme, plain, &[acme.anna.id]).await;
            }
            // In both; the one that comes first gives what everybody has anyway.
            Kind::MoveGroup | Kind::RemoveGroup => {
                let first =
                    group(house, acme, "First", suite_settings(Some(default_suite(house, acme)))).await;
                groups::move_to(house, all, first, 1).await.unwrap();
                join(house, acme, first, &[acme.anna.id]).await;
                join(house, acme, self.strict_group, &[acme.anna.id]).await;
            }
            _ => {}
        }
    }

    async fn act(&self, house: &House, scope: &Scope, kind: Kind) -> Result<(), Error> {
        let acme = &house.acme;
        let (anna, strict) = (acme.anna.id, self.strict);
        let named = |name: &str| named(house, acme, name);
        let everybody = Assign { user: Choices::suite(Some(strict)), ..Assign::default() };
        match kind {
            Kind::Publish => policy::publish(house, scope, default_suite(house, acme), "").await.map(drop),
            Kind::DefaultSuite => policy::assign_default(house, scope, strict).await,
            Kind::ReplaceSuite => {
                policy::remove(house, scope, default_suite(house, acme), Some(strict)).await
            }
            Kind::GroupSettings => {
                groups::edit(house, scope, named("Plain"), group_input("Plain", Some(strict))).await
            }
            Kind::Members => {
                groups::change_members(house, scope, self.strict_group, &[anna], &[]).await.map(drop)
            }
            Kind::GroupRule => groups::set_rule(house, scope, self.strict_group, Some(called("anna"))).await,
            Kind::GroupsOfUser => groups::set_of_user(house, scope, anna, &[self.strict_group]).await,
            Kind::MoveGroup => groups::move_to(house, scope, self.strict_group, 1).await,
            Kind::RemoveGroup => groups::remove(house, scope, named("First")).await,
            Kind::UserSuite => {
                let input = UserInput { suite: Some(strict), ..user("anna", "acme.test") };
                users::edit(house, scope, anna, input).await
            }
            Kind::UserDisabled => {
                let input = UserInput { state: Some(UserState::Disabled), ..user("anna", "acme.test") };
                users::edit(house, scope, anna, input).await
            }
            Kind::RemoveUser => users::remove(house, scope, anna, true).await,
            Kind::Assign => devices::assign(house, scope, &self.phones, &everybody).await.map(drop),
            Kind::Settings => {
                let mut settings = organizations::current(house, scope).unwrap().settings.clone();
                settings.default_suite = Some(strict);
                organizations::edit_settings(house, scope, settings).await
            }
            Kind::Disable => enable(house, acme, false).await,
            Kind::Schedule => {
                schedules::edit(house, scope, default_of(house, acme), with_schedule("First", "1h")).await
            }
            Kind::DefaultSchedule => schedules::assign_default(house, scope, self.hourly).await,
            Kind::ReplaceSchedule => {
                schedules::remove(house, scope, default_of(house, acme), Some(self.hourly)).await
            }
        }
    }

    /// Puts everything back; what gives access back needs nobody's approval.
    async fn undo(&self, house: &House, kind: Kind) {
        let acme = &house.acme;
        let (all, anna) = (&acme.all, acme.anna.id);
        match kind {
            Kind::Publish => {
                let suite = default_suite(house, acme);
                policy::roll_back(house, all, suite, 1).await.unwrap();
            }
            Kind::DefaultSuite | Kind::Settings => {
                let plain = policy::list(house, all).unwrap().into_iter().find(|(s, _)| s.id != self.strict);
                policy::assign_default(house, all, plain.unwrap().0.id).await.unwrap();
            }
            Kind::ReplaceSuite => {
                let plain = policy::copy(house, all, self.strict, "Plain again").await.unwrap();
                without_camera(house, all, plain, true).await;
                policy::publish(house, all, plain, "").await.unwrap();
                policy::assign_default(house, all, plain).await.unwrap();
            }
            Kind::GroupSettings => groups::remove(house, all, named(house, acme, "Plain")).await.unwrap(),
            Kind::Members | Kind::GroupsOfUser | Kind::RemoveGroup => {
                groups::set_of_user(house, all, anna, &[]).await.unwrap();
            }
            Kind::GroupRule => {
                groups::set_rule(house, all, self.strict_group, None).await.unwrap();
                groups::set_of_user(house, all, anna, &[]).await.unwrap();
            }
            Kind::MoveGroup => {
                groups::set_of_user(house, all, anna, &[]).await.unwrap();
                groups::remove(house, all, named(house, acme, "First")).await.unwrap();
            }
            Kind::UserSuite | Kind::UserDisabled | Kind::Assign => {
                let input = UserInput { state: Some(UserState::Active), ..user("anna", "acme.test") };
                users::edit(house, all, anna, input).await.unwrap();
            }
            Kind::Disable => enable(house, acme, true).await.unwrap(),
            Kind::Schedule => {
                let manual = with_schedule("First", "manual");
                schedules::edit(house, all, default_of(house, acme), manual).await.unwrap();
            }
            Kind::DefaultSchedule => {
                let first = schedules::list(house, all).unwrap();
                let first = first.iter().find(|(s, _)| s.name == "First").unwrap().0.id;
                schedules::assign_default(house, all, first).await.unwrap();
            }
            Kind::ReplaceSchedule => {
                let again = schedules::create(house, all, with_schedule("First", "manual")).await.unwrap();
                schedules::assign_default(house, all, again).await.unwrap();
            }
            Kind::RemoveUser => {}
        }
    }

    async fn approve(&self, engine: &Engine, house: &House, id: HeldId) -> Result<(), Error> {
        let witness = Witness { code: house.code(&self.secret), ..Witness::default() };
        approvals::approve(engine, &self.vice, &[id], &witness).await.unwrap().remove(0).1
    }
}

/// Whoever has this in his name.
fn called(name: &str) -> MemberRule {
    let field = MemberField::User("display_name".into());
    let condition = MemberCondition { field, is: Comparison::Contains, value: name.into() };
    MemberRule::Query(MemberQuery { any: false, conditions: vec![condition] })
}

fn default_suite(house: &House, tenant: &Tenant) -> PolicySuiteId {
    organizations::current(house, &tenant.all).unwrap().settings.default_suite.unwrap()
}

fn named(house: &House, tenant: &Tenant, name: &str) -> GroupId {
    let all = groups::list(house, &tenant.all).unwrap();
    all.into_iter().find(|(group, _)| group.name == name).unwrap().0.id
}

async fn enable(house: &House, tenant: &Tenant, enabled: bool) -> Result<(), Error> {
    let edit = OrganizationEdit { enabled: Some(enabled), ..OrganizationEdit::default() };
    organizations::edit(house, &tenant.all, tenant.id, edit).await
}

fn held_id<T: std::fmt::Debug>(outcome: Result<T, Error>, kind: impl std::fmt::Debug) -> HeldId {
    match outcome {
        Err(Error::Held(notice)) => {
            assert!(notice.words.contains("second administrator"), "{}", notice.words);
            HeldId::Change(notice.id)
        }
        other => panic!("{kind:?} was not held: {other:?}"),
    }
}

#[tokio::test]
async fn every_kind_of_change_that_takes_access_from_many_waits_and_does_then_what_was_shown() {
    for house in houses().await {
        let stage = Stage::build(&house).await;
        for kind in KINDS.iter().copied() {
            stage.prepare(&house, kind).await;
            compliance::tick(&house).await.unwrap();
            assert_eq!(stage.restricted(&house, &house), 0, "before {kind:?}");
            let id = held_id(stage.act(&house, &stage.boss, kind).await, kind);
            assert_eq!(held_id(stage.act(&house, &stage.boss, kind).await, kind), id, "held once");
            compliance::tick(&house).await.unwrap();
            assert_eq!(stage.restricted(&house, &house), 0, "{kind:?} is not in force");
            shown(&house, &stage, id, kind).await;
            assert_eq!(stage.approve(&house, &house, id).await, Ok(()), "{kind:?}");
            compliance::tick(&house).await.unwrap();
            let cut_off = if kind == Kind::Disable { 0 } else { PHONES };
            assert_eq!(stage.restricted(&house, &house), cut_off, "{kind:?} is in force");
            assert_eq!(approvals::count(&house, &house.acme.all), 0, "{kind:?}");
            let enabled = organizations::current(&house, &house.acme.all).unwrap().enabled;
            assert_eq!(enabled, kind != Kind::Disable);
            stage.undo(&house, kind).await;
            compliance::tick(&house).await.unwrap();
        }
        let org = house.directory().organization(house.globex.id).unwrap();
        assert!(org.read().devices.iter().all(|d| d.verdict.allows(Target::NetworkAccess)));
        assert_eq!(approvals::count(&house, &house.globex.all), 0);
        let left = house.database().read(house.acme.id, async move |tx| {
            tx.fetch_one(
                "SELECT count(*) FROM held_change WHERE organization_id = $1",
                &[tx.organization().into()],
            )
            .await?
            .int(0)
        });
        assert_eq!(left.await.unwrap(), 0, "nothing of them is kept");
        house.finish().await;
    }
}

#[tokio::test]
async fn whom_a_rule_finds_by_itself_waits_too_and_is_not_asked_for_again_after_a_refusal() {
    for house in houses().await {
        let stage = Stage::build(&house).await;
        let (all, anna) = (&house.acme.all, house.acme.anna.id);
        groups::set_rule(&house, all, stage.strict_group, Some(called("strict"))).await.unwrap();
        let rename = async |name: &str| {
            let input = UserInput { display_name: name.into(), ..user("anna", "acme.test") };
            users::edit(&house, all, anna, input).await.unwrap();
            // Twice: what was asked is not asked again.
            groups::tick(&house).await.unwrap();
            groups::tick(&house).await.unwrap();
            approvals::count(&house, all)
        };
        assert_eq!(rename("Strict Anna").await, 1);
        assert_eq!(rename("Strict Anna, again").await, 1, "the same waits already");
        assert_eq!(stage.restricted(&house, &house), 0);
        let waiting = approvals::list(&house, &stage.boss, 9).unwrap().0.remove(0).id;
        assert_eq!(approvals::recall(&house, &stage.vice, &[waiting]).await[0].1, Ok(()));
        assert_eq!(rename("Strict Anna, once more").await, 0, "it was refused, and nothing is different");
        assert_eq!(rename("Anna").await, 0);
        assert_eq!(rename("Strict Anna").await, 1, "she did not fit in between");
        let waiting = approvals::list(&house, &stage.boss, 9).unwrap().0.remove(0).id;
        assert_eq!(stage.approve(&house, &house, waiting).await, Ok(()));
        compliance::tick(&house).await.unwrap();
        assert_eq!(stage.restricted(&house, &house), PHONES);
        assert_eq!(rename("Strict Anna").await, 0);
        house.finish().await;
    }
}

/// What waits is shown with the exact devices, the reason of each, and to nobody else.
async fn shown(house: &House, stage: &Stage, id: HeldId, kind: Kind) {
    let HeldId::Change(change) = id else { panic!("{id}") };
    let (list, total) = approvals::list(house, &stage.boss, 9).unwrap();
    assert_eq!((total, list[0].withdraws), (1, Some(PHONES as u32)), "{kind:?}");
    let found = approvals::detail(house, &stage.boss, change, None, 100).await.unwrap();
    readable(&found.lines, &[&format!("{kind:?}")]);
    let losing: BTreeSet<DeviceId> = found.losing.iter().map(|losing| losing.device).collect();
    assert_eq!(losing, stage.phones.iter().copied().collect(), "{kind:?}");
    assert_eq!((found.total, found.impossible.as_str()), (PHONES, ""));
    for losing in &found.losing {
        assert!(losing.targets.contains(Target::NetworkAccess), "{kind:?}: {losing:?}");
        assert!(losing.because.iter().any(|(_, why)| !why.is_empty()), "{kind:?}: {losing:?}");
    }
    let first = approvals::detail(house, &stage.boss, change, None, 3).await.unwrap();
    let rest =
        approvals::detail(house, &stage.boss, change, Some(first.losing[2].device), 100).await.unwrap();
    assert_eq!([first.losing, rest.losing].concat(), found.losing);
    let foreign = approvals::detail(house, &house.globex.all, change, None, 9).await;
    assert_eq!(foreign.unwrap_err(), Error::NotFound("held change"), "{kind:?}");
}

/// Lines for people: nothing of the stored form, no ids, and each says something.
pub fn readable(lines: &[Line], about: &[&str]) {
    assert!(!lines.is_empty(), "{about:?}");
    for line in lines {
        let text = format!("{}: {} → {}", line.label, line.before, line.after);
        assert!(!line.label.is_empty() && !line.after.is_empty(), "{about:?}: {text}");
        assert!(!text.contains(['{', '}', '[', ']', '_', '"']), "{about:?}: {text}");
        assert!(!text.contains("gone"), "{about:?}: {text}");
    }
}

async fn lines(house: &House, scope: &Scope, id: HeldId) -> Vec<(String, String, String)> {
    let HeldId::Change(change) = id else { panic!("{id}") };
    let found = approvals::detail(house, scope, change, None, 1).await.unwrap();
    readable(&found.lines, &[&found.held.what]);
    found.lines.into_iter().map(|line| (line.label, line.before, line.after)).collect()
}

#[tokio::test]
async fn what_waits_is_said_in_words_with_what_is_now() {
    for house in houses().await {
        let stage = Stage::build(&house).await;
        let (boss, all) = (&stage.boss, &house.acme.all);
        let none = GovernorSettings { limit: Some(0), ..GovernorSettings::default() };
        approvals::edit_limits(&house, all, none).await.unwrap();
        let says = async |id: HeldId, expected: &[(&str, &str, &str)]| {
            let found = lines(&house, boss, id).await;
            for (label, before, after) in expected {
                let line = (String::from(*label), String::from(*before), String::from(*after));
                assert!(found.contains(&line), "{line:?} is not in {found:?}");
            }
        };
        let more = GovernorSettings { limit: Some(9), ..GovernorSettings::default() };
        let raised = held_id(approvals::edit_limits(&house, all, more).await, "limit");
        says(raised, &[("Limit", "0", "9")]).await;

        let own = DeviceEdit { suite: Some(Some(stage.strict)), ..DeviceEdit::default() };
        let own = held_id(devices::edit(&house, boss, stage.phones[0], own).await, "device");
        says(own, &[("Policy suite", "none", "Strict")]).await;

        let anna = house.acme.anna.id;
        let disabled = UserInput { state: Some(UserState::Disabled), ..user("anna", "acme.test") };
        let both = Some(vec![stage.strict_group]);
        let one = users::edit_with_groups(&house, boss, anna, None, disabled, both).await;
        let expected = [("State", "active", "disabled"), ("Groups", "none", "Strict ones")];
        says(held_id(one, "user and groups"), &expected).await;

        let what = UserChange {
            state: Some(UserState::Disabled),
            join: Some(stage.strict_group),
            ..UserChange::default()
        };
        let many = held_id(users::change(&house, boss, &[anna], &what).await, "many users");
        says(many, &[("Users", "", "anna"), ("State", "", "disabled"), ("They join", "", "Strict ones")])
            .await;

        let file = b"username,state\nanna,disabled\n".to_vec();
        let upload = Upload { bytes: file, duplicates: Duplicates::Update, ..Upload::default() };
        let import = imports::check(&house, boss, upload).await.unwrap();
        let started = imports::start(&house, boss, import.id, false).await;
        says(held_id(started, "file"), &[("anna ▸ State", "active", "disabled")]).await;

        let order =
            commands::Order { device: stage.phones[1], kind: CommandKind::Block, note: "stolen".into() };
        let name = house.device(stage.phones[1]).name.clone();
        let block = held_id(commands::order(&house, boss, order).await, "block");
        says(block, &[("Block", "", &name), ("Reason", "", "stolen")]).await;
        let record = held_id(devices::remove(&house, boss, stage.phones[1]).await, "record");
        says(record, &[("Record of the device", &name, "removed")]).await;

        let expires_at = Some(house.clock.now() + 24 * HOUR);
        let custom =
            Exception { kind: ExceptionKind::Custom, expires_at, note: "on loan".into(), by: String::new() };
        let edits = vec![
            rule(RuleId::NoContact, true, &[("hours", 1), ("check_ins", 2)], 5),
            level(Level::User(anna), RuleId::NoContact, &[Target::NetworkAccess]),
            AccessEdit::Exception { level: Level::Group(stage.strict_group), exception: Some(custom) },
        ];
        let access = held_id(compliance::edit_access(&house, boss, edits).await, "access");
        let rule = RuleId::NoContact.entry().label;
        let grace = format!("{rule} ▸ Grace");
        let ticks = format!("User anna ▸ {rule}");
        let network = Target::NetworkAccess.info().short;
        let closes = format!("closes {network}");
        let expected = [(grace.as_str(), "none", "5 minutes"), (&ticks, "as the level above", &closes)];
        says(access, &expected).await;
        let found = lines(&house, boss, access).await;
        let exception = found.iter().find(|(label, ..)| label == "Group Strict ones ▸ Exception").unwrap();
        assert!(exception.2.starts_with("ticks of its own only, until "), "{exception:?}");
        assert!(exception.2.ends_with(" UTC: on loan"), "{exception:?}");
        house.finish().await;
    }
}

#[tokio::test]
async fn a_held_change_survives_a_restart_and_a_restore_and_expires_by_the_calendar_alone() {
    for house in houses().await {
        let stage = Stage::build(&house).await;
        let id = held_id(stage.act(&house, &stage.boss, Kind::UserSuite).await, "user");
        running::mark_restored(house.database()).await.unwrap();
        house.clock.advance(-48 * HOUR);
        let (engine, clock) = another(&house).await;
        clock.steady.fetch_add(24 * HOUR, Ordering::SeqCst);
        engine::housekeeping::run(&engine).await.unwrap();
        assert_eq!(approvals::list(&engine, &stage.boss, 9).unwrap().0[0].id, id);
        assert_eq!(stage.restricted(&engine, &house), 0);
        house.clock.advance(48 * HOUR);
        assert_eq!(stage.approve(&engine, &house, id).await, Ok(()));
        assert_eq!(stage.restricted(&engine, &house), PHONES);
        let gone = stage.approve(&engine, &house, id).await;
        assert_eq!(gone, Err(Error::NotFound("held change")), "it is made once");
        house.finish().await;
    }
}

#[tokio::test]
async fn whoever_approves_sees_what_it_does_now() {
    for house in houses().await {
        let stage = Stage::build(&house).await;
        let all = &house.acme.all;
        // What is needed to make it is gone: it can still be recalled.
        let id = held_id(stage.act(&house, &stage.boss, Kind::UserDisabled).await, "user");
        let HeldId::Change(change) = id else { panic!("{id}") };
        let removed = house.database().write(house.acme.id, domain::model::Actor::System, async move |tx| {
            repo::held_changes::remove(tx, change).await
        });
        removed.await.unwrap();
        assert_eq!(stage.approve(&house, &house, id).await, Err(Error::NotFound("held change")));
        assert_eq!(approvals::recall(&house, &stage.boss, &[id]).await[0].1, Ok(()));
        // Settings that moved: counted anew and asked for once more.
        let id = held_id(stage.act(&house, &stage.boss, Kind::DefaultSuite).await, "default");
        groups::edit(&house, all, stage.strict_group, group_input("Others", None)).await.unwrap();
        let moved = stage.approve(&house, &house, id).await;
        assert!(matches!(&moved, Err(Error::Conflict(why)) if why.contains("7 devices")), "{moved:?}");
        // Fewer devices by now, with the settings as they were.
        let edit =
            DeviceEdit { suite: Some(Some(default_suite(&house, &house.acme))), ..DeviceEdit::default() };
        devices::edit(&house, all, stage.phones[0], edit).await.unwrap();
        assert_eq!(stage.approve(&house, &house, id).await, Ok(()));
        compliance::tick(&house).await.unwrap();
        assert_eq!(stage.restricted(&house, &house), PHONES - 1);
        house.finish().await;
    }
}

#[tokio::test]
async fn a_password_is_never_kept_in_what_waits() {
    for house in houses().await {
        let stage = Stage::build(&house).await;
        let secret = "only anna knows this";
        let input = UserInput {
            state: Some(UserState::Disabled),
            password: secret.into(),
            ..user("anna", "acme.test")
        };
        let refused = users::edit(&house, &stage.boss, house.acme.anna.id, input.clone()).await;
        assert!(
            matches!(&refused, Err(Error::Invalid(issues)) if issues[0].field == "password"),
            "{refused:?}"
        );
        let alone = UserInput { state: None, ..input };
        users::edit(&house, &stage.boss, house.acme.anna.id, alone).await.unwrap();
        assert_eq!(approvals::count(&house, &stage.boss), 0);
        assert!(!house.journal_text(house.acme.id).await.contains(secret));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_short_grace_does_not_lead_around_the_limit_and_a_limit_of_none_holds_single_choices() {
    for house in houses().await {
        let stage = Stage::build(&house).await;
        let soon = |minutes| {
            let both = [Target::NetworkAccess];
            vec![
                rule(RuleId::NoContact, true, &[("hours", 1)], minutes),
                level(Level::Organization, RuleId::NoContact, &both),
            ]
        };
        let minute = compliance::edit_access(&house, &stage.boss, soon(24 * 60 - 1)).await;
        held_id(minute, "a grace of less than a day");
        compliance::edit_access(&house, &stage.boss, soon(7 * 24 * 60)).await.unwrap();

        let none = GovernorSettings { limit: Some(0), ..GovernorSettings::default() };
        approvals::edit_limits(&house, &house.acme.all, none).await.unwrap();
        let own = DeviceEdit { suite: Some(Some(stage.strict)), ..DeviceEdit::default() };
        let id = held_id(devices::edit(&house, &stage.boss, stage.phones[0], own).await, "a device");
        let facts = DeviceEdit { name: Some("Hers".into()), ..DeviceEdit::default() };
        devices::edit(&house, &stage.boss, stage.phones[0], facts).await.unwrap();
        assert_eq!(stage.approve(&house, &house, id).await, Ok(()));
        assert_eq!(stage.restricted(&house, &house), 1);
        house.finish().await;
    }
}
