//! What a device is: the state that commands read and change.

use super::plist::{Plist, text};

/// An app on the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Bundle identifier.
    pub identifier: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Installed by management.
    pub managed: bool,
}

/// A profile on the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// `PayloadIdentifier`.
    pub identifier: String,
    /// `PayloadUUID`.
    pub uuid: String,
    /// `PayloadDisplayName`.
    pub name: String,
    /// Types of its payloads.
    pub payloads: Vec<String>,
}

/// A device.
#[derive(Clone, Debug)]
pub struct Model {
    /// UDID.
    pub udid: String,
    /// Serial number.
    pub serial: String,
    /// Such as `iPhone17,3`.
    pub product: String,
    /// Such as `iPhone`.
    pub model_name: String,
    /// Such as `18.1`.
    pub os_version: String,
    /// Such as `22B83`.
    pub build: String,
    /// Its name.
    pub name: String,
    /// IMEI; empty for those without.
    pub imei: String,
    /// MAC of its Wi-Fi.
    pub wifi_mac: String,
    /// The DeviceId of its ActiveSync account.
    pub eas_id: String,
    /// Supervised.
    pub supervised: bool,
    /// It has a passcode.
    pub passcode: bool,
    /// The passcode satisfies the policies.
    pub compliant: bool,
    /// Apps.
    pub apps: Vec<App>,
    /// Profiles beside the enrolment's.
    pub profiles: Vec<Installed>,
    /// It is in lost mode.
    pub lost: bool,
    /// Settings that were made, item by item.
    pub settings: Vec<Plist>,
    /// Messages that a lock showed.
    pub shown: Vec<String>,
    /// Times it was erased.
    pub erased: u32,
}

impl Model {
    /// An iPhone; everything that is unique follows from the number.
    pub fn iphone(number: u32) -> Self {
        Self {
            udid: format!("00008140-{:016X}", 0x001A_2B00_0000_0000_u64 + u64::from(number)),
            serial: format!("SIM{number:07}"),
            product: "iPhone17,3".into(),
            model_name: "iPhone".into(),
            os_version: "18.1".into(),
            build: "22B83".into(),
            name: format!("iPhone {number}"),
            imei: format!("35 209900 {number:06} 1"),
            wifi_mac: format!(
                "02:00:{:02x}:{:02x}:{:02x}:{:02x}",
                number >> 24,
                number >> 16 & 255,
                number >> 8 & 255,
                number & 255
            ),
            eas_id: format!("SIMEAS{number:020}"),
            supervised: false,
            passcode: true,
            compliant: true,
            apps: vec![
                App {
                    identifier: "com.example.private".into(),
                    name: "Private".into(),
                    version: "1.0".into(),
                    managed: false,
                },
                App {
                    identifier: "com.example.work".into(),
                    name: "Work".into(),
                    version: "2.1".into(),
                    managed: true,
                },
            ],
            profiles: Vec::new(),
            lost: false,
            settings: Vec::new(),
            shown: Vec::new(),
            erased: 0,
        }
    }

    /// The answer to one query of DeviceInformation; unknown ones have none.
    pub fn query(&self, query: &str) -> Option<Plist> {
        Some(match query {
            "UDID" => text(&self.udid),
            "SerialNumber" => text(&self.serial),
            "DeviceName" => text(&self.name),
            "OSVersion" => text(&self.os_version),
            "BuildVersion" => text(&self.build),
            "ModelName" => text(&self.model_name),
            "Model" => text("MYAP3"),
            "ProductName" => text(&self.product),
            "DeviceCapacity" => Plist::Real(128.0),
            "AvailableDeviceCapacity" => Plist::Real(80.5),
            "BatteryLevel" => Plist::Real(0.8),
            "IsSupervised" => Plist::Bool(self.supervised),
            "IsMultiUser" | "IsRoaming" | "IsActivationLockEnabled" | "AwaitingConfiguration" => {
                Plist::Bool(false)
            }
            "IsMDMLostModeEnabled" => Plist::Bool(self.lost),
            "WiFiMAC" => text(&self.wifi_mac),
            "EASDeviceIdentifier" => text(&self.eas_id),
            "IMEI" if !self.imei.is_empty() => text(&self.imei),
            "TimeZone" => text("Europe/Berlin"),
            _ => return None,
        })
    }
}
