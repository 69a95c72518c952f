//! SOGo: a real mail, calendar and contacts backend (2.5 to 14.1) without policies and without wipe.
//!
//! SOGo reads `/etc/sogo/sogo.conf` and nothing else; the original is kept aside and put back on stop.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::{Peer, dovecot, memcached, opensmtpd, postgres};
use crate::process;
use crate::shell::{run, run_as};
use crate::work::Work;

/// HTTP port; ActiveSync is at [`PATH`].
pub const PORT: u16 = 20000;
/// What stands before `/Microsoft-Server-ActiveSync`.
pub const PATH: &str = "/SOGo";

const CONFIGURATION: &str = "/etc/sogo/sogo.conf";
const MARK: &str = "/* written by cargo xtask peers */\n";

pub static PEER: Peer = Peer {
    name: "sogo",
    purpose: "mail backend without policies",
    packages: &["sogo", "sogo-activesync"],
    needs: &["postgres", "memcached", "dovecot", "opensmtpd"],
    port: Some(PORT),
    start,
    stop,
};

fn start(work: &Work) -> Result<()> {
    work.fresh_folder_of("sogo", "sogo")?;
    for folder in ["/run/sogo", "/var/spool/sogo"] {
        run("install", &["-d", "-o", "sogo", "-g", "sogo", folder])?;
    }
    keep_original(work)?;
    fs::write(CONFIGURATION, configuration(work)).context("writing SOGo's configuration")?;
    run("chown", &["root:sogo", CONFIGURATION])?;
    run("chmod", &["640", CONFIGURATION])?;
    // It puts itself into the background. Never give it options: unknown ones start a default server.
    run_as("sogo", "sogod")?;
    let deadline = Instant::now() + Duration::from_secs(30);
    let pid = loop {
        let note = fs::read_to_string(work.path("sogo/sogo.pid")).unwrap_or_default();
        match note.trim().parse() {
            Ok(pid) => break pid,
            Err(_) if Instant::now() > deadline => bail!("sogod wrote no process number"),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    process::remember(work, PEER.name, pid)
}

fn stop(work: &Work) -> Result<()> {
    process::stop(work, PEER.name)?;
    let kept = work.path("sogo.conf.original");
    if kept.exists() {
        fs::copy(&kept, CONFIGURATION).context("putting SOGo's configuration back")?;
        fs::remove_file(kept)?;
    }
    Ok(())
}

/// Keeps the configuration that was there, unless it is ours from a run that was cut off.
fn keep_original(work: &Work) -> Result<()> {
    let there = fs::read_to_string(CONFIGURATION).unwrap_or_default();
    if Path::new(CONFIGURATION).exists() && !there.starts_with(MARK) {
        // With its permissions: it may hold somebody's passwords.
        fs::copy(CONFIGURATION, work.path("sogo.conf.original"))?;
    }
    Ok(())
}

fn configuration(work: &Work) -> String {
    let database = format!("postgresql://sogo:sogo@127.0.0.1:{}/sogo", postgres::PORT);
    let tables = [
        ("SOGoProfileURL", "sogo_user_profile"),
        ("OCSFolderInfoURL", "sogo_folder_info"),
        ("OCSSessionsFolderURL", "sogo_sessions_folder"),
        ("OCSEMailAlarmsFolderURL", "sogo_alarms_folder"),
        ("OCSStoreURL", "sogo_store"),
        ("OCSAclURL", "sogo_acl"),
        ("OCSCacheFolderURL", "sogo_cache_folder"),
    ];
    let tables: Vec<String> =
        tables.iter().map(|(key, table)| format!("  {key} = \"{database}/{table}\";\n")).collect();
    let tables = tables.concat();
    let (imap, smtp, cache) = (dovecot::IMAP, opensmtpd::PORT, memcached::PORT);
    let folder = work.text("sogo");
    // One worker is taken by each parked Ping, so there are more of them than a scenario parks.
    format!(
        "{MARK}{{\n{tables}  SOGoUserSources = ( {{ type = sql; id = users; viewURL = \"{database}/sogo_users\"; \
         canAuthenticate = YES; isAddressBook = YES; userPasswordAlgorithm = plain; displayName = \"Users\"; }} );\n  \
         SOGoMailDomain = \"example.test\";\n  \
         SOGoIMAPServer = \"imap://127.0.0.1:{imap}\";\n  \
         SOGoSMTPServer = \"smtp://127.0.0.1:{smtp}\";\n  \
         SOGoMailingMechanism = smtp;\n  \
         SOGoMemcachedHost = \"127.0.0.1:{cache}\";\n  \
         SOGoTimeZone = UTC;\n  SOGoLanguage = English;\n  \
         SOGoMaximumPingInterval = 3540;\n  SOGoMaximumSyncInterval = 3540;\n  SOGoInternalSyncInterval = 30;\n  \
         SOGoMaximumSyncResponseSize = 2048;\n  \
         WOWorkersCount = 12;\n  WOPort = \"127.0.0.1:{PORT}\";\n  \
         WOLogFile = \"{folder}/sogo.log\";\n  WOPidFile = \"{folder}/sogo.pid\";\n  \
         WOWatchDogRequestTimeout = 60;\n  SxVMemLimit = 512;\n}}\n"
    )
}
