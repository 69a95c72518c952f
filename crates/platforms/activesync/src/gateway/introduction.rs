//! Introducing a device to the mail server before it asks for anything, so that its first commands run through.

use std::sync::Arc;

use domain::model::BackendState;

use super::trip::Trip;
use crate::handler::{ActiveSync, Flow};

impl ActiveSync {
    /// Waits while we introduce the device to the mail server: a request beside the introduction would come without a
    /// key, and some servers fail when a device that they do not know yet asks twice at the same time.
    pub(super) async fn after_introduction(&self, flow: &mut Flow, trip: &mut Trip) {
        let Some(device) = flow.device.clone().filter(|_| unintroduced(&trip.state)) else { return };
        let id = device.id;
        let Some(turn) = self.gateway.flights.pending(id) else { return };
        drop(turn.lock().await);
        let device = self.current(&device);
        trip.state = self.gateway.flights.state_of(&device);
        flow.device = Some(device);
        drop(turn);
        self.gateway.flights.done(id);
    }

    /// Right after the device acknowledged our policy, we introduce it to the mail server, so that its first
    /// FolderSync runs through. In the background: the device does not wait for it.
    pub(crate) fn introduce(&self, flow: &Flow) {
        let Some(device) = flow.device.as_ref().filter(|_| flow.server().is_some()) else { return };
        if !unintroduced(&self.gateway.flights.state_of(&self.current(device))) {
            return;
        }
        let Ok(mut trip) = self.trip(flow) else { return };
        // The turn is taken before the device has its answer: its next request finds it taken.
        let Ok(turn) = self.gateway.flights.turn(device.id).try_lock_owned() else { return };
        let (this, device, mut flow) = (self.clone(), Arc::clone(device), flow.clone());
        tokio::task::spawn_local(async move {
            // What goes wrong now goes right or wrong again with the device's next request.
            drop(this.handshake_in_turn(&mut flow, &mut trip, &device, turn).await);
        });
    }
}

/// Whether the mail server does not know the device from us.
fn unintroduced(state: &BackendState) -> bool {
    state.policy_key.is_none() && !state.no_policy
}
