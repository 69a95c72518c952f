//! Who a message is from: the identifiers of its sender, resolved.

use crate::Error;
use crate::plist::Dict;

/// What a shared iPad sends as UserID; its users are told apart by their short names.
pub const SHARED_IPAD_USER: &str = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF";

/// Longest identifier, bytes.
const LONGEST: usize = 255;

/// Which channel of an enrolment a message came by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The device, known by its UDID.
    Device,
    /// A user of a device.
    User,
    /// A user of a shared iPad.
    SharedUser,
    /// A device in user enrolment, known by an EnrollmentID: no UDID, no serial number.
    UserEnrolment,
    /// The user of a device in user enrolment.
    UserEnrolmentUser,
}

/// The sender of a message. What it says proves nothing; the certificate does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The channel.
    pub channel: Channel,
    /// UDID, or EnrollmentID in user enrolment: opaque, case-sensitive, 1 to 255 bytes.
    pub device: String,
    /// Who the user is, on the channels of users.
    pub user: Option<String>,
    /// The user's short name, as the device says it.
    pub user_name: Option<String>,
}

impl Enrolment {
    /// Resolves the identifiers of a message. A UDID counts more than an EnrollmentID beside it.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Wrong`].
    pub fn read(dict: &Dict) -> Result<Self, Error> {
        let user_name = identifier(dict, "UserShortName")?;
        if let Some(device) = identifier(dict, "UDID")? {
            let (channel, user) = match identifier(dict, "UserID")? {
                None => (Channel::Device, None),
                Some(user) if user == SHARED_IPAD_USER => {
                    let name = user_name.clone().ok_or(Error::Missing("UserShortName"))?;
                    (Channel::SharedUser, Some(name))
                }
                Some(user) => (Channel::User, Some(user)),
            };
            return Ok(Self { channel, device, user, user_name });
        }
        let device = identifier(dict, "EnrollmentID")?.ok_or(Error::Missing("UDID"))?;
        let user = identifier(dict, "EnrollmentUserID")?;
        let channel = if user.is_some() { Channel::UserEnrolmentUser } else { Channel::UserEnrolment };
        Ok(Self { channel, device, user, user_name })
    }

    /// One name for the channel: the device's, with the user's behind a colon.
    pub fn id(&self) -> String {
        match &self.user {
            Some(user) => format!("{}:{user}", self.device),
            None => self.device.clone(),
        }
    }

    /// Whether it is a channel of a user.
    pub fn is_user(&self) -> bool {
        self.user.is_some()
    }
}

fn identifier(dict: &Dict, key: &'static str) -> Result<Option<String>, Error> {
    match dict.get(key) {
        None => Ok(None),
        Some(value) => match value.text() {
            Some("") => Ok(None),
            Some(text) if text.len() <= LONGEST && !text.chars().any(char::is_control) => {
                Ok(Some(text.to_owned()))
            }
            _ => Err(Error::Wrong(key)),
        },
    }
}
