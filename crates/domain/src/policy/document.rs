//! The policy document of one protocol class, neutral of its codec, and its digest.

use catalog::{EasMinimum, Setting, Value, Values, in_schema_order, setting};
use sha2::{Digest, Sha256};

/// Which elements a protocol version understands (MS-ASPROV 2.2.2.28).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentClass {
    /// 2.5: a WAP document with the pass-code only.
    V2_5,
    /// 12.0.
    V12_0,
    /// 12.1 and every later version: nothing was added since.
    V12_1,
}

/// The value of one element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocValue {
    /// 1 or 0.
    Bool(bool),
    /// A number.
    Integer(i64),
    /// The empty tag: no limit.
    Empty,
    /// One child element for each item.
    List(Vec<String>),
}

impl DocumentClass {
    /// The class of a protocol version such as `14.1`; a text that is no version counts as the newest.
    pub fn of_version(version: &str) -> Self {
        match catalog::compare_versions(version, "12.1") {
            Some(order) if order.is_lt() => match catalog::compare_versions(version, "12.0") {
                Some(order) if order.is_lt() => Self::V2_5,
                _ => Self::V12_0,
            },
            _ => Self::V12_1,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::V2_5 => "2.5",
            Self::V12_0 => "12.0",
            Self::V12_1 => "12.1",
        }
    }

    fn knows(self, setting: &Setting) -> bool {
        let Some(element) = setting.eas else { return false };
        match self {
            Self::V2_5 => WAP_ELEMENTS.contains(&element.name),
            // 12.0 has the token of storage-card encryption under the name DeviceEncryptionEnabled.
            Self::V12_0 => element.since == EasMinimum::V12_0 || element.name == STORAGE_CARD,
            Self::V12_1 => true,
        }
    }
}

const STORAGE_CARD: &str = "RequireStorageCardEncryption";

/// What the WAP document of 2.5 can carry.
const WAP_ELEMENTS: [&str; 4] = [
    "DevicePasswordEnabled",
    "MinDevicePasswordLength",
    "MaxInactivityTimeDeviceLock",
    "MaxDevicePasswordFailedAttempts",
];

/// The document for a class: element names in schema order, each with an explicit value.
///
/// Every element that the class knows is there, since a client keeps an old value when an element is absent
/// (MS-ASPROV 3.1.5.1). A setting whose condition is off is sent neutral: the client would ignore it, and a change
/// of it must not disturb a device. Under the name `RequireStorageCardEncryption`, 12.0 gets "encrypt the device"
/// when either encryption is required, because there the same token means that.
pub fn document(values: &Values, class: DocumentClass) -> Vec<(&'static str, DocValue)> {
    in_schema_order()
        .filter(|setting| class.knows(setting))
        .filter_map(|setting| {
            let element = setting.eas?;
            let value = sent_value(values, setting);
            let value = match (class, element.name) {
                (DocumentClass::V12_0, STORAGE_CARD) => {
                    let device = setting_is_on(values, "encryption.device");
                    DocValue::Bool(device || value == DocValue::Bool(true))
                }
                _ => value,
            };
            Some((element.name, value))
        })
        .collect()
}

fn setting_is_on(values: &Values, key: &str) -> bool {
    setting(key).is_some_and(|s| values.get(s) == Value::Bool(true))
}

fn sent_value(values: &Values, setting: &Setting) -> DocValue {
    let applies = setting.depends_on.is_none_or(|condition| setting_is_on(values, condition));
    let value = if applies { values.get(setting) } else { (setting.default)() };
    // A stored value that does not fit (written by another release) is sent neutral rather than wrong.
    let value = if setting.kind.check(&value).is_ok() { value } else { (setting.default)() };
    match value {
        Value::Bool(on) => DocValue::Bool(on),
        Value::Int(number) => DocValue::Integer(number),
        Value::List(items) => DocValue::List(items),
        Value::Text(_) | Value::Unset => setting
            .eas
            .and_then(|element| (element.text)(&Value::Unset))
            .and_then(|text| text.parse().ok())
            .map_or(DocValue::Empty, DocValue::Integer),
    }
}

/// The digest of a document: SHA-256, hexadecimal, over a canonical text of exactly what is sent.
///
/// Two documents have the same digest only if class, names and values agree; a setting that a class never receives
/// cannot change it (an edit that does not touch a device must not make it provision again).
pub fn digest(document: &[(&'static str, DocValue)], class: DocumentClass) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("notifymdm policy document 1 class {}\n", class.name()));
    for (name, value) in document {
        let line = match value {
            DocValue::Bool(on) => format!("{name} bool {}\n", u8::from(*on)),
            DocValue::Integer(number) => format!("{name} int {number}\n"),
            DocValue::Empty => format!("{name} empty\n"),
            DocValue::List(items) => {
                // Lengths keep items apart whatever they contain.
                let mut parts = vec![format!("{name} list {}", items.len())];
                parts.extend(items.iter().map(|item| format!("{}:{item}", item.len())));
                parts.join(" ") + "\n"
            }
        };
        hash.update(line);
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::{Liability, Template, template};

    fn values(pairs: &[(&str, Value)]) -> Values {
        Values(pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    }

    fn value_of(document: &[(&str, DocValue)], name: &str) -> Option<DocValue> {
        document.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone())
    }

    #[test]
    fn versions_fall_into_three_classes() {
        for (version, class) in [
            ("2.5", DocumentClass::V2_5),
            ("12.0", DocumentClass::V12_0),
            ("12.1", DocumentClass::V12_1),
            ("14.0", DocumentClass::V12_1),
            ("16.1", DocumentClass::V12_1),
            ("", DocumentClass::V12_1),
        ] {
            assert_eq!(DocumentClass::of_version(version), class, "{version}");
        }
    }

    #[test]
    fn a_document_names_all_elements_in_schema_order() {
        let strict = template(Template::Strict, Liability::Corporate);
        let names = |class| document(&strict, class).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(DocumentClass::V12_1), catalog::EAS_SCHEMA);
        assert_eq!(names(DocumentClass::V12_0), &catalog::EAS_SCHEMA[..12]);
        assert_eq!(names(DocumentClass::V2_5).len(), 4);
    }

    #[test]
    fn values_become_what_the_codec_writes() {
        let got = document(
            &values(&[
                ("password.required", Value::Bool(true)),
                ("password.min_length", Value::Int(6)),
                ("device.bluetooth", Value::Int(0)),
                ("apps.blocked_built_in", Value::List(vec!["a.exe".into()])),
            ]),
            DocumentClass::V12_1,
        );
        assert_eq!(value_of(&got, "DevicePasswordEnabled"), Some(DocValue::Bool(true)));
        assert_eq!(value_of(&got, "MinDevicePasswordLength"), Some(DocValue::Integer(6)));
        assert_eq!(value_of(&got, "MaxInactivityTimeDeviceLock"), Some(DocValue::Empty));
        assert_eq!(value_of(&got, "MaxEmailBodyTruncationSize"), Some(DocValue::Integer(-1)));
        assert_eq!(value_of(&got, "AllowBluetooth"), Some(DocValue::Integer(0)));
        assert_eq!(value_of(&got, "AllowCamera"), Some(DocValue::Bool(true)));
        let blocked = Some(DocValue::List(vec!["a.exe".into()]));
        assert_eq!(value_of(&got, "UnapprovedInROMApplicationList"), blocked);
    }

    #[test]
    fn a_setting_whose_condition_is_off_is_sent_neutral() {
        let with = |required| {
            let v = values(&[
                ("password.required", Value::Bool(required)),
                ("password.min_length", Value::Int(6)),
            ]);
            value_of(&document(&v, DocumentClass::V12_1), "MinDevicePasswordLength")
        };
        assert_eq!(with(false), Some(DocValue::Empty));
        assert_eq!(with(true), Some(DocValue::Integer(6)));
    }

    #[test]
    fn a_stored_value_that_does_not_fit_is_sent_neutral() {
        let odd = values(&[("device.allow_camera", Value::Int(7)), ("device.bluetooth", Value::Int(9))]);
        let neutral = document(&Values::default(), DocumentClass::V12_1);
        assert_eq!(document(&odd, DocumentClass::V12_1), neutral);
    }

    #[test]
    fn version_12_0_encrypts_the_device_if_either_is_required() {
        for (device, card, expected) in [(false, false, false), (true, false, true), (false, true, true)] {
            let v = values(&[
                ("encryption.device", Value::Bool(device)),
                ("encryption.storage_card", Value::Bool(card)),
            ]);
            let got = value_of(&document(&v, DocumentClass::V12_0), STORAGE_CARD);
            assert_eq!(got, Some(DocValue::Bool(expected)), "{device} {card}");
        }
    }

    #[test]
    fn the_digest_follows_only_what_is_sent_to_the_class() {
        let of = |v: &Values, class| digest(&document(v, class), class);
        let plain = Values::default();
        let camera = values(&[("device.allow_camera", Value::Bool(false))]);
        assert_ne!(of(&plain, DocumentClass::V12_1), of(&camera, DocumentClass::V12_1));
        assert_eq!(of(&plain, DocumentClass::V12_0), of(&camera, DocumentClass::V12_0));
        let explicit = values(&[("device.allow_camera", Value::Bool(true))]);
        assert_eq!(of(&plain, DocumentClass::V12_1), of(&explicit, DocumentClass::V12_1));
        let lists = |items: &[&str]| {
            values(&[("apps.approved", Value::List(items.iter().map(|i| (*i).to_owned()).collect()))])
        };
        assert_ne!(
            of(&lists(&["a 1:b"]), DocumentClass::V12_1),
            of(&lists(&["a", "b"]), DocumentClass::V12_1)
        );
    }

    #[test]
    fn the_digest_of_the_neutral_document_is_stable() {
        // A change here makes every device of every installation provision again: do it knowingly.
        let neutral = document(&Values::default(), DocumentClass::V12_1);
        assert_eq!(
            digest(&neutral, DocumentClass::V12_1),
            "8a394919079faf224258e2ee01142d302505e947d6e5dc084d449a1e6adb6234"
        );
    }
}
