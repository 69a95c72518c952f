//! The handshake in both roles, against captures and hand-made samples.

use proptest::prelude::*;

use super::client::{ServerAnswer, ServerDocument};
use super::*;
use crate::body::Error;
use crate::device_information::DeviceInformation;
use crate::version::PolicyClass;

const INITIAL: &[u8] = include_bytes!("../../testdata/synthetic/provision-initial-14.1-with-devinfo.bin");
const POLICY: &[u8] = include_bytes!("../../testdata/captured/zpush-policy-wipe/04-Provision-resp.bin");
const FINAL: &[u8] = include_bytes!("../../testdata/captured/horde/06-Provision-resp.bin");
const WIPE_WITH_POLICY: &[u8] = include_bytes!("../../testdata/captured/horde/18-Provision-resp.bin");
const WIPE_WITH_WAP: &[u8] = include_bytes!("../../testdata/captured/horde/19-Provision-resp.bin");

fn acknowledge_of(key: Option<u32>, status: u16) -> Request {
    Request::Acknowledge { policy_type: PolicyType::Wbxml, key, status }
}

#[test]
fn the_sample_requests_are_understood() {
    let Request::Initial { policy_type, device_information: Some(information) } =
        Request::parse(INITIAL).unwrap()
    else {
        panic!("not an initial request with device information");
    };
    assert_eq!(policy_type, PolicyType::Wbxml);
    assert_eq!(information.imei.as_deref(), Some("356938035643809"));
    let samples: [(&[u8], Request); 7] = [
        (include_bytes!("../../testdata/synthetic/provision-empty.bin"), Request::Empty),
        (
            include_bytes!("../../testdata/synthetic/provision-initial-12.1.bin"),
            Request::Initial { policy_type: PolicyType::Wbxml, device_information: None },
        ),
        (
            include_bytes!("../../testdata/synthetic/provision-initial-2.5-wap.bin"),
            Request::Initial { policy_type: PolicyType::Wap, device_information: None },
        ),
        (
            include_bytes!("../../testdata/synthetic/provision-ack.bin"),
            acknowledge_of(Some(1_234_567_890), 1),
        ),
        (
            include_bytes!("../../testdata/synthetic/provision-ack-partial.bin"),
            acknowledge_of(Some(1_234_567_890), 2),
        ),
        (
            include_bytes!("../../testdata/synthetic/provision-wipe-ack.bin"),
            Request::WipeAcknowledge { kind: WipeKind::Device, status: 1 },
        ),
        (
            include_bytes!("../../testdata/synthetic/provision-account-wipe-ack.bin"),
            Request::WipeAcknowledge { kind: WipeKind::AccountOnly, status: 1 },
        ),
    ];
    for (bytes, request) in samples {
        assert_eq!(Request::parse(bytes), Ok(request));
    }
}

#[test]
fn the_client_writes_the_bytes_of_the_samples() {
    let Request::Initial { device_information, .. } = Request::parse(INITIAL).unwrap() else { panic!() };
    assert_eq!(client::initial(Version::V14_1, device_information.as_ref()), INITIAL);
    // Up to 14.0 the description does not belong here.
    let bare = include_bytes!("../../testdata/synthetic/provision-initial-12.1.bin");
    assert_eq!(client::initial(Version::V12_1, device_information.as_ref()), bare);
    let wap = include_bytes!("../../testdata/synthetic/provision-initial-2.5-wap.bin");
    assert_eq!(client::initial(Version::V2_5, None), wap);
    let ack = include_bytes!("../../testdata/synthetic/provision-ack.bin");
    assert_eq!(client::acknowledge(Version::V14_1, "1234567890", 1), ack);
    let wiped = include_bytes!("../../testdata/synthetic/provision-wipe-ack.bin");
    assert_eq!(client::wipe_acknowledge(WipeKind::Device, 1), wiped);
    assert_eq!(client::empty(), include_bytes!("../../testdata/synthetic/provision-empty.bin"));
}

#[test]
fn the_wipe_directives_have_the_bytes_of_the_samples() {
    let device = include_bytes!("../../testdata/synthetic/provision-wipe-directive.bin");
    assert_eq!(Answer::Wipe(WipeKind::Device).encode(), device);
    let account = include_bytes!("../../testdata/synthetic/provision-account-wipe-directive.bin");
    assert_eq!(Answer::Wipe(WipeKind::AccountOnly).encode(), account);
    assert!(
        WipeKind::AccountOnly.known_to(Version::V16_1) && !WipeKind::AccountOnly.known_to(Version::V16_0)
    );
}

#[test]
fn a_servers_policy_is_read_and_the_same_policy_written_byte_for_byte() {
    let answer = ServerAnswer::parse(POLICY).unwrap();
    let policy = answer.policy.unwrap();
    assert_eq!((answer.status, policy.status, policy.key.as_deref()), (1, 1, Some("531247202")));
    let mut values = policy.document.unwrap().values();
    assert_eq!(values.len(), 42);
    // Z-Push sends an attachment size of -1, which the schema does not allow; it is put in and out again.
    assert_eq!(values[8].1, DocValue::Integer(-1));
    values[8].1 = DocValue::Integer(99);
    values.reverse();
    let document = document(PolicyClass::V12_1, &values).unwrap();
    let answer = Answer::Policy {
        policy_type: PolicyType::Wbxml,
        key: 531_247_202,
        document: &document,
        device_information: false,
    };
    let theirs = POLICY.to_vec();
    let at = theirs.windows(3).position(|bytes| bytes == b"\x03-1").unwrap();
    let theirs = [&theirs[..=at], b"99", &theirs[at + 3..]].concat();
    assert_eq!(answer.encode(), theirs);
}

#[test]
fn the_final_answer_is_that_of_a_real_server() {
    let policy = ServerAnswer::parse(FINAL).unwrap().policy.unwrap();
    assert!(policy.document.is_none());
    let key = policy.key.unwrap().parse().unwrap();
    assert_eq!(Answer::Acknowledged { policy_type: PolicyType::Wbxml, key }.encode(), FINAL);
    let none = include_bytes!("../../testdata/captured/sogo/02-Provision-resp.bin");
    let answer = Answer::NoPolicy { policy_type: PolicyType::Wbxml, device_information: false };
    assert_eq!(answer.encode(), none);
    let wrong = ServerAnswer::parse(&Answer::WrongKey { policy_type: PolicyType::Wbxml }.encode()).unwrap();
    assert_eq!(wrong.policy.unwrap().status, 5);
    let unknown = Answer::UnknownPolicyType {
        policy_type: PolicyType::Other("X".to_owned()),
        device_information: true,
    };
    let unknown = ServerAnswer::parse(&unknown.encode()).unwrap();
    assert_eq!((unknown.device_information, unknown.policy.unwrap().status), (Some(1), 3));
    assert_eq!(ServerAnswer::parse(&Answer::Status(165).encode()).unwrap().status, 165);
    let wiped = Answer::WipeFinal { kind: WipeKind::Device, success: false };
    let wiped = ServerAnswer::parse(&wiped.encode()).unwrap();
    assert_eq!((wiped.status, wiped.wipe), (2, Some(WipeKind::Device)));
}

#[test]
fn a_wipe_beside_a_policy_is_not_overlooked() {
    let answer = ServerAnswer::parse(WIPE_WITH_POLICY).unwrap();
    assert_eq!(answer.wipe, Some(WipeKind::Device));
    assert!(answer.policy.is_some());
    let answer = ServerAnswer::parse(WIPE_WITH_WAP).unwrap();
    assert_eq!(answer.wipe, Some(WipeKind::Device));
    let policy = answer.policy.unwrap();
    assert_eq!(policy.policy_type, Some(PolicyType::Wap));
    assert!(
        matches!(policy.document, Some(ServerDocument::Wap(text)) if text.starts_with("<wap-provisioningdoc>"))
    );
}

#[test]
fn the_document_without_a_password_is_that_of_horde_in_the_2_5_form() {
    let values = [(element("DevicePasswordEnabled").unwrap(), DocValue::Bool(false))];
    let ours = document(PolicyClass::V2_5, &values).unwrap();
    let theirs = ServerAnswer::parse(WIPE_WITH_WAP).unwrap().policy.unwrap().document.unwrap();
    assert_eq!(theirs, ServerDocument::Wap(String::from_utf8(ours.bytes().to_vec()).unwrap()));
    let values = [
        (element("DevicePasswordEnabled").unwrap(), DocValue::Bool(true)),
        (element("MinDevicePasswordLength").unwrap(), DocValue::Integer(6)),
        (element("MaxInactivityTimeDeviceLock").unwrap(), DocValue::Integer(301)),
    ];
    let text = String::from_utf8(document(PolicyClass::V2_5, &values).unwrap().bytes().to_vec()).unwrap();
    for part in
        [r#""4131" value="0""#, r#""MinimumPasswordLength" value="6""#, r#""AEFrequencyValue" value="6""#]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(roxmltree::Document::parse(&text).is_ok());
}

#[test]
fn a_document_only_has_what_its_class_knows() {
    let values: Vec<_> = ELEMENTS.iter().map(|element| (element, some_value(element))).collect();
    let elements = |class| {
        let document = document(class, &values).unwrap();
        let answer = Answer::Policy {
            policy_type: PolicyType::Wbxml,
            key: 1,
            document: &document,
            device_information: true,
        };
        let answer = ServerAnswer::parse(&answer.encode()).unwrap();
        assert_eq!(answer.device_information, Some(1));
        answer.policy.unwrap().document.unwrap().values()
    };
    assert_eq!(elements(PolicyClass::V12_1), values);
    assert_eq!(elements(PolicyClass::V12_0), values[..12]);
    assert_eq!(ELEMENTS[3].name_in(PolicyClass::V12_0), "DeviceEncryptionEnabled");
    for (at, info) in ELEMENTS.iter().enumerate() {
        assert_eq!(usize::from(info.order), at);
        assert_eq!(crate::codepages::name(info.token), Some(info.name));
        assert_eq!(element(info.name), Some(info));
    }
    assert_eq!(element("DocumentBrowseEnabled"), None);
}

fn some_value(element: &ElementInfo) -> DocValue {
    match element.value {
        ValueType::Bool => DocValue::Bool(element.order.is_multiple_of(2)),
        ValueType::Integer { or_empty: true, .. } => DocValue::Empty,
        ValueType::Integer { max, .. } => DocValue::Integer(max),
        ValueType::List { .. } => DocValue::List(vec!["a.exe".to_owned(), "b & c".to_owned()]),
    }
}

#[test]
fn values_outside_their_range_are_refused() {
    let length = element("MinDevicePasswordLength").unwrap();
    let camera = element("AllowCamera").unwrap();
    let list = element("ApprovedApplicationList").unwrap();
    let build = |values: &[(&'static ElementInfo, DocValue)]| document(PolicyClass::V12_1, values);
    let wrong = Err(DocumentError::Value("MinDevicePasswordLength"));
    assert_eq!(build(&[(length, DocValue::Integer(17))]), wrong);
    assert_eq!(build(&[(length, DocValue::Bool(true))]), wrong);
    assert_eq!(build(&[(camera, DocValue::Empty)]), Err(DocumentError::Value("AllowCamera")));
    let twice = [(camera, DocValue::Bool(true)), (camera, DocValue::Bool(true))];
    assert_eq!(build(&twice), Err(DocumentError::Duplicate("AllowCamera")));
    let long = DocValue::List(vec!["x".repeat(1025)]);
    assert_eq!(build(&[(list, long)]), Err(DocumentError::TooLong("ApprovedApplicationList")));
}

#[test]
fn a_key_that_is_no_number_is_no_key_of_ours() {
    let strange = client::acknowledge(Version::V14_1, "not-a-number", 1);
    assert_eq!(Request::parse(&strange), Ok(acknowledge_of(None, 1)));
    let body = client::acknowledge(Version::V14_1, "5", 1);
    let mut root = crate::wbxml::Element::parse(&body, Default::default()).unwrap();
    remove(&mut root, crate::codepages::token::provision::STATUS);
    let error = Error::Missing(crate::codepages::token::provision::STATUS);
    assert_eq!(Request::parse(&root.to_document()), Err(error));
}

fn remove(element: &mut crate::wbxml::Element<'_>, tag: crate::wbxml::Tag) {
    if let crate::wbxml::Content::Children(children) = &mut element.content {
        children.retain(|child| child.tag != tag);
        for child in children {
            remove(child, tag);
        }
    }
}

#[test]
fn too_long_a_description_is_refused() {
    let information = DeviceInformation { model: Some("x".repeat(1025)), ..DeviceInformation::default() };
    let request = client::initial(Version::V16_1, Some(&information));
    assert!(matches!(Request::parse(&request), Err(Error::TooLong(_))));
}

proptest! {
    #[test]
    fn requests_of_the_client_are_understood_by_the_server(
        model in proptest::option::of("[^\\p{Cc} ]{1,40}"), sms in any::<Option<bool>>(), key in 1u32.., status in 1u16..5,
    ) {
        let information = DeviceInformation { model, enable_outbound_sms: sms, ..DeviceInformation::default() };
        let initial = Request::parse(&client::initial(Version::V16_1, Some(&information)));
        let expected = Request::Initial { policy_type: PolicyType::Wbxml, device_information: Some(information) };
        prop_assert_eq!(initial, Ok(expected));
        let ack = Request::parse(&client::acknowledge(Version::V16_1, &key.to_string(), status));
        prop_assert_eq!(ack, Ok(acknowledge_of(Some(key), status)));
        for kind in [WipeKind::Device, WipeKind::AccountOnly] {
            let wiped = Request::parse(&client::wipe_acknowledge(kind, status));
            prop_assert_eq!(wiped, Ok(Request::WipeAcknowledge { kind, status }));
        }
    }
}
