//! TLS and signing in for OpenSMTPD: Dovecot's submission service, which hands each command on to it.
//!
//! Debian 12's OpenSMTPD (6.8.0p2) cannot speak TLS itself: built with OpenSSL 3 it loses its private key at every
//! handshake ("missing private key"). What it says to MAIL, RCPT and DATA reaches the client unchanged.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Peer, opensmtpd};
use crate::process;
use crate::shell::run;
use crate::work::Work;

/// Port with TLS from the first byte.
pub const TLS: u16 = 10465;
/// Port with STARTTLS.
pub const STARTTLS: u16 = 10587;
/// Name and password to sign in with.
pub const ACCOUNT: (&str, &str) = ("mdm", "a long password");

pub static PEER: Peer = Peer {
    name: "submission",
    purpose: "TLS and signing in for OpenSMTPD",
    packages: &["dovecot-submissiond", "openssl"],
    needs: &["opensmtpd"],
    port: Some(TLS),
    start,
    stop,
};

/// Starts it.
pub fn start(work: &Work) -> Result<()> {
    let folder = work.folder("submission")?;
    work.fresh_folder_of("submission/mail", "vmail")?;
    work.folder("submission/run")?;
    if !folder.join("server.pem").exists() {
        certificates(work, "submission")?;
    }
    work.write("submission/users", &format!("{}:{{PLAIN}}{}::::::\n", ACCOUNT.0, ACCOUNT.1))?;
    let configuration = include_str!("files/submission.conf")
        .replace("@FOLDER@", &folder.display().to_string())
        .replace("@RELAY@", &opensmtpd::PORT.to_string())
        .replace("@TLS@", &TLS.to_string())
        .replace("@STARTTLS@", &STARTTLS.to_string());
    let configuration = work.write("submission/dovecot.conf", &configuration)?;
    let mut command = Command::new("/usr/sbin/dovecot");
    process::start(work, PEER.name, command.arg("-F").arg("-c").arg(configuration))?;
    process::wait_for_port(PEER.name, STARTTLS)
}

/// Stops it.
pub fn stop(work: &Work) -> Result<()> {
    process::stop(work, PEER.name)
}

/// In a folder: an authority of its own, a certificate for `localhost`, and another authority that has nothing to do with it.
pub(super) fn certificates(work: &Work, folder: &str) -> Result<()> {
    let path = |name: &str| work.text(&format!("{folder}/{name}"));
    let new = ["-newkey", "rsa:2048", "-nodes"];
    for authority in ["ca", "other"] {
        let subject = format!("/CN=Test authority {authority}");
        let (key, cert) = (path(&format!("{authority}.key")), path(&format!("{authority}.pem")));
        let files = ["-subj", &subject, "-keyout", &key, "-out", &cert];
        run("openssl", &[&["req", "-x509", "-days", "30"][..], &new, &files].concat())?;
    }
    let (request, key) = (path("server.csr"), path("server.key"));
    let files = ["-subj", "/CN=localhost", "-keyout", &key, "-out", &request];
    run("openssl", &[&["req", "-new"][..], &new, &files].concat())?;
    let names = "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n";
    let names = work.write(&format!("{folder}/names"), names)?.display().to_string();
    let (ca, ca_key, cert) = (path("ca.pem"), path("ca.key"), path("server.pem"));
    let signed = ["-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial", "-days", "30", "-extfile", &names];
    let files = ["-in", &request, "-out", &cert];
    run("openssl", &[&["x509", "-req"][..], &signed, &files].concat()).map(drop)
}

/// A certificate in PEM form: `ca` signed the server's, `other` did not.
pub fn authority(work: &Work, name: &str) -> Result<String> {
    let file = work.path(&format!("submission/{name}.pem"));
    fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))
}
