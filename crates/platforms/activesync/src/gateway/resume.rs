//! The mail server answered a waiting request: most answers are passed on; what is meant for us is done, and then the
//! device comes again (Ping) or the request is sent again (Sync, which may carry the device's changes).

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use transport::{Body, UpstreamError, UpstreamResponse};
use wire_eas::command::Command;

use super::forward::Next;
use super::park::{GRACE, waiting};
use super::trip::Trip;
use crate::answer::{Note, Reaction, Said};
use crate::handler::{ActiveSync, Flow};
use crate::parked::{Bell, Waiting};

/// What a waiting request needs when its answer comes.
pub(super) struct Rest {
    pub(super) this: ActiveSync,
    pub(super) flow: Flow,
    pub(super) trip: Trip,
    pub(super) body: Bytes,
    pub(super) interval: Duration,
    pub(super) bell: Bell,
}

impl Rest {
    /// Makes the device's answer of the mail server's.
    pub(super) async fn resume(
        mut self: Box<Self>,
        answer: Result<UpstreamResponse, UpstreamError>,
    ) -> Response<Body> {
        let this = self.this.clone();
        let device = self.flow.device.as_ref().map(|d| d.id);
        let waiting = device.and_then(|device| this.parked.leave(device, &self.bell));
        let reaction = match answer {
            Ok(answer) => self.react(answer).await,
            Err(error) => this.failed(&self.flow, None, &error).into(),
        };
        match reaction {
            Reaction::Said(said) => {
                let said = this.count(said);
                self.log(waiting.as_ref(), said.http.as_u16(), &said.note, said.body.len() as u64);
                said.response()
            }
            Reaction::Passed(response, note) => {
                let sent = response.body().length().unwrap_or(0);
                self.log(waiting.as_ref(), response.status().as_u16(), &note, sent);
                response
            }
            Reaction::Park(_) => this.on_panic(),
        }
    }

    fn log(&self, waiting: Option<&Waiting>, http: u16, note: &Note, sent: u64) {
        // Without an entry the registry has written the line already.
        if let (Some(waiting), Some(device)) = (waiting, &self.flow.device) {
            waiting.line.write(&self.this.engine, device, http, note, sent);
        }
    }

    async fn react(&mut self, answer: UpstreamResponse) -> Reaction {
        let this = self.this.clone();
        let mut provisioned = false;
        let mut answer = answer;
        loop {
            match this.next(&mut self.flow, &mut self.trip, answer, &mut provisioned).await {
                Next::Answer(reaction) => return reaction,
                Next::Again if self.flow.ask.command == Command::Ping => {
                    return Said::wbxml(wire_eas::ping::Answer::Expired.encode()).into();
                }
                Next::Again => {}
            }
            this.metrics.replays.up();
            answer = match self.send_again().await {
                Ok(answer) => answer,
                Err(said) => return said.into(),
            };
        }
    }

    /// Sends the Sync again. It may wait as long as before, and the registry can still answer it.
    async fn send_again(&self) -> Result<UpstreamResponse, Said> {
        let this = &self.this;
        let (Some(device), Some(user)) = (&self.flow.device, &self.flow.login.user) else {
            return Err(this.later());
        };
        let (bell, news) = Bell::handler();
        this.parked.enter(waiting(&self.flow, bell.clone(), user.id, device));
        let request = self.trip.command(&self.flow, Body::full(self.body.clone()));
        let exchange =
            this.gateway.upstreams.exchange(&self.trip.place.origin, request, self.interval + GRACE);
        let outcome = tokio::select! {
            answer = exchange => answer.map_err(|error| this.failed(&self.flow, None, &error)),
            said = news => Err(said.unwrap_or_else(|_| this.later())),
        };
        // The line is written once, by whoever gives the last answer.
        drop(this.parked.leave(device.id, &bell));
        outcome
    }
}
