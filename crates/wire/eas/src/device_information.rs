//! What a device says about itself, in Provision from 14.1 and in Settings before (MS-ASPROV and
//! MS-ASCMD, DeviceInformation).
//!
//! Self-declared and not to be trusted, but it names the device in the console and travels on to the mail
//! server.

use crate::body::{self, Error};
use crate::codepages::token::settings;
use crate::version::Version;
use crate::wbxml::{Element, Tag, Writer};

/// Longest value in bytes.
pub const MAX_VALUE: usize = 1024;

/// A device's description of itself. All values are optional texts of at most [`MAX_VALUE`] bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceInformation {
    /// Such as `iPhone12,1`.
    pub model: Option<String>,
    /// International mobile equipment identity.
    pub imei: Option<String>,
    /// The name its owner gave it.
    pub friendly_name: Option<String>,
    /// Operating system and version, free text.
    pub os: Option<String>,
    /// Language of the operating system, free text.
    pub os_language: Option<String>,
    /// Telephone number.
    pub phone_number: Option<String>,
    /// The mail program; from 12.1.
    pub user_agent: Option<String>,
    /// Whether text messages may be sent through the server; from 14.0.
    pub enable_outbound_sms: Option<bool>,
    /// Name of the mobile network; from 14.0.
    pub mobile_operator: Option<String>,
}

impl DeviceInformation {
    /// Reads a `Settings:DeviceInformation` element with its `Set`.
    pub fn from_element(element: &Element<'_>) -> Result<DeviceInformation, Error> {
        let set = element.child(settings::SET).ok_or(Error::Missing(settings::SET))?;
        let value =
            |tag| body::string(set, tag, MAX_VALUE).map(|value| value.filter(|text| !text.is_empty()));
        Ok(DeviceInformation {
            model: value(settings::MODEL)?,
            imei: value(settings::IMEI)?,
            friendly_name: value(settings::FRIENDLY_NAME)?,
            os: value(settings::OS)?,
            os_language: value(settings::OS_LANGUAGE)?,
            phone_number: value(settings::PHONE_NUMBER)?,
            user_agent: value(settings::USER_AGENT)?,
            enable_outbound_sms: body::boolean(set, settings::ENABLE_OUTBOUND_SMS)?,
            mobile_operator: value(settings::MOBILE_OPERATOR)?,
        })
    }

    /// Writes the `Settings:DeviceInformation` element with the values that the version knows.
    pub fn write(&self, writer: &mut Writer, version: Version) {
        let texts: [(Tag, &Option<String>, Version); 7] = [
            (settings::MODEL, &self.model, Version::V12_0),
            (settings::IMEI, &self.imei, Version::V12_0),
            (settings::FRIENDLY_NAME, &self.friendly_name, Version::V12_0),
            (settings::OS, &self.os, Version::V12_0),
            (settings::OS_LANGUAGE, &self.os_language, Version::V12_0),
            (settings::PHONE_NUMBER, &self.phone_number, Version::V12_0),
            (settings::USER_AGENT, &self.user_agent, Version::V12_1),
        ];
        writer.nest(settings::DEVICE_INFORMATION, |w| {
            w.nest(settings::SET, |w| {
                for (tag, value, since) in texts {
                    if version >= since {
                        w.optional(tag, value.as_deref());
                    }
                }
                if version >= Version::V14_0 {
                    w.optional(
                        settings::ENABLE_OUTBOUND_SMS,
                        self.enable_outbound_sms.map(|on| if on { "1" } else { "0" }),
                    );
                    w.optional(settings::MOBILE_OPERATOR, self.mobile_operator.as_deref());
                }
            });
        });
    }
}

/// Writes the answer to a `DeviceInformation`: its Status.
pub(crate) fn write_status(writer: &mut Writer, status: u16) {
    writer.nest(settings::DEVICE_INFORMATION, |w| w.number(settings::STATUS, status));
}
