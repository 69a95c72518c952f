//! Changes that may take the mail without any rule: how phones find their organization and their mail server, what the
//! gate accepts, blocks, and removed records; and many small changes in a row.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use catalog::{CommandKind, Target};
use domain::model::{DeviceId, DeviceState, GroupSettings, RoleRef, ServerId};
use engine::approvals::{self, HeldId, Witness};
use engine::compliance::Risk;
use engine::devices::{self, Assign};
use engine::eas::{self, Acknowledgement};
use engine::groups::{self, GroupInput};
use engine::organizations::{self, OrganizationEdit};
use engine::servers::{self, ServerInput};
use engine::users::{self, UserInput};
use engine::{Error, Scope, commands, running};

use crate::governor::another;
use crate::groups::{group, join};
use crate::holds::readable;
use crate::house::{HOUR, House, houses, user};

const PHONES: usize = 7;

/// Two administrators, and seven phones of one user that took their policy in part.
struct Stage {
    boss: Scope,
    vice: Scope,
    secret: Vec<u8>,
    phones: Vec<DeviceId>,
    first: ServerId,
    second: ServerId,
}

fn mail(name: &str, url: &str) -> ServerInput {
    ServerInput { name: name.into(), url: url.into(), ..ServerInput::default() }
}

fn full() -> RoleRef {
    RoleRef::Predefined("full".into())
}

impl Stage {
    async fn build(house: &House) -> Self {
        let acme = &house.acme;
        let boss = house.administrator(acme, "boss", full()).await;
        let vice = house.administrator(acme, "vice", full()).await;
        let secret = house.second_factor(&vice).await;
        house.clock.advance(24 * HOUR);
        let mut phones = Vec::new();
        for n in 0..PHONES {
            house.provisioned(&house.globex, &format!("P{n}")).await;
            let phone = house.enrol(acme, &format!("P{n}")).await;
            let key = eas::send_policy(house, &phone, "16.1").await.unwrap().temporary_key.to_string();
            let outcome = eas::acknowledge(house, &house.device(phone.id), &key, 2).await.unwrap();
            assert!(matches!(outcome, Acknowledgement::Key(_)), "{outcome:?}");
            phones.push(phone.id);
        }
        let first = servers::create(house, &acme.all, mail("First", "first.acme.test")).await.unwrap();
        let second = servers::create(house, &acme.all, mail("Second", "second.acme.test")).await.unwrap();
        Self { boss, vice, secret, phones, first, second }
    }

    /// Held, shown with these phones and this reason, and done once it is approved.
    async fn waits(
        &self,
        house: &House,
        outcome: Result<(), Error>,
        phones: &[DeviceId],
        risk: Option<Risk>,
    ) {
        let id = held(outcome, risk);
        let HeldId::Change(change) = id else { panic!("{id}") };
        let found = approvals::detail(house, &self.boss, change, None, 100).await.unwrap();
        readable(&found.lines, &[&found.held.what]);
        let losing: BTreeSet<DeviceId> = found.losing.iter().map(|losing| losing.device).collect();
        assert_eq!(losing, phones.iter().copied().collect(), "{risk:?}");
        for losing in &found.losing {
            assert_eq!(losing.risk, risk);
            assert!(losing.targets.contains(Target::ActivesyncConnections), "{losing:?}");
        }
        let foreign = approvals::detail(house, &house.globex.all, change, None, 9).await;
        assert_eq!(foreign.unwrap_err(), Error::NotFound("held change"));
        let witness = Witness { code: house.code(&self.secret), ..Witness::default() };
        let done = approvals::approve(house, &self.vice, &[id], &witness).await.unwrap();
        assert_eq!(done[0].1, Ok(()), "{risk:?}");
        assert_eq!(approvals::count(house, &house.globex.all), 0);
    }

    async fn block(&self, house: &House, n: usize) -> Result<(), Error> {
        let order = commands::Order { device: self.phones[n], kind: CommandKind::Block, note: "lost".into() };
        commands::order(house, &self.boss, order).await.map(drop)
    }
}

fn held<T: std::fmt::Debug>(outcome: Result<T, Error>, what: impl std::fmt::Debug) -> HeldId {
    match outcome {
        Err(Error::Held(notice)) => HeldId::Change(notice.id),
        other => panic!("{what:?} was not held: {other:?}"),
    }
}

fn blocked(house: &House, phones: &[DeviceId]) -> usize {
    phones.iter().filter(|id| house.device(**id).block.is_some()).count()
}

async fn grant(house: &House, edit: OrganizationEdit) -> Result<(), Error> {
    organizations::edit(house, &house.acme.all, house.acme.id, edit).await
}

#[tokio::test]
async fn another_mail_server_and_another_form_of_it_wait_for_a_second_person() {
    for house in houses().await {
        let (stage, anna) = (Stage::build(&house).await, house.acme.anna.id);
        let (boss, phones) = (&stage.boss, &stage.phones);
        let own = |server| UserInput { server, ..user("anna", "acme.test") };

        let to_first = users::edit(&house, boss, anna, own(Some(stage.first))).await;
        stage.waits(&house, to_first, phones, Some(Risk::AnotherServer)).await;
        let assign = Assign { server: Some(Some(stage.second)), ..Assign::default() };
        let many = devices::assign(&house, boss, &phones[..1], &assign).await.map(drop);
        stage.waits(&house, many, phones, Some(Risk::AnotherServer)).await;
        assert_eq!(users::get(&house, boss, anna).unwrap().server, Some(stage.second));

        let named = ServerInput { name: "Renamed".into(), ..mail("", "second.acme.test") };
        servers::edit(&house, boss, stage.second, named).await.unwrap();
        let other = servers::edit(&house, boss, stage.first, mail("First", "other.acme.test")).await;
        assert_eq!(other, Ok(()), "nobody is there");
        let moved = servers::edit(&house, boss, stage.second, mail("Second", "third.acme.test")).await;
        stage.waits(&house, moved, phones, Some(Risk::ServerChanged)).await;
        let off = ServerInput { enabled: false, ..mail("Second", "third.acme.test") };
        let off = servers::edit(&house, boss, stage.second, off).await;
        stage.waits(&house, off, phones, Some(Risk::ServerOff)).await;
        let now = servers::get(&house, boss, stage.second).unwrap();
        assert_eq!((now.enabled, now.url.contains("third")), (false, true));

        // Through a group; from a server that is off there is nothing to lose.
        users::edit(&house, boss, anna, own(None)).await.unwrap();
        let sales = group(&house, &house.acme, "Sales", GroupSettings::default()).await;
        join(&house, &house.acme, sales, &[anna]).await;
        let settings = GroupSettings { server: Some(stage.first), ..GroupSettings::default() };
        let input = GroupInput { name: "Sales".into(), note: String::new(), settings };
        let by_group = groups::edit(&house, boss, sales, input).await;
        stage.waits(&house, by_group, phones, Some(Risk::AnotherServer)).await;
        let leave = groups::change_members(&house, boss, sales, &[], &[anna]).await.map(drop);
        stage.waits(&house, leave, phones, Some(Risk::AnotherServer)).await;
        house.finish().await;
    }
}

#[tokio::test]
async fn domains_host_names_and_a_stricter_gate_wait_for_a_second_person() {
    for house in houses().await {
        let stage = Stage::build(&house).await;
        let phones = &stage.phones;
        let more = OrganizationEdit {
            mail_domains: Some(vec!["acme.test".into(), "acme2.test".into()]),
            ..OrganizationEdit::default()
        };
        grant(&house, more).await.unwrap();
        // Nobody has an address there.
        let less =
            OrganizationEdit { mail_domains: Some(vec!["ACME.test".into()]), ..OrganizationEdit::default() };
        grant(&house, less).await.unwrap();
        let none = || Some(Vec::new());
        for edit in [
            OrganizationEdit { mail_domains: none(), ..OrganizationEdit::default() },
            OrganizationEdit { login_domains: none(), ..OrganizationEdit::default() },
            OrganizationEdit { host_names: none(), ..OrganizationEdit::default() },
        ] {
            stage.waits(&house, grant(&house, edit).await, phones, Some(Risk::NotReached)).await;
        }
        let now = organizations::current(&house, &house.acme.all).unwrap();
        assert_eq!((now.mail_domains.len(), now.login_domains.len(), now.host_names.len()), (0, 0, 0));
        let globex = organizations::current(&house, &house.globex.all).unwrap();
        assert_eq!((globex.mail_domains.len(), globex.host_names.len()), (1, 1));

        let back =
            OrganizationEdit { mail_domains: Some(vec!["acme.test".into()]), ..OrganizationEdit::default() };
        grant(&house, back).await.unwrap();
        let mut settings = now.settings.clone();
        settings.allow_partial_policy = false;
        let partial = organizations::edit_settings(&house, &stage.boss, settings.clone()).await;
        stage.waits(&house, partial, phones, Some(Risk::PolicyNotAccepted)).await;

        settings.allow_non_provisionable = true;
        organizations::edit_settings(&house, &stage.boss, settings.clone()).await.unwrap();
        let mut old = Vec::new();
        for n in 0..PHONES {
            old.push(house.enrol(&house.acme, &format!("OLD{n}")).await.id);
        }
        settings.allow_non_provisionable = false;
        let gone = organizations::edit_settings(&house, &stage.boss, settings).await;
        stage.waits(&house, gone, &old, Some(Risk::NeverProvisioned)).await;
        house.finish().await;
    }
}

#[tokio::test]
async fn blocks_of_many_wait_as_one() {
    for house in houses().await {
        let stage = Stage::build(&house).await;
        let (boss, phones) = (&stage.boss, &stage.phones);
        let many = commands::order_many(&house, boss, phones, CommandKind::Block, "stolen").await;
        assert_eq!(blocked(&house, phones), 0);
        stage.waits(&house, many.map(drop), phones, None).await;
        assert_eq!(blocked(&house, phones), PHONES);
        let note = house.device(phones[0]).block.as_ref().map(|block| block.reason.clone());
        assert_eq!(note.as_deref(), Some("stolen"));
        // What gives access back waits for nobody.
        let allowed = commands::order_many(&house, boss, phones, CommandKind::Allow, "").await.unwrap();
        assert!(allowed.iter().all(|(_, outcome)| outcome.is_ok()), "{allowed:?}");
        assert_eq!(blocked(&house, phones), 0);
        house.finish().await;
    }
}

#[tokio::test]
async fn many_small_changes_in_a_row_are_counted_together_whatever_they_are() {
    for house in houses().await {
        let stage = Stage::build(&house).await;
        let all = &house.acme.all;
        let quiet = async |n: usize| devices::remove(&house, &stage.boss, stage.phones[n]).await;
        for n in 0..3 {
            stage.block(&house, n).await.unwrap();
        }
        // Somebody else, by other means.
        for n in 3..5 {
            quiet(n).await.unwrap();
        }
        assert_eq!(approvals::limits(&house, all).unwrap().withdrawn, 5);
        let id = held(stage.block(&house, 5).await, "the sixth");
        held(quiet(6).await, "the sixth");
        assert_eq!(blocked(&house, &stage.phones[5..6]), 0);
        assert_eq!(house.device(stage.phones[6]).state, DeviceState::Enrolled);
        // The other organization has its own hour, and a change that takes nothing is made at once.
        let theirs: Vec<DeviceId> = {
            let org = house.directory().organization(house.globex.id).unwrap();
            org.read().devices.iter().map(|device| device.id).take(5).collect()
        };
        let done = commands::order_many(&house, &house.globex.all, &theirs, CommandKind::Block, "").await;
        assert!(done.unwrap().iter().all(|(_, outcome)| outcome.is_ok()));
        assert_eq!(approvals::limits(&house, &house.globex.all).unwrap().withdrawn, 5);
        let order =
            commands::Order { device: stage.phones[0], kind: CommandKind::Allow, note: String::new() };
        commands::order(&house, &stage.boss, order).await.unwrap();
        // What is approved is not counted, and an hour later there is room again.
        let witness = Witness { code: house.code(&stage.secret), ..Witness::default() };
        let done = approvals::approve(&house, &stage.vice, &[id], &witness).await.unwrap();
        assert_eq!(done[0].1, Ok(()));
        assert_eq!(approvals::limits(&house, all).unwrap().withdrawn, 5);
        house.clock.advance(HOUR);
        stage.block(&house, 0).await.unwrap();
        assert_eq!(approvals::limits(&house, all).unwrap().withdrawn, 1);
        house.finish().await;
    }
}

#[tokio::test]
async fn the_hour_of_changes_survives_a_restart_a_restored_backup_and_the_clock() {
    for house in houses().await {
        let stage = Stage::build(&house).await;
        let block = async |engine: &engine::Engine, n: usize| {
            let order =
                commands::Order { device: stage.phones[n], kind: CommandKind::Block, note: String::new() };
            commands::order(engine, &stage.boss, order).await.map(drop)
        };
        let (engine, clock) = another(&house).await;
        for n in 0..5 {
            block(&engine, n).await.unwrap();
        }
        for days in [365, -730, 365] {
            house.clock.advance(days * 24 * HOUR);
            held(block(&engine, 5).await, "the clock makes no room");
        }
        clock.steady.fetch_add(HOUR / 2, Ordering::SeqCst);
        running::store(&engine).await.unwrap();
        drop(engine);
        let (engine, clock) = another(&house).await;
        held(block(&engine, 5).await, "nor does a restart");
        clock.steady.fetch_add(HOUR / 2 + 2_000, Ordering::SeqCst);
        block(&engine, 5).await.unwrap();
        running::store(&engine).await.unwrap();
        drop(engine);
        running::mark_restored(house.database()).await.unwrap();
        let (engine, clock) = another(&house).await;
        held(block(&engine, 6).await, "nobody knows what was let through since the backup");
        clock.steady.fetch_add(HOUR, Ordering::SeqCst);
        block(&engine, 6).await.unwrap();
        house.finish().await;
    }
}

#[tokio::test]
async fn two_nodes_that_do_not_know_of_each_other_share_one_hour() {
    for house in houses().await {
        let stage = Stage::build(&house).await;
        running::store(&house).await.unwrap();
        let (other, _) = another(&house).await;
        let (here, there) = (&stage.phones[..3], &stage.phones[3..6]);
        let (first, second) = tokio::join!(
            commands::order_many(&house, &stage.boss, here, CommandKind::Block, ""),
            commands::order_many(&other, &stage.boss, there, CommandKind::Block, "")
        );
        assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
        assert_eq!(blocked(&house, &stage.phones), 3);
        let refused = first.err().or(second.err()).unwrap();
        assert!(matches!(&refused, Error::Conflict(_) | Error::Held(_)), "{refused:?}");
        house.finish().await;
    }
}
