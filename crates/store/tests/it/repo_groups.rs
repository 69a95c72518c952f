//! Groups and who is in them, on both engines, with two organizations.

use crate::repo_fixture::{NOW, World, conflict, id, server, suite, user, worlds};
use domain::model::{Group, GroupId, GroupSettings, OrganizationId, User, UserId};
use domain::{Change, Id};
use store::{Tx, repo};

pub fn group(organization: OrganizationId, name: &str, priority: i64) -> Group {
    let note = "„Vertrieb“ \\ \0".into();
    let settings = GroupSettings::default();
    let name = name.into();
    Group {
        organization,
        id: id(),
        rev: 0,
        name,
        note,
        priority,
        settings,
        directory: None,
        rule: None,
        created_at: NOW,
    }
}

async fn put(world: &World, group: &Group) -> Result<Group, store::StoreError> {
    let group = group.clone();
    world
        .write(group.organization, async move |tx| {
            let mut group = group.clone();
            repo::groups::put(tx, &mut group).await?;
            Ok(group)
        })
        .await
}

async fn put_user(world: &World, user: &User) -> Result<User, store::StoreError> {
    let user = user.clone();
    world
        .write(user.organization, async move |tx| {
            let mut user = user.clone();
            repo::users::put(tx, &mut user).await?;
            Ok(user)
        })
        .await
}

async fn members(world: &World, organization: OrganizationId, id: GroupId) -> Vec<UserId> {
    world.read(organization, async move |tx| repo::groups::members(tx, id, 100).await).await.unwrap()
}

#[tokio::test]
async fn groups_read_back_in_their_order_and_only_at_home() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let mut mail = server(acme, "Mail");
        let mut rules = suite(acme, "Rules");
        let (server, suite) = (mail.id, rules.id);
        world
            .write(acme, async move |tx| {
                repo::servers::put(tx, &mut mail.clone()).await?;
                repo::suites::put(tx, &mut rules.clone()).await
            })
            .await
            .unwrap();
        (mail, rules) =
            (crate::repo_fixture::server(globex, "Mail"), crate::repo_fixture::suite(globex, "x"));
        let mut sales = group(acme, "Sales", 7);
        sales.settings.suite = Some(suite);
        sales.settings.server = Some(server);
        let sales = put(&world, &sales).await.unwrap();
        let board = put(&world, &group(acme, "Board", 2)).await.unwrap();
        let theirs = put(&world, &group(globex, "Sales", 7)).await.unwrap();
        let all = world.read(acme, async move |tx| repo::groups::all(tx).await).await.unwrap();
        assert_eq!(all, [board.clone(), sales.clone()]);
        let foreign = theirs.id;
        let read = world.read(acme, async move |tx| repo::groups::get(tx, foreign).await).await;
        assert_eq!(read, Ok(None));
        assert_eq!(conflict(put(&world, &group(acme, "SALES", 9)).await), "group_name");
        assert_eq!(conflict(put(&world, &group(acme, "Other", 7)).await), "group_priority");
        assert_eq!(conflict(put(&world, &Group { rev: 7, ..sales.clone() }).await), "group_changed");
        // A suite or server of another organization does not exist here.
        for settings in [
            GroupSettings { suite: Some(rules.id), ..GroupSettings::default() },
            GroupSettings { server: Some(mail.id), ..GroupSettings::default() },
        ] {
            let wrong = Group { settings, ..group(acme, "Wrong", 9) };
            assert_eq!(conflict(put(&world, &wrong).await), "foreign_key");
        }
        let gone = world.write(acme, async move |tx| repo::suites::remove(tx, suite).await).await;
        assert_eq!(conflict(gone), "foreign_key", "the group has it");
        // Two that change places never have the same number, and both are told of once.
        let (a, b) = (sales.clone(), board.clone());
        let swapped = world
            .write(acme, async move |tx| {
                let (mut a, mut b) = (a.clone(), b.clone());
                std::mem::swap(&mut a.priority, &mut b.priority);
                repo::groups::step_aside(tx, a.id).await?;
                repo::groups::step_aside(tx, b.id).await?;
                repo::groups::put(tx, &mut a).await?;
                repo::groups::put(tx, &mut b).await?;
                repo::groups::all(tx).await
            })
            .await
            .unwrap();
        assert_eq!(
            swapped.iter().map(|g| (g.id, g.priority)).collect::<Vec<_>>(),
            [(sales.id, 2), (board.id, 7)]
        );
        let id = sales.id;
        let elsewhere = world.write(globex, async move |tx| repo::groups::remove(tx, id).await).await;
        assert_eq!(elsewhere, Ok(false));
        let removed = world.write(acme, async move |tx| repo::groups::remove(tx, id).await).await;
        assert_eq!(removed, Ok(true));
        let gone = world.write(acme, async move |tx| repo::suites::remove(tx, suite).await).await;
        assert_eq!(gone, Ok(true));
    }
}

#[tokio::test]
async fn members_are_those_whose_users_say_so_and_never_strangers() {
    for world in worlds().await {
        let (acme, globex) = (world.acme, world.globex);
        let sales = put(&world, &group(acme, "Sales", 1)).await.unwrap().id;
        let board = put(&world, &group(acme, "Board", 2)).await.unwrap().id;
        let theirs = put(&world, &group(globex, "Sales", 1)).await.unwrap().id;
        let mut anna = world.anna.clone();
        anna.groups = vec![sales, board];
        let anna = put_user(&world, &anna).await.unwrap();
        let bert = put_user(&world, &User { groups: vec![sales], ..user(acme, "Bert") }).await.unwrap();
        let other = User { groups: vec![theirs], ..world.other_anna.clone() };
        put_user(&world, &other).await.unwrap();
        assert_eq!(members(&world, acme, sales).await, [anna.id, bert.id]);
        assert_eq!(members(&world, acme, board).await, [anna.id]);
        assert_eq!(members(&world, acme, theirs).await, [], "another organization's");
        // A group of another organization, or none at all, cannot be joined; nothing of the user is written then.
        for stranger in [theirs, id()] {
            let wrong = User { groups: vec![stranger], display_name: "?".into(), ..anna.clone() };
            assert_eq!(conflict(put_user(&world, &wrong).await), "foreign_key");
        }
        let a = anna.id;
        let kept = world.read(acme, async move |tx| repo::users::get(tx, a).await).await.unwrap();
        assert_eq!(kept.as_ref(), Some(&anna));
        let full = world.write(acme, async move |tx| repo::groups::remove(tx, sales).await).await;
        assert_eq!(conflict(full), "foreign_key", "it has members");
        let anna = put_user(&world, &User { groups: vec![board], ..anna }).await.unwrap();
        let b = bert.id;
        world.write(acme, async move |tx| repo::users::remove(tx, b).await).await.unwrap();
        assert_eq!(members(&world, acme, sales).await, [], "one left, one is gone");
        assert_eq!(members(&world, acme, board).await, [anna.id]);
        let empty = world.write(acme, async move |tx| repo::groups::remove(tx, sales).await).await;
        assert_eq!(empty, Ok(true));
    }
}

#[tokio::test]
async fn nodes_hear_of_groups_and_read_all_at_the_start() {
    for world in worlds().await {
        let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let copy = std::sync::Arc::clone(&heard);
        world.test.on_commit(std::sync::Arc::new(move |committed: &[store::Committed]| {
            let mut heard = copy.lock().unwrap();
            heard.extend(committed.iter().map(|one| (one.change.kind().name(), one.change.subject())));
        }));
        let sales = put(&world, &group(world.acme, "Sales", 1)).await.unwrap();
        put(&world, &group(world.globex, "Sales", 1)).await.unwrap();
        let id = sales.id;
        let unit = async move |tx: &mut Tx| repo::groups::remove(tx, id).await;
        let all = world
            .read(domain::model::Organization::SYSTEM, async move |tx| {
                repo::installation::entities::groups(tx, None, 10).await
            })
            .await
            .unwrap();
        assert_eq!(all.len(), 2);
        world.write(world.acme, unit).await.unwrap();
        let about: Vec<_> =
            heard.lock().unwrap().iter().filter(|(_, s)| *s == id.to_string()).cloned().collect();
        assert_eq!(about, [("group", id.to_string()), ("group", id.to_string())], "made and removed");
        assert_eq!(Change::GroupRemoved(Id::from_uuid(id.uuid())).kind(), domain::ChangeKind::Group);
    }
}
