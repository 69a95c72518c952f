//! OpenSMTPD: takes mail from SOGo and hands all of it to Dovecot; the product's own mail lies in a box.

use std::fs;
use std::process::Command;

use anyhow::Result;

use super::{Peer, dovecot};
use crate::process;
use crate::work::Work;

/// SMTP port.
pub const PORT: u16 = 10025;
/// Mail for this domain lies in [`delivered`].
pub const DOMAIN: &str = "smtp.test";

pub static PEER: Peer = Peer {
    name: "opensmtpd",
    purpose: "delivers what SOGo and the product send",
    packages: &["opensmtpd"],
    needs: &["dovecot"],
    port: Some(PORT),
    start,
    stop,
};

fn start(work: &Work) -> Result<()> {
    let folder = work.folder("opensmtpd")?;
    if !folder.join("box").exists() {
        work.fresh_folder_of("opensmtpd/box", "vmail")?;
    }
    let configuration = work.write(
        "smtpd.conf",
        &format!(
            "queue ttl 1h\n\
             listen on 127.0.0.1 port {PORT} hostname mail.example.test\n\
             action \"box\" maildir \"{}/box\" virtual {{ \"@\" = vmail }} user vmail\n\
             action \"lmtp\" lmtp \"127.0.0.1:{}\" rcpt-to virtual {{ \"@\" = vmail }} user vmail\n\
             match from any for domain \"{DOMAIN}\" action \"box\"\n\
             match from any for any action \"lmtp\"\n",
            folder.display(),
            dovecot::LMTP
        ),
    )?;
    process::start(work, PEER.name, Command::new("/usr/sbin/smtpd").arg("-d").arg("-f").arg(configuration))
}

fn stop(work: &Work) -> Result<()> {
    process::stop(work, PEER.name)
}

/// Forgets the mails in the box.
pub fn forget(work: &Work) -> Result<()> {
    work.fresh_folder_of("opensmtpd/box", "vmail").map(drop)
}

/// The mails in the box as they were delivered, in no order.
pub fn delivered(work: &Work) -> Result<Vec<String>> {
    let folder = work.path("opensmtpd/box/new");
    if !folder.exists() {
        return Ok(Vec::new());
    }
    fs::read_dir(&folder)?.map(|entry| Ok(fs::read_to_string(entry?.path())?)).collect()
}
