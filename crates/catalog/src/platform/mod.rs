//! Operating-system families and mail clients, and how they are recognized from what a device says of itself.
//!
//! Nothing here is proof: a client may claim any `DeviceType` and any `User-Agent`. The result labels devices,
//! picks platform levels of the access restrictions and feeds facts; it never grants anything.

mod apple;
mod recognize;
mod signs;

pub use recognize::{Claims, Recognized, recognize};

use serde::{Deserialize, Serialize};

/// The operating-system family of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// iPhone, iPad and iPod touch.
    Ios,
    /// Android phones and tablets.
    Android,
    /// Windows 10 and later.
    Windows,
    /// Windows Phone and Windows Mobile.
    WindowsPhone,
    /// BlackBerry.
    Blackberry,
    /// Macs.
    Macos,
    /// Anything not recognized.
    #[default]
    Other,
}

/// Words for a platform.
#[derive(Debug)]
pub struct PlatformInfo {
    /// The platform.
    pub platform: Platform,
    /// Stored name, the same as in JSON.
    pub key: &'static str,
    /// Name shown.
    pub label: &'static str,
}

/// The mail client that speaks for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// Mail of iOS and iPadOS.
    IosMail,
    /// Mail of macOS.
    MacMail,
    /// Gmail on Android.
    Gmail,
    /// Samsung Email.
    SamsungMail,
    /// Nine.
    Nine,
    /// The mail application of Android itself, or of a maker other than Samsung.
    AndroidMail,
    /// Outlook for iOS and Android.
    OutlookMobile,
    /// Outlook on Windows.
    OutlookDesktop,
    /// Mail of Windows 8 and later.
    WindowsMail,
    /// Mail of Windows Phone and Windows Mobile.
    WindowsPhoneMail,
    /// BlackBerry Hub, and the mail of BlackBerry OS.
    BlackberryMail,
    /// Thunderbird with an ActiveSync provider.
    Thunderbird,
    /// Anything not recognized.
    #[default]
    Other,
}

/// Words for a mail client.
#[derive(Debug)]
pub struct ClientInfo {
    /// The client.
    pub client: ClientKind,
    /// Stored name, the same as in JSON.
    pub key: &'static str,
    /// Name shown.
    pub label: &'static str,
}

/// Every platform, in the order of pages.
pub static PLATFORMS: &[PlatformInfo] = &[
    PlatformInfo { platform: Platform::Ios, key: "ios", label: "iOS and iPadOS" },
    PlatformInfo { platform: Platform::Android, key: "android", label: "Android" },
    PlatformInfo { platform: Platform::Windows, key: "windows", label: "Windows" },
    PlatformInfo { platform: Platform::WindowsPhone, key: "windows_phone", label: "Windows Phone" },
    PlatformInfo { platform: Platform::Blackberry, key: "blackberry", label: "BlackBerry" },
    PlatformInfo { platform: Platform::Macos, key: "macos", label: "macOS" },
    PlatformInfo { platform: Platform::Other, key: "other", label: "Other" },
];

/// Every mail client, in the order of pages.
pub static CLIENTS: &[ClientInfo] = &[
    ClientInfo { client: ClientKind::IosMail, key: "ios_mail", label: "iOS Mail" },
    ClientInfo { client: ClientKind::MacMail, key: "mac_mail", label: "macOS Mail" },
    ClientInfo { client: ClientKind::Gmail, key: "gmail", label: "Gmail" },
    ClientInfo { client: ClientKind::SamsungMail, key: "samsung_mail", label: "Samsung Email" },
    ClientInfo { client: ClientKind::Nine, key: "nine", label: "Nine" },
    ClientInfo { client: ClientKind::AndroidMail, key: "android_mail", label: "Android mail" },
    ClientInfo { client: ClientKind::OutlookMobile, key: "outlook_mobile", label: "Outlook mobile" },
    ClientInfo { client: ClientKind::OutlookDesktop, key: "outlook_desktop", label: "Outlook" },
    ClientInfo { client: ClientKind::WindowsMail, key: "windows_mail", label: "Windows Mail" },
    ClientInfo {
        client: ClientKind::WindowsPhoneMail,
        key: "windows_phone_mail",
        label: "Windows Phone mail",
    },
    ClientInfo { client: ClientKind::BlackberryMail, key: "blackberry_mail", label: "BlackBerry mail" },
    ClientInfo { client: ClientKind::Thunderbird, key: "thunderbird", label: "Thunderbird" },
    ClientInfo { client: ClientKind::Other, key: "other", label: "Unknown mail client" },
];

impl Platform {
    /// The table entry.
    pub fn info(self) -> &'static PlatformInfo {
        PLATFORMS.iter().find(|p| p.platform == self).unwrap_or(&PLATFORMS[PLATFORMS.len() - 1])
    }
    /// Name shown.
    pub fn label(self) -> &'static str {
        self.info().label
    }
    /// Stored name.
    pub fn key(self) -> &'static str {
        self.info().key
    }
    /// From the stored name.
    pub fn from_key(key: &str) -> Option<Platform> {
        PLATFORMS.iter().find(|p| p.key == key).map(|p| p.platform)
    }
}

impl ClientKind {
    /// The table entry.
    pub fn info(self) -> &'static ClientInfo {
        CLIENTS.iter().find(|c| c.client == self).unwrap_or(&CLIENTS[CLIENTS.len() - 1])
    }
    /// Name shown.
    pub fn label(self) -> &'static str {
        self.info().label
    }
    /// Stored name.
    pub fn key(self) -> &'static str {
        self.info().key
    }
    /// From the stored name.
    pub fn from_key(key: &str) -> Option<ClientKind> {
        CLIENTS.iter().find(|c| c.key == key).map(|c| c.client)
    }
}
