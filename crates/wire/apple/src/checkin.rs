//! Check-in messages: the state of an enrolment.

use crate::ddm::Endpoint;
use crate::plist::Dict;
use crate::{Enrolment, Error};

/// Longest text of a device about itself that is kept, bytes.
const LONGEST: usize = 1_024;

/// Bytes that are nobody's business.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(pub Vec<u8>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// A check-in message.
#[derive(Clone, PartialEq)]
pub struct CheckIn {
    /// The sender.
    pub enrolment: Enrolment,
    /// What it says.
    pub message: Message,
    /// The bytes as they came: they hold secrets.
    pub raw: Vec<u8>,
}

impl std::fmt::Debug for CheckIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckIn")
            .field("enrolment", &self.enrolment)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

/// What a check-in says.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// An enrolment begins; it is not done before the first TokenUpdate.
    Authenticate(Box<Authenticate>),
    /// How the device is reached; the first one says that it is enrolled.
    TokenUpdate(TokenUpdate),
    /// Management was removed; may never come.
    CheckOut,
    /// A network user signs in to a Mac; with the answer to a challenge at the second time.
    UserAuthenticate(Option<String>),
    /// The bootstrap token; empty: it is withdrawn.
    SetBootstrapToken(Secret),
    /// The bootstrap token is asked for.
    GetBootstrapToken,
    /// Declarative management: an endpoint, and JSON for some of them.
    DeclarativeManagement(Endpoint, Vec<u8>),
    /// A token of a service is asked for.
    GetToken(TokenService),
    /// A device that was erased asks how to return (iOS 26).
    ReturnToService,
}

/// What a device says of itself when it enrols; all of it is a claim.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Authenticate {
    /// The push topic of its profile.
    pub topic: String,
    /// `DeviceName`.
    pub device_name: Option<String>,
    /// `Model`, such as `MYAP2LL`.
    pub model: Option<String>,
    /// `ModelName`, such as `iPhone`.
    pub model_name: Option<String>,
    /// `ProductName`, such as `iPhone17,3`.
    pub product_name: Option<String>,
    /// `OSVersion`.
    pub os_version: Option<String>,
    /// `BuildVersion`.
    pub build_version: Option<String>,
    /// `SerialNumber`.
    pub serial_number: Option<String>,
    /// `IMEI`.
    pub imei: Option<String>,
    /// `MEID`.
    pub meid: Option<String>,
}

/// How a device is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUpdate {
    /// The push topic of its profile.
    pub topic: String,
    /// The push token.
    pub token: Vec<u8>,
    /// What a push has to say.
    pub push_magic: Secret,
    /// Clears the passcode; sent only when it changes, so an older one stays good.
    pub unlock_token: Option<Secret>,
    /// The device waits in its set-up assistant.
    pub awaiting_configuration: bool,
    /// The user is not at the console.
    pub not_on_console: bool,
}

/// A service whose token is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenService {
    /// `com.apple.maid`: Managed Apple Accounts.
    ManagedAppleAccount,
    /// `com.apple.watch.pairing`.
    WatchPairing {
        /// The security token of the refusal that asked for it.
        security_token: String,
        /// The phone.
        phone: String,
        /// The watch.
        watch: String,
    },
}

impl CheckIn {
    /// Reads a check-in from its dictionary and its bytes.
    pub(crate) fn from_dict(dict: &Dict, raw: &[u8]) -> Result<Self, Error> {
        let kind = dict.text("MessageType").ok_or(Error::Wrong("MessageType"))?;
        let message = match kind {
            "Authenticate" => Message::Authenticate(Box::new(authenticate(dict)?)),
            "TokenUpdate" => Message::TokenUpdate(token_update(dict)?),
            "CheckOut" => Message::CheckOut,
            "UserAuthenticate" => Message::UserAuthenticate(optional(dict, "DigestResponse")?),
            "SetBootstrapToken" => {
                Message::SetBootstrapToken(Secret(data(dict, "BootstrapToken")?.unwrap_or_default()))
            }
            "GetBootstrapToken" => Message::GetBootstrapToken,
            "DeclarativeManagement" => {
                let endpoint = Endpoint::read(dict.text("Endpoint").ok_or(Error::Missing("Endpoint"))?);
                let endpoint = endpoint.ok_or(Error::Wrong("Endpoint"))?;
                Message::DeclarativeManagement(endpoint, data(dict, "Data")?.unwrap_or_default())
            }
            "GetToken" => Message::GetToken(token_service(dict)?),
            "ReturnToService" => Message::ReturnToService,
            other => return Err(Error::UnknownMessage(other.chars().take(64).collect())),
        };
        Ok(Self { enrolment: Enrolment::read(dict)?, message, raw: raw.to_vec() })
    }
}

fn authenticate(dict: &Dict) -> Result<Authenticate, Error> {
    Ok(Authenticate {
        topic: required(dict, "Topic")?,
        device_name: optional(dict, "DeviceName")?,
        model: optional(dict, "Model")?,
        model_name: optional(dict, "ModelName")?,
        product_name: optional(dict, "ProductName")?,
        os_version: optional(dict, "OSVersion")?,
        build_version: optional(dict, "BuildVersion")?,
        serial_number: optional(dict, "SerialNumber")?,
        imei: optional(dict, "IMEI")?,
        meid: optional(dict, "MEID")?,
    })
}

fn token_update(dict: &Dict) -> Result<TokenUpdate, Error> {
    let token = data(dict, "Token")?.ok_or(Error::Missing("Token"))?;
    if !(1..=LONGEST).contains(&token.len()) {
        return Err(Error::Wrong("Token"));
    }
    Ok(TokenUpdate {
        topic: required(dict, "Topic")?,
        token,
        push_magic: Secret(required(dict, "PushMagic")?.into_bytes()),
        unlock_token: data(dict, "UnlockToken")?.filter(|token| !token.is_empty()).map(Secret),
        awaiting_configuration: truth(dict, "AwaitingConfiguration")?,
        not_on_console: truth(dict, "NotOnConsole")?,
    })
}

fn token_service(dict: &Dict) -> Result<TokenService, Error> {
    match dict.text("TokenServiceType").ok_or(Error::Missing("TokenServiceType"))? {
        "com.apple.maid" => Ok(TokenService::ManagedAppleAccount),
        "com.apple.watch.pairing" => {
            let parameters = dict.get("TokenParameters").and_then(|value| value.dict());
            let parameters = parameters.ok_or(Error::Missing("TokenParameters"))?;
            Ok(TokenService::WatchPairing {
                security_token: required(parameters, "SecurityToken")?,
                phone: required(parameters, "PhoneUDID")?,
                watch: required(parameters, "WatchUDID")?,
            })
        }
        _ => Err(Error::Wrong("TokenServiceType")),
    }
}

fn required(dict: &Dict, key: &'static str) -> Result<String, Error> {
    optional(dict, key)?.ok_or(Error::Missing(key))
}

/// A text; what is longer than anything honest is an error, and an empty one is none.
fn optional(dict: &Dict, key: &'static str) -> Result<Option<String>, Error> {
    match dict.get(key) {
        None => Ok(None),
        Some(value) => match value.text() {
            Some("") => Ok(None),
            Some(text) if text.len() <= LONGEST => Ok(Some(text.to_owned())),
            _ => Err(Error::Wrong(key)),
        },
    }
}

fn data(dict: &Dict, key: &'static str) -> Result<Option<Vec<u8>>, Error> {
    match dict.get(key) {
        None => Ok(None),
        Some(value) => value.data().map(|data| Some(data.to_vec())).ok_or(Error::Wrong(key)),
    }
}

fn truth(dict: &Dict, key: &'static str) -> Result<bool, Error> {
    dict.get(key).map_or(Ok(false), |value| value.truth().ok_or(Error::Wrong(key)))
}
