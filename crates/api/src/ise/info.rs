//! `mdminfo`: what this server is, and where the rest of the API is.

use axum::response::Response;
use http::StatusCode;
use http::header::HOST;
use wire_ise::answer::{self, MdmInfo};

use super::call::Recorder;
use super::{Call, answers};

const NAME: &str = "NotifyMDM";

impl Call<'_> {
    /// The answer, in the version settled on, which is remembered for addresses that do not name one.
    pub(super) fn mdm_info(&self, recorder: Recorder) -> Response {
        if let Some(account) = self.scope.administrator() {
            self.ise.negotiated.write().insert(account.id, self.version);
        }
        let Some(org) = self.ise.engine.directory().organization(self.scope.organization()) else {
            return recorder.answered(answers::not_found(), "The organization is gone.");
        };
        let (page_size, redirect) = {
            let org = org.read();
            let host = self.host().or_else(|| org.organization.host_names.first().cloned());
            let host = host.unwrap_or_else(|| "localhost".to_owned());
            let settings = &org.organization.settings;
            let redirect = match settings.ise_redirect_url.as_str() {
                "" => format!("https://{host}/o/{}", org.organization.slug),
                elsewhere => elsewhere.to_owned(),
            };
            (settings.ise_page_size, redirect)
        };
        let info = MdmInfo {
            redirect_url: &redirect,
            query_max_size: page_size,
            // ActiveSync carries no messages of an administrator.
            messaging_support: false,
            vendor: NAME,
            product_name: NAME,
            product_version: env!("CARGO_PKG_VERSION"),
        };
        let mut body = Vec::with_capacity(512);
        answer::mdm_info(&mut body, self.version, &info);
        recorder.answered(answers::xml(StatusCode::OK, body), "")
    }

    /// The host as ISE calls it: it is reachable under this name from where ISE is, so from the captive network too.
    fn host(&self) -> Option<String> {
        let named = self.parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = named.or_else(|| self.parts.uri.authority().map(http::uri::Authority::as_str))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        (!host.is_empty() && host.len() <= 255 && host.chars().all(plain)).then(|| host.to_owned())
    }
}
