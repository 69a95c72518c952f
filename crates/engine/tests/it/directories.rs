//! LDAP servers: linked folders and groups, refreshes, sign-in by bind; on both storage engines, with two organizations.

use std::sync::Arc;

use catalog::DirectoryKind;
use domain::model::{DirectoryServerId, GroupSettings, Liability, User, UserState, VanishedAction};
use engine::directories::{self, DirectoryInput, Link};
use engine::groups::{self, GroupInput};
use engine::{Error, eas, users};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use simulator::ldap::{Directory, Manner, READER, Tree};

use crate::house::{House, Tenant, houses, open};

const FOLDER: &str = "ou=p,dc=x";

pub async fn directory(manner: Manner, tree: Tree) -> (Directory, String) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let directory = Directory::start(manner, false, tree, made.cert.der().clone(), key).await.unwrap();
    (directory, made.cert.pem())
}

fn input(directory: &Directory, roots: &str) -> DirectoryInput {
    DirectoryInput {
        name: "Staff".into(),
        kind: DirectoryKind::OpenLdap,
        host: "localhost".into(),
        port: directory.port,
        roots: roots.into(),
        bind_dn: READER.0.into(),
        password: READER.1.into(),
        bases: vec!["dc=x".into()],
        users_sign_in: true,
        ..DirectoryInput::default()
    }
}

/// A server of `acme` with the folder of people linked and refreshed.
async fn linked(
    house: &House,
    tree: Tree,
    change: impl Fn(&mut DirectoryInput),
) -> (Directory, DirectoryServerId) {
    house.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
    let (directory, roots) = directory(Manner::Honest, tree).await;
    let mut input = input(&directory, &roots);
    change(&mut input);
    let id = directories::create(house, &house.acme.all, input).await.unwrap();
    let link = Link { dn: FOLDER.into(), settings: GroupSettings::default() };
    directories::link(house, &house.acme.all, id, link).await.unwrap();
    let run = directories::refresh(house, &house.acme.all, id, false).await.unwrap();
    assert!(run.done, "{run:?}");
    (directory, id)
}

fn named(house: &House, tenant: &Tenant, name: &str) -> Option<Arc<User>> {
    let org = house.directory().organization(tenant.id).unwrap();
    org.read().user_by_name(name).cloned()
}

async fn refresh(house: &House, id: DirectoryServerId) -> domain::model::DirectoryRun {
    directories::refresh(house, &house.acme.all, id, false).await.unwrap()
}

#[tokio::test]
async fn people_of_a_linked_folder_become_users_once() {
    for house in houses().await {
        let (directory, id) = linked(&house, Tree::people(600), |_| {}).await;
        let u7 = named(&house, &house.acme, "u7").expect("u7 came");
        assert_eq!((u7.display_name.as_str(), u7.state), ("Ann", UserState::Active));
        let links = directories::linked(&house, &house.acme.all, id).unwrap();
        assert_eq!((links.len(), links[0].1), (1, 600));
        assert_eq!((links[0].0.name.as_str(), u7.groups.as_slice()), ("p", &[links[0].0.id][..]));
        // Nothing else came, and nobody came to the other organization.
        assert!(named(&house, &house.globex, "u7").is_none());
        let again = refresh(&house, id).await;
        assert_eq!((again.created, again.changed, again.gone, again.conflict_count), (0, 0, 0, 0));
        // A restart finds everything as it was, and the refresh still has nothing to do.
        let reopened = open(house.database(), &house.clock).await;
        reopened.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
        let again = directories::refresh(&reopened, &house.acme.all, id, false).await.unwrap();
        assert_eq!((again.done, again.created, again.changed), (true, 0, 0));
        // Renamed and moved people are the same users.
        let renamed =
            [("objectClass", "inetOrgPerson"), ("uid", "u7.new"), ("entryUUID", "id-of-uid=u7,ou=p,dc=x")];
        directory.tree.lock().take("uid=u7,ou=p,dc=x");
        directory.tree.lock().put("uid=anna,ou=p,dc=x", &renamed);
        let renamed = refresh(&house, id).await;
        assert_eq!((renamed.created, renamed.changed, renamed.gone), (0, 1, 0), "{renamed:?}");
        assert_eq!(named(&house, &house.acme, "u7.new").map(|user| user.id), Some(u7.id));
    }
}

#[tokio::test]
async fn an_empty_answer_removes_nobody() {
    for house in houses().await {
        let change = |input: &mut DirectoryInput| input.vanished = VanishedAction::Remove;
        let (directory, id) = linked(&house, Tree::people(30), change).await;
        let before = directory.tree.lock().clone();
        *directory.tree.lock() = Tree::people(0);
        let run = refresh(&house, id).await;
        assert!(!run.done && run.words.contains("30 of 30"), "{run:?}");
        assert!(named(&house, &house.acme, "u3").is_some());
        // The folder itself is gone: nothing happens either.
        *directory.tree.lock() = Tree::default();
        let run = refresh(&house, id).await;
        assert!(!run.done && named(&house, &house.acme, "u3").is_some(), "{run:?}");
        // One who is gone is removed; all of them only with consent.
        *directory.tree.lock() = before;
        directory.tree.lock().take("uid=u3,ou=p,dc=x");
        assert_eq!(refresh(&house, id).await.gone, 1);
        assert!(named(&house, &house.acme, "u3").is_none());
        *directory.tree.lock() = Tree::people(0);
        let run = directories::refresh(&house, &house.acme.all, id, true).await.unwrap();
        assert_eq!((run.done, run.gone), (true, 29), "{run:?}");
    }
}

#[tokio::test]
async fn an_import_without_a_link_makes_users_once() {
    for house in houses().await {
        let mut tree = Tree::people(8);
        let member = ("member", "uid=u2,ou=p,dc=x");
        tree.put("cn=some,dc=x", &[("objectClass", "groupOfNames"), member, ("member", "uid=u3,ou=p,dc=x")]);
        house.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
        let (directory, roots) = directory(Manner::Honest, tree).await;
        let scope = &house.acme.all;
        let id = directories::create(&house, scope, input(&directory, &roots)).await.unwrap();
        let import = async |name: &str| directories::import(&house, scope, id, &[name.into()]).await.unwrap();
        let first = import("cn=some,dc=x").await;
        assert_eq!((first.done, first.import, first.created), (true, true, 2), "{first:?}");
        let u2 = named(&house, &house.acme, "u2").unwrap();
        assert!(u2.groups.is_empty() && named(&house, &house.acme, "u1").is_none());
        let again = import("cn=some,dc=x").await;
        assert_eq!((again.done, again.created, again.changed), (true, 0, 0), "{again:?}");
        // Nothing is linked: who goes is not missed, and a refresh finds nothing to do.
        directory.tree.lock().take("uid=u2,ou=p,dc=x");
        assert_eq!(refresh(&house, id).await.gone, 0);
        assert_eq!(named(&house, &house.acme, "u2").unwrap().state, UserState::Active);
        assert_eq!(import(FOLDER).await.created, 6);
        let missing = import("ou=none,dc=x").await;
        assert!(!missing.done && missing.words.contains("ou=none"), "{missing:?}");
        let none = directories::import(&house, scope, id, &[]).await.unwrap_err();
        assert!(matches!(&none, Error::Invalid(all) if all[0].field == "dns"), "{none}");
        let theirs = directories::import(&house, &house.globex.all, id, &[FOLDER.into()]).await.unwrap_err();
        assert_eq!(theirs, Error::NotFound("LDAP server"));
    }
}

#[tokio::test]
async fn who_is_gone_is_disabled_and_comes_back() {
    for house in houses().await {
        let (directory, id) = linked(&house, Tree::people(30), |_| {}).await;
        directory.tree.lock().take("uid=u3,ou=p,dc=x");
        assert_eq!(refresh(&house, id).await.gone, 1);
        let gone = named(&house, &house.acme, "u3").unwrap();
        assert_eq!((gone.state, gone.groups.len()), (UserState::Disabled, 0));
        directory.tree.lock().person("u3");
        refresh(&house, id).await;
        let back = named(&house, &house.acme, "u3").unwrap();
        assert_eq!((back.id, back.state, back.groups.len()), (gone.id, UserState::Active, 1));
    }
}

#[tokio::test]
async fn members_of_a_directory_group_are_decided_there() {
    for house in houses().await {
        let mut tree = Tree::people(20);
        let member = |n: usize| format!("uid=u{n},ou=p,dc=x");
        let (one, two, inner) = (member(1), member(2), "cn=inner,dc=x");
        let class = ("objectClass", "groupOfNames");
        tree.put("cn=sales,dc=x", &[class, ("cn", "sales"), ("member", &one), ("member", inner)]);
        tree.put(inner, &[class, ("cn", "inner"), ("member", "cn=sales,dc=x"), ("member", &two)]);
        let (directory, id) = linked(&house, tree, |_| {}).await;
        let settings = GroupSettings { liability: Some(Liability::Individual), ..GroupSettings::default() };
        let link = Link { dn: "CN=Sales,DC=x".into(), settings };
        let scope = &house.acme.all;
        let sales = directories::link(&house, scope, id, link.clone()).await.unwrap();
        let twice = directories::link(&house, scope, id, link).await.unwrap_err();
        assert!(matches!(twice, Error::Conflict(_)), "{twice}");
        refresh(&house, id).await;
        let [u1, u2, u3] = ["u1", "u2", "u3"].map(|name| named(&house, &house.acme, name).unwrap());
        let is_in = |user: &User| user.groups.contains(&sales);
        assert!(is_in(&u1) && is_in(&u2) && !is_in(&u3));
        // Nobody is put in or taken out by hand, in any way.
        for refused in [
            groups::change_members(&house, scope, sales, &[u3.id], &[]).await.map(drop),
            groups::change_members(&house, scope, sales, &[], &[u1.id]).await.map(drop),
            groups::set_of_user(&house, scope, u1.id, &[]).await,
            groups::set_of_user(&house, scope, u3.id, &[sales]).await,
        ] {
            assert!(matches!(refused, Err(Error::Conflict(_) | Error::Invalid(_))), "{refused:?}");
        }
        // A local group comes before it, wherever it is moved to; a folder behind it.
        let local = GroupInput { name: "Local".into(), ..GroupInput::default() };
        let local = groups::create(&house, scope, local).await.unwrap();
        groups::move_to(&house, scope, sales, 1).await.unwrap();
        let order: Vec<_> =
            groups::list(&house, scope).unwrap().into_iter().map(|(g, _)| g.name.clone()).collect();
        assert_eq!(order, ["Local", "sales", "p"]);
        groups::set_of_user(&house, scope, u1.id, &[&u1.groups[..], &[local]].concat()).await.unwrap();
        // The server cannot go while something is linked; the users stay when the link goes.
        assert!(matches!(directories::remove(&house, scope, id).await, Err(Error::Conflict(_))));
        directory.tree.lock().put("cn=sales,dc=x", &[class, ("cn", "sales"), ("member", &one)]);
        refresh(&house, id).await;
        assert!(!is_in(&named(&house, &house.acme, "u2").unwrap()));
        for (group, _) in directories::linked(&house, scope, id).unwrap() {
            groups::remove(&house, scope, group.id).await.unwrap();
        }
        refresh(&house, id).await;
        directories::remove(&house, scope, id).await.unwrap();
        let u1 = named(&house, &house.acme, "u1").unwrap();
        assert_eq!((u1.groups.as_slice(), u1.state), (&[local][..], UserState::Active));
    }
}

#[tokio::test]
async fn users_sign_in_with_the_password_of_the_directory() {
    for house in houses().await {
        let (directory, id) = linked(&house, Tree::people(20), |input| input.hands_off = true).await;
        let login = |name: &str| eas::resolve(&house, Some("acme.mdm.test"), name).unwrap();
        let signs_in = async |name: &str, password: &str| {
            eas::verify_login(&house, &login(name), password).await.map(|user| user.is_some())
        };
        assert_eq!(signs_in("u1", "u1").await, Ok(true));
        for (name, password) in [("u1", "u2"), ("u1", ""), ("u1", "*"), ("nobody", "u1"), ("*", "u1")] {
            assert_eq!(signs_in(name, password).await, Ok(false), "{name} {password}");
        }
        // Renamed a moment ago: known by the id. Gone or disabled a moment ago: refused at the next check.
        directory.tree.lock().take("uid=u2,ou=p,dc=x");
        directory.tree.lock().put(
            "uid=moved,ou=p,dc=x",
            &[
                ("objectClass", "inetOrgPerson"),
                ("uid", "u2"),
                ("userPassword", "u2"),
                ("entryUUID", "id-of-uid=u2,ou=p,dc=x"),
            ],
        );
        assert_eq!(signs_in("u2", "u2").await, Ok(true));
        directory.tree.lock().take("uid=u3,ou=p,dc=x");
        assert_eq!(signs_in("u3", "u3").await, Ok(false));
        // Good credentials are remembered for ten minutes and not a moment longer.
        directory.tree.lock().take("uid=u1,ou=p,dc=x");
        assert_eq!(signs_in("u1", "u1").await, Ok(true));
        house.clock.advance(601_000);
        assert_eq!(signs_in("u1", "u1").await, Ok(false));
        // Somebody new in the folder gets an account; somebody elsewhere does not.
        directory.tree.lock().person("newcomer");
        let elsewhere = [("objectClass", "inetOrgPerson"), ("uid", "guest"), ("userPassword", "guest")];
        directory.tree.lock().put("uid=guest,dc=x", &elsewhere);
        assert_eq!(signs_in("guest", "guest").await, Ok(false));
        assert_eq!(signs_in("newcomer", "wrong").await, Ok(false));
        assert!(named(&house, &house.acme, "newcomer").is_none());
        assert_eq!(signs_in("newcomer", "newcomer").await, Ok(true));
        let made = named(&house, &house.acme, "newcomer").unwrap();
        assert!(made.hands_off && made.groups.len() == 1);
        // Limited to a group, nobody outside of it gets one, wherever else he is; the limit names links only.
        let scope = &house.acme.all;
        let member = ("member", "uid=vip,ou=p,dc=x");
        directory.tree.lock().put("cn=vips,dc=x", &[("objectClass", "groupOfNames"), member]);
        let link = Link { dn: "cn=vips,dc=x".into(), settings: GroupSettings::default() };
        let vips = directories::link(&house, scope, id, link).await.unwrap();
        let edit = async |group| {
            let server = directories::get(&house, scope, id).unwrap();
            let limited = DirectoryInput { hands_off_in: vec![group], ..DirectoryInput::of(&server) };
            directories::edit(&house, scope, id, None, limited).await
        };
        let local =
            groups::create(&house, scope, GroupInput { name: "Local".into(), ..GroupInput::default() });
        let refused = edit(local.await.unwrap()).await.unwrap_err();
        assert!(matches!(&refused, Error::Invalid(all) if all[0].field == "hands_off_in"), "{refused}");
        edit(vips).await.unwrap();
        for uid in ["other", "vip"] {
            directory.tree.lock().person(uid);
        }
        assert_eq!(signs_in("other", "other").await, Ok(false));
        assert_eq!(signs_in("vip", "vip").await, Ok(true));
        // The other organization knows nothing of this directory.
        let other = eas::resolve(&house, Some("globex.mdm.test"), "u4").unwrap();
        assert_eq!(eas::verify_login(&house, &other, "u4").await.unwrap(), None);
        // Switched off, nobody signs in by it.
        let server = directories::get(&house, &house.acme.all, id).unwrap();
        let off = DirectoryInput { users_sign_in: false, hands_off: false, ..DirectoryInput::of(&server) };
        directories::edit(&house, &house.acme.all, id, Some(server.rev), off).await.unwrap();
        assert_eq!(signs_in("u5", "u5").await, Ok(false));
    }
}

#[tokio::test]
async fn a_directory_that_is_away_changes_nothing_and_is_told() {
    for house in houses().await {
        let (directory, id) = linked(&house, Tree::people(20), |_| {}).await;
        let scope = &house.acme.all;
        let server = directories::get(&house, scope, id).unwrap();
        let moved = DirectoryInput { port: 1, ..DirectoryInput::of(&server) };
        directories::edit(&house, scope, id, None, moved).await.unwrap();
        let run = refresh(&house, id).await;
        assert!(!run.done && run.words.contains("nobody answers"), "{run:?}");
        assert_eq!(named(&house, &house.acme, "u1").unwrap().state, UserState::Active);
        let login = eas::resolve(&house, Some("acme.mdm.test"), "u1").unwrap();
        assert!(matches!(eas::verify_login(&house, &login, "u1").await, Err(Error::Upstream(_))));
        // The stored password goes to no other host, and not for another account.
        for change in [
            DirectoryInput { host: "127.0.0.1".into(), ..DirectoryInput::of(&server) },
            DirectoryInput { bind_dn: "cn=other".into(), ..DirectoryInput::of(&server) },
        ] {
            let refused = directories::edit(&house, scope, id, None, change).await.unwrap_err();
            assert!(matches!(&refused, Error::Invalid(all) if all[0].field == "password"), "{refused}");
        }
        // Another organization neither sees nor uses it.
        assert_eq!(
            directories::get(&house, &house.globex.all, id).unwrap_err(),
            Error::NotFound("LDAP server")
        );
        let theirs = directories::refresh(&house, &house.globex.all, id, true).await.unwrap_err();
        assert_eq!(theirs, Error::NotFound("LDAP server"));
        drop(directory);
    }
}

#[tokio::test]
async fn what_cannot_be_a_user_is_told_and_the_rest_comes() {
    for house in houses().await {
        let mut tree = Tree::people(3);
        let person = ("objectClass", "inetOrgPerson");
        tree.put("uid=f,ou=p,dc=x", &[person, ("uid", "foreign"), ("mail", "f@elsewhere.test")]);
        tree.put("uid=s,ou=p,dc=x", &[person, ("uid", "a/b")]);
        tree.put("uid=m,ou=p,dc=x", &[person, ("uid", "mailed"), ("mail", "anna@acme.test")]);
        tree.put("uid=c,ou=p,dc=x", &[person, ("uid", "=cmd|' /C calc'!A0")]);
        let (_directory, id) = linked(&house, tree, |_| {}).await;
        let run = directories::last_run(&house, &house.acme.all, id).await.unwrap().unwrap();
        assert_eq!((run.created, run.conflict_count), (3, 4), "{:?}", run.conflicts);
        let told = run.conflicts.join("\n");
        for words in ["elsewhere.test is not a mail domain", "a/b", "has the address anna@acme.test already"]
        {
            assert!(told.contains(words), "{words}: {told}");
        }
        let found = users::count(&house, &house.acme.all, "").unwrap();
        assert_eq!(found, 4, "anna and three");
        let preview = directories::preview(&house, &house.acme.all, id, Some("dc=x")).await.unwrap();
        assert_eq!((preview.created, preview.gone, preview.conflict_count), (0, 0, 4));
    }
}
