//! The wipe dance with a device (MS-ASPROV 3.1.5.1.2): the directive answers any Provision until the device confirms.

use domain::gate::Authentication;
use domain::model::WipeKind as Kind;
use engine::eas::{self, Notice};
use wire_eas::provision::{Answer, Request, WipeKind};
use wire_eas::status::{provision, wipe as status};

use crate::answer::Said;
use crate::handler::{ActiveSync, Flow, Upload};

/// The codec's name of a kind.
pub(crate) fn wire_kind(kind: Kind) -> WipeKind {
    match kind {
        Kind::Device => WipeKind::Device,
        Kind::Account => WipeKind::AccountOnly,
    }
}

impl ActiveSync {
    /// Answers a Provision of a device that has a wipe to fetch.
    pub(crate) async fn wipe(
        &self,
        flow: &mut Flow,
        kind: Kind,
        authentication: Authentication,
        upload: &Upload,
    ) -> Said {
        let Some(device) = flow.device.clone() else { return self.later() };
        if authentication == Authentication::WipeOnly {
            self.notice(&device, Notice::WipeSession).await;
        }
        eas::present(&self.engine, &device);
        // A body that cannot be read is still a contact of a device that must be wiped.
        let confirmed = match upload {
            Upload::Small(bytes) => match Request::parse(bytes) {
                Ok(Request::WipeAcknowledge { kind: what, status }) if what == wire_kind(kind) => {
                    Some(status)
                }
                _ => None,
            },
            Upload::Large(_) => None,
        };
        let Some(said) = confirmed else {
            let sent = eas::wipe_sent(&self.engine, &device).await;
            self.grace.learn(&sent, self.engine.now());
            if sent.is_err() {
                return self.later().because("The wipe could not be recorded as sent.");
            }
            self.metrics.wipes_sent.up();
            return Said::wbxml(Answer::Wipe(wire_kind(kind)).encode())
                .because("The device was told to wipe.");
        };
        let code = u8::try_from(said).unwrap_or(u8::MAX);
        let over = eas::wipe_acknowledged(&self.engine, &device, kind, code).await;
        self.grace.learn(&over, self.engine.now());
        match over {
            Ok(over) => {
                if over {
                    self.metrics.wipes_done.up();
                }
                self.relay_wipes(flow);
                let success = said == status::SUCCESS;
                Said::wbxml(Answer::WipeFinal { kind: wire_kind(kind), success }.encode()).because(
                    if success {
                        "The device confirmed that it wiped itself."
                    } else {
                        "The device reports that it could not wipe itself."
                    },
                )
            }
            // Confirmed without having been told: the command's own state says what is possible.
            Err(engine::Error::Conflict(why)) => {
                Said::wbxml(Answer::Status(provision::PROTOCOL_ERROR).encode()).because(why)
            }
            Err(_) => self.later().because("The confirmation of the wipe could not be recorded."),
        }
    }
}
