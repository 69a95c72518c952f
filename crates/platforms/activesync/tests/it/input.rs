//! Bad input: a clear refusal in the caller's dialect, never 500, nothing forwarded that was not gated.

use simulator::eas::{Call, Version};
use simulator::http::{BaseUrl, Client, Request};
use simulator::wbxml::{el, encode};

use crate::house::{House, VERSIONS, connect};

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_another_command_goes_nowhere() {
    let house = House::new().await;
    for version in VERSIONS {
        for mut phone in [house.phone(1, version), house.stand_in(1, version)] {
            phone.device_id = format!("ROOT{version}").replace('.', "");
            connect(&mut phone).await;
            house.mail.clear_seen();
            let body = encode(&el("FolderHierarchy:FolderSync").with(el("FolderHierarchy:SyncKey").text(0)));
            for command in ["Ping", "Sync", "Settings", "GetAttachment", "SendMail"] {
                let reply = phone.send(Call::with_body(command, body.clone())).await.unwrap();
                let in_body = version.has_common_status() && command != "GetAttachment";
                let form = if in_body { (200, Some(101)) } else { (400, None) };
                assert_eq!((reply.http, reply.status()), form, "{command} {version}");
            }
            assert!(house.mail.seen().is_empty());
        }
    }
    assert!(house.eas.metrics().mismatched.get() >= 40);
}

/// A mail up to 12.1 and an attachment have no root to compare; a document that only others can read is neither.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_in_the_place_of_a_mail_goes_nowhere() {
    let house = House::new().await;
    let mut phone = house.phone(1, Version::V12_1);
    connect(&mut phone).await;
    house.mail.clear_seen();
    let provision = encode(&el("Provision:Provision"));
    // Another character set, and a string table: not ActiveSync's, but libwbxml reads both.
    let (mut latin, mut table) = (provision.clone(), provision);
    latin[2] = 4;
    table.splice(3..4, [1, b'x']);
    for body in [latin, table] {
        for command in ["SendMail", "SmartReply", "GetAttachment"] {
            for kind in ["message/rfc822", "application/vnd.ms-sync.wbxml"] {
                let mut call = Call::with_body(command, body.clone());
                call.content_type = kind;
                assert_eq!(phone.send(call).await.unwrap().http, 400, "{command} {kind}");
            }
        }
    }
    assert!(house.mail.seen().is_empty());
}

/// Nothing that a device can send makes a 5xx of us, except 503.
#[tokio::test(flavor = "multi_thread")]
async fn malformed_documents_are_refused_in_every_command() {
    let house = House::new().await;
    let list: serde_json::Value =
        serde_json::from_str(include_str!("../../testdata/malformed.json")).unwrap();
    let mut gateway = house.phone(1, Version::V14_1);
    let mut stand_in = house.stand_in(1, Version::V12_1);
    connect(&mut gateway).await;
    connect(&mut stand_in).await;
    for case in list.as_array().unwrap() {
        let Some(text) = case["hex"].as_str() else { continue };
        let bytes = hex::decode(text).unwrap();
        for command in
            ["Provision", "FolderSync", "Settings", "Ping", "Sync", "ItemOperations", "GetItemEstimate"]
        {
            if bytes.is_empty() && matches!(command, "Ping" | "Sync") {
                continue;
            }
            for phone in [&mut gateway, &mut stand_in] {
                let reply = phone.raw(command, bytes.clone()).await.unwrap();
                assert!(reply.http < 500, "{} {command}: {}", case["name"], reply.http);
            }
        }
    }
    assert!(gateway.folder_sync().await.unwrap().is_ok(), "nothing was lost");
    assert!(stand_in.folder_sync().await.unwrap().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_bodies_of_every_kind_never_make_a_500() {
    let house = House::new().await;
    let mut phone = house.stand_in(1, Version::V16_1);
    connect(&mut phone).await;
    let provision =
        encode(&el("Provision:Provision").with(el("Provision:Policies").with(
            el("Provision:Policy").with(el("Provision:PolicyType").text("MS-EAS-Provisioning-WBXML")),
        )));
    let sync = encode(&phone.sync_document("1", &simulator::eas::SyncAsk::default()));
    let mut seed = 7_u32;
    for (command, body) in [("Provision", provision), ("Sync", sync)] {
        for round in 0..150 {
            let mut damaged = body.clone();
            for _ in 0..=round % 3 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = seed as usize % damaged.len();
                damaged[at] = (seed >> 16) as u8;
            }
            damaged.truncate(damaged.len() - (round % 4));
            let reply = phone.raw(command, damaged).await.unwrap();
            assert!(reply.http < 500 || reply.http == 503, "{command} {round}: {}", reply.http);
            house.clock.advance(200_000);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_request_lines_and_methods_are_refused() {
    let house = House::new().await;
    let basic = "Basic dTFAYWNtZS50ZXN0OnB3MQ==";
    let mut client = Client::new(BaseUrl::parse(&house.url()).unwrap(), None);
    let mut ask = async |method: &str, target: &str| {
        let mut request = Request::new(method, target, Vec::new());
        request.headers.add("Authorization", basic).add("MS-ASProtocolVersion", "14.1");
        client.send(&request).await.unwrap()
    };
    let path = "/Microsoft-Server-ActiveSync";
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let answer = ask(method, path).await;
        assert_eq!((answer.status, answer.headers.get("Allow")), (405, Some("OPTIONS, POST")), "{method}");
    }
    for query in [
        "",
        "?",
        "?Cmd=Sync&Cmd=Ping&DeviceId=a&DeviceType=b",
        "?jAAJ",
        "?!!!!",
        "?Cmd=Sync&DeviceId=a%00b&DeviceType=c",
        "?Cmd=Sync&DeviceId=%ZZ&DeviceType=c",
        "?jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l&Cmd=Sync",
    ] {
        assert_eq!(ask("POST", &format!("{path}{query}")).await.status, 400, "{query}");
    }
    let unknown = format!("{path}?Cmd=Bogus&DeviceId=a&DeviceType=b");
    assert_eq!(ask("POST", &unknown).await.status, 501, "a command that nobody has");
    assert_eq!(ask("POST", "/Microsoft-Server-ActiveSyncX").await.status, 404);
    let long = "a".repeat(33);
    assert_eq!(ask("POST", &format!("{path}?Cmd=Sync&DeviceId={long}&DeviceType=c")).await.status, 400);
    assert_eq!(ask("OPTIONS", "/MICROSOFT-SERVER-ACTIVESYNC/default.eas").await.status, 200);
}
