//! How many devices an organization may have, and until when it takes new ones.

use catalog::Millis;
use serde::{Deserialize, Serialize};

/// What a system administrator grants an organization. Whatever it says, devices that are there are served and can be
/// locked and wiped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quota {
    /// At so many devices its administrators are warned; `None`: never.
    pub soft: Option<u32>,
    /// More devices are not taken in; `None`: no limit.
    pub hard: Option<u32>,
    /// From this moment on no device is taken in; `None`: never.
    pub expires_at: Option<Millis>,
}

/// Why an organization takes no new device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotaReason {
    /// It has as many devices as granted.
    Full,
    /// Its time is over.
    Expired,
}

impl Quota {
    /// Largest limit that can be entered.
    pub const MOST: u32 = 10_000_000;

    /// Whether one more device may come beside so many.
    ///
    /// # Errors
    /// Why not.
    pub fn admits(&self, devices: usize, now: Millis) -> Result<(), QuotaReason> {
        if self.expires_at.is_some_and(|at| at <= now) {
            return Err(QuotaReason::Expired);
        }
        if self.hard.is_some_and(|hard| devices >= hard as usize) { Err(QuotaReason::Full) } else { Ok(()) }
    }

    /// Whether so many devices are as many as administrators are to be warned of.
    pub fn is_near(&self, devices: usize) -> bool {
        self.soft.is_some_and(|soft| devices >= soft as usize)
    }
}

impl QuotaReason {
    /// The word in the journal.
    pub fn key(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Expired => "expired",
        }
    }

    /// One sentence, for whoever wanted to add a device.
    pub fn words(self) -> &'static str {
        match self {
            Self::Full => {
                "The organization has as many devices as were granted to it. Remove records of devices that are gone, or ask the system administrator for more."
            }
            Self::Expired => {
                "The organization's time is over: it takes no new devices. Ask the system administrator to extend it."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_says_when_it_is_near_full_and_over() {
        let none = Quota::default();
        assert_eq!(none.admits(1_000_000, 5), Ok(()));
        assert!(!none.is_near(1_000_000));
        let quota = Quota { soft: Some(8), hard: Some(10), expires_at: Some(100) };
        assert_eq!((quota.is_near(7), quota.is_near(8)), (false, true));
        assert_eq!(quota.admits(9, 99), Ok(()));
        assert_eq!(quota.admits(10, 99), Err(QuotaReason::Full));
        assert_eq!(quota.admits(0, 100), Err(QuotaReason::Expired));
        assert_eq!(Quota { hard: Some(0), ..none }.admits(0, 0), Err(QuotaReason::Full), "none at all");
    }
}
