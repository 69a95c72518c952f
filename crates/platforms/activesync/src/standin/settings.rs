//! Settings: who the user is, what the device is, its recovery password; no out-of-office (MS-ASCMD, Settings).

use wire_eas::body::Error;
use wire_eas::settings::{Answer, Oof, Request, UserInformation};
use wire_eas::status::settings as status;

use crate::answer::Said;
use crate::handler::{ActiveSync, Flow};

impl ActiveSync {
    /// Answers Settings for a user without a mail server.
    pub(super) async fn settings(&self, flow: &mut Flow, body: &[u8]) -> Result<Said, Error> {
        let request = Request::parse(body)?;
        if let Some(information) = &request.device_information {
            self.note_information(flow, information).await;
        }
        let device_password = match &request.device_password {
            Some(password) => match self.deposit(flow, password).await {
                Ok(status) => Some(status),
                Err(said) => return Ok(said),
            },
            None => None,
        };
        let user_information = request.user_information.then(|| {
            let user = flow.login.user.as_ref();
            UserInformation {
                display_name: user.map(|u| u.display_name.clone()).filter(|name| !name.is_empty()),
                addresses: user.map(|u| u.email.clone()).filter(|e| !e.is_empty()).into_iter().collect(),
            }
        });
        let answer = Answer {
            status: status::SUCCESS,
            device_information: request.device_information.is_some().then_some(status::SUCCESS),
            user_information,
            oof: request.oof.map(|oof| match oof {
                Oof::Get { .. } => (true, status::SUCCESS),
                Oof::Set => (false, status::ACCESS_DENIED),
            }),
            device_password,
            rights_management: request.rights_management.then_some(status::ACCESS_DENIED),
        };
        Ok(Said::wbxml(answer.encode(flow.ask.version)))
    }
}
