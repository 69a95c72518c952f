//! What Apple answers, and what follows from it.

use std::time::Duration;

use serde::Deserialize;

use super::Outcome;

/// Wait after a token was pushed to too often.
const TOO_MANY: Duration = Duration::from_mins(1);
/// Wait after Apple said that it has a problem.
const TROUBLE: Duration = Duration::from_secs(15);
/// Longest wait that an answer may ask for.
const LONGEST: u64 = 3_600;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub status: u16,
    pub id: Option<String>,
    pub retry_after: Option<u64>,
    pub body: Vec<u8>,
}

#[derive(Deserialize, Default)]
struct Said {
    #[serde(default)]
    reason: String,
    timestamp: Option<i64>,
}

impl Answer {
    /// The outcome. Waits are spread by the token, so that those who were refused together do not come back together.
    pub fn outcome(self, token: &[u8]) -> Outcome {
        let said: Said = serde_json::from_slice(&self.body).unwrap_or_default();
        let reason: String = said.reason.chars().take(100).collect();
        let words = if reason.is_empty() { format!("status {}", self.status) } else { reason.clone() };
        let later = |usual: Duration| {
            let wait =
                self.retry_after.map_or(usual, |seconds| Duration::from_secs(seconds.clamp(1, LONGEST)));
            Outcome::Later(spread(wait, token), words.clone())
        };
        match (self.status, reason.as_str()) {
            (200, _) => Outcome::Sent(self.id),
            (410, _) => Outcome::Unregistered(said.timestamp.unwrap_or(0)),
            (
                400,
                "BadDeviceToken" | "DeviceTokenNotForTopic" | "BadTopic" | "TopicDisallowed" | "MissingTopic",
            ) => Outcome::Unusable(reason),
            (403, _) => Outcome::Certificate(words),
            (429, _) => later(TOO_MANY),
            (500.., _) => later(TROUBLE),
            _ => Outcome::Refused(words),
        }
    }
}

/// A wait between the given one and half as much again.
pub(super) fn spread(wait: Duration, by: &[u8]) -> Duration {
    let sum = by.iter().fold(17_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
    wait + wait / 2 * (sum % 1_000) / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Outcome {
        Answer { status, id: Some("i".into()), retry_after: None, body: body.into() }.outcome(&[1, 2])
    }

    #[test]
    fn each_answer_has_its_consequence() {
        assert_eq!(answer(200, ""), Outcome::Sent(Some("i".into())));
        assert_eq!(
            answer(410, r#"{"reason":"Unregistered","timestamp":1700000000123}"#),
            Outcome::Unregistered(1_700_000_000_123)
        );
        for reason in ["BadDeviceToken", "DeviceTokenNotForTopic", "BadTopic"] {
            assert_eq!(answer(400, &format!(r#"{{"reason":"{reason}"}}"#)), Outcome::Unusable(reason.into()));
        }
        assert_eq!(
            answer(400, r#"{"reason":"BadExpirationDate"}"#),
            Outcome::Refused("BadExpirationDate".into())
        );
        assert_eq!(
            answer(403, r#"{"reason":"BadCertificate"}"#),
            Outcome::Certificate("BadCertificate".into())
        );
        assert_eq!(answer(413, "not JSON"), Outcome::Refused("status 413".into()));
        for (status, least) in [(429, 60), (500, 15), (503, 15)] {
            let Outcome::Later(wait, _) = answer(status, "{}") else { panic!("{status}") };
            assert!((least..least * 3 / 2 + 1).contains(&wait.as_secs()), "{wait:?}");
        }
        let asked = Answer { status: 503, id: None, retry_after: Some(1_000_000), body: vec![] };
        let Outcome::Later(wait, _) = asked.outcome(&[]) else { panic!("later") };
        assert!(wait <= Duration::from_secs(LONGEST * 3 / 2), "no answer may silence us for ever");
    }
}
