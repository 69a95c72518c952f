//! What no free mail server has: OAuth, 16.1 alone, account-only wipe, moving users. By the scripted server.

use anyhow::{Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use simulator::eas::{Credentials, Handled, Need, Version, WipeKind};
use simulator::mailserver::{Control, Mail};

use super::{connect, eas, organization, scripted};
use crate::interop::{Context, Scenario, block_on};
use crate::product::Organization;

pub static SCENARIO: Scenario = Scenario {
    name: "gateway-modern",
    shows: "a scripted server with tokens only, 16.1 only, account-only wipe, and users that move",
    peers: &[],
    run,
};

fn run(context: &Context<'_>) -> Result<()> {
    block_on(async {
        let (organization, _) = organization(context.installation()?, "modern").await?;
        let (server, control) = scripted(&organization.domain).await?;
        organization.server(&eas(&server.url()), json!({})).await?;
        tokens(context, &organization, &control).await?;
        only_16_1(context, &organization, &control).await?;
        account_wipes(context, &organization, &control).await?;
        moved(context, &organization, &control).await
    })
}

/// A token as issuers make them; its signature is the mail server's business.
fn token(user: &str) -> String {
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    let (head, claims) = (part(r#"{"alg":"none"}"#.to_owned()), part(json!({ "upn": user }).to_string()));
    format!("{head}.{claims}.c2lnbmF0dXJl")
}

async fn tokens(context: &Context<'_>, organization: &Organization, control: &Control) -> Result<()> {
    control.script(|s| s.basic = false);
    let mut phone = organization.phone("u1", "", 1, Version::V16_1)?;
    phone.credentials = Credentials::None;
    let asked = phone.folder_sync().await?;
    let challenge = asked.headers.get("WWW-Authenticate").unwrap_or_default().to_owned();
    ensure!(asked.http == 401 && challenge.contains("authorization_uri="), "{}: {challenge:?}", asked.http);
    context.step("without credentials the mail server's Bearer challenge arrives");

    let access = token(&organization.address("u1"));
    phone.credentials = Credentials::Bearer(access.clone());
    ensure!(phone.folder_sync().await?.http == 401, "a token that the mail server does not know was taken");
    control.add_token(&access, "u1");
    let fresh = token(&organization.address("U1"));
    control.add_token(&fresh, "u1");
    phone.credentials = Credentials::Bearer(fresh.clone());
    connect(&mut phone).await?;
    control.deliver("u1", Mail::new("a@example.test", "for the token", "text"));
    let inbox = phone.folder(2).map(|f| f.id.clone()).unwrap_or_default();
    let items = phone.sync_all(&inbox).await?;
    ensure!(items.iter().any(|i| i.subject() == Some("for the token")), "{items:?}");
    context.step("with a token that it takes, the phone is enrolled, gets our policy and its mail");

    control.revoke_token(&fresh);
    let ended = phone.folder_sync().await?;
    let challenge = ended.headers.get("WWW-Authenticate").unwrap_or_default().to_owned();
    ensure!(ended.http == 401 && challenge.contains("Bearer"), "{}: {challenge:?}", ended.http);
    control.script(|s| s.basic = true);
    context.step("a token that has ended gets the challenge again");
    Ok(())
}

async fn only_16_1(context: &Context<'_>, organization: &Organization, control: &Control) -> Result<()> {
    control.script(|s| s.versions = vec![Version::V16_1]);
    let mut phone = organization.phone("u2", "pw2", 2, Version::V16_1)?;
    let offer = phone.options().await?;
    ensure!(offer.http == 200 && offer.versions == [Version::V16_1], "OPTIONS: {offer:?}");
    connect(&mut phone).await?;
    let mut old = organization.phone("u2", "pw2", 3, Version::V14_1)?;
    let handled = old.connect().await?;
    ensure!(
        matches!(&handled, Handled::Refused(_)) || handled_status(&handled) == Some(138),
        "14.1: {handled:?}"
    );
    control.script(|s| s.versions = Version::ALL.to_vec());
    context.step("a server that speaks 16.1 only is offered as such, and serves 16.1 phones");
    Ok(())
}

fn handled_status(handled: &Handled) -> Option<u32> {
    match handled {
        Handled::Done(reply) | Handled::Refused(reply) => reply.status(),
        Handled::Wiped(_) => None,
    }
}

async fn account_wipes(context: &Context<'_>, organization: &Organization, control: &Control) -> Result<()> {
    let mut phone = organization.phone("u3", "pw3", 4, Version::V16_1)?;
    connect(&mut phone).await?;
    control.order_wipe("u3", &phone.device_id, WipeKind::Account);
    let handled = phone.connect().await?;
    ensure!(matches!(handled, Handled::Wiped(WipeKind::Account)), "the server's: {handled:?}");
    acknowledged(control, "u3", &phone.device_id, Some(1)).await?;
    context
        .step("the mail server's account-only wipe reaches a 16.1 phone, and its acknowledgement the server");

    let mut old = organization.phone("u4", "pw4", 5, Version::V14_1)?;
    connect(&mut old).await?;
    control.order_wipe("u4", &old.device_id, WipeKind::Account);
    let handled = old.connect().await?;
    ensure!(matches!(&handled, Handled::Refused(_)) && old.wiped.is_none(), "14.1: {handled:?}");
    acknowledged(control, "u4", &old.device_id, None).await?;
    context.step("at 14.1 it is never made a full wipe: the phone is refused, the server waits");

    let mut ours = organization.phone("u5", "pw5", 6, Version::V16_1)?;
    connect(&mut ours).await?;
    let command = organization.order(&ours, "account_wipe").await?;
    let handled = ours.connect().await?;
    ensure!(matches!(handled, Handled::Wiped(WipeKind::Account)), "ours: {handled:?}");
    organization.command_is(&command, "acknowledged").await?;
    context.step("ours reaches a 16.1 phone and is acknowledged");
    Ok(())
}

/// Waits until the mail server has heard this of its wipe.
async fn acknowledged(control: &Control, user: &str, device: &str, status: Option<u32>) -> Result<()> {
    let heard = || control.device(user, device).and_then(|d| d.wipe_acknowledged);
    for _ in 0..100 {
        if heard() == status {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    anyhow::bail!("the mail server heard {:?} of its wipe, not {status:?}", heard())
}

async fn moved(context: &Context<'_>, organization: &Organization, control: &Control) -> Result<()> {
    let (other, there) = scripted(&organization.domain).await?;
    let mut phone = organization.phone("u6", "pw6", 7, Version::V14_1)?;
    connect(&mut phone).await?;
    control.move_user("u6", Some(&eas(&other.url())));
    there.deliver("u6", Mail::new("a@example.test", "at the new place", "text"));
    "0".clone_into(&mut phone.hierarchy_key);
    connect(&mut phone).await?;
    let inbox = phone.folder(2).map(|f| f.id.clone()).unwrap_or_default();
    phone.sync_keys.clear();
    let items = phone.sync_all(&inbox).await?;
    ensure!(items.iter().any(|i| i.subject() == Some("at the new place")), "{items:?}");
    ensure!(there.seen().iter().any(|s| s.user.as_deref() == Some("u6")), "the new server saw nobody");

    let mut lost = organization.phone("u7", "pw7", 8, Version::V14_1)?;
    connect(&mut lost).await?;
    control.move_user("u7", Some("https://elsewhere.example/Microsoft-Server-ActiveSync"));
    let reply = lost.folder_sync().await?;
    ensure!(reply.need() == Need::Later && reply.headers.get("X-MS-Location").is_none(), "{reply:?}");
    context.step("a 451 is followed by us to a server on the list, and to no other; the phone never leaves");
    Ok(())
}
