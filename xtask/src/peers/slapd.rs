//! OpenLDAP's server with people, groups and odd entries: LDAPS and StartTLS with an authority of its own.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Peer, submission};
use crate::process;
use crate::shell::{finish, run};
use crate::work::Work;

/// Port that begins with TLS.
pub const TLS: u16 = 10636;
/// Port that wants StartTLS.
pub const STARTTLS: u16 = 10389;
/// Everything lies beneath this.
pub const SUFFIX: &str = "dc=ldap,dc=test";
/// Who may do everything, with the password.
pub const ROOT: (&str, &str) = ("cn=root,dc=ldap,dc=test", "a root password");
/// Who may read, with the password.
pub const READER: (&str, &str) = ("cn=reader,dc=ldap,dc=test", "a reader password");
/// People of a usual start.
pub const PEOPLE: usize = 2_000;

pub static PEER: Peer = Peer {
    name: "slapd",
    purpose: "OpenLDAP, whose users come and go",
    packages: &["slapd", "ldap-utils", "openssl"],
    needs: &[],
    port: Some(TLS),
    start,
    stop,
};

fn start(work: &Work) -> Result<()> {
    with_people(work, PEOPLE)
}

/// Starts it with so many people (`u0`, `u1` …, with passwords like `password of u0`), from nothing.
pub fn with_people(work: &Work, people: usize) -> Result<()> {
    let folder = work.folder("slapd")?;
    let _ = fs::remove_dir_all(folder.join("data"));
    work.folder("slapd/data")?;
    if !folder.join("server.pem").exists() {
        submission::certificates(work, "slapd")?;
        // Signed by itself: what the server shows after somebody has changed its certificate.
        let subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
        let (key, cert) = (work.text("slapd/changed.key"), work.text("slapd/changed.pem"));
        let files = ["-newkey", "rsa:2048", "-nodes", "-keyout", &key, "-out", &cert];
        run("openssl", &[&["req", "-x509", "-days", "30"][..], &subject, &files].concat())?;
    }
    let configuration = configuration(work, "server")?;
    let ldif = work.write("slapd/start.ldif", &ldif(people)?)?;
    let mut command = Command::new("/usr/sbin/slapadd");
    finish(command.args(["-q", "-f", &configuration, "-l"]).arg(ldif))?;
    listen(work, &configuration)
}

fn configuration(work: &Work, certificate: &str) -> Result<String> {
    let text = include_str!("files/slapd.conf")
        .replace("{FOLDER}", &work.folder("slapd")?.display().to_string())
        .replace("{AUTHORITY}", "ca")
        .replace("{SERVER}", certificate)
        .replace("{SUFFIX}", SUFFIX)
        .replace("{ROOT}", ROOT.0)
        .replace("{PASSWORD}", ROOT.1);
    Ok(work.write("slapd/slapd.conf", &text)?.display().to_string())
}

fn listen(work: &Work, configuration: &str) -> Result<()> {
    let addresses = format!("ldap://127.0.0.1:{STARTTLS} ldaps://127.0.0.1:{TLS}");
    let mut command = Command::new("/usr/sbin/slapd");
    process::start(work, PEER.name, command.args(["-d", "0", "-f", configuration, "-h", &addresses]))?;
    process::wait_for_port(PEER.name, TLS)
}

/// Stops it.
pub fn stop(work: &Work) -> Result<()> {
    process::stop(work, PEER.name)
}

/// Starts it again with what it has, showing this certificate: `server`, or `changed`, which nobody signed.
pub fn again(work: &Work, certificate: &str) -> Result<()> {
    stop(work)?;
    listen(work, &configuration(work, certificate)?)
}

/// Makes changes (LDIF), as the root.
pub fn modify(work: &Work, ldif: &str) -> Result<()> {
    let file = work.write("slapd/change.ldif", ldif)?;
    let address = format!("ldaps://localhost:{TLS}");
    let mut command = Command::new("ldapmodify");
    // OpenLDAP's client compares the certificate with the host's own name when it is told `localhost`.
    command.env("LDAPTLS_REQCERT", "never");
    finish(command.args(["-H", &address, "-x", "-D", ROOT.0, "-w", ROOT.1, "-f"]).arg(file)).map(drop)
}

/// A certificate in PEM form: `ca` signed the server's, `other` did not.
pub fn authority(work: &Work, name: &str) -> Result<String> {
    let file = work.path(&format!("slapd/{name}.pem"));
    fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))
}

/// People in a folder, guests in another one, groups that contain each other, and entries that are no users.
fn ldif(people: usize) -> Result<String> {
    let mut text = String::new();
    writeln!(text, "dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Test\ndc: ldap\n")?;
    writeln!(text, "dn: {}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject", READER.0)?;
    writeln!(text, "cn: reader\nuserPassword: {}\n", READER.1)?;
    for folder in ["people", "guests", "groups"] {
        writeln!(text, "dn: ou={folder},{SUFFIX}\nobjectClass: organizationalUnit\nou: {folder}\n")?;
    }
    for number in 0..people {
        person(&mut text, &format!("u{number}"), "people")?;
    }
    person(&mut text, "guest", "guests")?;
    // A name with a control sign, one that no user can have, and one that would be a formula in a table.
    for (cn, uid) in [("junk", "uid:: YQFi"), ("slash", "uid: a/b"), ("formula", "uid: =1+1")] {
        writeln!(
            text,
            "dn: cn={cn},ou=people,{SUFFIX}\nobjectClass: inetOrgPerson\ncn: {cn}\nsn: x\n{uid}\n"
        )?;
    }
    let member = |uid: usize| format!("member: uid=u{uid},ou=people,{SUFFIX}\n");
    let sales: String = (0..people / 2).map(member).collect();
    let group = |name: &str, members: &str| {
        format!("dn: cn={name},ou=groups,{SUFFIX}\nobjectClass: groupOfNames\ncn: {name}\n{members}\n")
    };
    text += &group("sales", &format!("{sales}member: cn=inner,ou=groups,{SUFFIX}\n"));
    text += &group("inner", &format!("{}member: cn=sales,ou=groups,{SUFFIX}\n", member(people - 1)));
    Ok(text)
}

fn person(text: &mut String, uid: &str, folder: &str) -> Result<()> {
    writeln!(
        text,
        "dn: uid={uid},ou={folder},{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: Person {uid}"
    )?;
    writeln!(text, "sn: {uid}\ngivenName: Person\nmail: {uid}@ldap.test\nuserPassword: password of {uid}\n")?;
    Ok(())
}
