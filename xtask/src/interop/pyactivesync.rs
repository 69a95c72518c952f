//! pyactivesync against Horde directly: proves the independent client before it is used through the gateway.

use anyhow::{Result, ensure};

use super::{Context, Scenario};
use crate::peers::nginx;
use crate::peers::pyactivesync::{Account, command};

pub static SCENARIO: Scenario = Scenario {
    name: "peers-direct-py",
    shows: "pyactivesync works against Horde and cannot work against SOGo without us",
    peers: &["pyactivesync", "nginx", "sogo", "horde"],
    run,
};

fn run(context: &Context<'_>) -> Result<()> {
    let root = nginx::certificate(context.work);
    let server = format!("localhost:{}", nginx::HORDE_TLS);
    let horde = Account { server: &server, root: &root, user: "u5", password: "pw5", device_id: "pydev5" };
    let folders = command(context.work, &horde, "list-folders", &[])?;
    ensure!(folders.contains("Inbox"), "list-folders at Horde printed: {folders}");
    context.step("Horde: provisions and lists folders");

    let server = format!("localhost:{}", nginx::SOGO_TLS);
    let sogo = Account { server: &server, root: &root, user: "u5", password: "pw5", device_id: "pydev5" };
    match command(context.work, &sogo, "list-folders", &[]) {
        Ok(said) => anyhow::bail!("SOGo has no policies, yet list-folders succeeded: {said}"),
        Err(error) => {
            let said = format!("{error:#}");
            ensure!(said.contains("PolicyKey"), "list-folders at SOGo failed for another reason: {said}");
        }
    }
    context.step("SOGo: gives up, because there is no policy key");
    Ok(())
}
