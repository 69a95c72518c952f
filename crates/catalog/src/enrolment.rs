//! The ways in which a device can be enrolled, by platform. A way that comes is a line here and its steps in the texts.

use crate::Platform;

/// A way of enrolling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The company's mail account over ActiveSync: the first contact enrols.
    MailAccount,
}

impl Way {
    /// Stored name, part of the keys of its steps.
    pub fn key(self) -> &'static str {
        match self {
            Way::MailAccount => "mail",
        }
    }
}

/// A way with the platforms that take it.
#[derive(Debug)]
pub struct WayInfo {
    /// The way.
    pub way: Way,
    /// For whom, in the order of the choice.
    pub platforms: &'static [Platform],
}

/// Every way; the first one of a platform is offered.
pub static WAYS: &[WayInfo] = &[WayInfo {
    way: Way::MailAccount,
    platforms: &[Platform::Ios, Platform::Android, Platform::Windows, Platform::Macos, Platform::Other],
}];
