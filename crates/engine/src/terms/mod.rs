//! Terms of use: written as a draft, published as a version, accepted by users.
//!
//! The texts are read from the store when somebody looks at them; what is in force stands with the organization, and
//! what a user accepted stands with the user, so that every verdict can be computed in memory.

mod accept;
mod publish;

pub use accept::{Shown, accept, current, is_due};
pub(crate) use publish::carry_out;
pub use publish::{publication, publish, withdraw};

use std::collections::BTreeMap;

use catalog::{Liability, Permission};
use domain::model::{JournalEntry, TERMS_TEXT_MAX, Terms, TermsId};
use serde_json::json;
use store::repo::{self, constraint};

use crate::issues::{Issues, unchanged};
use crate::{Engine, Error, Result, Scope};

/// Languages that terms can be written in.
pub const MOST_LANGUAGES: usize = 30;

/// What is entered for a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsInput {
    /// The text in each language, by its tag (`en`, `de`, `pt-BR`), at most [`MOST_LANGUAGES`].
    pub texts: BTreeMap<String, String>,
    /// The language for people whose own there is no text in; one of the texts.
    pub main_language: String,
    /// What is new, at most 1,000 letters; may be empty.
    pub changes: String,
    /// Those who accepted an earlier version must accept this one.
    pub accept_again: bool,
    /// Who must accept: the users of such devices; `None`: everyone.
    pub liability: Option<Liability>,
}

/// All versions, the newest first; a draft comes before them.
///
/// # Errors
/// [`Error::Denied`]; storage errors.
pub async fn list(engine: &Engine, scope: &Scope) -> Result<Vec<Terms>> {
    scope.require(Permission::OrganizationView)?;
    let read = async |tx: &mut store::Tx| Ok::<_, Error>(repo::terms::list(tx).await?);
    engine.store.read(scope.organization(), read).await
}

/// A version or the draft.
///
/// # Errors
/// [`Error::NotFound`], also for another organization's.
pub async fn get(engine: &Engine, scope: &Scope, id: TermsId) -> Result<Terms> {
    scope.require(Permission::OrganizationView)?;
    let read = async move |tx: &mut store::Tx| Ok::<_, Error>(repo::terms::get(tx, id).await?);
    engine.store.read(scope.organization(), read).await?.ok_or(Error::NotFound("version of the terms"))
}

/// Writes the draft of the next version.
///
/// # Errors
/// [`Error::Invalid`] by field; [`Error::Conflict`] while there is a draft already.
pub async fn draft(engine: &Engine, scope: &Scope, input: TermsInput) -> Result<TermsId> {
    scope.require(Permission::OrganizationEdit)?;
    let input = checked(input)?;
    let (organization, now) = (scope.organization(), engine.now());
    let id = engine.entropy.id(now);
    let blank = Terms {
        organization,
        id,
        rev: 0,
        version: 0,
        texts: BTreeMap::new(),
        main_language: String::new(),
        changes: String::new(),
        accept_again: true,
        liability: None,
        created_at: now,
        published: None,
    };
    let unit = async move |tx: &mut store::Tx| {
        let mut terms = filled(blank.clone(), &input);
        repo::terms::put(tx, &mut terms).await.map_err(one_draft)?;
        tx.journal(entry("terms.drafted", &terms));
        Ok::<_, Error>(())
    };
    engine.store.write(organization, scope.actor().clone(), unit).await?;
    Ok(id)
}

/// Changes the draft; what is published stays as it was accepted.
///
/// # Errors
/// As [`draft`]; [`Error::NotFound`]; [`Error::Conflict`] for a published version or another `rev` than the one seen.
pub async fn edit(
    engine: &Engine,
    scope: &Scope,
    id: TermsId,
    seen: Option<i64>,
    input: TermsInput,
) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    let input = checked(input)?;
    let unit = async move |tx: &mut store::Tx| {
        let terms = the_draft(tx, id).await?;
        unchanged(seen, terms.rev)?;
        let mut terms = filled(terms, &input);
        repo::terms::put(tx, &mut terms).await?;
        tx.journal(entry("terms.draft_changed", &terms));
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

/// Throws the draft away.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] for a published version.
pub async fn discard(engine: &Engine, scope: &Scope, id: TermsId) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    let unit = async move |tx: &mut store::Tx| {
        let terms = the_draft(tx, id).await?;
        repo::terms::remove_draft(tx, id).await?;
        tx.journal(entry("terms.draft_removed", &terms));
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

async fn the_draft(tx: &mut store::Tx, id: TermsId) -> Result<Terms> {
    let terms = repo::terms::get(tx, id).await?.ok_or(Error::NotFound("version of the terms"))?;
    if terms.version > 0 {
        return Err(Error::conflict(
            "This version is published, and people accepted it as it is. Write a new version.",
        ));
    }
    Ok(terms)
}

fn filled(mut terms: Terms, input: &TermsInput) -> Terms {
    terms.texts.clone_from(&input.texts);
    terms.main_language.clone_from(&input.main_language);
    terms.changes.clone_from(&input.changes);
    terms.accept_again = input.accept_again;
    terms.liability = input.liability;
    terms
}

fn checked(mut input: TermsInput) -> Result<TermsInput> {
    let mut issues = Issues::default();
    let texts = std::mem::take(&mut input.texts);
    input.texts = texts
        .into_iter()
        .map(|(tag, text)| (tag.trim().to_owned(), text.replace("\r\n", "\n").trim().to_owned()))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    input.main_language = input.main_language.trim().to_owned();
    input.changes = input.changes.trim().to_owned();
    issues.check(!input.texts.is_empty(), "texts", || "Enter the text in at least one language.".into());
    issues.check(input.texts.len() <= MOST_LANGUAGES, "texts", || {
        format!("Terms can be written in at most {MOST_LANGUAGES} languages.")
    });
    for (tag, text) in &input.texts {
        issues.check(is_language(tag), "texts", || {
            format!("“{}” is no language. Enter a tag such as en, de or pt-BR.", short(tag))
        });
        issues.check(text.chars().count() <= TERMS_TEXT_MAX, "texts", || {
            format!("The text in {} has more than {TERMS_TEXT_MAX} letters.", short(tag))
        });
        let odd = |c: char| c.is_control() && c != '\n' && c != '\t';
        issues.check(!text.contains(odd), "texts", || {
            format!("The text in {} holds control characters. Enter plain text.", short(tag))
        });
    }
    issues.check(input.texts.contains_key(&input.main_language), "main_language", || {
        "Choose one of the languages that there is a text in.".into()
    });
    let changes = &input.changes;
    issues.check(changes.chars().count() <= 1000 && !changes.contains('\0'), "changes", || {
        "Enter at most 1,000 letters.".into()
    });
    issues.done()?;
    Ok(input)
}

/// A language with or without a region, as RFC 5646 writes the common ones.
fn is_language(tag: &str) -> bool {
    let (language, region) = tag.split_once('-').map_or((tag, None), |(l, r)| (l, Some(r)));
    (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && region.is_none_or(|r| r.len() == 2 && r.bytes().all(|b| b.is_ascii_uppercase()))
}

fn short(tag: &str) -> String {
    tag.chars().take(12).collect()
}

fn one_draft(error: store::StoreError) -> Error {
    if error.is_conflict(constraint::TERMS_VERSION) {
        return Error::conflict("There is a draft already. Edit it, or remove it first.");
    }
    error.into()
}

fn entry(event: &'static str, terms: &Terms) -> JournalEntry {
    let languages: Vec<_> = terms.texts.keys().collect();
    JournalEntry {
        event,
        subject: terms.id.to_string(),
        body: json!({ "name": terms.version.to_string(), "version": terms.version, "languages": languages,
            "accept_again": terms.accept_again, "liability": terms.liability }),
    }
}
