//! Check-in messages and reports, in the shapes that devices send.

use wire_apple::ddm::{Endpoint, Kind};
use wire_apple::plist::{Dict, Value};
use wire_apple::{
    Channel, Error, Incoming, MachineInfo, Message, Report, SHARED_IPAD_USER, Secret, Status, TokenService,
    stable_uuid,
};

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/testdata/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a file of testdata")
}

fn read(dict: Dict) -> Result<Incoming, Error> {
    Incoming::read(&Value::Dict(dict).to_xml())
}

fn check_in(kind: &str) -> Dict {
    Dict::new().with("MessageType", kind).with("UDID", "U-1").with("Topic", "com.apple.mgmt.x")
}

fn message(dict: Dict) -> Result<Message, Error> {
    match read(dict)? {
        Incoming::CheckIn(check_in) => Ok(check_in.message),
        Incoming::Report(_) => panic!("a report"),
    }
}

fn report(dict: Dict) -> Result<Report, Error> {
    match read(dict)? {
        Incoming::Report(report) => Ok(report),
        Incoming::CheckIn(_) => panic!("a check-in"),
    }
}

#[test]
fn an_enrolment_begins() {
    let raw = file("authenticate.plist");
    let Ok(Incoming::CheckIn(check_in)) = Incoming::read(&raw) else { panic!("a check-in") };
    assert_eq!(check_in.raw, raw);
    assert_eq!(check_in.enrolment.channel, Channel::Device);
    let Message::Authenticate(said) = check_in.message else { panic!("Authenticate") };
    assert_eq!(said.device_name.as_deref(), Some("Anna’s iPhone & more"));
    assert_eq!(
        (said.serial_number.as_deref(), said.os_version.as_deref()),
        (Some("F2LXJ0ABCD"), Some("18.1"))
    );
    assert_eq!(said.meid, None);
}

#[test]
fn a_device_says_how_it_is_reached_in_either_form() {
    for name in ["token-update.plist", "token-update.bplist"] {
        let Ok(Incoming::CheckIn(check_in)) = Incoming::read(&file(name)) else { panic!("{name}") };
        let Message::TokenUpdate(update) = &check_in.message else { panic!("TokenUpdate") };
        assert_eq!(update.token, (0..32).collect::<Vec<u8>>());
        assert_eq!(update.unlock_token, Some(Secret(vec![b'u'; 300])));
        assert!(!update.awaiting_configuration);
        let shown = format!("{check_in:?}");
        assert!(!shown.contains("B3C1B6F4") && !shown.contains("117, 117"), "{shown}");
    }
    let update = check_in("TokenUpdate").with("PushMagic", "m");
    assert_eq!(message(update.clone()).err(), Some(Error::Missing("Token")));
    assert_eq!(message(update.clone().with("Token", "text")).err(), Some(Error::Wrong("Token")));
    assert_eq!(message(update.clone().with("Token", Vec::<u8>::new())).err(), Some(Error::Wrong("Token")));
    let update = update.with("Token", vec![1]);
    let Ok(Message::TokenUpdate(said)) = message(update.clone().with("NotOnConsole", "false")) else {
        panic!()
    };
    assert!(!said.not_on_console && said.unlock_token.is_none());
    assert_eq!(message(update.with("NotOnConsole", "perhaps")).err(), Some(Error::Wrong("NotOnConsole")));
}

#[test]
fn every_other_check_in_message_is_read() {
    assert_eq!(message(check_in("CheckOut")), Ok(Message::CheckOut));
    assert_eq!(message(check_in("GetBootstrapToken")), Ok(Message::GetBootstrapToken));
    assert_eq!(message(check_in("ReturnToService")), Ok(Message::ReturnToService));
    assert_eq!(message(check_in("SetBootstrapToken")), Ok(Message::SetBootstrapToken(Secret(vec![]))));
    let set = check_in("SetBootstrapToken").with("BootstrapToken", vec![9]);
    assert_eq!(message(set), Ok(Message::SetBootstrapToken(Secret(vec![9]))));
    assert_eq!(
        message(check_in("UserAuthenticate").with("UserID", "u")),
        Ok(Message::UserAuthenticate(None))
    );
    let second = check_in("UserAuthenticate").with("DigestResponse", "d");
    assert_eq!(message(second), Ok(Message::UserAuthenticate(Some("d".into()))));
    let ddm = check_in("DeclarativeManagement");
    assert_eq!(message(ddm.clone()).err(), Some(Error::Missing("Endpoint")));
    assert_eq!(
        message(ddm.clone().with("Endpoint", "declaration/asset/")).err(),
        Some(Error::Wrong("Endpoint"))
    );
    let asked = message(ddm.clone().with("Endpoint", "declaration/configuration/a/b"));
    let endpoint = Endpoint::Declaration(Kind::Configuration, "a/b".into());
    assert_eq!(asked, Ok(Message::DeclarativeManagement(endpoint, vec![])));
    let told = message(ddm.with("Endpoint", "status").with("Data", b"{}".to_vec()));
    assert_eq!(told, Ok(Message::DeclarativeManagement(Endpoint::Status, b"{}".to_vec())));
    let token = check_in("GetToken");
    assert_eq!(message(token.clone()).err(), Some(Error::Missing("TokenServiceType")));
    assert_eq!(
        message(token.clone().with("TokenServiceType", "com.x")).err(),
        Some(Error::Wrong("TokenServiceType"))
    );
    let maid = message(token.clone().with("TokenServiceType", "com.apple.maid"));
    assert_eq!(maid, Ok(Message::GetToken(TokenService::ManagedAppleAccount)));
    let watch = token.with("TokenServiceType", "com.apple.watch.pairing");
    assert_eq!(message(watch.clone()).err(), Some(Error::Missing("TokenParameters")));
    let parameters = Dict::new().with("SecurityToken", "s").with("PhoneUDID", "p").with("WatchUDID", "w");
    assert!(matches!(
        message(watch.with("TokenParameters", parameters)),
        Ok(Message::GetToken(TokenService::WatchPairing { .. }))
    ));
}

#[test]
fn unknown_messages_are_errors_and_unknown_keys_are_not() {
    assert_eq!(message(check_in("Surprise")).err(), Some(Error::UnknownMessage("Surprise".into())));
    assert_eq!(message(check_in("CheckOut").with("Surprise", 1)), Ok(Message::CheckOut));
    assert_eq!(read(Dict::new().with("UDID", "x")).err(), Some(Error::Neither));
    let wrong = Dict::new().with("MessageType", 5).with("UDID", "x");
    assert_eq!(read(wrong).err(), Some(Error::Wrong("MessageType")));
    assert!(matches!(Incoming::read(b"garbage"), Err(Error::Plist(_))));
}

#[test]
fn senders_are_resolved() {
    let resolve = |pairs: &[(&str, &str)]| {
        let dict = pairs
            .iter()
            .fold(Dict::new().with("Status", "Idle"), |dict, (key, value)| dict.with(key, *value));
        report(dict).map(|report| (report.enrolment.channel, report.enrolment.id()))
    };
    let (udid, user) = (("UDID", "D"), ("UserID", "U"));
    assert_eq!(resolve(&[udid]), Ok((Channel::Device, "D".into())));
    assert_eq!(resolve(&[udid, ("EnrollmentID", "E")]), Ok((Channel::Device, "D".into())));
    assert_eq!(resolve(&[udid, user, ("UserShortName", "ann")]), Ok((Channel::User, "D:U".into())));
    let shared = ("UserID", SHARED_IPAD_USER);
    assert_eq!(
        resolve(&[udid, shared, ("UserShortName", "ann@x")]),
        Ok((Channel::SharedUser, "D:ann@x".into()))
    );
    assert_eq!(resolve(&[udid, shared]).err(), Some(Error::Missing("UserShortName")));
    assert_eq!(resolve(&[("EnrollmentID", "E")]), Ok((Channel::UserEnrolment, "E".into())));
    let of_user = [("EnrollmentID", "E"), ("EnrollmentUserID", "V")];
    assert_eq!(resolve(&of_user), Ok((Channel::UserEnrolmentUser, "E:V".into())));
    assert_eq!(resolve(&[]).err(), Some(Error::Missing("UDID")));
    assert_eq!(resolve(&[("UDID", "")]).err(), Some(Error::Missing("UDID")));
    for bad in ["a\nb", &"x".repeat(256)] {
        assert_eq!(resolve(&[("UDID", bad)]).err(), Some(Error::Wrong("UDID")));
    }
}

#[test]
fn reports_say_how_commands_went() {
    let base = Dict::new().with("UDID", "D").with("CommandUUID", "c-1");
    for (word, status) in [
        ("Acknowledged", Status::Acknowledged),
        ("Error", Status::Error),
        ("CommandFormatError", Status::CommandFormatError),
        ("NotNow", Status::NotNow),
    ] {
        let read = report(base.clone().with("Status", word)).expect("a report");
        assert_eq!((read.status, read.command_uuid.as_deref()), (status, Some("c-1")));
    }
    assert_eq!(report(base.with("Status", "Done")).err(), Some(Error::UnknownStatus("Done".into())));
    let without = Dict::new().with("UDID", "D");
    assert_eq!(report(without.clone().with("Status", "NotNow")).err(), Some(Error::Missing("CommandUUID")));
    assert_eq!(report(without.with("Status", "Error")).map(|read| read.command_uuid), Ok(None));
    let Ok(Incoming::Report(read)) = Incoming::read(&file("error.plist")) else { panic!("a report") };
    assert_eq!(read.errors.len(), 2);
    assert_eq!(
        (read.errors[0].code, read.errors[0].description.as_str()),
        (4001, "Profile Installation Failed")
    );
    assert_eq!(read.errors[1].code, 1009, "a number as text");
}

#[test]
fn machines_introduce_themselves() {
    let said = Dict::new()
        .with("UDID", "U")
        .with("SERIAL", "S")
        .with("PRODUCT", "iPhone17,3")
        .with("VERSION", "22B83")
        .with("OS_VERSION", "18.1")
        .with("LANGUAGE", "de")
        .with("MDM_CAN_REQUEST_SOFTWARE_UPDATE", true);
    let info = MachineInfo::read(&Value::Dict(said).to_xml()).expect("a machine");
    assert_eq!(
        (info.product.as_str(), info.build.as_deref(), info.can_update),
        ("iPhone17,3", Some("22B83"), true)
    );
    assert_eq!(MachineInfo::read(&Value::Dict(Dict::new()).to_xml()).err(), Some(Error::Missing("PRODUCT")));
}

#[test]
fn identifiers_follow_from_what_they_stand_for() {
    let one = stable_uuid(&[b"org", b"suite", b"wifi"]);
    assert_eq!(one, stable_uuid(&[b"org", b"suite", b"wifi"]));
    assert_ne!(one, stable_uuid(&[b"org", b"suitewifi"]));
    assert_ne!(one, stable_uuid(&[b"orgs", b"uite", b"wifi"]));
    assert_eq!((one.len(), one.as_bytes()[14]), (36, b'8'));
}
