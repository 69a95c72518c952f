//! Uniqueness and foreign keys: every conflict names its constraint, and no row points into another
//! organization.

use crate::repo_fixture::*;
use domain::model::*;
use store::repo::{self, constraint};

#[tokio::test]
async fn names_are_unique_where_they_must_be() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let mut twin = organization("acme");
        twin.mail_domains.clear();
        twin.login_domains.clear();
        twin.host_names.clear();
        let outcome =
            world.write(twin.id, async move |tx| repo::organizations::put(tx, &mut twin.clone()).await).await;
        assert_eq!(conflict(outcome), constraint::ORGANIZATION_SLUG);
        for grab in [
            |it: &mut Organization| it.mail_domains = vec!["Mail.Acme.Test".into()],
            |it: &mut Organization| it.login_domains = vec!["ACME".into()],
            |it: &mut Organization| it.host_names = vec!["mdm.acme.test".into()],
        ] {
            let mut thief = organization("thief");
            grab(&mut thief);
            let outcome = world
                .write(thief.id, async move |tx| repo::organizations::put(tx, &mut thief.clone()).await)
                .await;
            assert_eq!(conflict(outcome), constraint::ORGANIZATION_NAME);
        }
        // One name may serve as several kinds, and twice in a list.
        let mut odd = organization("odd");
        odd.login_domains = vec!["acme.test".into(), "ACME.test".into()];
        world
            .write(odd.id, async move |tx| repo::organizations::put(tx, &mut odd.clone()).await)
            .await
            .unwrap();

        world
            .write(acme, async move |tx| {
                repo::administrators::put(tx, &mut administrator(acme, "root", None)).await?;
                repo::roles::put(tx, &mut role(acme, "Night")).await?;
                repo::servers::put(tx, &mut server(acme, "Mail")).await?;
                repo::schedules::put(tx, &mut schedule(acme, "Shifts")).await?;
                repo::suites::put(tx, &mut suite(acme, "All")).await
            })
            .await
            .unwrap();
        let outcome = world
            .write(globex, async move |tx| {
                repo::administrators::put(tx, &mut administrator(globex, "ROOT", None)).await
            })
            .await;
        assert_eq!(conflict(outcome), constraint::ADMINISTRATOR_USERNAME, "in the whole installation");
        let outcome =
            world.write(acme, async move |tx| repo::roles::put(tx, &mut role(acme, "night")).await).await;
        assert_eq!(conflict(outcome), constraint::ROLE_NAME);
        let outcome =
            world.write(acme, async move |tx| repo::users::put(tx, &mut user(acme, "ANNA")).await).await;
        assert_eq!(conflict(outcome), constraint::USER_USERNAME);
        let outcome =
            world.write(acme, async move |tx| repo::servers::put(tx, &mut server(acme, "MAIL")).await).await;
        assert_eq!(conflict(outcome), constraint::SERVER_NAME);
        let outcome =
            world.write(acme, async move |tx| repo::suites::put(tx, &mut suite(acme, "aLL")).await).await;
        assert_eq!(conflict(outcome), constraint::SUITE_NAME);
        let outcome = world
            .write(acme, async move |tx| repo::schedules::put(tx, &mut schedule(acme, "SHIFTS")).await)
            .await;
        assert_eq!(conflict(outcome), constraint::SCHEDULE_NAME);
        // All but administrators are free in another organization.
        world
            .write(globex, async move |tx| {
                repo::roles::put(tx, &mut role(globex, "night")).await?;
                repo::servers::put(tx, &mut server(globex, "MAIL")).await?;
                repo::schedules::put(tx, &mut schedule(globex, "SHIFTS")).await?;
                repo::suites::put(tx, &mut suite(globex, "aLL")).await
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn device_keys_are_unique_where_they_must_be() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let phone = device(&world.anna, 1);
        let first = phone.clone();
        world.write(acme, async move |tx| repo::devices::put(tx, &mut first.clone()).await).await.unwrap();
        type Edit = fn(&mut Device);
        let cases: [(Edit, &str); 4] = [
            (|it| it.number = 1, constraint::DEVICE_NUMBER),
            (|it| it.guid = guid(1), constraint::DEVICE_GUID),
            (|it| it.guid = guid(1_000_001), constraint::DEVICE_GUID),
            (|it| it.aliases = vec![guid(1)], constraint::DEVICE_GUID),
        ];
        for (change, name) in cases {
            let mut other = device(&world.other_anna, 2);
            change(&mut other);
            let outcome =
                world.write(globex, async move |tx| repo::devices::put(tx, &mut other.clone()).await).await;
            assert_eq!(conflict(outcome), name, "in the whole installation");
        }
        let mut same = device(&world.anna, 3);
        same.channels[0].external_id = "APPLÄ1".into();
        let outcome =
            world.write(acme, async move |tx| repo::devices::put(tx, &mut same.clone()).await).await;
        assert_eq!(conflict(outcome), constraint::CHANNEL_EXTERNAL_ID);
        // The same DeviceId with another user, here and elsewhere, is another device.
        let bert = user(acme, "Bert");
        let mut his = device(&bert, 4);
        his.channels[0].external_id = "applä1".into();
        let mut hers = device(&world.other_anna, 5);
        hers.channels[0].external_id = "applä1".into();
        world
            .write(acme, async move |tx| {
                repo::users::put(tx, &mut bert.clone()).await?;
                repo::devices::put(tx, &mut his.clone()).await
            })
            .await
            .unwrap();
        world.write(globex, async move |tx| repo::devices::put(tx, &mut hers.clone()).await).await.unwrap();
    }
}

#[tokio::test]
async fn nothing_points_into_another_organization() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let (night, mail, all) = (role(acme, "Night"), server(acme, "Mail"), suite(acme, "All"));
        let (boss, phone) = (administrator(acme, "boss", None), device(&world.anna, 1));
        let (role, server, suite) = (night.id, mail.id, all.id);
        let (foreign_boss, foreign_phone) = (boss.clone(), phone.clone());
        world
            .write(acme, async move |tx| {
                repo::roles::put(tx, &mut night.clone()).await?;
                repo::servers::put(tx, &mut mail.clone()).await?;
                repo::suites::put(tx, &mut all.clone()).await?;
                repo::administrators::put(tx, &mut boss.clone()).await?;
                repo::devices::put(tx, &mut phone.clone()).await
            })
            .await
            .unwrap();
        macro_rules! refused {
            ($what:literal, |$tx:ident| $put:expr) => {{
                let outcome = world.write(globex, async move |$tx| $put.await).await;
                assert_eq!(conflict(outcome), constraint::FOREIGN_KEY, $what);
            }};
        }
        let admin = administrator(globex, "x", Some(RoleRef::Custom(role)));
        refused!("role of an administrator", |tx| repo::administrators::put(tx, &mut admin.clone()));
        let mut stolen = token(&foreign_boss, 1);
        stolen.organization = globex;
        refused!("administrator of a token", |tx| repo::tokens::put(tx, &mut stolen.clone()));
        let mut hijacked = session(&foreign_boss, 1);
        hijacked.home = globex;
        refused!("administrator of a session", |tx| repo::sessions::open(tx, &hijacked));
        let mut person = user(globex, "x");
        person.server = Some(server);
        refused!("server of a user", |tx| repo::users::put(tx, &mut person.clone()));
        let mut person = user(globex, "x");
        person.suite = Some(suite);
        refused!("suite of a user", |tx| repo::users::put(tx, &mut person.clone()));
        let mut owned = device(&world.other_anna, 2);
        owned.user = world.anna.id;
        refused!("owner of a device", |tx| repo::devices::put(tx, &mut owned.clone()));
        let mut ruled = device(&world.other_anna, 2);
        ruled.suite = Some(suite);
        refused!("suite of a device", |tx| repo::devices::put(tx, &mut ruled.clone()));
        let mut wipe = command(&foreign_phone, catalog::CommandKind::FullWipe, NOW);
        wipe.organization = globex;
        refused!("device of a command", |tx| repo::commands::put(tx, &mut wipe.clone()));
        let trace = repo::traces::Trace {
            user: world.anna.id,
            started_at: NOW,
            until: NOW + 1,
            started_by: "x".into(),
        };
        refused!("user of a trace", |tx| repo::traces::start(tx, &trace));
        let phone = foreign_phone.id;
        let stored = world
            .write(globex, async move |tx| {
                repo::presence::flush(tx, &[(phone, NOW)]).await?;
                let stored = repo::exchanges::put(tx, phone, b"x").await?;
                Ok((stored, repo::presence::get(tx, phone).await?, repo::exchanges::get(tx, phone).await?))
            })
            .await;
        assert_eq!(stored, Ok((false, None, None)));
        let (presence, exchanges) = world
            .read(acme, async move |tx| {
                Ok((repo::presence::get(tx, phone).await?, repo::exchanges::get(tx, phone).await?))
            })
            .await
            .unwrap();
        assert_eq!((presence, exchanges), (None, None));
    }
}

#[tokio::test]
async fn what_is_in_use_cannot_be_removed() {
    for world in worlds().await {
        let (acme, anna) = (world.acme, world.anna.id);
        let (night, mail, all) = (role(acme, "Night"), server(acme, "Mail"), suite(acme, "All"));
        let boss = administrator(acme, "boss", Some(RoleRef::Custom(night.id)));
        let (role, server, suite) = (night.id, mail.id, all.id);
        let mut bert = user(acme, "Bert");
        bert.server = Some(server);
        let mut phone = device(&world.anna, 1);
        phone.suite = Some(suite);
        let wipe = command(&phone, catalog::CommandKind::AccountWipe, NOW);
        let device = phone.id;
        let mut done = wipe.clone();
        world
            .write(acme, async move |tx| {
                repo::roles::put(tx, &mut night.clone()).await?;
                repo::servers::put(tx, &mut mail.clone()).await?;
                repo::suites::put(tx, &mut all.clone()).await?;
                repo::administrators::put(tx, &mut boss.clone()).await?;
                repo::users::put(tx, &mut bert.clone()).await?;
                repo::devices::put(tx, &mut phone.clone()).await?;
                repo::commands::put(tx, &mut wipe.clone()).await
            })
            .await
            .unwrap();
        let foreign_key = constraint::FOREIGN_KEY;
        let outcome = world.write(acme, async move |tx| repo::roles::remove(tx, role).await).await;
        assert_eq!(conflict(outcome), foreign_key);
        let outcome = world.write(acme, async move |tx| repo::servers::remove(tx, server).await).await;
        assert_eq!(conflict(outcome), foreign_key);
        let outcome = world.write(acme, async move |tx| repo::suites::remove(tx, suite).await).await;
        assert_eq!(conflict(outcome), foreign_key);
        let outcome = world.write(acme, async move |tx| repo::users::remove(tx, anna).await).await;
        assert_eq!(conflict(outcome), foreign_key);
        let outcome = world.write(acme, async move |tx| repo::devices::remove(tx, device).await).await;
        assert_eq!(conflict(outcome), foreign_key, "a pending wipe keeps its device");
        (done.rev, done.state) = (1, CommandState::Acknowledged);
        let left = world
            .write(acme, async move |tx| {
                repo::commands::put(tx, &mut done.clone()).await?;
                assert!(repo::devices::remove(tx, device).await?);
                repo::commands::of_device(tx, device, 9).await
            })
            .await
            .unwrap();
        assert_eq!(left.len(), 1, "history outlives the device");
    }
}
