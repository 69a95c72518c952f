//! How the server behaves; changed at any time through the control.

use std::time::Duration;

use crate::eas::Version;

/// How a device without a valid policy key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 449 at 12.1 and below, 200 with a status in the body above: as the specification says.
    ByVersion,
    /// 449 without a body at every version, as Z-Push does.
    Bare449,
    /// 449 with the status in the body, as Horde does.
    Full449,
}

/// A way to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// An HTTP status without a body; 503 carries Retry-After.
    Http(u16),
    /// The connection is closed without an answer.
    HangUp,
    /// 200 with bytes that are no WBXML.
    Garbage,
}

/// What a Provision is answered instead of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProvisionAnswer {
    /// An HTTP status without a body.
    Http(u16),
    /// 451 with this address.
    Moved(String),
    /// A status in the root.
    Status(u32),
}

/// The server's behaviour.
#[derive(Clone, Debug)]
pub struct Script {
    /// Versions offered and served.
    pub versions: Vec<Version>,
    /// Elements of its policy with their values; `None` is a server without policies, which answers
    /// "there is no policy for this client" and lets everybody in.
    pub policy: Option<Vec<(&'static str, String)>>,
    /// Form of refusals.
    pub refusal: Refusal,
    /// Refuse a Provision without device information at 14.1 and above (165).
    pub wants_information: bool,
    /// Answer every Provision in this way.
    pub provision: Option<ProvisionAnswer>,
    /// Announce a moved mailbox by this HTTP status, with the query of the request in its `Location`, as load balancers
    /// do; otherwise by 451.
    pub redirect: Option<u16>,
    /// Accept user name and password.
    pub basic: bool,
    /// Accept bearer tokens.
    pub bearer: bool,
    /// Say the mailbox's addresses in Settings.
    pub says_addresses: bool,
    /// Pack answers when the client allows it.
    pub gzip: bool,
    /// Send answers in chunks of this size.
    pub chunk: Option<usize>,
    /// Shortest and longest Ping and Sync interval, in seconds.
    pub heartbeat: (u32, u32),
    /// Wait this long before each answer.
    pub delay: Duration,
    /// Fail this many of the next requests, in this way.
    pub failing: Option<(u32, Failure)>,
    /// Address that Autodiscover hands out; empty for the server's own.
    pub autodiscover_url: String,
}

impl Default for Script {
    fn default() -> Script {
        Script {
            versions: Version::ALL.to_vec(),
            policy: Some(vec![
                ("Provision:DevicePasswordEnabled", "1".to_owned()),
                ("Provision:AlphanumericDevicePasswordRequired", "0".to_owned()),
                ("Provision:AttachmentsEnabled", "1".to_owned()),
                ("Provision:MinDevicePasswordLength", "9".to_owned()),
                ("Provision:MaxInactivityTimeDeviceLock", "1800".to_owned()),
                ("Provision:AllowSimpleDevicePassword", "1".to_owned()),
            ]),
            refusal: Refusal::ByVersion,
            wants_information: true,
            provision: None,
            redirect: None,
            basic: true,
            bearer: true,
            says_addresses: true,
            gzip: false,
            chunk: None,
            heartbeat: (60, 3540),
            delay: Duration::ZERO,
            failing: None,
            autodiscover_url: String::new(),
        }
    }
}
