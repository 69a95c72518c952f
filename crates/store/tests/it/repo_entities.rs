//! What holds for every entity: it reads back as written, only in its organization, and a stale write is refused.

use crate::repo_fixture::*;
use domain::{Change, model::*};
use parking_lot::Mutex;
use std::sync::Arc;
use store::{
    StoreError,
    repo::{self, constraint},
};

/// One entity's way through its repository. `$change` edits it; `$made` is of `$world.acme`.
macro_rules! life {
    ($world:ident, $repo:ident, $made:expr, $stranger:expr, |$edited:ident| $change:expr, $changed:expr) => {{
        let (acme, globex) = ($world.acme, $world.globex);
        let made = $made;
        let id = made.id;

        // Insert, and read back the same.
        let mut first = made.clone();
        let stored = $world
            .write(acme, async move |tx| {
                let mut entity = made.clone();
                repo::$repo::put(tx, &mut entity).await?;
                Ok(entity)
            })
            .await
            .unwrap();
        first.rev = 1;
        assert_eq!(stored, first, "only the revision grows");
        let read = $world.read(acme, async move |tx| repo::$repo::get(tx, id).await).await.unwrap();
        assert_eq!(read.as_ref(), Some(&first));

        // Another organization does not see it, cannot write it, and cannot change it under its own name.
        let unseen = $world.read(globex, async move |tx| repo::$repo::get(tx, id).await).await.unwrap();
        assert_eq!(unseen, None);
        let foreign = first.clone();
        let refused = $world
            .write(globex, async move |tx| repo::$repo::put(tx, &mut foreign.clone()).await)
            .await
            .unwrap_err();
        assert!(matches!(refused, StoreError::Corrupt(_)), "{refused}");
        let mut disguised = $stranger;
        disguised.id = id;
        disguised.rev = 1;
        let refused =
            $world.write(globex, async move |tx| repo::$repo::put(tx, &mut disguised.clone()).await).await;
        assert_eq!(conflict(refused), $changed);

        // Update, then the stale one again.
        let edited = $world
            .write(acme, async move |tx| {
                let mut $edited = repo::$repo::get(tx, id).await?.expect("is there");
                $change;
                repo::$repo::put(tx, &mut $edited).await?;
                Ok($edited)
            })
            .await
            .unwrap();
        assert_eq!(edited.rev, 2);
        assert_ne!(edited, first);
        let (stale, left) = (first.clone(), Arc::new(Mutex::new(None)));
        let seen = left.clone();
        let refused = $world
            .write(acme, async move |tx| {
                let mut entity = stale.clone();
                let outcome = repo::$repo::put(tx, &mut entity).await;
                *seen.lock() = Some(entity.rev);
                outcome
            })
            .await;
        assert_eq!(conflict(refused), $changed);
        assert_eq!(*left.lock(), Some(1), "a refused entity keeps its revision");
        let read = $world.read(acme, async move |tx| repo::$repo::get(tx, id).await).await.unwrap();
        assert_eq!(read, Some(edited));
        id
    }};
}

/// The end of that way.
macro_rules! removed {
    ($world:ident, $repo:ident, $id:ident) => {{
        let (acme, globex) = ($world.acme, $world.globex);
        let foreign = $world.write(globex, async move |tx| repo::$repo::remove(tx, $id).await).await;
        assert_eq!(foreign, Ok(false), "of another organization");
        let removed = $world.write(acme, async move |tx| repo::$repo::remove(tx, $id).await).await;
        assert_eq!(removed, Ok(true));
        let again = $world.write(acme, async move |tx| repo::$repo::remove(tx, $id).await).await;
        assert_eq!(again, Ok(false));
        let read = $world.read(acme, async move |tx| repo::$repo::get(tx, $id).await).await.unwrap();
        assert_eq!(read, None);
    }};
}

#[tokio::test]
async fn entities_read_back_as_written_and_only_at_home() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let role = life!(
            world,
            roles,
            role(acme, "Night"),
            role(globex, "x"),
            |it| it.name = "Day".into(),
            "role_changed"
        );
        let owner = life!(
            world,
            administrators,
            administrator(acme, "Root", Some(RoleRef::Custom(role))),
            administrator(globex, "x", None),
            |it| it.role = Some(RoleRef::Predefined("full".into())),
            "administrator_changed"
        );
        let owner = world.read(acme, async move |tx| repo::administrators::get(tx, owner).await).await;
        let owner = owner.unwrap().unwrap();
        let mut stranger = token(&owner, 1);
        stranger.organization = globex;
        let token = life!(
            world,
            tokens,
            token(&owner, 1),
            stranger.clone(),
            |it| it.seen_at = Some(5),
            "token_changed"
        );
        let server = life!(
            world,
            servers,
            server(acme, "Mail"),
            server(globex, "x"),
            |it| it.enabled = false,
            "server_changed"
        );
        let suite = life!(
            world,
            suites,
            suite(acme, "All"),
            suite(globex, "x"),
            |it| it.published = Some(revision(1)),
            "suite_changed"
        );
        let schedule = life!(
            world,
            schedules,
            schedule(acme, "Shifts"),
            schedule(globex, "x"),
            |it| it.corporate.push_peak = false,
            "schedule_changed"
        );
        let mut bert = user(acme, "Bert");
        (bert.server, bert.suite) = (Some(server), Some(suite));
        let user = life!(
            world,
            users,
            bert,
            user(globex, "x"),
            |it| (it.server, it.suite) = (None, None),
            "user_changed"
        );
        life!(
            world,
            enrollment_tokens,
            enrollment_token(&world.anna, 1),
            enrollment_token(&world.other_anna, 2),
            |it| it.end = Some((TokenEnd::Redeemed, NOW + 1)),
            "enrollment_token_changed"
        );
        let device = life!(
            world,
            devices,
            device(&world.anna, 1),
            device(&world.other_anna, 2),
            |it| it.state = DeviceState::Wiped,
            "device_changed"
        );
        removed!(world, devices, device);
        removed!(world, users, user);
        removed!(world, suites, suite);
        removed!(world, schedules, schedule);
        removed!(world, servers, server);
        removed!(world, tokens, token);
        let owner = owner.id;
        removed!(world, administrators, owner);
        removed!(world, roles, role);
    }
}

#[tokio::test]
async fn commands_and_access_settings_read_back_as_written_and_only_at_home() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let (phone, other) = (device(&world.anna, 1), device(&world.other_anna, 2));
        let (mut mine, mut theirs) = (phone.clone(), other.clone());
        world.write(acme, async move |tx| repo::devices::put(tx, &mut mine.clone()).await).await.unwrap();
        world.write(globex, async move |tx| repo::devices::put(tx, &mut theirs.clone()).await).await.unwrap();
        mine = phone.clone();
        theirs = other.clone();
        life!(
            world,
            commands,
            command(&mine, catalog::CommandKind::FullWipe, NOW),
            command(&theirs, catalog::CommandKind::FullWipe, NOW),
            |it| it.state = CommandState::Sent,
            "command_changed"
        );

        let wanted = access(acme, world.anna.id, phone.id);
        let mut first = wanted.clone();
        first.rev = 1;
        let stored =
            world.write(acme, async move |tx| repo::access::put(tx, &mut wanted.clone()).await).await;
        assert_eq!(stored, Ok(()));
        assert_eq!(
            world.read(acme, async |tx| repo::access::get(tx).await).await.unwrap(),
            Some(first.clone())
        );
        assert_eq!(world.read(globex, async |tx| repo::access::get(tx).await).await, Ok(None));
        let again = access(acme, world.anna.id, phone.id);
        let second = world.write(acme, async move |tx| repo::access::put(tx, &mut again.clone()).await).await;
        assert_eq!(conflict(second), "access_config_pkey");
        let foreign = first.clone();
        let refused =
            world.write(globex, async move |tx| repo::access::put(tx, &mut foreign.clone()).await).await;
        assert!(matches!(refused, Err(StoreError::Corrupt(_))));
        first.rules.clear();
        let edited = first.clone();
        world.write(acme, async move |tx| repo::access::put(tx, &mut edited.clone()).await).await.unwrap();
        let stale = first.clone();
        let refused =
            world.write(acme, async move |tx| repo::access::put(tx, &mut stale.clone()).await).await;
        assert_eq!(conflict(refused), constraint::ACCESS_CHANGED);
    }
}

#[tokio::test]
async fn an_organization_is_written_only_by_a_unit_of_its_own() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let own = world
            .read(acme, async move |tx| repo::organizations::get(tx, acme).await)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((own.slug.as_str(), own.rev), ("acme", 1));
        let other = world.read(acme, async move |tx| repo::organizations::get(tx, globex).await).await;
        assert_eq!(other, Ok(None));
        let foreign = own.clone();
        let refused = world
            .write(globex, async move |tx| repo::organizations::put(tx, &mut foreign.clone()).await)
            .await;
        assert!(matches!(refused, Err(StoreError::Corrupt(_))));

        let mut edited = own.clone();
        edited.mail_domains = vec!["new.test".into()];
        let written = edited.clone();
        world
            .write(acme, async move |tx| repo::organizations::put(tx, &mut written.clone()).await)
            .await
            .unwrap();
        let stale = edited.clone();
        let refused =
            world.write(acme, async move |tx| repo::organizations::put(tx, &mut stale.clone()).await).await;
        assert_eq!(conflict(refused), constraint::ORGANIZATION_CHANGED);
        let mut renamed = edited.clone();
        (renamed.rev, renamed.slug) = (2, "other".into());
        let refused =
            world.write(acme, async move |tx| repo::organizations::put(tx, &mut renamed.clone()).await).await;
        assert_eq!(conflict(refused), constraint::ORGANIZATION_CHANGED, "a slug is immutable");

        // A name that was given up is free for another organization.
        let mut taker = world
            .read(globex, async move |tx| repo::organizations::get(tx, globex).await)
            .await
            .unwrap()
            .unwrap();
        taker.mail_domains.push("ACME.test".into());
        world
            .write(globex, async move |tx| repo::organizations::put(tx, &mut taker.clone()).await)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn every_write_is_announced_and_a_refused_one_is_not() {
    for world in worlds().await {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = heard.clone();
        world.test.on_commit(Arc::new(move |committed| {
            for item in committed {
                log.lock().push((item.organization, item.change.kind().name(), item.change.subject()));
            }
        }));
        let acme = world.acme;
        let boss = administrator(acme, "boss", None);
        let (owner, made) = (boss.id, boss.clone());
        world
            .write(acme, async move |tx| {
                repo::administrators::put(tx, &mut made.clone()).await?;
                repo::tokens::put(tx, &mut token(&made, 7)).await?;
                repo::sessions::open(tx, &session(&made, 8)).await?;
                repo::administrators::remove(tx, owner).await
            })
            .await
            .unwrap();
        let stale = User { rev: 7, ..world.anna.clone() };
        let refused = world.write(acme, async move |tx| repo::users::put(tx, &mut stale.clone()).await).await;
        assert_eq!(conflict(refused), constraint::USER_CHANGED);
        let heard = heard.lock();
        let kinds: Vec<_> = heard.iter().map(|(_, kind, _)| *kind).collect();
        assert_eq!(kinds, ["administrator", "token", "session", "session", "token", "administrator"]);
        assert_eq!(heard[5].2, owner.to_string());
        assert_eq!(heard[3].2, "08".repeat(32));
        assert!(heard.iter().all(|(organization, ..)| *organization == acme));
    }
}

#[tokio::test]
async fn the_change_carries_the_entity_as_stored() {
    for world in worlds().await {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = heard.clone();
        world.test.on_commit(Arc::new(move |committed| {
            log.lock().extend(committed.iter().map(|item| item.change.clone()));
        }));
        let (acme, anna) = (world.acme, world.anna.id);
        let stored = world
            .write(acme, async move |tx| {
                let mut user = repo::users::get(tx, anna).await?.expect("is there");
                user.email = "new@acme.test".into();
                repo::users::put(tx, &mut user).await?;
                Ok(user)
            })
            .await
            .unwrap();
        let heard = heard.lock();
        let [Change::User(announced)] = heard.as_slice() else { panic!("{heard:?}") };
        assert_eq!(**announced, stored);
        assert_eq!(announced.rev, 2);
    }
}

#[tokio::test]
async fn a_governor_is_made_once_locked_and_only_at_home() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        assert_eq!(world.read(acme, async |tx| repo::governor::get(tx).await).await, Ok(None));
        // Thirty at once, each counts one: none may be lost, and none sees a conflict.
        let counts = (0..30).map(|_| {
            world.write(acme, async move |tx| {
                let mut governor = repo::governor::lock(tx).await?;
                governor.mark += 1;
                repo::governor::put(tx, &mut governor).await
            })
        });
        for outcome in futures_util::future::join_all(counts).await {
            assert_eq!(outcome, Ok(()));
        }
        let stored = world.read(acme, async |tx| repo::governor::get(tx).await).await.unwrap().unwrap();
        assert_eq!((stored.mark, stored.rev, stored.organization), (30, 31, acme));
        assert_eq!(world.read(globex, async |tx| repo::governor::get(tx).await).await, Ok(None));
        let mut stale = stored.clone();
        stale.rev = 3;
        let stale =
            world.write(acme, async move |tx| repo::governor::put(tx, &mut stale.clone()).await).await;
        assert_eq!(conflict(stale), "governor_changed");
        let foreign =
            world.write(globex, async move |tx| repo::governor::put(tx, &mut stored.clone()).await).await;
        assert!(foreign.is_err());
    }
}

#[tokio::test]
async fn held_changes_are_kept_in_full_and_only_at_home() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let id = domain::model::HeldChangeId::from_uuid(uuid::Uuid::from_u128(77));
        let text = "x".repeat(3_000_000);
        let long = text.clone();
        world.write(acme, async move |tx| repo::held_changes::put(tx, id, &long).await).await.unwrap();
        let get = async |org| world.read(org, async move |tx| repo::held_changes::get(tx, id).await).await;
        assert_eq!(get(acme).await.unwrap().as_ref(), Some(&text));
        assert_eq!(get(globex).await, Ok(None));
        world.write(globex, async move |tx| repo::held_changes::remove(tx, id).await).await.unwrap();
        assert!(get(acme).await.unwrap().is_some(), "another organization removes nothing");
        world.write(acme, async move |tx| repo::held_changes::remove(tx, id).await).await.unwrap();
        assert_eq!(get(acme).await, Ok(None));
    }
}
