//! What the server removes by its age, once a day.

use serde::{Deserialize, Serialize};

/// Records that are removed, or parts of them that are erased, when they are old enough.
#[derive(Debug)]
pub struct PurgeInfo {
    /// Which.
    pub purge: Purge,
    /// Key in REST and addresses.
    pub key: &'static str,
    /// Its name in the Database Task Scheduler.
    pub label: &'static str,
    /// What goes.
    pub about: &'static str,
    /// Whether the installation itself has such records, too.
    pub of_installation: bool,
}

macro_rules! purges {
    ($($purge:ident, $key:literal, $of_installation:literal, $label:literal, $about:literal;)+) => {
        /// Names what is removed by its age.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "the table says what they are")]
        pub enum Purge { $($purge),+ }

        /// All of them, in the order in which they are done.
        pub const PURGES: &[PurgeInfo] = &[$(PurgeInfo {
            purge: Purge::$purge, key: $key, of_installation: $of_installation, label: $label, about: $about,
        }),+];
    };
}

purges! {
    Tokens, "tokens", true,
        "Purge API tokens", "Tokens whose time is over.";
    Journal, "journal", true,
        "Purge the journal", "Old entries; what is left can still be verified.";
    JournalBodies, "journal_bodies", true,
        "Purge details in the journal", "What old entries say; who did what and when stays.";
    Commands, "commands", false,
        "Purge commands", "Commands that are over for long.";
    Exchanges, "exchanges", false,
        "Purge last exchanges", "The last exchanges of devices that were silent for long.";
    RadiusRequests, "radius_requests", false,
        "Purge requests to RADIUS servers", "Requests that are over.";
    Verdicts, "verdicts", false,
        "Purge former verdicts", "Old verdicts of devices; the one that holds is always kept.";
}

impl Purge {
    /// What is known of it.
    pub fn info(self) -> &'static PurgeInfo {
        &PURGES[self as usize]
    }

    /// From the key.
    pub fn from_key(key: &str) -> Option<Self> {
        PURGES.iter().find(|info| info.key == key).map(|info| info.purge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purge_finds_itself_by_its_stored_key() {
        for info in PURGES {
            assert_eq!(Purge::from_key(info.key), Some(info.purge));
            assert_eq!(info.purge.info().key, info.key);
            assert_eq!(serde_json::to_value(info.purge).expect("a word"), info.key);
        }
    }
}
