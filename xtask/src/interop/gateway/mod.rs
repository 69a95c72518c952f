//! The gateway in front of mail servers of other makers, and of a scripted one for what they cannot do.

pub mod discovery;
pub mod horde;
pub mod large;
pub mod modern;
pub mod sogo;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use simulator::eas::{Device, Handled};
use simulator::mailserver::{Control, MailServer, Options};

use super::Context;
use crate::product::{Installation, Organization};
use crate::shell::{finish, project};

/// A length that no mail server here asks for, so that a policy with it is ours.
pub const OUR_LENGTH: &str = "11";

/// Lets a phone get its folders as a phone does, and checks that the policy it has then is ours.
pub async fn connect(phone: &mut Device) -> Result<()> {
    let handled = phone.connect().await?;
    ensure!(matches!(&handled, Handled::Done(r) if r.status() == Some(1)), "connecting: {handled:?}");
    let length = phone.policy.get("MinDevicePasswordLength").map(String::as_str);
    ensure!(length == Some(OUR_LENGTH), "the policy is not ours: {:?}", phone.policy);
    Ok(())
}

/// An organization with a suite whose policy is recognized by [`connect`]; also the suite's id.
pub async fn organization(installation: &Installation, slug: &str) -> Result<(Organization, String)> {
    let organization = installation.organization(slug)?;
    let length: u32 = OUR_LENGTH.parse()?;
    let values = serde_json::json!({ "password.min_length": length });
    let suite = organization.suite("Interop", "moderate", &values).await?;
    Ok((organization, suite))
}

/// The scripted mail server with users `u1`/`pw1` to `u9`/`pw9` of a domain.
pub async fn scripted(domain: &str) -> Result<(MailServer, Control)> {
    let server = MailServer::start(Options::default()).await?;
    let control = server.control();
    for n in 1..=9 {
        control.add_user(&format!("u{n}"), &format!("pw{n}"), &format!("u{n}@{domain}"));
    }
    Ok((server, control))
}

/// Where a server takes ActiveSync.
pub fn eas(base: &str) -> String {
    format!("{base}/Microsoft-Server-ActiveSync")
}

/// Runs the conversation of pyactivesync through the gateway; the lines that it printed.
fn python(context: &Context<'_>, user: &str, password: &str, device: &str, more: &[&str]) -> Result<String> {
    let installation = context.installation()?;
    let mut command = python_command(&context.work.path("pyactivesync/bin/python"), &root_file(context)?);
    command.arg(host(&installation.base_url)?).args([user, password, device]).args(more);
    finish(&mut command)
}

fn python_command(python: &Path, root: &Path) -> Command {
    let mut command = Command::new(python);
    command.env("REQUESTS_CA_BUNDLE", root);
    command.arg(project().join("xtask/interop/eas/client.py"));
    command
}

/// The installation's root certificate in a file.
fn root_file(context: &Context<'_>) -> Result<PathBuf> {
    let file = context.work.path("installation-root.pem");
    std::fs::write(&file, &context.installation()?.root_pem)?;
    Ok(file)
}

fn host(base_url: &str) -> Result<&str> {
    base_url.strip_prefix("https://").context("an https address")
}
