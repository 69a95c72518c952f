//! The stand-in server: a mailbox without mail for users who have no mail server, so that their devices get the same
//! policy and the same wipe.
//!
//! Five mail folders, always empty; no calendar and no contacts, so that no device uploads what would be lost. Ping
//! and Sync wait as they do everywhere.

mod folders;
mod memory;
mod ping;
mod settings;
mod sync;

use std::ops::RangeInclusive;
use std::time::Duration;

use transport::{Park, Ticket};
use wire_eas::body::Error as BodyError;
use wire_eas::command::{Class, Command};
use wire_eas::refusal::{Form, Refusal};
use wire_eas::status::common;
use wire_eas::version::Version;
use wire_eas::{others, refusal};

use crate::answer::{Reaction, Said, Who};
use crate::handler::{ActiveSync, Flow, Upload, too_long};
use crate::parked::{Bell, Waiting};

pub(crate) use memory::Memory;

/// Versions of the stand-in.
pub(crate) const VERSIONS: RangeInclusive<Version> = Version::V12_1..=Version::V16_1;

/// An answer at once, or after a wait.
enum Outcome {
    Now(Said),
    Wait(Duration),
}

impl ActiveSync {
    /// Answers a command of a user without a mail server.
    pub(crate) async fn stand_in(&self, flow: &mut Flow, upload: &Upload) -> Reaction {
        let (command, version) = (flow.ask.command, flow.ask.version);
        let bytes = match upload {
            Upload::Small(bytes) => bytes.clone(),
            // The content of a mail does not matter here.
            Upload::Large(_) if command.class() == Class::Upload => bytes::Bytes::new(),
            // Read as nothing it would be a repeated request, and what it brings would seem to be stored.
            Upload::Large(_) => return too_long(&flow.ask).by(Who::StandIn).into(),
        };
        let Some(device) = flow.device.as_ref().map(|d| d.id) else { return self.later().into() };
        let outcome = match command {
            Command::FolderSync => folders::answer(&bytes).map(Outcome::Now),
            Command::GetItemEstimate => folders::estimate(version, &bytes).map(Outcome::Now),
            Command::Settings => self.settings(flow, &bytes).await.map(Outcome::Now),
            Command::Ping => ping::answer(&self.standin, device, self.options.heartbeat, &bytes),
            Command::Sync => sync::answer(&self.standin, device, version, self.options.heartbeat, &bytes),
            _ => match others::answer(command, version, &bytes) {
                Some(answer) => answer.map(|form| Outcome::Now(Said::form(form))),
                None => Ok(Outcome::Now(crate::refuse::refusal(
                    Refusal::CommandNotSupported,
                    command,
                    version,
                    flow.style(),
                ))),
            },
        };
        match outcome {
            Ok(Outcome::Now(said)) => said.by(Who::StandIn).into(),
            Ok(Outcome::Wait(limit)) => self.wait(flow, limit),
            Err(error) => {
                self.metrics.malformed.up();
                bad(command, version, &error).into()
            }
        }
    }

    /// Parks a Ping or Sync.
    fn wait(&self, flow: &Flow, limit: Duration) -> Reaction {
        let (Some(device), Some(user)) = (&flow.device, &flow.login.user) else { return self.later().into() };
        let (ticket, waker) = Ticket::new();
        let bell = Bell::Lot(waker);
        let id = device.id;
        self.parked.enter(Waiting {
            bell: bell.clone(),
            organization: device.organization,
            user: user.id,
            device: id,
            server: None,
            command: flow.ask.command,
            version: flow.ask.version,
            policy_key: flow.ask.policy_key,
            line: flow.line.clone(),
        });
        let command = flow.ask.command;
        let (over, gone) = (self.clone(), (self.clone(), bell.clone()));
        let park = Park::wait(ticket, limit, move || {
            let said = match command {
                Command::Ping => Said::wbxml(wire_eas::ping::Answer::Expired.encode()),
                // Nothing changed (MS-ASCMD, Empty Sync Response).
                _ => Said::bare(200),
            };
            let said = said.by(Who::StandIn);
            over.left(id, &bell, said.http.as_u16(), &said.note);
            said.wake()
        });
        let (this, bell) = gone;
        Reaction::Park(park.on_gone(move || this.device_left(id, &bell)))
    }

    /// A waiting request ended otherwise than by the registry.
    pub(crate) fn left(
        &self,
        device: domain::model::DeviceId,
        bell: &Bell,
        http: u16,
        note: &crate::answer::Note,
    ) {
        let Some(waiting) = self.parked.leave(device, bell) else { return };
        if let Some(device) = self.parked.device(&waiting) {
            waiting.line.write(&self.engine, &device, http, note, 0);
        }
    }

    /// The device of a waiting request closed its connection.
    pub(crate) fn device_left(&self, device: domain::model::DeviceId, bell: &Bell) {
        let mut note = crate::answer::Note::by(Who::Device);
        note.why = "The device left while it waited.".into();
        self.left(device, bell, 0, &note);
    }
}

/// A body that cannot be read.
fn bad(command: Command, version: Version, error: &BodyError) -> Said {
    let status = error.status();
    let body = refusal::status_body(command, status).filter(|_| version >= Version::V14_0);
    let http = if status == common::INVALID_WBXML { Refusal::InvalidWbxml } else { Refusal::InvalidContent }
        .http_status();
    Said::form(body.map_or_else(|| Form::bare(http), Form::ok))
        .because(format!("The request is not understood: {error}."))
}
