//! What a verified token says, and the checks that all kinds have in common.

use serde_json::{Map, Value};

use crate::{Refusal, SKEW};

/// Age at which a token that was made for this moment is too old, seconds.
const FRESH: i64 = 600;
/// Longest subject (OpenID Connect Core, 2).
const LONGEST_SUBJECT: usize = 255;

/// The claims of a token that was verified and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims(pub(crate) Map<String, Value>);

impl Claims {
    /// One of them.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// One that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// Whom it is about, unique with this issuer.
    pub fn subject(&self) -> &str {
        self.text("sub").unwrap_or_default()
    }

    /// Adds what a further answer of the provider says; what the token itself says stays.
    pub fn add(&mut self, more: Map<String, Value>) {
        for (name, value) in more {
            self.0.entry(name).or_insert(value);
        }
    }

    pub(crate) fn check_issuer(&self, issuer: &str) -> Result<(), Refusal> {
        if self.text("iss") == Some(issuer) { Ok(()) } else { Err(Refusal::Issuer) }
    }

    /// It is for this client, and for nobody that this client does not know of.
    pub(crate) fn check_audience(&self, client: &str) -> Result<(), Refusal> {
        let good = match self.get("aud") {
            Some(Value::String(one)) => one == client,
            Some(Value::Array(all)) => !all.is_empty() && all.iter().all(|one| one == client),
            _ => false,
        };
        let party = self.get("azp").is_none_or(|azp| azp == client);
        if good && party { Ok(()) } else { Err(Refusal::Audience) }
    }

    pub(crate) fn check_times(&self, now: i64) -> Result<(), Refusal> {
        let time = |name| match self.get(name) {
            None => Ok(None),
            Some(value) => value.as_i64().filter(|at| *at >= 0).map(Some).ok_or(Refusal::Time),
        };
        let (Some(ends), Some(made)) = (time("exp")?, time("iat")?) else { return Err(Refusal::Time) };
        let begun = time("nbf")?.is_none_or(|begins| begins <= now + SKEW);
        let good = now < ends.saturating_add(SKEW) && made <= now + SKEW && now - made <= FRESH && begun;
        if good { Ok(()) } else { Err(Refusal::Time) }
    }

    pub(crate) fn check_subject(&self) -> Result<(), Refusal> {
        let subject = self.subject();
        let good =
            (1..=LONGEST_SUBJECT).contains(&subject.len()) && subject.bytes().all(|b| b.is_ascii_graphic());
        if good { Ok(()) } else { Err(Refusal::Subject) }
    }
}
