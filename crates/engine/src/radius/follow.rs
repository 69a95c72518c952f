//! From the journal to requests: a change of the verdict on Network Access is a request for each server and MAC.

use std::sync::Arc;

use catalog::Target;
use domain::model::{Actor, DeviceId, JournalRow, OrganizationId, RadiusRequest, RadiusState};
use futures_util::future::BoxFuture;
use store::{Tx, repo};

use super::desk;
use crate::followers::{Batch, Cursor, Follower};
use crate::{Directory, Engine, Error, Result};

/// Reads the journal for changes of the verdict on the network.
pub struct RadiusFollower;

impl Follower for RadiusFollower {
    fn name(&self) -> &'static str {
        "radius"
    }

    fn wants(&self, directory: &Directory, organization: OrganizationId, event: &str) -> bool {
        let turned = event == "device.restricted" || event == "device.restored";
        let asks = || directory.organization(organization).is_some_and(|org| org.read().tells_the_network());
        turned && asks()
    }

    fn follow<'a>(&'a self, engine: &'a Arc<Engine>, batch: Batch) -> BoxFuture<'a, Result<Cursor>> {
        Box::pin(async move {
            let organization = batch.organization;
            let requests = requests(engine, organization, &batch.entries)?;
            let mut servers: Vec<_> = requests.iter().map(|request| request.server).collect();
            servers.sort_unstable();
            servers.dedup();
            let unit = async move |tx: &mut Tx| {
                for request in &requests {
                    repo::radius::enqueue(tx, request).await?;
                }
                batch.done(tx).await?;
                Ok::<_, Error>(())
            };
            engine.store.write(organization, Actor::System, unit).await?;
            for server in servers {
                desk::wake(engine, organization, server);
            }
            Ok(Cursor::Moved)
        })
    }
}

/// What the entries mean for the servers there are now. Only the last word about a device counts.
fn requests(
    engine: &Engine,
    organization: OrganizationId,
    entries: &[JournalRow],
) -> Result<Vec<RadiusRequest>> {
    let mut turned: Vec<(DeviceId, &JournalRow)> = Vec::new();
    for entry in entries {
        let Ok(device) = entry.subject.parse() else { continue };
        let target = entry.body.as_ref().and_then(|body| body.get("target")).cloned().unwrap_or_default();
        if serde_json::from_value(target).ok() == Some(Target::NetworkAccess) {
            turned.retain(|(known, ..)| *known != device);
            turned.push((device, entry));
        }
    }
    let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let servers = org.radius_servers();
    let mut requests = Vec::new();
    for (device, entry) in turned {
        let restored = entry.event == "device.restored";
        // A record that is gone has no MAC any more; ISE hears that it is not registered.
        let macs = org.devices.get(device).map(|device| device.macs.clone()).unwrap_or_default();
        for server in servers.iter().filter(|server| server.enabled && (server.on_restore || !restored)) {
            requests.extend(macs.iter().map(|mac| RadiusRequest {
                organization,
                id: engine.entropy.id(engine.now()),
                sequence: entry.sequence,
                server: server.id,
                device,
                mac: mac.clone(),
                restored,
                at: entry.at,
                state: RadiusState::Waiting,
                detail: String::new(),
                sends: 0,
                done_at: None,
            }));
        }
    }
    Ok(requests)
}
