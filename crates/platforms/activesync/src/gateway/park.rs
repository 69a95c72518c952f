//! A Ping or Sync that waits at the mail server: the device's connection and the mail server's lie in the lot together,
//! and the registry can answer the device at any time.

use std::time::Duration;

use bytes::Bytes;
use transport::{Body, Park, Ticket};
use wire_eas::command::Command;

use super::resume::Rest;
use super::trip::Trip;
use crate::answer::{Note, Reaction, Said, Who};
use crate::handler::{ActiveSync, Flow};
use crate::parked::{Bell, Waiting};

/// How much longer than it was asked to a mail server may take.
pub(super) const GRACE: Duration = Duration::from_secs(90);

impl ActiveSync {
    /// Sends the request and parks the device until the answer comes.
    pub(super) async fn park(
        &self,
        flow: &mut Flow,
        mut trip: Trip,
        body: Bytes,
        interval: Duration,
    ) -> Reaction {
        let (Some(device), Some(user)) = (flow.device.clone(), flow.login.user.clone()) else {
            return self.later().into();
        };
        // A slice would keep the connection's buffer alive as long as the device waits.
        let body = Bytes::copy_from_slice(&body);
        let sent = self
            .gateway
            .upstreams
            .send(&trip.place.origin, trip.command(flow, Body::full(body.clone())))
            .await;
        let pending = match sent {
            Ok(pending) => pending,
            Err(error) if trip.learnt && error.nothing_sent() => {
                trip.place = trip.mail.home().clone();
                trip.learnt = false;
                let request = trip.command(flow, Body::full(body.clone()));
                match self.gateway.upstreams.send(&trip.place.origin, request).await {
                    Ok(pending) => pending,
                    Err(error) => return self.failed(flow, None, &error).into(),
                }
            }
            Err(error) => return self.failed(flow, None, &error).into(),
        };
        let (ticket, waker) = Ticket::new();
        let bell = Bell::Lot(waker);
        self.parked.enter(waiting(flow, bell.clone(), user.id, &device));
        let mut flow = flow.clone();
        flow.shrink();
        let id = device.id;
        let rest = Box::new(Rest { this: self.clone(), flow, trip, body, interval, bell: bell.clone() });
        let (over, over_bell, command) = (self.clone(), bell.clone(), rest.flow.ask.command);
        let on_deadline = move || {
            let said = late(command);
            over.left(id, &over_bell, said.http.as_u16(), &said.note);
            said.wake()
        };
        let gone = self.clone();
        let park =
            Park::relay(ticket, pending, interval + GRACE, on_deadline, move |answer| rest.resume(answer));
        Reaction::Park(park.on_gone(move || gone.device_left(id, &bell)))
    }
}

/// What the registry keeps.
pub(super) fn waiting(
    flow: &Flow,
    bell: Bell,
    user: domain::model::UserId,
    device: &domain::model::Device,
) -> Waiting {
    Waiting {
        bell,
        organization: device.organization,
        user,
        device: device.id,
        server: flow.server().map(|server| server.id),
        command: flow.ask.command,
        version: flow.ask.version,
        policy_key: flow.ask.policy_key,
        line: flow.line.clone(),
    }
}

/// The mail server is later than late. A Ping may come again at once; what a Sync carried is not known to be done.
fn late(command: Command) -> Said {
    let said = match command {
        Command::Ping => Said::wbxml(wire_eas::ping::Answer::Expired.encode()),
        _ => Said::later(1),
    };
    let note = Note { why: "The mail server did not answer in time.".into(), ..said.note.clone() };
    Said { note: Note { who: Who::Gateway, ..note }, ..said }
}
