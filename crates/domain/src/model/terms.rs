//! Terms of use: what people accept before their devices are managed, in versions.

use std::collections::BTreeMap;

use catalog::{Liability, Millis};
use serde::{Deserialize, Serialize};

use super::{Actor, OrganizationId, User};
use crate::{Id, IdKind};

/// Letters of one text at most.
pub const TERMS_TEXT_MAX: usize = 60_000;

/// One version of an organization's terms, or the draft of the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: TermsId,
    /// Grows with every write.
    pub rev: i64,
    /// 1 for the first version; 0 while it is a draft.
    pub version: u32,
    /// The text in each language, by its tag (`en`, `de`, `pt-BR`).
    pub texts: BTreeMap<String, String>,
    /// The language for people whose own there is no text in.
    pub main_language: String,
    /// What is new, for those who accepted an earlier version; may be empty.
    pub changes: String,
    /// Those who accepted an earlier version must accept this one.
    pub accept_again: bool,
    /// Who must accept: the users of such devices; `None`: everyone.
    pub liability: Option<Liability>,
    /// When it was written.
    pub created_at: Millis,
    /// When it was published, and by whom.
    pub published: Option<(Millis, Actor)>,
}

/// Id of a version of the terms.
pub type TermsId = Id<Terms>;
impl IdKind for Terms {
    const PREFIX: &'static str = "trm";
}

impl Terms {
    /// The text for a person of this language, and the language it is in: the same, else the same without its region,
    /// else the main one.
    pub fn text(&self, language: &str) -> (&str, &str) {
        let short = language.split('-').next().unwrap_or_default();
        let found =
            [language, short, &self.main_language].into_iter().find_map(|tag| self.texts.get_key_value(tag));
        found.or_else(|| self.texts.first_key_value()).map_or(("", ""), |(tag, text)| (tag, text))
    }
}

/// The version in force, as it stands with the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsInForce {
    /// Where the texts are.
    pub terms: TermsId,
    /// Its version.
    pub version: u32,
    /// The oldest version whose acceptance still counts.
    pub counts_from: u32,
    /// Who must accept; `None`: everyone.
    pub liability: Option<Liability>,
    /// Since when.
    pub since: Millis,
}

impl TermsInForce {
    /// Whether somebody whose devices are of this liability has accepted; `None`: he need not.
    pub fn accepted_by(&self, user: &User, liability: Liability) -> Option<bool> {
        let asked = self.liability.is_none_or(|of| of == liability);
        asked.then(|| user.accepted.iter().any(|accepted| accepted.version >= self.counts_from))
    }
}

/// That a user accepted a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsAccepted {
    /// The version.
    pub version: u32,
    /// When.
    pub at: Millis,
    /// The language of the text that was shown.
    pub language: String,
    /// On what, in words: the device, or the browser.
    pub device: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn terms(texts: &[(&str, &str)]) -> Terms {
        let texts = texts.iter().map(|(tag, text)| ((*tag).to_owned(), (*text).to_owned())).collect();
        Terms {
            organization: OrganizationId::from_uuid(Uuid::from_u128(1)),
            id: TermsId::from_uuid(Uuid::from_u128(2)),
            rev: 1,
            version: 1,
            texts,
            main_language: "de".into(),
            changes: String::new(),
            accept_again: true,
            liability: None,
            created_at: 0,
            published: None,
        }
    }

    #[test]
    fn a_person_reads_the_nearest_language() {
        let all = terms(&[("de", "Bitte"), ("en", "Please"), ("pt-BR", "Por favor")]);
        assert_eq!(all.text("en"), ("en", "Please"));
        assert_eq!(all.text("en-GB"), ("en", "Please"));
        assert_eq!(all.text("pt-BR"), ("pt-BR", "Por favor"));
        assert_eq!(all.text("fr"), ("de", "Bitte"));
        assert_eq!(terms(&[("fr", "Merci")]).text("en"), ("fr", "Merci"), "a text rather than none");
        assert_eq!(terms(&[]).text("en"), ("", ""));
    }

    #[test]
    fn only_what_counts_and_only_who_is_asked() {
        let org = OrganizationId::from_uuid(Uuid::from_u128(1));
        let mut user = User::new(org, Id::from_uuid(Uuid::from_u128(3)), "mara".into(), 0);
        let terms = TermsId::from_uuid(Uuid::from_u128(2));
        let mut force = TermsInForce { terms, version: 3, counts_from: 2, liability: None, since: 0 };
        assert_eq!(force.accepted_by(&user, Liability::Corporate), Some(false));
        let accepted =
            |version| TermsAccepted { version, at: 5, language: "de".into(), device: "iPhone".into() };
        user.accepted.push(accepted(1));
        assert_eq!(
            force.accepted_by(&user, Liability::Corporate),
            Some(false),
            "of an age that counts no more"
        );
        user.accepted.push(accepted(2));
        assert_eq!(force.accepted_by(&user, Liability::Corporate), Some(true));
        force.liability = Some(Liability::Individual);
        assert_eq!(force.accepted_by(&user, Liability::Corporate), None);
        assert_eq!(force.accepted_by(&user, Liability::Individual), Some(true));
    }
}
