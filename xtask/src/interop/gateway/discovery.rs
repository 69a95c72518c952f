//! Autodiscover in both forms, and learning a user's real server by it.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use simulator::eas::Version;
use simulator::http::{BaseUrl, Client, Request, Response};
use simulator::mailserver::Mail;

use super::{connect, eas, organization, scripted};
use crate::interop::{Context, Scenario, block_on};
use crate::product::{Installation, Organization};

pub static SCENARIO: Scenario = Scenario {
    name: "autodiscover",
    shows: "phones find us by an address, and we find the user's real server",
    peers: &[],
    run,
};

/// Both schemas of the mobile form (MS-ASAB 2.2.2).
const ASK: &str = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006";
const ANSWER: &str = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006";

fn run(context: &Context<'_>) -> Result<()> {
    let installation = context.installation()?;
    block_on(async {
        let (organization, _) = organization(installation, "finder").await?;
        let (front, control) = scripted(&organization.domain).await?;
        let (real, there) = scripted(&organization.domain).await?;
        control.script(|s| s.autodiscover_url = eas(&real.url()));
        let asked_at = format!("{}/autodiscover/autodiscover.xml", front.url());
        let more = json!({ "use_autodiscover": true, "autodiscover_url": asked_at });
        organization.server(&eas(&front.url()), more).await?;
        json_form(context, installation, &organization).await?;
        xml_form(context, installation, &organization).await?;

        there.deliver("u1", Mail::new("a@example.test", "at the real server", "text"));
        let mut phone = organization.phone("u1", "pw1", 1, Version::V14_1)?;
        connect(&mut phone).await?;
        let inbox = phone.folder(2).map(|f| f.id.clone()).unwrap_or_default();
        let items = phone.sync_all(&inbox).await?;
        ensure!(items.iter().any(|i| i.subject() == Some("at the real server")), "{items:?}");
        context.step("the user's real server is learned by Autodiscover at enrolment, and serves the phone");
        Ok(())
    })
}

async fn send(installation: &Installation, request: &Request) -> Result<Response> {
    let base = BaseUrl::parse(&installation.base_url)?;
    Ok(Client::new(base, Some(installation.trust()?)).send(request).await?)
}

async fn json_form(
    context: &Context<'_>,
    installation: &Installation,
    organization: &Organization,
) -> Result<()> {
    let get = |address: String, protocol: &str| {
        let target = format!("/autodiscover/autodiscover.json?Email={address}&Protocol={protocol}");
        Request::new("GET", target, Vec::new())
    };
    for address in [organization.address("u1"), organization.address("nobody")] {
        let answer = send(installation, &get(address, "ActiveSync")).await?;
        let said: Value = serde_json::from_slice(&answer.body)?;
        ensure!(
            answer.status == 200 && said["Url"] == eas(&installation.base_url),
            "{}: {said}",
            answer.status
        );
    }
    let other = send(installation, &get(organization.address("u1"), "Imap")).await?;
    ensure!(other.status == 400, "another protocol: {}", other.status);
    let foreign = send(installation, &get("u1@elsewhere.example".to_owned(), "ActiveSync")).await?;
    ensure!(foreign.status == 404, "a foreign domain: {}", foreign.status);
    context.step("JSON: every address of the domain leads to us, other protocols and domains do not");
    Ok(())
}

async fn xml_form(
    context: &Context<'_>,
    installation: &Installation,
    organization: &Organization,
) -> Result<()> {
    use base64::Engine as _;
    let address = organization.address("u1");
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Autodiscover xmlns=\"{ASK}\"><Request><EMailAddress>{address}\
         </EMailAddress><AcceptableResponseSchema>{ANSWER}</AcceptableResponseSchema></Request></Autodiscover>"
    );
    let mut request = Request::new("POST", "/Autodiscover/Autodiscover.xml", body.into_bytes());
    request.headers.add("Content-Type", "text/xml");
    let stranger = send(installation, &request).await?;
    ensure!(stranger.status == 401, "without credentials: {}", stranger.status);
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{address}:pw1"));
    request.headers.add("Authorization", format!("Basic {basic}"));
    let answer = send(installation, &request).await?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    ensure!(answer.status == 200, "{}: {text}", answer.status);
    let document = roxmltree::Document::parse(&text)?;
    let of = |name: &str| document.descendants().find(|n| n.tag_name().name() == name).and_then(|n| n.text());
    ensure!(of("Url") == Some(&*eas(&installation.base_url)), "the address: {text}");
    ensure!(of("EMailAddress") == Some(&*address), "the user: {text}");
    context.step("XML: signed in at the mail server, the answer names us instead of it");
    Ok(())
}
