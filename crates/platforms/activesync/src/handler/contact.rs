//! What belongs to a contact besides its command: the first one, the versions, storage that is away, what follows
//! from a refusal.

use domain::gate::RefusalReason;
use engine::eas::{self, Admission, Notice};
use transport::RequestBody;
use wire_eas::command::Command;
use wire_eas::settings;
use wire_eas::version::Version;

use super::{ActiveSync, Flow, Upload, host_of};
use crate::answer::Said;
use crate::refuse;

impl ActiveSync {
    /// First contact of a device.
    pub(super) async fn admit(&self, flow: &mut Flow) -> Result<(), Said> {
        let admitted = eas::admit(&self.engine, &flow.login, &flow.ask.hello).await;
        self.grace.learn(&admitted, self.engine.now());
        let refused = |reason: RefusalReason| {
            refuse::refused(&reason, flow.ask.command, flow.ask.version, flow.style())
        };
        let device = match admitted {
            Ok(Admission::Device(device)) => device,
            Ok(Admission::UserUnknown) => return Err(refused(RefusalReason::NotEnrolled)),
            Ok(Admission::UserDisabled) => return Err(refused(RefusalReason::UserDisabled)),
            Ok(Admission::Full(_)) => return Err(refused(RefusalReason::NoMoreDevices)),
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
            // Proofs are bound to the user, who is known from now on.
            flow.key.take();
        }
        self.note_good(flow).await;
        self.discover_for(flow).await;
        Ok(())
    }

    /// What a refusal has in its wake.
    pub(super) async fn after_refusal(&self, flow: &Flow, reason: &RefusalReason) {
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
    pub(super) async fn settings_before_provision(&self, flow: &mut Flow, body: RequestBody) -> Option<Said> {
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
    pub(super) async fn without_storage(&self, flow: &Flow) -> Option<Said> {
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
}

/// Whether the version of the request is served.
pub(super) fn offers(flow: &Flow) -> bool {
    match flow.server() {
        Some(server) => crate::gateway::versions(server).contains(&flow.ask.version),
        None => crate::standin::VERSIONS.contains(&flow.ask.version),
    }
}
