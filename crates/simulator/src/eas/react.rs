//! Reacting as phones do: a refusal that Provision can mend is mended and the command repeated.

use super::call::Call;
use super::device::Device;
use super::provision::WipeKind;
use super::reply::{Need, Reply};
use crate::http::Error;
use crate::wbxml::Element;

/// How often a phone provisions for one command before it gives up.
const ROUNDS: usize = 2;

/// What finally came of a command.
#[derive(Clone, Debug)]
pub enum Handled {
    /// It was executed; this is the answer (which may tell of a failure of its own).
    Done(Reply),
    /// It was refused and provisioning did not help or was not offered; the last answer.
    Refused(Reply),
    /// The phone was wiped instead.
    Wiped(WipeKind),
}

impl Handled {
    /// The answer, if the command was executed.
    pub fn done(self) -> Option<Reply> {
        match self {
            Handled::Done(reply) => Some(reply),
            Handled::Refused(_) | Handled::Wiped(_) => None,
        }
    }
}

impl Device {
    /// Sends a document like a phone: provisions and repeats when told to, obeys wipes. A wiped phone sends
    /// nothing.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn command(&mut self, cmd: &str, root: &Element) -> Result<Handled, Error> {
        self.handle(Call::new(cmd, root)).await
    }

    /// Sends a call like a phone.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn handle(&mut self, call: Call) -> Result<Handled, Error> {
        let mut rounds = 0;
        loop {
            if let Some(kind) = self.wiped {
                return Ok(Handled::Wiped(kind));
            }
            let reply = self.send(call.clone()).await?;
            match reply.need() {
                Need::Nothing => return Ok(Handled::Done(reply)),
                Need::Provision if rounds < ROUNDS => {
                    rounds += 1;
                    let outcome = self.provision().await?;
                    if self.wiped.is_none() && !outcome.is_current() {
                        return Ok(Handled::Refused(
                            outcome.replies.into_iter().next_back().unwrap_or(reply),
                        ));
                    }
                }
                Need::Provision | Need::Credentials | Need::Blocked | Need::Later => {
                    return Ok(Handled::Refused(reply));
                }
            }
        }
    }
}
