//! A request on its way: what it asks, who sends it, which device it is.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use domain::gate::{Authentication, Gate, GateCommand};
use domain::model::{ActiveSyncServer, Device};
use engine::eas::{GateRequest, Login};
use http::{HeaderMap, HeaderValue, header};
use wire_eas::command::Command;
use wire_eas::refusal::Style;

use super::attempts::Key;
use super::{Ask, Credentials};
use crate::exchange::Line;

/// A request with everything that is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    pub(crate) ask: Ask,
    pub(crate) login: Login,
    pub(crate) credentials: Credentials,
    /// The device, once it is known.
    pub(crate) device: Option<Arc<Device>>,
    pub(crate) peer: SocketAddr,
    pub(crate) secure: bool,
    pub(crate) line: Line,
    /// Keyed hash of the credentials for all of the user, once it was asked for.
    pub(crate) key: OnceLock<Key>,
}

impl Flow {
    /// The mail server, if the user has one.
    pub(crate) fn server(&self) -> Option<&Arc<ActiveSyncServer>> {
        self.login.server.as_ref()
    }

    /// How this device wants to be refused.
    pub(crate) fn style(&self) -> Style {
        crate::refuse::style(self.device.as_deref(), self.server().map(AsRef::as_ref))
    }

    /// Asks the gate, from memory alone.
    pub(crate) fn gate(&self, engine: &engine::Engine, authentication: Authentication) -> Gate {
        engine::eas::gate(engine, &self.login, self.device.as_deref(), &self.gate_request(authentication))
    }

    /// Asks the gate; what another node may have changed a moment ago is looked up before a refusal stands.
    pub(crate) async fn gate_confirmed(
        &mut self,
        engine: &engine::Engine,
        authentication: Authentication,
    ) -> Gate {
        let request = self.gate_request(authentication);
        let id = &self.ask.hello.device_id;
        let decided =
            engine::eas::gate_confirmed(engine, &self.login, self.device.as_ref(), id, &request).await;
        let (gate, device) = decided;
        self.device = device;
        gate
    }

    fn gate_request(&self, authentication: Authentication) -> GateRequest<'_> {
        GateRequest {
            command: if self.ask.command == Command::Provision {
                GateCommand::Provision
            } else {
                GateCommand::Other
            },
            policy_key: self.ask.policy_key,
            version: self.ask.version.as_str(),
            authentication,
        }
    }

    /// Gives back what a long wait does not need. Header values are copied: they are slices of the connection's
    /// buffer, which a single one would keep alive.
    pub(crate) fn shrink(&mut self) {
        let mut kept = HeaderMap::with_capacity(3);
        for name in [header::COOKIE, header::CONTENT_TYPE, header::ACCEPT_ENCODING] {
            for value in self.ask.headers.get_all(&name) {
                if let Ok(copy) = HeaderValue::from_bytes(value.as_bytes()) {
                    kept.append(name.clone(), copy);
                }
            }
        }
        self.ask.headers = kept;
    }
}
