//! Reads what a device says of itself into platform, client, maker, model and version.

use super::signs::{MAKERS, SIGNS, Sign, Where};
use super::{ClientKind, Platform, apple};
use crate::version_numbers;

/// What a device says of itself. All of it may be empty, absent or untrue.
#[derive(Debug, Clone, Copy, Default)]
pub struct Claims<'a> {
    /// `DeviceType` of the query.
    pub device_type: &'a str,
    /// Header `User-Agent`.
    pub user_agent: &'a str,
    /// DeviceInformation OS.
    pub os: Option<&'a str>,
    /// DeviceInformation Model.
    pub model: Option<&'a str>,
}

/// What follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recognized {
    /// Platform.
    pub platform: Platform,
    /// Mail client.
    pub client: ClientKind,
    /// Maker, if known.
    pub manufacturer: Option<&'static str>,
    /// Model, in the form `iPhone16,1` for Apple, else as told; at most 100 characters.
    pub model: Option<String>,
    /// Version of the system in dotted numbers.
    pub os_version: Option<String>,
    /// Build of the system, such as `21E236`.
    pub os_build: Option<String>,
    /// Words for lists: "iPhone 15 Pro, iOS Mail".
    pub label: String,
}

/// Recognizes a device. Total: anything gives an answer, and unknown things stay unknown.
///
/// ```
/// use catalog::{Claims, ClientKind, Platform, recognize};
/// let seen = recognize(&Claims { device_type: "iPhone", user_agent: "Apple-iPhone16C1/2105.236", ..Default::default() });
/// assert_eq!((seen.platform, seen.client), (Platform::Ios, ClientKind::IosMail));
/// assert_eq!(seen.os_version.as_deref(), Some("17.4"));
/// assert_eq!(seen.label, "iPhone 15 Pro, iOS Mail");
/// ```
pub fn recognize(claims: &Claims<'_>) -> Recognized {
    let (platform, client) = platform_and_client(claims);
    let model = model(claims, platform);
    let manufacturer = manufacturer(claims, platform, model.as_deref());
    let os_build = match platform {
        Platform::Ios => apple::build(claims.user_agent).or_else(|| build_in_os(claims.os)),
        _ => None,
    };
    let os_version = os_version(claims, platform, os_build.as_deref());
    let label = label(claims, platform, client, model.as_deref());
    Recognized { platform, client, manufacturer, model, os_version, os_build, label }
}

fn platform_and_client(claims: &Claims<'_>) -> (Platform, ClientKind) {
    let user_agent = claims.user_agent.trim().to_lowercase();
    let device_type = claims.device_type.trim().to_lowercase();
    let os = claims.os.unwrap_or_default().trim().to_lowercase();
    let text = |sign: &Sign| match sign.place {
        Where::UserAgent => user_agent.as_str(),
        Where::DeviceType => device_type.as_str(),
        Where::Os => os.as_str(),
    };
    let mut platform = None;
    let mut client = None;
    for sign in SIGNS.iter().filter(|sign| fits(sign.text, text(sign))) {
        platform = platform.or(sign.platform);
        client = client.or(sign.client);
    }
    let platform = platform.unwrap_or_default();
    // A maker's own mail program that sends only its DeviceType.
    let client = client.unwrap_or(match platform {
        Platform::Android => ClientKind::AndroidMail,
        _ => ClientKind::Other,
    });
    (platform, client)
}

/// A trailing `*` asks for a beginning, a leading one for a part, neither for the whole text.
fn fits(sign: &str, text: &str) -> bool {
    if text.is_empty() {
        return false;
    }
    if let Some(part) = sign.strip_prefix('*') {
        text.contains(part)
    } else if let Some(beginning) = sign.strip_suffix('*') {
        text.starts_with(beginning)
    } else {
        text == sign
    }
}

fn model(claims: &Claims<'_>, platform: Platform) -> Option<String> {
    let told = claims.model.map(str::trim).filter(|m| !m.is_empty());
    let found = match platform {
        Platform::Ios => told
            .and_then(apple::model_code)
            .or_else(|| apple::model_code(claims.user_agent))
            .or_else(|| told.map(str::to_owned)),
        _ => told.map(str::to_owned).or_else(|| model_in_user_agent(claims.user_agent)),
    };
    found.map(|m| m.chars().take(100).collect())
}

/// `Android-SAMSUNG-SM-S911B/101.140000` names the model between maker and slash, `RIM-Q10-SQN100-3/10.3` likewise.
fn model_in_user_agent(user_agent: &str) -> Option<String> {
    let head = user_agent.split('/').next()?;
    ["Android-SAMSUNG-", "SAMSUNG-", "RIM-", "HTC-EAS-"]
        .into_iter()
        .find_map(|prefix| head.strip_prefix(prefix))
        .filter(|model| !model.is_empty())
        .map(str::to_owned)
}

fn manufacturer(claims: &Claims<'_>, platform: Platform, model: Option<&str>) -> Option<&'static str> {
    if matches!(platform, Platform::Ios | Platform::Macos) {
        return Some("Apple");
    }
    let user_agent = claims.user_agent.strip_prefix("Android-").unwrap_or(claims.user_agent);
    [model.unwrap_or_default(), claims.device_type, user_agent].into_iter().find_map(|text| {
        let text = text.trim().to_lowercase();
        MAKERS.iter().find(|(beginning, _)| text.starts_with(beginning)).map(|(_, maker)| *maker)
    })
}

/// DeviceInformation OS "iOS 17.4.1 21E236" carries the build as its last word.
fn build_in_os(os: Option<&str>) -> Option<String> {
    let last = os?.split_whitespace().last()?;
    let digits = last.bytes().take_while(u8::is_ascii_digit).count();
    let letter = last.as_bytes().get(digits)?;
    (digits > 0 && letter.is_ascii_uppercase() && last.len() <= 12).then(|| last.to_owned())
}

fn os_version(claims: &Claims<'_>, platform: Platform, build: Option<&str>) -> Option<String> {
    let reported = claims.os.and_then(dotted);
    match platform {
        Platform::Ios => {
            let derived = build.and_then(apple::version_of_build);
            // DeviceInformation is sent once, the User-Agent with every request: after an update the User-Agent
            // is ahead, and otherwise the report is the more exact one.
            match (reported, derived) {
                (Some(reported), Some(derived)) => {
                    let ahead = version_numbers(&derived) > version_numbers(&reported);
                    Some(if ahead { derived } else { reported })
                }
                (reported, derived) => reported.or(derived),
            }
        }
        Platform::Android => reported.or_else(|| {
            let version = claims.user_agent.strip_prefix("Android/")?;
            dotted(version.split('-').next()?)
        }),
        Platform::Windows | Platform::WindowsPhone => {
            reported.or_else(|| after_slash(claims.user_agent, "MSFT-"))
        }
        Platform::Blackberry => reported.or_else(|| after_slash(claims.user_agent, "RIM-")),
        Platform::Macos | Platform::Other => reported,
    }
}

fn after_slash(user_agent: &str, prefix: &str) -> Option<String> {
    dotted(user_agent.strip_prefix(prefix)?.split_once('/')?.1)
}

fn dotted(text: &str) -> Option<String> {
    let numbers = version_numbers(text)?;
    Some(numbers.iter().map(u32::to_string).collect::<Vec<_>>().join("."))
}

fn label(claims: &Claims<'_>, platform: Platform, client: ClientKind, model: Option<&str>) -> String {
    let thing = match model {
        Some(code) if platform == Platform::Ios => apple::marketing_name(code)
            .map(str::to_owned)
            .unwrap_or_else(|| code.trim_end_matches(|c: char| c.is_ascii_digit() || c == ',').to_owned()),
        Some(model) => model.to_owned(),
        None => match (platform, claims.device_type.trim()) {
            (Platform::Other, "") => "Unknown device".to_owned(),
            (Platform::Other, told) => told.chars().take(100).collect(),
            (platform, _) => format!("{} device", platform.label()),
        },
    };
    format!("{thing}, {}", client.label())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(device_type: &str, user_agent: &str, os: Option<&str>, model: Option<&str>) -> Recognized {
        recognize(&Claims { device_type, user_agent, os, model })
    }

    #[test]
    fn user_agents_as_they_are_seen_in_the_field() {
        use {ClientKind as C, Platform as P};
        #[rustfmt::skip]
        let rows = [
            ("iPhone", "Apple-iPhone16C1/2105.236", P::Ios, C::IosMail, Some("17.4"), Some("Apple"), "iPhone 15 Pro, iOS Mail"),
            ("iPad", "Apple-iPad13C4/2006.66", P::Ios, C::IosMail, Some("16.5"), Some("Apple"), "iPad, iOS Mail"),
            ("iPhone", "", P::Ios, C::IosMail, None, Some("Apple"), "iOS and iPadOS device, iOS Mail"),
            ("Android", "Android-Mail/2024.03.17.617258234.Release", P::Android, C::Gmail, None, None, "Android device, Gmail"),
            ("Android", "Android/9-EAS-2.0", P::Android, C::AndroidMail, Some("9"), None, "Android device, Android mail"),
            ("SAMSUNGSMS911B", "Android-SAMSUNG-SM-S911B/101.140000", P::Android, C::SamsungMail, None, Some("Samsung"), "SM-S911B, Samsung Email"),
            ("SamsungDevice", "SAMSUNG-SM-G900F/101.60001", P::Android, C::SamsungMail, None, Some("Samsung"), "SM-G900F, Samsung Email"),
            ("Android", "Nine/4.9.4b", P::Android, C::Nine, None, None, "Android device, Nine"),
            ("htcvivo", "", P::Android, C::AndroidMail, None, Some("HTC"), "Android device, Android mail"),
            ("WindowsMail", "MSFT-WIN-4/10.0.19045", P::Windows, C::WindowsMail, Some("10.0.19045"), None, "Windows device, Windows Mail"),
            ("WindowsOutlook15", "Microsoft.Outlook.15", P::Windows, C::OutlookDesktop, None, None, "Windows device, Outlook"),
            ("WP8", "MSFT-WP/8.10.14219", P::WindowsPhone, C::WindowsPhoneMail, Some("8.10.14219"), None, "Windows Phone device, Windows Phone mail"),
            ("PocketPC", "MSFT-PPC/5.2.5075", P::WindowsPhone, C::WindowsPhoneMail, Some("5.2.5075"), None, "Windows Phone device, Windows Phone mail"),
            ("BlackBerry", "RIM-Q10-SQN100-3/10.3.2.2639", P::Blackberry, C::BlackberryMail, Some("10.3.2.2639"), Some("BlackBerry"), "Q10-SQN100-3, BlackBerry mail"),
            ("Thunderbird", "Thunderbird ActiveSync", P::Other, C::Thunderbird, None, None, "Thunderbird, Thunderbird"),
            ("MyFridge", "curl/8", P::Other, C::Other, None, None, "MyFridge, Unknown mail client"),
            ("", "", P::Other, C::Other, None, None, "Unknown device, Unknown mail client"),
        ];
        for (device_type, user_agent, platform, client, version, maker, label) in rows {
            let got = seen(device_type, user_agent, None, None);
            assert_eq!((got.platform, got.client), (platform, client), "{user_agent}");
            assert_eq!(got.os_version.as_deref(), version, "{user_agent}");
            assert_eq!(got.manufacturer, maker, "{user_agent}");
            assert_eq!(got.label, label);
        }
    }

    #[test]
    fn outlook_mobile_takes_its_platform_from_the_system() {
        let got = seen("Outlook", "Outlook-iOS-Android/1.0", Some("Android 14"), Some("Pixel 8"));
        assert_eq!((got.platform, got.client), (Platform::Android, ClientKind::OutlookMobile));
        assert_eq!((got.manufacturer, got.os_version.as_deref()), (Some("Google"), Some("14")));
        let got = seen("Outlook", "Outlook-iOS-Android/1.0", Some("iOS 17.4.1"), None);
        assert_eq!(got.platform, Platform::Ios);
    }

    #[test]
    fn the_exact_report_wins_until_the_user_agent_is_ahead() {
        let version =
            |os| seen("iPhone", "Apple-iPhone16C1/2105.236", Some(os), Some("iPhone16C1")).os_version;
        assert_eq!(version("iOS 17.4.1 21E236").as_deref(), Some("17.4.1"));
        assert_eq!(version("iOS 17.3.1 21D61").as_deref(), Some("17.4"));
        assert_eq!(version("something").as_deref(), Some("17.4"));
    }

    #[test]
    fn device_information_names_model_and_build() {
        let got = seen("iPhone", "", Some("iOS 15.4.1 19E258"), Some("iPhone12C1"));
        assert_eq!(got.model.as_deref(), Some("iPhone12,1"));
        assert_eq!(got.os_build.as_deref(), Some("19E258"));
        assert_eq!(got.label, "iPhone 11, iOS Mail");
    }

    #[test]
    fn endless_models_are_cut() {
        let long = "x".repeat(5000);
        assert_eq!(seen("Android", "Android-Mail/1", None, Some(&long)).model.map(|m| m.len()), Some(100));
        assert!(seen(&long, "", None, None).label.len() < 200);
    }
}
