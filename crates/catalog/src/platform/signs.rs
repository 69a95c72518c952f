//! The table of signs by which platforms, mail clients and makers are recognized.
//!
//! Signs are tried from top to bottom; the first that fits fills what it knows and is not known yet. Put the
//! telling ones (a client's own User-Agent) above the vague ones (a word in the name of the system).

use super::{ClientKind, Platform};

/// Where a sign is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// Header `User-Agent`, or DeviceInformation UserAgent.
    UserAgent,
    /// `DeviceType` of the query.
    DeviceType,
    /// DeviceInformation OS.
    Os,
}

/// One sign: `text` is in lower case; a trailing `*` asks for a beginning, a leading one for a part.
#[derive(Debug)]
pub(super) struct Sign {
    pub(super) place: Where,
    pub(super) text: &'static str,
    pub(super) platform: Option<Platform>,
    pub(super) client: Option<ClientKind>,
}

const fn sign(place: Where, text: &'static str, platform: Platform, client: ClientKind) -> Sign {
    Sign { place, text, platform: Some(platform), client: Some(client) }
}

const fn only_platform(place: Where, text: &'static str, platform: Platform) -> Sign {
    Sign { place, text, platform: Some(platform), client: None }
}

const fn only_client(place: Where, text: &'static str, client: ClientKind) -> Sign {
    Sign { place, text, platform: None, client: Some(client) }
}

use ClientKind as C;
use Platform as P;
use Where::{DeviceType, Os, UserAgent};

/// All signs, telling ones first.
pub(super) static SIGNS: &[Sign] = &[
    // Clients that run on several platforms: the platform comes from a later sign.
    only_client(UserAgent, "outlook-ios-android*", C::OutlookMobile),
    sign(UserAgent, "outlook-ios/*", P::Ios, C::OutlookMobile),
    sign(UserAgent, "outlook-android/*", P::Android, C::OutlookMobile),
    only_client(DeviceType, "outlook", C::OutlookMobile),
    only_client(UserAgent, "thunderbird*", C::Thunderbird),
    only_client(DeviceType, "thunderbird", C::Thunderbird),
    // Apple: "Apple-iPhone16C1/2105.236".
    sign(UserAgent, "apple-iphone*", P::Ios, C::IosMail),
    sign(UserAgent, "apple-ipad*", P::Ios, C::IosMail),
    sign(UserAgent, "apple-ipod*", P::Ios, C::IosMail),
    sign(UserAgent, "apple-mac*", P::Macos, C::MacMail),
    // Windows: "MSFT-WP/8.10.14219", "MSFT-PPC/5.2.5075", "MSFT-SPhone/5.2.202", "MSFT-WIN-4/10.0.19045".
    sign(UserAgent, "msft-wp/*", P::WindowsPhone, C::WindowsPhoneMail),
    sign(UserAgent, "msft-ppc/*", P::WindowsPhone, C::WindowsPhoneMail),
    sign(UserAgent, "msft-sphone/*", P::WindowsPhone, C::WindowsPhoneMail),
    sign(UserAgent, "msft-win*", P::Windows, C::WindowsMail),
    sign(UserAgent, "microsoft.outlook*", P::Windows, C::OutlookDesktop),
    sign(UserAgent, "outlook/*", P::Windows, C::OutlookDesktop),
    sign(DeviceType, "windowsoutlook*", P::Windows, C::OutlookDesktop),
    sign(DeviceType, "windowsmail", P::Windows, C::WindowsMail),
    sign(DeviceType, "wp", P::WindowsPhone, C::WindowsPhoneMail),
    sign(DeviceType, "wp8", P::WindowsPhone, C::WindowsPhoneMail),
    sign(DeviceType, "windowsphone*", P::WindowsPhone, C::WindowsPhoneMail),
    sign(DeviceType, "pocketpc", P::WindowsPhone, C::WindowsPhoneMail),
    sign(DeviceType, "smartphone", P::WindowsPhone, C::WindowsPhoneMail),
    // BlackBerry: "RIM-Q10-SQN100-3/10.3.2.2639".
    sign(UserAgent, "rim-*", P::Blackberry, C::BlackberryMail),
    only_client(UserAgent, "blackberry-hub*", C::BlackberryMail),
    // Browsers, for pages that choose by platform: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) …". Those of
    // Windows Phone also say Android and iPhone, so it comes first.
    only_platform(UserAgent, "*windows phone", P::WindowsPhone),
    only_platform(UserAgent, "*(iphone", P::Ios),
    only_platform(UserAgent, "*(ipad", P::Ios),
    only_platform(UserAgent, "*(ipod", P::Ios),
    only_platform(UserAgent, "*(bb10", P::Blackberry),
    only_platform(UserAgent, "*(blackberry", P::Blackberry),
    only_platform(UserAgent, "*(windows nt", P::Windows),
    only_platform(UserAgent, "*(macintosh", P::Macos),
    // Android: "Android-Mail/2024.03.17.617258234.Release", "Android-SAMSUNG-SM-S911B/101.140000",
    // "SAMSUNG-SM-G900F/101.60001", "Nine/4.9.4b", "Android/9-EAS-2.0".
    sign(UserAgent, "android-mail/*", P::Android, C::Gmail),
    sign(UserAgent, "gmail/*", P::Android, C::Gmail),
    sign(UserAgent, "android-samsung*", P::Android, C::SamsungMail),
    sign(UserAgent, "samsung*", P::Android, C::SamsungMail),
    sign(UserAgent, "nine/*", P::Android, C::Nine),
    sign(UserAgent, "nine-*", P::Android, C::Nine),
    sign(UserAgent, "android*", P::Android, C::AndroidMail),
    sign(UserAgent, "htc-eas-*", P::Android, C::AndroidMail),
    sign(UserAgent, "touchdown*", P::Android, C::AndroidMail),
    only_platform(UserAgent, "*(android", P::Android),
    only_platform(UserAgent, "*android ", P::Android),
    // What DeviceType alone tells.
    sign(DeviceType, "iphone*", P::Ios, C::IosMail),
    sign(DeviceType, "ipad*", P::Ios, C::IosMail),
    sign(DeviceType, "ipod*", P::Ios, C::IosMail),
    sign(DeviceType, "samsung*", P::Android, C::SamsungMail),
    sign(DeviceType, "nine*", P::Android, C::Nine),
    sign(DeviceType, "blackberry*", P::Blackberry, C::BlackberryMail),
    sign(DeviceType, "android*", P::Android, C::AndroidMail),
    sign(DeviceType, "touchdown*", P::Android, C::AndroidMail),
    only_platform(DeviceType, "htc*", P::Android),
    only_platform(DeviceType, "lg*", P::Android),
    only_platform(DeviceType, "huawei*", P::Android),
    only_platform(DeviceType, "moto*", P::Android),
    only_platform(DeviceType, "sony*", P::Android),
    sign(DeviceType, "mac*", P::Macos, C::MacMail),
    // What the name of the system tells.
    only_platform(Os, "ios*", P::Ios),
    only_platform(Os, "ipados*", P::Ios),
    only_platform(Os, "iphone*", P::Ios),
    only_platform(Os, "android*", P::Android),
    only_platform(Os, "windows phone*", P::WindowsPhone),
    only_platform(Os, "windows mobile*", P::WindowsPhone),
    only_platform(Os, "windows ce*", P::WindowsPhone),
    only_platform(Os, "windows*", P::Windows),
    only_platform(Os, "blackberry*", P::Blackberry),
    only_platform(Os, "macos*", P::Macos),
    only_platform(Os, "mac os*", P::Macos),
];

/// Makers by the beginning of the model or the DeviceType (lower case).
pub(super) static MAKERS: &[(&str, &str)] = &[
    ("iphone", "Apple"),
    ("ipad", "Apple"),
    ("ipod", "Apple"),
    ("mac", "Apple"),
    ("samsung", "Samsung"),
    ("sm-", "Samsung"),
    ("gt-", "Samsung"),
    ("pixel", "Google"),
    ("nexus", "Google"),
    ("huawei", "Huawei"),
    ("honor", "Honor"),
    ("htc", "HTC"),
    ("lg-", "LG"),
    ("lm-", "LG"),
    ("lgd", "LG"),
    ("moto", "Motorola"),
    ("xt1", "Motorola"),
    ("xt2", "Motorola"),
    ("nokia", "Nokia"),
    ("lumia", "Nokia"),
    ("rm-", "Nokia"),
    ("ta-", "Nokia"),
    ("oneplus", "OnePlus"),
    ("redmi", "Xiaomi"),
    ("xiaomi", "Xiaomi"),
    ("mi ", "Xiaomi"),
    ("poco", "Xiaomi"),
    ("sony", "Sony"),
    ("xperia", "Sony"),
    ("xq-", "Sony"),
    ("oppo", "Oppo"),
    ("cph", "Oppo"),
    ("vivo", "Vivo"),
    ("fairphone", "Fairphone"),
    ("zebra", "Zebra"),
    ("cat ", "Caterpillar"),
    ("surface", "Microsoft"),
    ("blackberry", "BlackBerry"),
    ("rim-", "BlackBerry"),
    ("bb", "BlackBerry"),
];
