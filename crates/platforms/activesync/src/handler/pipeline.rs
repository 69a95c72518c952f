//! A command, from its head to its answer.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::OnceLock;

use domain::gate::{Authentication, Gate, ProvisionReason, RefusalReason, WipeStep};
use engine::eas::{self, Notice};
use http::request;
use transport::{Reply, RequestBody};
use wire_eas::command::{Class, Command};
use wire_eas::refusal::{Form, Refusal, status_body};
use wire_eas::sniff::{Sniff, sniff};
use wire_eas::status::common;
use wire_eas::version::Version;

use super::contact::offers;
use super::{
    ActiveSync, Ask, Credentials, Flow, NoCredentials, Proved, Upload, UploadError, host_of, wipe_waits,
};
use crate::answer::{Reaction, Said, Who};
use crate::exchange::Line;
use crate::refuse;

/// Largest body at the stand-in, bytes.
const STANDIN_BODY: u64 = 64 << 20;

impl ActiveSync {
    /// Answers or parks a command.
    pub(crate) async fn command(
        &self,
        parts: request::Parts,
        body: RequestBody,
        peer: SocketAddr,
        secure: bool,
    ) -> Reply {
        let mut flow = match self.begin(parts, peer, secure).await {
            Ok(flow) => flow,
            Err(said) => return self.count(said).response().into(),
        };
        match self.react(&mut flow, body).await {
            Reaction::Said(said) => {
                let said = self.count(said);
                if let Some(device) = &flow.device {
                    flow.line.write(
                        &self.engine,
                        device,
                        said.http.as_u16(),
                        &said.note,
                        said.body.len() as u64,
                    );
                }
                said.response().into()
            }
            Reaction::Passed(response, note) => {
                if let Some(device) = &flow.device {
                    let sent = response.body().length().unwrap_or(0);
                    flow.line.write(&self.engine, device, response.status().as_u16(), &note, sent);
                }
                response.into()
            }
            Reaction::Park(park) => park.into(),
        }
    }

    /// Understands a request and finds user and device, all in memory.
    async fn begin(&self, parts: request::Parts, peer: SocketAddr, secure: bool) -> Result<Flow, Said> {
        let at = self.engine.now();
        let mut ask = Ask::read(parts).inspect_err(|_| self.metrics.malformed.up())?;
        ask.hello.from = Some(peer.ip());
        let named = ask.query.user.as_deref();
        let read = Credentials::of(&ask.headers).and_then(|read| self.whose(read, named));
        let credentials = match read {
            Ok(credentials) => credentials,
            Err(NoCredentials::Unusable) => return Err(refuse::unauthenticated()),
            Err(NoCredentials::Absent | NoCredentials::Nameless) => {
                return Err(self.challenge(host_of(&ask.headers), named, peer).await);
            }
        };
        ask.headers.remove(http::header::AUTHORIZATION);
        let host = host_of(&ask.headers);
        let login = match eas::resolve_confirmed(&self.engine, host, credentials.user()).await {
            Some(login) => Some(login),
            None => eas::resolve_for_wipe(&self.engine, host, credentials.user()),
        };
        let Some(login) = login else { return Err(self.nobody(peer)) };
        if !ask.names(credentials.user()) {
            tracing::warn!(device = ?ask.hello.device_id, "the user of a request is not the one of its credentials");
            let style = refuse::style(None, login.server.as_deref());
            let said = refuse::refusal(Refusal::Blocked, ask.command, ask.version, style);
            return Err(said.because("The request names another user than its credentials."));
        }
        let find = |user: &std::sync::Arc<domain::model::User>| {
            eas::find(&self.engine, login.organization.id, user.id, &ask.hello.device_id)
        };
        let device = login.user.as_ref().and_then(find);
        if !login.organization.enabled && !device.as_deref().is_some_and(wipe_waits) {
            return Err(self.nobody(peer));
        }
        let line = Line { at, command: Some(ask.command), version: Some(ask.version), received: 0 };
        Ok(Flow { ask, login, credentials, device, peer, secure, line, key: OnceLock::new() })
    }

    async fn react(&self, flow: &mut Flow, body: RequestBody) -> Reaction {
        if let Some(said) = self.without_storage(flow).await {
            return said.into();
        }
        let said = |reason: &RefusalReason, flow: &Flow| {
            refuse::refused(reason, flow.ask.command, flow.ask.version, flow.style())
        };
        let authentication = match flow.gate_confirmed(&self.engine, Authentication::Pending).await {
            Gate::Refuse(reason) => return said(&reason, flow).into(),
            _ => match self.prove(flow).await {
                Proved::Good | Proved::ByForwarding => Authentication::Verified,
                Proved::WipeOnly => Authentication::WipeOnly,
                Proved::No(said) => return said.into(),
            },
        };
        let mut gate = flow.gate_confirmed(&self.engine, authentication).await;
        if gate == Gate::Admit {
            if let Err(said) = self.admit(flow).await {
                return said.into();
            }
            gate = flow.gate(&self.engine, authentication);
        }
        let wipes = matches!(gate, Gate::WipeNow { .. });
        if !wipes && !offers(flow) {
            let style = flow.style();
            let said =
                refuse::refusal(Refusal::VersionNotSupported, flow.ask.command, flow.ask.version, style);
            return said.because("This protocol version is not offered here.").into();
        }
        match gate {
            Gate::Refuse(reason) => {
                self.after_refusal(flow, &reason).await;
                said(&reason, flow).into()
            }
            Gate::WipeNow { step: WipeStep::Announce, .. } => {
                refuse::must_wipe(flow.ask.command, flow.ask.version, flow.style()).into()
            }
            Gate::NeedProvision(reason) => self.demand_provision(flow, reason, body).await.into(),
            Gate::WipeNow { kind, step: WipeStep::Deliver } => match self.take(flow, body).await {
                Ok(upload) => self.wipe(flow, kind, authentication, &upload).await.into(),
                Err(said) => said.into(),
            },
            Gate::Serve => match self.take(flow, body).await {
                Ok(upload) => self.serve(flow, upload).await,
                Err(said) => said.into(),
            },
            Gate::Authenticate | Gate::Admit => self.later().into(),
        }
    }

    async fn demand_provision(&self, flow: &mut Flow, reason: ProvisionReason, body: RequestBody) -> Said {
        if let Some(said) = self.settings_before_provision(flow, body).await {
            return said;
        }
        self.metrics.told_to_provision.up();
        if let Some(device) = &flow.device {
            eas::loops(&self.engine).told(device.id, self.engine.now());
        }
        refuse::must_provision(reason, flow.ask.command, flow.ask.version, flow.style())
    }

    async fn serve(&self, flow: &mut Flow, upload: Upload) -> Reaction {
        if let Some(device) = &flow.device {
            eas::present(&self.engine, device);
            eas::loops(&self.engine).served(device.id);
        }
        if flow.ask.command == Command::Provision {
            return self.provision(flow, &upload).await.into();
        }
        if flow.ask.command.is_historical() {
            let said = refuse::refusal(
                Refusal::CommandNotSupported,
                flow.ask.command,
                flow.ask.version,
                flow.style(),
            );
            return said.because("This command belongs to versions that nobody speaks any more.").into();
        }
        if flow.server().is_some() {
            self.forward(flow, upload).await
        } else {
            self.stand_in(flow, &upload).await
        }
    }

    /// Reads the body and checks that it belongs to the command.
    async fn take(&self, flow: &mut Flow, body: RequestBody) -> Result<Upload, Said> {
        let limit = flow.server().map_or(STANDIN_BODY, |server| server.max_body);
        let upload =
            Upload::read(body, limit, self.options.spool.as_deref()).await.map_err(|error| match error {
                UploadError::TooLong => too_long(&flow.ask),
                UploadError::Broken => Said::bare(400).by(Who::Device).because("The device stopped sending."),
            })?;
        flow.line.received = upload.received();
        let Err((refusal, why)) = check_root(&flow.ask, &upload) else { return Ok(upload) };
        self.metrics.mismatched.up();
        if let (Some(device), Refusal::InvalidContent) = (&flow.device, refusal) {
            self.notice(device, Notice::CommandMismatch(flow.ask.command.name())).await;
        }
        Err(refuse::refusal(refusal, flow.ask.command, flow.ask.version, flow.style()).because(why))
    }

    /// Counts an answer of ours.
    pub(crate) fn count(&self, said: Said) -> Said {
        match said.http.as_u16() {
            401 => self.metrics.unauthenticated.up(),
            503 => self.metrics.unavailable.up(),
            _ if !said.note.why.is_empty() => self.metrics.refused.up(),
            _ => {}
        }
        said
    }
}

/// The body is larger than allowed.
pub(crate) fn too_long(ask: &Ask) -> Said {
    let body =
        status_body(ask.command, common::ATTACHMENT_IS_TOO_LARGE).filter(|_| ask.version >= Version::V14_0);
    Said::form(body.map_or_else(|| Form::bare(413), Form::ok)).because("The request is larger than allowed.")
}

/// Decision 3: some servers go by the root element, so it must be the one that was gated.
fn check_root(ask: &Ask, upload: &Upload) -> Result<(), (Refusal, Cow<'static, str>)> {
    let (head, complete) = upload.glance();
    let bodyless = ask.command.root().is_none();
    if head.is_empty() && complete {
        let repeats = matches!(ask.command, Command::Ping | Command::Sync) && ask.version >= Version::V12_1;
        return if repeats || bodyless || ask.command == Command::Ping {
            Ok(())
        } else {
            Err((Refusal::InvalidContent, "The request has no body.".into()))
        };
    }
    let seen = sniff(&head, complete);
    match seen {
        Sniff::Root { tag, .. } if seen.command() != Some(ask.command) => Err((
            Refusal::InvalidContent,
            format!("The body begins with {tag}, which is not this command.").into(),
        )),
        Sniff::Root { .. } => Ok(()),
        // Up to 12.1 a mail is sent as it is. What seems to be WBXML and cannot be read is no mail: a mail server might
        // read it, and find another command.
        _ if is_binary(&head) => Err((Refusal::InvalidWbxml, "The body is not WBXML.".into())),
        _ if ask.command.class() == Class::Upload && ask.version <= Version::V12_1 => Ok(()),
        _ if bodyless => Ok(()),
        _ => Err((Refusal::InvalidWbxml, "The body is not WBXML.".into())),
    }
}

/// Whether a body begins with a version of WBXML (1.0 to 1.3), with which no text begins. The content type is not asked:
/// clients have sent mails under every one.
fn is_binary(head: &[u8]) -> bool {
    head.first().is_some_and(|byte| *byte <= 0x03)
}
