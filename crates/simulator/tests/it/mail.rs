//! Mail and calendar through Sync, SendMail, ItemOperations, MoveItems, Search.

use simulator::eas::{Call, Device, SyncAsk, Version};
use simulator::mailserver::Mail;
use simulator::wbxml::{Element, el};

use crate::stage::Stage;

async fn connected(stage: &Stage, version: Version) -> (Device, String) {
    let mut phone = stage.phone(version);
    phone.connect().await.unwrap();
    let inbox = phone.folder(2).unwrap().id.clone();
    (phone, inbox)
}

#[tokio::test]
async fn delivered_mail_arrives_once_and_in_windows() {
    let stage = Stage::new().await;
    for n in 0..30 {
        stage.control.deliver("u1", Mail::new("a@example.test", &format!("mail {n}"), "hello"));
    }
    for version in Version::ALL {
        let (mut phone, inbox) = connected(&stage, version).await;
        let estimate = phone.estimate(&inbox).await.unwrap();
        assert_eq!(estimate.number_at("Response/Status"), Some(3), "not primed at {version}");
        phone.sync(&inbox, &SyncAsk::default()).await.unwrap();
        let estimate = phone.estimate(&inbox).await.unwrap();
        assert_eq!(estimate.number_at("Response/Collection/Estimate"), Some(30), "{version}");
        let first = phone.sync(&inbox, &SyncAsk::default()).await.unwrap();
        assert_eq!((first.added.len(), first.more), (25, true), "{version}");
        let second = phone.sync(&inbox, &SyncAsk::default()).await.unwrap();
        assert_eq!((second.added.len(), second.more), (5, false), "{version}");
        assert_eq!(second.added[4].subject(), Some("mail 29"));
        assert_eq!(second.added[4].body(), Some("hello"), "{version}");
        let third = phone.sync(&inbox, &SyncAsk::default()).await.unwrap();
        assert!(third.added.is_empty());
        assert_eq!(third.reply.body.is_empty(), version >= Version::V12_1, "{version}");
        stage.control.forget_device("u1", &phone.device_id);
    }
}

#[tokio::test]
async fn a_lost_answer_is_repeated_and_a_wrong_key_starts_over() {
    let stage = Stage::new().await;
    stage.control.deliver("u1", Mail::new("a@example.test", "once", "x"));
    let (mut phone, inbox) = connected(&stage, Version::V14_1).await;
    phone.sync(&inbox, &SyncAsk::default()).await.unwrap();
    let key = phone.sync_keys[&inbox].clone();
    assert_eq!(phone.sync(&inbox, &SyncAsk::default()).await.unwrap().added.len(), 1);
    phone.sync_keys.insert(inbox.clone(), key);
    assert_eq!(phone.sync(&inbox, &SyncAsk::default()).await.unwrap().added.len(), 1, "sent again");
    phone.sync_keys.insert(inbox.clone(), "777".to_owned());
    assert_eq!(phone.sync(&inbox, &SyncAsk::default()).await.unwrap().status, Some(3));
    assert_eq!(phone.sync_all(&inbox).await.unwrap().len(), 1, "from nothing again");
}

#[tokio::test]
async fn an_empty_sync_repeats_the_last_one() {
    let stage = Stage::new().await;
    let (mut phone, inbox) = connected(&stage, Version::V14_1).await;
    assert_eq!(phone.sync_again().await.unwrap().status, Some(13));
    phone.sync_all(&inbox).await.unwrap();
    let again = phone.sync_again().await.unwrap();
    assert!(again.reply.http == 200 && again.reply.body.is_empty());
}

#[tokio::test]
async fn a_mail_goes_from_phone_to_phone() {
    let stage = Stage::new().await;
    for version in [Version::V12_1, Version::V14_1, Version::V16_1] {
        let (mut sender, _) = connected(&stage, version).await;
        let subject = format!("to u2 at {version}");
        let sent = sender.send_mail("u1@example.test", "u2@example.test", &subject, "read me").await.unwrap();
        assert_eq!((sent.http, sent.body.len()), (200, 0), "{version}");
        assert_eq!(stage.control.subjects("u1", 5).last(), Some(&subject), "kept in Sent Items");
        let mut receiver = stage.phone_of(2, "pixel", version);
        receiver.connect().await.unwrap();
        let inbox = receiver.folder(2).unwrap().id.clone();
        let items = receiver.sync_all(&inbox).await.unwrap();
        assert_eq!(items.last().unwrap().subject(), Some(&*subject));
        stage.control.forget_device("u1", &sender.device_id);
        stage.control.forget_device("u2", &receiver.device_id);
    }
}

#[tokio::test]
async fn mail_of_25_mebibytes_goes_up_and_comes_down() {
    const SIZE: usize = 25 * 1024 * 1024;
    let stage = Stage::new().await;
    let (mut phone, inbox) = connected(&stage, Version::V14_1).await;
    let mut mime = b"From: <u1@example.test>\r\nTo: <u1@example.test>\r\nSubject: big\r\n\r\n".to_vec();
    mime.resize(mime.len() + SIZE, b'x');
    phone.chunk = Some(65_536);
    let call: Call = phone.send_mail_call(&mime);
    assert_eq!(phone.send(call).await.unwrap().http, 200);
    assert_eq!(stage.control.sizes("u1", 2), [SIZE]);
    phone.chunk = None;
    phone.accept_gzip = true;
    stage.control.script(|s| s.gzip = true);
    phone.sync(&inbox, &SyncAsk::default()).await.unwrap();
    let item = phone.sync(&inbox, &SyncAsk::default()).await.unwrap().added.remove(0);
    let fetched = phone.fetch(&inbox, &item.id, true).await.unwrap();
    assert_eq!(fetched.parts.iter().map(Vec::len).collect::<Vec<_>>(), [SIZE]);
}

#[tokio::test]
async fn attachments_come_inline_in_parts_and_by_name() {
    let stage = Stage::new().await;
    let mut mail = Mail::new("a@example.test", "with attachment", "see attached");
    mail.attachments.push(("picture.bin".to_owned(), vec![7; 5000]));
    stage.control.deliver("u1", mail);
    let (mut phone, inbox) = connected(&stage, Version::V12_1).await;
    let items = phone.sync_all(&inbox).await.unwrap();
    let reference = items[0].data.text_at("Attachments/Attachment/FileReference").unwrap().to_owned();
    let inline = phone.fetch_attachment(&reference, false).await.unwrap();
    let data = inline.text_at("Response/Fetch/Properties/Data").unwrap();
    assert_eq!(data.len(), 6668, "base64 of 5000 bytes");
    for base64 in [false, true] {
        phone.base64_query = base64;
        let parts = phone.fetch_attachment(&reference, true).await.unwrap();
        assert_eq!(parts.parts, [vec![7; 5000]]);
        assert_eq!(parts.number_at("Response/Fetch/Properties/Part"), Some(1));
        let call = Call::with_body("GetAttachment", Vec::new()).param("AttachmentName", &reference);
        assert_eq!(phone.send(call).await.unwrap().body, vec![7; 5000]);
    }
    let gone = phone.fetch_attachment("1:999:0", false).await.unwrap();
    assert_eq!(gone.number_at("Response/Fetch/Status"), Some(15));
}

#[tokio::test]
async fn a_contact_is_added_changed_moved_and_found() {
    let stage = Stage::new().await;
    let (mut phone, inbox) = connected(&stage, Version::V14_1).await;
    let contacts = phone.folder(9).unwrap().id.clone();
    let data = vec![el("Contacts:FileAs").text("Doe, Jane"), el("Contacts:FirstName").text("Jane")];
    let answer = phone.add_item(&contacts, "Contacts", data).await.unwrap();
    let (_, id, status) = answer.accepted[0].clone();
    assert_eq!(status, 1);
    assert_eq!(stage.control.subjects("u1", 9), ["Doe, Jane"]);
    let id = id.unwrap();
    let change = el("AirSync:Change")
        .with(el("AirSync:ServerId").text(&id))
        .with(el("AirSync:ApplicationData").with(el("Contacts:FileAs").text("Roe, Jane")));
    let ask = SyncAsk { class: "Contacts", commands: vec![change], ..SyncAsk::default() };
    phone.sync(&contacts, &ask).await.unwrap();
    assert_eq!(stage.control.subjects("u1", 9), ["Roe, Jane"]);
    let moved = phone.move_item(&id, &contacts, &inbox).await.unwrap();
    assert_eq!(moved.number_at("Response/Status"), Some(3));
    assert!(stage.control.subjects("u1", 9).is_empty());
    let missing = phone.move_item("12345", &contacts, &inbox).await.unwrap();
    assert_eq!(missing.number_at("Response/Status"), Some(1));
    let found = phone.search_people("u").await.unwrap();
    let people = found.tree.as_ref().unwrap().all("Response/Store/Result/Properties/EmailAddress");
    let people: Vec<&str> = people.into_iter().filter_map(Element::value).collect();
    assert_eq!(people, ["u1@example.test", "u2@example.test", "u3@example.test"]);
}

#[tokio::test]
async fn folders_come_and_go() {
    let stage = Stage::new().await;
    let (mut phone, inbox) = connected(&stage, Version::V14_1).await;
    let create = el("FolderHierarchy:FolderCreate")
        .with(el("FolderHierarchy:SyncKey").text(&phone.hierarchy_key))
        .with(el("FolderHierarchy:ParentId").text(0))
        .with(el("FolderHierarchy:DisplayName").text("Projects"))
        .with(el("FolderHierarchy:Type").text(12));
    let reply = phone.exchange("FolderCreate", &create).await.unwrap();
    assert_eq!(reply.status(), Some(1));
    let id = reply.text_at("ServerId").unwrap().to_owned();
    reply.text_at("SyncKey").unwrap().clone_into(&mut phone.hierarchy_key);
    let mut second = stage.phone_of(1, "ipad", Version::V14_1);
    second.connect().await.unwrap();
    assert!(second.folders.iter().any(|f| f.id == id && f.name == "Projects"));
    let delete = |key: &str, id: &str| {
        el("FolderHierarchy:FolderDelete")
            .with(el("FolderHierarchy:SyncKey").text(key))
            .with(el("FolderHierarchy:ServerId").text(id))
    };
    let key = phone.hierarchy_key.clone();
    assert_eq!(phone.exchange("FolderDelete", &delete(&key, &inbox)).await.unwrap().status(), Some(3));
    assert_eq!(phone.exchange("FolderDelete", &delete("77", &id)).await.unwrap().status(), Some(9));
    assert_eq!(phone.exchange("FolderDelete", &delete(&key, &id)).await.unwrap().status(), Some(1));
    second.folder_sync().await.unwrap();
    assert!(!second.folders.iter().any(|f| f.id == id), "the other device learns of it");
}
