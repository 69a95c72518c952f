//! A mail server that sends the device elsewhere (451, 302) sends us: the device never leaves.

use clients::mail::Address;
use engine::eas::{self, Notice};

use super::trip::{HOPS, Trip};
use crate::answer::Said;
use crate::handler::{ActiveSync, Flow};

impl ActiveSync {
    /// Follows one redirect and remembers the address for the user.
    pub(super) async fn follow(&self, flow: &Flow, trip: &mut Trip, url: &str) -> Result<(), Said> {
        trip.hops += 1;
        if trip.hops > HOPS {
            return Err(self.later().because("The mail servers redirect in a circle."));
        }
        let lead = match Address::parse(url) {
            Ok(address) if address.is_activesync() => trip.mail.guarded(url).await,
            Ok(_) => Err(clients::mail::MailError::NotAllowed(url.chars().take(200).collect())),
            Err(error) => Err(error),
        };
        match lead {
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
        let Some(user) = &flow.login.user else { return };
        let learnt = eas::learn_url(&self.engine, user, url).await;
        self.grace.learn(&learnt, self.engine.now());
    }
}
