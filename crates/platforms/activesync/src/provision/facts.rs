//! What a device says of itself, as facts; and facts as what we say of it to a mail server.

use domain::model::Device;
use engine::eas;
use wire_eas::device_information::DeviceInformation;

use crate::handler::{ActiveSync, Flow};

impl ActiveSync {
    /// Stores a device's description. Storage that is away only loses the news.
    pub(crate) async fn note_information(&self, flow: &mut Flow, information: &DeviceInformation) {
        let Some(device) = flow.device.clone() else { return };
        let stored = eas::report_device_information(&self.engine, &device, &said(information)).await;
        self.grace.learn(&stored, self.engine.now());
        if let Ok(device) = stored {
            flow.device = Some(device);
        }
    }
}

/// Pairs of fact and text.
fn said(information: &DeviceInformation) -> Vec<(&'static str, String)> {
    [
        ("model", &information.model),
        ("imei", &information.imei),
        ("friendly_name", &information.friendly_name),
        ("os", &information.os),
        ("os_language", &information.os_language),
        ("phone_number", &information.phone_number),
        ("mobile_operator", &information.mobile_operator),
    ]
    .into_iter()
    .filter_map(|(key, text)| Some((key, text.clone()?)))
    .collect()
}

/// The description that a mail server gets, from what is known; servers from 14.1 on insist on one.
pub(crate) fn information_of(device: &Device) -> DeviceInformation {
    let text = |key| device.facts.text(key).filter(|t| !t.is_empty()).map(str::to_owned);
    let eas = device.eas().map(|channel| &channel.eas);
    let device_type = eas.map(|e| e.device_type.clone()).filter(|t| !t.is_empty());
    let user_agent = eas.map(|e| e.user_agent.clone()).filter(|t| !t.is_empty());
    DeviceInformation {
        model: text("model").or_else(|| device_type.clone()),
        imei: text("imei"),
        friendly_name: text("friendly_name").or(device_type),
        os: text("os").or_else(|| user_agent.clone()),
        os_language: text("os_language"),
        phone_number: text("phone_number"),
        user_agent,
        enable_outbound_sms: None,
        mobile_operator: text("mobile_operator"),
    }
}
