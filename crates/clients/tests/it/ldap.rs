//! Directories that are honest, and some that are not. The server here has its own few lines of BER, so that no bug of
//! the client's can hide in both.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use catalog::DirectoryKind;
use clients::ldap::{Directory, Filter, LdapError, Place};
use clients::outbound::Reach;
use domain::model::{AttributeMap, DirectorySecurity};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// How the server behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    Honest,
    /// Takes the connection and says nothing.
    Mute,
    /// Says nothing after the bind.
    HangsAtSearch,
    Junk,
    /// Announces two gigabytes.
    Oversize,
    /// Nests elements ten thousand deep.
    Deep,
    /// The same page again and again.
    EndlessPages,
    Refers,
    /// Refuses StartTLS.
    NoTls,
    /// Answers with another number.
    OtherNumber,
    Busy,
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag, 0x84];
    out.extend((content.len() as u32).to_be_bytes());
    out.extend(content);
    out
}

/// Tag, content and rest.
fn element(bytes: &[u8]) -> (u8, &[u8], &[u8]) {
    let (length, header) = match bytes[1] {
        short @ 0..=0x7f => (short as usize, 2),
        long => {
            let count = (long & 0x7f) as usize;
            (bytes[2..2 + count].iter().fold(0, |sum, b| sum << 8 | *b as usize), 2 + count)
        }
    };
    (bytes[0], &bytes[header..header + length], &bytes[header + length..])
}

fn result(tag: u8, code: u8, words: &str) -> Vec<u8> {
    tlv(tag, &[tlv(0x0a, &[code]), tlv(4, b""), tlv(4, words.as_bytes())].concat())
}

type Attributes = Vec<(String, Vec<Vec<u8>>)>;

/// What there is: by name in lower case, the name as it is written, and the attributes.
#[derive(Default, Clone)]
struct Tree(BTreeMap<String, (String, Attributes)>);

impl Tree {
    fn add(&mut self, dn: &str, attributes: &[(&str, &str)]) {
        let mut list: Attributes = Vec::new();
        for (name, value) in attributes {
            match list.iter_mut().find(|(n, _)| n == name) {
                Some((_, values)) => values.push(value.as_bytes().to_vec()),
                None => list.push(((*name).into(), vec![value.as_bytes().to_vec()])),
            }
        }
        list.push(("entryUUID".into(), vec![format!("id-of-{dn}").into_bytes()]));
        self.0.insert(dn.to_lowercase(), (dn.to_owned(), list));
    }
    fn people(count: usize) -> Self {
        let mut tree = Self::default();
        tree.add("dc=x", &[("objectClass", "domain"), ("dc", "x")]);
        tree.add("ou=p,dc=x", &[("objectClass", "organizationalUnit"), ("ou", "p")]);
        for number in 0..count {
            let (dn, uid) = (format!("uid=u{number},ou=p,dc=x"), format!("u{number}"));
            tree.add(&dn, &[("objectClass", "inetOrgPerson"), ("uid", &uid), ("displayName", "Ann")]);
        }
        tree
    }
}

struct Server {
    port: u16,
    roots: String,
}

async fn serve(manner: Manner, security: DirectorySecurity, tree: Tree) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let server = Server { port: listener.local_addr().unwrap().port(), roots: made.cert.pem() };
    let tree = Arc::new(tree);
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let (acceptor, tree) = (acceptor.clone(), Arc::clone(&tree));
            tokio::spawn(async move {
                if manner == Manner::Mute {
                    tokio::time::sleep(Duration::from_mins(10)).await;
                }
                if security == DirectorySecurity::Starttls {
                    let Some((id, 0x77, _)) = request(&mut tcp).await else { return };
                    let code = if manner == Manner::NoTls { 2 } else { 0 };
                    let answer = tlv(0x30, &[tlv(2, &id), result(0x78, code, "no TLS here")].concat());
                    tcp.write_all(&answer).await.unwrap();
                }
                let Ok(tls) = acceptor.accept(tcp).await else { return };
                talk(tls, manner, &tree).await;
            });
        }
    });
    server
}

async fn request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<(Vec<u8>, u8, Vec<u8>)> {
    let mut header = [0; 2];
    stream.read_exact(&mut header).await.ok()?;
    let mut length = header[1] as usize;
    if length > 0x7f {
        let mut digits = vec![0; length & 0x7f];
        stream.read_exact(&mut digits).await.ok()?;
        length = digits.iter().fold(0, |sum, b| sum << 8 | *b as usize);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let (_, id, rest) = element(&body);
    let (tag, content, controls) = element(rest);
    Some((id.to_vec(), tag, [content, controls].concat()))
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, manner: Manner, tree: &Tree) {
    while let Some((id, tag, content)) = request(&mut stream).await {
        let message = |parts: &[u8]| tlv(0x30, &[&tlv(2, &id)[..], parts].concat());
        let answer = match tag {
            0x60 => {
                let (_, _, rest) = element(&content);
                let (_, name, rest) = element(rest);
                let (_, password, _) = element(rest);
                let good = password == b"good" || name == b"cn=reader";
                message(&result(0x61, if good { 0 } else { 49 }, "data 52e, v1"))
            }
            0x63 => match manner {
                Manner::HangsAtSearch => {
                    tokio::time::sleep(Duration::from_mins(10)).await;
                    return;
                }
                Manner::Junk => b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
                Manner::Oversize => vec![0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 2, 1, 2],
                Manner::Deep => tlv(0x30, &[&tlv(2, &id)[..], &[0x64, 0x82].repeat(10_000)].concat()),
                Manner::Refers => message(&result(0x65, 10, "")),
                Manner::Busy => message(&result(0x65, 51, "")),
                Manner::OtherNumber => tlv(0x30, &[tlv(2, &[99]), result(0x65, 0, "")].concat()),
                Manner::EndlessPages => message(&[result(0x65, 0, ""), page_control(b"again")].concat()),
                _ => found(tree, &content, &message),
            },
            _ => return,
        };
        if stream.write_all(&answer).await.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}

fn page_control(cookie: &[u8]) -> Vec<u8> {
    let value = tlv(0x30, &[tlv(2, &[0]), tlv(4, cookie)].concat());
    tlv(0xa0, &tlv(0x30, &[tlv(4, b"1.2.840.113556.1.4.319"), tlv(4, &value)].concat()))
}

/// Answers a search: base, scope, filters of one class or presence, pages of as many as were asked for, ranges.
fn found(tree: &Tree, content: &[u8], message: &dyn Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let (_, base, rest) = element(content);
    let (_, scope, rest) = element(rest);
    let rest = (0..4).fold(rest, |rest, _| element(rest).2);
    let (filter_tag, filter, rest) = element(rest);
    let (_, mut names, controls) = element(rest);
    let mut wanted = Vec::new();
    while !names.is_empty() {
        let (_, name, rest) = element(names);
        wanted.push(String::from_utf8(name.to_vec()).unwrap());
        names = rest;
    }
    let base = String::from_utf8(base.to_vec()).unwrap().to_lowercase();
    if !tree.0.contains_key(&base) {
        return message(&result(0x65, 32, ""));
    }
    let matches: Vec<_> = tree
        .0
        .iter()
        .filter(|(dn, _)| match scope {
            [0] => **dn == base,
            [1] => dn.split_once(',').is_some_and(|(_, above)| above == base),
            _ => dn.ends_with(&base),
        })
        .map(|(_, entry)| entry)
        .filter(|(_, attributes)| passes(filter_tag, filter, attributes))
        .collect();
    let (begin, size) = page_of(controls);
    let mut out = Vec::new();
    for (dn, attributes) in matches.iter().skip(begin).take(size) {
        let list: Vec<u8> = attributes.iter().flat_map(|attribute| shown(attribute, &wanted)).collect();
        out.extend(message(&tlv(0x64, &[tlv(4, dn.as_bytes()), tlv(0x30, &list)].concat())));
    }
    let next = begin.saturating_add(size);
    let cookie = if next < matches.len() { next.to_string() } else { String::new() };
    out.extend(message(&[result(0x65, 0, ""), page_control(cookie.as_bytes())].concat()));
    out
}

fn page_of(controls: &[u8]) -> (usize, usize) {
    if controls.is_empty() {
        return (0, usize::MAX);
    }
    let (_, control, _) = element(element(controls).1);
    let (_, _, rest) = element(control);
    let (_, _, rest) = element(rest);
    let value = element(element(rest).1).1;
    let (_, size, rest) = element(value);
    let cookie = String::from_utf8(element(rest).1.to_vec()).unwrap();
    (cookie.parse().unwrap_or(0), size.iter().fold(0, |sum, b| sum << 8 | *b as usize))
}

fn passes(tag: u8, mut content: &[u8], attributes: &Attributes) -> bool {
    let mut inner = Vec::new();
    match tag {
        0xa0..=0xa2 => {
            while !content.is_empty() {
                let (tag, filter, rest) = element(content);
                inner.push(passes(tag, filter, attributes));
                content = rest;
            }
            match tag {
                0xa0 => inner.into_iter().all(|yes| yes),
                0xa1 => inner.into_iter().any(|yes| yes),
                _ => !inner[0],
            }
        }
        0xa3 => {
            let (_, name, rest) = element(content);
            let value = element(rest).1;
            attributes.iter().any(|(n, values)| {
                n.as_bytes().eq_ignore_ascii_case(name)
                    && values.iter().any(|v| v.eq_ignore_ascii_case(value))
            })
        }
        0x87 => attributes.iter().any(|(n, _)| n.as_bytes().eq_ignore_ascii_case(content)),
        other => panic!("a filter with tag {other:#x}"),
    }
}

/// An attribute if it is wanted; long ones in parts of three, as Active Directory does with 1500.
fn shown((name, values): &(String, Vec<Vec<u8>>), wanted: &[String]) -> Vec<u8> {
    let put = |name: &str, values: &[Vec<u8>]| {
        let set: Vec<u8> = values.iter().flat_map(|value| tlv(4, value)).collect();
        tlv(0x30, &[tlv(4, name.as_bytes()), tlv(0x31, &set)].concat())
    };
    let range = wanted.iter().find_map(|w| w.strip_prefix(&format!("{name};range=")));
    let begin = range.map_or(0, |range| range.split('-').next().unwrap().parse::<usize>().unwrap());
    if !wanted.contains(name) && range.is_none() {
        return Vec::new();
    }
    if name == "member" && values.len() > 3 {
        let end = (begin + 3).min(values.len());
        let last = if end == values.len() { "*".to_owned() } else { (end - 1).to_string() };
        return [put("member", &[]), put(&format!("member;range={begin}-{last}"), &values[begin..end])]
            .concat();
    }
    put(name, values)
}

fn place(server: &Server, security: DirectorySecurity) -> Place {
    let preset = DirectoryKind::OpenLdap.preset();
    Place {
        host: "localhost".into(),
        port: server.port,
        security,
        roots: server.roots.clone(),
        reach: Reach::Anywhere,
        bind_dn: "cn=reader".into(),
        password: "good".into(),
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
        assert!(directory.verify("uid=u1,ou=p,dc=x", "good").await.unwrap());
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
    tree.add("cn=big,dc=x", &attributes);
    let (last, twice) = (member(39), "UID=U1, OU=P, DC=X");
    tree.add(
        "cn=inner,dc=x",
        &[
            ("objectClass", "groupOfNames"),
            ("member", "cn=BIG,dc=x"),
            ("member", &last),
            ("member", twice),
            ("member", "cn=gone,dc=x"),
        ],
    );
    tree.add("cn=posix,dc=x", &[("objectClass", "posixGroup"), ("member", "U7")]);
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
async fn a_name_is_a_value_whatever_is_in_it() {
    let directory = asked(Manner::Honest, DirectorySecurity::Tls, Tree::people(3)).await;
    for name in ["*", "*)(uid=*", "u1)(|(uid=*", "", "u*"] {
        assert_eq!(directory.person_by_login(name).await.unwrap(), None, "{name}");
    }
    let found = directory.person_by_login("U1").await.unwrap().unwrap();
    assert_eq!(directory.person_by_unique(&found.unique).await.unwrap().unwrap().login, "u1");
}
