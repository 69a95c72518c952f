//! Any text that is written is read back by an independent parser.

use proptest::prelude::*;
use wire_ise::answer::{self, DeviceAttributes, MdmInfo, Outcome};
use wire_ise::{ApiVersion, Filter, Identifier, IdentifierKind};

use crate::fixture::{DEVICE, INFO, MAC, outline};

/// What an XML parser must give back: characters that XML 1.0 lacks are replaced, all others are kept.
fn as_read(text: &str) -> String {
    let is_xml = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    text.chars().map(|c| if is_xml(c) { c } else { '\u{FFFD}' }).collect()
}

fn text_of(xml: &[u8], element: &str) -> Vec<String> {
    let xml = std::str::from_utf8(xml).unwrap();
    outline(xml).into_iter().filter(|(_, name, _)| name == element).map(|(_, _, text)| text).collect()
}

/// Any characters, and many of those that XML treats in some special way.
fn any_text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        '&', '<', '>', '"', '\'', ']', '\r', '\n', '\0', '\u{B}', '\u{FFFE}', '\u{FFFF}', 'é',
    ]);
    prop::collection::vec(prop_oneof![any::<char>(), special], 0..40)
        .prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_text_survives_its_answer(text in any_text()) {
        let expected = vec![as_read(&text)];
        let known = DeviceAttributes { failure_reason: &text, model: &text, ..DEVICE };
        let mut page = Vec::new();
        answer::page_start(&mut page, ApiVersion::V3, 0);
        answer::device(&mut page, ApiVersion::V3, &Identifier::Mac(MAC), &known, Filter::ALL);
        answer::page_end(&mut page);
        prop_assert_eq!(text_of(&page, "failure_reason"), expected.clone());
        prop_assert_eq!(text_of(&page, "model"), expected.clone());

        let mut result = Vec::new();
        let asked = Identifier::Text(IdentifierKind::GuidHn, &text);
        answer::send_message(&mut result, ApiVersion::V3, [(asked, Outcome::Refused(&text))]);
        prop_assert_eq!(text_of(&result, "guidhn"), expected.clone());
        prop_assert_eq!(text_of(&result, "failure_reason"), expected.clone());

        let mut info = Vec::new();
        answer::mdm_info(&mut info, ApiVersion::V2, &MdmInfo { vendor: &text, ..INFO });
        prop_assert_eq!(text_of(&info, "vendor"), expected.clone());

        let mut error = Vec::new();
        answer::error(&mut error, ApiVersion::V1, &text);
        prop_assert_eq!(text_of(&error, "failure_reason"), expected);
    }

    #[test]
    fn what_we_write_we_can_read(text in any_text()) {
        let mut xml = Vec::new();
        answer::action(&mut xml, ApiVersion::V3, [(Identifier::Text(IdentifierKind::Imei, &text), Outcome::Accepted)]);
        let values = wire_ise::body::batch(&xml).unwrap();
        let expected = as_read(&text).trim().to_owned();
        let texts: Vec<_> = values.into_iter().map(|value| value.text).collect();
        prop_assert_eq!(texts, if expected.is_empty() { vec![] } else { vec![expected] });
    }
}
