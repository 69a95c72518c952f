//! Requests and answers written, read and rewritten, and documents that must be refused.

use super::*;

const GATEWAY: &str = "https://mdm.example.test/Microsoft-Server-ActiveSync";

fn request(email: &str) -> Request {
    Request { email: email.to_owned(), schema: MOBILE_SCHEMA.to_owned() }
}

#[test]
fn requests_survive_writing_and_reading() {
    let sent = request("o'neil&co@example.test");
    let read = Request::parse(sent.encode().as_bytes()).unwrap();
    assert!(read.is_mobile());
    assert_eq!(read, sent);
}

#[test]
fn every_kind_of_answer_survives_writing_and_reading() {
    let user = User { display_name: "A <b>".to_owned(), email: "a@b.test".to_owned() };
    let answers = [
        Answer::Settings { user: user.clone(), servers: vec![Server::mobile_sync(GATEWAY)] },
        Answer::Redirect { user: user.clone(), email: "c@d.test".to_owned() },
        Answer::RedirectUrl("https://x.test/autodiscover/autodiscover.xml?a=1&b=2".to_owned()),
        Answer::Error { user, status: 2, message: "no \"user\"".to_owned() },
        Answer::Framework { code: 601, message: "no provider".to_owned() },
    ];
    for answer in answers {
        assert_eq!(Answer::parse(answer.encode("10:00:00.0", 7).as_bytes()), Ok(answer));
    }
}

#[test]
fn a_mail_servers_answer_gives_its_url_and_then_points_to_the_gateway() {
    let body = "<?xml version='1.0'?><a:Autodiscover xmlns:a='urn:x'><Response><User><DisplayName>J</DisplayName>\
        <EMailAddress>j@x.test</EMailAddress></User><Action><Settings><Server><Type>MobileSync</Type>\
        <Url>https://mail.x.test/eas</Url><Name>https://mail.x.test/eas</Name></Server><Server>\
        <Type>CertEnroll</Type><Url>https://ca.x.test/</Url><Name/></Server></Settings></Action></Response>\
        </a:Autodiscover>";
    let answer = Answer::parse(body.as_bytes()).unwrap();
    assert_eq!(answer.activesync_url(), Some("https://mail.x.test/eas"));
    let text = answer.pointing_to(GATEWAY).encode("", 0);
    assert!(!text.contains("x.test/"), "{text}");
    assert_eq!(Answer::parse(text.as_bytes()).unwrap().activesync_url(), Some(GATEWAY));
}

#[test]
fn bad_documents_are_refused() {
    let dtd = "<!DOCTYPE a [<!ENTITY x 'y'>]><Autodiscover><Request/></Autodiscover>";
    assert_eq!(Request::parse(dtd.as_bytes()), Err(Error::Xml));
    assert_eq!(Request::parse(b"\xFF\xFE<\0"), Err(Error::Xml));
    assert_eq!(Request::parse(b""), Err(Error::Xml));
    assert_eq!(Request::parse(&vec![b' '; MAX_DOCUMENT + 1]), Err(Error::TooLarge));
    assert_eq!(Request::parse(b"<x/>"), Err(Error::Missing("Autodiscover")));
    assert_eq!(Request::parse(request("nobody").encode().as_bytes()), Err(Error::Email));
    assert_eq!(Request::parse("<a>".repeat(20_000).as_bytes()), Err(Error::Xml));
    let wide = format!("<Autodiscover>{}</Autodiscover>", "<a/>".repeat(10_000));
    assert_eq!(Request::parse(wide.as_bytes()), Err(Error::Xml));
}
