//! Recovery passwords that devices deposit by Settings. Our policy allows or forbids them, so they are kept here; a
//! mail server never sees one.

use engine::eas::{self, Deposit};
use http::{Response, header};
use transport::{Body, read_all};
use wire_eas::settings::{DevicePassword, Request, escrow};
use wire_eas::status::settings as status;

use crate::answer::Said;
use crate::handler::{ActiveSync, Flow, Upload};

/// Largest answer to a Settings that is completed.
const MAX_ANSWER: usize = 256 * 1024;

/// What becomes of a Settings on its way to the mail server.
pub(super) enum Heard {
    /// It goes on as it is.
    Nothing,
    /// It was meant for us alone.
    Answer(Said),
    /// It goes on without the recovery password, which was answered with this status.
    Kept(u16),
}

impl ActiveSync {
    /// Keeps or forgets a recovery password; the status for the device.
    pub(crate) async fn deposit(&self, flow: &Flow, password: &DevicePassword) -> Result<u16, Said> {
        let Some(device) = &flow.device else { return Err(self.later()) };
        let password = match password {
            DevicePassword::Set(password) => Some(password.reveal()),
            DevicePassword::Clear => None,
        };
        let deposited = eas::deposit_recovery_password(&self.engine, device, password).await;
        self.grace.learn(&deposited, self.engine.now());
        match deposited {
            Ok(Deposit::Taken) => Ok(status::SUCCESS),
            Ok(Deposit::DeniedByPolicy) => Ok(status::DENIED_BY_POLICY),
            Err(_) => Err(self.later().because("The recovery password could not be stored.")),
        }
    }

    /// Takes the recovery password out of a request.
    pub(super) async fn keep_password(
        &self,
        flow: &mut Flow,
        request: &Request,
        upload: &mut Upload,
    ) -> Result<Heard, Said> {
        let (Some(password), Upload::Small(bytes)) = (&request.device_password, &upload) else {
            return Ok(Heard::Nothing);
        };
        let rest = escrow::without_password(bytes).map_err(|_| Said::bare(400))?;
        let said = self.deposit(flow, password).await?;
        let Some(rest) = rest else {
            let answer = wire_eas::settings::Answer {
                status: status::SUCCESS,
                device_password: Some(said),
                ..wire_eas::settings::Answer::default()
            };
            return Ok(Heard::Answer(Said::wbxml(answer.encode(flow.ask.version))));
        };
        *upload = Upload::Small(rest.into());
        // The answer is completed here.
        flow.ask.headers.remove(header::ACCEPT_ENCODING);
        Ok(Heard::Kept(said))
    }

    /// Completes the mail server's answer. One that cannot be read stays without our part.
    pub(super) async fn complete(&self, response: Response<Body>, said: u16) -> Result<Response<Body>, Said> {
        if !response.status().is_success() {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let bytes = read_all(body, MAX_ANSWER).await;
        let bytes = bytes.map_err(|_| self.later().because("The mail server's answer broke off."))?;
        let whole = escrow::with_password_status(&bytes, said);
        let body = whole.map_or_else(|_| Body::full(bytes), Body::full);
        Ok(Response::from_parts(parts, body))
    }
}
