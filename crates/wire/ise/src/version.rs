//! The three versions of the API and the choice between them.
//!
//! ISE says in `mdminfo` the highest version it knows; the answer must be equal or lower, and from then on
//! the version is part of every address ISE calls.

/// A version of the external-MDM API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiVersion {
    /// Positional paths, MAC addresses only (ISE 1.2 and 1.3).
    V1,
    /// Query parameters, more criteria, batches and messages.
    V2,
    /// GUIDs, several MACs and the time of the last check-in in answers (ISE 3.1 and later).
    V3,
}

impl ApiVersion {
    /// Every version, oldest first.
    pub const ALL: [Self; 3] = [Self::V1, Self::V2, Self::V3];

    /// 1, 2 or 3.
    pub fn number(self) -> u8 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
            Self::V3 => 3,
        }
    }

    /// The `api_path` to announce in `mdminfo` for this version: where the other calls are mounted, without
    /// the instance (ISE puts the instance in front itself).
    pub fn api_path(self) -> &'static str {
        match self {
            Self::V1 => "/ciscoise/mdmapi/v1",
            Self::V2 => "/ciscoise/mdmapi/v2",
            Self::V3 => "/ciscoise/mdmapi/v3",
        }
    }
}

/// The version to answer when ISE asked for `asked`: the highest that both sides know, never below 1.
pub fn negotiate(asked: u32) -> ApiVersion {
    match asked {
        0 | 1 => ApiVersion::V1,
        2 => ApiVersion::V2,
        _ => ApiVersion::V3,
    }
}

/// Reads `ise_api_version`. Absent or unreadable means 1, a number too large to hold is the largest.
pub(crate) fn asked_version(parameter: Option<&str>) -> u32 {
    let digits = parameter.unwrap_or_default().trim();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return 1;
    }
    digits.parse().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_never_higher_than_the_question_or_three() {
        let cases = [(None, 1), (Some("2"), 2), (Some("3"), 3), (Some("4"), 3), (Some("0"), 1)];
        for (parameter, number) in cases {
            assert_eq!(negotiate(asked_version(parameter)).number(), number, "{parameter:?}");
        }
    }

    #[test]
    fn junk_counts_as_one_and_a_huge_number_as_the_newest() {
        for junk in ["", " ", "x", "-3", "3.0", "3;", "+3"] {
            assert_eq!(asked_version(Some(junk)), 1, "{junk:?}");
        }
        assert_eq!(negotiate(asked_version(Some("99999999999999999999"))), ApiVersion::V3);
        assert_eq!(asked_version(Some(" 2 ")), 2);
    }
}
