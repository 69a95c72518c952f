//! Our own partnership with the mail server: the policy handshake as its client, once at a time for each device
//! (MS-ASPROV 3.1.5.1). Its policy is acknowledged and kept from the device; its wipe is recorded and delivered.

use std::sync::Arc;
use std::time::Duration;

use domain::model::{BackendState, Device, WipeAckStatus, WipeKind};
use engine::eas;
use tokio::sync::OwnedMutexGuard;
use wire_eas::provision::WipeKind as WireWipe;
use wire_eas::provision::client::{ServerAnswer, acknowledge, initial};
use wire_eas::refusal::{Form, status_body};
use wire_eas::status::{acknowledgement, common, policy, provision};
use wire_eas::version::Version;

use super::redirect::lead;
use super::trip::Trip;
use crate::answer::{Said, Who};
use crate::handler::{ActiveSync, Flow};
use crate::provision::information_of;

/// For one answer.
const PATIENCE: Duration = Duration::from_mins(1);
/// Largest answer to a Provision.
const MAX_ANSWER: usize = 256 * 1024;

/// Why there is no key now.
pub(super) enum Refused {
    /// The mail server ordered a wipe, which is recorded.
    Wipe,
    /// The credentials are wrong.
    Unauthenticated(Said),
    /// The mail server does not want this user or device at all: what the device is told.
    No(Said),
    /// Something else; the device comes back.
    Later(Said),
}

impl ActiveSync {
    /// Gets a policy key from the mail server. Parallel requests of a device share one handshake.
    pub(super) async fn handshake(&self, flow: &mut Flow, trip: &mut Trip) -> Result<(), Refused> {
        let Some(device) = flow.device.clone() else { return Err(Refused::Later(self.later())) };
        let turn = self.gateway.flights.turn(device.id).lock_owned().await;
        self.handshake_in_turn(flow, trip, &device, turn).await
    }

    pub(super) async fn handshake_in_turn(
        &self,
        flow: &mut Flow,
        trip: &mut Trip,
        device: &Arc<Device>,
        turn: OwnedMutexGuard<()>,
    ) -> Result<(), Refused> {
        let device = self.current(device);
        let state = self.gateway.flights.state_of(&device);
        flow.device = Some(Arc::clone(&device));
        let outcome = if state == trip.state {
            self.handshake_alone(flow, trip, &device).await
        } else {
            // Somebody else has just made it.
            trip.state = state;
            Ok(())
        };
        drop(turn);
        self.gateway.flights.done(device.id);
        outcome
    }

    /// The device as it is now.
    pub(super) fn current(&self, device: &Arc<Device>) -> Arc<Device> {
        let org = self.engine.directory().organization(device.organization);
        let now = org.and_then(|org| org.read().devices.get(device.id).cloned());
        now.unwrap_or_else(|| Arc::clone(device))
    }

    async fn handshake_alone(
        &self,
        flow: &mut Flow,
        trip: &mut Trip,
        device: &Arc<Device>,
    ) -> Result<(), Refused> {
        let _permit =
            self.gateway.flights.permits.acquire().await.map_err(|_| Refused::Later(self.later()))?;
        let version = flow.ask.version;
        let information = information_of(device);
        // The full form also where only a wipe is fetched: some servers fail on the empty one.
        let first = self.say(flow, trip, None, initial(version, Some(&information))).await?;
        self.check_wipe(device, trip, &first).await?;
        let mut state = BackendState {
            policy_key: None,
            no_policy: true,
            url: trip.state.url.clone(),
            device_information_sent: version >= Version::V14_1,
        };
        if first.status != provision::SUCCESS {
            let no = refusal_of(flow, first.status).map(Refused::No);
            return Err(no.unwrap_or_else(|| self.strange(format!("Provision status {}", first.status))));
        }
        match first.policy {
            Some(offer) if offer.status == policy::SUCCESS => {
                let key = offer.key.ok_or_else(|| self.strange("a policy without a key".into()))?;
                let said = acknowledge(version, &key, said_of(trip.mail.server().acknowledge));
                let second = self.say(flow, trip, Some(&key), said).await?;
                self.check_wipe(device, trip, &second).await?;
                let done = second
                    .policy
                    .filter(|p| second.status == provision::SUCCESS && p.status == policy::SUCCESS);
                let key = done.and_then(|p| p.key).and_then(|key| key.parse().ok());
                state.policy_key = Some(key.ok_or_else(|| self.strange("no final policy key".into()))?);
                state.no_policy = false;
            }
            Some(offer) if offer.status != policy::NO_POLICY => {
                return Err(self.strange(format!("Policy status {}", offer.status)));
            }
            // No policy for us: no key either.
            Some(_) | None => {}
        }
        self.metrics.handshakes.up();
        self.keep(flow, device, state.clone()).await;
        trip.state = state;
        Ok(())
    }

    /// One Provision, at the place that the mail server leads to.
    async fn say(
        &self,
        flow: &Flow,
        trip: &mut Trip,
        key: Option<&str>,
        body: Vec<u8>,
    ) -> Result<ServerAnswer, Refused> {
        let answer = loop {
            let request = trip.provision(flow, key, body.clone());
            let answer = self.gateway.upstreams.exchange(&trip.place.origin, request, PATIENCE).await;
            let answer = answer.map_err(|error| Refused::Later(self.failed(flow, None, &error)))?;
            let Some(url) = lead(answer.status, &answer.headers) else { break answer };
            self.follow(flow, trip, url).await.map_err(Refused::Later)?;
        };
        match answer.status.as_u16() {
            200 => {}
            403 => {
                let said = Said::bare(403).by(Who::MailServer);
                return Err(Refused::No(said.because("The mail server refuses the device (HTTP 403).")));
            }
            401 => {
                let mut headers = answer.headers;
                super::headers::keep_challenges(&mut headers);
                self.gateway.challenges.learn(trip.mail.server(), &headers);
                return Err(Refused::Unauthenticated(self.gateway.challenge_of(trip.mail.server())));
            }
            status => return Err(self.strange(format!("HTTP {status} to Provision"))),
        }
        let body = answer.body.collect(MAX_ANSWER).await;
        let body = body.map_err(|error| Refused::Later(self.failed(flow, None, &error)))?;
        ServerAnswer::parse(&body).map_err(|error| self.strange(error.to_string()))
    }

    fn strange(&self, what: String) -> Refused {
        self.metrics.upstream_failures.up();
        tracing::warn!(what, "a mail server's policy handshake failed");
        Refused::Later(
            self.later().because(format!("The mail server's policy could not be fetched: {what}.")),
        )
    }

    /// The mail server orders a wipe: recorded and delivered by us, acknowledged to it only after the device did.
    async fn check_wipe(
        &self,
        device: &Arc<Device>,
        trip: &Trip,
        answer: &ServerAnswer,
    ) -> Result<(), Refused> {
        let Some(kind) = answer.wipe else { return Ok(()) };
        let kind = match kind {
            WireWipe::Device => WipeKind::Device,
            WireWipe::AccountOnly => WipeKind::Account,
        };
        let server = &trip.mail.server().name;
        let ordered = eas::backend_ordered_wipe(&self.engine, device, kind, server).await;
        self.grace.learn(&ordered, self.engine.now());
        match ordered {
            Ok(()) => Err(Refused::Wipe),
            Err(_) => {
                Err(Refused::Later(self.later().because("The mail server's wipe could not be recorded.")))
            }
        }
    }

    /// Keeps the key: in storage, or in memory while that is away.
    async fn keep(&self, flow: &mut Flow, device: &Arc<Device>, state: BackendState) {
        let stored = eas::set_backend(&self.engine, device, state.clone()).await;
        self.grace.learn(&stored, self.engine.now());
        let mut unsaved = self.gateway.flights.unsaved.lock();
        match stored {
            Ok(device) => {
                unsaved.remove(&device.id);
                flow.device = Some(device);
            }
            Err(_) => drop(unsaved.insert(device.id, state)),
        }
    }
}

/// A status with which a mail server refuses a user or device for good, in the form of the device's command. A device
/// that was told to come back would never hear of it.
fn refusal_of(flow: &Flow, status: u16) -> Option<Said> {
    let final_ones = [
        common::USER_DISABLED_FOR_SYNC,
        common::DEVICE_IS_BLOCKED_FOR_THIS_USER,
        common::ACCESS_DENIED,
        common::ACCOUNT_DISABLED,
        common::MAXIMUM_DEVICES_REACHED,
    ];
    if !final_ones.contains(&status) {
        return None;
    }
    let body = status_body(flow.ask.command, status).filter(|_| flow.ask.version >= Version::V14_0);
    let said = Said::form(body.map_or_else(|| Form::bare(403), Form::ok)).by(Who::MailServer);
    Some(said.because(format!("The mail server refuses the device (Provision status {status}).")))
}

fn said_of(status: WipeAckStatus) -> u16 {
    match status {
        WipeAckStatus::Full => acknowledgement::APPLIED,
        WipeAckStatus::Partial => acknowledgement::PARTIALLY_APPLIED,
        WipeAckStatus::External => acknowledgement::EXTERNALLY_MANAGED,
    }
}
