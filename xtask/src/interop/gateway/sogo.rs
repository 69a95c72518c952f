//! SOGo behind the gateway: an independent client that cannot use SOGo alone, and PIM data that arrives in SOGo.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use simulator::eas::{Device, Need, Version};
use simulator::wbxml::{Element, el};

use super::{connect, eas, host, organization, python, root_file};
use crate::interop::{Context, Scenario, block_on};
use crate::peers::pyactivesync::{Account, command};
use crate::peers::sogo;
use crate::shell::{apt_install, finish};

pub static SCENARIO: Scenario = Scenario {
    name: "gateway-sogo",
    shows: "pyactivesync uses SOGo through us, calendar and contacts arrive, a policy edit reaches a parked Ping",
    peers: &["sogo", "pyactivesync"],
    run,
};

fn run(context: &Context<'_>) -> Result<()> {
    apt_install(&["curl"])?;
    let (organization, suite) = block_on(organization(context.installation()?, "sogo"))?;
    block_on(async {
        let url = eas(&format!("http://127.0.0.1:{}{}", sogo::PORT, sogo::PATH));
        let server = organization.server(&url, json!({})).await?;
        let test = organization.rest.post(&format!("/servers/{server}/test"), &json!({})).await?;
        ensure!(test["ok"] == true, "the server's test: {test}");
        context.step("the server's test finds nothing in the way");
        Ok(())
    })?;
    independent(context, &organization.address("u5"), &organization.address("u6"))?;
    block_on(async {
        let mut phone = organization.phone("u7", "pw7", 1, Version::V14_1)?;
        connect(&mut phone).await?;
        context.step(format!("our phone gets our policy and {} folders of SOGo", phone.folders.len()));
        calendar(context, &mut phone).await?;
        contacts(context, &mut phone).await?;

        let publish = async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            organization.publish(&suite, &json!({ "device.allow_camera": false })).await
        };
        let (answer, published) = tokio::join!(phone.ping(300), publish);
        published?;
        let answer = answer?;
        ensure!(answer.reply.need() == Need::Provision, "the parked Ping: {answer:?}");
        let took = answer.reply.took;
        ensure!(took < Duration::from_secs(20), "the edit reached the Ping only after {took:?}");
        connect(&mut phone).await?;
        let camera = phone.policy.get("AllowCamera").map(String::as_str);
        ensure!(camera == Some("0"), "the new policy: {:?}", phone.policy);
        context.step("a policy edit reaches a Ping that is parked at SOGo, and the phone takes it");
        Ok(())
    })
}

/// pyactivesync, which gives up at SOGo itself for want of a policy key.
fn independent(context: &Context<'_>, user: &str, other: &str) -> Result<()> {
    let root = root_file(context)?.display().to_string();
    let server = host(&context.installation()?.base_url)?;
    let account = Account { server, root: &root, user: other, password: "pw6", device_id: "pycli6" };
    let folders = command(context.work, &account, "list-folders", &[])?;
    ensure!(folders.contains("CALENDAR"), "list-folders through us printed: {folders}");
    context.step("pyactivesync lists SOGo's folders through us");
    let said = python(context, user, "pw5", "pyclient5", &["mail", "u5@example.test"])?;
    for step in ["sent", "synced", "fetched", "pinged"] {
        ensure!(said.contains(step), "pyactivesync did not get to {step:?}: {said}");
    }
    context.step("pyactivesync sends, syncs and fetches a mail, and its parked Ping is woken by one");
    Ok(())
}

async fn calendar(context: &Context<'_>, phone: &mut Device) -> Result<()> {
    let folder = phone.folder(8).context("no calendar")?.id.clone();
    // A time zone without offset and without summer time.
    let utc = format!("{}==", "A".repeat(230));
    let entry = [
        ("Calendar:Timezone", utc.as_str()),
        ("Calendar:AllDayEvent", "0"),
        ("Calendar:BusyStatus", "2"),
        ("Calendar:DtStamp", "20301123T080000Z"),
        ("Calendar:EndTime", "20301124T100000Z"),
        ("Calendar:Location", "Room 7"),
        ("Calendar:Sensitivity", "0"),
        ("Calendar:Subject", "Planning through the gateway"),
        ("Calendar:StartTime", "20301124T090000Z"),
        ("Calendar:UID", "interop-calendar-entry-1"),
        ("Calendar:MeetingStatus", "0"),
    ];
    added(phone, &folder, "Calendar", &entry).await?;
    let found = dav("Calendar")?;
    ensure!(found.contains("SUMMARY:Planning through the gateway"), "CalDAV: {found}");
    ensure!(found.contains("20301124T090000"), "CalDAV, the time: {found}");
    context.step("a calendar entry made through us is in SOGo's CalDAV");
    Ok(())
}

async fn contacts(context: &Context<'_>, phone: &mut Device) -> Result<()> {
    let folder = phone.folder(9).context("no contacts")?.id.clone();
    let card = [
        ("Contacts:Email1Address", "ada@example.test"),
        ("Contacts:FileAs", "Lovelace, Ada"),
        ("Contacts:FirstName", "Ada"),
        ("Contacts:LastName", "Lovelace"),
        ("Contacts:MobilePhoneNumber", "+44 20 7946 0958"),
    ];
    added(phone, &folder, "Contacts", &card).await?;
    let found = dav("Contacts")?;
    ensure!(found.contains("ada@example.test") && found.contains("Lovelace"), "CardDAV: {found}");
    context.step("a contact made through us is in SOGo's CardDAV");
    Ok(())
}

async fn added(
    phone: &mut Device,
    folder: &str,
    class: &'static str,
    rows: &[(&'static str, &str)],
) -> Result<()> {
    let data: Vec<Element> = rows.iter().map(|(name, value)| el(name).text(value)).collect();
    let answer = phone.add_item(folder, class, data).await?;
    let accepted = answer.accepted.first().is_none_or(|(_, _, status)| *status == 1);
    ensure!(answer.status == Some(1) && accepted, "adding to {class}: {answer:?}");
    Ok(())
}

/// Everything in a personal collection of `u7`, by curl at SOGo itself.
fn dav(collection: &str) -> Result<String> {
    let origin = format!("http://127.0.0.1:{}", sogo::PORT);
    let list = curl(
        &["--request", "PROPFIND", "--header", "Depth: 1"],
        &format!("{origin}{}", path_of(collection)),
    )?;
    let document = roxmltree::Document::parse(&list).with_context(|| list.clone())?;
    let names = document.descendants().filter(|n| n.tag_name().name() == "href").filter_map(|n| n.text());
    let mut all = String::new();
    for name in names.filter(|name| !name.ends_with('/')) {
        let path = name.strip_prefix(&origin).unwrap_or(name);
        all.push_str(&curl(&[], &format!("{origin}{path}"))?);
    }
    Ok(all)
}

fn path_of(collection: &str) -> String {
    format!("{}/dav/u7/{collection}/personal/", sogo::PATH)
}

fn curl(arguments: &[&str], url: &str) -> Result<String> {
    let always = ["--silent", "--show-error", "--fail-with-body", "--max-time", "30", "--user", "u7:pw7"];
    finish(Command::new("curl").args(always).args(arguments).arg(url))
}
