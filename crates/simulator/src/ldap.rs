//! A small scripted directory: it answers searches and binds behind TLS from a tree in memory, honestly or not.
//!
//! It has its own few lines of BER, so that no bug of the product's can hide in both. It knows filters of equality,
//! presence, substrings and their combinations, pages, and members in parts as Active Directory hands them out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Members of a group in one part; the first number that a group exceeds counts.
const PARTS: [usize; 2] = [1_500, 3];

/// How the server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    Honest,
    /// Takes the connection and says nothing.
    Mute,
    /// Says nothing after the bind.
    HangsAtSearch,
    /// Something else than LDAP.
    Junk,
    /// Announces two gigabytes.
    Oversize,
    /// Nests elements ten thousand deep.
    Deep,
    /// The same page again and again.
    EndlessPages,
    /// Knows somebody who knows.
    Refers,
    /// Refuses StartTLS.
    NoTls,
    /// Answers with another number.
    OtherNumber,
    /// Has too much to do.
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
#[derive(Debug, Default, Clone)]
pub struct Tree(BTreeMap<String, (String, Attributes)>);

impl Tree {
    /// Puts an entry, in place of one of the same name. Its id follows from the name, unless it is given
    /// (`entryUUID`).
    pub fn put(&mut self, dn: &str, attributes: &[(&str, &str)]) {
        let mut list: Attributes = Vec::new();
        for (name, value) in attributes {
            match list.iter_mut().find(|(n, _)| n == name) {
                Some((_, values)) => values.push(value.as_bytes().to_vec()),
                None => list.push(((*name).into(), vec![value.as_bytes().to_vec()])),
            }
        }
        if !list.iter().any(|(name, _)| name == "entryUUID") {
            list.push(("entryUUID".into(), vec![format!("id-of-{dn}").into_bytes()]));
        }
        self.0.insert(dn.to_lowercase(), (dn.to_owned(), list));
    }
    /// Takes an entry away.
    pub fn take(&mut self, dn: &str) {
        self.0.remove(&dn.to_lowercase());
    }
    /// `dc=x` with people u0, u1 … in `ou=p,dc=x`, each with a password like the name.
    pub fn people(count: usize) -> Self {
        let mut tree = Self::default();
        tree.put("dc=x", &[("objectClass", "domain"), ("dc", "x")]);
        tree.put("ou=p,dc=x", &[("objectClass", "organizationalUnit"), ("ou", "p")]);
        for number in 0..count {
            tree.person(&format!("u{number}"));
        }
        tree
    }
    /// Somebody in `ou=p,dc=x`.
    pub fn person(&mut self, uid: &str) {
        let dn = format!("uid={uid},ou=p,dc=x");
        let class = ("objectClass", "inetOrgPerson");
        self.put(&dn, &[class, ("uid", uid), ("displayName", "Ann"), ("userPassword", uid)]);
    }
    fn is_password(&self, dn: &str, password: &[u8]) -> bool {
        let entry = self.0.get(&dn.to_lowercase());
        entry.is_some_and(|(_, list)| {
            list.iter().any(|(n, v)| n == "userPassword" && v.iter().any(|v| v == password))
        })
    }
}

/// Who reads, with which password.
pub const READER: (&str, &str) = ("cn=reader", "good");

/// A directory that listens.
#[derive(Clone)]
pub struct Directory {
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// What there is; it can be changed at any time.
    pub tree: Arc<Mutex<Tree>>,
}

impl Directory {
    /// Starts one. With `starttls` TLS is asked for first.
    ///
    /// # Panics
    /// When no port is free or the certificate is none: it is made for tests.
    pub async fn start(
        manner: Manner,
        starttls: bool,
        tree: Tree,
        certificate: CertificateDer<'static>,
        key: PrivateKeyDer<'static>,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let directory = Self { port: listener.local_addr()?.port(), tree: Arc::new(Mutex::new(tree)) };
        let tree = Arc::clone(&directory.tree);
        tokio::spawn(async move {
            while let Ok((mut tcp, _)) = listener.accept().await {
                let (acceptor, tree) = (acceptor.clone(), Arc::clone(&tree));
                tokio::spawn(async move {
                    if manner == Manner::Mute {
                        tokio::time::sleep(Duration::from_mins(10)).await;
                    }
                    if starttls {
                        let Some((id, 0x77, _)) = request(&mut tcp).await else { return };
                        let code = if manner == Manner::NoTls { 2 } else { 0 };
                        let answer = tlv(0x30, &[tlv(2, &id), result(0x78, code, "no TLS here")].concat());
                        if tcp.write_all(&answer).await.is_err() {
                            return;
                        }
                    }
                    if let Ok(tls) = acceptor.accept(tcp).await {
                        talk(tls, manner, &tree).await;
                    }
                });
            }
        });
        Ok(directory)
    }
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

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, manner: Manner, tree: &Mutex<Tree>) {
    while let Some((id, tag, content)) = request(&mut stream).await {
        let message = |parts: &[u8]| tlv(0x30, &[&tlv(2, &id)[..], parts].concat());
        let answer = match tag {
            0x60 => {
                let (_, _, rest) = element(&content);
                let (_, name, rest) = element(rest);
                let (_, password, _) = element(rest);
                let name = String::from_utf8_lossy(name);
                let reader = name == READER.0 && password == READER.1.as_bytes();
                let good = reader || tree.lock().is_password(&name, password);
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
                _ => found(&tree.lock(), &content, &message),
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
        wanted.push(String::from_utf8_lossy(name).into_owned());
        names = rest;
    }
    let base = String::from_utf8_lossy(base).to_lowercase();
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
    let cookie = String::from_utf8_lossy(element(rest).1);
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
        0xa4 => {
            let (_, name, rest) = element(content);
            let mut parts = element(rest).1;
            let mut wanted = Vec::new();
            while !parts.is_empty() {
                let (_, part, rest) = element(parts);
                wanted.push(String::from_utf8_lossy(part).to_lowercase());
                parts = rest;
            }
            let has = |value: &Vec<u8>| {
                let value = String::from_utf8_lossy(value).to_lowercase();
                wanted.iter().all(|part| value.contains(part))
            };
            attributes
                .iter()
                .any(|(n, values)| n.as_bytes().eq_ignore_ascii_case(name) && values.iter().any(has))
        }
        _ => false,
    }
}

/// An attribute if it is wanted; long ones in parts, as Active Directory does.
fn shown((name, values): &(String, Vec<Vec<u8>>), wanted: &[String]) -> Vec<u8> {
    let put = |name: &str, values: &[Vec<u8>]| {
        let set: Vec<u8> = values.iter().flat_map(|value| tlv(4, value)).collect();
        tlv(0x30, &[tlv(4, name.as_bytes()), tlv(0x31, &set)].concat())
    };
    let range = wanted.iter().find_map(|w| w.strip_prefix(&format!("{name};range=")));
    let begin = range.and_then(|range| range.split('-').next()?.parse::<usize>().ok()).unwrap_or(0);
    if !wanted.contains(name) && range.is_none() {
        return Vec::new();
    }
    if name == "member"
        && let Some(part) = PARTS.into_iter().find(|part| values.len() > *part)
    {
        let end = (begin + part).min(values.len());
        let last = if end == values.len() { "*".to_owned() } else { (end - 1).to_string() };
        return [put("member", &[]), put(&format!("member;range={begin}-{last}"), &values[begin..end])]
            .concat();
    }
    put(name, values)
}
