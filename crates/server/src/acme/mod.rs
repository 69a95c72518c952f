//! Certificates for public names from an ACME authority (RFC 8555), by HTTP-01.
//!
//! Account, certificate and open challenges lie in the installation's settings, so that any node can answer a
//! challenge that another node asked for, and uses a certificate that another node got. One node at a time holds the
//! lease and orders.

mod challenge;
mod kept;
mod order;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use domain::Millis;
use engine::Engine;
use tokio_util::sync::CancellationToken;

pub use kept::{certificate, failure};

use crate::config::{Acme, Config};
use crate::shelf::Shelf;
use kept::Kept;

/// How often a node looks whether another one got a certificate.
const LOOK: Duration = Duration::from_mins(1);
/// Longest time for one order; it is the length of the lease, too.
const PATIENCE: Duration = Duration::from_mins(10);
/// After a failure without any certificate. Authorities count failures: Let's Encrypt allows five in an hour.
const FIRST_PAUSE: Millis = 15 * 60_000;
/// The longest pause after a failure, and the shortest, for certificates that live for minutes.
const PAUSES: (Millis, Millis) = (5_000, 3_600_000);

/// Starts the challenge listener and the renewal, when ACME is configured.
pub fn start(
    config: &Config,
    engine: &Arc<Engine>,
    shelf: &Arc<Shelf>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let Some(acme) = config.acme.clone() else { return Ok(()) };
    let listener = std::net::TcpListener::bind(acme.http_listen)
        .with_context(|| format!("cannot listen on {} for ACME's check", acme.http_listen))?;
    tokio::spawn(challenge::answer_all(listener, Arc::clone(engine), stop.clone())?);
    let mut keeper = Keeper {
        holder: engine.entropy().guid().to_string(),
        acme,
        engine: Arc::clone(engine),
        shelf: Arc::clone(shelf),
        in_use: Vec::new(),
        not_before: 0,
        is_failing: false,
    };
    let stop = stop.clone();
    tokio::spawn(async move {
        loop {
            let wait = keeper.look().await.unwrap_or_else(|error| {
                tracing::error!(%error, "the ACME certificate could not be looked after");
                LOOK
            });
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stop.cancelled() => return,
            }
        }
    });
    Ok(())
}

/// Looks after the certificate.
struct Keeper {
    acme: Acme,
    engine: Arc<Engine>,
    shelf: Arc<Shelf>,
    /// This node, for the lease.
    holder: String,
    /// The PEM that the listeners use.
    in_use: Vec<u8>,
    /// No order before this time.
    not_before: Millis,
    /// The last order failed.
    is_failing: bool,
}

impl Keeper {
    /// Uses what is stored, and orders when there is nothing or its end is near. How long to wait for the next look.
    async fn look(&mut self) -> anyhow::Result<Duration> {
        let mut kept = self.use_stored().await?;
        let now = self.engine.now();
        if self.due(kept.as_ref()) <= now && self.not_before <= now {
            if kept::take_lease(&self.engine, &self.holder, PATIENCE).await? {
                let outcome = self.order_in_turn().await;
                kept::release_lease(&self.engine, &self.holder).await?;
                outcome?;
            }
            kept = self.use_stored().await?;
        }
        let next = self.due(kept.as_ref()).max(self.not_before) - self.engine.now();
        Ok(Duration::from_millis(u64::try_from(next).unwrap_or(0)).clamp(Duration::from_secs(1), LOOK))
    }

    /// When to order; now without a certificate.
    fn due(&self, kept: Option<&Kept>) -> Millis {
        kept.map_or(0, |kept| kept.due_at(&self.acme.names))
    }

    /// Gives the stored certificate to the listeners, if they have another.
    async fn use_stored(&mut self) -> anyhow::Result<Option<Kept>> {
        let Some(kept) = kept::certificate(&self.engine, &self.acme).await? else { return Ok(None) };
        if kept.pem != self.in_use {
            self.shelf.put_public(kept.certificate()?, kept.not_after);
            self.in_use.clone_from(&kept.pem);
        }
        Ok(Some(kept))
    }

    /// Orders, unless the node that had the turn before did. A failure is kept for whoever looks, and leaves the old
    /// certificate in use.
    async fn order_in_turn(&mut self) -> anyhow::Result<()> {
        let old = self.use_stored().await?;
        let now = self.engine.now();
        if self.due(old.as_ref()) > now {
            return Ok(());
        }
        let ordered = tokio::time::timeout(PATIENCE, order::order(&self.acme, &self.engine)).await;
        let ordered = ordered.unwrap_or_else(|_| Err(anyhow::anyhow!("the authority takes too long")));
        match ordered.and_then(Kept::new) {
            Ok(kept) => {
                kept::store(&self.engine, &self.acme, &kept).await?;
                self.is_failing = false;
                tracing::info!(names = self.acme.names.join(", "), "certificate from the ACME authority");
            }
            Err(error) => {
                let why = format!("{error:#}");
                let pause = old.as_ref().map_or(FIRST_PAUSE, |old| {
                    // In proportion to the time that is left after it was due.
                    (old.lifetime() / 100).clamp(PAUSES.0, PAUSES.1)
                });
                self.not_before = self.engine.now() + pause;
                tracing::error!(
                    why,
                    again_in_seconds = pause / 1000,
                    "no certificate from the ACME authority"
                );
                let again = std::mem::replace(&mut self.is_failing, true);
                kept::store_failure(&self.engine, &self.acme, old.as_ref(), why, !again).await?;
            }
        }
        Ok(())
    }
}
