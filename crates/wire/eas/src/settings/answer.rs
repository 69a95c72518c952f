//! What the server answers to Settings.

use crate::codepages::token::settings as t;
use crate::device_information;
use crate::status::settings::SUCCESS;
use crate::version::Version;
use crate::wbxml::Writer;

/// An answer: the overall status, and one part for each part of the request. Statuses are those of
/// [`crate::status::settings`] and the common ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status of the command; when it is not success, nothing else is written.
    pub status: u16,
    /// How the description of the device was received.
    pub device_information: Option<u16>,
    /// The user's addresses.
    pub user_information: Option<UserInformation>,
    /// Out-of-office: whether the question was a Get, which is answered "disabled", and the status.
    pub oof: Option<(bool, u16)>,
    /// How the recovery password was received.
    pub device_password: Option<u16>,
    /// The status of the rights-management part.
    pub rights_management: Option<u16>,
}

/// A user's names and addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserInformation {
    /// The name shown; from 14.1.
    pub display_name: Option<String>,
    /// Mail addresses, the main one first.
    pub addresses: Vec<String>,
}

impl Answer {
    /// An answer that is nothing but a status.
    pub fn status(status: u16) -> Answer {
        Answer { status, ..Answer::default() }
    }

    /// Writes the body in the form of the version.
    pub fn encode(&self, version: Version) -> Vec<u8> {
        let mut writer = Writer::with_capacity(256);
        writer.nest(t::SETTINGS, |w| {
            w.number(t::STATUS, self.status);
            if self.status == SUCCESS {
                self.write_parts(w, version);
            }
        });
        writer.finish()
    }

    fn write_parts(&self, w: &mut Writer, version: Version) {
        if let Some((get, status)) = self.oof {
            w.nest(t::OOF, |w| {
                w.number(t::STATUS, status);
                if get && status == SUCCESS {
                    w.nest(t::GET, |w| w.number(t::OOF_STATE, 0));
                }
            });
        }
        if let Some(status) = self.device_information {
            device_information::write_status(w, status);
        }
        if let Some(status) = self.device_password {
            w.nest(t::DEVICE_PASSWORD, |w| w.number(t::STATUS, status));
        }
        if let Some(user) = &self.user_information {
            w.nest(t::USER_INFORMATION, |w| {
                w.number(t::STATUS, SUCCESS);
                w.nest(t::GET, |w| user.write(w, version));
            });
        }
        if let Some(status) = self.rights_management {
            w.nest(t::RIGHTS_MANAGEMENT_INFORMATION, |w| w.number(t::STATUS, status));
        }
    }
}

impl UserInformation {
    /// Up to 14.0 a list of addresses; later an account with one main address among them.
    fn write(&self, w: &mut Writer, version: Version) {
        if version < Version::V14_1 {
            self.write_addresses(w, false);
            return;
        }
        w.nest(t::ACCOUNTS, |w| {
            w.nest(t::ACCOUNT, |w| {
                w.optional(t::USER_DISPLAY_NAME, self.display_name.as_deref());
                self.write_addresses(w, true);
            });
        });
    }

    fn write_addresses(&self, w: &mut Writer, with_primary: bool) {
        w.nest(t::EMAIL_ADDRESSES, |w| {
            for address in &self.addresses {
                w.leaf(t::SMTP_ADDRESS, address);
            }
            if with_primary {
                w.optional(t::PRIMARY_SMTP_ADDRESS, self.addresses.first().map(String::as_str));
            }
        });
    }
}
