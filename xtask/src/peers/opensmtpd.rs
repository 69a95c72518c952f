//! OpenSMTPD: takes mail from SOGo and hands all of it to Dovecot.

use std::process::Command;

use anyhow::Result;

use super::{Peer, dovecot};
use crate::process;
use crate::work::Work;

/// SMTP port.
pub const PORT: u16 = 10025;

pub static PEER: Peer = Peer {
    name: "opensmtpd",
    purpose: "delivers what SOGo sends",
    packages: &["opensmtpd"],
    needs: &["dovecot"],
    port: Some(PORT),
    start,
    stop,
};

fn start(work: &Work) -> Result<()> {
    let configuration = work.write(
        "smtpd.conf",
        &format!(
            "queue ttl 1h\n\
             listen on 127.0.0.1 port {PORT} hostname mail.example.test\n\
             action \"lmtp\" lmtp \"127.0.0.1:{}\" rcpt-to virtual {{ \"@\" = vmail }} user vmail\n\
             match from any for any action \"lmtp\"\n",
            dovecot::LMTP
        ),
    )?;
    process::start(work, PEER.name, Command::new("/usr/sbin/smtpd").arg("-d").arg("-f").arg(configuration))
}

fn stop(work: &Work) -> Result<()> {
    process::stop(work, PEER.name)
}
