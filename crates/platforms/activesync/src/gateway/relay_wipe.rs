//! Telling a mail server that its wipe was done, after the device has said so; tried again with every later contact.

use std::time::Duration;

use engine::eas;
use wire_eas::provision::client::wipe_acknowledge;

use crate::handler::{ActiveSync, Flow};
use crate::provision::wire_kind;

/// Rests between tries in one go.
const RESTS: [Duration; 3] = [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(15)];
const PATIENCE: Duration = Duration::from_mins(1);

impl ActiveSync {
    /// Acknowledges what the mail server still waits for, in the background, with the credentials of this request.
    pub(crate) fn relay_wipes(&self, flow: &Flow) {
        let Some(device) = flow.device.as_ref().filter(|_| flow.server().is_some()) else { return };
        let org = self.engine.directory().organization(device.organization);
        let Some(device) = org.and_then(|org| org.read().devices.get(device.id).cloned()) else { return };
        let waits = eas::wipes_to_relay(&self.engine, &device);
        if waits.is_empty() {
            return;
        }
        let (this, mut flow) = (self.clone(), flow.clone());
        flow.device = Some(device);
        tokio::task::spawn_local(async move {
            for (command, kind, status) in waits {
                for rest in RESTS {
                    tokio::time::sleep(rest).await;
                    if this.relay_wipe(&flow, wire_kind(kind), status).await {
                        let done = eas::relayed_back(&this.engine, &command).await;
                        this.grace.learn(&done, this.engine.now());
                        break;
                    }
                }
            }
        });
    }

    async fn relay_wipe(&self, flow: &Flow, kind: wire_eas::provision::WipeKind, status: u8) -> bool {
        let Ok(trip) = self.trip(flow) else { return false };
        let request = trip.provision(flow, None, wipe_acknowledge(kind, u16::from(status)));
        match self.gateway.upstreams.exchange(&trip.place.origin, request, PATIENCE).await {
            Ok(answer) => {
                let taken = answer.status.as_u16() == 200;
                if !taken {
                    let (server, status) = (&trip.mail.server().name, answer.status.as_u16());
                    tracing::warn!(
                        server,
                        status,
                        "a mail server did not take the acknowledgement of its wipe"
                    );
                }
                taken
            }
            Err(_) => false,
        }
    }
}
