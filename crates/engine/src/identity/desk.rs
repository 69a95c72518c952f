//! What this node knows of providers: documents and keys, fetched when they are needed and kept for an hour.

use std::collections::HashMap;
use std::sync::Arc;

use clients::oidc::{self, Metadata, ProviderError, Way};
use clients::outbound::Reach;
use clients::trust;
use domain::Millis;
use domain::model::{IdentityProvider, IdentityProviderId, Organization, OrganizationId};
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use wire_jose::Keys;

use crate::{Engine, Error, Result};

/// How long documents and keys are used.
const KEPT: Millis = 3_600_000;
/// A token with a key that is not known makes us fetch the keys anew, at most so often.
const KEYS_AGAIN: Millis = 60_000;
/// A provider that failed is left alone for so long.
const REST: Millis = 20_000;
/// Exchanges with one provider at a time: one that hangs holds up nobody else.
const AT_ONCE: usize = 8;
/// Logout tokens that are remembered.
const LOGOUTS: usize = 10_000;
/// Sign-ins of users that are remembered.
const FLOWS: usize = 100_000;

/// A provider as it is known now.
#[derive(Clone)]
pub(super) struct Known {
    /// What the entry was fetched for: another issuer or other roots make it useless.
    rev: (String, String),
    pub(super) metadata: Arc<Metadata>,
    pub(super) keys: Arc<Keys>,
    at: Millis,
}

/// Providers, by id.
#[derive(Default)]
pub(crate) struct Desk {
    known: Mutex<HashMap<IdentityProviderId, Known>>,
    failed: Mutex<HashMap<IdentityProviderId, (Millis, String)>>,
    turns: Mutex<HashMap<IdentityProviderId, Arc<Semaphore>>>,
    /// Sign-ins of users that were ended, with the time at which they are over.
    flows: Mutex<HashMap<(IdentityProviderId, String), Millis>>,
    /// Ids of logout tokens that were carried out, with the time at which they are over.
    logouts: Mutex<HashMap<(IdentityProviderId, String), Millis>>,
}

impl Desk {
    /// Forgets what is known of a provider: it was changed.
    pub(super) fn forget(&self, id: IdentityProviderId) {
        self.known.lock().remove(&id);
        self.failed.lock().remove(&id);
    }

    /// Whether a logout token comes for the first time.
    pub(super) fn is_new(&self, provider: IdentityProviderId, token: &str, now: Millis) -> bool {
        is_first(&mut self.logouts.lock(), LOGOUTS, (provider, token), now)
    }

    /// Whether the sign-in of a user is ended for the first time, at this node. (A provider redeems a code once, too.)
    pub(super) fn is_new_flow(&self, provider: IdentityProviderId, state: &str, now: Millis) -> bool {
        is_first(&mut self.flows.lock(), FLOWS, (provider, state), now)
    }

    /// The addresses of a provider that this server asks: those that are known.
    pub(crate) fn addresses(&self, provider: &IdentityProvider) -> Vec<String> {
        let known = self.known.lock().get(&provider.id).map(|known| Arc::clone(&known.metadata));
        let known = known.iter().flat_map(|m| {
            let needed = [&m.token_endpoint, &m.jwks_uri].into_iter();
            needed.chain(m.userinfo_endpoint.as_ref()).cloned().collect::<Vec<_>>()
        });
        std::iter::once(provider.issuer.clone()).chain(known).collect()
    }

    fn turn(&self, id: IdentityProviderId) -> Arc<Semaphore> {
        let mut turns = self.turns.lock();
        Arc::clone(turns.entry(id).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))))
    }
}

/// Notes something for twenty minutes, if it was not noted already; where too much is noted, nothing is new.
fn is_first(
    seen: &mut HashMap<(IdentityProviderId, String), Millis>,
    most: usize,
    (provider, what): (IdentityProviderId, &str),
    now: Millis,
) -> bool {
    if seen.len() >= most {
        seen.retain(|_, until| *until > now);
    }
    let until = seen.get(&(provider, what.to_owned())).copied();
    let first = until.is_none_or(|until| until <= now) && seen.len() < most;
    if first {
        seen.insert((provider, what.to_owned()), now + 20 * 60_000);
    }
    first
}

/// How a provider is reached.
pub(super) fn way(engine: &Engine, organization: OrganizationId, provider: &IdentityProvider) -> Result<Way> {
    let trust = if provider.roots.is_empty() { trust::public() } else { trust::pinned(&provider.roots) };
    let reach =
        if organization == Organization::SYSTEM { Reach::Anywhere } else { crate::mail::reach(engine) };
    Ok(Way { reach, trust: trust.map_err(Error::Upstream)? })
}

/// Document and keys of a provider. `newer`: a token names a key that is not among those that are known.
pub(super) async fn known(
    engine: &Engine,
    organization: OrganizationId,
    provider: &IdentityProvider,
    newer: bool,
) -> Result<Known> {
    let (now, rev) = (engine.now(), (provider.issuer.clone(), provider.roots.clone()));
    let found = engine.identity.known.lock().get(&provider.id).filter(|known| known.rev == rev).cloned();
    if let Some(known) = found {
        let good = if newer { KEYS_AGAIN } else { KEPT };
        if now - known.at < good {
            return Ok(known);
        }
    }
    if let Some((at, why)) = engine.identity.failed.lock().get(&provider.id)
        && now - at < REST
    {
        return Err(Error::Upstream(why.clone()));
    }
    let fetched = fetch(engine, organization, provider).await;
    let mut failed = engine.identity.failed.lock();
    match fetched {
        Ok((metadata, keys)) => {
            failed.remove(&provider.id);
            let known = Known { rev, metadata: Arc::new(metadata), keys: Arc::new(keys), at: now };
            engine.identity.known.lock().insert(provider.id, known.clone());
            Ok(known)
        }
        Err(Error::Upstream(why)) => {
            failed.insert(provider.id, (now, why.clone()));
            Err(Error::Upstream(why))
        }
        Err(error) => Err(error),
    }
}

/// Document and keys, fetched now.
pub(super) async fn fetch(
    engine: &Engine,
    organization: OrganizationId,
    provider: &IdentityProvider,
) -> Result<(Metadata, Keys)> {
    let way = way(engine, organization, provider)?;
    ask(engine, provider, async {
        let metadata = oidc::discover(&provider.issuer, &way).await?;
        let keys = oidc::keys(&metadata, &way).await?;
        Ok((metadata, keys))
    })
    .await
}

/// Asks a provider, if not too many are asking it already.
pub(super) async fn ask<T>(
    engine: &Engine,
    provider: &IdentityProvider,
    question: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T> {
    let turn = engine.identity.turn(provider.id);
    let Ok(_permit) = turn.try_acquire() else { return Err(Error::Busy(5)) };
    let answer = question.await;
    match &answer {
        Err(ProviderError::Https(why)) => {
            engine.connections.failed(provider.id.uuid(), engine.now(), &why.to_string());
        }
        _ => engine.connections.worked(provider.id.uuid(), engine.now()),
    }
    answer.map_err(|why| Error::Upstream(format!("{} cannot be asked: {why}", provider.name)))
}
