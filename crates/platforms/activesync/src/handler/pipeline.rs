//! A command, from its head to its answer.

use std::borrow::Cow;
use std::net::SocketAddr;

use domain::gate::{Authentication, Gate, RefusalReason, WipeStep};
use engine::eas::{self, Admission, Notice};
use http::request;
use transport::{Reply, RequestBody};
use wire_eas::command::{Class, Command};
use wire_eas::refusal::{Form, Refusal, status_body};
use wire_eas::settings;
use wire_eas::sniff::{Sniff, sniff};
use wire_eas::status::common;
use wire_eas::version::Version;

use super::{ActiveSync, Ask, Credentials, Flow, NoCredentials, Proved, Upload, UploadError, host_of};
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
        let credentials = match Credentials::of(&ask.headers) {
            Ok(credentials) => credentials,
            Err(NoCredentials::Unusable) => return Err(refuse::unauthenticated()),
            Err(NoCredentials::Absent) => {
                let named = ask.query.user.clone();
                return Err(self.challenge(host_of(&ask.headers), named.as_deref(), peer).await);
            }
        };
        ask.headers.remove(http::header::AUTHORIZATION);
        let login = eas::resolve(&self.engine, host_of(&ask.headers), credentials.user());
        // Nobody here: the same answer as for a wrong password.
        let Some(login) = login else { return Err(refuse::unauthenticated()) };
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
        let line = Line { at, command: Some(ask.command), version: Some(ask.version), received: 0 };
        Ok(Flow { ask, login, credentials, device, peer, secure, line })
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
        if !wipes && !self.offers(flow) {
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
            Gate::NeedProvision(reason) => match self.settings_before_provision(flow, body).await {
                Some(said) => said.into(),
                None => {
                    self.metrics.told_to_provision.up();
                    if let Some(device) = &flow.device {
                        eas::loops(&self.engine).told(device.id);
                    }
                    refuse::must_provision(reason, flow.ask.command, flow.ask.version, flow.style()).into()
                }
            },
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

    /// First contact of a device.
    async fn admit(&self, flow: &mut Flow) -> Result<(), Said> {
        let admitted = eas::admit(&self.engine, &flow.login, &flow.ask.hello).await;
        self.grace.learn(&admitted, self.engine.now());
        let refused = |reason: RefusalReason| {
            refuse::refused(&reason, flow.ask.command, flow.ask.version, flow.style())
        };
        let device = match admitted {
            Ok(Admission::Device(device)) => device,
            Ok(Admission::UserUnknown) => return Err(refused(RefusalReason::NotEnrolled)),
            Ok(Admission::UserDisabled) => return Err(refused(RefusalReason::UserDisabled)),
            Ok(Admission::TooManyDevices) => return Err(refused(RefusalReason::TooManyDevices)),
            // A device that is unknown is never let in while storage is away.
            Err(_) => return Err(self.later()),
        };
        flow.device = Some(device);
        if flow.login.user.is_none()
            && let Some(login) =
                eas::resolve(&self.engine, host_of(&flow.ask.headers), flow.credentials.user())
        {
            flow.login = login;
        }
        self.note_good(flow).await;
        self.discover_for(flow).await;
        Ok(())
    }

    /// Whether the version of the request is served.
    fn offers(&self, flow: &Flow) -> bool {
        match flow.server() {
            Some(server) => crate::gateway::versions(server).contains(&flow.ask.version),
            None => crate::standin::VERSIONS.contains(&flow.ask.version),
        }
    }

    /// What a refusal has in its wake.
    async fn after_refusal(&self, flow: &Flow, reason: &RefusalReason) {
        let Some(device) = &flow.device else { return };
        match reason {
            RefusalReason::Looping { .. } => {
                eas::loops(&self.engine).braked(device.id);
                self.notice(device, Notice::LoopBraked).await;
            }
            // The mail server may still wait for the acknowledgement of its wipe.
            RefusalReason::Wiped => self.relay_wipes(flow),
            _ => {}
        }
    }

    /// quirk: clients up to 14.0 say what they are by Settings, some before they provision. That request alone is
    /// answered by us, so that they go on.
    async fn settings_before_provision(&self, flow: &mut Flow, body: RequestBody) -> Option<Said> {
        if flow.ask.command != Command::Settings
            || flow.ask.version > Version::V14_0
            || flow.ask.expects_continue()
        {
            return None;
        }
        let Ok(Upload::Small(bytes)) = Upload::read(body, 64 * 1024, None).await else { return None };
        let asked = settings::Request::parse(&bytes).ok()?;
        let information = asked.device_information?;
        if asked.user_information || asked.oof.is_some() || asked.device_password.is_some() {
            return None;
        }
        self.note_information(flow, &information).await;
        let answer = settings::Answer {
            status: wire_eas::status::settings::SUCCESS,
            device_information: Some(wire_eas::status::settings::SUCCESS),
            ..settings::Answer::default()
        };
        Some(Said::wbxml(answer.encode(flow.ask.version)))
    }

    /// 503 for a known device whose organization's grace is over; nothing while storage is there.
    async fn without_storage(&self, flow: &Flow) -> Option<Said> {
        let now = self.engine.now();
        if self.grace.is_due(now) {
            if let Some(device) = &flow.device {
                eas::present(&self.engine, device);
            }
            // Beside the request: storage that is away takes its time to say so.
            let this = self.clone();
            tokio::task::spawn_local(async move { this.grace.look(&this.engine).await });
        }
        let since = self.grace.away_since()?;
        let grace = flow.login.organization.settings.storage_grace_ms;
        if flow.device.is_none() || now - since > grace {
            return Some(self.later().because("Storage is away, and so is the grace for known devices."));
        }
        self.metrics.served_on_grace.up();
        None
    }

    /// Journals what an administrator should find there; storage that is away only loses the note.
    pub(crate) async fn notice(&self, device: &domain::model::Device, notice: Notice) {
        let noted = eas::notice(&self.engine, device, notice).await;
        self.grace.learn(&noted, self.engine.now());
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
        _ if ask.command.class() == Class::Upload && ask.version <= Version::V12_1 => Ok(()),
        _ if bodyless => Ok(()),
        _ => Err((Refusal::InvalidWbxml, "The body is not WBXML.".into())),
    }
}
