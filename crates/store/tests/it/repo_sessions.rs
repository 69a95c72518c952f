//! Sessions, tokens and suites beyond what holds for every entity.

use crate::repo_fixture::*;
use domain::model::*;
use store::repo::{self, constraint};

#[tokio::test]
async fn a_session_that_ended_cannot_be_brought_back() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let boss = administrator(acme, "boss", None);
        let first = session(&boss, 1);
        let (maker, opened) = (boss.clone(), first.clone());
        world
            .write(acme, async move |tx| {
                repo::administrators::put(tx, &mut maker.clone()).await?;
                repo::sessions::open(tx, &opened).await
            })
            .await
            .unwrap();
        let hash = first.token_hash.clone();
        let key = hash.clone();
        let read = world.read(acme, async move |tx| repo::sessions::get(tx, &key).await).await;
        assert_eq!(read, Ok(Some(first.clone())));
        let key = hash.clone();
        assert_eq!(world.read(globex, async move |tx| repo::sessions::get(tx, &key).await).await, Ok(None));
        let key = hash.clone();
        assert_eq!(world.write(globex, async move |tx| repo::sessions::end(tx, &key).await).await, Ok(false));

        let mut seen = first.clone();
        (seen.seen_at, seen.acting_in) = (NOW + 60_000, Some(globex));
        let update = seen.clone();
        world.write(acme, async move |tx| repo::sessions::update(tx, &update).await).await.unwrap();
        let key = hash.clone();
        let read = world.read(acme, async move |tx| repo::sessions::get(tx, &key).await).await;
        assert_eq!(read, Ok(Some(seen.clone())));

        assert_eq!(world.write(acme, async move |tx| repo::sessions::end(tx, &hash).await).await, Ok(true));
        let late = world.write(acme, async move |tx| repo::sessions::update(tx, &seen).await).await;
        assert_eq!(conflict(late), constraint::SESSION_CHANGED);
    }
}

#[tokio::test]
async fn sessions_end_by_time_and_with_their_administrator() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let (boss, clerk, other) = (
            administrator(acme, "boss", None),
            administrator(acme, "clerk", None),
            administrator(globex, "x", None),
        );
        let (first, second, third) = (boss.clone(), clerk.clone(), other.clone());
        world
            .write(acme, async move |tx| {
                repo::administrators::put(tx, &mut first.clone()).await?;
                repo::administrators::put(tx, &mut second.clone()).await?;
                for hash in 1..=4 {
                    repo::sessions::open(tx, &session(&first, hash)).await?;
                }
                repo::sessions::open(tx, &session(&second, 5)).await
            })
            .await
            .unwrap();
        world
            .write(globex, async move |tx| {
                repo::administrators::put(tx, &mut third.clone()).await?;
                repo::sessions::open(tx, &session(&third, 6)).await
            })
            .await
            .unwrap();
        // A session's time is NOW plus its number.
        assert_eq!(world.write(acme, async move |tx| repo::sessions::expire(tx, NOW + 2).await).await, Ok(2));
        assert_eq!(world.write(acme, async move |tx| repo::sessions::expire(tx, NOW + 2).await).await, Ok(0));
        let (boss, clerk) = (boss.id, clerk.id);
        let left =
            world.read(acme, async move |tx| repo::sessions::of_administrator(tx, boss).await).await.unwrap();
        assert_eq!(left.iter().map(|it| it.token_hash[0]).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(world.write(acme, async move |tx| repo::sessions::end_all(tx, boss).await).await, Ok(2));
        assert_eq!(
            world.write(acme, async move |tx| repo::administrators::remove(tx, clerk).await).await,
            Ok(true)
        );
        assert_eq!(
            world.write(acme, async move |tx| repo::sessions::expire(tx, i64::MAX).await).await,
            Ok(0)
        );
        assert_eq!(
            world.write(globex, async move |tx| repo::sessions::expire(tx, i64::MAX).await).await,
            Ok(1)
        );
    }
}

#[tokio::test]
async fn hash_and_owner_of_a_token_never_change() {
    for world in worlds().await {
        let acme = world.acme;
        let (boss, clerk) = (administrator(acme, "boss", None), administrator(acme, "clerk", None));
        let made = token(&boss, 1);
        let (first, second, stored) = (boss.clone(), clerk.clone(), made.clone());
        world
            .write(acme, async move |tx| {
                repo::administrators::put(tx, &mut first.clone()).await?;
                repo::administrators::put(tx, &mut second.clone()).await?;
                repo::tokens::put(tx, &mut stored.clone()).await
            })
            .await
            .unwrap();
        let (mut moved, mut rehashed) = (made.clone(), made);
        (moved.rev, moved.administrator) = (1, clerk.id);
        (rehashed.rev, rehashed.token_hash) = (1, vec![9; 32]);
        for token in [moved, rehashed] {
            let outcome =
                world.write(acme, async move |tx| repo::tokens::put(tx, &mut token.clone()).await).await;
            assert_eq!(conflict(outcome), constraint::TOKEN_CHANGED);
        }
    }
}

#[tokio::test]
async fn revisions_are_kept_and_immutable() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let made = suite(acme, "All");
        let id = made.id;
        world.write(acme, async move |tx| repo::suites::put(tx, &mut made.clone()).await).await.unwrap();
        for number in 1..=4 {
            world
                .write(acme, async move |tx| {
                    let mut suite = repo::suites::get(tx, id).await?.expect("is there");
                    suite.published = Some(revision(number));
                    repo::suites::put(tx, &mut suite).await?;
                    // An edit of the draft publishes nothing.
                    suite.draft = values(number + 50);
                    repo::suites::put(tx, &mut suite).await
                })
                .await
                .unwrap();
        }
        world
            .read(acme, async move |tx| {
                let newest = repo::suites::revisions(tx, id, None, 3).await?;
                assert_eq!(newest, [revision(4), revision(3), revision(2)]);
                assert_eq!(repo::suites::revisions(tx, id, Some(2), 3).await?, [revision(1)]);
                assert_eq!(repo::suites::revision(tx, id, 2).await?, Some(revision(2)));
                assert_eq!(repo::suites::revision(tx, id, 5).await?, None);
                Ok(())
            })
            .await
            .unwrap();
        let unseen = world.read(globex, async move |tx| repo::suites::revisions(tx, id, None, 3).await).await;
        assert_eq!(unseen, Ok(vec![]));
        let outcome = world
            .write(acme, async move |tx| {
                let mut suite = repo::suites::get(tx, id).await?.expect("is there");
                suite.published = Some(PolicyRevision { note: "rewritten".into(), ..revision(3) });
                repo::suites::put(tx, &mut suite).await
            })
            .await;
        assert_eq!(conflict(outcome), constraint::SUITE_REVISION);
        let gone = world
            .write(acme, async move |tx| {
                assert!(repo::suites::remove(tx, id).await?);
                repo::suites::revisions(tx, id, None, 3).await
            })
            .await;
        assert_eq!(gone, Ok(vec![]));
    }
}

fn user_session(user: &User, hash: u8) -> UserSession {
    UserSession {
        token_hash: vec![hash; 32],
        organization: user.organization,
        user: user.id,
        credential_epoch: 1,
        csrf: "token".into(),
        created_at: NOW + i64::from(hash),
        seen_at: NOW,
        expires_at: NOW + i64::from(hash),
        address: "192.0.2.1".into(),
        user_agent: "\u{fc}".into(),
        provider: None,
    }
}

#[tokio::test]
async fn sessions_of_users_stay_with_their_user_and_organization() {
    for world in worlds().await {
        let (acme, globex, anna, other) =
            (world.acme, world.globex, world.anna.clone(), world.other_anna.clone());
        let (first, second) = (user_session(&anna, 1), user_session(&other, 9));
        let ours = anna.clone();
        world
            .write(acme, async move |tx| {
                for hash in 1..=4 {
                    repo::user_sessions::open(tx, &user_session(&ours, hash)).await?;
                }
                Ok(())
            })
            .await
            .unwrap();
        let theirs = second.clone();
        world.write(globex, async move |tx| repo::user_sessions::open(tx, &theirs).await).await.unwrap();

        // Nobody opens, reads, changes or ends one of another organization.
        let stray = UserSession { organization: globex, ..user_session(&anna, 7) };
        let opened = world.write(globex, async move |tx| repo::user_sessions::open(tx, &stray).await).await;
        assert_eq!(conflict(opened), constraint::FOREIGN_KEY);
        let (user, hash) = (anna.id, first.token_hash.clone());
        let key = hash.clone();
        assert_eq!(
            world.write(globex, async move |tx| repo::user_sessions::end(tx, user, &key).await).await,
            Ok(false)
        );
        assert_eq!(
            world.read(globex, async move |tx| repo::user_sessions::of_user(tx, user).await).await,
            Ok(vec![])
        );
        let key = hash.clone();
        let found = world
            .read(Organization::SYSTEM, async move |tx| {
                repo::installation::lookup::user_session_by_hash(tx, &key).await
            })
            .await;
        assert_eq!(found, Ok(Some(first.clone())));
        let key = hash.clone();
        let refused = world
            .read(globex, async move |tx| repo::installation::lookup::user_session_by_hash(tx, &key).await)
            .await;
        assert!(refused.is_err(), "only the installation looks through all");

        // One that has ended cannot be brought back by a late note that it was seen.
        let key = hash.clone();
        assert_eq!(
            world.write(acme, async move |tx| repo::user_sessions::end(tx, user, &key).await).await,
            Ok(true)
        );
        assert_eq!(
            world.write(acme, async move |tx| repo::user_sessions::update(tx, &first).await).await,
            Ok(false)
        );
        assert_eq!(
            world.write(acme, async move |tx| repo::user_sessions::expire(tx, NOW + 2).await).await,
            Ok(1)
        );
        assert_eq!(
            world
                .write(acme, async move |tx| repo::user_sessions::end_others(tx, user, &[4; 32]).await)
                .await,
            Ok(1)
        );
        let left = world.read(acme, async move |tx| repo::user_sessions::of_user(tx, user).await).await;
        assert_eq!(left.unwrap().iter().map(|it| it.token_hash[0]).collect::<Vec<_>>(), [4]);

        // They go with their user.
        assert_eq!(world.write(acme, async move |tx| repo::users::remove(tx, user).await).await, Ok(true));
        assert_eq!(
            world.write(acme, async move |tx| repo::user_sessions::expire(tx, i64::MAX).await).await,
            Ok(0)
        );
        assert_eq!(
            world.write(globex, async move |tx| repo::user_sessions::expire(tx, i64::MAX).await).await,
            Ok(1)
        );
    }
}
