//! What a device says of itself, signed, when it fetches a profile (MachineInfo).

use crate::Error;
use crate::plist::{self, Value};

/// What a device says of itself before it is enrolled; claims, whoever signed them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MachineInfo {
    /// `UDID`; absent in user enrolment.
    pub udid: Option<String>,
    /// `SERIAL`; absent in user enrolment.
    pub serial: Option<String>,
    /// `PRODUCT`, such as `iPhone17,3`.
    pub product: String,
    /// `OS_VERSION`, such as `18.1`; older systems do not say it.
    pub os_version: Option<String>,
    /// `VERSION`: the build.
    pub build: Option<String>,
    /// `IMEI`.
    pub imei: Option<String>,
    /// `MEID`.
    pub meid: Option<String>,
    /// `LANGUAGE`.
    pub language: Option<String>,
    /// It can be told to update first.
    pub can_update: bool,
}

impl MachineInfo {
    /// Reads the property list (what was signed).
    ///
    /// # Errors
    /// [`Error`].
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let dict = plist::read_dict(bytes)?;
        let text = |key: &str| {
            dict.text(key).filter(|text| !text.is_empty() && text.len() <= 255).map(str::to_owned)
        };
        Ok(Self {
            udid: text("UDID"),
            serial: text("SERIAL"),
            product: text("PRODUCT").ok_or(Error::Missing("PRODUCT"))?,
            os_version: text("OS_VERSION"),
            build: text("VERSION"),
            imei: text("IMEI"),
            meid: text("MEID"),
            language: text("LANGUAGE"),
            can_update: dict.get("MDM_CAN_REQUEST_SOFTWARE_UPDATE").and_then(Value::truth).unwrap_or(false),
        })
    }
}
