//! Our own Provision, towards devices of both roles: the policy in two phases, what the device says of itself, and
//! wipes (MS-ASPROV 3.1.5).

mod document;
mod facts;
mod wipe;

use engine::eas::{self, Acknowledgement};
use wire_eas::provision::{Answer, PolicyType, Request};
use wire_eas::refusal::Refusal;
use wire_eas::status::{common, provision as status};
use wire_eas::version::Version;

use crate::answer::Said;
use crate::handler::{ActiveSync, Flow, Upload};
use crate::refuse;

pub(crate) use document::Documents;
pub(crate) use facts::information_of;
pub(crate) use wipe::wire_kind;

impl ActiveSync {
    /// Answers a Provision of a device that nothing stands against.
    pub(crate) async fn provision(&self, flow: &mut Flow, upload: &Upload) -> Said {
        let request = match read(flow, upload) {
            Ok(request) => request,
            Err(said) => return said,
        };
        match request {
            Request::Initial { policy_type, device_information } => {
                let told = device_information.is_some();
                if let Some(information) = device_information {
                    self.note_information(flow, &information).await;
                }
                self.hand_out(flow, policy_type, told).await
            }
            Request::Acknowledge { policy_type, key, status } => {
                self.acknowledged(flow, policy_type, key, status).await
            }
            // Nothing waits to be fetched, and nothing waits to be confirmed.
            Request::Empty => Said::wbxml(Answer::Status(status::SUCCESS).encode()),
            Request::WipeAcknowledge { .. } => Said::wbxml(Answer::Status(status::PROTOCOL_ERROR).encode())
                .because("The device confirms a wipe that nobody ordered."),
        }
    }

    /// Phase one.
    async fn hand_out(&self, flow: &Flow, policy_type: PolicyType, device_information: bool) -> Said {
        let Some(device) = &flow.device else { return self.later() };
        if policy_type != PolicyType::of(flow.ask.version) {
            let answer = Answer::UnknownPolicyType { policy_type, device_information };
            return Said::wbxml(answer.encode()).because("The device asks for an unknown form of policy.");
        }
        let offer = eas::send_policy(&self.engine, device, flow.ask.version.as_str()).await;
        self.grace.learn(&offer, self.engine.now());
        let Ok(offer) = offer else {
            return self.later().because("The policy could not be recorded as sent.");
        };
        let Some(document) = self.documents.of(&offer.document) else {
            return self.later().because("The policy could not be written for this device.");
        };
        let key = offer.temporary_key;
        Said::wbxml(Answer::Policy { policy_type, key, document: &document, device_information }.encode())
    }

    /// Phase two.
    async fn acknowledged(
        &self,
        flow: &mut Flow,
        policy_type: PolicyType,
        key: Option<u32>,
        status: u16,
    ) -> Said {
        let Some(device) = flow.device.clone() else { return self.later() };
        let key = key.map_or_else(String::new, |key| key.to_string());
        let status = u8::try_from(status).unwrap_or(0);
        let outcome = eas::acknowledge(&self.engine, &device, &key, status).await;
        self.grace.learn(&outcome, self.engine.now());
        let refusal = |refusal| refuse::refusal(refusal, flow.ask.command, flow.ask.version, flow.style());
        match outcome {
            Err(_) => self.later().because("The acknowledgement could not be recorded."),
            Ok(Acknowledgement::Key(key)) => {
                self.metrics.provisioned.up();
                let said = Said::wbxml(Answer::Acknowledged { policy_type, key }.encode());
                self.introduce(flow);
                said
            }
            Ok(Acknowledgement::WrongKey) => Said::wbxml(Answer::WrongKey { policy_type }.encode())
                .because("The device acknowledges a policy key that it was not given."),
            Ok(Acknowledgement::PartialNotAllowed) => {
                refusal(Refusal::NotFullyProvisionable).because("The device applies the policy only in part.")
            }
            Ok(Acknowledgement::Refused) => {
                refusal(Refusal::LegacyDevice).because("The device refused the policy.")
            }
            Ok(Acknowledgement::ExternalNotAllowed) => {
                refusal(Refusal::ExternallyManaged).because("The device says that a third party manages it.")
            }
            Ok(Acknowledgement::Invalid) => Said::wbxml(Answer::Status(status::PROTOCOL_ERROR).encode())
                .because("The acknowledgement has an unknown status."),
        }
    }
}

/// Reads the body; a damaged one is refused in the form of the version.
fn read(flow: &Flow, upload: &Upload) -> Result<Request, Said> {
    let Upload::Small(bytes) = upload else {
        return Err(bad(flow, common::INVALID_CONTENT).because("The Provision request is too large."));
    };
    Request::parse(bytes).map_err(|error| {
        bad(flow, error.status()).because(format!("The Provision request is not understood: {error}."))
    })
}

fn bad(flow: &Flow, status: u16) -> Said {
    if flow.ask.version <= Version::V12_1 {
        return Said::bare(400);
    }
    // MS-ASPROV has a status of its own for what is well-formed and still no Provision.
    let status =
        if status == common::INVALID_WBXML { status } else { wire_eas::status::provision::PROTOCOL_ERROR };
    Said::wbxml(Answer::Status(status).encode())
}
