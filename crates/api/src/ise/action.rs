//! Commands and messages.

use axum::response::Response;
use bytes::Bytes;
use engine::ise as feature;
use http::StatusCode;
use wire_ise::answer::{self, Outcome};
use wire_ise::target::Action;
use wire_ise::{ApiVersion, Identifier, Lookup, body};

use super::call::Recorder;
use super::devices::{Asked, key};
use super::{Call, answers, bodies};

/// Why no message is sent.
const NO_MESSAGES: &str =
    "The device is managed over ActiveSync, which carries no messages of an administrator.";

impl Call<'_> {
    /// `POST action`.
    pub(super) async fn action<B>(&self, action: Action, body: B, recorder: Recorder) -> Response
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<axum::BoxError>,
    {
        let devices = match bodies::read(body).await.and_then(|bytes| body::identifiers(&bytes)) {
            Ok(devices) => devices,
            Err(why) => return recorder.answered(answers::bad_body(self.version, why), &why.to_string()),
        };
        let action = match action {
            Action::FullWipe => feature::Action::FullWipe,
            Action::CorporateWipe => feature::Action::CorporateWipe,
            Action::PinLock => feature::Action::PinLock,
        };
        let keys: Vec<_> = devices
            .iter()
            .map(|device| match key(device) {
                Asked::One(key) => key,
                Asked::Many(_) => None,
            })
            .collect();
        match feature::action(&self.ise.engine, &self.scope, action, &keys).await {
            Ok(outcomes) => {
                let results = devices.iter().zip(&outcomes).filter_map(|(device, outcome)| {
                    let outcome =
                        outcome.as_ref().map_or_else(|why| Outcome::Refused(why), |()| Outcome::Accepted);
                    Some((device.echo()?, outcome))
                });
                let mut xml = Vec::with_capacity(512);
                answer::action(&mut xml, self.version_of(&devices), results);
                let note =
                    outcomes.iter().find_map(|outcome| outcome.as_ref().err()).cloned().unwrap_or_default();
                recorder.answered(answers::xml(StatusCode::OK, xml), &note)
            }
            Err(error) => recorder.answered(answers::failure(self.version, &error), &error.to_string()),
        }
    }

    /// `PUT sendmessage`: `mdminfo` says that there are no messages; who asks all the same is told why for each device.
    pub(super) async fn send_message<B>(&self, body: B, recorder: Recorder) -> Response
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<axum::BoxError>,
    {
        let message = match bodies::read(body).await.and_then(|bytes| body::message(&bytes)) {
            Ok(message) => message,
            Err(why) => return recorder.answered(answers::bad_body(self.version, why), &why.to_string()),
        };
        let results: Vec<(Identifier<'_>, _)> =
            message.devices.iter().filter_map(|d| Some((d.echo()?, Outcome::Refused(NO_MESSAGES)))).collect();
        let mut xml = Vec::with_capacity(512);
        answer::send_message(&mut xml, self.version_of(&message.devices), results);
        recorder.answered(answers::xml(StatusCode::OK, xml), NO_MESSAGES)
    }

    /// A body that names devices by GUID comes from a client of version 3, if the address leaves it open.
    fn version_of(&self, devices: &[Lookup]) -> ApiVersion {
        let versioned = self.parts.uri.path().contains("/mdmapi/v");
        if !versioned && devices.iter().any(Lookup::is_version_3) { ApiVersion::V3 } else { self.version }
    }
}
