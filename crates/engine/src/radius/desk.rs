//! Sending what waits, to each server in its own pace.
//!
//! Each server has one task while something waits for it. It reads the oldest requests, sends as many in a second as
//! the server takes, waits for up to [`ABREAST`] answers at a time, and notes every outcome in the request and in the
//! journal. It runs on the node that follows the journal; when that changes, the other node goes on with what waits.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use clients::radius::{Patience, Question, RadiusError, Told};
use domain::model::{
    Actor, JournalEntry, OrganizationId, RadiusRequest, RadiusRequestId, RadiusRequestKind, RadiusServer,
    RadiusServerId, RadiusState,
};
use parking_lot::Mutex;
use serde_json::json;
use store::{Tx, repo};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::input::context;
use crate::{Engine, Error, Result};

/// Answers awaited at a time: a server that is silent must not be asked about everybody at once.
const ABREAST: usize = 64;
/// Requests read at a time.
const PAGE: u32 = 128;

/// Servers that are being served.
#[derive(Default)]
pub struct Desk(Mutex<Serving>);

#[derive(Default)]
struct Serving {
    busy: HashSet<RadiusServerId>,
    /// Woken while busy: to be looked at once more.
    again: HashSet<RadiusServerId>,
}

impl Desk {
    /// Whether the caller is the one to serve it now.
    fn begin(&self, server: RadiusServerId) -> bool {
        let mut serving = self.0.lock();
        if serving.busy.insert(server) {
            return true;
        }
        serving.again.insert(server);
        false
    }

    /// Whether the one who served it may leave.
    fn end(&self, server: RadiusServerId) -> bool {
        let mut serving = self.0.lock();
        !serving.again.remove(&server) && serving.busy.remove(&server)
    }

    /// It left because of an error; what waits is seen by the next look.
    fn abandon(&self, server: RadiusServerId) {
        let mut serving = self.0.lock();
        serving.busy.remove(&server);
        serving.again.remove(&server);
    }
}

/// Something waits for a server.
pub(super) fn wake(engine: &Arc<Engine>, organization: OrganizationId, server: RadiusServerId) {
    if engine.radius.begin(server) {
        let engine = Arc::clone(engine);
        tokio::spawn(async move {
            loop {
                if let Err(error) = serve(&engine, organization, server).await {
                    tracing::warn!(%server, %error, "requests to a RADIUS server wait for the next look");
                    return engine.radius.abandon(server);
                }
                if engine.radius.end(server) {
                    return;
                }
            }
        });
    }
}

/// Looks for requests that nobody is sending: of a process that ended, or after a failure. Only on the node that
/// follows the journal.
pub fn resume(engine: &Arc<Engine>) {
    if !crate::followers::is_following(engine) {
        return;
    }
    for org in engine.directory.all() {
        let (organization, servers) = {
            let org = org.read();
            (org.organization.id, org.radius_servers())
        };
        for server in servers {
            wake(engine, organization, server.id);
        }
    }
}

/// Sends everything that waits for a server.
async fn serve(engine: &Arc<Engine>, organization: OrganizationId, server: RadiusServerId) -> Result<()> {
    let mut last = (0, RadiusRequestId::from_uuid(uuid::Uuid::nil()));
    let mut asked = JoinSet::new();
    let mut next = Instant::now();
    loop {
        let after = last;
        let read = async move |tx: &mut Tx| repo::radius::waiting(tx, server, after, PAGE).await;
        let page = engine.store.read(organization, read).await.map_err(Error::from)?;
        if page.is_empty() {
            break;
        }
        for request in page {
            last = (request.sequence, request.id);
            let Some(settings) = current(engine, organization, server) else { return Ok(()) };
            while asked.len() >= ABREAST {
                ended(asked.join_next().await)?;
            }
            sleep_until(next).await;
            next = next.max(Instant::now()) + Duration::from_secs(1) / settings.per_second.max(1);
            let engine = Arc::clone(engine);
            asked.spawn(async move { tell(&engine, &settings, request).await });
        }
    }
    while !asked.is_empty() {
        ended(asked.join_next().await)?;
    }
    Ok(())
}

fn ended(outcome: Option<Result<Result<()>, tokio::task::JoinError>>) -> Result<()> {
    outcome.map_or(Ok(()), |joined| joined.map_err(Error::internal)?)
}

/// The server's settings now; `None` if it was removed, or is not to be asked.
fn current(
    engine: &Engine,
    organization: OrganizationId,
    server: RadiusServerId,
) -> Option<Arc<RadiusServer>> {
    let org = engine.directory.organization(organization)?;
    let found = org.read().radius_server(server).cloned();
    found.filter(|server| server.enabled)
}

/// Asks about one request and notes what became of it.
async fn tell(engine: &Engine, server: &RadiusServer, mut request: RadiusRequest) -> Result<()> {
    let (state, event, millis) = match ask(engine, server, &request.mac).await {
        Ok(told) => {
            engine.connections.worked(server.id.uuid(), engine.now());
            request.sends = told.sends;
            request.detail = told.words;
            let millis = told.after.as_millis() as u64;
            if told.done {
                (RadiusState::Acknowledged, "radius.acknowledged", Some(millis))
            } else {
                (RadiusState::Refused, "radius.refused", Some(millis))
            }
        }
        Err(error) => {
            request.sends = Patience::default().sends;
            request.detail = format!("{error}.");
            engine.connections.failed(server.id.uuid(), engine.now(), &request.detail);
            (RadiusState::Unanswered, "radius.unanswered", None)
        }
    };
    (request.state, request.done_at) = (state, Some(engine.now()));
    let body = json!({
        "server": server.name, "mac": request.mac, "restored": request.restored, "words": request.detail,
        "sends": request.sends, "milliseconds": millis,
    });
    let unit = async move |tx: &mut Tx| {
        // Replaced by a newer word meanwhile: then that one is told, and counts.
        if repo::radius::settle(tx, &request).await? {
            tx.journal(JournalEntry { event, subject: request.device.to_string(), body: body.clone() });
        }
        Ok::<_, Error>(())
    };
    engine.store.write(server.organization, Actor::System, unit).await
}

/// Asks a server about a MAC of twelve hexadecimal digits.
pub(super) async fn ask(engine: &Engine, server: &RadiusServer, mac: &str) -> Result<Told, RadiusError> {
    let unsealed = engine.secret_key.unseal(&context(server.id), &server.secret.0);
    let secret = zeroize::Zeroizing::new(unsealed.map_err(|error| RadiusError::Request(error.to_string()))?);
    let address = clients::radius::find(&server.host, server.port).await?;
    let station = server.station.write(mac);
    let [identifier] = engine.entropy.bytes();
    let question = Question {
        disconnect: server.request == RadiusRequestKind::Disconnect,
        cisco: server.request == RadiusRequestKind::CiscoReauthenticate,
        station: &station,
        nas_identifier: &server.nas_identifier,
        at: u32::try_from(engine.now() / 1000).unwrap_or_default(),
        identifier,
    };
    clients::radius::ask(address, &question, &secret, Patience::default()).await
}
