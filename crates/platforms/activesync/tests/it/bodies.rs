//! Bodies: large, chunked, packed, in parts; none of them is held in memory or changed.

use simulator::eas::{SyncAsk, Version};
use simulator::mailserver::Mail;

use crate::house::{House, VERSIONS, connect};

fn mime(size: usize) -> Vec<u8> {
    let mut mail = b"From: u1@acme.test\r\nTo: u2@acme.test\r\nSubject: Large\r\n\r\n".to_vec();
    while mail.len() < size {
        mail.extend_from_slice(b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab\r\n");
    }
    mail
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_of_any_size_arrives_in_every_way_of_sending() {
    let house = House::new().await;
    for version in VERSIONS {
        for (size, chunk, expect) in [
            (1000, None, false),
            (1000, Some(100), false),
            (2 << 20, None, true),
            (2 << 20, Some(9000), false),
        ] {
            let mut phone = house.phone(1, version);
            phone.device_id = format!("MIME{version}").replace('.', "");
            connect(&mut phone).await;
            phone.chunk = chunk;
            phone.expect_continue = expect;
            let body = mime(size);
            let call = phone.send_mail_call(&body);
            let before = house.mail.sizes("u2", 2).len();
            let reply = phone.send(call).await.unwrap();
            assert_eq!(reply.http, 200, "{version} {size} {chunk:?} {expect}");
            assert_eq!(house.mail.sizes("u2", 2).len(), before + 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_expires_in_the_middle_of_an_upload_is_mended_and_the_upload_repeated() {
    let house = House::new().await;
    for version in VERSIONS {
        for chunk in [None, Some(50_000)] {
            let mut phone = house.phone(1, version);
            phone.device_id = format!("MID{version}").replace('.', "");
            connect(&mut phone).await;
            house.mail.force_provision("u1", None);
            phone.chunk = chunk;
            let before = house.mail.sizes("u2", 2).len();
            let body = mime(3 << 20);
            let call = phone.send_mail_call(&body);
            let reply = phone.send(call).await.unwrap();
            assert_eq!(reply.http, 200, "{version}");
            let sizes = house.mail.sizes("u2", 2);
            assert_eq!(sizes.len(), before + 1, "once");
            assert!(*sizes.last().unwrap() > (3 << 20) - 200, "whole: {sizes:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_is_said_in_the_form_of_the_version() {
    let house = House::with(|s| s.max_body = 1 << 20).await;
    for version in [Version::V12_1, Version::V16_1] {
        for chunk in [None, Some(60_000)] {
            let mut phone = house.phone(1, version);
            connect(&mut phone).await;
            phone.chunk = chunk;
            phone.expect_continue = true;
            let call = phone.send_mail_call(&mime(2 << 20));
            let reply = phone.send(call).await.unwrap();
            let form = if version.has_common_status() { (200, Some(122)) } else { (413, None) };
            assert_eq!((reply.http, reply.status()), form, "{version} {chunk:?}");
        }
    }
    assert!(house.mail.sizes("u2", 2).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_come_packed_chunked_and_in_parts_as_the_mail_server_sends_them() {
    let house = House::new().await;
    let attachment: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
    let mail = Mail {
        attachments: vec![("a.bin".into(), attachment.clone())],
        ..Mail::new("x@y.test", "File", "text")
    };
    house.mail.deliver("u1", mail);
    let mut phone = house.phone(1, Version::V14_1);
    connect(&mut phone).await;
    for (gzip, chunk) in [(false, None), (true, None), (false, Some(7000)), (true, Some(7000))] {
        house.mail.script(|s| (s.gzip, s.chunk) = (gzip, chunk));
        phone.accept_gzip = gzip;
        phone.sync_keys.clear();
        phone.sync("1", &SyncAsk::default()).await.unwrap();
        let items = phone.sync("1", &SyncAsk::default()).await.unwrap();
        assert_eq!(items.reply.headers.get("Content-Encoding"), gzip.then_some("gzip"));
        let tree = items.reply.tree.unwrap();
        let path = "Collections/Collection/Commands/Add/ApplicationData/Attachments/Attachment/FileReference";
        let reference = tree.text_at(path).unwrap().to_owned();
        let fetched = phone.fetch_attachment(&reference, true).await.unwrap();
        assert_eq!(fetched.parts.as_slice(), std::slice::from_ref(&attachment), "{gzip} {chunk:?}");
        // A refusal is seen in a packed answer as well.
        house.mail.force_provision("u1", None);
        assert_eq!(phone.estimate("1").await.unwrap().http, 200);
        assert!(house.mail.device("u1", &phone.device_id).unwrap().key.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_five_mebibytes_go_up_and_come_down() {
    const LARGE: usize = 25 << 20;
    let house = House::new().await;
    let mut phone = house.phone(1, Version::V16_1);
    connect(&mut phone).await;
    let call = phone.send_mail_call(&mime(LARGE));
    assert_eq!(phone.send(call).await.unwrap().http, 200);
    assert!(house.mail.sizes("u2", 2).iter().any(|size| *size > LARGE - 200));
    let mail =
        Mail { attachments: vec![("l".into(), vec![7; LARGE])], ..Mail::new("x@y.test", "File", "text") };
    house.mail.deliver("u3", mail);
    let mut phone = house.phone(3, Version::V16_1);
    connect(&mut phone).await;
    phone.sync("1", &SyncAsk::default()).await.unwrap();
    let items = phone.sync("1", &SyncAsk::default()).await.unwrap();
    let path = "Collections/Collection/Commands/Add/ApplicationData/Attachments/Attachment/FileReference";
    let reference = items.reply.text_at(path).unwrap().to_owned();
    let fetched = phone.fetch_attachment(&reference, true).await.unwrap();
    assert_eq!(fetched.parts.iter().map(Vec::len).collect::<Vec<_>>(), [LARGE]);
}
