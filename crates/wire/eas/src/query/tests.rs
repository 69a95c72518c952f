//! Both forms against the published example and constructed ones, and what must be refused.

use proptest::prelude::*;

use super::*;

const VECTORS: &str = include_str!("../../testdata/spec/base64-queries.json");

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn base64_queries_decode_to_their_documented_fields() {
    let vectors: Vec<serde_json::Value> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 6);
    for vector in &vectors {
        let query = Query::parse(vector["b64"].as_str().unwrap()).unwrap();
        assert_eq!(query.version.unwrap().as_str(), vector["version"]);
        assert_eq!(u64::from(query.command.unwrap().code()), vector["command"]);
        assert_eq!(u64::from(query.locale.unwrap()), vector["locale"]);
        assert_eq!(query.device_type.as_deref(), vector["device_type"].as_str());
        assert_eq!(query.policy_key.map(u64::from), vector["policy_key"].as_u64());
        let id = match vector["device_id_hex"].as_str() {
            Some(hex) => DeviceId::from_bytes(&unhex(hex)).unwrap(),
            None => DeviceId::from_text(vector["device_id_ascii"].as_str().unwrap()).unwrap(),
        };
        assert_eq!(query.device_id, Some(id));
        let params = vector["params"].as_array().unwrap();
        let param = |tag: u64| {
            let found = params.iter().find(|pair| pair[0] == tag)?;
            Some(String::from_utf8(unhex(found[1].as_str().unwrap())).unwrap())
        };
        assert_eq!(query.params.collection_id, param(1));
        assert_eq!(query.params.item_id, param(3));
        assert_eq!(query.user, param(8));
        let options = param(7).map_or(0, |value| value.as_bytes()[0]);
        assert_eq!(query.params.save_in_sent, options & 1 != 0);
        assert_eq!(query.params.accept_multipart, options & 2 != 0);
    }
}

#[test]
fn both_spellings_of_a_device_id_are_one_device() {
    let base64 = Query::parse("jQkJBAtURVNUREVWMDAwMQAKU21hcnRQaG9uZQ==").unwrap();
    let plain = Query::parse("Cmd=FolderSync&User=u&DeviceId=testdev0001&DeviceType=SmartPhone").unwrap();
    assert_eq!(base64.device_id, plain.device_id);
    let raw = Query::parse("oRcJBBBvJMrVmaW/GmkCRrjGj66NBP////8CV1A=").unwrap();
    let hex = DeviceId::from_text("6f24cad599a5bf1a690246b8c68fae8d").unwrap();
    assert_eq!(raw.device_id, Some(hex.clone()));
    assert_eq!(raw.device_id.unwrap().key(), hex.key());
}

#[test]
fn url_safe_unpadded_and_escaped_base64_is_the_same_query() {
    let query = Query::parse("oRcJBBBvJMrVmaW/GmkCRrjGj66NBP////8CV1A=").unwrap();
    assert_eq!(Query::parse("oRcJBBBvJMrVmaW_GmkCRrjGj66NBP____8CV1A").unwrap(), query);
    assert_eq!(Query::parse("oRcJBBBvJMrVmaW%2FGmkCRrjGj66NBP%2F%2F%2F%2F8CV1A%3D").unwrap(), query);
}

#[test]
fn the_plain_query_towards_a_mail_server_is_canonical() {
    let query = Query::parse("eQMJBBFhbmRyb2lkYzI1OTE0ODk2MAQqAAAAB0FuZHJvaWQCBDU6MTIBATUHAQE=");
    assert_eq!(query.unwrap().extra, [("CollectionName".to_owned(), "5:12".to_owned())]);
    let query = Query::parse("eQMJBBFhbmRyb2lkYzI1OTE0ODk2MAQqAAAAB0FuZHJvaWQDBDU6MTIBATUHAQE=").unwrap();
    let plain = "Cmd=SmartReply&DeviceId=androidc259148960&DeviceType=Android&CollectionId=5&ItemId=5%3A12&SaveInSent=T";
    assert_eq!(query.to_plain_query(), plain);
    let odd = "deviceTYPE=i%20Phone&x=1&cmd=sync&PolicyKey=99&USER=a%2Bb+c@d&DeviceId=D1&y";
    let plain = "Cmd=Sync&User=a%2Bb%2Bc%40d&DeviceId=D1&DeviceType=i%20Phone&x=1&y=";
    assert_eq!(Query::parse(odd).unwrap().to_plain_query(), plain);
}

#[test]
fn a_lone_parameter_without_value_stays_plain() {
    let query = Query::parse("flag&").unwrap();
    assert_eq!(query.extra, [("flag".to_owned(), String::new())]);
    assert_eq!(query.to_plain_query(), "flag=&");
    assert_eq!(Query::parse("flag=&"), Ok(query));
}

#[test]
fn contradictions_and_dirt_are_refused() {
    let cases = [
        ("Cmd=Sync&Cmd=Sync", Error::TwoCommands),
        ("Cmd=Sync&cmd=Ping", Error::TwoCommands),
        ("Cmd=Sync&DeviceId=A&DeviceId=B", Error::Contradiction("DeviceId")),
        ("Cmd=Sync&User=a&User=b", Error::Contradiction("User")),
        ("Cmd=Bogus", Error::UnknownCommand),
        ("Cmd=Sync&DeviceId=A%00B", Error::DeviceId),
        ("Cmd=Sync&DeviceId=", Error::DeviceId),
        ("Cmd=Sync&DeviceId=A%20B", Error::DeviceId),
        ("Cmd=Sync&DeviceId=123456789012345678901234567890123", Error::DeviceId),
        ("Cmd=Sync&User=a%0D%0Ab", Error::Control("User")),
        ("Cmd=Sync&x%0A=1", Error::Control("parameter name")),
        ("Cmd=Sync&User=%FF", Error::Encoding),
        ("Cmd=Sync&User=%4", Error::Encoding),
        ("jQkJBAtURVNUREVWMDAwMQAKU21hcnRQaG9uZQ==&Cmd=Sync", Error::Mixed),
        ("Cmd=Sync&jQkJBAtURVNUREVWMDAwMQAKU21hcnRQaG9uZQ==", Error::Mixed),
        ("!!!!", Error::Base64),
        ("jQ", Error::Truncated(1)),
        ("lgkJBAFBAAFB", Error::UnknownVersion(150)),
        ("jf8JBAFBAAFB", Error::UnknownCommand),
        ("jQkJBAFBAQABQQ", Error::PolicyKey(1)),
        ("jQkJBAFBAAFBCQA", Error::UnknownParameter(9)),
        ("jQkJBAFBAAFBCAEA", Error::Control("User")),
        ("jQkJBAAAAUE", Error::DeviceId),
        ("jQkJBAIBAgABQQ", Error::DeviceId),
    ];
    for (text, error) in cases {
        assert_eq!(Query::parse(text), Err(error), "{text}");
    }
    assert_eq!(Query::parse(&"x=1&".repeat(3000)), Err(Error::TooLong));
    assert_eq!(Query::parse(""), Ok(Query::default()));
}

proptest! {
    #[test]
    fn plain_queries_survive_writing_and_reading(
        code in 0u8..24, user in "[^\\p{Cc}]{0,20}", id in "[!-~]{1,32}", kind in "[^\\p{Cc}]{0,20}",
        item in proptest::option::of("[^\\p{Cc}]{0,20}"), save in any::<bool>(), value in "[^\\p{Cc}]{0,9}",
    ) {
        let query = Query {
            command: Command::from_code(code),
            user: Some(user),
            device_id: Some(DeviceId::from_text(&id).unwrap()),
            device_type: Some(kind),
            params: Params { item_id: item, save_in_sent: save, ..Params::default() },
            extra: vec![("x-other".to_owned(), value)],
            ..Query::default()
        };
        prop_assert_eq!(Query::parse(&query.to_plain_query()), Ok(query));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}", base64 in "[A-Za-z0-9+/=]{0,80}") {
        let _ = Query::parse(&text);
        let _ = Query::parse(&base64);
    }
}
