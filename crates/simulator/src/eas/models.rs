//! Makes of phones and mail programs, with the names they really send.

use super::version::Version;
use crate::dice::Dice;

/// A make: how it names itself and how its identifiers look.
#[derive(Debug)]
pub struct Model {
    /// Short name, such as `iphone`.
    pub key: &'static str,
    /// `DeviceType` of the query.
    pub device_type: &'static str,
    /// `User-Agent` header.
    pub user_agent: &'static str,
    /// Model in the device information.
    pub model: &'static str,
    /// Operating system in the device information.
    pub os: &'static str,
    /// Friendly name in the device information.
    pub friendly_name: &'static str,
    /// Highest version it speaks.
    pub version: Version,
    /// Whether it sends base64 queries.
    pub base64_query: bool,
    /// Whether it has a mobile number and an IMEI.
    pub cellular: bool,
    id: IdForm,
}

/// How device identifiers of a make are built.
#[derive(Debug)]
enum IdForm {
    /// A prefix and this many characters of an alphabet.
    Prefixed(&'static str, usize, &'static str),
}

const HEX: &str = "0123456789ABCDEF";
const LOWER_HEX: &str = "0123456789abcdef";
const DIGITS: &str = "0123456789";
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// The makes that a fleet mixes. The first ones are the most common.
pub static MODELS: [Model; 14] = [
    Model {
        key: "iphone",
        device_type: "iPhone",
        user_agent: "Apple-iPhone15C2/2205.71",
        model: "iPhone15C2",
        os: "iOS 18.5 22F76",
        friendly_name: "Black iPhone 14 Pro",
        version: Version::V16_1,
        base64_query: false,
        cellular: true,
        id: IdForm::Prefixed("", 26, BASE32),
    },
    Model {
        key: "samsung",
        device_type: "SAMSUNGSMS921B",
        user_agent: "SAMSUNG-SM-S921B/101.15",
        model: "SM-S921B",
        os: "Android 15",
        friendly_name: "Galaxy S24",
        version: Version::V16_1,
        base64_query: false,
        cellular: true,
        id: IdForm::Prefixed("SEC1", 15, HEX),
    },
    Model {
        key: "pixel",
        device_type: "Android",
        user_agent: "Android-Mail/2025.09.15.808182727.Release",
        model: "Pixel 8",
        os: "Android 16",
        friendly_name: "Google Pixel 8",
        version: Version::V16_1,
        base64_query: false,
        cellular: true,
        id: IdForm::Prefixed("androidc", 10, DIGITS),
    },
    Model {
        key: "ipad",
        device_type: "iPad",
        user_agent: "Apple-iPad13C16/2203.74",
        model: "iPad13C16",
        os: "iPadOS 18.3 22D60",
        friendly_name: "iPad Air",
        version: Version::V16_1,
        base64_query: false,
        cellular: false,
        id: IdForm::Prefixed("", 26, BASE32),
    },
    Model {
        key: "iphone-old",
        device_type: "iPhone",
        user_agent: "Apple-iPhone9C3/1907.82",
        model: "iPhone9C3",
        os: "iOS 15.7.8 19H364",
        friendly_name: "White iPhone 7",
        version: Version::V16_0,
        base64_query: false,
        cellular: true,
        id: IdForm::Prefixed("", 26, BASE32),
    },
    Model {
        key: "outlook",
        device_type: "Outlook",
        user_agent: "Outlook-iOS-Android/1.0",
        model: "Outlook for iOS and Android",
        os: "Android 14",
        friendly_name: "Outlook for iOS and Android",
        version: Version::V14_1,
        base64_query: false,
        cellular: false,
        id: IdForm::Prefixed("", 32, HEX),
    },
    Model {
        key: "samsung-old",
        device_type: "SAMSUNGSMA505FN",
        user_agent: "SAMSUNG-SM-A505FN/101.11",
        model: "SM-A505FN",
        os: "Android 11",
        friendly_name: "Galaxy A50",
        version: Version::V16_0,
        base64_query: false,
        cellular: true,
        id: IdForm::Prefixed("SEC1", 15, HEX),
    },
    Model {
        key: "windows-mail",
        device_type: "WindowsMail",
        user_agent: "MSFT-WIN-4/10.0.19045",
        model: "Latitude 7420",
        os: "Windows 10.0.19045",
        friendly_name: "LT-7420",
        version: Version::V14_1,
        base64_query: true,
        cellular: false,
        id: IdForm::Prefixed("", 32, HEX),
    },
    Model {
        key: "tablet",
        device_type: "SAMSUNGSMX710",
        user_agent: "SAMSUNG-SM-X710/101.14",
        model: "SM-X710",
        os: "Android 14",
        friendly_name: "Galaxy Tab S9",
        version: Version::V16_1,
        base64_query: false,
        cellular: false,
        id: IdForm::Prefixed("SEC1", 15, HEX),
    },
    Model {
        key: "nine",
        device_type: "Android",
        user_agent: "Nine-Pixel 6a/4.9.5a",
        model: "Pixel 6a",
        os: "Android 13",
        friendly_name: "Pixel 6a",
        version: Version::V14_1,
        base64_query: false,
        cellular: true,
        id: IdForm::Prefixed("nine", 16, LOWER_HEX),
    },
    Model {
        key: "windows-phone",
        device_type: "WP8",
        user_agent: "MSFT-WP/8.10.14219",
        model: "RM-1045_1012",
        os: "Windows Phone 8.10.14219",
        friendly_name: "Lumia 930",
        version: Version::V14_1,
        base64_query: true,
        cellular: true,
        id: IdForm::Prefixed("", 32, HEX),
    },
    Model {
        key: "blackberry",
        device_type: "BlackBerry",
        user_agent: "RIM-Classic-SQC100-1/10.3.3.2205",
        model: "SQC100-1",
        os: "BlackBerry 10.3.3.2205",
        friendly_name: "BlackBerry Classic",
        version: Version::V14_1,
        base64_query: false,
        cellular: true,
        id: IdForm::Prefixed("BB2", 8, HEX),
    },
    Model {
        key: "android-old",
        device_type: "Android",
        user_agent: "Android/4.4.2-EAS-1.3",
        model: "Nexus 5",
        os: "Android 4.4.2",
        friendly_name: "Nexus 5",
        version: Version::V14_0,
        base64_query: false,
        cellular: true,
        id: IdForm::Prefixed("androidc", 10, DIGITS),
    },
    Model {
        key: "smartphone",
        device_type: "SmartPhone",
        user_agent: "MSFT-SPhone/5.2.5070",
        model: "HTC Touch Pro2",
        os: "Windows Mobile 6.5",
        friendly_name: "Touch Pro2",
        version: Version::V12_1,
        base64_query: true,
        cellular: true,
        id: IdForm::Prefixed("", 32, HEX),
    },
];

impl Model {
    /// The make with a short name.
    pub fn named(key: &str) -> Option<&'static Model> {
        MODELS.iter().find(|m| m.key == key)
    }

    /// An identifier that looks like this make's; the same for the same seed.
    pub fn device_id(&self, seed: u64) -> String {
        // The make is mixed in, or an iPhone and an iPad of the same seed would be one device.
        let mut dice = Dice::new(spread(self.key, seed));
        let IdForm::Prefixed(prefix, length, alphabet) = self.id;
        format!("{prefix}{}", dice.text(length, alphabet))
    }

    /// What a phone of this make reports about itself; invented numbers, fixed by its identifier.
    pub(super) fn information(&self, device_id: &str) -> Vec<(&'static str, String)> {
        let mut dice = Dice::new(spread(device_id, 17));
        let mut rows = vec![
            ("Settings:Model", self.model.to_owned()),
            ("Settings:FriendlyName", self.friendly_name.to_owned()),
            ("Settings:OS", self.os.to_owned()),
            ("Settings:OSLanguage", "en-us".to_owned()),
            ("Settings:UserAgent", self.user_agent.to_owned()),
        ];
        if self.cellular {
            rows.insert(1, ("Settings:IMEI", imei(&mut dice)));
            rows.push(("Settings:PhoneNumber", format!("+1555{}", dice.text(7, DIGITS))));
            rows.push(("Settings:MobileOperator", "Example Mobile".to_owned()));
        }
        rows
    }
}

/// A seed made of a text and a number.
fn spread(text: &str, seed: u64) -> u64 {
    text.bytes().fold(seed, |s, b| s.wrapping_mul(0x0100_0000_01B3).wrapping_add(u64::from(b)))
}

/// Fifteen digits with a right check digit (Luhn), from the range for test equipment.
fn imei(dice: &mut Dice) -> String {
    let body = format!("00440{}", dice.text(9, DIGITS));
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b - b'0') * if i % 2 == 1 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_fit_the_protocol_and_differ() {
        for model in &MODELS {
            let ids: std::collections::HashSet<String> = (0..500).map(|s| model.device_id(s)).collect();
            assert_eq!(ids.len(), 500, "{}", model.key);
            assert!(ids.iter().all(|id| id.len() <= 32 && id.bytes().all(|b| b.is_ascii_alphanumeric())));
        }
    }

    #[test]
    fn an_imei_has_a_right_check_digit() {
        let imei = imei(&mut Dice::new(5));
        let sum: u32 = imei
            .bytes()
            .rev()
            .enumerate()
            .map(|(i, b)| {
                let d = u32::from(b - b'0') * if i % 2 == 1 { 2 } else { 1 };
                d / 10 + d % 10
            })
            .sum();
        assert_eq!((imei.len(), sum % 10), (15, 0));
    }
}
