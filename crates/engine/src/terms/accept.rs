//! What a user reads, and that he accepted it.

use domain::model::{Actor, JournalEntry, OrganizationId, TermsAccepted, TermsInForce, User, UserId};
use serde_json::json;
use store::repo;

use crate::{Engine, Error, Result};

/// The terms as a user reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The version in force.
    pub version: u32,
    /// The language of the text.
    pub language: String,
    /// The text: paragraphs between empty lines.
    pub text: String,
    /// What is new since the version that the user accepted last; empty when he never accepted one.
    pub changes: String,
    /// The user must still accept it.
    pub due: bool,
}

/// The terms in force for a user, in the language nearest to his; `None`: he need not accept any.
///
/// # Errors
/// [`Error::NotFound`] for a user who is gone; storage errors.
pub async fn current(
    engine: &Engine,
    organization: OrganizationId,
    user: UserId,
    language: &str,
) -> Result<Option<Shown>> {
    let Some((force, user, due)) = asked(engine, organization, user)? else { return Ok(None) };
    let read = async move |tx: &mut store::Tx| Ok::<_, Error>(repo::terms::get(tx, force.terms).await?);
    let terms =
        engine.store.read(organization, read).await?.ok_or(Error::NotFound("version of the terms"))?;
    let (language, text) = terms.text(language);
    Ok(Some(Shown {
        version: terms.version,
        language: language.to_owned(),
        text: text.to_owned(),
        changes: if user.accepted.is_empty() { String::new() } else { terms.changes.clone() },
        due,
    }))
}

/// Whether a user has still to accept the terms in force.
pub fn is_due(engine: &Engine, user: &User) -> bool {
    matches!(asked(engine, user.organization, user.id), Ok(Some((_, _, true))))
}

/// What a user is asked: the version in force, and whether it is still to be accepted.
fn asked(
    engine: &Engine,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<(TermsInForce, std::sync::Arc<User>, bool)>> {
    let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let user = org.user(user).cloned().ok_or(Error::NotFound("user"))?;
    let Some(force) = org.organization.terms.clone() else { return Ok(None) };
    // A user of both kinds of devices is asked for the one that the terms are for; without devices his own counts.
    let own = crate::assignment::liability_of(&org, &user, None).value;
    let devices = org.devices.of_user(user.id);
    let of_device = |device| crate::assignment::liability_of(&org, &user, Some(device)).value;
    let liabilities = devices.into_iter().map(|device| of_device(device)).chain([own]);
    let answers: Vec<_> = liabilities.filter_map(|liability| force.accepted_by(&user, liability)).collect();
    Ok(answers.first().copied().map(|accepted| (force, user, !accepted)))
}

/// A user accepts the version that he was shown. A second time changes nothing.
///
/// # Errors
/// [`Error::Conflict`] when another version is in force by now; [`Error::NotFound`] for a user who is gone.
pub async fn accept(
    engine: &Engine,
    organization: OrganizationId,
    user: UserId,
    version: u32,
    language: &str,
    device: &str,
) -> Result<()> {
    let now = engine.now();
    let cut = |text: &str, most| text.chars().filter(|c| !c.is_control()).take(most).collect::<String>();
    let accepted = TermsAccepted { version, at: now, language: cut(language, 12), device: cut(device, 200) };
    let username = {
        let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
        let found = org.read().user(user).map(|user| user.username.clone());
        found.ok_or(Error::NotFound("user"))?
    };
    let unit = async move |tx: &mut store::Tx| {
        let head =
            repo::organizations::get(tx, organization).await?.ok_or(Error::NotFound("organization"))?;
        if head.terms.is_none_or(|force| force.version != version) {
            let why = "These terms were replaced meanwhile. Read the new ones, and accept them.";
            return Err(Error::conflict(why));
        }
        let mut user = repo::users::get(tx, user).await?.ok_or(Error::NotFound("user"))?;
        if user.accepted.iter().any(|known| known.version == version) {
            return Ok(());
        }
        user.accepted.push(accepted.clone());
        repo::users::put(tx, &mut user).await?;
        tx.journal(JournalEntry {
            event: "terms.accepted",
            subject: user.id.to_string(),
            body: json!({ "name": user.display_name, "version": version, "language": accepted.language,
                "device": accepted.device }),
        });
        Ok::<_, Error>(())
    };
    engine.store.write(organization, Actor::User(user, username), unit).await?;
    crate::compliance::reevaluate_user(engine, organization, user).await
}
