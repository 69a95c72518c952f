//! Proving credentials, as late and as seldom as is right.
//!
//! A device with a pending wipe is admitted by the last credential that was good, because its account may be disabled
//! by now. A request that will be forwarded is proved by the mail server's own answer. Everything else asks: the mail
//! server by OPTIONS, the stand-in by the user's password. Wrong credentials rest for a while.

use std::net::SocketAddr;

use domain::gate::{Authentication, Gate};
use domain::model::Device;
use engine::eas;
use engine::strangers::{self, Surface};
use http::{HeaderMap, header};
use wire_eas::command::Command;

use super::{ActiveSync, Credentials, Flow, attempts};
use crate::answer::Said;
use crate::gateway::Verified;
use crate::refuse;

/// What is known of the credentials now.
pub(crate) enum Proved {
    /// They are good.
    Good,
    /// The mail server will say so itself when the request is forwarded.
    ByForwarding,
    /// Good once, for the wipe that waits.
    WipeOnly,
    /// The answer that ends the request.
    No(Said),
}

/// The `Host` of a request.
pub(crate) fn host_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// Whether a wipe waits for the device.
pub(crate) fn wipe_waits(device: &Device) -> bool {
    device.eas().is_some_and(|channel| channel.eas.wipe.is_some())
}

impl ActiveSync {
    /// 401 for a name that leads nowhere, or where nobody is served: the same answer as for a wrong password.
    pub(crate) fn nobody(&self, peer: SocketAddr) -> Said {
        strangers::refused(&self.engine, None, peer.ip(), Surface::Activesync);
        refuse::unauthenticated()
    }

    /// Proves the credentials of a request.
    pub(crate) async fn prove(&self, flow: &mut Flow) -> Proved {
        if self.admits_wipe(flow) {
            return Proved::WipeOnly;
        }
        if !flow.login.organization.enabled {
            return Proved::No(self.nobody(flow.peer));
        }
        let bearer = matches!(flow.credentials, Credentials::Bearer { .. });
        if bearer && flow.server().is_none_or(|server| !server.bearer) {
            return Proved::No(refuse::unauthenticated());
        }
        let key = self.credential_key(flow);
        let now = self.engine.now();
        if self.attempts.was_wrong(&key, now) || !self.may_try(flow, key) {
            self.metrics.spared_sign_ins.up();
            return Proved::No(self.wrong_credentials(flow));
        }
        let Some(server) = flow.server().cloned() else { return self.prove_locally(flow, key).await };
        let serves = || flow.gate(&self.engine, Authentication::Verified) == Gate::Serve;
        let verified = match self.prove_owner(&server, &flow.login, &flow.credentials, flow.peer).await {
            Verified::Good if flow.device.is_some() && flow.ask.command != Command::Provision && serves() => {
                return Proved::ByForwarding;
            }
            Verified::Good if self.attempts.was_right(&key, now) => return Proved::Good,
            Verified::Good => self.verify(&server, &flow.login, &flow.credentials, flow.peer).await,
            other => other,
        };
        match verified {
            Verified::Good => {
                self.note_good(flow).await;
                Proved::Good
            }
            Verified::Wrong(said) => {
                self.note_wrong(flow).await;
                Proved::No(said)
            }
            Verified::Unknown(said) => Proved::No(said),
        }
    }

    /// Proves credentials that forwarding would prove only afterwards, before something is kept that came with them.
    pub(crate) async fn prove_before_keeping(&self, flow: &mut Flow) -> Result<(), Said> {
        let Some(server) = flow.server().cloned() else { return Ok(()) };
        if self.attempts.was_right(&self.credential_key(flow), self.engine.now()) {
            return Ok(());
        }
        match self.verify(&server, &flow.login, &flow.credentials, flow.peer).await {
            Verified::Good => {
                self.note_good(flow).await;
                Ok(())
            }
            Verified::Wrong(said) => {
                self.note_wrong(flow).await;
                Err(said)
            }
            Verified::Unknown(said) => Err(said),
        }
    }

    /// Decision 8: a wipe reaches a device whose account is disabled.
    fn admits_wipe(&self, flow: &Flow) -> bool {
        let Some(device) = &flow.device else { return false };
        wipe_waits(device)
            && flow.credentials.is_lasting()
            && eas::credential_matches(device, &self.device_key(flow))
    }

    /// Whether a device that failed too often may try this credential now.
    fn may_try(&self, flow: &Flow, key: attempts::Key) -> bool {
        let Some(device) = &flow.device else { return true };
        let failures = device.facts.int("auth_failures").unwrap_or(0);
        failures == 0
            || eas::auth_paused(&self.engine, device).is_none()
            || self.attempts.may_try_paused(device.id, key, self.engine.now())
    }

    async fn prove_locally(&self, flow: &mut Flow, key: attempts::Key) -> Proved {
        let Credentials::Basic { password, .. } = &flow.credentials else {
            return Proved::No(refuse::unauthenticated());
        };
        // Ours is proved again each time: the engine remembers proofs, and forgets them when the password changes.
        match eas::verify_login(&self.engine, &flow.login, password).await {
            Ok(Some(user)) => {
                flow.login.user = Some(user);
                self.attempts.right(key, self.engine.now());
                self.note_good(flow).await;
                Proved::Good
            }
            Ok(None) => {
                if !flow.login.user_is_disabled() {
                    self.note_wrong(flow).await;
                }
                Proved::No(refuse::unauthenticated())
            }
            Err(_) => Proved::No(self.later()),
        }
    }

    /// Takes note of credentials that were just proved: the device is there, and its failures are over. Storage that
    /// is away does not keep the device out.
    pub(crate) async fn note_good(&self, flow: &mut Flow) {
        let now = self.engine.now();
        if flow.login.server.is_some() {
            self.attempts.right(self.credential_key(flow), now);
        }
        let Some(device) = flow.device.clone() else { return };
        let lasting = flow.credentials.is_lasting();
        let credential = lasting.then(|| self.device_key(flow));
        let heard = eas::heard(&self.engine, &device, &flow.ask.hello, credential).await;
        self.grace.learn(&heard, now);
        if let Ok(device) = heard {
            flow.device = Some(device);
        }
        if device.facts.int("auth_failures").unwrap_or(0) > 0 {
            let done = eas::auth_succeeded(&self.engine, &device).await;
            self.grace.learn(&done, now);
        }
    }

    /// Takes note of credentials that were just refused.
    pub(crate) async fn note_wrong(&self, flow: &Flow) {
        let now = self.engine.now();
        let key = self.credential_key(flow);
        self.attempts.wrong(key, now);
        if let Some(device) = &flow.device {
            self.attempts.failed(device.id, key, now);
            let counted = eas::auth_failed(&self.engine, device).await;
            self.grace.learn(&counted, now);
        } else {
            let organization = Some(flow.login.organization.id);
            strangers::refused(&self.engine, organization, flow.peer.ip(), Surface::Activesync);
        }
    }

    /// 401 as this user's server would say it.
    pub(crate) fn wrong_credentials(&self, flow: &Flow) -> Said {
        match flow.server() {
            Some(server) => self.gateway.challenge_of(server),
            None => refuse::unauthenticated(),
        }
    }

    /// Keyed hash of the credentials for all of the user.
    pub(crate) fn credential_key(&self, flow: &Flow) -> attempts::Key {
        *flow.key.get_or_init(|| self.hash_for(flow, ""))
    }

    /// Keyed hash of the credentials for one device.
    fn device_key(&self, flow: &Flow) -> attempts::Key {
        self.hash_for(flow, &flow.ask.hello.device_id)
    }

    fn hash_for(&self, flow: &Flow, device_id: &str) -> attempts::Key {
        eas::credential_hash(&self.engine, &flow.login, device_id, flow.credentials.secret())
    }
}
