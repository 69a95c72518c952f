//! Bodies in every wrapping, and bodies that must be refused.

use super::*;
use crate::Mac;

const TWO: &str = "<ise_api><value>3408BC507C78</value><value> 02A0C914C829 </value></ise_api>";
const LOCK: &str = "<ise_api><identifier><macaddress>3408BC507C78</macaddress></identifier></ise_api>";

fn texts(values: &[BatchValue]) -> Vec<&str> {
    values.iter().map(|value| value.text.as_str()).collect()
}

fn multipart(newline: &str, xml: &str) -> String {
    [
        "--=_boundary",
        "Content-Disposition: form-data; name=\"note\"",
        "",
        "not XML",
        "--=_boundary",
        "Content-Disposition: form-data; name=\"data\"",
        "Content-Type: application/xml",
        "",
        xml,
        "--=_boundary--",
        "",
    ]
    .join(newline)
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

#[test]
fn a_batch_is_read_in_every_wrapping() {
    let utf16: Vec<u8> =
        "\u{FEFF}".chars().chain(TWO.chars()).flat_map(|c| (c as u16).to_be_bytes()).collect();
    let bodies = [
        TWO.as_bytes().to_vec(),
        format!("\u{FEFF}  {TWO}").into_bytes(),
        format!("\r\n <?xml version='1.0'?><!-- note -->{TWO}\n").into_bytes(),
        utf16,
        multipart("\r\n", TWO).into_bytes(),
        multipart("\n", TWO).into_bytes(),
        format!("--b\r\n\r\n{TWO}\r\n--b--").into_bytes(),
        format!("a=b&xml={}", percent_encoded(TWO)).into_bytes(),
        b"3408BC507C78,02A0C914C829".to_vec(),
        b"3408BC507C78\r\n02A0C914C829\r\n".to_vec(),
        b"value=3408BC507C78&VALUE=02A0C914C829&paging=0".to_vec(),
        b"value=3408BC507C78%2C02A0C914C829".to_vec(),
        b"<x:Api xmlns:x='urn:x'><list><x:VALUE>3408BC507C78</x:VALUE><a><b><Value><![CDATA[02A0C914C829]]></Value></b></a></list></x:Api>".to_vec(),
    ];
    for body in bodies {
        let values = batch(&body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&body)));
        assert_eq!(texts(&values), ["3408BC507C78", "02A0C914C829"], "{}", String::from_utf8_lossy(&body));
        assert!(values.iter().all(|value| value.criterion.is_none()));
    }
}

#[test]
fn leaves_named_like_a_criterion_say_what_they_are() {
    let values =
        batch(b"<a><guid>g</guid><udid/><imei>1</imei><compliance>false</compliance><other>x</other></a>");
    let values = values.expect("well-formed");
    let kinds: Vec<_> = values.iter().map(|value| value.criterion).collect();
    assert_eq!((texts(&values), kinds), (vec!["g", "1"], vec![Some(Criterion::Guid), Some(Criterion::Imei)]));
}

#[test]
fn an_element_around_others_is_no_value() {
    let values = batch(b"<value>x<value>3408BC507C78</value></value>").expect("well-formed");
    assert_eq!(texts(&values), ["3408BC507C78"]);
}

#[test]
fn an_empty_body_is_an_empty_batch_but_no_action() {
    assert_eq!(batch(b" \r\n"), Ok(vec![]));
    assert_eq!(identifiers(b""), Err(BodyError::Empty));
    assert_eq!(message(b"\n"), Err(BodyError::Empty));
}

#[test]
fn identifiers_are_read_only_inside_identifier() {
    let body = "<ISE_API><macaddress>02A0C914C829</macaddress><Identifier><MacAddress> 3408bc507c78</MacAddress>\
        <guid>{A}</guid></Identifier><identifier><guidhn>PC &amp; &#x43;o</guidhn></identifier></ISE_API>";
    let devices = identifiers(body.as_bytes()).expect("well-formed");
    assert_eq!(devices[0], Lookup::Mac(Mac::parse("3408BC507C78").expect("12 digits")));
    assert!(matches!(&devices[1], Lookup::Guid(guid) if guid.asked() == "{A}"));
    assert_eq!(devices[2], Lookup::HostName("PC & Co".to_owned()));
    assert_eq!(devices.len(), 3);
}

#[test]
fn an_unreadable_identifier_fails_alone_and_a_strange_one_fails_all() {
    let devices =
        identifiers(b"<a><identifier><macaddress>zz</macaddress><guid/></identifier></a>").expect("read");
    assert!(devices.iter().all(|device| matches!(device, Lookup::Nobody { .. })));
    for strange in ["username", "compliance", "colour"] {
        let body = format!("<a><identifier><{strange}>x</{strange}></identifier></a>");
        assert!(matches!(identifiers(body.as_bytes()), Err(BodyError::Identifier { .. })), "{strange}");
    }
}

#[test]
fn an_action_is_found_in_multipart_and_form() {
    for body in [multipart("\r\n", LOCK), format!("data={}", percent_encoded(LOCK))] {
        assert_eq!(identifiers(body.as_bytes()).map(|devices| devices.len()), Ok(1), "{body}");
    }
    for body in [
        "macaddress=3408BC507C78",
        "3408BC507C78",
        "{\"identifier\":1}",
        "--b\r\n\r\nno XML\r\n--b--",
        "--",
        "--\r\n",
    ] {
        assert_eq!(identifiers(body.as_bytes()), Err(BodyError::NotXml), "{body}");
    }
}

#[test]
fn a_message_needs_devices_and_a_text() {
    let full = "<a><identifier><guid>g</guid></identifier><message><message_body>A &lt;b&gt;\n c</message_body></message></a>";
    let read = message(full.as_bytes()).expect("a message");
    assert_eq!((read.kind.as_str(), read.header.as_str(), read.text.as_str()), ("Alert", "", "A <b>\n c"));
    let no_text = full.replace("message_body", "message_header");
    assert_eq!(message(no_text.as_bytes()), Err(BodyError::Missing("message_body")));
    let no_device = full.replace("identifier", "who");
    assert_eq!(message(no_device.as_bytes()), Err(BodyError::Missing("identifier")));
}

#[test]
fn broken_xml_is_refused_with_its_place() {
    for body in [
        "<",
        "<a",
        "<a>",
        "<a></b>",
        "</a>",
        "<a/><b/>",
        "<a/>text",
        "<a>&nbsp;</a>",
        "<a>&#0;</a>",
        "<a>&#xD800;</a>",
        "<a>\u{1}</a>",
        "<a>&#8;</a>",
        "<a><![CDATA[</a>",
        "<!-- only -->",
        "<?xml version='1.0'?>",
        "<a>&amp</a>",
        "<a/>&amp;",
        "<a/><![CDATA[x]]>",
        "<></>",
        "<a><</a>",
    ] {
        let error = batch(body.as_bytes()).expect_err(body);
        assert!(
            matches!(error, BodyError::Malformed { offset } if offset <= body.len()),
            "{body}: {error:?}"
        );
        assert_eq!(error.status(), 400);
    }
    assert_eq!(batch(b"<a>\xFF</a>"), Err(BodyError::Encoding));
    assert_eq!(batch(b"\xFF\xFE<\0a"), Err(BodyError::Encoding));
    assert_eq!(batch(b"\xFE\xFF\xD8\x00"), Err(BodyError::Encoding));
}

#[test]
fn a_document_type_is_refused() {
    for body in [
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a><value>&b;</value></a>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
    ] {
        assert!(matches!(batch(body.as_bytes()), Err(BodyError::DocumentType { .. })), "{body}");
    }
}

#[test]
fn size_depth_and_number_are_bounded() {
    let nested = |depth: usize| format!("{}{}", "<value>".repeat(depth), "</value>".repeat(depth));
    assert!(batch(nested(MAX_DEPTH).as_bytes()).is_ok());
    assert!(matches!(batch(nested(MAX_DEPTH + 1).as_bytes()), Err(BodyError::TooDeep { .. })));

    let many = |count: usize| format!("<a>{}</a>", "<value>v</value>".repeat(count));
    assert_eq!(batch(many(MAX_VALUES).as_bytes()).map(|values| values.len()), Ok(MAX_VALUES));
    assert_eq!(batch(many(MAX_VALUES + 1).as_bytes()), Err(BodyError::TooManyValues));
    let list = "v ".repeat(MAX_VALUES + 1);
    assert_eq!(batch(list.as_bytes()), Err(BodyError::TooManyValues));
    let devices = format!("<a><identifier>{}</identifier></a>", "<guid>g</guid>".repeat(MAX_VALUES + 1));
    assert_eq!(identifiers(devices.as_bytes()), Err(BodyError::TooManyValues));

    let large = format!("<a>{}</a>", "x".repeat(MAX_BYTES));
    assert_eq!(batch(large.as_bytes()), Err(BodyError::TooLarge));
    assert_eq!(BodyError::TooLarge.status(), 413);
}

/// Shapes that make careless parsers quadratic; each of these must simply end.
#[test]
fn costly_shapes_of_the_largest_size_are_read_in_linear_time() {
    let attributes = (0..90_000).map(|i| format!(" a{i}='x'")).collect::<Vec<_>>().concat();
    let fill = |unit: &str| unit.repeat((MAX_BYTES - 200) / unit.len());
    assert_eq!(batch(format!("<a{attributes}/>").as_bytes()), Ok(vec![]));
    assert!(batch(fill("<a>").as_bytes()).is_err());
    assert!(batch(fill("-").as_bytes()).is_err());
    assert!(batch(fill("--b\r\n").as_bytes()).is_err());
    assert!(batch(fill("a=%3D&").as_bytes()).is_ok());
    assert!(batch(format!("<a>{}</a>", fill("&amp;")).as_bytes()).is_ok());
}
