//! Directories that are honest, and some that are not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use catalog::DirectoryKind;
use clients::ldap::{Directory, Filter, LdapError, Place};
use clients::outbound::Reach;
use domain::model::{AttributeMap, DirectorySecurity};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use simulator::ldap::{Manner, READER, Tree};

struct Server {
    port: u16,
    roots: String,
}

async fn serve(manner: Manner, security: DirectorySecurity, tree: Tree) -> Server {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let (certificate, starttls) = (made.cert.der().clone(), security == DirectorySecurity::Starttls);
    let directory =
        simulator::ldap::Directory::start(manner, starttls, tree, certificate, key).await.unwrap();
    Server { port: directory.port, roots: made.cert.pem() }
}

fn place(server: &Server, security: DirectorySecurity) -> Place {
    let preset = DirectoryKind::OpenLdap.preset();
    Place {
        host: "localhost".into(),
        port: server.port,
        security,
        roots: server.roots.clone(),
        reach: Reach::Anywhere,
        bind_dn: READER.0.into(),
        password: READER.1.into(),
        bases: vec!["dc=x".into()],
        users: Filter::parse(preset.user_filter).unwrap(),
        groups: Filter::parse(preset.group_filter).unwrap(),
        attributes: AttributeMap::of(DirectoryKind::OpenLdap),
        page_size: 10,
        patience: Duration::from_millis(1_500),
    }
}

async fn asked(manner: Manner, security: DirectorySecurity, tree: Tree) -> Directory {
    let server = serve(manner, security, tree).await;
    Directory::new(place(&server, security))
}

async fn logins(directory: &Directory, base: &str) -> Result<Vec<String>, LdapError> {
    let mut all = Vec::new();
    directory.people(base, |found| all.push(found.unwrap().login)).await?;
    Ok(all)
}

#[tokio::test]
async fn everybody_is_read_page_by_page_over_both_forms_of_tls() {
    for security in [DirectorySecurity::Tls, DirectorySecurity::Starttls] {
        let directory = asked(Manner::Honest, security, Tree::people(57)).await;
        let mut found = logins(&directory, "ou=p,dc=x").await.unwrap();
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 57);
        let tested = directory.test().await.unwrap();
        assert_eq!((tested.users, tested.groups, tested.more), (57, 0, false));
        assert_eq!(tested.warnings.len(), 1, "{:?}", tested.warnings);
        let (nodes, _) = directory.children(Some("dc=x")).await.unwrap();
        assert_eq!(nodes.iter().map(|n| n.title.as_str()).collect::<Vec<_>>(), ["p"]);
        assert!(directory.verify("uid=u1,ou=p,dc=x", "u1").await.unwrap());
        assert!(!directory.verify("uid=u1,ou=p,dc=x", "bad").await.unwrap());
        assert!(!directory.verify("uid=u1,ou=p,dc=x", "").await.unwrap());
    }
}

#[tokio::test]
async fn what_is_set_up_wrongly_is_said() {
    let server = serve(Manner::Honest, DirectorySecurity::Tls, Tree::people(3)).await;
    let words = async |change: &dyn Fn(&mut Place)| {
        let mut place = place(&server, DirectorySecurity::Tls);
        change(&mut place);
        Directory::new(place).test().await.unwrap_err().to_string()
    };
    let other = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap().cert.pem();
    for (said, change) in [
        (
            "certificate is not accepted",
            Box::new(|p: &mut Place| p.roots.clone_from(&other)) as Box<dyn Fn(&mut Place)>,
        ),
        ("certificate is not accepted", Box::new(|p| p.roots.clear())),
        ("certificate is not accepted", Box::new(|p| p.host = "127.0.0.1".into())),
        ("no address", Box::new(|p| p.host = "directory.invalid".into())),
        ("nobody answers", Box::new(|p| p.port = 1)),
        ("internal network", Box::new(|p| p.reach = Reach::PublicAnd(Vec::new()))),
        ("password is wrong", Box::new(|p| (p.bind_dn, p.password) = ("cn=other".into(), "bad".into()))),
        ("There is no ou=nowhere,dc=x", Box::new(|p| p.bases = vec!["ou=nowhere,dc=x".into()])),
    ] {
        let words = words(&change).await;
        assert!(words.contains(said), "{said}: {words}");
    }
    let mut place = place(&server, DirectorySecurity::Tls);
    place.users = Filter::equal("objectClass", "nobody");
    let tested = Directory::new(place).test().await.unwrap();
    assert!(tested.warnings.iter().any(|w| w.contains("finds no user")), "{:?}", tested.warnings);
}

#[tokio::test]
async fn a_hostile_server_gets_an_error_and_no_more() {
    for (manner, said) in [
        (Manner::Junk, "does not speak LDAP"),
        (Manner::Oversize, "one message has"),
        (Manner::Deep, "does not speak LDAP"),
        (Manner::EndlessPages, "never end"),
        (Manner::Refers, "another one"),
        (Manner::OtherNumber, "nobody asked"),
        (Manner::Busy, "Too much"),
    ] {
        let directory = asked(manner, DirectorySecurity::Tls, Tree::people(3)).await;
        let words = logins(&directory, "dc=x").await.unwrap_err().to_string();
        assert!(words.contains(said), "{manner:?}: {words}");
        // It can be asked again; nothing is left of what it said.
        let again = logins(&directory, "dc=x").await.unwrap_err().to_string();
        assert_eq!(again, words);
    }
    let directory = asked(Manner::NoTls, DirectorySecurity::Starttls, Tree::default()).await;
    let error = directory.test().await.unwrap_err().to_string();
    assert!(error.contains("does not offer StartTLS"), "{error}");
}

#[tokio::test]
async fn a_server_that_hangs_costs_its_own_time_only() {
    for manner in [Manner::Mute, Manner::HangsAtSearch] {
        let directory = Arc::new(asked(manner, DirectorySecurity::Tls, Tree::people(3)).await);
        let good = asked(Manner::Honest, DirectorySecurity::Tls, Tree::people(3)).await;
        let began = Instant::now();
        let asking: Vec<_> = (0..12)
            .map(|_| {
                let directory = Arc::clone(&directory);
                tokio::spawn(async move { logins(&directory, "dc=x").await })
            })
            .collect();
        assert_eq!(logins(&good, "dc=x").await.unwrap().len(), 3, "another server answers meanwhile");
        let mut busy = 0;
        for asked in asking {
            busy += usize::from(asked.await.unwrap().unwrap_err() == LdapError::Busy);
        }
        assert!(began.elapsed() < Duration::from_secs(4), "{manner:?}: {:?}", began.elapsed());
        assert_eq!(busy, 8, "four wait for the server, the others for a turn");
    }
}

#[tokio::test]
async fn members_come_in_parts_through_groups_and_round_in_circles() {
    let mut tree = Tree::people(40);
    let member = |number: usize| format!("uid=u{number},ou=p,dc=x");
    let big: Vec<String> = (0..31).map(member).chain(["cn=inner,dc=x".to_owned()]).collect();
    let mut attributes = vec![("objectClass", "groupOfNames"), ("cn", "big")];
    attributes.extend(big.iter().map(|m| ("member", m.as_str())));
    tree.put("cn=big,dc=x", &attributes);
    let (last, twice) = (member(39), "UID=U1, OU=P, DC=X");
    tree.put(
        "cn=inner,dc=x",
        &[
            ("objectClass", "groupOfNames"),
            ("member", "cn=BIG,dc=x"),
            ("member", &last),
            ("member", twice),
            ("member", "cn=gone,dc=x"),
        ],
    );
    tree.put("cn=posix,dc=x", &[("objectClass", "posixGroup"), ("member", "U7")]);
    let directory = asked(Manner::Honest, DirectorySecurity::Tls, tree).await;
    let groups = ["cn=big,dc=x".to_owned(), "cn=posix,dc=x".to_owned()];
    let members = directory.members(&groups).await.unwrap();
    // 31 and the last one; who is gone is a name that nobody has.
    assert_eq!(members[0].entries.len(), 33);
    let ann = directory.person(&last).await.unwrap().unwrap().unwrap();
    assert!(members[0].contains(&ann.name, &ann.login) && !members[1].contains(&ann.name, &ann.login));
    let posix = directory.person_by_login("u7").await.unwrap().unwrap();
    assert!(members[1].contains(&posix.name, &posix.login));
    let missing = directory.members(&["cn=none,dc=x".to_owned()]).await.unwrap_err();
    assert!(matches!(missing, LdapError::Missing { .. }), "{missing}");
}

#[tokio::test]
async fn a_group_of_thirty_thousand_is_read_whole() {
    let mut tree = Tree::people(1);
    let all: Vec<String> = (0..30_000).map(|number| format!("uid=u{number},ou=p,dc=x")).collect();
    let mut attributes = vec![("objectClass", "groupOfNames")];
    attributes.extend(all.iter().map(|member| ("member", member.as_str())));
    tree.put("cn=all,dc=x", &attributes);
    let directory = asked(Manner::Honest, DirectorySecurity::Tls, tree).await;
    let members = directory.members(&["cn=all,dc=x".to_owned()]).await.unwrap();
    assert_eq!(members[0].entries.len(), 30_000);
    let first = directory.person(&all[0]).await.unwrap().unwrap().unwrap();
    assert!(members[0].contains(&first.name, &first.login));
}

#[tokio::test]
async fn a_name_is_a_value_whatever_is_in_it() {
    let directory = asked(Manner::Honest, DirectorySecurity::Tls, Tree::people(3)).await;
    for name in ["*", "*)(uid=*", "u1)(|(uid=*", "", "u*"] {
        assert_eq!(directory.person_by_login(name).await.unwrap(), None, "{name}");
    }
    let found = directory.person_by_login("U1").await.unwrap().unwrap();
    assert_eq!(directory.person_by_unique(&found.unique).await.unwrap().unwrap().login, "u1");
}
