//! What a device asks of Settings.

use std::fmt;

use zeroize::Zeroizing;

use crate::body::{self, Error};
use crate::codepages::token::settings as t;
use crate::device_information::DeviceInformation;
use crate::version::Version;
use crate::wbxml::{Element, Writer};

/// Longest recovery password in bytes (MS-ASCMD, Password (Settings)).
const MAX_PASSWORD: usize = 256;
/// Longest body type.
const MAX_BODY_TYPE: usize = 16;

/// A device's Settings request. Several parts may be asked for at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The device says what it is.
    pub device_information: Option<DeviceInformation>,
    /// The device asks for the user's addresses.
    pub user_information: bool,
    /// Out-of-office.
    pub oof: Option<Oof>,
    /// The device hands over its recovery password, or takes it back.
    pub device_password: Option<DevicePassword>,
    /// The device asks for rights-management templates; from 14.1.
    pub rights_management: bool,
}

/// What a device asks about out-of-office messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oof {
    /// Read them; `Text` or `HTML` is wanted.
    Get {
        /// The wanted form.
        body_type: String,
    },
    /// Change them; the content is not read.
    Set,
}

/// What a device says about its recovery password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DevicePassword {
    /// Keep this one.
    Set(RecoveryPassword),
    /// Forget it.
    Clear,
}

/// A recovery password. Neither printed nor left in memory.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryPassword(Zeroizing<String>);

impl RecoveryPassword {
    /// Takes a password.
    pub fn new(password: String) -> RecoveryPassword {
        RecoveryPassword(Zeroizing::new(password))
    }

    /// Gives out the password, for sealing.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RecoveryPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryPassword(…)")
    }
}

impl Request {
    /// Reads a request body.
    pub fn parse(bytes: &[u8]) -> Result<Request, Error> {
        let root = body::parse(bytes, t::SETTINGS)?;
        let information = root.child(t::DEVICE_INFORMATION);
        Ok(Request {
            device_information: information.map(DeviceInformation::from_element).transpose()?,
            user_information: root.child(t::USER_INFORMATION).is_some(),
            oof: root.child(t::OOF).map(oof).transpose()?,
            device_password: root.child(t::DEVICE_PASSWORD).map(device_password).transpose()?,
            rights_management: root.child(t::RIGHTS_MANAGEMENT_INFORMATION).is_some(),
        })
    }

    /// Writes the request of a device that says what it is and asks for the user's addresses.
    pub fn encode(&self, version: Version) -> Vec<u8> {
        let mut writer = Writer::with_capacity(512);
        writer.nest(t::SETTINGS, |w| {
            if let Some(information) = &self.device_information {
                information.write(w, version);
            }
            match &self.oof {
                Some(Oof::Get { body_type }) => {
                    w.nest(t::OOF, |w| w.nest(t::GET, |w| w.leaf(t::BODY_TYPE, body_type)));
                }
                Some(Oof::Set) => w.nest(t::OOF, |w| w.nest(t::SET, |w| w.number(t::OOF_STATE, 0))),
                None => {}
            }
            if let Some(password) = &self.device_password {
                let text = match password {
                    DevicePassword::Set(password) => password.reveal(),
                    DevicePassword::Clear => "",
                };
                w.nest(t::DEVICE_PASSWORD, |w| w.nest(t::SET, |w| w.leaf(t::PASSWORD, text)));
            }
            if self.user_information {
                w.nest(t::USER_INFORMATION, |w| w.empty(t::GET));
            }
            if self.rights_management {
                w.nest(t::RIGHTS_MANAGEMENT_INFORMATION, |w| w.empty(t::GET));
            }
        });
        writer.finish()
    }
}

fn oof(element: &Element<'_>) -> Result<Oof, Error> {
    match (element.child(t::GET), element.child(t::SET)) {
        (Some(get), _) => {
            let body_type = body::string(get, t::BODY_TYPE, MAX_BODY_TYPE)?;
            Ok(Oof::Get { body_type: body_type.unwrap_or_else(|| "Text".to_owned()) })
        }
        (None, Some(_)) => Ok(Oof::Set),
        (None, None) => Err(Error::Missing(t::GET)),
    }
}

fn device_password(element: &Element<'_>) -> Result<DevicePassword, Error> {
    let set = element.child(t::SET).ok_or(Error::Missing(t::SET))?;
    // Not trimmed: blanks may belong to a password.
    let password = set.child(t::PASSWORD).map(|p| p.text().ok_or(Error::Invalid(t::PASSWORD))).transpose()?;
    match password {
        None | Some("") => Ok(DevicePassword::Clear),
        Some(text) if text.len() > MAX_PASSWORD => Err(Error::TooLong(t::PASSWORD)),
        Some(text) => Ok(DevicePassword::Set(RecoveryPassword::new(text.to_owned()))),
    }
}
