//! Forwarding a command, with everything that may have to happen before the mail server executes it.

use std::time::Duration;

use transport::{Body, UpstreamResponse};
use wire_eas::command::Command;
use wire_eas::settings;

use super::answer::{Read, read};
use super::escrow::Heard;
use super::handshake::Refused;
use super::trip::Trip;
use super::versions;
use crate::answer::{Reaction, Said};
use crate::handler::{ActiveSync, Flow, Upload};
use crate::refuse;

/// The longest a mail server may take for a command that does not wait.
pub(super) const FIRST_BYTE: Duration = Duration::from_mins(2);

/// What became of an answer that was read.
pub(super) enum Next {
    /// The device's answer.
    Answer(Reaction),
    /// Send the command again.
    Again,
}

impl ActiveSync {
    /// Forwards a command, or parks it at the mail server.
    pub(crate) async fn forward(&self, flow: &mut Flow, mut upload: Upload) -> Reaction {
        let kept = match self.listen_in(flow, &mut upload).await {
            Ok(Heard::Nothing) => None,
            Ok(Heard::Kept(status)) => Some(status),
            Ok(Heard::Answer(said)) | Err(said) => return said.into(),
        };
        let mut trip = match self.trip(flow) {
            Ok(trip) => trip,
            Err(said) => return said.into(),
        };
        self.metrics.forwarded.up();
        self.after_introduction(flow, &mut trip).await;
        if let (Upload::Small(bytes), Some(device)) = (&upload, &flow.device)
            && matches!(flow.ask.command, Command::Ping | Command::Sync)
            && let Some(interval) = self.gateway.intervals.of(device.id, flow.ask.command, bytes)
        {
            let bytes = bytes.clone();
            return self.park(flow, trip, bytes, interval).await;
        }
        let mut provisioned = false;
        let mut body = upload.first();
        loop {
            let answer = match self.send(flow, &mut trip, body, &upload).await {
                Ok(answer) => answer,
                Err(said) => return said.into(),
            };
            if let Upload::Large(_) = upload {
                flow.line.received = upload.received();
            }
            match self.next(flow, &mut trip, answer, &mut provisioned).await {
                Next::Answer(reaction) => return self.answered_in_part(reaction, kept).await,
                Next::Again => {}
            }
            self.metrics.replays.up();
            let Some(again) = upload.again() else {
                // Nothing was executed; the device still has it all.
                return Said::later(1).because("The mail server has to see this large request again.").into();
            };
            body = again;
        }
    }

    /// Up to 14.0 devices say what they are by Settings: it goes on to the mail server, and we hear it too. Recovery
    /// passwords stay here.
    async fn listen_in(&self, flow: &mut Flow, upload: &mut Upload) -> Result<Heard, Said> {
        let (Command::Settings, Upload::Small(bytes)) = (flow.ask.command, &upload) else {
            return Ok(Heard::Nothing);
        };
        let Ok(request) = settings::Request::parse(bytes) else { return Ok(Heard::Nothing) };
        if request.device_information.is_some() || request.device_password.is_some() {
            self.prove_before_keeping(flow).await?;
        }
        if let Some(information) = &request.device_information {
            self.note_information(flow, information).await;
        }
        self.keep_password(flow, &request, upload).await
    }

    /// The device's answer, with our part if the mail server got only the rest of the request.
    async fn answered_in_part(&self, reaction: Reaction, kept: Option<u16>) -> Reaction {
        match (reaction, kept) {
            (Reaction::Passed(response, note), Some(status)) => match self.complete(response, status).await {
                Ok(response) => Reaction::Passed(response, note),
                Err(said) => said.into(),
            },
            (reaction, _) => reaction,
        }
    }

    /// Sends once; a learnt address that nobody answers at is given up for the server's own.
    async fn send(
        &self,
        flow: &Flow,
        trip: &mut Trip,
        body: Body,
        upload: &Upload,
    ) -> Result<UpstreamResponse, Said> {
        let request = trip.command(flow, body);
        let error = match self.gateway.upstreams.exchange(&trip.place.origin, request, FIRST_BYTE).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if !(trip.learnt && error.nothing_sent()) {
            return Err(self.failed(flow, Some(upload), &error));
        }
        let Some(body) = upload.again() else { return Err(self.failed(flow, Some(upload), &error)) };
        trip.place = trip.mail.home().clone();
        trip.learnt = false;
        let request = trip.command(flow, body);
        let again = self.gateway.upstreams.exchange(&trip.place.origin, request, FIRST_BYTE).await;
        again.map_err(|error| self.failed(flow, Some(upload), &error))
    }

    /// Acts on an answer. `provisioned` is whether this request has made the handshake already.
    pub(super) async fn next(
        &self,
        flow: &mut Flow,
        trip: &mut Trip,
        answer: UpstreamResponse,
        provisioned: &mut bool,
    ) -> Next {
        let allowed = versions(trip.mail.server());
        let read = read(answer, &allowed).await;
        if !matches!(read, Read::Down(_)) {
            engine::servers::answered(&self.engine, trip.mail.server().id);
        }
        match read {
            Read::Pass(response, note) => {
                if response.status().is_success() {
                    self.note_good(flow).await;
                }
                Next::Answer(Reaction::Passed(response, note))
            }
            Read::Wrong(response, note) => {
                self.metrics.unauthenticated.up();
                self.gateway.challenges.learn(trip.mail.server(), response.headers());
                self.note_wrong(flow).await;
                Next::Answer(Reaction::Passed(response, note))
            }
            Read::Down(status) => Next::Answer(self.down(trip.mail.server(), status).into()),
            Read::Moved(url) => match self.follow(flow, trip, &url).await {
                Ok(()) => Next::Again,
                Err(said) => Next::Answer(said.into()),
            },
            Read::Provision if *provisioned => {
                tracing::warn!(server = %trip.mail.server().name, "a mail server wants to provision again and again");
                let said =
                    self.later().because("The mail server refuses its own policy key again and again.");
                Next::Answer(said.into())
            }
            Read::Provision => {
                *provisioned = true;
                match self.handshake(flow, trip).await {
                    Ok(()) => Next::Again,
                    Err(refused) => Next::Answer(self.after_handshake(flow, refused).into()),
                }
            }
        }
    }

    /// The device's answer when the handshake with the mail server did not go through.
    pub(super) fn after_handshake(&self, flow: &Flow, refused: Refused) -> Said {
        match refused {
            Refused::Wipe => {
                // The wipe is ordered now; the gate knows in which form the device is told.
                use domain::gate::{Authentication, Gate};
                match flow.gate(&self.engine, Authentication::Verified) {
                    Gate::Refuse(reason) => {
                        refuse::refused(&reason, flow.ask.command, flow.ask.version, flow.style())
                    }
                    _ => refuse::must_wipe(flow.ask.command, flow.ask.version, flow.style()),
                }
            }
            Refused::Unauthenticated(said) | Refused::No(said) | Refused::Later(said) => said,
        }
    }
}
