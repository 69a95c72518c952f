//! What is read over all organizations: complete, in pages, and only by the installation itself.

use crate::repo_fixture::*;
use domain::{Id, model::*};
use store::{
    StoreError,
    repo::{
        self, constraint,
        installation::{
            counter, entities,
            login_failures::{self, FailureKind, LoginFailures},
            lookup, settings,
        },
        organizations::NameKind,
    },
};
use uuid::Uuid;

const PER_ORGANIZATION: usize = 5;

/// Fills both organizations with five of everything.
async fn fill(world: &World) {
    for (organization, owner, start) in
        [(world.acme, world.anna.clone(), 0), (world.globex, world.other_anna.clone(), 5)]
    {
        world
            .write(organization, async move |tx| {
                let access = access(organization, owner.id, id());
                repo::access::put(tx, &mut access.clone()).await?;
                for number in start + 1..=start + PER_ORGANIZATION as u8 {
                    let mut boss = administrator(organization, &format!("boss{number}"), None);
                    repo::administrators::put(tx, &mut boss).await?;
                    repo::roles::put(tx, &mut role(organization, &format!("role{number}"))).await?;
                    repo::tokens::put(tx, &mut token(&boss, number)).await?;
                    repo::sessions::open(tx, &session(&boss, number)).await?;
                    repo::servers::put(tx, &mut server(organization, &format!("server{number}"))).await?;
                    repo::suites::put(tx, &mut suite(organization, &format!("suite{number}"))).await?;
                    repo::schedules::put(tx, &mut schedule(organization, &format!("shift{number}"))).await?;
                    repo::enrollment_tokens::put(tx, &mut enrollment_token(&owner, number)).await?;
                    if usize::from(number - start) < PER_ORGANIZATION {
                        repo::users::put(tx, &mut user(organization, &format!("user{number}"))).await?;
                    }
                    let mut phone = device(&owner, number.into());
                    repo::devices::put(tx, &mut phone).await?;
                    let mut order = command(&phone, catalog::CommandKind::FullWipe, NOW);
                    repo::commands::put(tx, &mut order).await?;
                    repo::presence::flush(tx, &[(phone.id, NOW + i64::from(number))]).await?;
                    let due = [(phone.id, Some(NOW - i64::from(number)))].into();
                    repo::check_ins::flush(tx, &due).await?;
                }
                Ok(())
            })
            .await
            .unwrap();
    }
}

/// Reads everything in pages of 3 and compares with one large page.
macro_rules! pages {
    ($tx:ident, $read:path, $key:expr) => {{
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let page = $read($tx, after.clone(), 3).await?;
            assert!(page.len() <= 3);
            let Some(last) = page.last() else { break };
            after = Some($key(last));
            all.extend(page);
        }
        assert_eq!(all, $read($tx, None, 1000).await?, stringify!($read));
        all
    }};
}

#[tokio::test]
async fn everything_is_read_completely_in_pages() {
    for world in worlds().await {
        fill(&world).await;
        let (acme, globex) = (world.acme, world.globex);
        let mut founder = administrator(Organization::SYSTEM, "root", None);
        founder.kind = AdminKind::System;
        world
            .write(Organization::SYSTEM, async move |tx| {
                repo::administrators::put(tx, &mut founder.clone()).await?;
                repo::sessions::open(tx, &session(&founder, 99)).await
            })
            .await
            .unwrap();
        world
            .read(Organization::SYSTEM, async move |tx| {
                let organizations = pages!(tx, entities::organizations, |it: &Organization| it.id);
                assert_eq!(organizations.iter().map(|it| it.id).collect::<Vec<_>>(), [acme, globex]);
                let access = pages!(tx, entities::access, |it: &AccessConfig| it.organization);
                assert_eq!(access.len(), 2);
                let bosses =
                    pages!(tx, entities::administrators, |it: &Administrator| (it.organization, it.id));
                assert_eq!((bosses.len(), bosses[0].username.as_str()), (11, "root"));
                let sessions =
                    pages!(tx, entities::sessions, |it: &Session| (it.home, it.token_hash.clone()));
                assert_eq!((sessions.len(), sessions[0].token_hash[0]), (11, 99));
                assert_eq!(pages!(tx, entities::roles, |it: &Role| (it.organization, it.id)).len(), 10);
                assert_eq!(pages!(tx, entities::tokens, |it: &ApiToken| (it.organization, it.id)).len(), 10);
                assert_eq!(
                    pages!(tx, entities::servers, |it: &ActiveSyncServer| (it.organization, it.id)).len(),
                    10
                );
                assert_eq!(
                    pages!(tx, entities::suites, |it: &PolicySuite| (it.organization, it.id)).len(),
                    10
                );
                assert_eq!(pages!(tx, entities::users, |it: &User| (it.organization, it.id)).len(), 10);
                assert_eq!(
                    pages!(tx, entities::commands, |it: &OrderedCommand| (it.organization, it.id)).len(),
                    10
                );
                let devices = pages!(tx, entities::devices, |it: &Device| (it.organization, it.id));
                assert_eq!(devices.len(), 10);
                assert!(devices[..5].iter().all(|it| it.organization == acme));
                let presence =
                    pages!(tx, entities::presence, |it: &(OrganizationId, DeviceId, i64)| (it.0, it.1));
                let wanted: Vec<_> =
                    devices.iter().map(|it| (it.organization, it.id, NOW + it.number)).collect();
                assert_eq!(presence, wanted);
                let due = pages!(tx, entities::check_ins, |it: &entities::Moment| (it.0, it.1));
                let wanted: Vec<_> =
                    devices.iter().map(|it| (it.organization, it.id, NOW - it.number)).collect();
                assert_eq!(due, wanted);
                let schedules = pages!(tx, entities::schedules, |it: &Schedule| (it.organization, it.id));
                assert_eq!(schedules.len(), 10);
                Ok(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_unit_of_an_organization_cannot_read_the_installation() {
    for world in worlds().await {
        let acme = world.acme;
        world
            .read(acme, async move |tx| {
                let mut refused = Vec::new();
                refused.push(entities::organizations(tx, None, 1).await.err());
                refused.push(entities::access(tx, None, 1).await.err());
                refused.push(entities::administrators(tx, None, 1).await.err());
                refused.push(entities::roles(tx, None, 1).await.err());
                refused.push(entities::tokens(tx, None, 1).await.err());
                refused.push(entities::users(tx, None, 1).await.err());
                refused.push(entities::devices(tx, None, 1).await.err());
                refused.push(entities::suites(tx, None, 1).await.err());
                refused.push(entities::servers(tx, None, 1).await.err());
                refused.push(entities::commands(tx, None, 1).await.err());
                refused.push(entities::sessions(tx, None, 1).await.err());
                refused.push(entities::presence(tx, None, 1).await.err());
                refused.push(entities::check_ins(tx, None, 1).await.err());
                refused.push(entities::schedules(tx, None, 1).await.err());
                refused.push(entities::traces(tx, NOW, None, 1).await.err());
                refused.push(lookup::administrator_by_username(tx, "x").await.err());
                refused.push(lookup::session_by_hash(tx, b"x").await.err());
                refused.push(lookup::token_by_hash(tx, b"x").await.err());
                refused.push(lookup::enrollment_token_by_hash(tx, b"x").await.err());
                refused.push(lookup::organization_by_slug(tx, "acme").await.err());
                refused.push(lookup::organization_by_name(tx, NameKind::HostName, "x").await.err());
                refused.push(lookup::guid_is_taken(tx, Uuid::nil()).await.err());
                for (index, error) in refused.into_iter().enumerate() {
                    assert!(matches!(error, Some(StoreError::Other(_))), "{index}: {error:?}");
                }
                Ok(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn look_ups_before_sign_in_find_each_organization() {
    for world in worlds().await {
        fill(&world).await;
        let (acme, globex) = (world.acme, world.globex);
        world
            .read(Organization::SYSTEM, async move |tx| {
                let boss = lookup::administrator_by_username(tx, "BOSS7").await?.expect("is there");
                assert_eq!(boss.organization, globex);
                assert_eq!(lookup::administrator_by_username(tx, "bo\0ss").await?, None);
                let session = lookup::session_by_hash(tx, &[7; 32]).await?.expect("is there");
                assert_eq!((session.home, session.administrator), (globex, boss.id));
                assert_eq!(lookup::session_by_hash(tx, &[77; 32]).await?, None);
                let token = lookup::token_by_hash(tx, &[2; 32]).await?.expect("is there");
                assert_eq!(token.organization, acme);
                assert_eq!(lookup::token_by_hash(tx, &[]).await?, None);
                let code = lookup::enrollment_token_by_hash(tx, &[7; 32]).await?.expect("is there");
                assert_eq!(code.organization, globex);
                assert_eq!(lookup::enrollment_token_by_hash(tx, &[]).await?, None);
                let by_slug = lookup::organization_by_slug(tx, "globex").await?.map(|it| it.id);
                assert_eq!(by_slug, Some(globex));
                assert_eq!(lookup::organization_by_slug(tx, "none").await?, None);
                for (kind, name, wanted) in [
                    (NameKind::MailDomain, "Mail.Acme.Test", Some(acme)),
                    (NameKind::LoginDomain, "GLOBEX", Some(globex)),
                    (NameKind::HostName, "mdm.acme.test", Some(acme)),
                    (NameKind::HostName, "acme.test", None),
                ] {
                    let found = lookup::organization_by_name(tx, kind, name).await?.map(|it| it.id);
                    assert_eq!(found, wanted, "{name}");
                }
                assert!(lookup::guid_is_taken(tx, guid(3)).await?);
                assert!(lookup::guid_is_taken(tx, guid(1_000_003)).await?, "an alias");
                assert!(!lookup::guid_is_taken(tx, guid(500)).await?);
                Ok(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn device_numbers_are_given_out_once_in_the_installation() {
    for world in worlds().await {
        let mut numbers = Vec::new();
        for organization in [world.acme, world.globex, world.acme] {
            numbers.push(
                world.write(organization, async |tx| counter::next_device_number(tx).await).await.unwrap(),
            );
        }
        assert_eq!(numbers, [1, 2, 3]);
        let outcome: Result<(), StoreError> = world
            .write(world.acme, async |tx| {
                let sql = "UPDATE installation_counter SET value = 2147483647";
                tx.execute(sql, &[]).await?;
                counter::next_device_number(tx).await.map(drop)
            })
            .await;
        assert!(outcome.unwrap_err().to_string().contains("given out"));
    }
}

#[tokio::test]
async fn login_failures_are_counted_cleared_and_purged() {
    for world in worlds().await {
        let (account, address) = (FailureKind::Account, FailureKind::Address);
        let failures =
            |count, start, locked| LoginFailures { count, window_start: NOW + start, locked_until: locked };
        world
            .write(Organization::SYSTEM, async move |tx| {
                assert_eq!(login_failures::get(tx, account, "x").await?, None);
                login_failures::put(tx, account, "x", &failures(1, 0, None)).await?;
                login_failures::put(tx, account, "x", &failures(2, 0, Some(NOW + 9))).await?;
                login_failures::put(tx, address, "x", &failures(7, 5, None)).await?;
                login_failures::put(tx, address, "odd\0", &failures(1, 0, None)).await?;
                assert_eq!(login_failures::get(tx, account, "x").await?, Some(failures(2, 0, Some(NOW + 9))));
                assert_eq!(login_failures::get(tx, address, "x").await?, Some(failures(7, 5, None)));
                assert_eq!(login_failures::purge(tx, NOW + 5, NOW + 8).await?, 1, "only the odd one");
                assert_eq!(login_failures::purge(tx, NOW + 5, NOW + 9).await?, 1, "no longer locked");
                assert!(login_failures::clear(tx, address, "x").await?);
                assert!(!login_failures::clear(tx, address, "x").await?);
                Ok(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn settings_are_kept_and_nodes_that_start_together_agree() {
    for world in worlds().await {
        world
            .write(Organization::SYSTEM, async |tx| {
                assert_eq!(settings::get(tx, "instance").await?, None);
                assert_eq!(settings::put_if_absent(tx, "instance", &[0, 1]).await?, [0, 1]);
                assert_eq!(settings::put_if_absent(tx, "instance", &[2]).await?, [0, 1]);
                settings::put(tx, "instance", &[3]).await?;
                assert_eq!(settings::get(tx, "instance").await?, Some(vec![3]));
                assert!(settings::remove(tx, "instance").await?);
                assert!(!settings::remove(tx, "instance").await?);
                let large = vec![0; settings::MAX_BYTES + 1];
                assert!(settings::put(tx, "instance", &large).await.is_err());
                assert!(settings::put_if_absent(tx, "instance", &large).await.is_err());
                Ok(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn preferences_are_written_by_whoever_read_the_last_ones() {
    use domain::model::InstallationSettings;
    use store::repo::installation::preferences;
    for world in worlds().await {
        let acme = world.acme;
        let outcome: Result<(), StoreError> =
            world.write(acme, async |tx| preferences::get(tx).await.map(drop)).await;
        assert!(outcome.is_err(), "not for a unit of an organization");
        world
            .write(Organization::SYSTEM, async move |tx| {
                let mut first = preferences::get(tx).await?;
                assert_eq!(first, InstallationSettings::default());
                let mut late = first.clone();
                first.default_organization = Some(acme);
                preferences::put(tx, &mut first).await?;
                assert_eq!((first.rev, preferences::get(tx).await?), (1, first.clone()));
                let conflict = preferences::put(tx, &mut late).await.unwrap_err();
                assert!(conflict.is_conflict(constraint::INSTALLATION_CHANGED));
                assert_eq!(late.rev, 0);
                first.default_organization = None;
                preferences::put(tx, &mut first).await?;
                assert_eq!(preferences::get(tx).await?.rev, 2);
                Ok(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn ids_order_the_same_on_both_engines() {
    // Pages and `live` rely on the order of UUIDs being that of their bytes.
    for world in worlds().await {
        let acme = world.acme;
        let ids: Vec<UserId> =
            (0u8..40).map(|n| Id::from_uuid(Uuid::from_bytes([n.wrapping_mul(67); 16]))).collect();
        let made = ids.clone();
        world
            .write(acme, async move |tx| {
                for (number, id) in made.iter().enumerate() {
                    let mut user = User { id: *id, ..user(acme, &format!("u{number}")) };
                    repo::users::put(tx, &mut user).await?;
                }
                Ok(())
            })
            .await
            .unwrap();
        let mut wanted = ids;
        wanted.push(world.anna.id);
        wanted.sort();
        let users =
            world.read(Organization::SYSTEM, async |tx| entities::users(tx, None, 100).await).await.unwrap();
        let found: Vec<_> = users.iter().filter(|it| it.organization == acme).map(|it| it.id).collect();
        assert_eq!(found, wanted);
    }
}
