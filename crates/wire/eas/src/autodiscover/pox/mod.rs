//! The XML form: `POST /autodiscover/autodiscover.xml`.
//!
//! Reads requests of devices and answers of mail servers, writes answers. Documents with a DTD are refused, so
//! there are no entities to expand.

mod read;
mod write;

/// Largest document read, in bytes.
pub const MAX_DOCUMENT: usize = 64 << 10;

/// The answer schema of ActiveSync clients.
pub const MOBILE_SCHEMA: &str =
    "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006";
/// The server type of ActiveSync.
pub const MOBILE_SYNC: &str = "MobileSync";

/// Why a document was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Larger than [`MAX_DOCUMENT`].
    #[error("document too large")]
    TooLarge,
    /// Not XML in UTF-8, or with a DTD.
    #[error("not a plain XML document")]
    Xml,
    /// An element is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The mail address is none.
    #[error("not a mail address")]
    Email,
}

/// A device's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The mail address asked about.
    pub email: String,
    /// Which kind of answer is wanted.
    pub schema: String,
}

impl Request {
    /// Whether the device wants the answer for ActiveSync; desktop programs ask for another.
    pub fn is_mobile(&self) -> bool {
        self.schema.eq_ignore_ascii_case(MOBILE_SCHEMA)
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Here are the servers.
    Settings {
        /// The user.
        user: User,
        /// Where to go.
        servers: Vec<Server>,
    },
    /// Ask again with this address.
    Redirect {
        /// The user.
        user: User,
        /// The other mail address.
        email: String,
    },
    /// Ask again at this URL.
    RedirectUrl(String),
    /// The protocol's own error.
    Error {
        /// The user.
        user: User,
        /// 1: the directory failed; 2: the request was wrong.
        status: u16,
        /// For people.
        message: String,
    },
    /// An error of the framework around the protocol: 600 invalid request, 601 no provider for the schema.
    Framework {
        /// 600 or 601.
        code: u16,
        /// For people.
        message: String,
    },
}

/// The user in an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// The name shown.
    pub display_name: String,
    /// The mail address.
    pub email: String,
}

/// A server in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// [`MOBILE_SYNC`] or another.
    pub kind: String,
    /// Its URL.
    pub url: String,
    /// Its name; for ActiveSync the URL again.
    pub name: String,
}

impl Server {
    /// The ActiveSync server at a URL.
    pub fn mobile_sync(url: &str) -> Server {
        Server { kind: MOBILE_SYNC.to_owned(), url: url.to_owned(), name: url.to_owned() }
    }
}

impl Answer {
    /// The URL of the ActiveSync server in the answer.
    pub fn activesync_url(&self) -> Option<&str> {
        match self {
            Answer::Settings { servers, .. } => {
                servers.iter().find(|server| server.kind == MOBILE_SYNC).map(|server| server.url.as_str())
            }
            _ => None,
        }
    }

    /// The same answer with the gateway as the only server: every other kind of server is left out, because
    /// nothing stands behind the gateway for it.
    pub fn pointing_to(self, gateway_url: &str) -> Answer {
        match self {
            Answer::Settings { user, .. } => {
                Answer::Settings { user, servers: vec![Server::mobile_sync(gateway_url)] }
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests;
