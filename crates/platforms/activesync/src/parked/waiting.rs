//! One waiting request, as small as it can be: thousands of them wait for minutes.

use std::sync::Arc;

use domain::model::{DeviceId, OrganizationId, ServerId, UserId};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use transport::ParkWaker;
use wire_eas::command::Command;
use wire_eas::ping;
use wire_eas::status;
use wire_eas::sync;
use wire_eas::version::Version;

use crate::answer::Said;
use crate::exchange::Line;

/// Reaches whoever can answer.
#[derive(Clone)]
pub(crate) enum Bell {
    /// The lot.
    Lot(ParkWaker),
    /// A handler that waits for the mail server's second answer.
    Handler(Arc<Mutex<Option<oneshot::Sender<Said>>>>),
}

impl Bell {
    /// For a handler.
    pub(crate) fn handler() -> (Bell, oneshot::Receiver<Said>) {
        let (sender, receiver) = oneshot::channel();
        (Bell::Handler(Arc::new(Mutex::new(Some(sender)))), receiver)
    }

    /// Whether both belong to the same request.
    pub(super) fn is(&self, other: &Bell) -> bool {
        match (self, other) {
            (Bell::Lot(a), Bell::Lot(b)) => a.same_request(b),
            (Bell::Handler(a), Bell::Handler(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// Answers. Somebody who has left does not mind.
    pub(super) fn ring(&self, said: Said) {
        match self {
            Bell::Lot(waker) => drop(waker.answer(said.wake())),
            Bell::Handler(sender) => {
                if let Some(sender) = sender.lock().take() {
                    drop(sender.send(said));
                }
            }
        }
    }
}

/// A waiting request.
pub(crate) struct Waiting {
    pub(crate) bell: Bell,
    pub(crate) organization: OrganizationId,
    pub(crate) user: UserId,
    pub(crate) device: DeviceId,
    /// The mail server that it waits at; none at the stand-in.
    pub(crate) server: Option<ServerId>,
    pub(crate) command: Command,
    pub(crate) version: Version,
    pub(crate) policy_key: Option<u32>,
    pub(crate) line: Line,
}

/// What the gate has to be asked.
pub(super) struct Question {
    pub(super) bell: Bell,
    pub(super) organization: OrganizationId,
    pub(super) user: UserId,
    pub(super) device: DeviceId,
    pub(super) server: Option<ServerId>,
    pub(super) command: Command,
    pub(super) version: Version,
    pub(super) policy_key: Option<u32>,
}

impl Waiting {
    pub(super) fn question(&self) -> Question {
        Question {
            bell: self.bell.clone(),
            organization: self.organization,
            user: self.user,
            device: self.device,
            server: self.server,
            command: self.command,
            version: self.version,
            policy_key: self.policy_key,
        }
    }

    /// An answer after which the device asks again by itself: the interval is over, or try again.
    pub(crate) fn nothing_new(&self) -> Said {
        match (self.command, self.server) {
            (Command::Ping, _) => Said::wbxml(ping::Answer::Expired.encode()),
            (_, None) => Said::bare(200),
            // The mail server may not have executed what the Sync carries.
            _ => Said::later(1),
        }
    }
}

impl Question {
    /// The mailbox is elsewhere now: the device fetches the folders again and finds out.
    pub(super) fn start_over(&self) -> Said {
        let body = if self.command == Command::Ping {
            ping::Answer::FolderSyncRequired.encode()
        } else {
            sync::Answer::refused(status::sync::FOLDER_HIERARCHY_CHANGED, None).encode(self.version)
        };
        Said::wbxml(body).because("The user's mail server was changed or taken out of use.")
    }
}
