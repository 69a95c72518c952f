//! Dovecot: the mailboxes of u1/pw1 to u20/pw20, by IMAP, filled by LMTP.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::Peer;
use crate::process;
use crate::shell::run;
use crate::work::Work;

/// IMAP port.
pub const IMAP: u16 = 10143;
/// Number of users.
const USERS: usize = 20;
/// LMTP port.
pub const LMTP: u16 = 10024;

pub static PEER: Peer = Peer {
    name: "dovecot",
    purpose: "mailboxes of SOGo's users",
    packages: &["dovecot-imapd", "dovecot-lmtpd"],
    needs: &[],
    port: Some(IMAP),
    start,
    stop,
};

fn start(work: &Work) -> Result<()> {
    if run("id", &["vmail"]).is_err() {
        run("useradd", &["-r", "-M", "-s", "/usr/sbin/nologin", "vmail"])?;
    }
    work.fresh_folder_of("mail", "vmail")?;
    work.folder("dovecot")?;
    let mut users = String::new();
    for i in 1..=USERS {
        writeln!(users, "u{i}:{{PLAIN}}pw{i}::::::")?;
    }
    work.write("users", &users)?;
    // One setting per line inside braces, or Dovecot refuses the file.
    let configuration = include_str!("files/dovecot.conf")
        .replace("@WORK@", &work.root().display().to_string())
        .replace("@IMAP@", &IMAP.to_string())
        .replace("@LMTP@", &LMTP.to_string());
    let configuration = work.write("dovecot.conf", &configuration)?;
    process::start(
        work,
        PEER.name,
        Command::new("/usr/sbin/dovecot").arg("-F").arg("-c").arg(configuration),
    )?;
    process::wait_for_port("dovecot-lmtp", LMTP)?;
    process::wait_for_port("dovecot", IMAP)?;
    (1..=USERS).try_for_each(count_changes)
}

/// Makes Dovecot number the changes of a user's Inbox from the beginning. It starts to when somebody first
/// searches by that number, and until then SOGo tells a phone that there is nothing in a new mailbox.
fn count_changes(user: usize) -> Result<()> {
    let stream = TcpStream::connect(("127.0.0.1", IMAP))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut stream = stream;
    let login = format!("LOGIN u{user} pw{user}");
    let commands = [login.as_str(), "SELECT INBOX", "UID SEARCH MODSEQ 1", "LOGOUT"];
    for (n, command) in commands.iter().enumerate() {
        write!(stream, "a{n} {command}\r\n")?;
        let done = lines.by_ref().map_while(Result::ok).find(|l| l.starts_with(&format!("a{n} ")));
        ensure!(done.as_ref().is_some_and(|l| l.contains(" OK")), "IMAP {command}: {done:?}");
    }
    Ok(())
}

fn stop(work: &Work) -> Result<()> {
    process::stop(work, PEER.name)
}
