//! The JSON form, without a password (MS-OXDSCLI, Autodiscover v2).

use http::{HeaderValue, header, request};
use wire_eas::autodiscover::v2;

use crate::answer::Said;
use crate::handler::{ActiveSync, host_of};

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

impl ActiveSync {
    /// Answers `GET /autodiscover/autodiscover.json…`.
    pub(crate) fn autodiscover_json(&self, parts: &request::Parts) -> Said {
        self.metrics.autodiscover.up();
        let target = parts.uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
        let asked = match v2::Request::parse(target) {
            Ok(asked) => asked,
            Err(error) => return json(400, v2::error(error.code(), &error.to_string())),
        };
        if !asked.is_activesync() {
            return json(400, v2::error("InvalidProtocol", "Only the protocol ActiveSync is offered here."));
        }
        let domain = asked.email.rsplit_once('@').map_or("", |(_, domain)| domain);
        let served = self.engine.directory().by_mail_domain(domain);
        let by_host = host_of(&parts.headers).map(|h| h.rsplit_once(':').map_or(h, |(name, _)| name));
        let by_host = by_host.and_then(|host| self.engine.directory().by_host(host));
        let foreign = by_host.is_some() && by_host != served;
        match self.own_url(&parts.headers).filter(|_| served.is_some() && !foreign) {
            Some(url) => json(200, v2::answer(&url)),
            None => json(404, v2::error("UserNotFound", "This mail domain is not served here.")),
        }
    }
}

fn json(status: u16, body: String) -> Said {
    let mut said = Said::bare(status).header(header::CONTENT_TYPE, JSON);
    said.body = body.into();
    said
}
