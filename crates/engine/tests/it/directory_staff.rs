//! Administrators by group of a directory: sign-in with its password, roles by group, losing them; on both storage engines,
//! with two organizations.

use catalog::{DirectoryKind, Permission};
use domain::model::{AdministratorId, DirectoryServerId, RoleRef};
use engine::administrators::{self, AdministratorEdit};
use engine::directories::{self, DirectoryInput, GroupRole};
use engine::sign_in;
use engine::{Error, Scope};
use simulator::ldap::{Directory, Manner, READER, Tree};

use crate::directories::directory;
use crate::house::{House, caller, home, houses};

const ADMINS: &str = "cn=admins,dc=x";
const HELP: &str = "cn=help,dc=x";

fn role(key: &str) -> RoleRef {
    RoleRef::Predefined(key.into())
}

/// Puts a group with these people and groups.
fn group(tree: &mut Tree, dn: &str, members: &[&str]) {
    let mut all = vec![("objectClass", "groupOfNames")];
    all.extend(members.iter().map(|member| ("member", *member)));
    tree.put(dn, &all);
}

fn person(number: u32) -> String {
    format!("uid=u{number},ou=p,dc=x")
}

/// A server of `acme`: u1 and, by a group within it, u2 are Full; u1 and u3 are Help Desk.
async fn staffed(house: &House) -> (Directory, DirectoryServerId) {
    house.allow_internal_targets(vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
    let mut tree = Tree::people(6);
    group(&mut tree, ADMINS, &[&person(1), "cn=inner,dc=x"]);
    group(&mut tree, "cn=inner,dc=x", &[&person(2), ADMINS]);
    group(&mut tree, HELP, &[&person(1), &person(3)]);
    let (directory, roots) = directory(Manner::Honest, tree).await;
    let input = DirectoryInput {
        name: "Staff".into(),
        kind: DirectoryKind::OpenLdap,
        host: "localhost".into(),
        port: directory.port,
        roots,
        bind_dn: READER.0.into(),
        password: READER.1.into(),
        bases: vec!["dc=x".into()],
        ..DirectoryInput::default()
    };
    let id = directories::create(house, &house.acme.all, input).await.unwrap();
    directories::set_roles(house, &house.acme.all, id, None, rules()).await.unwrap();
    (directory, id)
}

fn rules() -> Vec<GroupRole> {
    [(ADMINS, "full"), (HELP, "help_desk")]
        .map(|(dn, key)| GroupRole { dn: dn.into(), role: role(key) })
        .into()
}

async fn signs_in(house: &House, name: &str, password: &str) -> Result<String, Error> {
    sign_in::sign_in(house, name, password, &caller("192.0.2.1")).await.map(|(token, _)| token)
}

async fn scope(house: &House, token: &str) -> Result<Scope, Error> {
    sign_in::scope_of_session(house, token, home()).await
}

fn id(house: &House, name: &str) -> AdministratorId {
    house.directory().administrator_by_name(name).unwrap().id
}

async fn refresh(house: &House, id: DirectoryServerId) {
    let run = directories::refresh(house, &house.acme.all, id, false).await.unwrap();
    assert!(run.done, "{run:?}");
}

#[tokio::test]
async fn members_of_a_group_sign_in_with_its_role_and_nobody_else_does() {
    for house in houses().await {
        let (_directory, _) = staffed(&house).await;
        for (name, password) in [
            ("ACME\\u4", "u4"),
            ("ACME\\u1", "u2"),
            ("ACME\\u1", ""),
            ("ACME\\*", "u1"),
            ("ACME\\nobody", "u1"),
            ("GLOBEX\\u1", "u1"),
            ("u1", "u1"),
            ("\\u1", "u1"),
        ] {
            assert_eq!(signs_in(&house, name, password).await, Err(Error::Unauthenticated), "{name}");
        }
        assert!(house.directory().administrators(house.acme.id).is_empty(), "no account for who has no role");
        for (name, password, key) in
            [("ACME\\u1", "u1", "full"), ("acme\\U2", "u2", "full"), ("ACME\\u3", "u3", "help_desk")]
        {
            let token = signs_in(&house, name, password).await.unwrap();
            let scope = scope(&house, &token).await.unwrap();
            assert_eq!(scope.organization(), house.acme.id);
            let admin = scope.administrator().unwrap();
            assert_eq!((admin.username.clone(), admin.role.clone()), (name.to_lowercase(), Some(role(key))));
            assert_eq!(scope.require(Permission::AdministratorsEdit).is_ok(), key == "full", "{name}");
            assert_eq!(house.journaled(&house.acme, "administrator.created", admin.id).await, 1);
        }
        assert!(house.directory().administrators(house.globex.id).is_empty());
        // The same person is the same account.
        let before = id(&house, "acme\\u1");
        signs_in(&house, "ACME\\u1", "u1").await.unwrap();
        assert_eq!(id(&house, "acme\\u1"), before);
        // Five wrong passwords lock it, for a right one as well.
        for _ in 0..5 {
            signs_in(&house, "ACME\\u3", "wrong").await.unwrap_err();
        }
        assert!(matches!(signs_in(&house, "ACME\\u3", "u3").await, Err(Error::Locked(_))));
        house.finish().await;
    }
}

#[tokio::test]
async fn who_loses_the_group_loses_the_session_with_the_next_refresh() {
    for house in houses().await {
        let (directory, server) = staffed(&house).await;
        let mut sessions = Vec::new();
        for number in 1..=3 {
            let name = format!("ACME\\u{number}");
            sessions.push(signs_in(&house, &name, &format!("u{number}")).await.unwrap());
        }
        refresh(&house, server).await;
        for token in &sessions {
            assert!(scope(&house, token).await.is_ok(), "nothing has changed");
        }
        // u1 is moved down, u2 is gone, u3 is in no group any more.
        group(&mut directory.tree.lock(), ADMINS, &["cn=inner,dc=x"]);
        directory.tree.lock().take(&person(2));
        group(&mut directory.tree.lock(), HELP, &[&person(1)]);
        refresh(&house, server).await;
        for token in &sessions {
            assert_eq!(scope(&house, token).await.unwrap_err(), Error::Unauthenticated);
        }
        let token = signs_in(&house, "ACME\\u1", "u1").await.unwrap();
        let down = scope(&house, &token).await.unwrap();
        assert_eq!(down.administrator().unwrap().role, Some(role("help_desk")));
        for name in ["u2", "u3"] {
            let refused = signs_in(&house, &format!("ACME\\{name}"), name).await;
            assert_eq!(refused, Err(Error::Unauthenticated), "{name}");
            let gone = id(&house, &format!("acme\\{name}"));
            assert_eq!(house.journaled(&house.acme, "administrator.disabled", gone).await, 1);
        }
        // Whoever comes back has the account again; who was disabled by hand has not.
        let (u1, u3) = (id(&house, "acme\\u1"), id(&house, "acme\\u3"));
        let off = AdministratorEdit { enabled: Some(false), ..AdministratorEdit::default() };
        administrators::edit(&house, &house.acme.all, u1, off).await.unwrap();
        group(&mut directory.tree.lock(), HELP, &[&person(1), &person(3)]);
        refresh(&house, server).await;
        signs_in(&house, "ACME\\u3", "u3").await.unwrap();
        assert_eq!(id(&house, "acme\\u3"), u3);
        assert_eq!(signs_in(&house, "ACME\\u1", "u1").await, Err(Error::Unauthenticated));
        // Taken off the list, the role is lost at once, and the server can go.
        assert!(matches!(
            directories::remove(&house, &house.acme.all, server).await,
            Err(Error::Conflict(_))
        ));
        directories::set_roles(&house, &house.acme.all, server, None, Vec::new()).await.unwrap();
        assert!(!house.directory().administrator(u3).unwrap().enabled);
        directories::remove(&house, &house.acme.all, server).await.unwrap();
        house.finish().await;
    }
}

#[tokio::test]
async fn a_role_of_the_directory_is_never_more_than_the_list_says() {
    for house in houses().await {
        let (directory, server) = staffed(&house).await;
        let acme = &house.acme.all;
        signs_in(&house, "ACME\\u3", "u3").await.unwrap();
        let u3 = id(&house, "acme\\u3");
        // Not by hand, and there is no password to set.
        for edit in [
            AdministratorEdit { role: Some(Some(role("full"))), ..AdministratorEdit::default() },
            AdministratorEdit { ise_admin: Some(true), ..AdministratorEdit::default() },
        ] {
            assert!(matches!(administrators::edit(&house, acme, u3, edit).await, Err(Error::Conflict(_))));
        }
        let set = administrators::reset_password(&house, acme, u3, "a password for u3").await;
        assert!(matches!(set, Err(Error::Conflict(_))));
        // Who may edit servers and administrators, but has not what the groups give, changes neither list nor server.
        let few = [
            Permission::ServersView,
            Permission::ServersEdit,
            Permission::AdministratorsView,
            Permission::AdministratorsEdit,
        ];
        let clerk = house.role(&house.acme, "Clerk", &few).await;
        let clerk = house.administrator(&house.acme, "clerk", clerk).await;
        let stored = directories::get(&house, acme, server).unwrap();
        let moved = DirectoryInput { name: "Mine".into(), ..DirectoryInput::of(&stored) };
        let denied = directories::edit(&house, &clerk, server, None, moved).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        for rules in [rules(), Vec::new()] {
            let denied = directories::set_roles(&house, &clerk, server, None, rules).await;
            assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
        }
        let theirs = directories::set_roles(&house, &house.globex.all, server, None, rules()).await;
        assert_eq!(theirs, Err(Error::NotFound("LDAP server")));
        // Somebody new who was given the name of somebody who is still there has no account; of somebody gone, one of
        // his own.
        let other = [
            ("objectClass", "inetOrgPerson"),
            ("uid", "u3"),
            ("userPassword", "new"),
            ("entryUUID", "another id"),
        ];
        directory.tree.lock().put(&person(3), &other);
        assert_eq!(signs_in(&house, "ACME\\u3", "new").await, Err(Error::Unauthenticated));
        refresh(&house, server).await;
        signs_in(&house, "ACME\\u3", "new").await.unwrap();
        assert_ne!(id(&house, "acme\\u3"), u3);
        // What cannot be on the list is said; a directory that is away lets nobody in and changes nothing.
        for (dn, words) in [("ou=p,dc=x", "is a folder"), ("cn=none,dc=x", "cn=none"), ("junk", "junk")] {
            let rules = vec![GroupRole { dn: dn.into(), role: role("full") }];
            let refused = directories::set_roles(&house, acme, server, None, rules).await.unwrap_err();
            assert!(matches!(&refused, Error::Invalid(all) if all[0].message.contains(words)), "{refused:?}");
        }
        let never = DirectoryInput { refresh_minutes: 0, ..DirectoryInput::of(&stored) };
        let never = directories::edit(&house, acme, server, None, never).await.unwrap_err();
        assert!(matches!(&never, Error::Invalid(all) if all[0].field == "refresh_minutes"), "{never:?}");
        let away = DirectoryInput { port: 1, ..DirectoryInput::of(&stored) };
        directories::edit(&house, acme, server, None, away).await.unwrap();
        let away = signs_in(&house, "ACME\\u1", "u1").await.unwrap_err();
        assert!(matches!(&away, Error::Upstream(words) if !words.contains("localhost")), "{away:?}");
        house.finish().await;
    }
}
