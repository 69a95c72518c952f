//! A mail server that sends the device elsewhere (451, 302) sends us: the device never leaves.

use clients::mail::{Address, MailError, MailServer, Place};
use engine::eas::{self, Notice};
use http::{HeaderMap, StatusCode};

use super::trip::{HOPS, Trip};
use crate::answer::Said;
use crate::handler::{ActiveSync, Flow, header_text};

/// Where an answer leads: 451 of ActiveSync (MS-ASHTTP 3.1.5.2.2), or a redirect of HTTP (RFC 9110 15.4). The query that
/// redirects of HTTP often repeat is left out, since every request has its own.
pub(super) fn lead(status: StatusCode, headers: &HeaderMap) -> Option<&str> {
    let name = match status.as_u16() {
        451 => "x-ms-location",
        301 | 302 | 303 | 307 | 308 => "location",
        _ => return None,
    };
    let url = header_text(headers, name)?.trim();
    Some(url.find(['?', '#']).map_or(url, |end| &url[..end]))
}

/// The place that an answer leads to, if ActiveSync is there (and not a sign-in page) and the server may lead there.
/// `base` is the address that answered; a lead may be relative to it.
pub(super) async fn place_of(mail: &MailServer, base: &str, lead: &str) -> Result<Place, MailError> {
    let url = absolute(base, lead);
    let address = Address::parse(&url)?;
    if !address.is_activesync() {
        return Err(MailError::NotAllowed(url.chars().take(200).collect()));
    }
    mail.guarded(&url).await
}

/// Resolves a reference without a scheme or without a host (RFC 3986 4.2).
fn absolute(base: &str, lead: &str) -> String {
    let Some(host) = base.find("://").map(|at| at + "://".len()) else { return lead.to_owned() };
    if lead.starts_with("//") {
        return format!("{}{lead}", &base[..host - "//".len()]);
    }
    if lead.starts_with('/') {
        let path = base[host..].find('/').map_or(base.len(), |at| host + at);
        return format!("{}{lead}", &base[..path]);
    }
    lead.to_owned()
}

impl ActiveSync {
    /// Follows one redirect and remembers the address for the user.
    pub(super) async fn follow(&self, flow: &Flow, trip: &mut Trip, url: &str) -> Result<(), Said> {
        trip.hops += 1;
        if trip.hops > HOPS {
            return Err(self.later().because("The mail servers redirect in a circle."));
        }
        match place_of(&trip.mail, &trip.place.url, url).await {
            Ok(place) => {
                self.metrics.redirects.up();
                trip.place = place;
                trip.learnt = true;
                // The device's own address, if it had one, is out of date now.
                trip.state.url = None;
                self.learn(flow, &trip.place.url).await;
                Ok(())
            }
            Err(error) => {
                let server = &trip.mail.server().name;
                tracing::warn!(%server, %error, "a redirect of a mail server was refused");
                if let Some(device) = &flow.device {
                    self.notice(device, Notice::RedirectRefused(error.to_string())).await;
                }
                Err(self.later().because(format!("The mail server leads elsewhere: {error}.")))
            }
        }
    }

    /// Remembers the user's own address.
    pub(crate) async fn learn(&self, flow: &Flow, url: &str) {
        let (Some(user), Some(server)) = (&flow.login.user, flow.server()) else { return };
        let learnt = eas::learn_url(&self.engine, user, server.id, url).await;
        self.grace.learn(&learnt, self.engine.now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn led(status: u16, name: &'static str, value: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        lead(StatusCode::from_u16(status).expect("a status"), &headers).map(str::to_owned)
    }

    #[test]
    fn every_kind_of_redirect_leads_somewhere_and_its_query_is_not_taken_along() {
        let there = "https://new.test/Microsoft-Server-ActiveSync";
        assert_eq!(led(451, "x-ms-location", there).as_deref(), Some(there));
        for status in [301, 302, 303, 307, 308] {
            let with_query = "https://new.test/Microsoft-Server-ActiveSync?Cmd=Sync&User=a#b";
            assert_eq!(led(status, "location", with_query).as_deref(), Some(there));
        }
        assert_eq!(led(200, "location", there), None);
        assert_eq!(led(451, "location", there), None);
    }

    #[test]
    fn a_relative_lead_is_relative_to_who_answered() {
        let base = "https://mail.test:444/Microsoft-Server-ActiveSync";
        assert_eq!(absolute(base, "/x/default.eas"), "https://mail.test:444/x/default.eas");
        assert_eq!(absolute("https://mail.test", "/x"), "https://mail.test/x");
        assert_eq!(absolute(base, "//new.test/x"), "https://new.test/x");
        assert_eq!(absolute(base, "https://new.test/x"), "https://new.test/x");
    }
}
