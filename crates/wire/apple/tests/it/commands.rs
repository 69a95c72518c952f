//! Commands, profiles and the request for a push certificate.

use base64::Engine as _;
use wire_apple::plist::{self, Dict, Value};
use wire_apple::profile::{ACCESS_ALL, Mdm, Payload, Profile, Scep, Scope};
use wire_apple::{Command, MachineInfo, push_certificate_request, refusal};

fn dict(bytes: &[u8]) -> Dict {
    plist::read_dict(bytes).expect("our own list")
}

fn inner<'a>(dict: &'a Dict, key: &str) -> &'a Dict {
    dict.get(key).and_then(Value::dict).expect("a dictionary")
}

#[test]
fn commands_have_their_envelope() {
    let body = Dict::new().with("Message", "Bring me back").with("RequestType", "EraseDevice");
    let read = dict(&Command::new("u-1", "DeviceLock", body).to_xml());
    assert_eq!(read.text("CommandUUID"), Some("u-1"));
    let command = inner(&read, "Command");
    // What stands in a body cannot make another command of it.
    assert_eq!(
        (command.text("RequestType"), command.text("Message")),
        (Some("DeviceLock"), Some("Bring me back"))
    );
    let read = dict(&Command::install_profile("u", b"profile".to_vec()).to_xml());
    assert_eq!(inner(&read, "Command").get("Payload").and_then(Value::data), Some(&b"profile"[..]));
    let read = dict(&Command::device_information("u", &["UDID", "OSVersion"]).to_xml());
    assert_eq!(inner(&read, "Command").get("Queries").and_then(Value::array).map(<[Value]>::len), Some(2));
    let read = dict(&Command::declarative_management("u", b"{}".to_vec()).to_xml());
    assert_eq!(inner(&read, "Command").text("RequestType"), Some("DeclarativeManagement"));
    let item = Dict::new().with("Item", "Bluetooth").with("Enabled", true);
    let read = dict(&Command::settings("u", vec![item.clone()]).to_xml());
    assert_eq!(inner(&read, "Command").get("Settings"), Some(&Value::Array(vec![Value::Dict(item)])));
}

#[test]
fn an_enrolment_profile_has_its_identity_first() {
    let scep = Scep {
        url: "https://mdm.example.com/scep/o".into(),
        name: "Devices".into(),
        subject: vec![("CN".into(), "device".into())],
        challenge: "c-h-a".into(),
        key_size: 2048,
        fingerprint: Some(vec![7; 32]),
    };
    assert!(!format!("{scep:?}").contains("c-h-a"));
    let mdm = Mdm {
        identity: "I".into(),
        topic: "com.apple.mgmt.External.x".into(),
        server_url: "https://mdm.example.com/mdm/o".into(),
        check_in_url: None,
        access_rights: ACCESS_ALL,
        sign_messages: true,
        user_channels: true,
        bootstrap_token: true,
        development: false,
    };
    let profile = Profile {
        identifier: "org.example.enrol".into(),
        uuid: "P".into(),
        display_name: "Example".into(),
        organization: Some("Example & Co".into()),
        scope: Some(Scope::System),
        consent: vec![("default".into(), "You agree".into()), ("de".into(), "Sie stimmen zu".into())],
        payloads: vec![
            scep.payload("org.example.enrol.scep", "I", "Identity"),
            mdm.payload("org.example.enrol.mdm", "M", "Management"),
        ],
        ..Profile::default()
    };
    let read = dict(&profile.to_xml());
    assert_eq!(
        (read.text("PayloadType"), read.text("PayloadScope")),
        (Some("Configuration"), Some("System"))
    );
    assert_eq!(inner(&read, "ConsentText").text("de"), Some("Sie stimmen zu"));
    assert_eq!(read.get("PayloadRemovalDisallowed"), None);
    let payloads = read.get("PayloadContent").and_then(Value::array).expect("payloads");
    let [scep, mdm] = payloads else { panic!("two payloads") };
    let (scep, mdm) = (scep.dict().expect("SCEP"), mdm.dict().expect("MDM"));
    let content = inner(scep, "PayloadContent");
    assert_eq!(
        (content.text("Challenge"), content.get("Keysize").and_then(Value::int)),
        (Some("c-h-a"), Some(2048))
    );
    let pair = vec![Value::from("CN"), Value::from("device")];
    assert_eq!(content.get("Subject"), Some(&Value::Array(vec![Value::Array(vec![Value::Array(pair)])])));
    assert_eq!(mdm.text("IdentityCertificateUUID"), scep.text("PayloadUUID"));
    assert_eq!(mdm.get("ServerCapabilities").and_then(Value::array).map(<[Value]>::len), Some(2));
    assert_eq!((mdm.get("CheckInURL"), mdm.get("UseDevelopmentAPNS")), (None, None));
    assert_eq!(profile.to_xml(), profile.clone().to_xml(), "the same every time");
}

#[test]
fn a_payloads_own_keys_stand_beside_the_usual_ones() {
    let payload = Payload {
        kind: "com.apple.mobiledevice.passwordpolicy".into(),
        identifier: "i".into(),
        uuid: "u".into(),
        display_name: "Passcode".into(),
        body: Dict::new().with("forcePIN", true).with("minLength", 6),
    };
    let read =
        dict(&Profile { payloads: vec![payload], removal_disallowed: true, ..Profile::default() }.to_xml());
    let first = read
        .get("PayloadContent")
        .and_then(Value::array)
        .and_then(|p| p[0].dict())
        .expect("a payload")
        .clone();
    assert_eq!(
        (first.get("minLength").and_then(Value::int), first.get("PayloadVersion").and_then(Value::int)),
        (Some(6), Some(1))
    );
    assert_eq!(read.get("PayloadRemovalDisallowed"), Some(&Value::Bool(true)));
}

#[test]
fn rights_that_need_others_are_seen() {
    for whole in [1, 3, 64 | 128, ACCESS_ALL, 16] {
        assert!(Mdm::rights_are_whole(whole), "{whole}");
    }
    for broken in [0, 2, 128, 8192, ACCESS_ALL - 1] {
        assert!(!Mdm::rights_are_whole(broken), "{broken}");
    }
}

#[test]
fn the_push_request_has_three_texts() {
    let base64 = base64::engine::general_purpose::STANDARD;
    let file = push_certificate_request(b"csr", "-----BEGIN CERTIFICATE-----", b"sig");
    let read = dict(&base64.decode(file).expect("base64"));
    assert_eq!(read.text("PushCertRequestCSR"), Some(base64.encode("csr").as_str()));
    assert_eq!(read.text("PushCertSignature"), Some(base64.encode("sig").as_str()));
    assert_eq!(read.len(), 3);
}

#[test]
fn refusals_are_what_devices_understand() {
    assert_eq!(refusal::unrecognized_device()["code"], "com.apple.unrecognized.device");
    assert_eq!(refusal::no_enrolment()["code"], "com.apple.well-known.failed");
    let update = refusal::update_required("18.2", Some("22C152"));
    assert_eq!(
        (&update["details"]["OSVersion"], &update["details"]["BuildVersion"]),
        (&"18.2".into(), &"22C152".into())
    );
    assert!(!MachineInfo::default().can_update);
}
