//! Settings against captures of two servers and two clients.

use super::*;
use crate::device_information::DeviceInformation;
use crate::version::Version;
use crate::wbxml::{Element, Limits};

const REQUEST: &[u8] = include_bytes!("../../testdata/captured/sogo/05-Settings-req.bin");
const ANSWER: &[u8] = include_bytes!("../../testdata/captured/zpush-policy-wipe/08-Settings-resp.bin");

#[test]
fn a_captured_request_is_read_and_written_back_byte_for_byte() {
    let request = Request::parse(REQUEST).unwrap();
    let information = request.device_information.as_ref().unwrap();
    assert_eq!(information.model.as_deref(), Some("ModelX"));
    assert_eq!(information.enable_outbound_sms, Some(false));
    assert_eq!(information.mobile_operator.as_deref(), Some("TestNet"));
    assert!(request.user_information && request.oof.is_none() && request.device_password.is_none());
    assert_eq!(request.encode(Version::V14_1), REQUEST);
}

#[test]
fn an_old_version_is_not_told_what_it_does_not_know() {
    let request = Request::parse(REQUEST).unwrap();
    let old = Request::parse(&request.encode(Version::V12_0)).unwrap().device_information.unwrap();
    let expected = DeviceInformation {
        user_agent: None,
        enable_outbound_sms: None,
        mobile_operator: None,
        ..request.device_information.unwrap()
    };
    assert_eq!(old, expected);
}

#[test]
fn user_information_has_the_form_of_its_version() {
    let user = UserInformation { display_name: Some("User 1".to_owned()), addresses: vec!["u1".to_owned()] };
    let answer =
        Answer { status: 1, device_information: Some(1), user_information: Some(user), ..Answer::default() };
    // Z-Push has the same parts in another order.
    let ours = answer.encode(Version::V14_0);
    let mut ours = Element::parse(&ours, Limits::default()).unwrap();
    let theirs = Element::parse(ANSWER, Limits::default()).unwrap();
    if let crate::wbxml::Content::Children(parts) = &mut ours.content {
        parts.swap(1, 2);
    }
    assert_eq!(ours, theirs);
    let new = Element::parse(&answer.encode(Version::V16_1), Limits::default()).unwrap().listing();
    assert!(new.contains("Settings:PrimarySmtpAddress") && new.contains("Settings:UserDisplayName"), "{new}");
}

#[test]
fn the_recovery_password_is_read_but_never_printed() {
    let password = RecoveryPassword::new(" s3cret ".to_owned());
    let request = Request { device_password: Some(DevicePassword::Set(password)), ..Request::default() };
    let read = Request::parse(&request.encode(Version::V14_1)).unwrap();
    assert_eq!(read, request);
    assert!(!format!("{read:?}").contains("s3cret"));
    let clear = Request { device_password: Some(DevicePassword::Clear), ..Request::default() };
    assert_eq!(Request::parse(&clear.encode(Version::V14_1)).unwrap(), clear);
    let long = RecoveryPassword::new("x".repeat(257));
    let long = Request { device_password: Some(DevicePassword::Set(long)), ..Request::default() };
    assert!(Request::parse(&long.encode(Version::V14_1)).is_err());
}

#[test]
fn out_of_office_is_answered_as_disabled() {
    let request =
        Request::parse(include_bytes!("../../testdata/captured/eas-autoprobe-zpush/11-Settings-req.bin"));
    assert_eq!(request.unwrap().oof, Some(Oof::Get { body_type: "Text".to_owned() }));
    let answer = Answer { status: 1, oof: Some((true, 1)), ..Answer::default() };
    let listing = Element::parse(&answer.encode(Version::V14_1), Limits::default()).unwrap().listing();
    assert!(listing.contains("Settings:OofState"), "{listing}");
    let refused = Answer { oof: Some((true, 1)), ..Answer::status(2) };
    assert_eq!(refused.encode(Version::V14_1), Answer::status(2).encode(Version::V14_1));
}

#[test]
fn a_mailbox_says_its_own_addresses_and_not_those_of_connected_accounts() {
    use super::client::{ServerAnswer, ask_for_addresses};
    use crate::codepages::token::settings as t;
    use crate::wbxml::Writer;

    assert!(Request::parse(&ask_for_addresses(Version::V12_1)).unwrap().user_information);
    let zpush = ServerAnswer::parse(ANSWER).unwrap();
    assert_eq!(zpush, ServerAnswer { status: 1, addresses: Some(vec!["u1".to_owned()]) });
    let user = UserInformation {
        display_name: None,
        addresses: vec!["jo@acme.test".to_owned(), "jo@other.test".to_owned()],
    };
    for version in [Version::V12_1, Version::V14_0, Version::V14_1, Version::V16_1] {
        let answer = Answer { status: 1, user_information: Some(user.clone()), ..Answer::default() };
        let read = ServerAnswer::parse(&answer.encode(version)).unwrap();
        assert_eq!(read.addresses.as_ref(), Some(&user.addresses), "{version}");
    }
    let connected = |id: Option<&str>| {
        let mut writer = Writer::with_capacity(256);
        writer.nest(t::SETTINGS, |w| {
            w.number(t::STATUS, 1);
            w.nest(t::USER_INFORMATION, |w| {
                w.number(t::STATUS, 1);
                w.nest(t::GET, |w| {
                    w.nest(t::ACCOUNTS, |w| {
                        w.nest(t::ACCOUNT, |w| {
                            w.optional(t::ACCOUNT_ID, id);
                            w.nest(t::EMAIL_ADDRESSES, |w| w.leaf(t::SMTP_ADDRESS, "boss@acme.test"));
                        });
                    });
                });
            });
        });
        ServerAnswer::parse(&writer.finish()).unwrap().addresses.unwrap()
    };
    assert_eq!(connected(None), ["boss@acme.test"]);
    assert!(connected(Some("42")).is_empty(), "the user chose it");
    let refused = ServerAnswer::parse(&Answer::status(142).encode(Version::V14_1)).unwrap();
    assert_eq!(refused, ServerAnswer { status: 142, addresses: None });
    assert_eq!(ServerAnswer::parse(&Answer::status(1).encode(Version::V14_1)).unwrap().addresses, None);
}

#[test]
fn a_recovery_password_is_taken_out_and_answered_beside_the_rest() {
    use super::escrow::{with_password_status, without_password};
    use crate::codepages::token::settings as t;

    let password = DevicePassword::Set(RecoveryPassword::new("s3cret".to_owned()));
    let alone = Request { device_password: Some(password.clone()), ..Request::default() };
    assert_eq!(without_password(&alone.encode(Version::V14_1)).unwrap(), None);
    let mixed = Request { device_password: Some(password), ..Request::parse(REQUEST).unwrap() };
    assert_eq!(without_password(&mixed.encode(Version::V14_1)).unwrap().as_deref(), Some(REQUEST));
    let whole = with_password_status(ANSWER, 7).unwrap();
    let root = Element::parse(&whole, Limits::default()).unwrap();
    assert_eq!(root.child(t::DEVICE_PASSWORD).and_then(|p| p.child_text(t::STATUS)), Some("7"));
    assert!(root.child(t::USER_INFORMATION).is_some() && root.child(t::DEVICE_INFORMATION).is_some());
    let refused = Answer::status(142).encode(Version::V14_1);
    assert_eq!(with_password_status(&refused, 1).unwrap(), refused);
    assert!(with_password_status(b"no WBXML", 1).is_err());
}
