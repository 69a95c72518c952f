//! The limit on what destroys: over every surface, across restarts, restores, clocks and nodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use catalog::{CommandKind, RuleId, Target};
use domain::model::{
    CommandState, DeviceId, Exception, ExceptionKind, GovernorSettings, Level, RoleRef, WipeKind,
};
use engine::approvals::{self, HeldId, Witness};
use engine::commands::{self, Order};
use engine::compliance::{self, AccessEdit};
use engine::tokens::{self, NewToken};
use engine::{Clock, Engine, Error, Options, Scope, eas, organizations, running, sign_in};
use testkit::TestClock;

use crate::compliance::{level, rule};
use crate::house::{HOUR, House, MINUTE, PASSWORD, home, houses};

fn full() -> RoleRef {
    RoleRef::Predefined("full".into())
}

/// A wall clock and a steady one, moved apart from each other.
pub struct Apart {
    wall: TestClock,
    pub steady: AtomicI64,
}

impl Clock for Apart {
    fn now(&self) -> i64 {
        self.wall.now()
    }
    fn steady(&self) -> i64 {
        self.steady.load(Ordering::SeqCst)
    }
}

pub async fn another(house: &House) -> (Arc<Engine>, Arc<Apart>) {
    let clock = Arc::new(Apart { wall: house.clock.clone(), steady: AtomicI64::new(7) });
    let options = Options {
        store: store::Store::clone(house.database()),
        clock: Arc::<Apart>::clone(&clock),
        secret_key: testkit::secret_key(),
    };
    (Engine::open(options).await.unwrap(), clock)
}

async fn phones(house: &House, count: usize, prefix: &str) -> Vec<DeviceId> {
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(house.enrol(&house.acme, &format!("{prefix}{n}")).await.id);
    }
    ids
}

async fn wipe(engine: &Engine, scope: &Scope, device: DeviceId) -> CommandState {
    let order = Order { device, kind: CommandKind::FullWipe, note: String::new() };
    commands::order(engine, scope, order).await.unwrap().state
}

/// How many devices would be told to wipe at their next contact.
fn on_their_way(engine: &Engine, house: &House) -> usize {
    let org = engine.directory().organization(house.acme.id).unwrap();
    let org = org.read();
    org.devices.iter().filter(|d| d.eas().is_some_and(|c| c.eas.wipe.is_some())).count()
}

#[tokio::test]
async fn all_surfaces_together_let_no_more_than_the_limit_through() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let new =
            NewToken { name: "script".into(), powers: boss.powers().clone(), days: 9, code: String::new() };
        let (_, secret) = tokens::create(&house, &boss, new).await.unwrap();
        let script = sign_in::scope_of_token(&house, &secret, home()).await.unwrap();
        let ids = phones(&house, 40, "P").await;
        for (n, id) in ids.iter().enumerate() {
            match n % 5 {
                0 => drop(wipe(&house, &boss, *id).await),
                1 => drop(wipe(&house, &script, *id).await),
                2 => drop(wipe(&house, &house.acme.all, *id).await),
                3 => {
                    let device = house.device(*id);
                    eas::backend_ordered_wipe(&house, &device, WipeKind::Device, "Exchange").await.unwrap();
                }
                _ => drop(
                    commands::order_many(&house, &boss, &[*id], CommandKind::AccountWipe, "").await.unwrap(),
                ),
            }
        }
        assert_eq!(on_their_way(&house, &house), 5);
        assert_eq!(approvals::count(&house, &boss), 35);
        let (list, total) = approvals::list(&house, &boss, 10).unwrap();
        assert_eq!((list.len(), total), (10, 35));
        assert!(list.iter().all(|held| held.expires_at == Some(held.since + 7 * 24 * HOUR)));
        // The other organization is not touched, and the alarm is raised once.
        assert_eq!(approvals::count(&house, &house.globex.all), 0);
        let events = house.journal(house.acme.id).await;
        assert_eq!(events.iter().filter(|(e, _)| e == "governor.limit_reached").count(), 1);
        let events = house.journal(house.globex.id).await;
        assert!(!events.iter().any(|(e, _)| e.starts_with("governor.")));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_wipe_of_the_mail_server_above_the_limit_waits_and_the_device_gets_nothing() {
    use domain::gate::{Gate, RefusalReason};
    for house in houses().await {
        for id in phones(&house, 5, "P").await {
            wipe(&house, &house.acme.all, id).await;
        }
        let (phone, key) = house.provisioned(&house.acme, "SIXTH").await;
        eas::backend_ordered_wipe(&house, &phone, WipeKind::Device, "Exchange").await.unwrap();
        let gate = house.gate(&house.device(phone.id), key);
        assert!(matches!(&gate, Gate::Refuse(RefusalReason::Blocked { .. })), "{gate:?}");
        let held = approvals::list(&house, &house.acme.all, 9).unwrap().0.remove(0);
        assert_eq!(approvals::recall(&house, &house.acme.all, &[held.id]).await, [(held.id, Ok(()))]);
        assert!(house.device(phone.id).block.is_some(), "else it would be ordered anew at once");

        // An organization may choose that they are always relayed; that takes a second person.
        let loose = GovernorSettings { always_relay: true, ..GovernorSettings::default() };
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let vice = house.administrator(&house.acme, "vice", full()).await;
        house.clock.advance(24 * HOUR);
        for id in phones(&house, 5, "Q").await {
            wipe(&house, &house.acme.all, id).await;
        }
        drop((boss, vice));
        let boss = house.signed_in("boss").await;
        let outcome = approvals::edit_limits(&house, &boss, loose).await;
        assert!(matches!(outcome, Err(Error::Held(_))), "{outcome:?}");
        let other = house.provisioned(&house.acme, "SEVENTH").await.0;
        eas::backend_ordered_wipe(&house, &other, WipeKind::Device, "Exchange").await.unwrap();
        assert!(house.device(other.id).block.is_some(), "not in force yet");
        let held = approvals::list(&house, &boss, 9).unwrap().0.remove(0);
        let vice = house.signed_in("vice").await;
        let secret = house.second_factor(&vice).await;
        let witness = Witness { code: house.code(&secret), ..Witness::default() };
        let own = approvals::approve(&house, &boss, &[held.id], &witness).await.unwrap();
        assert!(matches!(&own[0].1, Err(Error::Denied(_))), "{own:?}");
        let done = approvals::approve(&house, &vice, &[held.id], &witness).await.unwrap();
        assert_eq!(done, [(held.id, Ok(()))]);
        let third = house.provisioned(&house.acme, "EIGHTH").await.0;
        eas::backend_ordered_wipe(&house, &third, WipeKind::Device, "Exchange").await.unwrap();
        assert!(house.device(third.id).eas().unwrap().eas.wipe.is_some());
        house.finish().await;
    }
}

#[tokio::test]
async fn neither_a_restart_nor_a_clock_nor_a_restore_makes_room() {
    for house in houses().await {
        let ids = phones(&house, 30, "P").await;
        let (engine, clock) = another(&house).await;
        let all = &house.acme.all;
        for id in &ids[..5] {
            assert_eq!(wipe(&engine, all, *id).await, CommandState::Queued);
        }
        let mut rest = ids[5..].iter();
        let mut held = async |engine: &Engine| {
            let state = wipe(engine, all, *rest.next().unwrap()).await;
            assert_eq!(state, CommandState::AwaitingApproval);
        };
        held(&engine).await;
        // The clock is put forward by a year, and back by two.
        house.clock.advance(365 * 24 * HOUR);
        held(&engine).await;
        house.clock.advance(-730 * 24 * HOUR);
        held(&engine).await;
        house.clock.advance(365 * 24 * HOUR);
        // Running time counts; a restart goes on from what was stored, so it can only be later, never earlier.
        clock.steady.fetch_add(30 * MINUTE, Ordering::SeqCst);
        running::store(&engine).await.unwrap();
        clock.steady.fetch_add(20 * MINUTE, Ordering::SeqCst);
        held(&engine).await;
        drop(engine);
        for _ in 0..3 {
            let (engine, clock) = another(&house).await;
            held(&engine).await;
            clock.steady.fetch_add(9 * MINUTE, Ordering::SeqCst);
            held(&engine).await;
        }
        let (engine, clock) = another(&house).await;
        clock.steady.fetch_add(30 * MINUTE + 2_000, Ordering::SeqCst);
        assert_eq!(
            wipe(&engine, all, ids[28]).await,
            CommandState::Queued,
            "an hour of running time is over"
        );
        running::store(&engine).await.unwrap();
        drop(engine);
        // What was ordered between a backup and its restore is not known any more.
        clock.steady.fetch_add(2 * HOUR, Ordering::SeqCst);
        running::mark_restored(house.database()).await.unwrap();
        let (engine, clock) = another(&house).await;
        clock.steady.fetch_add(59 * MINUTE, Ordering::SeqCst);
        held(&engine).await;
        clock.steady.fetch_add(MINUTE, Ordering::SeqCst);
        assert_eq!(wipe(&engine, all, ids[29]).await, CommandState::Queued);
        house.finish().await;
    }
}

#[tokio::test]
async fn two_nodes_share_one_count() {
    for house in houses().await {
        let ids = phones(&house, 24, "P").await;
        let (engine, _) = another(&house).await;
        let orders = ids.iter().enumerate().map(|(n, id)| {
            let node: &Engine = if n % 2 == 0 { &house } else { &engine };
            wipe(node, &house.acme.all, *id)
        });
        let states = futures_util::future::join_all(orders).await;
        assert_eq!(states.iter().filter(|state| **state == CommandState::Queued).count(), 5);
        house.finish().await;
    }
}

#[tokio::test]
async fn raising_the_limit_takes_a_second_person_and_lowering_it_does_not() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let ids = phones(&house, 3, "P").await;
        let limit = |limit| GovernorSettings { limit, ..GovernorSettings::default() };
        let denied = approvals::edit_limits(&house, &boss, limit(Some(9))).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "only a system administrator: {denied:?}");
        let all = &house.acme.all;
        let absurd = approvals::edit_limits(&house, all, limit(Some(2_000_000))).await;
        assert!(matches!(absurd, Err(Error::Invalid(_))), "{absurd:?}");
        let raised = approvals::edit_limits(&house, all, limit(Some(9))).await;
        assert!(matches!(raised, Err(Error::Held(_))), "{raised:?}");
        let again = approvals::edit_limits(&house, all, limit(Some(9))).await;
        assert!(matches!(again, Err(Error::Held(_))), "{again:?}");
        assert_eq!(approvals::count(&house, all), 1, "the same change is held once");
        approvals::edit_limits(&house, all, limit(Some(2))).await.unwrap();
        assert_eq!(approvals::limits(&house, all).unwrap().limit, 2);
        let back = approvals::edit_limits(&house, all, limit(None)).await;
        assert!(matches!(back, Err(Error::Held(_))), "{back:?}");
        // The ordinary settings do not reach it.
        organizations::edit_settings(&house, all, domain::model::OrganizationSettings::default())
            .await
            .unwrap();
        assert_eq!(approvals::limits(&house, all).unwrap().limit, 2);
        let states = [
            wipe(&house, all, ids[0]).await,
            wipe(&house, all, ids[1]).await,
            wipe(&house, all, ids[2]).await,
        ];
        assert_eq!(states[2], CommandState::AwaitingApproval);
        // Where there is no device yet, nothing could be let through: setting up takes one person.
        assert_eq!(approvals::limits(&house, &house.globex.all).unwrap().limit, 5);
        approvals::edit_limits(&house, &house.globex.all, limit(Some(50))).await.unwrap();
        assert_eq!(approvals::limits(&house, &house.globex.all).unwrap().limit, 50);
        house.finish().await;
    }
}

#[tokio::test]
async fn the_recovery_code_stands_for_the_second_person_once_and_not_on_its_first_day() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let secret = house.second_factor(&boss).await;
        let code = approvals::make_recovery_code(&house, &boss, &house.code(&secret)).await.unwrap();
        let ids = phones(&house, 8, "P").await;
        for id in &ids {
            wipe(&house, &boss, *id).await;
        }
        let held: Vec<HeldId> = approvals::list(&house, &boss, 9).unwrap().0.iter().map(|h| h.id).collect();
        assert_eq!(held.len(), 3);
        let approve = async |with: &str, second: &str| {
            let witness = Witness { code: second.into(), recovery_code: with.into() };
            approvals::approve(&house, &boss, &held, &witness).await
        };
        assert!(matches!(approve(&code, &house.code(&secret)).await, Err(Error::Invalid(_))), "made today");
        house.clock.advance(24 * HOUR);
        assert!(
            matches!(approve(&code, "000000").await, Err(Error::Invalid(_))),
            "the second factor is needed too"
        );
        assert!(matches!(approve("AAAA-BBBB-CCCC-DDDD", &house.code(&secret)).await, Err(Error::Invalid(_))));
        let other = house.administrator(&house.globex, "other", full()).await;
        let witness = Witness { code: String::new(), recovery_code: code.clone() };
        let foreign = approvals::approve(&house, &other, &held, &witness).await;
        assert!(matches!(foreign, Err(Error::Invalid(_))), "{foreign:?}");
        let done = approve(&code.to_lowercase(), &house.code(&secret)).await.unwrap();
        assert!(done.iter().all(|(_, outcome)| outcome.is_ok()), "{done:?}");
        assert_eq!(on_their_way(&house, &house), 8);
        assert!(
            matches!(approve(&code, &house.code(&secret)).await, Err(Error::Invalid(_))),
            "it is used up"
        );
        assert!(!house.journal_text(house.acme.id).await.contains(&code));
        let events = house.journal(house.acme.id).await;
        assert_eq!(events.iter().filter(|(e, _)| e == "governor.recovery_code_used").count(), 1);
        house.finish().await;
    }
}

#[tokio::test]
async fn what_is_held_can_be_recalled_and_expires() {
    for house in houses().await {
        let ids = phones(&house, 8, "P").await;
        for id in &ids {
            wipe(&house, &house.acme.all, *id).await;
        }
        let desk = house.administrator(&house.acme, "desk", RoleRef::Predefined("help_desk".into())).await;
        let held: Vec<HeldId> =
            approvals::list(&house, &house.acme.all, 9).unwrap().0.iter().map(|h| h.id).collect();
        let denied = approvals::recall(&house, &desk, &held[..1]).await;
        assert!(matches!(denied[0].1, Err(Error::Denied(_))), "{denied:?}");
        let foreign = approvals::recall(&house, &house.globex.all, &held[..1]).await;
        assert_eq!(foreign[0].1, Err(Error::NotFound("command")));
        assert_eq!(approvals::recall(&house, &house.acme.all, &held[..1]).await[0].1, Ok(()));
        assert_eq!(approvals::count(&house, &house.acme.all), 2);
        house.clock.advance(7 * 24 * HOUR);
        engine::housekeeping::run(&house).await.unwrap();
        assert_eq!(approvals::count(&house, &house.acme.all), 0);
        let events = house.journal(house.acme.id).await;
        assert_eq!(events.iter().filter(|(e, _)| e == "command.expired").count(), 2);
        assert_eq!(on_their_way(&house, &house), 5);
        house.finish().await;
    }
}

/// Restricts every device that was silent for an hour.
fn silence_ends_access() -> Vec<AccessEdit> {
    let both = [Target::ActivesyncConnections, Target::NetworkAccess];
    vec![
        rule(RuleId::NoContact, true, &[("hours", 1)], 0),
        level(Level::Organization, RuleId::NoContact, &both),
    ]
}

fn is_held<T: std::fmt::Debug>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Held(_)))
}

#[tokio::test]
async fn a_change_that_withdraws_from_many_is_held_counted_again_and_then_in_force() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let vice = house.administrator(&house.acme, "vice", full()).await;
        let secret = house.second_factor(&vice).await;
        house.clock.advance(24 * HOUR);
        let mut ids = Vec::new();
        for n in 0..7 {
            ids.push(house.provisioned(&house.acme, &format!("P{n}")).await.0.id);
        }
        house.clock.advance(2 * HOUR);
        let restricted = || {
            let closed = |id: &&DeviceId| !house.device(**id).verdict.allows(Target::NetworkAccess);
            ids.iter().filter(closed).count()
        };
        let outcome = compliance::edit_access(&house, &boss, silence_ends_access()).await;
        assert!(is_held(&outcome), "{outcome:?}");
        assert!(is_held(&compliance::edit_access(&house, &boss, silence_ends_access()).await));
        assert_eq!(restricted(), 0, "nothing is in force yet");
        let (list, total) = approvals::list(&house, &boss, 9).unwrap();
        assert_eq!((total, list[0].withdraws, list[0].devices.len()), (1, Some(7), 7));
        // An edit of few goes through, and moves what the held one was counted against.
        let never = Exception {
            kind: ExceptionKind::Never,
            expires_at: None,
            note: String::new(),
            by: String::new(),
        };
        let except = AccessEdit::Exception { level: Level::Device(ids[0]), exception: Some(never) };
        compliance::edit_access(&house, &boss, vec![except]).await.unwrap();
        let held = [list[0].id];
        let approve = async |scope: &Scope, code: String| {
            let witness = Witness { code, ..Witness::default() };
            approvals::approve(&house, scope, &held, &witness).await.unwrap().remove(0).1
        };
        assert!(matches!(approve(&boss, String::new()).await, Err(Error::Denied(_))), "his own");
        let moved = approve(&vice, house.code(&secret)).await;
        assert!(matches!(&moved, Err(Error::Conflict(why)) if why.contains("6 devices")), "{moved:?}");
        assert_eq!(restricted(), 0);
        assert_eq!(approvals::list(&house, &boss, 9).unwrap().0[0].withdraws, Some(6));
        assert_eq!(approve(&vice, house.code(&secret)).await, Ok(()));
        assert_eq!(restricted(), 6);
        assert_eq!(approvals::count(&house, &boss), 0);
        let events = house.journal(house.acme.id).await;
        let count = |event: &str| events.iter().filter(|(e, _)| e == event).count();
        assert_eq!((count("governor.change_held"), count("governor.change_approved")), (1, 1));
        house.finish().await;
    }
}

#[tokio::test]
async fn a_held_change_is_recalled_or_expires_and_another_organization_does_not_see_it() {
    for house in houses().await {
        phones(&house, 7, "P").await;
        house.clock.advance(24 * HOUR);
        let all = &house.acme.all;
        assert!(is_held(&compliance::edit_access(&house, all, silence_ends_access()).await));
        let held = approvals::list(&house, all, 9).unwrap().0[0].id;
        let foreign = approvals::recall(&house, &house.globex.all, &[held]).await;
        assert_eq!(foreign[0].1, Err(Error::NotFound("held change")));
        assert_eq!(approvals::list(&house, &house.globex.all, 9).unwrap().1, 0);
        assert_eq!(approvals::recall(&house, all, &[held]).await[0].1, Ok(()));
        assert!(is_held(&compliance::edit_access(&house, all, silence_ends_access()).await));
        house.clock.advance(7 * 24 * HOUR);
        engine::housekeeping::run(&house).await.unwrap();
        assert_eq!(approvals::count(&house, all), 0);
        let events = house.journal(house.acme.id).await;
        let count = |event: &str| events.iter().filter(|(e, _)| e == event).count();
        assert_eq!((count("governor.change_recalled"), count("governor.change_expired")), (1, 1));
        house.finish().await;
    }
}

/// An insider who makes an account, orders through it and approves as himself.
#[tokio::test]
async fn the_one_who_ordered_must_not_be_made_by_the_one_who_approves() {
    for house in houses().await {
        let vice = house.administrator(&house.acme, "vice", full()).await;
        let secret = house.second_factor(&vice).await;
        house.clock.advance(24 * HOUR);
        let puppet = house.administrator(&house.acme, "puppet", full()).await;
        for id in phones(&house, 6, "P").await {
            wipe(&house, &puppet, id).await;
        }
        let vice = Scope::clone(&vice);
        let held = approvals::list(&house, &vice, 9).unwrap().0.remove(0);
        assert!(held.refusal.is_some_and(|why| why.contains("24 hours")));
        let witness = Witness { code: house.code(&secret), ..Witness::default() };
        let outcome = approvals::approve(&house, &vice, &[held.id], &witness).await.unwrap();
        assert!(matches!(outcome[0].1, Err(Error::Denied(_))), "{outcome:?}");
        house.clock.advance(24 * HOUR);
        let witness = Witness { code: house.code(&secret), ..Witness::default() };
        assert_eq!(approvals::approve(&house, &vice, &[held.id], &witness).await.unwrap()[0].1, Ok(()));
        house.finish().await;
    }
}

#[tokio::test]
async fn an_organization_names_who_approves_from_outside_and_that_counts_a_day_later() {
    for house in houses().await {
        let system = sign_in::command_line(domain::model::Organization::SYSTEM);
        let root = |name: &'static str| {
            let system = system.clone();
            let house = &house;
            async move {
                let new = engine::administrators::NewAdministrator {
                    username: name.into(),
                    role: Some(full()),
                    password: PASSWORD.into(),
                    ..Default::default()
                };
                engine::administrators::create(house, &system, new).await.unwrap();
                let here = crate::house::caller("192.0.2.1");
                let (token, _) = sign_in::sign_in(house, name, PASSWORD, &here).await.unwrap();
                let scope = sign_in::scope_of_session(house, &token, home()).await.unwrap();
                sign_in::switch_organization(house, &scope, Some(house.acme.id)).await.unwrap();
                let scope = sign_in::scope_of_session(house, &token, home()).await.unwrap();
                let secret = house.second_factor(&scope).await;
                (scope, secret)
            }
        };
        let (first, first_secret) = root("first").await;
        let (second, second_secret) = root("second").await;
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let boss_secret = house.second_factor(&boss).await;
        house.clock.advance(24 * HOUR);
        assert_eq!(approvals::limits(&house, &boss).unwrap().others, 2);
        for id in phones(&house, 8, "P").await {
            wipe(&house, &boss, id).await;
        }
        let held: Vec<HeldId> = approvals::list(&house, &boss, 9).unwrap().0.iter().map(|h| h.id).collect();
        let approve = async |scope: &Scope, secret: &[u8], id: HeldId| {
            let witness = Witness { code: house.code(secret), ..Witness::default() };
            approvals::approve(&house, scope, &[id], &witness).await.unwrap().remove(0).1
        };
        assert_eq!(
            approve(&first, &first_secret, held[0]).await,
            Ok(()),
            "nobody was named: each of them may"
        );
        let name =
            async |who: &str| approvals::name_outside(&house, &boss, who, &house.code(&boss_secret)).await;
        for wrong in ["boss", "nobody at all", "anna"] {
            assert!(matches!(name(wrong).await, Err(Error::Invalid(_))), "{wrong}");
        }
        let unproven = approvals::name_outside(&house, &boss, "second", "000000").await;
        assert!(matches!(unproven, Err(Error::Invalid(_))), "{unproven:?}");
        name("second").await.unwrap();
        assert!(matches!(approve(&first, &first_secret, held[1]).await, Err(Error::Denied(_))));
        assert!(
            matches!(approve(&second, &second_secret, held[1]).await, Err(Error::Denied(_))),
            "named today"
        );
        assert_eq!(approvals::limits(&house, &boss).unwrap().others, 0);
        house.clock.advance(24 * HOUR);
        assert_eq!(approve(&second, &second_secret, held[1]).await, Ok(()));
        assert!(matches!(approve(&first, &first_secret, held[2]).await, Err(Error::Denied(_))));
        let limits = approvals::limits(&house, &boss).unwrap();
        assert_eq!((limits.others, limits.outside.unwrap().username.as_deref()), (1, Some("second")));
        name("").await.unwrap();
        house.clock.advance(24 * HOUR);
        assert!(
            matches!(approve(&second, &second_secret, held[2]).await, Err(Error::Denied(_))),
            "nobody may"
        );
        assert_eq!(
            house.journal(house.globex.id).await.iter().filter(|(e, _)| e.starts_with("gov")).count(),
            0
        );
        house.finish().await;
    }
}

/// Nothing that opens something is in the journal, in what is held, or in what an approver is shown.
#[tokio::test]
async fn what_approvers_show_is_kept_nowhere_in_clear() {
    for house in houses().await {
        let boss = house.administrator(&house.acme, "boss", full()).await;
        let offer = engine::second_factor::begin(&house, &boss, PASSWORD, "").await.unwrap();
        let secret = engine::second_factor::from_base32(&offer.secret).unwrap();
        let code = engine::second_factor::present_code(&secret, house.clock.now());
        let spare = engine::second_factor::confirm(&house, &boss, &code).await.unwrap();
        let sealed = approvals::make_recovery_code(&house, &boss, &house.code(&secret)).await.unwrap();
        house.clock.advance(24 * HOUR);
        for id in phones(&house, 7, "P").await {
            wipe(&house, &boss, id).await;
        }
        house.clock.advance(2 * HOUR);
        assert!(is_held(&compliance::edit_access(&house, &boss, silence_ends_access()).await));
        let (held, _) = approvals::list(&house, &boss, 9).unwrap();
        let mut shown = format!("{held:?}");
        for one in &held {
            if let HeldId::Change(id) = one.id {
                let detail = approvals::detail(&house, &boss, id, None, 9).await.unwrap();
                shown.push_str(&format!("{detail:?}"));
            }
        }
        let last = house.code(&secret);
        let witness = Witness { code: last.clone(), recovery_code: sealed.clone() };
        let outcomes = approvals::approve(&house, &boss, &[held[1].id], &witness).await.unwrap();
        assert_eq!(outcomes[0].1, Ok(()), "the sealed code stands for the second person");
        shown.push_str(&format!("{:?}", approvals::limits(&house, &boss).unwrap()));
        let org = house.directory().organization(house.acme.id).unwrap();
        shown.push_str(&format!("{:?}", org.read().governor));
        for organization in [house.acme.id, house.globex.id, domain::model::Organization::SYSTEM] {
            shown.push_str(&house.journal_text(organization).await);
        }
        let secrets = [offer.secret.clone(), hex::encode(&secret), sealed.clone(), PASSWORD.into()];
        let bare = |text: &str| text.replace('-', "");
        for secret in secrets.iter().chain(&spare) {
            assert!(!shown.contains(secret) && !shown.contains(&bare(secret)), "{secret}");
        }
        house.finish().await;
    }
}
