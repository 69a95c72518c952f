//! Certificates of our own that near their end: the built-in authority signs another one, the operator is told of files.

use std::sync::Arc;
use std::time::Duration;

use domain::Millis;
use domain::model::{Actor, JournalEntry, Organization};
use engine::{Engine, Error};
use serde_json::json;
use store::Tx;
use store::repo::installation::settings;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::identity;
use crate::shelf::Shelf;

const LOOK: Duration = Duration::from_hours(1);
const DAY: Millis = 86_400_000;
/// It is told when so many days are left, each once.
const STEPS: [Millis; 6] = [30, 14, 7, 3, 1, 0];

/// Looks every hour.
pub fn start(config: &Config, engine: &Arc<Engine>, shelf: &Arc<Shelf>, stop: &CancellationToken) {
    let (config, engine, shelf, stop) = (config.clone(), Arc::clone(engine), Arc::clone(shelf), stop.clone());
    tokio::spawn(async move {
        let mut looks = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = look(&config, &engine, &shelf).await {
                tracing::error!(%error, "the certificates could not be looked after");
            }
        }
    });
}

async fn look(config: &Config, engine: &Engine, shelf: &Shelf) -> anyhow::Result<()> {
    if config.tls.is_none() {
        // Signs another one if the end is near.
        shelf.put_own(identity::server_certificate(config)?);
    }
    let Some(until) = identity::valid_until(config) else { return Ok(()) };
    let host = identity::host_names(config).into_iter().find(|name| name != "localhost");
    tell(engine, host.unwrap_or_else(|| "localhost".into()), until).await.map_err(anyhow::Error::msg)
}

/// The step that is reached, if one is: the least number of days that the rest does not exceed.
fn step(until: Millis, now: Millis) -> Option<Millis> {
    let left = until - now;
    STEPS.iter().rev().copied().find(|days| left <= days * DAY)
}

/// Says that the end is near, once for each step, and that it is no longer so.
async fn tell(engine: &Engine, host: String, until: Millis) -> engine::Result<()> {
    let reached = step(until, engine.now());
    let key = format!("certificate_told/{host}");
    let unit = async move |tx: &mut Tx| {
        let known = settings::get(tx, &key).await?;
        let known = known.and_then(|bytes| serde_json::from_slice::<(Millis, Millis)>(&bytes).ok());
        let event = match (reached, known) {
            (Some(days), Some((same, told))) if same == until && told <= days => return Ok(()),
            (Some(days), _) => {
                let told = serde_json::to_vec(&(until, days)).map_err(Error::internal)?;
                settings::put(tx, &key, &told).await?;
                "installation.certificate_expiring"
            }
            (None, Some(_)) => {
                settings::remove(tx, &key).await?;
                "installation.certificate_renewed"
            }
            (None, None) => return Ok(()),
        };
        let end = jiff::Timestamp::from_millisecond(until).map(|at| at.to_string()).unwrap_or_default();
        let body = json!({ "valid_until": until, "detail": format!("The certificate of {host} is valid until {end}.") });
        tx.journal(JournalEntry { event, subject: host.clone(), body });
        Ok::<_, Error>(())
    };
    engine.store().write(Organization::SYSTEM, Actor::System, unit).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_reached_once() {
        let end = 100 * DAY;
        let reached = |left: Millis| step(end, end - left);
        assert_eq!(reached(31 * DAY), None);
        assert_eq!((reached(30 * DAY), reached(15 * DAY)), (Some(30), Some(30)));
        assert_eq!((reached(14 * DAY), reached(DAY), reached(0)), (Some(14), Some(1), Some(0)));
        assert_eq!(reached(-5 * DAY), Some(0), "it is over");
    }
}
