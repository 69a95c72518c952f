//! The end of a session at the provider, and of ours there.

use std::sync::Arc;

use domain::model::{IdentityProviderId, JournalEntry, Session, SessionProvider};
use serde_json::json;
use store::repo;
use wire_jose::{Logout, Refusal};

use super::desk;
use crate::{Engine, Error, Result};

/// How long a page waits for what a provider says of itself.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3);

/// Where a browser whose session here has ended can end the one at its provider, after the provider's name (RP-Initiated
/// Logout 1.0); `None` where that is not offered, or the provider does not say so soon. It sends the browser to `back`
/// then, which must be registered there.
pub async fn end_session_address(
    engine: &Engine,
    id: IdentityProviderId,
    back: &str,
) -> Option<(String, String)> {
    let (organization, provider) = engine.directory.identity_provider(id).filter(|(_, found)| found.on)?;
    let known = desk::known(engine, organization, &provider, false);
    let known = tokio::time::timeout(PATIENCE, known).await.ok()?.ok()?;
    let endpoint = known.metadata.end_session_endpoint.as_ref()?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([("client_id", provider.client_id.as_str()), ("post_logout_redirect_uri", back)]);
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    Some((provider.name, format!("{endpoint}{joint}{}", query.finish())))
}

/// Carries out a logout token that a provider sends (Back-Channel Logout 1.0). Answers how many sessions ended.
///
/// # Errors
/// [`Error::Invalid`] on `logout_token` for one that is not believed or comes again.
pub async fn back_channel(engine: &Engine, id: IdentityProviderId, token: &str) -> Result<usize> {
    let (organization, provider) =
        engine.directory.identity_provider(id).ok_or(Error::NotFound("identity provider"))?;
    let read = |keys| {
        wire_jose::logout_token(token, keys, &provider.issuer, &provider.client_id, engine.now() / 1000)
    };
    let known = desk::known(engine, organization, &provider, false).await?;
    let mut verified = read(&known.keys);
    if verified == Err(Refusal::UnknownKey) {
        let newer = desk::known(engine, organization, &provider, true).await?;
        verified = read(&newer.keys);
    }
    let wrong = |why: &str| Error::invalid("logout_token", why);
    let logout = verified.map_err(|why| wrong(&why.to_string()))?;
    if !engine.identity.is_new(id, &logout.id, engine.now()) {
        return Err(wrong("it was carried out already"));
    }
    let meant = meant(engine, organization, id, &logout);
    let name = provider.name.clone();
    let logout = Arc::new(logout);
    engine
        .store
        .write(organization, domain::model::Actor::System, async move |tx| {
            let mut count = meant.len();
            for session in &meant {
                repo::sessions::end(tx, &session.token_hash).await?;
            }
            for session in repo::user_sessions::of_provider(tx, id).await? {
                if !session.provider.as_ref().is_some_and(|of| is_meant(of, &logout)) {
                    continue;
                }
                repo::user_sessions::end(tx, session.user, &session.token_hash).await?;
                tx.journal(JournalEntry {
                    event: "user.signed_out",
                    subject: session.user.to_string(),
                    body: json!({ "by": name }),
                });
                count += 1;
            }
            for session in &meant {
                tx.journal(JournalEntry {
                    event: "session.revoked",
                    subject: session.administrator.to_string(),
                    body: json!({ "by": name }),
                });
            }
            Ok::<_, Error>(count)
        })
        .await
}

/// Whether a session that came through the provider is one that it means.
fn is_meant(of: &SessionProvider, logout: &Logout) -> bool {
    (logout.session.is_empty() || of.session == logout.session)
        && (logout.subject.is_empty() || of.subject == logout.subject)
}

/// The sessions that a provider means: those that came through it, of the subject and by the name that it gives.
fn meant(
    engine: &Engine,
    organization: domain::model::OrganizationId,
    id: IdentityProviderId,
    logout: &Logout,
) -> Vec<Session> {
    let all = engine.directory.administrators(organization);
    let of_subject = all.iter().filter(|admin| {
        admin.identity.as_ref().is_some_and(|identity| {
            identity.provider == id && (logout.subject.is_empty() || identity.subject == logout.subject)
        })
    });
    let sessions = of_subject.flat_map(|admin| engine.directory.sessions_of(admin.id));
    sessions
        .filter(|session| {
            session.provider.as_ref().is_some_and(|of| {
                of.provider == id && (logout.session.is_empty() || of.session == logout.session)
            })
        })
        .map(|session| Session::clone(&session))
        .collect()
}
