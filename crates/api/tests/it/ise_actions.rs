//! What may be ordered from ISE, and what not.

use catalog::{CommandKind, Liability};
use domain::model::{Channel, ChannelKind, Device, DeviceState, EasState, Origin};
use engine::administrators::{self, AdministratorEdit};
use engine::journal::{self, JournalQuery};

use crate::ise_fixture::*;

fn body(device: &Device) -> String {
    format!("<ise_api><identifier><macaddress> {}</macaddress></identifier></ise_api>", device.macs[0])
}

async fn act(house: &House, action: &str, body: &str) -> Vec<(String, String)> {
    let reply = house
        .call("POST", &format!("/ciscoise/action/actionType={action}"), Some(&house.acme.ise), body)
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    texts(&reply.body, "action_status").into_iter().zip(texts(&reply.body, "failure_reason")).collect()
}

/// A phone with mail, so that a wipe has somewhere to go.
async fn phone(house: &House, change: impl FnOnce(&mut Device)) -> Device {
    house
        .device(&house.acme, |d| {
            d.channels.push(Channel {
                id: domain::Id::from_uuid(uuid::Uuid::from_u128(0xC0_0000 + d.number as u128)),
                kind: ChannelKind::Activesync,
                external_id: format!("PHONE{}", d.number),
                eas: EasState { version: "16.1".into(), ..EasState::default() },
            });
            change(d);
        })
        .await
}

fn commands(house: &House) -> Vec<(CommandKind, Origin)> {
    let org = house.engine.directory().organization(house.acme.id).unwrap();
    let commands = org.read().live_commands();
    commands.iter().map(|c| (c.kind, c.origin)).collect()
}

#[tokio::test]
async fn a_corporate_wipe_is_queued_once_however_often_it_is_repeated() {
    let house = House::build().await;
    let device = phone(&house, |_| {}).await;
    for _ in 0..3 {
        assert_eq!(act(&house, "corporate_wipe", &body(&device)).await, [("true".into(), String::new())]);
    }
    assert_eq!(commands(&house), [(CommandKind::AccountWipe, Origin::Ise)]);
    let event = JournalQuery { event: "ise.action".into(), ..JournalQuery::default() };
    let rows = journal::page(&house.engine, &house.acme.admin, event).await.unwrap();
    assert_eq!(rows.len(), 3, "each request is journaled");
    let details = rows[0].body.as_ref().unwrap();
    assert_eq!(
        (details["command"].as_str(), details["address"].as_str()),
        (Some("corporate_wipe"), Some("192.0.2.10"))
    );
    assert!(rows[0].actor.contains(&house.acme.ise.0), "{}", rows[0].actor);
    assert_eq!(rows[0].subject, device.id.to_string());
}

#[tokio::test]
async fn a_full_wipe_needs_the_accounts_right_and_a_company_device() {
    let house = House::build().await;
    let company = phone(&house, |d| d.liability = Some(Liability::Corporate)).await;
    let own = phone(&house, |d| d.liability = Some(Liability::Individual)).await;
    let refused = act(&house, "full_wipe", &body(&company)).await;
    assert_eq!(refused[0].0, "false");
    assert!(refused[0].1.contains("switched off"), "{}", refused[0].1);

    let account = house.engine.directory().administrator_by_name(&house.acme.ise.0).unwrap().id;
    let edit = AdministratorEdit { ise_full_wipe: Some(true), ..AdministratorEdit::default() };
    administrators::edit(&house.engine, &house.acme.admin, account, edit).await.unwrap();
    assert_eq!(act(&house, "full_wipe", &body(&own)).await[0].0, "false");
    assert!(commands(&house).is_empty());
    assert_eq!(act(&house, "full_wipe", &body(&company)).await[0].0, "true");
    assert_eq!(commands(&house), [(CommandKind::FullWipe, Origin::Ise)]);
}

#[tokio::test]
async fn what_cannot_be_done_is_said_per_device() {
    let house = House::build().await;
    let retired = phone(&house, |d| d.state = DeviceState::Retired).await;
    let wiped = phone(&house, |d| d.state = DeviceState::Wiped).await;
    let good = phone(&house, |_| {}).await;
    phone(&house, |d| d.macs = vec!["0026B424FEB4".into()]).await;
    phone(&house, |d| d.macs = vec!["0026B424FEB4".into()]).await;
    let named = |device: &Device| format!("<guid>{}</guid>", device.guid);
    let all = format!(
        "<ise_api><identifier>{}{}{}<macaddress>FFFFFFFFFFFE</macaddress><macaddress>junk</macaddress>\
         <macaddress>0026B424FEB4</macaddress></identifier></ise_api>",
        named(&retired),
        named(&wiped),
        named(&good)
    );
    let outcomes = act(&house, "corporate_wipe", &all).await;
    let statuses: Vec<_> = outcomes.iter().map(|(status, _)| status.as_str()).collect();
    assert_eq!(statuses, ["false", "false", "true", "false", "false", "false"]);
    for (outcome, words) in
        outcomes.iter().zip(["retired", "wiped already", "", "No device", "No device", "by its GUID"])
    {
        assert!(outcome.1.contains(words), "{outcome:?}");
    }
    assert_eq!(act(&house, "pin_lock", &body(&good)).await[0].0, "false");
    assert_eq!(commands(&house).len(), 1);
}

#[tokio::test]
async fn above_the_hourly_limit_nothing_is_claimed() {
    let house = House::build().await;
    let mut statuses = Vec::new();
    for _ in 0..7 {
        let device = phone(&house, |_| {}).await;
        statuses.extend(act(&house, "corporate_wipe", &body(&device)).await);
    }
    assert!(statuses[..5].iter().all(|(status, _)| status == "true"), "{statuses:?}");
    assert!(statuses[5..].iter().all(|(status, why)| status == "false" && !why.is_empty()), "{statuses:?}");
}

#[tokio::test]
async fn messages_are_refused_honestly() {
    let house = House::build().await;
    let device = phone(&house, |_| {}).await;
    let message = format!(
        "<ise_api><identifier><guid>{}</guid></identifier><message><message_body>Hello</message_body></message></ise_api>",
        device.guid
    );
    let reply = house.call("PUT", "/ise/mdm/api/sendmessage", Some(&house.acme.ise), &message).await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        (one(&reply.body, "message_status"), one(&reply.body, "api_version")),
        ("false".into(), "3".into())
    );
    assert!(!one(&reply.body, "failure_reason").is_empty());
}
